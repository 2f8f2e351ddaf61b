// SP-POOL: pools outside the network they hang on.

import { covers, formatPrefix } from '../../net/prefix.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkPlace } from '../words.ts'

export const spPoolCidr: Rule = {
  code: 'SP006',
  title: 'A SpiderIPPool outside the underlay network of its cluster',
  severity: 'warning',
  explanation:
    'A pool must lie in the network that the macvlan parent interface really is in; where the plan tells that network (`underlay`), a pool outside it gives addresses that no neighbour can answer. Pools outside the cluster CIDR declared to Submariner are SM009.',
  basis: ['SP-POOL'],
  check(plan, report) {
    for (const { networks, id } of plan.clusters) {
      const underlays = networks.filter(({ role }) => role === 'underlay')
      if (underlays.length === 0) continue
      for (const pool of networks) {
        if (pool.role !== 'pool' || underlays.some(({ prefix }) => covers(prefix, pool.prefix))) continue
        report({
          severity: 'warning',
          message: `the pool ${pool.name} of ${id}, ${formatPrefix(pool.prefix)}, is not in the underlay ${named(underlays.map(({ prefix }) => formatPrefix(prefix)))}`,
          places: [pool, ...underlays].map(networkPlace),
          addresses: [pool.prefix],
          effect:
            'Pods have addresses that do not belong on the wire they hang on: nobody there has a route to them.',
          hint: 'carve the pool out of the network of the parent interface',
          clusters: [id],
          subject: [networkKey(pool)],
        })
      }
    }
  },
}
