// The IPv4 prefixes of one length: open addressing with linear probing over two typed arrays, at most half full.
// Removal shifts the run back instead of leaving tombstones, so a table that changes for days stays as fast as new.
// The hash is Fibonacci hashing (Knuth, TAOCP 3, §6.4): it spreads keys that differ only in their high bits as well.

import type { Ip4 } from '../ip.ts'
import { maskOf4 } from '../prefix.ts'

const MULTIPLIER = 0x9e3779b1

/** A set of IPv4 prefixes of one length, each with an index (0 .. 2^32 - 2) that the owner gave it. */
export class LengthHash4 {
  readonly len: number
  readonly #mask: number
  #keys = new Uint32Array(4)
  // The index plus one; zero marks a free slot, because every 32-bit number can be a key.
  #marks = new Uint32Array(4)
  #shift = 30
  #size = 0

  /** An empty set of prefixes of length `len`, 0 to 32. */
  constructor(len: number) {
    this.len = len
    this.#mask = maskOf4(len)
  }

  /** How many prefixes are in. */
  get size(): number {
    return this.#size
  }

  /** The index of the prefix that holds the address, or -1. */
  find(ip: Ip4): number {
    return this.#marks[this.#slotOf((ip & this.#mask) >>> 0)]! - 1
  }

  /** Adds the prefix that holds the address; it must not be in yet. */
  insert(ip: Ip4, index: number): void {
    if (2 * (this.#size + 1) > this.#keys.length) this.#grow()
    this.#size++
    this.#put((ip & this.#mask) >>> 0, index + 1)
  }

  /** Takes out the prefix that holds the address and returns its index, or -1 when it was not in. */
  remove(ip: Ip4): number {
    const keys = this.#keys
    const marks = this.#marks
    const last = keys.length - 1
    let hole = this.#slotOf((ip & this.#mask) >>> 0)
    const index = marks[hole]! - 1
    if (index < 0) return -1
    this.#size--
    // An entry further along the run moves into the hole unless its home lies after the hole (Knuth's algorithm R).
    for (let at = (hole + 1) & last; marks[at] !== 0; at = (at + 1) & last) {
      const home = Math.imul(keys[at]!, MULTIPLIER) >>> this.#shift
      if (((at - home) & last) < ((at - hole) & last)) continue
      keys[hole] = keys[at]!
      marks[hole] = marks[at]!
      hole = at
    }
    marks[hole] = 0
    return index
  }

  /** Calls back for every prefix (its network address) and its index, in no particular order. */
  visit(each: (ip: Ip4, index: number) => void): void {
    for (const [slot, mark] of this.#marks.entries()) if (mark !== 0) each(this.#keys[slot]!, mark - 1)
  }

  /** The slot of a key, or the free slot where the search for it ends. */
  #slotOf(key: number): number {
    const keys = this.#keys
    const marks = this.#marks
    const last = keys.length - 1
    let slot = Math.imul(key, MULTIPLIER) >>> this.#shift
    while (marks[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & last
    return slot
  }

  #put(key: number, mark: number): void {
    const slot = this.#slotOf(key)
    this.#keys[slot] = key
    this.#marks[slot] = mark
  }

  #grow(): void {
    const keys = this.#keys
    const marks = this.#marks
    this.#keys = new Uint32Array(keys.length * 2)
    this.#marks = new Uint32Array(keys.length * 2)
    this.#shift--
    for (const [slot, mark] of marks.entries()) if (mark !== 0) this.#put(keys[slot]!, mark)
  }
}
