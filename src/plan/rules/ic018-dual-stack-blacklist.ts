// V18: dual stack on an OVN that takes every IPv6 prefix for blacklisted.

import type { Rule } from '../rule.ts'
import { networkPlace } from '../words.ts'

export const dualStackBlacklist: Rule = {
  code: 'IC018',
  title: 'IPv6 subnets on a version that announces none of them',
  severity: 'error',
  explanation:
    "Up to OVN 23.03.1 the comparison with the blacklist goes wrong for IPv6: any entry blocks every prefix that is at least as long. Kube-OVN puts its join network and the nodes' addresses on the list, so with dual stack no IPv6 route is exchanged, while IPv4 works. Kube-OVN before 1.12 has no dual-stack interconnection at all.\n\nUse Kube-OVN 1.13 or newer (OVN 24.03).",
  basis: [
    'V18',
    'ADV-5',
    'KO-BL-2',
    'https://bugs.launchpad.net/bugs/2046804',
    'https://github.com/kubeovn/kube-ovn/issues/2873',
  ],
  check(plan, report) {
    for (const { id, behaviour, exported, kubeOvn, ovnIc } of plan.ovnIc) {
      const six = exported.filter(({ prefix }) => typeof prefix.ip !== 'number')
      const blocks = behaviour?.icDefects.includes('ipv6-blacklist-matches-all') === true
      const list = ovnIc.options['ic-route-blacklist']
      if (six.length === 0 || behaviour === undefined) continue
      const single = kubeOvn && behaviour.kubeOvn?.dualStack === false
      if (!single && !(blocks && (kubeOvn || list?.value.includes(':') === true))) continue
      report({
        severity: 'error',
        message: `${behaviour.name} announces none of the IPv6 subnets of ${id}`,
        places: six.map(networkPlace),
        addresses: six.map(({ prefix }) => prefix),
        effect: single
          ? 'The transit switch of this version is IPv4 only: packets to IPv6 addresses of other clusters leave by the node.'
          : 'The blacklist takes every IPv6 prefix for one of its own: no peer learns a route, and packets to these addresses are lost.',
        hint: 'use Kube-OVN 1.13 or newer',
        clusters: [id],
        subject: [id, behaviour.name],
      })
    }
  },
}
