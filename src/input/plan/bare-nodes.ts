// The nodes of a bare plan: a network, addresses, or names with addresses or details.

import { addressOf, isMapping, networkOf, type View, written } from './document.ts'
import type { PlanDraft } from './draft.ts'

const NODE_KEYS = [
  'ip',
  'interfaces',
  'chassis',
  'hostname',
  'encap',
  'mtu',
  'gateway',
  'publicIP',
  'udpPort',
  'tcpClampMss',
  'podCIDR',
  'maxPods',
  'strictRpFilter',
]

/** A network of nodes, a list of addresses or networks, or nodes by name. */
export function readNodes(draft: PlanDraft, cluster: string, view: View): void {
  if (!view.present) return
  const entry = draft.cluster(cluster, view.at.key)
  if (!isMapping(view.value)) {
    for (const { value, at } of view.words()) {
      if (value.includes('/')) {
        for (const one of networkOf(draft, value, at))
          draft.network({
            cluster,
            role: 'nodes',
            name: 'nodes',
            prefix: one.value,
            span: one.span,
            exported: false,
          })
      } else {
        const ips = addressOf(draft, value, at)
        if (ips.length > 0)
          draft.nodes.push({ cluster, name: { value, span: at.span }, ips, interfaces: [], podCidrs: [] })
      }
    }
    return
  }
  entry.nodesKnown = true
  for (const name of Object.keys(view.value)) {
    const one = view.in(name)
    const named = { value: name, span: one.at.key }
    if (!isMapping(one.value)) {
      draft.nodes.push({ cluster, name: named, ips: one.addresses(), interfaces: [], podCidrs: [] })
      continue
    }
    one.only(NODE_KEYS, `the node ${name}`)
    draft.nodes.push({
      cluster,
      name: named,
      ips: one.addresses('ip'),
      interfaces: one.addresses('interfaces'),
      podCidrs: one.networks('podCIDR'),
      ...written('chassis', one.text('chassis')),
      ...written('hostname', one.text('hostname')),
      ...written('encap', one.text('encap')),
      ...written('mtu', one.number(68, 'mtu')),
      ...written('submarinerGateway', one.flag('gateway')),
      ...written('publicIp', one.text('publicIP')),
      ...written('udpPort', one.number(1, 'udpPort')),
      ...written('tcpClampMss', one.number(1, 'tcpClampMss')),
      ...written('maxPods', one.number(1, 'maxPods')),
      ...written('strictRpFilter', one.flag('strictRpFilter')),
    })
  }
}
