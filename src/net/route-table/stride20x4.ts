// IPv4 in four levels, 20 bits and three times 4, leaves pushed down, equal blocks shared (stride4-shared.ts).
//
//     address   | 20 bits: root slot | 4 | 4 | 4 |
//     root      1,048,576 words (4 MiB)
//     block     16 words, 64 bytes: a cache line; networks with the same routes inside have the same blocks
//
// Costs: one load up to /20, two up to /24, four for hosts. 4 MiB and then about 20 bytes a prefix of an Internet table,
// which is small enough for the processor to know the pages by heart: where dir-24-8 misses a page as well as a line, this
// misses the line only. An update makes blocks anew, and one of a prefix of length n up to 20 goes through all blocks below
// 2^(20-n) slots. Take it for Internet tables that rarely change.

import type { Ip4 } from '../ip.ts'
import { Arena } from './arena.ts'
import { BlockPool } from './block-pool.ts'
import type { Columns4, Lpm4, View4 } from './lpm.ts'
import { Shared4 } from './stride4-shared.ts'
import { ROOT_AT } from './wasm/lanes.ts'

const BLOCKS_AT = ROOT_AT + 2 ** 20

/** Longest-prefix match with a root of 20 bits and three levels of 4. */
export class Stride20x4 extends Shared4 implements Lpm4 {
  readonly structure = 'stride-20-4'

  constructor(pool = new BlockPool(4, new Arena(BLOCKS_AT), BLOCKS_AT)) {
    super(20, pool, ROOT_AT, 'stride20x4')
  }

  override get bytes(): number {
    return super.bytes - this.arena.bytes + this.pool.bytes
  }

  /** The table of the columns. */
  static build(columns: Columns4): Stride20x4 {
    const table = new Stride20x4()
    table.fill(columns)
    return table
  }

  lookup(address: Ip4): number {
    // Numbers stand here as such: a constant of the module is a variable in the bundle, which V8 reads at each lookup.
    const { words } = this
    let word = words[16 + (address >>> 12)]!
    if (word < 0) {
      word = words[(word & 0x3fffffff) + ((address >>> 8) & 15)]!
      if (word < 0) {
        word = words[(word & 0x3fffffff) + ((address >>> 4) & 15)]!
        if (word < 0) word = words[(word & 0x3fffffff) + (address & 15)]!
      }
    }
    return (word & 0xffffff) - 1
  }

  snapshot(): View4 {
    const copy = new Stride20x4(this.pool.copy(this.arena.copy()))
    copy.become(this)
    return copy
  }
}
