// SM-VTEP-MULTI: a gateway with several IPv4 addresses.

import type { Rule } from '../rule.ts'
import { gatewaysOf } from '../submariner.ts'
import { nodePlace } from '../words.ts'

export const smSeveralAddresses: Rule = {
  code: 'SM013',
  title: 'A gateway node with several addresses',
  severity: 'warning',
  explanation:
    "Nodes work out the gateway's tunnel address from the one it publishes, the gateway from the first address of its default interface. With a second address there (a virtual one of keepalived, for example) the two may disagree, and all packets of other nodes are lost.\n\nKeep further addresses off the default interface of gateway nodes.",
  basis: ['SM-VTEP-MULTI', 'submariner-semantics 2.2'],
  check(plan, report) {
    for (const cluster of plan.submariner) {
      for (const node of gatewaysOf(cluster)) {
        const four = node.ips.filter(({ value }) => typeof value === 'number')
        if (four.length < 2) continue
        report({
          severity: 'warning',
          message: `the gateway ${node.name.value} of ${cluster.id} has ${four.length} IPv4 addresses`,
          places: four.map((ip) => nodePlace(node, ip)),
          effect:
            'If the first address of its default interface is not the one it publishes, packets of all other nodes go to a tunnel address that nobody has.',
          hint: 'keep further addresses off the default interface',
          clusters: [cluster.id],
          subject: [cluster.id, node.name.value],
        })
      }
    }
  },
}
