// SM-OVERLAP-SELF: pods over services inside one cluster.

import { formatPrefix } from '../../net/prefix.ts'
import { POD_ROLES } from '../index.ts'
import { eachOverlap } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { networkKey, networkName, networkPlace } from '../words.ts'

export const smOverlapSelf: Rule = {
  code: 'SM002',
  title: 'Pod and service network of one Submariner cluster overlap',
  severity: 'error',
  explanation:
    'An address cannot be a pod and a service. kube-proxy translates what goes to a service, so pods with such addresses are lost; Submariner makes two tunnels for the same address.',
  basis: ['SM-OVERLAP-SELF'],
  check(plan, report) {
    const own = new Set(plan.submariner.map(({ id }) => id))
    eachOverlap(
      plan,
      ({ role, cluster }) => own.has(cluster) && (POD_ROLES.has(role) || role === 'services'),
      ({ outer, inner }) => {
        for (const services of [...outer, ...inner].filter(({ role }) => role === 'services')) {
          const pods = [...new Set([...outer, ...inner])].find(
            (one) => one.cluster === services.cluster && one.role !== 'services',
          )
          if (pods === undefined) continue
          report({
            severity: 'error',
            message: `${networkName(pods)} and ${networkName(services)} overlap in ${formatPrefix(inner[0]!.prefix)}`,
            places: [pods, services].map(networkPlace),
            addresses: [inner[0]!.prefix],
            effect:
              'A packet for one of these addresses is translated to a service where there is one, and never reaches the pod.',
            hint: 'choose separate networks when the cluster is installed',
            clusters: [services.cluster],
            subject: [networkKey(pods), networkKey(services)],
          })
        }
      },
    )
  },
}
