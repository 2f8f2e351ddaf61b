// IPv6 in levels of 16 and then 8 bits, leaves pushed down: what stride16x8.ts is for IPv4, and what DPDK's rte_fib6 is
// with a first level of 24 bits (Gupta, Lin and McKeown, "Routing Lookups in Hardware at Memory Access Speeds", INFOCOM
// 1998; Srinivasan and Varghese, "Fast Address Lookups Using Controlled Prefix Expansion", TOCS 1999).
//
//     address   | 16 bits: root slot | 8 bits | 8 bits | … up to 14 times
//     root      65,536 words (256 KiB)
//     block     256 words (1 KiB) for each /16, /24, /32, … with longer prefixes
//     word      | 0 | length: 7 | value: 24 |     the answer below this slot; 0 = none
//               | 1 | index of a block: 31 |
//
// A leaf knows its length, so that an insertion leaves alone what is longer. What comes back when a prefix goes, and what
// the prefixes are, is asked of a hash by length beside the blocks, as rte_fib6 keeps an rte_rib6. Seven bits hold 1 to
// 127: a /128 counts as 127 and ::/0 as 1, and where that would be the length of another (::/0 and a /1, a /127 and a
// /128) the shorter one is written half by half, only into halves that are no prefix themselves.
//
// Costs: a load for each 8 bits of the answer's length beyond 16; an update writes the slots of its prefix, those of
// blocks below included: microseconds, for ::/0 all of the table. In an Internet table there is a block or more a prefix:
// 1.2 to 2 KiB a prefix. Take it for Internet tables that change, where memory does not count; not for hosts, which are
// 15 levels down. What is built once is faster and fifty times smaller as dxr6.

import { Arena } from './arena.ts'
import { BatchKernel } from './batch.ts'
import { checkBatch } from './check.ts'
import { checkColumns6 } from './columns.ts'
import { Hash6 } from './hash6.ts'
import { type Batch, type Columns6, type Entry6, type Lpm6, NONE, type View6 } from './lpm.ts'
import { LANES6 } from './wasm/lanes.ts'

const BLOCK = 0x80000000 | 0
const INDEX = 0x7fffffff
const VALUE = 0xffffff
const ROOT_BITS = 16
const STRIDE = 8
const WIDTH = 2 ** STRIDE
/** Levels below the root. */
const LEVELS = (128 - ROOT_BITS) / STRIDE

/** The length a leaf keeps. */
function kept(length: number): number {
  return Math.min(Math.max(length, 1), 127)
}

function leaf(length: number, value: number): number {
  return (kept(length) << 24) | value
}

/** Longest-prefix match with a root of 16 bits and levels of 8. */
export class Stride6 implements Lpm6 {
  readonly structure = 'stride-16-8'
  readonly #arena: Arena
  readonly #known: Hash6
  #words: Int32Array
  /** The first free block, each holding the index of the next; 0 at the end. */
  #free = 0
  #kernel: BatchKernel | undefined
  /** The slots on the way to the one that was written last. */
  readonly #path = new Int32Array(LEVELS + 1)

  /** An empty table, or one over the prefixes and the arena of another. */
  constructor(known = new Hash6(), arena = new Arena(2 ** ROOT_BITS)) {
    this.#known = known
    this.#arena = arena
    this.#words = arena.words
  }

  /** The table of the columns. */
  static build(columns: Columns6): Stride6 {
    checkColumns6(columns)
    const table = new Stride6(Hash6.build(columns))
    const { count, addresses, lengths, values } = columns
    for (let i = 0; i < count; i++) {
      const at = 4 * i
      const length = lengths[i]!
      const [w0, w1, w2, w3] = [addresses[at]!, addresses[at + 1]!, addresses[at + 2]!, addresses[at + 3]!]
      table.#replace(w0, w1, w2, w3, length, 0, leaf(length, values[i]!))
    }
    return table
  }

  get size(): number {
    return this.#known.size
  }

  get bytes(): number {
    return this.#arena.bytes + this.#known.bytes
  }

