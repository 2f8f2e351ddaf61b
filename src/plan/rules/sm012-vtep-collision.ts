// SM-VTEP-COLL: node addresses that differ in their first octet only.

import type { PlanNode } from '../../model/plan.ts'
import { formatIp } from '../../net/ip.ts'
import type { Rule } from '../rule.ts'
import { hostPrefix, nodePlace } from '../words.ts'

export const smVtepCollision: Rule = {
  code: 'SM012',
  title: 'Two nodes whose addresses differ in the first octet only',
  severity: 'error',
  explanation:
    "The address of a node in Submariner's own tunnel is its address with 240 for the first octet. Two nodes of a cluster that agree in the other three have the same: what is for one of them arrives at either. With the VXLAN cable driver the same holds for gateways of all clusters, with 241.",
  basis: ['SM-VTEP-COLL', 'submariner-semantics 2.2'],
  check(plan, report) {
    for (const { id, nodes } of plan.submariner) {
      const seen = new Map<number, PlanNode>()
      for (const node of nodes) {
        const ip = node.ips[0]?.value
        if (typeof ip !== 'number') continue
        const before = seen.get(ip & 0xffffff)
        if (before === undefined) seen.set(ip & 0xffffff, node)
        else if (before.ips[0]!.value !== ip) {
          const tunnel = (0xf0000000 | (ip & 0xffffff)) >>> 0
          report({
            severity: 'error',
            message: `${before.name.value} and ${node.name.value} of ${id} both become ${formatIp(tunnel)} in Submariner's tunnel`,
            places: [nodePlace(before), nodePlace(node)],
            addresses: [hostPrefix(tunnel)],
            effect:
              'Packets between these nodes and the gateway reach either of them; about half of their connections to other clusters fail.',
            hint: 'give one of them an address that differs in the last three octets',
            clusters: [id],
            subject: [id, before.name.value, node.name.value],
          })
        }
      }
    }
  },
}
