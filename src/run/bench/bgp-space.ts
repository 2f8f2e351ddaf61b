// Where the prefixes of a table like the Internet's lie: lengths by a histogram, about half of them inside others, and runs
// of neighbours, as registries hand blocks out and networks announce parts of them.

import type { Random } from '../../net/random.ts'

/** Percent of the prefixes by length. */
export type Histogram = Readonly<Record<number, number>>

/** Full views of 2025, rounded: 59.6 % /24, 12 % /22, 10.7 % /23; and 47 % /48, 14 % /32, 9 % /44. */
export const HISTOGRAMS: Readonly<Record<4 | 6, Histogram>> = {
  4: {
    8: 0.002,
    9: 0.003,
    10: 0.005,
    11: 0.01,
    12: 0.03,
    13: 0.07,
    14: 0.14,
    15: 0.24,
    16: 1.4,
    17: 0.9,
    18: 1.6,
    19: 2.8,
    20: 4.9,
    21: 5.6,
    22: 12,
    23: 10.7,
    24: 59.6,
  },
  6: {
    20: 0.1,
    28: 0.2,
    29: 2.6,
    30: 0.3,
    31: 0.3,
    32: 14,
    33: 1.2,
    34: 1.1,
    35: 0.8,
    36: 5,
    37: 0.4,
    38: 1.2,
    39: 0.5,
    40: 6,
    41: 0.6,
    42: 1.7,
    43: 0.9,
    44: 9,
    45: 1.9,
    46: 3,
    47: 2.2,
    48: 47,
  },
}

/** How many prefixes of each length make `size`, shortest first: largest remainders, so the sum is exact. */
export function lengthCounts(histogram: Histogram, size: number): [len: number, count: number][] {
  const total = Object.values(histogram).reduce((sum, share) => sum + share, 0)
  const rows = Object.entries(histogram).map(([len, share]) => {
    const exact = (share / total) * size
    return { len: Number(len), count: Math.floor(exact), rest: exact - Math.floor(exact) }
  })
  let missing = size - rows.reduce((sum, { count }) => sum + count, 0)
  for (const row of [...rows].sort((a, b) => b.rest - a.rest || b.len - a.len)) {
    if (missing-- <= 0) break
    row.count++
  }
  return rows.filter(({ count }) => count > 0).map(({ len, count }) => [len, count])
}

/** This share of the prefixes lies inside others. */
const NESTED = 0.5
/** So many of all draws begin where another prefix ends. */
const NEIGHBOUR = 0.6
/** Draws before a prefix may lie anywhere. */
const TRIES = 64

/**
 * Draws blocks that are not there yet. A block is the number of its first address: 32 bits of IPv4, the first 48 of IPv6 (exact
 * in a double). Lengths must not fall from one draw to the next.
 */
export class BgpSpace {
  readonly #bits: 32 | 48
  readonly #first: number
  readonly #count: number
  readonly #blocks: Float64Array
  readonly #ends: Float64Array
  #size = 0
  /** What was drawn so far, by length; the last is the present one, and blocks before `#shorter` are of lesser ones. */
  readonly #drawn: { readonly step: number; readonly blocks: Set<number> }[] = []
  #len = 0
  #shorter = 0
  readonly #random: Random

  constructor(family: 4 | 6, size: number, random: Random) {
    this.#bits = family === 4 ? 32 : 48
    // 1.0.0.0 to 223.255.255.255, without 10.0.0.0/8 or 127.0.0.0/8 being spared; 2001::/16 to 2c0f::/16.
    this.#first = family === 4 ? 2 ** 24 : 0x2001 * 2 ** 32
    this.#count = family === 4 ? 223 * 2 ** 24 : (0x2c10 - 0x2001) * 2 ** 32
    this.#blocks = new Float64Array(size)
    this.#ends = new Float64Array(size)
    this.#random = random
  }

  draw(len: number): number {
    const step = 2 ** (this.#bits - len)
    if (len !== this.#len) {
      this.#drawn.push({ step, blocks: new Set() })
      this.#len = len
      this.#shorter = this.#size
    }
    const present = this.#drawn.at(-1)!.blocks
    const nested = this.#shorter > 0 && this.#random.float() < NESTED
    for (let tries = 0; ; tries++) {
      const block = tries < TRIES ? this.#candidate(step, nested) : this.#anywhere(step)
      if (block === undefined || present.has(block)) continue
      if (tries < TRIES && this.#isNested(block) !== nested) continue
      present.add(block)
      this.#blocks[this.#size] = block
      this.#ends[this.#size++] = block + step
      return block
    }
  }

  #candidate(step: number, nested: boolean): number | undefined {
    const random = this.#random
    if (this.#size > 0 && random.float() < NEIGHBOUR) {
      const end = this.#ends[random.below(this.#size)]!
      // A block of more addresses than its neighbour begins at the next multiple of its size.
      const block = Math.ceil(end / step) * step
      return block + step <= this.#first + this.#count ? block : undefined
    }
    if (!nested) return this.#anywhere(step)
    const parent = random.below(this.#shorter)
    const start = this.#blocks[parent]!
    return start + Math.floor((random.float() * (this.#ends[parent]! - start)) / step) * step
  }

  #isNested(block: number): boolean {
    for (const { step, blocks } of this.#drawn) {
      if (step !== this.#drawn.at(-1)!.step && blocks.has(Math.floor(block / step) * step)) return true
    }
    return false
  }

  #anywhere(step: number): number {
    const steps = Math.floor(this.#count / step)
    return (Math.ceil(this.#first / step) + Math.floor(this.#random.float() * steps)) * step
  }
}
