// What a bare plan says of the network around its clusters: underlay, firewall, transit switches.

import type { Written } from '../../model/plan.ts'
import { isMapping, type View } from './document.ts'
import type { PlanDraft } from './draft.ts'

export function readUnderlay(draft: PlanDraft, view: View): void {
  if (!view.present) return
  view.only(['mtu', 'wan'], 'underlay')
  draft.underlayMtu = view.number(68, 'mtu') ?? draft.underlayMtu
  readWans(draft, view.in('wan'))
}

/** `az1|az2: 1400` or `az1|az2: { mtu: 1400 }`. */
export function readWans(draft: PlanDraft, view: View): void {
  for (const pair of isMapping(view.value) ? Object.keys(view.value) : []) {
    const [a = '', b = ''] = pair.split('|').map((one) => one.trim())
    const mtu = isMapping(view.raw(pair)) ? view.number(68, pair, 'mtu') : view.number(68, pair)
    if (mtu !== undefined) draft.wans.push({ a, b, mtu })
  }
}

export function readFirewall(draft: PlanDraft, view: View): void {
  if (!view.present) return
  view.only(['open', 'closed'], 'firewall')
  const clean = (words: readonly Written<string>[]) =>
    words.map(({ value, span }) => ({ value: value.toLowerCase().replaceAll(' ', ''), span }))
  draft.firewall = {
    closed: clean(view.names('closed')),
    ...(view.raw('open') !== undefined && {
      open: { span: view.at.in('open').key, entries: clean(view.names('open')) },
    }),
  }
}

/** A number of switches, or `{ ts: 169.254.100.0/24 }`. */
export function readTransitSwitches(draft: PlanDraft, view: View): void {
  if (!view.present) return
  if (!isMapping(view.value)) {
    const count = view.number(0)
    for (let i = 0; i < Math.min(count?.value ?? 0, 1000); i++)
      draft.transitSwitches.push({ name: i === 0 ? 'ts' : `ts${i}`, span: view.at.span, written: true })
    return
  }
  for (const name of Object.keys(view.value)) {
    const span = view.at.in(name).key
    draft.transitSwitches.push({ name, span, written: true })
    for (const one of view.networks(name))
      draft.network({
        cluster: '',
        role: 'transit',
        name,
        prefix: one.value,
        span: one.span,
        exported: false,
      })
  }
}
