// IPv4 by a flat root and blocks of equal stride below it: the machinery of dir-24-8 and all named stride-….
// Multibit tries with leaf pushing: Srinivasan and Varghese, "Fast Address Lookups Using Controlled Prefix Expansion"
// (SIGMETRICS 1998). Every slot is one word, and a lookup ends at the first that is no block:
//
//     block  | 1 | index of the block's first word: 31 |
//     leaf   | 0 | 0 | length + 1: 6 | value + 1: 24 |      the longest prefix here, with its own length
//     none   | 0                                       |
//
//     words: | 16, all 0 | root: 2^R | base: 2^R, R = 16 only | blocks of 2^stride words each … |
//
// The length in the leaf is what makes the table one that changes, and that needs almost nothing beside it: a prefix
// longer than the root that is the longest match of any address at all can be read off the leaves. Only those that
// longer ones hide completely are kept aside (`aside`), and all that fit the root.
//
// With `base`, slots in blocks that no prefix beyond the root covers are zero, and the answer is the base word of the
// root slot; a new default route then writes 65,536 words and not every block. Prefixes below the root are pushed down.

import type { Ip4 } from '../ip.ts'
import { maskOf4 } from '../prefix.ts'
import { checkPrefix4, checkValue } from './check.ts'
import { checkColumns4 } from './columns.ts'
import { LengthHash4 } from './length-hash4.ts'
import type { Columns4 } from './lpm.ts'
import { blockWord, endOfNetwork } from './stride4-build.ts'
import { StrideView4 } from './stride4-view.ts'
import { beyond, leaf, lengthOf, valueIn } from './stride4-word.ts'

/**
 * A table of root and blocks: everything but the lookup, which each structure writes out for its own strides, and how
 * blocks are written to (`write`), which is in place or by content.
 */
export abstract class Stride4 extends StrideView4 {
  /**
   * Writes `word` over the leaves from `least` to `end` in that part of a root slot, the one at index `at`, that lies in
   * `address/length`; makes blocks where there are none and gives back those in which nothing is left.
   */
  protected abstract write(
    at: number,
    address: Ip4,
    length: number,
    least: number,
    end: number,
    word: number,
  ): void

  insert(address: Ip4, length: number, value: number): boolean {
    checkPrefix4(address, length)
    checkValue(value)
    const fresh =
      length <= this.root
        ? this.#insertShort(address, length, value)
        : this.#insertLong(address, length, value)
    if (fresh) {
      this.prefixes++
      this.counts[length]!++
    }
    return fresh
  }

  remove(address: Ip4, length: number): boolean {
    checkPrefix4(address, length)
    const gone = length <= this.root ? this.#removeShort(address, length) : this.#removeLong(address, length)
    if (gone) {
      this.prefixes--
      this.counts[length]!--
    }
    return gone
  }

  /** The index of a block of these words. */
  protected abstract makeBlock(content: Int32Array): number

  /** Puts a word into an empty root slot. */
  protected setRoot(at: number, word: number): void {
    this.words[at] = word
  }

  /** Puts all entries of the columns into this table, which is empty. */
  protected fill(columns: Columns4): void {
    checkColumns4(columns)
    const { count, addresses, lengths, values } = columns
    const maker = { stride: this.stride, makeBlock: (content: Int32Array) => this.makeBlock(content) }
    const contents = Array.from({ length: 17 }, () => new Int32Array(1 << this.stride))
    for (let i = 0; i < count; i++) {
      if (lengths[i]! <= this.root) this.#insertShort(addresses[i]!, lengths[i]!, values[i]!)
      this.counts[lengths[i]!]!++
    }
    for (let i = 0; i < count; ) {
      if (lengths[i]! <= this.root) {
        i++
        continue
      }
      const end = endOfNetwork(columns, i, count, this.root)
      const at = this.rootAt + this.slotOf(addresses[i]!)
      const above = this.based ? 0 : this.words[at]!
      const word = blockWord(maker, columns, i, end, this.root, above, contents)
      this.words = this.arena.words
      this.setRoot(at, word)
      i = end
    }
    for (let i = 0; i + 1 < count; i++) {
      const [address, length] = [addresses[i]!, lengths[i]!]
      // Only a prefix with another one inside it can be hidden.
      if (length <= this.root || ((addresses[i + 1]! ^ address) & maskOf4(length)) !== 0) continue
      if (this.first(address, length, beyond(length)) < 0) this.#hide(address, length, values[i]!)
    }
    this.prefixes = count
  }

