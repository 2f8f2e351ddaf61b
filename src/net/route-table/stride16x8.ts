// IPv4 in three levels, 16, 8 and 8 bits, leaves pushed down: the layout of Gupta, Lin and McKeown's DIR-24-8 with a
// smaller root ("Routing Lookups in Hardware at Memory Access Speeds", INFOCOM 1998), as the multibit tries of stride4.ts.
//
//     address   | 16 bits: root slot | 8 bits | 8 bits |
//     root      65,536 words (256 KiB), and as many base words
//     block     256 words (1 KiB) for each /16 with longer prefixes, and for each /24 with longer ones
//
// Costs: one load up to /16, two up to /24, three for hosts; an update writes at most 256 slots of a block and what hangs
// below them; 512 KiB and then 50 to 280 bytes a prefix, most where
// prefixes lie far apart. Take it for speed with any table of more than a few thousand
// routes, and where tables change all the time: no update pauses, a new default route included.

import type { Ip4 } from '../ip.ts'
import type { Arena } from './arena.ts'
import type { Columns4, Lpm4, View4 } from './lpm.ts'
import { InPlace4 } from './stride4-in-place.ts'

/** Longest-prefix match with a root of 16 bits and two levels of 8. */
export class Stride16x8 extends InPlace4 implements Lpm4 {
  readonly structure = 'stride-16-8-8'

  constructor(arena?: Arena) {
    super(16, 8, 'stride16x8', arena)
  }

  /** The table of the columns. */
  static build(columns: Columns4): Stride16x8 {
    const table = new Stride16x8()
    table.fill(columns)
    return table
  }

  lookup(address: Ip4): number {
    // Numbers stand here as such: a constant of the module is a variable in the bundle, which V8 reads at each lookup.
    const { words } = this
    let word = words[16 + (address >>> 16)]!
    if (word < 0) {
      word = words[(word & 0x3fffffff) + ((address >>> 8) & 255)]!
      if (word < 0) word = words[(word & 0x3fffffff) + (address & 255)]!
      if (word === 0) word = words[0x10010 + (address >>> 16)]!
    }
    return (word & 0xffffff) - 1
  }

  snapshot(): View4 {
    const copy = new Stride16x8(this.arena.copy())
    copy.become(this)
    return copy
  }
}
