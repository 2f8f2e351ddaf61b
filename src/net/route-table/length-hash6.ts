// The IPv6 prefixes of one length: the hash of length-hash4.ts with keys of two or four lanes. Only the half of the address
// that the length reaches into is kept, so up to /64 a slot takes three words, and five beyond:
//
//     | w0: 32 | w1: 32 | (w2: 32 | w3: 32) | value + 1: 32 |      0: free
//
// The lanes are masked in registers and never made an object, so a lookup allocates nothing; they are compared all at
// once, so that a key costs one branch. Hashes that fit into a second-level cache are a quarter full at most: a key
// that is not in its first slot costs a mispredicted branch, which is as long as the rest of the lookup.

import { laneMask } from '../prefix.ts'
import { type HashSize, LEAST_SIZE, nextSize, STEP, STEPWISE } from './hash-size.ts'

const MOVED = -1
/** Slots up to which a hash is at most a quarter full, by lanes: half a second-level cache for hosts, a few pages else. */
const SPARSE: Readonly<Record<number, number>> = { 2: 1 << 12, 4: 1 << 16 }

/** A set of IPv6 prefixes of one length, each with a value of 0 to 2^31 - 2. */
export class LengthHash6 {
  readonly length: number
  readonly #m0: number
  readonly #m1: number
  readonly #m2: number
  readonly #m3: number
  readonly #lanes: number
  #capacity: number
  // What `Hash6.lookup` reads: methods would not fit into what V8 puts in the place of calls.
  slots: Int32Array
  factor: number
  shift: number
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
    this.#lanes = length <= 64 ? 2 : 4
    let size = LEAST_SIZE
    while (limitOf(size, this.#lanes) < expected) size = nextSize(size, SPARSE[this.#lanes])
    this.slots = new Int32Array((this.#lanes + 1) * size.capacity)
    this.#capacity = size.capacity
    this.factor = size.q
    this.shift = 24 - size.k
    this.#limit = limitOf(size, this.#lanes)
  }

  /** How many prefixes are in. */
  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.slots.byteLength + (this.#old === undefined ? 0 : this.#old.bytes)
  }

  /** The value of the prefix that holds the address, or -1. */
  find(w0: number, w1: number, w2: number, w3: number): number {
    return LengthHash6.findFirst([this], 0, -1, w0, w1, w2, w3)
  }

  /**
   * What the first of several hashes answers, those before `from` left out, or -1. Where the first is of hosts, its slot
   * at `seen` is known not to hold the address; -1 where nothing is known. All in one function, which V8 finds too large
   * to put in the place of its calls (460 bytes of bytecode): with it, `Hash6.lookup` would be too large for that.
   */
  static findFirst(
    hashes: readonly LengthHash6[],
    from: number,
    seen: number,
    w0: number,
    w1: number,
    w2: number,
    w3: number,
  ): number {
    let i = from
    const hosts = hashes[0]
    if (i === 0 && seen >= 0 && hosts !== undefined && hosts.length === 128 && hosts.#old === undefined) {
      const { slots } = hosts
      for (let at = seen; slots[at + 4] !== 0; ) {
        at += 5
        if (at === slots.length) at = 0
        const mark = slots[at + 4]!
        const differs =
          (slots[at]! ^ w0) | (slots[at + 1]! ^ w1) | (slots[at + 2]! ^ w2) | (slots[at + 3]! ^ w3)
        if (differs === 0 && mark > 0) return mark - 1
      }
      i = 1
    }
    for (; i < hashes.length; i++) {
      let hash: LengthHash6 | undefined = hashes[i]!
      const k0 = w0 & hash.#m0
      const k1 = w1 & hash.#m1
      if (hash.#lanes === 2) {
        const home = hash2(k0, k1) >>> 8
        do {
          const { slots } = hash
          let at = 3 * (Math.imul(home, hash.factor) >>> hash.shift)
          for (let mark = slots[at + 2]!; mark !== 0; mark = slots[at + 2]!) {
            if (((slots[at]! ^ k0) | (slots[at + 1]! ^ k1)) === 0 && mark > 0) return mark - 1
            at += 3
            if (at === slots.length) at = 0
          }
          hash = hash.#old
        } while (hash !== undefined)
        continue
      }
      const k2 = w2 & hash.#m2
      const k3 = w3 & hash.#m3
      const home = hash6(k0, k1, k2, k3) >>> 8
      do {
        const { slots } = hash
        let at = 5 * (Math.imul(home, hash.factor) >>> hash.shift)
        for (let mark = slots[at + 4]!; mark !== 0; mark = slots[at + 4]!) {
          const differs =
            (slots[at]! ^ k0) | (slots[at + 1]! ^ k1) | (slots[at + 2]! ^ k2) | (slots[at + 3]! ^ k3)
          if (differs === 0 && mark > 0) return mark - 1
          at += 5
          if (at === slots.length) at = 0
        }
        hash = hash.#old
      } while (hash !== undefined)
    }
    return -1
  }

  /** Sets the value of the prefix that holds the address; returns the value before, or -1. */
  set(w0: number, w1: number, w2: number, w3: number, value: number): number {
    const at = this.#markOf(this.#slotOf(w0 & this.#m0, w1 & this.#m1, w2 & this.#m2, w3 & this.#m3))
    if (this.slots[at] !== 0) {
      const before = this.slots[at]! - 1
      this.slots[at] = value + 1
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
    const slots = this.slots
    const step = this.#lanes + 1
    let hole = this.#slotOf(w0 & this.#m0, w1 & this.#m1, w2 & this.#m2, w3 & this.#m3)
    let value = slots[this.#markOf(hole)]! - 1
    if (value < 0) {
      value = this.#old === undefined ? -1 : this.#old.#bury(w0, w1, w2, w3)
      if (value >= 0) this.#size--
      return value
    }
    this.#size--
    // As in length-hash4.ts: move back what does not have its home after the hole.
    for (let at = this.#after(hole); slots[this.#markOf(at)] !== 0; at = this.#after(at)) {
      const home = this.#homeOfSlot(at)
      if (this.#distance(home, at) < this.#distance(hole, at)) continue
      slots.copyWithin(step * hole, step * at, step * at + step)
      hole = at
    }
    slots.fill(0, step * hole, step * hole + step)
    return value
  }

  /** Calls back for every prefix (its network address) and its value, in no particular order. */
  visit(each: (w0: number, w1: number, w2: number, w3: number, value: number) => void): void {
    const lanes = this.#lanes
    const slots = this.slots
    for (let at = 0; at < slots.length; at += lanes + 1) {
      const mark = slots[at + lanes]!
      if (mark <= 0) continue
      const lane = (i: number): number => (i < lanes ? slots[at + i]! >>> 0 : 0)
      each(lane(0), lane(1), lane(2), lane(3), mark - 1)
    }
    this.#old?.visit(each)
  }

  /** A set of the same prefixes that shares nothing with this one. */
  copy(): LengthHash6 {
    const copy = new LengthHash6(this.length)
    copy.slots = this.slots.slice()
    copy.#capacity = this.#capacity
    copy.factor = this.factor
    copy.shift = this.shift
    copy.#limit = this.#limit
    copy.#size = this.#size
    copy.#old = this.#old?.copy()
    copy.#moved = this.#moved
    return copy
  }

  #put(k0: number, k1: number, k2: number, k3: number, mark: number): void {
    const lanes = this.#lanes
    const slots = this.slots
    const at = (lanes + 1) * this.#slotOf(k0, k1, k2, k3)
    slots[at] = k0
    slots[at + 1] = k1
    if (lanes > 2) {
      slots[at + 2] = k2
      slots[at + 3] = k3
    }
    slots[at + lanes] = mark
  }

  /** Takes an entry out of an array that is being left, where holes must not break a run. */
  #bury(w0: number, w1: number, w2: number, w3: number): number {
    const at = this.#markOf(this.#slotOf(w0 & this.#m0, w1 & this.#m1, w2 & this.#m2, w3 & this.#m3))
    const mark = this.slots[at]!
    if (mark <= 0) return -1
    this.slots[at] = MOVED
    return mark - 1
  }

  #grow(): void {
    if (this.#old !== undefined) this.#move(this.#old.#capacity)
    const old = new LengthHash6(this.length)
    old.slots = this.slots
    old.#capacity = this.#capacity
    old.factor = this.factor
    old.shift = this.shift
    const size = nextSize(
      { q: this.factor, k: 24 - this.shift, capacity: this.#capacity, limit: 0 },
      SPARSE[this.#lanes],
    )
    this.slots = new Int32Array((this.#lanes + 1) * size.capacity)
    this.#capacity = size.capacity
    this.factor = size.q
    this.shift = 24 - size.k
    this.#limit = limitOf(size, this.#lanes)
    this.#old = old
    this.#moved = 0
    if (old.#capacity < STEPWISE) this.#move(old.#capacity)
  }

  /** Moves what lies in the next `count` slots of the old array. */
  #move(count: number): void {
    const old = this.#old!.slots
    const lanes = this.#lanes
    const end = Math.min(old.length, this.#moved + (lanes + 1) * count)
    for (let at = this.#moved; at < end; at += lanes + 1) {
      const mark = old[at + lanes]!
      if (mark <= 0) continue
      old[at + lanes] = MOVED
      this.#put(old[at]!, old[at + 1]!, lanes > 2 ? old[at + 2]! : 0, lanes > 2 ? old[at + 3]! : 0, mark)
    }
    this.#moved = end
    if (end === old.length) this.#old = undefined
  }

  #homeOfSlot(slot: number): number {
    const lanes = this.#lanes
    const slots = this.slots
    const at = (lanes + 1) * slot
    const h = hash6(
      slots[at]!,
      slots[at + 1]!,
      lanes > 2 ? slots[at + 2]! : 0,
      lanes > 2 ? slots[at + 3]! : 0,
    )
    return Math.imul(h >>> 8, this.factor) >>> this.shift
  }

  /** Where the mark of a slot stands. */
  #markOf(slot: number): number {
    return (this.#lanes + 1) * slot + this.#lanes
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
    const slots = this.slots
    const lanes = this.#lanes
    let slot = Math.imul(hash6(k0, k1, k2, k3) >>> 8, this.factor) >>> this.shift
    for (; ; slot = this.#after(slot)) {
      const at = (lanes + 1) * slot
      if (slots[at + lanes] === 0) return slot
      if (slots[at] !== k0 || slots[at + 1] !== k1) continue
      if (lanes === 2 || (slots[at + 2] === k2 && slots[at + 3] === k3)) return slot
    }
  }
}

/** How many entries a hash of a size takes before it has to grow. */
function limitOf({ capacity }: HashSize, lanes: number): number {
  return Math.floor(capacity * (capacity < SPARSE[lanes]! ? 0.25 : 0.75))
}

/** As `hash6` where the last two lanes are zero. */
export function hash2(w0: number, w1: number): number {
  const sum = (Math.imul(w0, 0x9e3779b1) + Math.imul(w1, 0x85ebca6b)) | 0
  return Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d)
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
