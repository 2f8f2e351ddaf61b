// DIR-24-8 (dir24x8.ts) in words of 16 bits, built once, which is what DPDK's rte_fib does when told to: half the memory
// is half the cache lines and pages that a batch misses.
//
//     address   | 24 bits: root slot | 8 bits |
//     root      16,777,216 half words (32 MiB)
//     block     256 half words (512 bytes) for each /24 with longer prefixes; block 0 is empty for good
//
//     leaf      | 0 | value + 1: 15 |      0 where nothing matches
//     block     | 1 | number of the block: 15 |
//
// A leaf has no room for its length, so nothing can be changed. Values are 0 to 32,766, and at most 32,767 networks of
// length 24 have longer prefixes; a table that does not fit becomes one of dir24x8.ts.
//
// Costs: one load up to /24, two for hosts. Take it for batches over any table that is built once, with 32 MiB to spare.

import type { Ip4 } from '../ip.ts'
import { Arena } from './arena.ts'
import { BatchKernel } from './batch.ts'
import { checkBatch, checkValue } from './check.ts'
import { checkColumns4 } from './columns.ts'
import { Dir24x8 } from './dir24x8.ts'
import type { Batch, Columns4, Lookup4 } from './lpm.ts'
import { paint } from './stride4-build.ts'
import { LANES } from './wasm/lanes.ts'

const ROOT = 2 ** 24
const BLOCK = 0x8000
const MOST = 0x7fff
/** Half words behind the last block: the kernel reads whole words. */
const BEHIND = 32

/** Longest-prefix match with a root of 24 bits and one level of 8, two bytes a slot. */
export class Dir24x8Half implements Lookup4 {
  readonly structure = 'dir-24-8-half'
  readonly size: number
  readonly #arena: Arena
  #halves: Uint16Array
  #kernel: BatchKernel | undefined

  /** The table of the columns; a `Dir24x8` where two bytes a slot are too few. */
  static build(columns: Columns4): Lookup4 {
    checkColumns4(columns)
    const blocks = blocksOf(columns)
    if (blocks > MOST || columns.values.subarray(0, columns.count).some((value) => value >= MOST))
      return Dir24x8.build(columns)
    return new Dir24x8Half(columns, blocks)
  }

  private constructor(columns: Columns4, blocks: number) {
    const { count, addresses, lengths, values } = columns
    const used = ROOT + 256 * (blocks + 1) + BEHIND
    this.size = count
    this.#arena = new Arena(used / 2)
    const halves = new Uint16Array(this.#arena.buffer, 0, used)
    this.#halves = halves
    let last = 0
    // In order of address and then length, so whatever a prefix lies in is written before it.
    for (let i = 0; i < count; i++) {
      const address = addresses[i]!
      const length = lengths[i]!
      checkValue(values[i]!)
      const word = values[i]! + 1
      const slot = address >>> 8
      if (length <= 24) {
        paint(halves, word, slot, slot + 2 ** (24 - length))
        continue
      }
      if (halves[slot]! < BLOCK) {
        last++
        halves.fill(halves[slot]!, ROOT + 256 * last, ROOT + 256 * (last + 1))
        halves[slot] = BLOCK | last
      }
      const from = ROOT + 256 * last + (address & 255)
      paint(halves, word, from, from + 2 ** (32 - length))
    }
  }

  get bytes(): number {
    return this.#arena.bytes
  }

  lookup(address: Ip4): number {
    // Numbers stand here as such: a constant of the module is a variable in the bundle, which V8 reads at each lookup.
    const halves = this.#halves
    let word = halves[address >>> 8]!
    if (word > 0x7fff) word = halves[0x1000000 + ((word & 0x7fff) << 8) + (address & 255)]!
    return word - 1
  }

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    checkBatch(addresses, out, count, 1)
    const done = this.#batches().run(addresses, out, count)
    this.#renew()
    for (let i = done; i < count; i++) out[i] = this.lookup(addresses[i]!)
  }

  batch(count: number): Batch {
    const batch = this.#batches().batch(count)
    this.#renew()
    return batch
  }

  /** A new view where the arena has grown and the old one is detached, which is when it has no length. */
  #renew(): void {
    if (this.#halves.length === 0) this.#halves = new Uint16Array(this.#arena.buffer)
  }

  #batches(): BatchKernel {
    this.#kernel ??= new BatchKernel(this.#arena, 'dir24x8half', 1, LANES)
    return this.#kernel
  }
}

/** How many networks of length 24 hold longer prefixes. */
function blocksOf({ count, addresses, lengths }: Columns4): number {
  let blocks = 0
  let last = -1
  for (let i = 0; i < count; i++) {
    if (lengths[i]! <= 24 || addresses[i]! >>> 8 === last) continue
    last = addresses[i]! >>> 8
    blocks++
  }
  return blocks
}
