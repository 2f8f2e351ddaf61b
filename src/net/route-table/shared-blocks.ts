// IPv4 tables of many routers in one pool of blocks: eight levels of four bits, equal blocks shared by all tables
// (block-pool.ts). Routers of one network mostly agree, and where they do they point to the same blocks.
//
//     address   | 4 | 4 | 4 | 4 | 4 | 4 | 4 | 4 |
//     root      one word of the pool for each table
//     block     16 words, 64 bytes
//
// Costs: up to eight loads, which hit the cache because the pool of a thousand tables is small; an update makes up to
// eight blocks anew; a table costs what it does not share, 1 to 2 bytes a route for tables that mostly agree. Two tables
// are equal exactly when their root words are. Take it for simulations with many routers.

import type { Ip4 } from '../ip.ts'
import { BlockPool } from './block-pool.ts'
import type { Columns4, Lpm4, View4 } from './lpm.ts'
import { Shared4 } from './stride4-shared.ts'
import { INDEX } from './stride4-word.ts'

/** Longest-prefix match over blocks that many tables share. */
export class SharedBlocks4 extends Shared4 implements Lpm4 {
  readonly structure = 'shared-blocks'
  readonly #alone: boolean

  /** An empty table over a pool; without one, over a pool of its own. */
  constructor(pool?: BlockPool) {
    const used = pool ?? new BlockPool()
    super(0, used, used.newRoot())
    this.#alone = pool === undefined
  }

  /** The table of the columns, over a pool if one is given. */
  static build(columns: Columns4, pool?: BlockPool): SharedBlocks4 {
    const table = new SharedBlocks4(pool)
    table.fill(columns)
    return table
  }

  /** Bytes of the table beside its pool; of both when the pool is its own. Ask a shared pool for its bytes once. */
  override get bytes(): number {
    return super.bytes - this.arena.bytes + (this.#alone ? this.pool.bytes : 4)
  }

  /** True when both tables are over one pool and answer every address alike. */
  answersLike(other: SharedBlocks4): boolean {
    return this.pool === other.pool && this.arena.words[this.rootAt] === other.arena.words[other.rootAt]
  }

  lookup(address: Ip4): number {
    // Numbers stand here as such: a constant of the module is a variable in the bundle, which V8 reads at each lookup.
    // Other tables of the pool may have made it grow, so the words are read from the arena and not kept.
    const { words } = this.arena
    let word = words[this.rootAt]!
    let shift = 28
    while (word < 0) {
      word = words[(word & 0x3fffffff) + ((address >>> shift) & 15)]!
      shift -= 4
    }
    return (word & 0xffffff) - 1
  }

  snapshot(): View4 {
    const copy = new SharedBlocks4(this.pool)
    copy.become(this)
    return copy
  }

  protected override become(other: SharedBlocks4): void {
    super.become(other)
    const word = other.arena.words[other.rootAt]!
    if (word < 0) this.pool.hold(word & INDEX)
    this.arena.words[this.rootAt] = word
  }
}
