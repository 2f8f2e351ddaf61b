/** The cheapest set of changes by trying every set: the twin of src/plan/fix/search.ts. Costs 2^n; for a dozen changes at most. */
import type { Problem } from '../../src/plan/fix/search.ts'

/** The least cost with which every conflict is resolved; undefined when no set of changes resolves them all. */
export function cheapestCost({ costs, conflicts, feasible }: Problem): number | undefined {
  let best: number | undefined
  for (let set = 0; set < 2 ** costs.length; set++) {
    const changes = costs.flatMap((_, i) => (set & (1 << i) ? [i] : []))
    const cost = changes.reduce((sum, i) => sum + costs[i]!, 0)
    if (best !== undefined && cost >= best) continue
    if (!conflicts.every(({ resolvers }) => resolvers.some((one) => changes.includes(one)))) continue
    if (feasible?.(changes) === false) continue
    best = cost
  }
  return best
}
