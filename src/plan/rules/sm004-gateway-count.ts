// SM-GW-COUNT: no gateway, or one.

import { place, type Rule } from '../rule.ts'
import { gatewaysOf } from '../submariner.ts'
import { nodePlace } from '../words.ts'

export const smGatewayCount: Rule = {
  code: 'SM004',
  title: 'A Submariner cluster with no gateway, or with one',
  severity: 'error for none, warning for one',
  explanation:
    'Only nodes with the label submariner.io/gateway=true run the gateway, and one of them is active at a time. Without a label nothing is joined (`subctl join` sets one when there is none); with one, its failure cuts the cluster off until it returns. With two the other takes over within some 15 to 30 seconds.',
  basis: ['SM-GW-COUNT', 'https://github.com/submariner-io/submariner/issues/2891'],
  check(plan, report) {
    for (const cluster of plan.submariner) {
      const { id, nodes, nodesKnown } = cluster
      const gateways = gatewaysOf(cluster)
      if (gateways.length === 0 && nodesKnown && nodes.length > 0)
        report({
          severity: 'error',
          message: `no node of ${id} is labelled as a gateway`,
          places: [
            place(cluster.submariner?.span, `Submariner in ${id}`),
            ...nodes.slice(0, 3).map((node) => nodePlace(node)),
          ],
          effect: 'No gateway runs, so no cable is made: every packet to another cluster is lost.',
          hint: 'kubectl label node <name> submariner.io/gateway=true, on two nodes',
          clusters: [id],
          subject: [id],
        })
      else if (gateways.length === 1)
        report({
          severity: 'warning',
          message: `${gateways[0]!.name.value} is the only gateway of ${id}`,
          places: [nodePlace(gateways[0]!)],
          effect: 'While it is down the cluster is cut off from all others, in both directions.',
          hint: 'label a second node with submariner.io/gateway=true',
          clusters: [id],
          subject: [id, gateways[0]!.name.value],
        })
    }
  },
}
