// A list of prefixes with a number each, column by column: what a route table is built from. A million prefixes as objects
// would cost more than any table that holds them.

import { formatIp, type Ip, ip6 } from '../net/ip.ts'

/** Prefixes of one family without duplicates and without host bits, ordered by network address, the shorter first. */
export interface PrefixList {
  readonly family: 4 | 6
  readonly size: number
  /** Network addresses, most significant lane first: one lane a prefix for IPv4, four for IPv6. */
  readonly lanes: Uint32Array
  /** Prefix lengths, 0 to 32 or 0 to 128. */
  readonly lens: Uint8Array
  /** What a lookup answers: the number of a next hop, from 0. */
  readonly values: Uint32Array
}

/** Lanes of an address of this family: 1 or 4. */
export function lanesOf(family: 4 | 6): 1 | 4 {
  return family === 4 ? 1 : 4
}

/** The network address of the prefix at an index. */
export function addressAt({ family, lanes }: Pick<PrefixList, 'family' | 'lanes'>, index: number): Ip {
  if (family === 4) return lanes[index]!
  const at = 4 * index
  return ip6(lanes[at]!, lanes[at + 1]!, lanes[at + 2]!, lanes[at + 3]!)
}

/** The prefix at an index as text. */
export function prefixTextAt(list: PrefixList, index: number): string {
  return `${formatIp(addressAt(list, index))}/${list.lens[index]}`
}

/**
 * Orders columns that stand in any order, and keeps the first of prefixes that stand there twice. Host bits must be clear.
 * The columns may be longer than `size`.
 */
export function orderedList(
  family: 4 | 6,
  size: number,
  lanes: Uint32Array,
  lens: Uint8Array,
  values: Uint32Array,
): PrefixList {
  const width = lanesOf(family)
  const compare = (a: number, b: number): number => {
    for (let lane = 0; lane < width; lane++) {
      const difference = lanes[width * a + lane]! - lanes[width * b + lane]!
      if (difference !== 0) return difference
    }
    return lens[a]! - lens[b]!
  }
  const order = new Uint32Array(size).map((_, i) => i).sort((a, b) => compare(a, b) || a - b)
  let kept = 0
  for (let i = 0; i < size; i++)
    if (i === 0 || compare(order[i]!, order[i - 1]!) !== 0) order[kept++] = order[i]!
  const list = {
    family,
    size: kept,
    lanes: new Uint32Array(width * kept),
    lens: new Uint8Array(kept),
    values: new Uint32Array(kept),
  }
  for (let to = 0; to < kept; to++) {
    const from = order[to]!
    for (let lane = 0; lane < width; lane++) list.lanes[width * to + lane] = lanes[width * from + lane]!
    list.lens[to] = lens[from]!
    list.values[to] = values[from]!
  }
  return list
}
