// A list of prefixes that is searched from end to end: the structure with nothing to go wrong, which the others are held
// against. RFC 1812 §5.2.4.3 says what a longest match is; this is that sentence as a loop.
//
//     [ address, length, value ], [ address, length, value ], …       in no order
//
// Costs: every operation looks at every entry. Take it to check another structure, or for a handful of routes.

import { type Ip4, ip6 } from '../ip.ts'
import { contains } from '../prefix.ts'
import { checkPrefix4, checkPrefix6, checkValue } from './check.ts'
import { compareEntry4, compareEntry6 } from './columns.ts'
import {
  type Batch,
  type Columns4,
  type Columns6,
  type Entry4,
  type Entry6,
  type Lpm4,
  type Lpm6,
  NONE,
} from './lpm.ts'
import { newBatch4, newBatch6, singly4, singly6 } from './singly.ts'

/** Bytes of an entry: its object and its place in the list. */
const ENTRY_BYTES = 48

/** IPv4 prefixes in a list. */
export class List4 implements Lpm4 {
  readonly structure = 'list'
  #entries: Entry4[] = []

  /** The table of the columns. */
  static build({ count, addresses, lengths, values }: Columns4): List4 {
    const table = new List4()
    for (let i = 0; i < count; i++)
      table.#entries.push({ address: addresses[i]!, length: lengths[i]!, value: values[i]! })
    return table
  }

  get size(): number {
    return this.#entries.length
  }

  get bytes(): number {
    return ENTRY_BYTES * this.#entries.length
  }

  lookup(address: Ip4): number {
    return this.covering(address)[0]?.value ?? NONE
  }

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    singly4(this, addresses, out, count)
  }

  batch(count: number): Batch {
    return newBatch4(count)
  }

  exact(address: Ip4, length: number): number {
    checkPrefix4(address, length)
    return this.#entries[this.#indexOf(address, length)]?.value ?? NONE
  }

  covering(address: Ip4): Entry4[] {
    return this.#entries
      .filter((entry) => contains({ ip: entry.address, len: entry.length }, address))
      .sort((a, b) => b.length - a.length)
  }

  covered(address: Ip4, length: number): Entry4[] {
    checkPrefix4(address, length)
    const outer = { ip: address, len: length }
    return this.walk().filter((entry) => entry.length >= length && contains(outer, entry.address))
  }

  walk(): Entry4[] {
    return [...this.#entries].sort(compareEntry4)
  }

  insert(address: Ip4, length: number, value: number): boolean {
    checkPrefix4(address, length)
    checkValue(value)
    const at = this.#indexOf(address, length)
    this.#entries[at < 0 ? this.#entries.length : at] = { address, length, value }
    return at < 0
  }

  remove(address: Ip4, length: number): boolean {
    checkPrefix4(address, length)
    const at = this.#indexOf(address, length)
    if (at >= 0) this.#entries.splice(at, 1)
    return at >= 0
  }

  snapshot(): List4 {
    const copy = new List4()
    copy.#entries = [...this.#entries]
    return copy
  }

  #indexOf(address: Ip4, length: number): number {
    return this.#entries.findIndex((entry) => entry.address === address && entry.length === length)
  }
}

/** IPv6 prefixes in a list. */
export class List6 implements Lpm6 {
  readonly structure = 'list'
  #entries: Entry6[] = []

  /** The table of the columns. */
  static build({ count, addresses, lengths, values }: Columns6): List6 {
    const table = new List6()
    for (let i = 0; i < count; i++) {
      const [w0, w1, w2, w3] = addresses.subarray(4 * i, 4 * i + 4) as unknown as [
        number,
        number,
        number,
        number,
      ]
      table.#entries.push({ address: ip6(w0, w1, w2, w3), length: lengths[i]!, value: values[i]! })
    }
    return table
  }

  get size(): number {
    return this.#entries.length
  }

  get bytes(): number {
    return 2 * ENTRY_BYTES * this.#entries.length
  }

  lookup(w0: number, w1: number, w2: number, w3: number): number {
    return this.covering(w0, w1, w2, w3)[0]?.value ?? NONE
  }

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    singly6(this, addresses, out, count)
  }

  batch(count: number): Batch {
    return newBatch6(count)
  }

  exact(w0: number, w1: number, w2: number, w3: number, length: number): number {
    checkPrefix6(w0, w1, w2, w3, length)
    return this.#entries[this.#indexOf(w0, w1, w2, w3, length)]?.value ?? NONE
  }

  covering(w0: number, w1: number, w2: number, w3: number): Entry6[] {
    const address = ip6(w0, w1, w2, w3)
    return this.#entries
      .filter((entry) => contains({ ip: entry.address, len: entry.length }, address))
      .sort((a, b) => b.length - a.length)
  }

  covered(w0: number, w1: number, w2: number, w3: number, length: number): Entry6[] {
    checkPrefix6(w0, w1, w2, w3, length)
    const outer = { ip: ip6(w0, w1, w2, w3), len: length }
    return this.walk().filter((entry) => entry.length >= length && contains(outer, entry.address))
  }

  walk(): Entry6[] {
    return [...this.#entries].sort(compareEntry6)
  }

  insert(w0: number, w1: number, w2: number, w3: number, length: number, value: number): boolean {
    checkPrefix6(w0, w1, w2, w3, length)
    checkValue(value)
    const at = this.#indexOf(w0, w1, w2, w3, length)
    this.#entries[at < 0 ? this.#entries.length : at] = { address: ip6(w0, w1, w2, w3), length, value }
    return at < 0
  }

  remove(w0: number, w1: number, w2: number, w3: number, length: number): boolean {
    checkPrefix6(w0, w1, w2, w3, length)
    const at = this.#indexOf(w0, w1, w2, w3, length)
    if (at >= 0) this.#entries.splice(at, 1)
    return at >= 0
  }

  snapshot(): List6 {
    const copy = new List6()
    copy.#entries = [...this.#entries]
    return copy
  }

  #indexOf(w0: number, w1: number, w2: number, w3: number, length: number): number {
    return this.#entries.findIndex(
      ({ address, length: own }) =>
        own === length && address.w3 === w3 && address.w2 === w2 && address.w1 === w1 && address.w0 === w0,
    )
  }
}
