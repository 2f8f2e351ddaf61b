// V20: what OVN-IC does not connect.

import type { Rule } from '../rule.ts'
import { counted, networkKey, networkPlace } from '../words.ts'

export const notReachable: Rule = {
  code: 'IC020',
  title: 'Subnets that other clusters cannot reach',
  severity: 'info',
  explanation:
    'OVN-IC connects subnets of the default VPC that have a router port. Subnets of other VPCs hang on another router, underlay subnets on none, and disableInterConnection puts a subnet on the blacklist. Services, DNS names and addresses of nodes are never exchanged: a pod reaches pods, by their addresses.',
  basis: [
    'V20',
    'ovn-semantics 4.7',
    'ovn-semantics 4.10',
    'https://github.com/kubeovn/kube-ovn/issues/3407',
    'https://github.com/kubeovn/kube-ovn/issues/2418',
  ],
  check(plan, report) {
    const reasons = {
      disableInterConnection: 'with disableInterConnection',
      vpc: 'of other VPCs',
      underlay: 'of the underlay without router port',
    } as const
    for (const { id, networks } of plan.ovnIc) {
      for (const [key, words] of Object.entries(reasons)) {
        const hidden = networks.filter(({ withheld }) => withheld === key)
        if (hidden.length === 0) continue
        report({
          severity: 'info',
          message: `${counted(hidden.length, 'subnet')} of ${id} ${words} ${hidden.length === 1 ? 'is' : 'are'} not announced`,
          places: hidden.map(networkPlace),
          addresses: hidden.map(({ prefix }) => prefix),
          effect:
            'No other cluster has a route there; pods in it reach no pod of another cluster either, because no answer comes back.',
          clusters: [id],
          subject: [id, key, ...hidden.map(networkKey).sort()],
        })
      }
    }
  },
}
