// V17: one prefix static and connected in one zone.

import { formatPrefix, parsePrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { networkPlace } from '../words.ts'

export const staticAndConnected: Rule = {
  code: 'IC017',
  title: 'A static route for a subnet that the cluster has itself',
  severity: 'error',
  explanation:
    'The IC Southbound database holds a prefix once per zone, switch and next hop, whatever its origin. A static route with the text of a connected subnet is announced as well, and the database refuses both in every round, with everything else that the cluster publishes. ovn-ic of OVN 23.03 may also crash over it.\n\nRemove the static route; the connected subnet needs none.',
  basis: ['V17', 'ADV-10', 'IC-3'],
  check(plan, report) {
    for (const route of plan.joinedRoutes) {
      if (route.learned || route.policy === 'src-ip') continue
      const cluster = plan.cluster(route.cluster)
      const prefix = parsePrefix(route.prefix.value)
      if (cluster?.ovnIc?.enabled !== true || prefix === undefined) continue
      const own = cluster.exported.find((one) => formatPrefix(one.prefix) === formatPrefix(prefix))
      if (own === undefined) continue
      report({
        severity: 'error',
        message: `${route.cluster} has a static route for its own subnet ${route.prefix.value}`,
        places: [place(route.prefix.span, `static route by ${route.nexthop.value}`), networkPlace(own)],
        addresses: [prefix],
        effect:
          'The IC Southbound database refuses the two announcements of one prefix, and all other changes of this cluster with them.',
        hint: 'remove the static route',
        clusters: [route.cluster],
        subject: [route.cluster, route.prefix.value],
      })
    }
  },
}