  lookup(w0: number, w1: number, w2: number, w3: number): number {
    const words = this.#words
    let word = words[w0 >>> 16]!
    if (word < 0) {
      word = words[(word & INDEX) + ((w0 >>> 8) & 255)]!
      if (word < 0) {
        word = words[(word & INDEX) + (w0 & 255)]!
        if (word < 0) {
          word = words[(word & INDEX) + (w1 >>> 24)]!
          if (word < 0) {
            word = words[(word & INDEX) + ((w1 >>> 16) & 255)]!
            if (word < 0) word = this.#below48(word, w1 | 0, w2 | 0, w3 | 0)
          }
        }
      }
    }
    return word === 0 ? NONE : word & VALUE
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

  exact(w0: number, w1: number, w2: number, w3: number, length: number): number {
    return this.#known.exact(w0, w1, w2, w3, length)
  }

  covering(w0: number, w1: number, w2: number, w3: number): Entry6[] {
    return this.#known.covering(w0, w1, w2, w3)
  }

  covered(w0: number, w1: number, w2: number, w3: number, length: number): Entry6[] {
    return this.#known.covered(w0, w1, w2, w3, length)
  }

  walk(): Entry6[] {
    return this.#known.walk()
  }

  insert(w0: number, w1: number, w2: number, w3: number, length: number, value: number): boolean {
    const isNew = this.#known.insert(w0, w1, w2, w3, length, value)
    this.#replace(w0, w1, w2, w3, length, 0, leaf(length, value))
    return isNew
  }

  remove(w0: number, w1: number, w2: number, w3: number, length: number): boolean {
    if (!this.#known.remove(w0, w1, w2, w3, length)) return false
    const shorter = this.#known.longestBelow(w0, w1, w2, w3, length)
    const word = shorter === undefined ? 0 : leaf(shorter.length, shorter.value)
    this.#replace(w0, w1, w2, w3, length, kept(length), word)
    return true
  }

  snapshot(): View6 {
    const copy = new Stride6(this.#known.snapshot(), this.#arena.copy())
    copy.#free = this.#free
    return copy
  }

  #below48(block: number, w1: number, w2: number, w3: number): number {
    const words = this.#words
    let word = words[(block & INDEX) + ((w1 >>> 8) & 255)]!
    if (word < 0) word = words[(word & INDEX) + (w1 & 255)]!
    for (let shift = 24; word < 0 && shift >= 0; shift -= 8)
      word = words[(word & INDEX) + ((w2 >>> shift) & 255)]!
    for (let shift = 24; word < 0; shift -= 8) word = words[(word & INDEX) + ((w3 >>> shift) & 255)]!
    return word
  }

  #batches(): BatchKernel {
    this.#kernel ??= new BatchKernel(this.#arena, 'stride6', 4, LANES6)
    return this.#kernel
  }

  /** Writes a word wherever a prefix decides: over its own leaves and those of shorter ones from length `least` on. */
  #replace(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    length: number,
    least: number,
    word: number,
  ): void {
    const known = this.#known
    if (length === 0) {
      for (const half of [0, 0x80000000])
        if (known.exact(half, 0, 0, 0, 1) === NONE) this.#write(half, 0, 0, 0, 1, least, word)
    } else if (length === 127) {
      for (const half of [w3, w3 + 1])
        if (known.exact(w0, w1, w2, half, 128) === NONE) this.#write(w0, w1, w2, half, 128, least, word)
    } else this.#write(w0, w1, w2, w3, length, least, word)
  }

  #write(w0: number, w1: number, w2: number, w3: number, length: number, least: number, word: number): void {
    const path = this.#path
    let slot = w0 >>> 16
    let level = 0
    let bits = ROOT_BITS
    for (; bits < length; bits += STRIDE) {
      path[level++] = slot
      let block = this.#words[slot]!
      if (block >= 0) {
        block = this.#newBlock(block) | BLOCK
        this.#words[slot] = block
      }
      const lane = bits < 32 ? w0 : bits < 64 ? w1 : bits < 96 ? w2 : w3
      slot = (block & INDEX) + ((lane >>> (24 - (bits & 31))) & (WIDTH - 1))
    }
    this.#paint(slot, 1 << (bits - length), least << 24, (kept(length) + 1) * 2 ** 24, word)
    // A word of a prefix above the block can only have come from a removal.
    this.#collapse(level, bits, word)
  }

  /** Writes a word over the leaves from `least` to before `end` in some slots and the blocks below them. */
  #paint(from: number, count: number, least: number, end: number, word: number): void {
    const words = this.#words
    for (let i = from; i < from + count; i++) {
      const old = words[i]!
      if (old < 0) this.#paint(old & INDEX, WIDTH, least, end, word)
      else if (old >= least && old < end) words[i] = word
    }
  }

  /** Gives back the blocks on the path in which nothing is left but the word of a shorter prefix, or none. */
  #collapse(levels: number, depth: number, word: number): void {
    const words = this.#words
    let bits = depth - STRIDE
    for (let level = levels - 1; level >= 0 && word >>> 24 <= bits; level--, bits -= STRIDE) {
      const at = this.#path[level]!
      const block = words[at]! & INDEX
      for (let i = block; i < block + WIDTH; i++) if (words[i] !== word) return
      words[at] = word
      words[block] = this.#free
      this.#free = block
    }
  }

  #newBlock(word: number): number {
    let block = this.#free
    if (block !== 0) this.#free = this.#words[block]!
    else {
      block = this.#arena.allocate(WIDTH)
      this.#words = this.#arena.words
    }
    this.#words.fill(word, block, block + WIDTH)
    return block
  }
}