  /** Makes this table, over a copy of the other's arena, a copy of the other. */
  protected become(other: Stride4): void {
    this.aside = other.aside.map((hash) => hash?.copy())
    this.counts = other.counts.slice()
    this.prefixes = other.prefixes
  }

  // Prefixes that fit the root.

  #insertShort(address: Ip4, length: number, value: number): boolean {
    let hash = this.aside[length]
    if (hash === undefined) {
      hash = new LengthHash4(length)
      this.aside[length] = hash
    }
    const fresh = hash.set(address, value) < 0
    // A prefix that was there owns the leaves of its own length; a new one takes those of shorter prefixes.
    const least = fresh ? 0 : leaf(length, 0)
    this.#paintRoot(address, length, least, fresh ? leaf(length, 0) : beyond(length), leaf(length, value))
    return fresh
  }

  #removeShort(address: Ip4, length: number): boolean {
    if ((this.aside[length]?.remove(address) ?? -1) < 0) return false
    this.#paintRoot(address, length, leaf(length, 0), beyond(length), this.shortWord(address, length))
    return true
  }

  #paintRoot(address: Ip4, length: number, least: number, end: number, word: number): void {
    const { words } = this
    const roots = 2 ** this.root
    const first = this.rootAt + this.slotOf(address)
    const last = first + 2 ** (this.root - length)
    for (let at = first; at < last; at++) {
      const old = words[at]!
      if (old >= 0) {
        if (old >= least && old < end) words[at] = word
      } else if (!this.based) this.write(at, address, length, least, end, word)
      if (!this.based) continue
      const base = words[roots + at]!
      if (base >= least && base < end) words[roots + at] = word
    }
  }

  // Prefixes below the root.

  #insertLong(address: Ip4, length: number, value: number): boolean {
    const word = leaf(length, value)
    const at = this.rootAt + this.slotOf(address)
    const first = this.first(address, length, beyond(length))
    if (first < 0) return this.#hide(address, length, value)
    if (lengthOf(first) === length) {
      this.write(at, address, length, leaf(length, 0), beyond(length), word)
      return false
    }
    this.write(at, address, length, 0, leaf(length, 0), word)
    // What was there is the next shorter prefix. It may have lost its last address to this one.
    const parent = lengthOf(first)
    if (parent > this.root && !this.#isVisible(address, length, parent))
      this.#hide((address & maskOf4(parent)) >>> 0, parent, valueIn(first))
    return true
  }

  #removeLong(address: Ip4, length: number): boolean {
    const hidden = this.aside[length]
    if (hidden !== undefined && hidden.size > 0 && hidden.remove(address) >= 0) return true
    const first = this.first(address, length, beyond(length))
    if (first <= 0 || lengthOf(first) !== length) return false
    const word = this.based ? this.parentBelow(address, length) : this.parent(address, length)
    this.write(this.rootAt + this.slotOf(address), address, length, leaf(length, 0), beyond(length), word)
    const parent = lengthOf(word)
    if (parent > this.root) this.aside[parent]?.remove(address)
    return true
  }

  #hide(address: Ip4, length: number, value: number): boolean {
    let hash = this.aside[length]
    if (hash === undefined) {
      hash = new LengthHash4(length)
      this.aside[length] = hash
    }
    return hash.set(address, value) < 0
  }

  /** True when a prefix of length `parent` around `address/length` is the longest match of an address outside of that. */
  #isVisible(address: Ip4, length: number, parent: number): boolean {
    for (let shorter = length - 1; shorter >= parent; shorter--)
      if (this.first(this.#sibling(address, shorter + 1), shorter + 1, beyond(parent)) >= 0) return true
    return false
  }

  /** The other half of the prefix one bit shorter. */
  #sibling(address: Ip4, length: number): Ip4 {
    return ((address & maskOf4(length)) ^ (1 << (32 - length))) >>> 0
  }
}
