// SM-WG-CNI: WireGuard needs an address of the pod network on the gateway.

import { place, type Rule } from '../rule.ts'
import { driverOf, gatewaysOf, hasPodAddress, isMacvlan } from '../submariner.ts'
import { nodePlace } from '../words.ts'

export const smWireguard: Rule = {
  code: 'SM007',
  title: 'WireGuard, and gateway nodes without an address in the pod network',
  severity: 'error where the addresses of the node are listed, else warning',
  explanation:
    'With WireGuard it is the routes in table 150 that lead packets to the tunnel, and the route agent only sets them on a node that has an address in the cluster CIDR. Without one the tunnel is up and nothing enters it, whatever the health check says.\n\nGive the gateway node such an address, or use libreswan.',
  basis: ['SM-WG-CNI', 'submariner-semantics 2.2'],
  check(plan, report) {
    for (const cluster of plan.submariner) {
      if (driverOf(cluster) !== 'wireguard' || !isMacvlan(cluster, plan.multus)) continue
      const gateways = gatewaysOf(cluster)
      const lacking = gateways.filter((node) => !hasPodAddress(cluster, node))
      if (gateways.length > 0 && lacking.length === 0) continue
      const listed = lacking.some((node) => node.ips.length + node.interfaces.length > 0)
      report({
        severity: listed ? 'error' : 'warning',
        message: `${cluster.id} uses WireGuard, and its gateway nodes have no address in the pod network`,
        places: [
          place(cluster.submariner?.cableDriver?.span, 'cable driver'),
          ...lacking.map((node) => nodePlace(node)),
        ],
        effect:
          'No route leads to the tunnel: packets for other clusters leave the gateway by its default route, in clear, and are lost.',
        hint: 'give the gateway nodes an address in the pod network, or use libreswan',
        clusters: [cluster.id],
        subject: [cluster.id],
      })
    }
  },
}
