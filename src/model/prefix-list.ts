// A list of prefixes with a number each, column by column: what a route table is built from. A million prefixes as objects
// would cost more than any table that holds them.

import { formatIp, type Ip, ip6 } from '../net/ip.ts'
import type { Columns4, Columns6 } from '../net/route-table/lpm.ts'

/** Prefixes of one family as `Columns4` or `Columns6`; a value is the number of a next hop, from 0. */
export interface PrefixList extends Columns4, Columns6 {
  readonly family: 4 | 6
}

/** Lanes of an address of this family: 1 or 4. */
export function lanesOf(family: 4 | 6): 1 | 4 {
  return family === 4 ? 1 : 4
}

/** The network address of the prefix at an index. */
export function addressAt(
  { family, addresses }: Pick<PrefixList, 'family' | 'addresses'>,
  index: number,
): Ip {
  if (family === 4) return addresses[index]!
  const at = 4 * index
  return ip6(addresses[at]!, addresses[at + 1]!, addresses[at + 2]!, addresses[at + 3]!)
}

/** The prefix at an index as text. */
export function prefixTextAt(list: PrefixList, index: number): string {
  return `${formatIp(addressAt(list, index))}/${list.lengths[index]}`
}

/**
 * Orders columns that stand in any order, and keeps the first of prefixes that stand there twice. Host bits must be clear.
 * The columns may be longer than `count`.
 */
export function orderedList(
  family: 4 | 6,
  count: number,
  addresses: Uint32Array,
  lengths: Uint8Array,
  values: Uint32Array,
): PrefixList {
  const width = lanesOf(family)
  const compare = (a: number, b: number): number => {
    for (let lane = 0; lane < width; lane++) {
      const difference = addresses[width * a + lane]! - addresses[width * b + lane]!
      if (difference !== 0) return difference
    }
    return lengths[a]! - lengths[b]!
  }
  const order = new Uint32Array(count).map((_, i) => i).sort((a, b) => compare(a, b) || a - b)
  let kept = 0
  for (let i = 0; i < count; i++)
    if (i === 0 || compare(order[i]!, order[i - 1]!) !== 0) order[kept++] = order[i]!
  const list = {
    family,
    count: kept,
    addresses: new Uint32Array(width * kept),
    lengths: new Uint8Array(kept),
    values: new Uint32Array(kept),
  }
  for (let to = 0; to < kept; to++) {
    const from = order[to]!
    for (let lane = 0; lane < width; lane++)
      list.addresses[width * to + lane] = addresses[width * from + lane]!
    list.lengths[to] = lengths[from]!
    list.values[to] = values[from]!
  }
  return list
}
