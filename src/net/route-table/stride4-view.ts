// What can be asked of a table of root and blocks (stride4.ts), and its batches.

import type { Ip4 } from '../ip.ts'
import { maskOf4 } from '../prefix.ts'
import type { Arena } from './arena.ts'
import { BatchKernel } from './batch.ts'
import { checkBatch, checkPrefix4 } from './check.ts'
import { compareEntry4 } from './columns.ts'
import type { LengthHash4 } from './length-hash4.ts'
import { type Batch, type Entry4, NONE } from './lpm.ts'
import { newBatch4 } from './singly.ts'
import { beyond, INDEX, leaf, lengthOf, valueIn } from './stride4-word.ts'
import { LANES } from './wasm/lanes.ts'

/** Root and blocks, read. The lookup each structure writes out for its own strides. */
export abstract class StrideView4 {
  protected arena: Arena
  /** The arena's words, always current. */
  protected words: Int32Array
  /** Bits of the address that pick a root slot: 0, 16 or 24. */
  protected readonly root: number
  /** Bits that pick a slot in a block: 2, 4 or 8. */
  protected readonly stride: number
  /** Whether there are base words. */
  protected readonly based: boolean
  /** Index of the first root slot; the base words follow the root. */
  protected readonly rootAt: number
  /** By length: all prefixes up to the root's bits, and the longer ones that are no address's longest match. */
  protected aside: (LengthHash4 | undefined)[] = []
  /** How many prefixes of each length there are. */
  protected counts = new Uint32Array(33)
  protected prefixes = 0
  readonly #kernelName: string | undefined
  #kernel: BatchKernel | undefined

  /** An empty table with room for its root (and base) at `rootAt` of an arena; `kernel` runs its batches. */
  constructor(root: number, stride: number, arena: Arena, rootAt: number, kernel?: string) {
    this.root = root
    this.stride = stride
    this.based = root === 16
    this.arena = arena
    this.words = arena.words
    this.rootAt = rootAt
    this.#kernelName = kernel
  }

  get size(): number {
    return this.prefixes
  }

  get bytes(): number {
    return this.aside.reduce((sum, hash) => sum + (hash?.bytes ?? 0), this.arena.bytes)
  }

