// SM-CIDR-MULTI: several pod CIDRs.

import type { Rule } from '../rule.ts'
import { networkKey, networkPlace } from '../words.ts'

export const smSeveralCidrs: Rule = {
  code: 'SM008',
  title: 'Several pod networks for one Submariner cluster',
  severity: 'warning',
  explanation:
    'Submariner documents one pod network a cluster. Discovery takes the first it finds and says in a log that only one is supported; a list given by hand is passed on and works in the engine, with one tunnel per pair of networks of both sides.\n\nGive one range that holds all pods and carve subnets or IP pools out of it.',
  basis: ['SM-CIDR-MULTI', 'submariner-semantics 1.3'],
  check(plan, report) {
    if (plan.globalnet) return
    for (const { id, carried } of plan.submariner) {
      const pods = carried.filter(({ role }) => role === 'cluster-cidr' || role === 'pods')
      if (pods.length < 2) continue
      report({
        severity: 'warning',
        message: `${id} gives Submariner ${pods.length} pod networks`,
        places: pods.map(networkPlace),
        addresses: pods.slice(1).map(({ prefix }) => prefix),
        effect:
          'Where the list is discovered and not given by hand, only the first network is carried; packets of the others leave in clear and are lost.',
        hint: 'declare one range that holds them all with --clustercidr',
        clusters: [id],
        subject: pods.map(networkKey),
      })
    }
  },
}
