// How large a hash is and how it grows. A capacity is q × 2^k slots with q from 4 to 7, so that a large hash grows by a
// fifth and not by its double: at most 0.75 full, never less than 0.6. Small ones stay at most half full for speed.
//
//     slot = (high 24 bits of the hash × q) >>> (24 - k)        monotonic in the hash, no division
//
// Beyond `STEPWISE` slots a hash moves to its new array a few slots with each insertion, so that none of them pauses.

/** The capacity of a hash. */
export interface HashSize {
  readonly q: number
  readonly k: number
  readonly capacity: number
  /** How many entries it takes before it has to grow. */
  readonly limit: number
}

/** From this capacity on a hash grows step by step. */
export const STEPWISE = 1 << 14

/** Slots of the old array that move with each insertion: enough to be through before the new one is full. */
export const STEP = 32

/** The smallest hash. */
export const LEAST_SIZE: HashSize = sizeOf(4, 0)

/** The next larger size: double while there are fewer than `small` slots, then by 14 to 25 per cent. */
export function nextSize({ q, k }: HashSize, small = STEPWISE): HashSize {
  if (4 << k < small) return sizeOf(4, k + 1)
  return q < 7 ? sizeOf(q + 1, k) : sizeOf(4, k + 1)
}

/** The smallest size that takes `count` entries. */
export function sizeFor(count: number): HashSize {
  let size = LEAST_SIZE
  while (size.limit < count) size = nextSize(size)
  return size
}

function sizeOf(q: number, k: number): HashSize {
  const capacity = q << k
  return { q, k, capacity, limit: Math.floor(capacity * (capacity <= STEPWISE ? 0.5 : 0.75)) }
}
