// IPv6 as ranges: the root of DXR (Zec, Rizzo and Mikuc, "DXR: Towards a Billion Routing Lookups per Second in Software",
// CCR 2012) over the search of Lampson, Srinivasan and Varghese ("IP Lookups Using Multiway and Multicolumn Search",
// INFOCOM 1998): nodes of a cache line with eight ways out, and addresses compared window by window. Built once.
//
//     address   | bits in which all prefixes agree | root: 8 to 24 bits | window: 31 bits | window | …
//     root      a word for each value of its bits, and one for addresses outside of everything
//     word      | 0 | value + 1: 31 |                       an answer; 0 = none
//               | 1 | window: 3 | half | index / 8: 27 |    a node, in the window given (0: in the one that is searched)
//     node      | 0 | start 1 … start 7 | word 0 … word 7 | 64 bytes; the last start not beyond the address decides
//     half      | 0 | start 1 … start 3 | ~word 0 … ~word 3 |      32 bytes; answers only, whose bits are turned over
//
// A half is searched as if it were whole: its words are negative and pass for starts that no address is before.
// With 3 bits agreed upon (2000::/3) and 18 of the root, the first window ends after /52: an Internet table has no other.
// Slots with up to eight ranges are one node, with up to 64 two levels of them; ways that are not used repeat the last.
// Costs: a load for the root, which is all for most addresses that match nothing, then mostly one or two cache lines;
// 22 to 29 bytes a prefix from 100,000 on, more below (the root takes up to 1 MiB) and twice as many for hosts. A batch
// takes sixteen addresses through each step at a time and compares an address with all starts of a node at once.
// Take it for tables like the Internet's, which hashes by length are bad at
// because they have thirty lengths.

import { laneMask } from '../prefix.ts'
import { Arena } from './arena.ts'
import { BatchKernel } from './batch.ts'
import { checkBatch } from './check.ts'
import { checkColumns6 } from './columns.ts'
import { fillRanges, layoutOf, windowOf } from './dxr6-ranges.ts'
import type { Batch, Columns6, Lookup6 } from './lpm.ts'
import { DXR6_AT, DXR6_LANES } from './wasm/lanes.ts'

/** Longest-prefix match over IPv6 ranges. */
export class Dxr6 implements Lookup6 {
  readonly structure = 'dxr6'
  readonly size: number
  readonly #arena: Arena
  #words: Int32Array
  /** The bits in which all prefixes agree. */
  readonly #base: number
  /** Values of the root's bits. */
  readonly #slots: number
  /** How many bits of the first lane come before the first window and how many after. */
  readonly #before: number
  readonly #after: number
  readonly #kernelName: string
  #kernel: BatchKernel | undefined

  private constructor(columns: Columns6) {
    checkColumns6(columns)
    this.size = columns.count
    const layout = layoutOf(columns)
    const { skipped, root } = layout
    this.#base = columns.count === 0 ? 0 : columns.addresses[0]! & laneMask(skipped, 0)
    this.#slots = 2 ** root
    this.#before = skipped + root
    this.#after = 32 - skipped - root
    this.#arena = new Arena(DXR6_AT + 2 ** root + 1)
    this.#kernelName = fillRanges(columns, layout, this.#arena, DXR6_AT) ? 'dxr6' : 'dxr6first'
    this.#words = this.#arena.words
    this.#words.set([this.#base, this.#slots, this.#before])
  }

  /** The table of the columns. */
  static build(columns: Columns6): Dxr6 {
    return new Dxr6(columns)
  }

  get bytes(): number {
    return this.#arena.bytes
  }

  lookup(w0: number, w1: number, w2: number, w3: number): number {
    // Numbers stand here as such: a constant of the module is a variable in the bundle, which V8 reads at each lookup.
    const after = this.#after
    const slot = (w0 ^ this.#base) >>> after
    if (slot >= this.#slots) return -1
    const words = this.#words
    let word = words[32 + (slot & 0x3ffffff)]!
    if (word >= 0) return word - 1
    const key = ((w0 << this.#before) | (w1 >>> after)) >>> 1
    do {
      if ((word & 0x70000000) !== 0) return this.#further(word, w0 | 0, w1 | 0, w2 | 0, w3 | 0)
      // Signs in place of branches, which would go either way.
      const half = (word << 4) >> 31
      let at = (word & 0x7ffffff) * 8
      at += 4 & ~(((key - words[at + 4]!) >> 31) | half)
      at += 2 & ~((key - words[at + 2]!) >> 31)
      at += 1 & ~((key - words[at + 1]!) >> 31)
      word = words[at + 8 - (half & 4)]! ^ half
    } while (word < 0)
    return word - 1
  }

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    checkBatch(addresses, out, count, 4)
    const done = this.#batches().run(addresses, out, count)
    this.#words = this.#arena.words
    for (let i = done; i < count; i++) {
      const at = 4 * i
      out[i] = this.lookup(addresses[at]!, addresses[at + 1]!, addresses[at + 2]!, addresses[at + 3]!)
    }
  }

  batch(count: number): Batch {
    const batch = this.#batches().batch(count)
    this.#words = this.#arena.words
    return batch
  }

  #batches(): BatchKernel {
    this.#kernel ??= new BatchKernel(this.#arena, this.#kernelName, 4, DXR6_LANES)
    return this.#kernel
  }

  /** From the node of a second or later window on. */
  #further(node: number, w0: number, w1: number, w2: number, w3: number): number {
    const words = this.#words
    const lanes = [w0, w1, w2, w3]
    let word = node
    let key = 0
    while (word < 0) {
      const window = (word >>> 28) & 7
      if (window !== 0) key = windowOf(lanes, 0, this.#before + 31 * window)
      const half = (word << 4) >> 31
      let at = (word & 0x7ffffff) * 8
      at += 4 & ~(((key - words[at + 4]!) >> 31) | half)
      at += 2 & ~((key - words[at + 2]!) >> 31)
      at += 1 & ~((key - words[at + 1]!) >> 31)
      word = words[at + 8 - (half & 4)]! ^ half
    }
    return word - 1
  }
}
