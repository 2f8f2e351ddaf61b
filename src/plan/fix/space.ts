// Free addresses, and networks put into them: blocks of powers of two, each on a multiple of its size. Where the larger go first, such
// blocks fit exactly when there is room at all, whichever free block each takes; so the lowest is taken.

import { cidrsOfRange, shortestCidrs, without } from '../../net/cidr-set.ts'
import { addToIp, compareIp, type Ip } from '../../net/ip.ts'
import { contains, covers, lastAddress, maskIp, type Prefix } from '../../net/prefix.ts'

/** What of the pools nothing has, in ascending order; pools may not overlap. */
export function freeSpace(pools: readonly Prefix[], taken: readonly Prefix[]): Prefix[] {
  const occupied = shortestCidrs(taken)
  return pools.flatMap((pool) => {
    const free: Prefix[] = []
    let at = maskIp(pool.ip, pool.len)
    const end = lastAddress(pool)
    for (const block of occupied) {
      if (covers(block, pool)) return []
      if (!covers(pool, block)) continue
      if (compareIp(at, block.ip) < 0) free.push(...cidrsOfRange(at, addToIp(block.ip, -1)))
      const last = lastAddress(block)
      if (compareIp(last, end) === 0) return free
      at = addToIp(last, 1)
    }
    free.push(...cidrsOfRange(at, end))
    return free
  })
}

/** A place that gives out blocks. */
export class Space {
  readonly #free: Prefix[]

  constructor(free: readonly Prefix[]) {
    this.#free = [...free]
  }

  /** A copy, which can be given out without changing this one. */
  copy(): Space {
    return new Space(this.#free)
  }

  /** How many blocks of this length the pools have free. */
  count(len: number, pools: readonly Prefix[]): number {
    let sum = 0
    for (const block of this.#free) {
      const part = pools.some((pool) => covers(pool, block))
        ? block
        : pools.find((pool) => covers(block, pool))
      if (part !== undefined && part.len <= len) sum += 2 ** (len - part.len)
    }
    return sum
  }

  /**
   * A block of this length out of the first of the pools that has one: the first at or after an address, else the first of all;
   * undefined when none is left. Ask for the larger ones first.
   */
  take(len: number, pools: readonly Prefix[], near: Ip): Prefix | undefined {
    for (const pool of pools) {
      let first: readonly [number, Prefix] | undefined
      for (const [at, block] of this.#free.entries()) {
        const part = covers(pool, block) ? block : covers(block, pool) ? pool : undefined
        if (part === undefined || part.len > len) continue
        const own = { ip: maskIp(contains(part, near) ? near : part.ip, len), len }
        // Within the block around the address the blocks after it come first, and itself where the address begins it.
        const behind = compareIp(own.ip, near) < 0 && contains(part, near)
        const next = behind ? { ip: addToIp(lastAddress(own), 1), len } : own
        if (compareIp(next.ip, near) >= 0 && covers(part, next)) return this.#give(at, next)
        first ??= [at, { ip: part.ip, len }]
      }
      if (first !== undefined) return this.#give(...first)
    }
    return undefined
  }

  #give(at: number, taken: Prefix): Prefix {
    this.#free.splice(at, 1, ...without(this.#free[at]!, taken))
    return taken
  }
}
