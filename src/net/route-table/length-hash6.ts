// The IPv6 prefixes of one length: the same open addressing as length-hash4.ts with keys of four lanes side by side.
// The lanes are masked in registers and never made an object, so a lookup allocates nothing.

import { type Ip6, ip6 } from '../ip.ts'
import { laneMask } from '../prefix.ts'

/** A set of IPv6 prefixes of one length, each with an index (0 .. 2^32 - 2) that the owner gave it. */
export class LengthHash6 {
  readonly len: number
  readonly #m0: number
  readonly #m1: number
  readonly #m2: number
  readonly #m3: number
  #keys = new Uint32Array(4 * 4)
  // The index plus one; zero marks a free slot.
  #marks = new Uint32Array(4)
  #shift = 30
  #size = 0

  /** An empty set of prefixes of length `len`, 0 to 128. */
  constructor(len: number) {
    this.len = len
    this.#m0 = laneMask(len, 0)
    this.#m1 = laneMask(len, 1)
    this.#m2 = laneMask(len, 2)
    this.#m3 = laneMask(len, 3)
  }

  /** How many prefixes are in. */
  get size(): number {
    return this.#size
  }

  /** The index of the prefix that holds the address, or -1. */
  find(ip: Ip6): number {
    return this.#marks[this.#slotOfIp(ip)]! - 1
  }

  /** Adds the prefix that holds the address; it must not be in yet. */
  insert(ip: Ip6, index: number): void {
    if (2 * (this.#size + 1) > this.#marks.length) this.#grow()
    this.#size++
    const slot = this.#slotOfIp(ip)
    const keys = this.#keys
    keys[4 * slot] = ip.w0 & this.#m0
    keys[4 * slot + 1] = ip.w1 & this.#m1
    keys[4 * slot + 2] = ip.w2 & this.#m2
    keys[4 * slot + 3] = ip.w3 & this.#m3
    this.#marks[slot] = index + 1
  }

  /** Takes out the prefix that holds the address and returns its index, or -1 when it was not in. */
  remove(ip: Ip6): number {
    const keys = this.#keys
    const marks = this.#marks
    const last = marks.length - 1
    let hole = this.#slotOfIp(ip)
    const index = marks[hole]! - 1
    if (index < 0) return -1
    this.#size--
    // As in length-hash4.ts: move back what does not have its home after the hole.
    for (let at = (hole + 1) & last; marks[at] !== 0; at = (at + 1) & last) {
      const home = hashOfSlot(keys, at) >>> this.#shift
      if (((at - home) & last) < ((at - hole) & last)) continue
      keys.copyWithin(4 * hole, 4 * at, 4 * at + 4)
      marks[hole] = marks[at]!
      hole = at
    }
    marks[hole] = 0
    return index
  }

  /** Calls back for every prefix (its network address) and its index, in no particular order. */
  visit(each: (ip: Ip6, index: number) => void): void {
    const keys = this.#keys
    for (const [slot, mark] of this.#marks.entries()) {
      if (mark === 0) continue
      const at = 4 * slot
      each(ip6(keys[at]!, keys[at + 1]!, keys[at + 2]!, keys[at + 3]!), mark - 1)
    }
  }

  /** The slot of the prefix that holds an address, or the free slot where the search for it ends. */
  #slotOfIp(ip: Ip6): number {
    return this.#slotOf(
      (ip.w0 & this.#m0) >>> 0,
      (ip.w1 & this.#m1) >>> 0,
      (ip.w2 & this.#m2) >>> 0,
      (ip.w3 & this.#m3) >>> 0,
    )
  }

  #slotOf(w0: number, w1: number, w2: number, w3: number): number {
    const keys = this.#keys
    const marks = this.#marks
    const last = marks.length - 1
    let slot = hashOf(w0, w1, w2, w3) >>> this.#shift
    for (; marks[slot] !== 0; slot = (slot + 1) & last) {
      const at = 4 * slot
      if (keys[at + 3] === w3 && keys[at + 2] === w2 && keys[at + 1] === w1 && keys[at] === w0) break
    }
    return slot
  }

  #grow(): void {
    const keys = this.#keys
    const marks = this.#marks
    this.#keys = new Uint32Array(keys.length * 2)
    this.#marks = new Uint32Array(marks.length * 2)
    this.#shift--
    for (const [from, mark] of marks.entries()) {
      if (mark === 0) continue
      const at = 4 * from
      const slot = this.#slotOf(keys[at]!, keys[at + 1]!, keys[at + 2]!, keys[at + 3]!)
      this.#keys.set(keys.subarray(at, at + 4), 4 * slot)
      this.#marks[slot] = mark
    }
  }
}

/** Four lanes to 32 bits whose high end is well mixed; the shifts between bring high bits of a lane down again. */
function hashOf(w0: number, w1: number, w2: number, w3: number): number {
  let h = Math.imul(w0 ^ 0x2545f491, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15) ^ w1, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 15) ^ w2, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 15) ^ w3, 0x9e3779b1)
  return h
}

function hashOfSlot(keys: Uint32Array, slot: number): number {
  const at = 4 * slot
  return hashOf(keys[at]!, keys[at + 1]!, keys[at + 2]!, keys[at + 3]!)
}
