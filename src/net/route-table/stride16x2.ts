// IPv4 in nine levels, 16 bits and eight times 2, leaves pushed down, equal blocks shared (stride4-shared.ts).
//
//     address   | 16 bits: root slot | 2 | 2 | 2 | 2 | 2 | 2 | 2 | 2 |
//     root      65,536 words (256 KiB), and as many base words
//     block     4 words, 16 bytes; networks with the same routes inside have the same blocks
//
// Costs: one load up to /16, five up to /24, nine for hosts; an update makes up to eight blocks anew and takes microseconds; 512 KiB and then 15
// to 30 bytes a prefix of an Internet table. Take it for large tables of networks where memory counts: what does not fit
// the cache costs more than a few more loads that do.

import type { Ip4 } from '../ip.ts'
import { Arena } from './arena.ts'
import { BlockPool } from './block-pool.ts'
import type { Columns4, Lpm4, View4 } from './lpm.ts'
import { Shared4 } from './stride4-shared.ts'
import { ROOT_AT } from './wasm/lanes.ts'

const ROOT_BITS = 16
const BASE_AT = ROOT_AT + 2 ** ROOT_BITS
const BLOCKS_AT = BASE_AT + 2 ** ROOT_BITS

/** Longest-prefix match with a root of 16 bits and eight levels of 2. */
export class Stride16x2 extends Shared4 implements Lpm4 {
  readonly structure = 'stride-16-2'

  constructor(pool = new BlockPool(2, new Arena(BLOCKS_AT), BLOCKS_AT)) {
    super(ROOT_BITS, pool, ROOT_AT, 'stride16x2')
  }

  override get bytes(): number {
    return super.bytes - this.arena.bytes + this.pool.bytes
  }

  /** The table of the columns. */
  static build(columns: Columns4): Stride16x2 {
    const table = new Stride16x2()
    table.fill(columns)
    return table
  }

  lookup(address: Ip4): number {
    // Numbers stand here as such: a constant of the module is a variable in the bundle, which V8 reads at each lookup.
    const { words } = this
    let word = words[16 + (address >>> 16)]!
    if (word < 0) {
      let shift = 14
      do {
        word = words[(word & 0x3fffffff) + ((address >>> shift) & 3)]!
        shift -= 2
      } while (word < 0)
      if (word === 0) word = words[0x10010 + (address >>> 16)]!
    }
    return (word & 0xffffff) - 1
  }

  snapshot(): View4 {
    const copy = new Stride16x2(this.pool.copy(this.arena.copy()))
    copy.become(this)
    return copy
  }
}
