// The networks of a bare plan: a CIDR, several, or names with CIDRs or details.

import type { NetworkRole, PlanNetwork } from '../../model/plan.ts'
import { isMapping, networkOf, type View } from './document.ts'
import type { PlanDraft } from './draft.ts'

const DETAIL_KEYS = [
  'cidr',
  'gateway',
  'exclude',
  'ips',
  'pods',
  'vpc',
  'vlan',
  'disableInterConnection',
  'nodeMask',
]

/** `cidr`, a list of them, `{ name: cidr }` or `{ name: { cidr, gateway, … } }`. */
export function readNetworks(draft: PlanDraft, cluster: string, role: NetworkRole, view: View): void {
  if (!isMapping(view.value)) {
    for (const { value, at } of view.words())
      for (const prefix of networkOf(draft, value, at))
        draft.network({ cluster, role, name: role, prefix: prefix.value, span: prefix.span, exported: true })
    return
  }
  if ('cidr' in view.value) {
    readDetailed(draft, cluster, role, role, view)
    return
  }
  for (const name of Object.keys(view.value)) {
    const one = view.in(name)
    if (isMapping(one.value)) readDetailed(draft, cluster, role, name, one)
    else
      for (const prefix of one.networks())
        draft.network({ cluster, role, name, prefix: prefix.value, span: prefix.span, exported: true })
  }
}

function readDetailed(draft: PlanDraft, cluster: string, role: NetworkRole, name: string, view: View): void {
  view.only(DETAIL_KEYS, `the network ${name}`)
  const gateways = view.addresses('gateway')
  const excludes = view.ranges('exclude')
  const ranges = view.ranges('ips')
  const wanted = view.number(0, 'pods')
  const nodeLength = view.number(1, 'nodeMask')
  const vpc = view.text('vpc')
  const hidden = view.flag('disableInterConnection')?.value === true
  const underlay = view.text('vlan') !== undefined
  const foreign = vpc !== undefined && vpc.value !== 'ovn-cluster'
  const withheld = hidden ? 'disableInterConnection' : foreign ? 'vpc' : underlay ? 'underlay' : undefined
  const networks = view.networks('cidr')
  if (view.raw('cidr') === undefined)
    draft.diagnostics.error('PL003', `the network ${name} has no cidr`, {
      span: view.at.key,
      expected: 'cidr: 10.16.0.0/16',
    })
  for (const { value: prefix, span } of networks) {
    const family = typeof prefix.ip
    draft.network({
      cluster,
      role,
      name,
      prefix,
      span,
      exported: withheld === undefined,
      ...(withheld !== undefined && { withheld }),
      ...(vpc !== undefined && { vpc }),
      gateways: gateways.filter((one) => typeof one.value === family),
      excludes: excludes.filter((one) => typeof one.value.first === family),
      ...(ranges.length > 0 && { ranges: ranges.filter((one) => typeof one.value.first === family) }),
      ...(wanted !== undefined && { wanted }),
      ...(nodeLength !== undefined && { nodeLength }),
    } satisfies PlanNetwork)
  }
}
