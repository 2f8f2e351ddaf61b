// SM-CIDR-COVER: pods outside the declared cluster CIDR.

import { covers, formatPrefix } from '../../net/prefix.ts'
import type { Rule } from '../rule.ts'
import { podCidrsOf } from '../submariner.ts'
import { named, networkKey, networkName, networkPlace } from '../words.ts'

const POD_RANGES: ReadonlySet<string> = new Set(['pods', 'pool', 'cluster-cidr'])

export const smUncoveredPods: Rule = {
  code: 'SM009',
  title: 'Pods outside the cluster CIDR that was declared to Submariner',
  severity: 'error',
  explanation:
    'Only packets from and to the declared networks enter the tunnel. Pods of other subnets or pools send theirs to the default gateway, in clear and with the address of the node, and no remote pod can reach them.\n\nDeclare a range that holds all pods that shall be connected.',
  basis: [
    'SM-CIDR-COVER',
    'submariner-semantics 2.9',
    'https://github.com/submariner-io/submariner/issues/407',
    'https://github.com/submariner-io/submariner/issues/3800',
  ],
  check(plan, report) {
    if (plan.globalnet) return
    for (const cluster of plan.submariner) {
      const declared = podCidrsOf(cluster).filter(({ role }) => role === 'cluster-cidr')
      if (declared.length === 0) continue
      for (const subnet of cluster.networks) {
        if (!POD_RANGES.has(subnet.role) || subnet.assumed !== undefined) continue
        const same = declared.filter((one) => typeof one.prefix.ip === typeof subnet.prefix.ip)
        if (same.length === 0 || same.some((one) => covers(one.prefix, subnet.prefix))) continue
        report({
          severity: 'error',
          message: `${networkName(subnet)}, ${formatPrefix(subnet.prefix)}, is not in the declared ${named(same.map(({ prefix }) => formatPrefix(prefix)))}`,
          places: [subnet, ...same].map(networkPlace),
          addresses: [subnet.prefix],
          effect:
            'Packets of these pods to other clusters match no tunnel: they leave in clear with the address of the node and are lost.',
          hint: `declare a cluster CIDR that holds ${formatPrefix(subnet.prefix)} too`,
          clusters: [cluster.id],
          subject: [networkKey(subnet)],
        })
      }
    }
  },
}
