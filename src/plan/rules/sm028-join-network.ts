// Kube-OVN's join networks under Submariner.

import { formatPrefix } from '../../net/prefix.ts'
import { eachOverlap } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkPlace } from '../words.ts'

export const smJoinNetwork: Rule = {
  code: 'SM028',
  title: 'Join networks of two Kube-OVN clusters overlap under Submariner',
  severity: 'error',
  explanation:
    "Submariner's packets pass the nodes, and a node of a Kube-OVN cluster has its address on the way to pods in the join network: the health check pings it, and packets of the node itself carry it. Kube-OVN's guide therefore joins with both networks, `--clustercidr` of join and pods. Equal join networks, the default of both, then overlap as pod networks do and the clusters refuse each other; declared or not, answers to a node of the other cluster stay at home.\n\nInstall the clusters with different JOIN_CIDR.",
  basis: ['SM-OVERLAP', 'submariner-semantics 1.3', 'submariner-semantics 2.8', 'submariner-semantics 3.1'],
  check(plan, report) {
    const own = new Set(plan.submariner.map(({ id }) => id))
    eachOverlap(
      plan,
      ({ role, cluster }) =>
        own.has(cluster) && (role === 'join' || role === 'cluster-cidr' || role === 'pods'),
      ({ outer, inner }) => {
        const all = [...new Set([...outer, ...inner])]
        const joins = all.filter(({ role }) => role === 'join')
        const across = all.filter((one) =>
          all.some(
            (other) => other.cluster !== one.cluster && (one.role === 'join' || other.role === 'join'),
          ),
        )
        if (joins.length === 0 || across.length < 2) return
        const ids = [...new Set(across.map(({ cluster }) => cluster))]
        report({
          severity: 'error',
          message: `the join network ${formatPrefix(joins[0]!.prefix)} is in ${ids.length > 2 ? `${ids.length} Submariner clusters` : `both ${named(ids)}`}`,
          places: across.map(networkPlace),
          addresses: [inner[0]!.prefix],
          effect:
            'What a node sends to a pod of the other cluster carries an address that the other cluster has too: the answer, and the answer to the health check, goes to its own node.',
          hint: 'install the clusters with different join networks (JOIN_CIDR)',
          clusters: ids,
          subject: across.map(networkKey).sort(),
        })
      },
    )
  },
}
