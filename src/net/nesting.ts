// Which prefixes lie in which. Prefixes never overlap halfway, so after sorting by address and length the ones that hold the
// current one are exactly a stack; every overlapping pair is a prefix and one of its ancestors. Sort: least-significant-digit radix
// over typed arrays (digits that all rows share are skipped), twenty times faster than comparing objects.
// The slow twin is the pairwise comparison in test/golden/pairs.ts.

import { laneMask, maskOf4 } from './prefix.ts'
import type { PrefixColumns } from './prefix-columns.ts'

/** The forest of one family's prefixes. */
export interface Nesting {
  /** Rows by network address, the shorter prefix first; equal prefixes in their order of arrival. */
  readonly order: Uint32Array
  /** For each place in `order` the place of the nearest one that covers it (an equal one before it too), -1 for none. */
  readonly parent: Int32Array
  /** How many pairs overlap: the sum of all depths, exact up to 2^53. */
  readonly pairs: number
}

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/** Sorts and nests the rows. */
export function nest(columns: PrefixColumns): Nesting {
  const order = sortedRows(columns)
  const { count } = columns
  const parent = new Int32Array(count)
  const depth = new Uint32Array(count)
  let pairs = 0
  let top = -1
  const covers = columns.family === 4 ? covers4(columns) : covers6(columns)
  for (let place = 0; place < count; place++) {
    const row = order[place]!
    while (top >= 0 && !covers(order[top]!, row)) top = parent[top]!
    parent[place] = top
    if (top >= 0) {
      depth[place] = depth[top]! + 1
      pairs += depth[place]!
    }
    top = place
  }
  return { order, parent, pairs }
}

/**
 * Calls back with the ids of every overlapping pair, the covering one first, in the order of addresses; ends after `most` pairs and
 * says how many it named.
 */
export function eachPair(
  columns: PrefixColumns,
  { order, parent }: Nesting,
  most: number,
  visit: (outer: number, inner: number) => void,
): number {
  let named = 0
  for (let place = 0; place < order.length; place++) {
    for (let above = parent[place]!; above >= 0; above = parent[above]!) {
      if (named === most) return named
      named++
      visit(columns.id[order[above]!]!, columns.id[order[place]!]!)
    }
  }
  return named
}

type Covers = (outer: number, inner: number) => boolean

/** The rows are sorted, so only whether the outer one's bits agree is asked; its length is never the larger one of equals. */
function covers4({ lanes, len }: PrefixColumns): Covers {
  const ip = lanes[0]!
  return (outer, inner) =>
    len[outer]! <= len[inner]! && ((ip[outer]! ^ ip[inner]!) & maskOf4(len[outer]!)) === 0
}

function covers6({ lanes, len }: PrefixColumns): Covers {
  const [a, b, c, d] = lanes as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
  return (outer, inner) => {
    const bits = len[outer]!
    return (
      bits <= len[inner]! &&
      ((a[outer]! ^ a[inner]!) & laneMask(bits, 0)) === 0 &&
      ((b[outer]! ^ b[inner]!) & laneMask(bits, 1)) === 0 &&
      ((c[outer]! ^ c[inner]!) & laneMask(bits, 2)) === 0 &&
      ((d[outer]! ^ d[inner]!) & laneMask(bits, 3)) === 0
    )
  }
}

function sortedRows({ lanes, len, count }: PrefixColumns): Uint32Array {
  let rows = new Uint32Array(count)
  for (let row = 0; row < count; row++) rows[row] = row
  let spare = new Uint32Array(count)
  const histogram = new Uint32Array(DIGITS)
  const pass = (column: Uint32Array | Uint8Array, shift: number): void => {
    histogram.fill(0)
    for (let i = 0; i < count; i++) histogram[(column[i]! >>> shift) & (DIGITS - 1)]!++
    if (count === 0 || histogram[(column[0]! >>> shift) & (DIGITS - 1)] === count) return
    let sum = 0
    for (let digit = 0; digit < DIGITS; digit++) {
      const here = histogram[digit]!
      histogram[digit] = sum
      sum += here
    }
    for (let i = 0; i < count; i++) {
      const row = rows[i]!
      spare[histogram[(column[row]! >>> shift) & (DIGITS - 1)]!++] = row
    }
    ;[rows, spare] = [spare, rows]
  }
  pass(len, 0)
  for (let lane = lanes.length - 1; lane >= 0; lane--)
    for (let shift = 0; shift < 32; shift += DIGIT_BITS) pass(lanes[lane]!, shift)
  return rows
}
