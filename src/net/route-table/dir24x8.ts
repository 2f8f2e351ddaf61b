// IPv4 in two levels, 24 and 8 bits: DIR-24-8 of Gupta, Lin and McKeown, "Routing Lookups in Hardware at Memory Access
// Speeds" (INFOCOM 1998), which DPDK's rte_lpm and rte_fib use as well.
//
//     address   | 24 bits: root slot | 8 bits |
//     root      16,777,216 words (64 MiB, of which the system gives what is touched)
//     block     256 words (1 KiB) for each /24 with longer prefixes
//
// Costs: one load up to /24, two for hosts; an update of a prefix of length n up to 24 writes 2^(24-n) slots, so a new
// default route takes tens of milliseconds. Take it for batches over tables that rarely change.

import type { Ip4 } from '../ip.ts'
import type { Arena } from './arena.ts'
import type { Columns4, Lpm4, View4 } from './lpm.ts'
import { InPlace4 } from './stride4-in-place.ts'

/** Longest-prefix match with a root of 24 bits and one level of 8. */
export class Dir24x8 extends InPlace4 implements Lpm4 {
  readonly structure = 'dir-24-8'

  constructor(arena?: Arena) {
    super(24, 8, 'dir24x8', arena)
  }

  /** The table of the columns. */
  static build(columns: Columns4): Dir24x8 {
    const table = new Dir24x8()
    table.fill(columns)
    return table
  }

  lookup(address: Ip4): number {
    // Numbers stand here as such: a constant of the module is a variable in the bundle, which V8 reads at each lookup.
    const { words } = this
    let word = words[16 + (address >>> 8)]!
    if (word < 0) word = words[(word & 0x3fffffff) + (address & 255)]!
    return (word & 0xffffff) - 1
  }

  snapshot(): View4 {
    const copy = new Dir24x8(this.arena.copy())
    copy.become(this)
    return copy
  }
}
