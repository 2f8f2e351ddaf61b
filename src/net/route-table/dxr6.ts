// IPv6 as ranges, searched lane by lane: DXR (Zec, Rizzo and Mikuc, "DXR: Towards a Billion Routing Lookups per Second in
// Software", CCR 2012) carried over to four lanes of 32 bits. Prefixes become ranges that start where the answer
// changes. The first sixteen bits pick a slice of the first lane's ranges; what has prefixes beyond a lane leads to the
// ranges of the next lane below one point. Built once.
//
//     root    65,536 words, by the first sixteen bits
//     word    | 0 | value + 1: 31 |                        an answer; 0 = none
//             | 1 | next | spread | index: 29 |            a node, for the next lane if `next`
//     table   | n | start 1 … start n-1 | word 0 … n-1 |   the last start not beyond the lane decides; n is 2 to 48
//     spread  | shift | 256 words |                        by eight bits of the lane: where a table would be long
//
// Starts are kept with their highest bit flipped, so that signed comparison orders them.
// Costs: a load for the root, then for each lane a few nodes and at most six steps of search; 20 to 40 bytes a prefix.
// Take it for tables like the Internet's, which hashes by length are bad at because they have thirty lengths.

import { Arena } from './arena.ts'
import { BatchKernel } from './batch.ts'
import { checkBatch } from './check.ts'
import { checkColumns6 } from './columns.ts'
import type { Batch, Columns6, Lookup6 } from './lpm.ts'

const NODE = 0x80000000 | 0
const NEXT = 0x40000000
const SPREAD = 0x20000000
const INDEX = 0x1fffffff
const SIGN = 0x80000000 | 0

/** Ranges that a table holds at most; more are spread over 256 slots. */
const TABLE_MOST = 48
const ROOT_BITS = 16
const SPREAD_BITS = 8

/** The answers of one lane: from `starts[i]` on the answer is `words[i]`; the first start is 0. */
interface Ranges {
  readonly starts: number[]
  readonly words: number[]
}

/** Longest-prefix match over IPv6 ranges. */
export class Dxr6 implements Lookup6 {
  readonly structure = 'dxr6'
  readonly size: number
  readonly #arena = new Arena(2 ** ROOT_BITS)
  readonly #columns: Columns6 | undefined
  #words: Int32Array
  #kernel: BatchKernel | undefined

  private constructor(columns: Columns6) {
    checkColumns6(columns)
    this.size = columns.count
    this.#columns = columns
    const ranges = this.#rangesOf(0, 0, columns.count, 0)
    this.#words = this.#arena.words
    let at = 0
    for (let slice = 0; slice < 2 ** ROOT_BITS; slice++) {
      const base = slice * 2 ** (32 - ROOT_BITS)
      while (at + 1 < ranges.starts.length && ranges.starts[at + 1]! <= base) at++
      const word = this.#encode(ranges, at, base, 32 - ROOT_BITS)
      this.#arena.words[slice] = word
    }
    this.#words = this.#arena.words
    this.#columns = undefined
  }

  /** The table of the columns. */
  static build(columns: Columns6): Dxr6 {
    return new Dxr6(columns)
  }

  get bytes(): number {
    return this.#arena.bytes
  }

  lookup(w0: number, w1: number, w2: number, w3: number): number {
    const words = this.#words
    let word = words[w0 >>> (32 - ROOT_BITS)]!
    let lane = w0
    let next = 1
    while (word < 0) {
      if ((word & NEXT) !== 0) {
        lane = next === 1 ? w1 : next === 2 ? w2 : w3
        next++
      }
      const at = word & INDEX
      if ((word & SPREAD) !== 0) {
        word = words[at + 1 + ((lane >>> words[at]!) & 255)]!
        continue
      }
      const count = words[at]!
      const flipped = lane ^ SIGN
      let start = at
      let left = count
      while (left > 1) {
        const half = left >>> 1
        if (words[start + half]! <= flipped) start += half
        left -= half
      }
      word = words[start + count]!
    }
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
    this.#kernel ??= new BatchKernel(this.#arena, 'dxr6', 4, 1)
    return this.#kernel
  }

  /** The ranges of a lane for the entries from `from` to `to`, which agree in the lanes before and reach into this one. */
  #rangesOf(lane: number, from: number, to: number, inherited: number): Ranges {
    const { addresses, lengths, values } = this.#columns!
    const ranges: Ranges = { starts: [0], words: [inherited] }
    // The prefixes that hold the point the sweep has come to, the longest last.
    const ends: number[] = []
    const open: number[] = [inherited]
    const close = (before: number): void => {
      while (ends.length > 0 && ends.at(-1)! < before) {
        const end = ends.pop()!
        open.pop()
        if (end < 0xffffffff) emit(ranges, end + 1, open.at(-1)!)
      }
    }
    for (let i = from; i < to; ) {
      const start = addresses[4 * i + lane]!
      close(start)
      const length = lengths[i]! - 32 * lane
      if (length <= 32) {
        const word = values[i]! + 1
        ends.push(start + 2 ** (32 - Math.max(0, length)) - 1)
        open.push(word)
        emit(ranges, start, word)
        i++
        continue
      }
      let end = i + 1
      while (end < to && addresses[4 * end + lane] === start && lengths[end]! - 32 * lane > 32) end++
      const below = this.#rangesOf(lane + 1, i, end, open.at(-1)!)
      const word = this.#encode(below, 0, 0, 32)
      // Prefixes that answer as what holds them leave one answer and no node.
      emit(ranges, start, word < 0 ? word | NEXT : word)
      if (start < 0xffffffff) emit(ranges, start + 1, open.at(-1)!)
      i = end
    }
    close(2 ** 32)
    return ranges
  }

  /** The word for the 2^bits points from `base` on, of which `at` is the range that holds the first. */
  #encode({ starts, words }: Ranges, at: number, base: number, bits: number): number {
    const end = base + 2 ** bits
    let to = at + 1
    while (to < starts.length && starts[to]! < end) to++
    const count = to - at
    if (count === 1) return words[at]!
    if (count > TABLE_MOST && bits >= SPREAD_BITS) {
      const index = this.#arena.allocate(1 + 2 ** SPREAD_BITS)
      const shift = bits - SPREAD_BITS
      this.#arena.words[index] = shift
      for (let slot = 0; slot < 2 ** SPREAD_BITS; slot++) {
        const from = base + slot * 2 ** shift
        while (at + 1 < starts.length && starts[at + 1]! <= from) at++
        const word = this.#encode({ starts, words }, at, from, shift)
        this.#arena.words[index + 1 + slot] = word
      }
      return NODE | SPREAD | index
    }
    const index = this.#arena.allocateTight(2 * count)
    const table = this.#arena.words
    table[index] = count
    for (let i = 1; i < count; i++) table[index + i] = starts[at + i]! ^ SIGN
    for (let i = 0; i < count; i++) table[index + count + i] = words[at + i]!
    return NODE | index
  }
}

/** Adds a range; one at the same start gives way, one with the same answer as before it goes on. */
function emit({ starts, words }: Ranges, start: number, word: number): void {
  if (starts.at(-1) === start) {
    starts.pop()
    words.pop()
  }
  if (words.length > 0 && words.at(-1) === word) return
  starts.push(start)
  words.push(word)
}
