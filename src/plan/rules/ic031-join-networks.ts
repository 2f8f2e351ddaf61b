// Join networks of several clusters under OVN-IC.

import { formatPrefix } from '../../net/prefix.ts'
import { eachOverlap, facing } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { named, networkPlace } from '../words.ts'

export const joinNetworks: Rule = {
  code: 'IC031',
  title: 'Clusters share a join network under OVN-IC',
  severity: 'info',
  explanation:
    "The join network lies between a cluster's router and its nodes. Kube-OVN never announces it, so equal ones do no harm to packets between pods. Nodes send with their join address: they cannot reach pods of other clusters, with equal join networks even less, because the answer goes to the own node of that address. Clusters that run Submariner as well are judged by SM028.",
  basis: ['KO-BL-1', 'ovn-semantics 4.10', 'https://github.com/kubeovn/kube-ovn/issues/2418'],
  check(plan, report) {
    const joined = new Map(plan.ovnIc.map((cluster) => [cluster.id, cluster]))
    const concerned = (one: (typeof plan.networks)[number]): boolean =>
      one.role === 'join' && joined.has(one.cluster) && joined.get(one.cluster)!.submariner === undefined
    eachOverlap(plan, concerned, (overlap) => {
      const [outer, inner] = facing(overlap)
      const all = [...new Set([...outer, ...inner])]
      // Defaults on all sides are no news.
      if (all.length === 0 || all.every(({ assumed }) => assumed !== undefined)) return
      const ids = [...new Set(all.map(({ cluster }) => cluster))]
      report({
        severity: 'info',
        message: `the join networks of ${named(ids)} overlap`,
        places: all.map(networkPlace),
        addresses: [inner[0]!.prefix],
        effect: `Packets between pods are not concerned; what a node sends to a pod of the other cluster is answered to a node of that cluster.`,
        hint: `nothing need be done unless nodes shall reach foreign pods; ${formatPrefix(inner[0]!.prefix)} would then have to differ`,
        clusters: ids,
        subject: ids,
      })
    })
  },
}
