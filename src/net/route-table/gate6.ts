// A filter before the hashes of an IPv6 table (B. Bloom, CACM 1970, with one hash function): a bit for every network of
// one length, `length`, at most 64, that any prefix at least that long lies in. An address whose bit is not set matches none of
// them, and one probe has said so; without it, what matches nothing is asked of every hash and costs the most of all.
//
//     bits:  | 32 bits | 32 bits | …      bit number = high bits of the hash of the address masked to `length`
//
// Eight to sixteen bits and more a network, so that at most one stray address in eight gets through to the hashes.
// Removals leave their bits behind; the owner makes a new gate when too many have gathered.

import { laneMask } from '../prefix.ts'
import { hash2 } from './length-hash6.ts'

const ROOM = 16

/** Which networks of one length have prefixes in them. */
export class Gate6 {
  readonly length: number
  // Which bit is whose is for `Hash6.lookup` to find out.
  readonly m0: number
  readonly m1: number
  readonly shift: number
  readonly bits: Int32Array
  #set = 0

  /** A gate for networks of a length, with room for `expected` of them. */
  constructor(length: number, expected: number) {
    this.length = length
    this.m0 = laneMask(length, 0) | 0
    this.m1 = laneMask(length, 1) | 0
    const exponent = Math.min(30, Math.max(9, Math.ceil(Math.log2(ROOM * Math.max(1, expected)))))
    this.shift = 32 - exponent
    this.bits = new Int32Array(2 ** (exponent - 5))
  }

  get bytes(): number {
    return this.bits.byteLength
  }

  /** True when so many bits are set that the gate lets too much through. */
  get crowded(): boolean {
    return this.#set * ROOM > 2 * this.bits.length * 32
  }

  /** Lets in the network that holds the address. */
  add(w0: number, w1: number): void {
    const h = hash2(w0 & this.m0, w1 & this.m1) >>> this.shift
    const bit = 1 << (h & 31)
    if ((this.bits[h >>> 5]! & bit) === 0) this.#set++
    this.bits[h >>> 5]! |= bit
  }
}
