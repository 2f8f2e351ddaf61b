// Pools of one cluster with the same addresses.

import type { PlanNetwork } from '../../model/plan.ts'
import { cidrsOfRange } from '../../net/cidr-set.ts'
import { covers, overlaps, type Prefix } from '../../net/prefix.ts'
import { eachOverlap } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { networkPlace } from '../words.ts'

export const spPoolsOverlap: Rule = {
  code: 'SP010',
  title: 'Two SpiderIPPools give out the same addresses',
  severity:
    'error in one cluster; error between clusters whose pods share a wire (no Submariner between them), left to SM001 otherwise',
  explanation:
    "Spiderpool's webhook refuses a pool whose addresses another pool of the cluster has. Between clusters nobody checks: pods of both get the same address.",
  basis: ['submariner-semantics 6.1'],
  check(plan, report) {
    eachOverlap(
      plan,
      ({ role }) => role === 'pool',
      ({ outer, inner, equal }) => {
        for (const [i, a] of outer.entries()) {
          for (const b of equal ? outer.slice(i + 1) : inner) {
            if (
              a.cluster !== b.cluster &&
              plan.cluster(a.cluster)?.submariner !== undefined &&
              plan.cluster(b.cluster)?.submariner !== undefined
            )
              continue
            const shared = sharedAddresses(a, b)
            if (shared.length === 0) continue
            const same = a.cluster === b.cluster
            report({
              severity: 'error',
              message: `the pools ${a.name} of ${a.cluster} and ${b.name} of ${b.cluster} give out the same addresses`,
              places: [a, b].map(networkPlace),
              addresses: shared,
              effect: same
                ? 'The webhook refuses the second pool, and pods that ask for it do not start.'
                : 'Two pods have one address: on a shared wire each takes packets of the other.',
              hint: 'give each pool addresses of its own',
              clusters: [a.cluster, b.cluster],
              subject: [`${a.cluster}/${a.name}`, `${b.cluster}/${b.name}`],
            })
          }
        }
      },
    )
  },
}

function sharedAddresses(a: PlanNetwork, b: PlanNetwork): Prefix[] {
  const of = ({ ranges, prefix }: PlanNetwork): Prefix[] =>
    ranges === undefined || ranges.length === 0
      ? [prefix]
      : ranges.flatMap(({ value }) => cidrsOfRange(value.first, value.last))
  const right = of(b)
  return of(a).flatMap((p) => right.filter((q) => overlaps(p, q)).map((q) => (covers(p, q) ? q : p)))
}
