// Spiderpool's objects: SpiderIPPool and SpiderMultusConfig.

import { type PlanDocument, View } from './document.ts'

export function readSpiderPool({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  const name = view.text('metadata', 'name')?.value ?? 'pool'
  const spec = view.in('spec')
  const gateways = spec.addresses('gateway')
  const excludes = spec.ranges('excludeIPs')
  const ranges = spec.ranges('ips')
  if (spec.raw('subnet') === undefined)
    draft.diagnostics.error('IN011', `the SpiderIPPool ${name} has no spec.subnet`, {
      span: spec.at.span,
      expected: 'a CIDR such as 172.110.1.0/24',
    })
  for (const { value: prefix, span } of spec.networks('subnet'))
    draft.network({ cluster, role: 'pool', name, prefix, span, exported: true, gateways, excludes, ranges })
}

export function readMultus({ draft, value, at, cluster }: PlanDocument): void {
  const view = new View(draft, value, at)
  const name = view.text('metadata', 'name')
  if (name === undefined) return
  draft.cluster(cluster, name.span)
  const spec = view.in('spec')
  const cniType = spec.text('cniType')
  const kind = cniType?.value ?? 'macvlan'
  const part = spec.in(kind === 'ipvlan' ? 'ipvlan' : kind === 'sriov' ? 'sriov' : 'macvlan')
  const hijack = spec.raw('coordinator', 'hijackCIDR')
  draft.multus.push({
    cluster,
    name,
    namespace: view.text('metadata', 'namespace')?.value ?? 'default',
    masters: part.names('master'),
    // The documentation's example nests `ippools` in spec or in the part of the CNI.
    pools: [
      ...part.names('ippools', 'ipv4'),
      ...part.names('ippools', 'ipv6'),
      ...spec.names('ippools', 'ipv4'),
      ...spec.names('ippools', 'ipv6'),
    ],
    span: hijack === undefined ? name.span : spec.at.in('coordinator', 'hijackCIDR').key,
    ...(cniType !== undefined && { cniType }),
    ...(hijack !== undefined && { hijack: spec.networks('coordinator', 'hijackCIDR') }),
  })
}
