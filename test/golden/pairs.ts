/** Overlapping pairs the obvious way: everything with everything. */
import { covers, overlaps, type Prefix } from '../../src/net/prefix.ts'

/** Index pairs, the covering one first; of equal ones the earlier. */
export function overlappingPairs(prefixes: readonly Prefix[]): [number, number][] {
  const pairs: [number, number][] = []
  for (let i = 0; i < prefixes.length; i++) {
    for (let j = i + 1; j < prefixes.length; j++) {
      const [a, b] = [prefixes[i]!, prefixes[j]!]
      if (overlaps(a, b)) pairs.push(covers(a, b) ? [i, j] : [j, i])
    }
  }
  return pairs
}
