// SM-GN-RANGE: global CIDRs over anything else.

import { formatPrefix } from '../../net/prefix.ts'
import { eachOverlap } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkName, networkPlace } from '../words.ts'

export const smGlobalnetRange: Rule = {
  code: 'SM025',
  title: 'A global CIDR over a network of the plan',
  severity: 'error',
  explanation:
    'Global addresses stand for pods and services of other clusters, so no cluster may use them for anything else: pods, services, nodes, pools of a network plugin. `subctl` refuses overlaps between global CIDRs, and knows nothing of the rest.',
  basis: [
    'SM-GN-RANGE',
    'submariner-semantics 4.1',
    'https://github.com/submariner-io/submariner/issues/2792',
  ],
  check(plan, report) {
    eachOverlap(
      plan,
      () => true,
      ({ outer, inner }) => {
        const all = [...new Set([...outer, ...inner])]
        const globals = all.filter(({ role }) => role === 'globalnet')
        const others = all.filter(({ role }) => role !== 'globalnet')
        const [first] = globals
        if (first === undefined || others.length === 0) return
        report({
          severity: 'error',
          message: `${networkName(first)}, ${formatPrefix(first.prefix)}, overlaps with ${named(
            others.map((one) => `${networkName(one)}, ${formatPrefix(one.prefix)}`),
            3,
          )}`,
          places: [...globals, ...others].map(networkPlace),
          addresses: [inner[0]!.prefix],
          effect:
            'Packets for these addresses are taken for pods of another cluster and go into the tunnel, or never reach it.',
          hint: 'choose a global CIDR out of 242.0.0.0/8',
          clusters: all.map(({ cluster }) => cluster),
          subject: all.map(networkKey).sort(),
        })
      },
    )
  },
}