  abstract lookup(address: Ip4): number

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    checkBatch(addresses, out, count, 1)
    const done = this.#batches()?.run(addresses, out, count) ?? 0
    this.words = this.arena.words
    for (let i = done; i < count; i++) out[i] = this.lookup(addresses[i]!)
  }

  batch(count: number): Batch {
    const batch = this.#batches()?.batch(count) ?? newBatch4(count)
    this.words = this.arena.words
    return batch
  }

  exact(address: Ip4, length: number): number {
    checkPrefix4(address, length)
    const aside = this.aside[length]?.find(address) ?? NONE
    if (aside >= 0 || length <= this.root) return aside
    const word = this.first(address, length, beyond(length))
    return lengthOf(word) === length && word > 0 ? valueIn(word) : NONE
  }

  covering(address: Ip4): Entry4[] {
    const entries: Entry4[] = []
    let word = this.#wordOf(address)
    while (word !== 0) {
      const length = lengthOf(word)
      entries.push({ address: (address & maskOf4(length)) >>> 0, length, value: valueIn(word) })
      word = this.parent(address, length)
    }
    return entries
  }

  covered(address: Ip4, length: number): Entry4[] {
    checkPrefix4(address, length)
    const entries: Entry4[] = []
    const mask = maskOf4(length)
    for (const hash of this.aside) {
      if (hash === undefined || hash.length < length) continue
      hash.visit((network, value) => {
        if (((network ^ address) & mask) === 0) entries.push({ address: network, length: hash.length, value })
      })
    }
    const first = this.slotOf(address)
    const last = this.slotOf((address | ~mask) >>> 0)
    for (let slot = first; slot <= last; slot++) {
      const word = this.words[this.rootAt + slot]!
      const from = (slot * 2 ** (32 - this.root)) >>> 0
      if (word < 0) this.#collect(word & INDEX, from, this.root, address, length, entries)
    }
    entries.sort(compareEntry4)
    return entries.filter((entry, i) => i === 0 || compareEntry4(entries[i - 1]!, entry) !== 0)
  }

  walk(): Entry4[] {
    return this.covered(0, 0)
  }

  /** Which root slot an address falls into. */
  protected slotOf(address: Ip4): number {
    return this.root === 0 ? 0 : address >>> (32 - this.root)
  }

  /** The first leaf below `end` among the slots of a prefix, or -1. A leaf above those slots speaks for all of them. */
  protected first(address: Ip4, length: number, end: number): number {
    const { words } = this
    const { stride } = this
    let at = this.rootAt + this.slotOf(address)
    let bits = this.root
    while (bits < length) {
      const word = words[at]!
      if (word >= 0) return word < end ? word : -1
      bits += stride
      at = (word & INDEX) + ((address >>> (32 - bits)) & ((1 << stride) - 1))
    }
    return this.#firstOf(at, 1 << (bits - length), end)
  }

  #firstOf(at: number, count: number, end: number): number {
    const { words } = this
    for (let i = at; i < at + count; i++) {
      const word = words[i]!
      if (word >= 0) {
        if (word < end) return word
      } else {
        const below = this.#firstOf(word & INDEX, 1 << this.stride, end)
        if (below >= 0) return below
      }
    }
    return -1
  }

  /** The word that answers an address. */
  #wordOf(address: Ip4): number {
    const word = this.first(address, 32, beyond(32))
    return word === 0 && this.based ? this.words[this.rootAt + 2 ** this.root + this.slotOf(address)]! : word
  }

  /** The leaf of the longest prefix that holds the address and is shorter than `length`, or 0. */
  protected parent(address: Ip4, length: number): number {
    const below = length > this.root ? this.parentBelow(address, length) : 0
    return below !== 0 ? below : this.shortWord(address, length)
  }

  /**
   * As `#parent`, for a prefix that is there and lies below the root; 0 where only the root knows. An address around it
   * whose longest match is short enough answers for all lengths from there on, because that match holds the prefix
   * too. Where longer prefixes fill a whole network, its own prefix can only be a hidden one.
   */
  protected parentBelow(address: Ip4, length: number): number {
    for (let shorter = length - 1; shorter > this.root; shorter--) {
      if (this.counts[shorter] === 0) continue
      const value = this.aside[shorter]?.find(address) ?? NONE
      if (value >= 0) return leaf(shorter, value)
      const word = this.first((address & maskOf4(shorter)) >>> 0, shorter, beyond(shorter))
      if (word >= 0) return word
    }
    return 0
  }

  /** The leaf of the longest prefix shorter than `length`, among those that fit the root. */
  protected shortWord(address: Ip4, length: number): number {
    for (let shorter = Math.min(length - 1, this.root); shorter >= 0; shorter--) {
      const value = this.aside[shorter]?.find(address) ?? NONE
      if (value >= 0) return leaf(shorter, value)
    }
    return 0
  }

  /** Adds the prefixes below the root that the leaves of a block tell of and that lie within `address/length`. */
  #collect(block: number, from: Ip4, above: number, address: Ip4, length: number, entries: Entry4[]): void {
    const bits = above + this.stride
    const mask = maskOf4(length)
    for (let i = 0; i < 1 << this.stride; i++) {
      const here = (from | (i << (32 - bits))) >>> 0
      const word = this.words[block + i]!
      if (word < 0) this.#collect(word & INDEX, here, bits, address, length, entries)
      else {
        const own = lengthOf(word)
        if (own <= this.root || own < length || ((here ^ address) & mask) !== 0) continue
        const network = (here & maskOf4(own)) >>> 0
        const last = entries.at(-1)
        if (last !== undefined && last.length === own && last.address === network) continue
        entries.push({ address: network, length: own, value: valueIn(word) })
      }
    }
  }

  #batches(): BatchKernel | undefined {
    if (this.#kernelName !== undefined)
      this.#kernel ??= new BatchKernel(this.arena, this.#kernelName, 1, LANES)
    return this.#kernel
  }
}
