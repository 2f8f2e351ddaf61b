// The IPv6 prefixes of one length: the hash of length-hash4.ts with keys of one to four lanes. Only the lanes that the
// length reaches into are kept, so a /48 or /64 takes three words a slot and only a /97 and longer takes five:
//
//     | mark: 32 | w0: 32 | w1: 32 | (w2: 32) | (w3: 32) |
//
// The lanes are masked in registers and never made an object, so a lookup allocates nothing.

import { laneMask } from '../prefix.ts'
import { LEAST_SIZE, nextSize, STEP, STEPWISE, sizeFor } from './hash-size.ts'

const MOVED = -1

/** A set of IPv6 prefixes of one length, each with a value of 0 to 2^31 - 2. */
export class LengthHash6 {
  readonly length: number
  readonly #m0: number
  readonly #m1: number
  readonly #m2: number
  readonly #m3: number
  readonly #lanes: number
  #slots: Int32Array
  #capacity: number
  #factor: number
  #shift: number
  #limit: number
  #size = 0
  // The array that is being left, and how far moving has come.
  #old: LengthHash6 | undefined
  #moved = 0

  /** An empty set of prefixes of a length, 0 to 128, with room for `expected` of them. */
  constructor(length: number, expected = 0) {
    this.length = length
    this.#m0 = laneMask(length, 0) | 0
    this.#m1 = laneMask(length, 1) | 0
    this.#m2 = laneMask(length, 2) | 0
    this.#m3 = laneMask(length, 3) | 0
    this.#lanes = Math.max(1, Math.ceil(length / 32))
    const size = expected === 0 ? LEAST_SIZE : sizeFor(expected)
    this.#slots = new Int32Array((this.#lanes + 1) * size.capacity)
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
  find(w0: number, w1: number, w2: number, w3: number): number {
    const slots = this.#slots
    const lanes = this.#lanes
    const k0 = w0 & this.#m0
    const k1 = w1 & this.#m1
    const k2 = w2 & this.#m2
    const k3 = w3 & this.#m3
    let slot = Math.imul(hash6(k0, k1, k2, k3) >>> 8, this.#factor) >>> this.#shift
    for (;;) {
      const at = (lanes + 1) * slot
      const mark = slots[at]!
      if (mark === 0) break
      // The lane that differs most comes first: the last one.
      if (
        slots[at + lanes] === (lanes === 4 ? k3 : lanes === 2 ? k1 : lanes === 3 ? k2 : k0) &&
        (lanes < 2 || slots[at + 1] === k0) &&
        (lanes < 3 || slots[at + 2] === k1) &&
        (lanes < 4 || slots[at + 3] === k2) &&
        mark > 0
      )
        return mark - 1
      if (++slot === this.#capacity) slot = 0
    }
    return this.#old === undefined ? -1 : this.#old.find(w0, w1, w2, w3)
  }

  /** Sets the value of the prefix that holds the address; returns the value before, or -1. */
  set(w0: number, w1: number, w2: number, w3: number, value: number): number {
    const at = (this.#lanes + 1) * this.#slotOf(w0 & this.#m0, w1 & this.#m1, w2 & this.#m2, w3 & this.#m3)
    if (this.#slots[at] !== 0) {
      const before = this.#slots[at]! - 1
      this.#slots[at] = value + 1
      return before
    }
    const before = this.#old === undefined ? -1 : this.#old.#bury(w0, w1, w2, w3)
    if (before >= 0) this.#size--
    if (this.#size >= this.#limit) this.#grow()
    if (this.#old !== undefined) this.#move(STEP)
    this.#size++
    this.#put(w0 & this.#m0, w1 & this.#m1, w2 & this.#m2, w3 & this.#m3, value + 1)
    return before
  }

  /** Takes out the prefix that holds the address and returns its value, or -1 when it was not in. */
  remove(w0: number, w1: number, w2: number, w3: number): number {
    const slots = this.#slots
    const step = this.#lanes + 1
    let hole = this.#slotOf(w0 & this.#m0, w1 & this.#m1, w2 & this.#m2, w3 & this.#m3)
    let value = slots[step * hole]! - 1
    if (value < 0) {
      value = this.#old === undefined ? -1 : this.#old.#bury(w0, w1, w2, w3)
      if (value >= 0) this.#size--
      return value
    }
    this.#size--
    // As in length-hash4.ts: move back what does not have its home after the hole.
    for (let at = this.#after(hole); slots[step * at] !== 0; at = this.#after(at)) {
      const home = this.#homeOfSlot(at)
      if (this.#distance(home, at) < this.#distance(hole, at)) continue
      slots.copyWithin(step * hole, step * at, step * at + step)
      hole = at
    }
    slots[step * hole] = 0
    return value
  }

  /** Calls back for every prefix (its network address) and its value, in no particular order. */
  visit(each: (w0: number, w1: number, w2: number, w3: number, value: number) => void): void {
    const lanes = this.#lanes
    const slots = this.#slots
    for (let at = 0; at < slots.length; at += lanes + 1) {
      if (slots[at]! <= 0) continue
      const lane = (i: number): number => (i <= lanes ? slots[at + i]! >>> 0 : 0)
      each(lane(1), lane(2), lane(3), lane(4), slots[at]! - 1)
    }
    this.#old?.visit(each)
  }

  /** A set of the same prefixes that shares nothing with this one. */
  copy(): LengthHash6 {
    const copy = new LengthHash6(this.length)
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

  #put(k0: number, k1: number, k2: number, k3: number, mark: number): void {
    const lanes = this.#lanes
    const slots = this.#slots
    const at = (lanes + 1) * this.#slotOf(k0, k1, k2, k3)
    slots[at] = mark
    slots[at + 1] = k0
    if (lanes > 1) slots[at + 2] = k1
    if (lanes > 2) slots[at + 3] = k2
    if (lanes > 3) slots[at + 4] = k3
  }

  /** Takes an entry out of an array that is being left, where holes must not break a run. */
  #bury(w0: number, w1: number, w2: number, w3: number): number {
    const at = (this.#lanes + 1) * this.#slotOf(w0 & this.#m0, w1 & this.#m1, w2 & this.#m2, w3 & this.#m3)
    const mark = this.#slots[at]!
    if (mark <= 0) return -1
    this.#slots[at] = MOVED
    return mark - 1
  }

  #grow(): void {
    if (this.#old !== undefined) this.#move(this.#old.#capacity)
    const old = new LengthHash6(this.length)
    old.#slots = this.#slots
    old.#capacity = this.#capacity
    old.#factor = this.#factor
    old.#shift = this.#shift
    const size = nextSize({ q: this.#factor, k: 24 - this.#shift, capacity: this.#capacity, limit: 0 })
    this.#slots = new Int32Array((this.#lanes + 1) * size.capacity)
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
    const lanes = this.#lanes
    const end = Math.min(old.length, this.#moved + (lanes + 1) * count)
    for (let at = this.#moved; at < end; at += lanes + 1) {
      const mark = old[at]!
      if (mark <= 0) continue
      old[at] = MOVED
      this.#put(
        old[at + 1]!,
        lanes > 1 ? old[at + 2]! : 0,
        lanes > 2 ? old[at + 3]! : 0,
        lanes > 3 ? old[at + 4]! : 0,
        mark,
      )
    }
    this.#moved = end
    if (end === old.length) this.#old = undefined
  }

  #homeOfSlot(slot: number): number {
    const lanes = this.#lanes
    const slots = this.#slots
    const at = (lanes + 1) * slot
    const h = hash6(
      slots[at + 1]!,
      lanes > 1 ? slots[at + 2]! : 0,
      lanes > 2 ? slots[at + 3]! : 0,
      lanes > 3 ? slots[at + 4]! : 0,
    )
    return Math.imul(h >>> 8, this.#factor) >>> this.#shift
  }

  #after(at: number): number {
    return at + 1 === this.#capacity ? 0 : at + 1
  }

  /** How many slots `to` lies after `from`, around the end. */
  #distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#capacity
  }

  /** The slot of a masked key in the new array, or the free slot where the search for it ends. */
  #slotOf(k0: number, k1: number, k2: number, k3: number): number {
    const slots = this.#slots
    const lanes = this.#lanes
    let slot = Math.imul(hash6(k0, k1, k2, k3) >>> 8, this.#factor) >>> this.#shift
    for (; ; slot = this.#after(slot)) {
      const at = (lanes + 1) * slot
      if (slots[at] === 0) return slot
      if (
        slots[at + 1] === k0 &&
        (lanes < 2 || slots[at + 2] === k1) &&
        (lanes < 3 || slots[at + 3] === k2) &&
        (lanes < 4 || slots[at + 4] === k3)
      )
        return slot
    }
  }
}

/**
 * Four lanes to 32 bits whose high end is well mixed. The four products do not wait for each other, which matters more
 * than their number; the shift brings high bits of the lanes down before the last product spreads them again.
 */
export function hash6(w0: number, w1: number, w2: number, w3: number): number {
  const sum =
    (Math.imul(w0, 0x9e3779b1) +
      Math.imul(w1, 0x85ebca6b) +
      Math.imul(w2, 0xc2b2ae35) +
      Math.imul(w3, 0x27d4eb2f)) |
    0
  return Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d)
}
