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
    words.map(({ value, span }) => {
      const entry = { value: value.toLowerCase().replaceAll(' ', ''), span }
      if (!isEntry(entry.value))
        draft.diagnostics.error('PL003', `"${value}" is nothing that a firewall lets through`, {
          span,
          expected:
            'a protocol, with a port or a range of ports from 0 to 65535: udp/6081, tcp/6645-6646, esp, all',
        })
      return entry
    })
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

/** What a fix must respect; several plans add to each other. */
export function readFix(draft: PlanDraft, view: View): void {
  if (!view.present) return
  if (!isMapping(view.value)) {
    view.wrong('a mapping such as { pin: [az1] }')
    return
  }
  view.only(['pin', 'reserve', 'within', 'cost', 'growth'], 'fix')
  const costs = view.raw('cost')
  const growth = view.number(1, 'growth') ?? draft.fix?.growth
  draft.fix = {
    pin: [...(draft.fix?.pin ?? []), ...view.names('pin')],
    reserve: [...(draft.fix?.reserve ?? []), ...view.names('reserve')],
    within: [...(draft.fix?.within ?? []), ...view.names('within')],
    cost: [
      ...(draft.fix?.cost ?? []),
      ...(isMapping(costs) ? Object.keys(costs) : []).flatMap((name) => {
        const cost = view.number(0, 'cost', name)
        return cost === undefined
          ? []
          : [{ value: `${name}=${cost.value}`, span: view.at.in('cost', name).key }]
      }),
    ],
    ...(growth !== undefined && { growth }),
  }
}

/** `udp/6081`, `6081/udp`, `udp/6000-6100`, `esp`, `all`. */
function isEntry(text: string): boolean {
  const [first = '', second, more] = text.split('/')
  const [name, ports] = /^\d/.test(first) && second !== undefined ? [second, first] : [first, second]
  if (more !== undefined || !/^[a-z][a-z0-9-]*$/.test(name)) return false
  if (ports === undefined) return true
  const [low, high = low, third] = ports.split('-')
  const isPort = (word: string | undefined): boolean => /^\d{1,5}$/.test(word ?? '') && Number(word) <= 65_535
  return third === undefined && isPort(low) && isPort(high) && Number(low) <= Number(high)
}
