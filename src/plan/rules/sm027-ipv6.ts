// Submariner carries IPv4 only.

import type { Rule } from '../rule.ts'
import { networkPlace } from '../words.ts'

export const smIpv6: Rule = {
  code: 'SM027',
  title: 'IPv6 networks of a Submariner cluster are not carried',
  severity: 'warning; error where the cluster has no IPv4 pods',
  explanation:
    'Submariner carries IPv4 only, on dual-stack clusters too; IPv6 is being added upstream. Pods that prefer IPv6 fail to reach other clusters by it.',
  basis: ['submariner-semantics 0.2', 'https://github.com/submariner-io/submariner/pull/3437'],
  check(plan, report) {
    for (const { id, networks, carried } of plan.submariner) {
      const six = networks.filter(
        ({ role, prefix }) =>
          (role === 'pods' || role === 'cluster-cidr' || role === 'services' || role === 'pool') &&
          typeof prefix.ip !== 'number',
      )
      if (six.length === 0) continue
      const only = carried.length === 0
      report({
        severity: only ? 'error' : 'warning',
        message: `Submariner carries none of the IPv6 networks of ${id}`,
        places: six.map(networkPlace),
        addresses: six.map(({ prefix }) => prefix),
        effect: 'Packets to IPv6 addresses of other clusters leave by the default route and are lost.',
        hint: only
          ? 'the cluster needs IPv4 pods and services'
          : 'let applications use IPv4 between clusters',
        clusters: [id],
        subject: [id],
      })
    }
  },
}
