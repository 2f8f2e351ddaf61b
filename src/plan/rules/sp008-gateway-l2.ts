// SP-GW-L2: the gateway needs a leg in the pods' underlay.

import { contains } from '../../net/prefix.ts'
import type { Rule } from '../rule.ts'
import { gatewaysOf } from '../submariner.ts'
import { networkPlace, nodePlace } from '../words.ts'

export const spGatewayLayer2: Rule = {
  code: 'SP008',
  title: "A gateway node without an address in the pods' underlay",
  severity: 'error',
  explanation:
    'The gateway hands what comes out of the tunnel to macvlan pods over the underlay, as a neighbour. It needs an address in their network on the parent interface for that; without one it has no connected route, and packets for pods on other nodes leave by its default route.',
  basis: ['SP-GW-L2', 'submariner-semantics 6.5'],
  check(plan, report) {
    for (const cluster of plan.submariner) {
      const pools = cluster.networks.filter(({ role }) => role === 'pool')
      if (pools.length === 0) continue
      const declared = cluster.networks.filter(({ role }) => role === 'cluster-cidr' || role === 'underlay')
      for (const node of gatewaysOf(cluster)) {
        const own = [...node.ips, ...node.interfaces]
        if (own.length < 2 && node.interfaces.length === 0) continue
        if ([...pools, ...declared].some(({ prefix }) => own.some(({ value }) => contains(prefix, value))))
          continue
        report({
          severity: 'error',
          message: `the gateway ${node.name.value} of ${cluster.id} has no address in the underlay of its pods`,
          places: [nodePlace(node), ...pools.map(networkPlace)],
          addresses: pools.map(({ prefix }) => prefix),
          effect:
            'Packets from other clusters to pods on other nodes leave the gateway by its default route and are lost.',
          hint: 'give its parent interface an address there',
          clusters: [cluster.id],
          subject: [cluster.id, node.name.value],
        })
      }
    }
  },
}
