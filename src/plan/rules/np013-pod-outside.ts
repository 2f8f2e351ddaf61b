// Pods with addresses that no network of their cluster has.

import { formatIp } from '../../net/ip.ts'
import { contains, formatPrefix } from '../../net/prefix.ts'
import { POD_ROLES } from '../index.ts'
import { place, type Rule } from '../rule.ts'
import { hostPrefix, named, networkPlace } from '../words.ts'

export const podOutside: Rule = {
  code: 'NP013',
  title: 'A pod with an address that no network of its cluster has',
  severity: 'warning',
  explanation:
    "The plan lists the pod networks of the cluster, and the pod's address is in none of them. Either a network is missing from the plan, or the pod belongs to another cluster, or its address was written down wrong.",
  basis: ['RT-7'],
  check(plan, report) {
    for (const { cluster, name, ips } of plan.pods) {
      const networks = plan.cluster(cluster)?.networks.filter(({ role }) => POD_ROLES.has(role)) ?? []
      for (const { value, span } of ips) {
        const same = networks.filter(({ prefix }) => typeof prefix.ip === typeof value)
        if (same.length === 0 || same.some(({ prefix }) => contains(prefix, value))) continue
        report({
          severity: 'warning',
          message: `the pod ${name.value} of ${cluster} has the address ${formatIp(value)}, which is in none of ${named(
            same.map(({ prefix }) => formatPrefix(prefix)),
            4,
          )}`,
          places: [place(span, `pod ${name.value}`), ...same.slice(0, 4).map(networkPlace)],
          addresses: [hostPrefix(value)],
          effect: 'No router has a route to it from the networks of the plan; packets for it are lost.',
          hint: 'add its network to the plan, or correct the address',
          clusters: [cluster],
          subject: [cluster, name.value, formatIp(value)],
        })
      }
    }
  },
}
