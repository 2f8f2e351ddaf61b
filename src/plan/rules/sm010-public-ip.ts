// SM-PUBIP: gateways that cannot learn their public address.

import { closedBy } from '../firewall.ts'
import { place, type Rule } from '../rule.ts'
import { gatewaysOf } from '../submariner.ts'
import { nodePlace } from '../words.ts'

export const smPublicIp: Rule = {
  code: 'SM010',
  title: 'A gateway that cannot find out its public address',
  severity: 'error',
  explanation:
    'Unless told otherwise the gateway asks web services for its public address, and ends when none answers. Behind a firewall that lets no such question out it restarts for ever.\n\nJoin with `--air-gapped`, or annotate the node: gateway.submariner.io/public-ip=ipv4:203.0.113.7.',
  basis: [
    'SM-PUBIP',
    'submariner-semantics 1.3',
    'submariner-semantics 1.10',
    'https://github.com/submariner-io/submariner/issues/3801',
    'https://github.com/submariner-io/submariner/issues/1963',
    'https://github.com/submariner-io/submariner/issues/1567',
  ],
  check(plan, report) {
    const { firewall } = plan
    if (firewall === undefined) return
    const closed = closedBy(firewall, 'tcp/443')
    if (closed === undefined) return
    for (const cluster of plan.submariner) {
      if (cluster.submariner?.airGapped?.value === true) continue
      const without = gatewaysOf(cluster).filter(({ publicIp }) => publicIp === undefined)
      const [first] = without
      if (first === undefined) continue
      report({
        severity: 'error',
        message: `gateways of ${cluster.id} cannot ask for their public address, since tcp/443 is closed`,
        places: [place(closed, 'firewall'), ...without.map((node) => nodePlace(node))],
        effect: 'The gateway process ends at its start and is restarted for ever; no cable is made.',
        hint: 'join with --air-gapped, or annotate the nodes with gateway.submariner.io/public-ip',
        clusters: [cluster.id],
        subject: [cluster.id],
      })
    }
  },
}
