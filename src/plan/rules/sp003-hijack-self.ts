// SP-HIJACK-SELF: the own underlay in hijackCIDR.

import { formatPrefix, overlaps } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { networkPlace } from '../words.ts'

export const spHijackSelf: Rule = {
  code: 'SP003',
  title: "hijackCIDR holds the cluster's own underlay network",
  severity: 'warning',
  explanation:
    'Neighbours on the underlay are reached directly, over layer 2. A hijackCIDR that holds the own pod network leads packets for them through the node, which answers for them by another way, or not at all: requests and answers then differ in their path, and connection tracking drops them.',
  basis: ['SP-HIJACK-SELF'],
  check(plan, report) {
    for (const { cluster, name, hijack = [] } of plan.multus) {
      const own =
        plan.cluster(cluster)?.networks.filter(({ role }) => role === 'pool' || role === 'underlay') ?? []
      for (const entry of hijack) {
        const hit = own.filter(({ prefix }) => overlaps(prefix, entry.value))
        if (hit.length === 0) continue
        report({
          severity: 'warning',
          message: `hijackCIDR ${formatPrefix(entry.value)} of ${name.value} holds the own pods of ${cluster}`,
          places: [place(entry.span, 'hijackCIDR'), ...hit.map(networkPlace)],
          addresses: hit.map(({ prefix }) => (prefix.len > entry.value.len ? prefix : entry.value)),
          effect:
            'Packets between neighbours of the underlay take the way over the node in one direction only and may be dropped as invalid.',
          hint: 'list only networks of other clusters',
          clusters: [cluster],
          subject: [cluster, name.value, formatPrefix(entry.value)],
        })
      }
    }
  },
}
