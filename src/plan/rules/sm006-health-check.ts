// SM-HC-CNI: the health check wants an address of the gateway node in the cluster CIDR.

import { formatPrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { gatewaysOf, hasPodAddress, healthChecked, isMacvlan, podCidrsOf } from '../submariner.ts'
import { networkPlace, nodePlace } from '../words.ts'

export const smHealthCheck: Rule = {
  code: 'SM006',
  title: 'The health check is on and a gateway node has no address in the pod network',
  severity:
    'error where the addresses of the node are listed, warning where they are not and pods use macvlan',
  explanation:
    'At its start the gateway looks for an interface with an address in the cluster CIDR, which the others shall ping. Most CNIs give their nodes one; macvlan does not. Without it the gateway ends with "unable to find CNI Interface on the host", again and again, and no cable is made.\n\nGive the parent interface an address in the pod network, or join with `--health-check=false`.',
  basis: [
    'SM-HC-CNI',
    'submariner-semantics 3.1',
    'https://github.com/submariner-io/submariner/issues/1583',
    'https://github.com/submariner-io/submariner/issues/2953',
    'https://github.com/submariner-io/submariner/pull/1499',
  ],
  check(plan, report) {
    if (plan.globalnet) return
    for (const cluster of plan.submariner) {
      if (!healthChecked(cluster) || !isMacvlan(cluster, plan.multus)) continue
      const cidrs = podCidrsOf(cluster)
      if (cidrs.length === 0) continue
      const gateways = gatewaysOf(cluster)
      const lacking = gateways.filter(
        (node) => node.interfaces.length + node.ips.length > 0 && !hasPodAddress(cluster, node),
      )
      const unknown = gateways.length === 0
      if (lacking.length === 0 && !unknown) continue
      const text = cidrs.map(({ prefix }) => formatPrefix(prefix)).join(', ')
      report({
        severity: unknown ? 'warning' : 'error',
        message: unknown
          ? `the health check is on in ${cluster.id}, whose macvlan pods give its gateway nodes no address in ${text}`
          : `the gateway ${lacking[0]!.name.value} of ${cluster.id} has no address in ${text} for the health check`,
        places: [
          ...cidrs.map(networkPlace),
          ...lacking.map((node) => nodePlace(node)),
          place(cluster.submariner?.healthCheck?.span, 'health check'),
        ],
        effect:
          'The gateway process ends at its start with "unable to find CNI Interface" and is restarted for ever; no cable is made.',
        hint: `give the gateway node an address in ${text}, or join with --health-check=false`,
        clusters: [cluster.id],
        subject: [cluster.id, ...lacking.map(({ name }) => name.value)],
      })
    }
  },
}
