// The IPv4 prefixes of one length: open addressing with linear probing. A slot is two words side by side, so that a
// probe touches one cache line:
//
//     | network address: 32 | mark: 32 |      mark = value + 1; 0 = free slot; -1 = moved to the new array or removed
//
// Removal shifts the run back instead of leaving tombstones, so a table that changes for days stays as fast as new.
// While a large hash grows (hash-size.ts) there are two arrays: what is not in the new one may be in the old one.
// The hash is Fibonacci hashing (Knuth, TAOCP 3, §6.4): it spreads keys that differ only in their high bits as well.

import type { Ip4 } from '../ip.ts'
import { maskOf4 } from '../prefix.ts'
import { LEAST_SIZE, nextSize, STEP, STEPWISE, sizeFor } from './hash-size.ts'

const MULTIPLIER = 0x9e3779b1
const MOVED = -1

/** A set of IPv4 prefixes of one length, each with a value of 0 to 2^31 - 2. */
export class LengthHash4 {
  readonly length: number
  readonly #mask: number
  #slots: Int32Array
  #capacity: number
  #factor: number
  #shift: number
  #limit: number
  #size = 0
  // The array that is being left, and how far moving has come.
  #old: LengthHash4 | undefined
  #moved = 0

  /** An empty set of prefixes of a length, 0 to 32, with room for `expected` of them. */
  constructor(length: number, expected = 0) {
    this.length = length
    this.#mask = maskOf4(length) | 0
    const size = expected === 0 ? LEAST_SIZE : sizeFor(expected)
    this.#slots = new Int32Array(2 * size.capacity)
    this.#capacity = size.capacity
    this.#factor = size.q
    this.#shift = 24 - size.k
    this.#limit = size.limit
  }

  /** How many prefixes are in. */
  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#slots.byteLength + (this.#old === undefined ? 0 : this.#old.bytes)
  }

  /** The value of the prefix that holds the address, or -1. */
  find(address: Ip4): number {
    // MULTIPLIER as a number: a constant of the module is a variable in the bundle, which V8 reads at each lookup.
    const slots = this.#slots
    const key = address & this.#mask
    let at = Math.imul(Math.imul(key, 0x9e3779b1) >>> 8, this.#factor) >>> this.#shift
    for (;;) {
      const mark = slots[2 * at + 1]!
      if (mark === 0) break
      if (slots[2 * at] === key && mark > 0) return mark - 1
      if (++at === this.#capacity) at = 0
    }
    return this.#old === undefined ? -1 : this.#old.find(address)
  }

  /** Sets the value of the prefix that holds the address; returns the value before, or -1. */
  set(address: Ip4, value: number): number {
    const key = address & this.#mask
    const slot = this.#slotOf(key)
    if (this.#slots[2 * slot + 1] !== 0) {
      const before = this.#slots[2 * slot + 1]! - 1
      this.#slots[2 * slot + 1] = value + 1
      return before
    }
    const before = this.#old === undefined ? -1 : this.#old.#bury(key)
    if (before >= 0) this.#size--
    this.#add(key, value + 1)
    return before
  }

  /** Takes out the prefix that holds the address and returns its value, or -1 when it was not in. */
  remove(address: Ip4): number {
    const slots = this.#slots
    const key = address & this.#mask
    let hole = this.#slotOf(key)
    let value = slots[2 * hole + 1]! - 1
    if (value < 0) {
      value = this.#old === undefined ? -1 : this.#old.#bury(key)
      if (value >= 0) this.#size--
      return value
    }
    this.#size--
    // An entry further along the run moves into the hole unless its home lies after the hole (Knuth's algorithm R).
    for (let at = this.#after(hole); slots[2 * at + 1] !== 0; at = this.#after(at)) {
      const home = this.#homeOf(slots[2 * at]!)
      if (this.#distance(home, at) < this.#distance(hole, at)) continue
      slots[2 * hole] = slots[2 * at]!
      slots[2 * hole + 1] = slots[2 * at + 1]!
      hole = at
    }
    slots[2 * hole + 1] = 0
    return value
  }

  /** Calls back for every prefix (its network address) and its value, in no particular order. */
  visit(each: (address: Ip4, value: number) => void): void {
    const slots = this.#slots
    for (let at = 0; at < slots.length; at += 2) {
      if (slots[at + 1]! > 0) each(slots[at]! >>> 0, slots[at + 1]! - 1)
    }
    this.#old?.visit(each)
  }

  /** A set of the same prefixes that shares nothing with this one. */
  copy(): LengthHash4 {
    const copy = new LengthHash4(this.length)
    copy.#slots = this.#slots.slice()
    copy.#capacity = this.#capacity
    copy.#factor = this.#factor
    copy.#shift = this.#shift
    copy.#limit = this.#limit
    copy.#size = this.#size
    copy.#old = this.#old?.copy()
    copy.#moved = this.#moved
    return copy
  }

  #add(key: number, mark: number): void {
    if (this.#size >= this.#limit) this.#grow()
    if (this.#old !== undefined) this.#move(STEP)
    this.#size++
    this.#put(key, mark)
  }

  #put(key: number, mark: number): void {
    const slot = this.#slotOf(key)
    this.#slots[2 * slot] = key
    this.#slots[2 * slot + 1] = mark
  }

  /** Takes an entry out of an array that is being left, where holes must not break a run. */
  #bury(key: number): number {
    const slots = this.#slots
    for (let at = this.#homeOf(key); slots[2 * at + 1] !== 0; at = this.#after(at)) {
      if (slots[2 * at] !== key || slots[2 * at + 1] === MOVED) continue
      const value = slots[2 * at + 1]! - 1
      slots[2 * at + 1] = MOVED
      return value
    }
    return -1
  }

  #grow(): void {
    if (this.#old !== undefined) this.#move(this.#old.#capacity)
    const old = new LengthHash4(this.length)
    old.#slots = this.#slots
    old.#capacity = this.#capacity
    old.#factor = this.#factor
    old.#shift = this.#shift
    const size = nextSize({ q: this.#factor, k: 24 - this.#shift, capacity: this.#capacity, limit: 0 })
    this.#slots = new Int32Array(2 * size.capacity)
    this.#capacity = size.capacity
    this.#factor = size.q
    this.#shift = 24 - size.k
    this.#limit = size.limit
    this.#old = old
    this.#moved = 0
    if (old.#capacity < STEPWISE) this.#move(old.#capacity)
  }

  /** Moves what lies in the next `count` slots of the old array. */
  #move(count: number): void {
    const old = this.#old!.#slots
    const end = Math.min(old.length, this.#moved + 2 * count)
    for (let at = this.#moved; at < end; at += 2) {
      const mark = old[at + 1]!
      if (mark <= 0) continue
      old[at + 1] = MOVED
      this.#put(old[at]!, mark)
    }
    this.#moved = end
    if (end === old.length) this.#old = undefined
  }

  #homeOf(key: number): number {
    return Math.imul(Math.imul(key, MULTIPLIER) >>> 8, this.#factor) >>> this.#shift
  }

  #after(at: number): number {
    return at + 1 === this.#capacity ? 0 : at + 1
  }

  /** How many slots `to` lies after `from`, around the end. */
  #distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#capacity
  }

  /** The slot of a key in the new array, or the free slot where the search for it ends. */
  #slotOf(key: number): number {
    const slots = this.#slots
    let at = this.#homeOf(key)
    while (slots[2 * at + 1] !== 0 && slots[2 * at] !== key) at = this.#after(at)
    return at
  }
}
