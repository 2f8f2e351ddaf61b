// SM-OVERLAP: CIDRs of two clusters that Submariner carries.

import { formatPrefix } from '../../net/prefix.ts'
import { eachOverlap, facing } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkName, networkPlace } from '../words.ts'

export const smOverlap: Rule = {
  code: 'SM001',
  title: 'Pod or service networks of two Submariner clusters overlap',
  severity: 'error',
  explanation:
    'Without Globalnet each gateway carries the pod and service networks of its cluster as they are. Where those of two clusters share an address, in any combination, the gateway skips the remote cluster altogether: no connection is made, and hardly anything says so. With Globalnet the same holds for the global CIDRs.\n\nRenumber, or deploy the broker with `--globalnet`, which gives every cluster addresses of 242.0.0.0/8.',
  basis: [
    'SM-OVERLAP',
    'https://github.com/submariner-io/submariner/issues/545',
    'https://github.com/submariner-io/submariner/issues/597',
    'https://github.com/submariner-io/submariner/pull/2263',
  ],
  check(plan, report) {
    const carried = new Set(plan.submariner.flatMap((cluster) => cluster.carried))
    eachOverlap(
      plan,
      (one) => carried.has(one),
      (overlap) => {
        const [outer, inner] = facing(overlap)
        const all = [...new Set([...outer, ...inner])]
        const [a, b] = [
          outer[0],
          overlap.equal ? inner.find(({ cluster }) => cluster !== outer[0]?.cluster) : inner[0],
        ]
        if (a === undefined || b === undefined) return
        const ids = [...new Set(all.map(({ cluster }) => cluster))]
        report({
          severity: 'error',
          message: overlap.equal
            ? `${named(all.map(networkName), 3)} are ${all.length > 2 ? 'all' : 'both'} ${formatPrefix(a.prefix)}`
            : `${networkName(b)}, ${formatPrefix(b.prefix)}, lies in ${networkName(a)}, ${formatPrefix(a.prefix)}`,
          places: all.map(networkPlace),
          addresses: [inner[0]!.prefix],
          effect: `Gateways of ${named(ids)} refuse each other's endpoints: no cable, and no packet between them, whatever its address.`,
          hint: plan.globalnet
            ? 'give each cluster a global CIDR of its own'
            : 'renumber one of them, or use Globalnet',
          clusters: ids,
          subject: all.map(networkKey).sort(),
        })
      },
    )
  },
}
