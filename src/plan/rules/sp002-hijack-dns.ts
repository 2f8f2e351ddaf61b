// SP-HIJACK-DNS: an own hijackCIDR replaces the default for node-local DNS.

import { covers, parsePrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'

const LINK_LOCAL = parsePrefix('169.254.0.0/16')!

export const spHijackDns: Rule = {
  code: 'SP002',
  title: 'hijackCIDR without 169.254.0.0/16, which it replaces',
  severity: 'warning where node-local DNS is in use, else info',
  explanation:
    "The coordinator's default hijackCIDR is 169.254.0.0/16, so that pods reach the node-local DNS cache. A list in a SpiderMultusConfig replaces it and does not add to it.\n\nRepeat 169.254.0.0/16 in the list.",
  basis: ['SP-HIJACK-DNS', 'submariner-semantics 6.1'],
  check(plan, report) {
    for (const { cluster, name, hijack, span } of plan.multus) {
      if (hijack === undefined || hijack.some(({ value }) => covers(value, LINK_LOCAL))) continue
      const local = plan.cluster(cluster)?.nodeLocalDns
      if (local?.value === false) continue
      report({
        severity: local?.value === true ? 'warning' : 'info',
        message: `hijackCIDR of ${name.value} in ${cluster} replaces the default 169.254.0.0/16`,
        places: [place(span, `SpiderMultusConfig of ${cluster}`), place(local?.span, 'node-local DNS')],
        addresses: [LINK_LOCAL],
        effect:
          'Where a node-local DNS cache is used, pods send their questions out of the macvlan interface, where nobody answers.',
        hint: 'add 169.254.0.0/16 to the list',
        clusters: [cluster],
        subject: [cluster, name.value],
      })
    }
  },
}
