// IPv4 by a hash per prefix length that occurs, asked from the longest down: where Waldvogel, Varghese, Turner and
// Plattner, "Scalable High Speed IP Routing Lookups" (SIGCOMM 1997), start from.
//
//     /32  [ address | value ] [ address | value ] …
//     /24  [ address | value ] …                       one open-addressed array a length (length-hash4.ts)
//     /16  …
//
// Costs: a lookup is one probe for each length longer than the answer's; an update is one probe; 11 to 16 bytes a prefix.
// Take it where lengths are few, as in the plans of Kubernetes networks (/16, /24, /32), and for tables of a few dozen
// routes, because it has no fixed cost. A full Internet view has twenty lengths and wants another structure.

import type { Ip4 } from '../ip.ts'
import { maskOf4 } from '../prefix.ts'
import { checkPrefix4, checkValue } from './check.ts'
import { compareEntry4 } from './columns.ts'
import { LengthHash4 } from './length-hash4.ts'
import { type Batch, type Columns4, type Entry4, type Lpm4, NONE, type View4 } from './lpm.ts'
import { newBatch4, singly4 } from './singly.ts'

/** Longest-prefix match by a hash per present length. */
export class Hash4 implements Lpm4 {
  readonly structure = 'length-hash'
  /** Longest first. */
  readonly #hashes: LengthHash4[] = []
  #size = 0

  /** The table of the columns. */
  static build({ count, addresses, lengths, values }: Columns4): Hash4 {
    const table = new Hash4()
    const counts = new Uint32Array(33)
    for (let i = 0; i < count; i++) counts[lengths[i]!]!++
    for (let length = 32; length >= 0; length--)
      if (counts[length]! > 0) table.#hashes.push(new LengthHash4(length, counts[length]!))
    for (let i = 0; i < count; i++) table.insert(addresses[i]!, lengths[i]!, values[i]!)
    return table
  }

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#hashes.reduce((sum, hash) => sum + hash.bytes, 0)
  }

  lookup(address: Ip4): number {
    const hashes = this.#hashes
    for (let i = 0; i < hashes.length; i++) {
      const value = hashes[i]!.find(address)
      if (value >= 0) return value
    }
    return NONE
  }

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    singly4(this, addresses, out, count)
  }

  batch(count: number): Batch {
    return newBatch4(count)
  }

  exact(address: Ip4, length: number): number {
    checkPrefix4(address, length)
    return this.#hashes.find((hash) => hash.length === length)?.find(address) ?? NONE
  }

  covering(address: Ip4): Entry4[] {
    const entries: Entry4[] = []
    for (const { length, value } of this.#matches(address))
      entries.push({ address: (address & maskOf4(length)) >>> 0, length, value })
    return entries
  }

  covered(address: Ip4, length: number): Entry4[] {
    checkPrefix4(address, length)
    const mask = maskOf4(length)
    const entries: Entry4[] = []
    for (const hash of this.#hashes) {
      if (hash.length < length) break
      hash.visit((network, value) => {
        if (((network ^ address) & mask) === 0) entries.push({ address: network, length: hash.length, value })
      })
    }
    return entries.sort(compareEntry4)
  }

  walk(): Entry4[] {
    return this.covered(0, 0)
  }

  insert(address: Ip4, length: number, value: number): boolean {
    checkPrefix4(address, length)
    checkValue(value)
    const hashes = this.#hashes
    let at = 0
    while (at < hashes.length && hashes[at]!.length > length) at++
    if (at === hashes.length || hashes[at]!.length !== length) hashes.splice(at, 0, new LengthHash4(length))
    if (hashes[at]!.set(address, value) >= 0) return false
    this.#size++
    return true
  }

  remove(address: Ip4, length: number): boolean {
    checkPrefix4(address, length)
    const at = this.#hashes.findIndex((hash) => hash.length === length)
    if (at < 0 || this.#hashes[at]!.remove(address) < 0) return false
    if (this.#hashes[at]!.size === 0) this.#hashes.splice(at, 1)
    this.#size--
    return true
  }

  snapshot(): View4 {
    const copy = new Hash4()
    copy.#hashes.push(...this.#hashes.map((hash) => hash.copy()))
    copy.#size = this.#size
    return copy
  }

  *#matches(address: Ip4): Generator<{ length: number; value: number }> {
    for (const hash of this.#hashes) {
      const value = hash.find(address)
      if (value >= 0) yield { length: hash.length, value }
    }
  }
}
