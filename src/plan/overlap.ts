// Overlaps between two kinds of networks, as the rules about them need it: each block of addresses with itself and with every block
// around it, and of the networks there only those that a rule speaks of.

import type { PlanNetwork } from '../model/plan.ts'
import type { Block, PlanIndex } from './index.ts'

/** Two sets of networks that share addresses; `outer` holds `inner`, and is the same list when they are equal. */
export interface Overlap {
  readonly outer: readonly PlanNetwork[]
  readonly inner: readonly PlanNetwork[]
  readonly equal: boolean
}

/** Calls back for every block that holds another and for every block that several networks share. */
export function eachOverlap(
  { crowded }: PlanIndex,
  keep: (network: PlanNetwork) => boolean,
  visit: (overlap: Overlap) => void,
): void {
  const kept = new Map<Block, readonly PlanNetwork[]>()
  const keptOf = (block: Block): readonly PlanNetwork[] => {
    const known = kept.get(block)
    if (known !== undefined) return known
    const found = block.networks.filter(keep)
    kept.set(block, found)
    return found
  }
  for (const block of crowded) {
    const here = keptOf(block)
    if (here.length === 0) continue
    if (here.length > 1) visit({ outer: here, inner: here, equal: true })
    for (let above = block.parent; above !== undefined; above = above.parent) {
      const there = keptOf(above)
      if (there.length > 0) visit({ outer: there, inner: here, equal: false })
    }
  }
}

/** Those of a list that belong to another cluster than all the others do not: networks of at least two clusters, else none. */
export function acrossClusters(networks: readonly PlanNetwork[]): readonly PlanNetwork[] {
  const [first] = networks
  return networks.some(({ cluster }) => cluster !== first?.cluster) ? networks : []
}

/** The networks of each side that have one of another cluster on the other side. */
export function facing({
  outer,
  inner,
  equal,
}: Overlap): readonly [readonly PlanNetwork[], readonly PlanNetwork[]] {
  if (equal) {
    const across = acrossClusters(outer)
    return [across, across]
  }
  const clusters = (list: readonly PlanNetwork[]): Set<string> => new Set(list.map(({ cluster }) => cluster))
  const [left, right] = [clusters(outer), clusters(inner)]
  const other = (set: Set<string>, own: string): boolean => set.size > 1 || (set.size === 1 && !set.has(own))
  return [
    outer.filter(({ cluster }) => other(right, cluster)),
    inner.filter(({ cluster }) => other(left, cluster)),
  ]
}
