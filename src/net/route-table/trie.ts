// A path-compressed binary trie of either family: D. R. Morrison, "PATRICIA" (JACM 1968), in the form of K. Sklower's BSD
// radix tree ("A Tree-Based Packet Routing Table for Berkeley Unix", USENIX 1991). A node is a prefix; below it are the
// prefixes inside it, by their next bit; nodes without a value stand where two subtrees part.
//
//     node   | address: 4 words | length | value or none | child for bit 0 | child for bit 1 | owner |
//
// Nodes are objects, because snapshots share them: after a snapshot the table is a new owner, and a node that has another
// owner is copied before it changes, as R. Hickey's transients do for Clojure's persistent maps (2009). So a snapshot
// costs nothing when it is taken, whatever the size of the table.
//
// Costs: a lookup or an update visits a node for each fork on the way, about log2 of the size; about 160 to 190 bytes a
// prefix. Take it where snapshots are frequent, where covered prefixes are asked for, or for IPv6 tables with
// many lengths that change.

import { type Ip4, ip6 } from '../ip.ts'
import { checkPrefix4, checkPrefix6, checkValue } from './check.ts'
import type { Batch, Columns4, Columns6, Entry4, Entry6, Lpm4, Lpm6, View4, View6 } from './lpm.ts'
import { newBatch4, newBatch6, singly4, singly6 } from './singly.ts'
import { TrieNodes, type Visit } from './trie-nodes.ts'

/** IPv4 prefixes in a trie. */
export class Trie4 implements Lpm4 {
  readonly structure = 'trie'
  #nodes = new TrieNodes()

  /** The table of the columns. */
  static build({ count, addresses, lengths, values }: Columns4): Trie4 {
    const table = new Trie4()
    for (let i = 0; i < count; i++) table.insert(addresses[i]!, lengths[i]!, values[i]!)
    return table
  }

  get size(): number {
    return this.#nodes.size
  }

  get bytes(): number {
    return this.#nodes.bytes
  }

  lookup(address: Ip4): number {
    return this.#nodes.lookup(address, 0, 0, 0)
  }

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    singly4(this, addresses, out, count)
  }

  batch(count: number): Batch {
    return newBatch4(count)
  }

  exact(address: Ip4, length: number): number {
    checkPrefix4(address, length)
    return this.#nodes.exact(address, 0, 0, 0, length)
  }

  covering(address: Ip4): Entry4[] {
    return gather4((visit) => this.#nodes.covering(address, 0, 0, 0, visit)).reverse()
  }

  covered(address: Ip4, length: number): Entry4[] {
    checkPrefix4(address, length)
    return gather4((visit) => this.#nodes.covered(address, 0, 0, 0, length, visit))
  }

  walk(): Entry4[] {
    return this.covered(0, 0)
  }

  insert(address: Ip4, length: number, value: number): boolean {
    checkPrefix4(address, length)
    checkValue(value)
    return this.#nodes.insert(address, 0, 0, 0, length, value)
  }

  remove(address: Ip4, length: number): boolean {
    checkPrefix4(address, length)
    return this.#nodes.remove(address, 0, 0, 0, length)
  }

  snapshot(): View4 {
    const copy = new Trie4()
    copy.#nodes = this.#nodes.snapshot()
    return copy
  }
}

/** IPv6 prefixes in a trie. */
export class Trie6 implements Lpm6 {
  readonly structure = 'trie'
  #nodes = new TrieNodes()

  /** The table of the columns. */
  static build({ count, addresses, lengths, values }: Columns6): Trie6 {
    const table = new Trie6()
    for (let i = 0; i < count; i++) {
      const at = 4 * i
      const [w0, w1, w2, w3] = [addresses[at]!, addresses[at + 1]!, addresses[at + 2]!, addresses[at + 3]!]
      table.insert(w0, w1, w2, w3, lengths[i]!, values[i]!)
    }
    return table
  }

  get size(): number {
    return this.#nodes.size
  }

  get bytes(): number {
    return this.#nodes.bytes
  }

  lookup(w0: number, w1: number, w2: number, w3: number): number {
    return this.#nodes.lookup(w0, w1, w2, w3)
  }

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    singly6(this, addresses, out, count)
  }

  batch(count: number): Batch {
    return newBatch6(count)
  }

  exact(w0: number, w1: number, w2: number, w3: number, length: number): number {
    checkPrefix6(w0, w1, w2, w3, length)
    return this.#nodes.exact(w0, w1, w2, w3, length)
  }

  covering(w0: number, w1: number, w2: number, w3: number): Entry6[] {
    return gather6((visit) => this.#nodes.covering(w0, w1, w2, w3, visit)).reverse()
  }

  covered(w0: number, w1: number, w2: number, w3: number, length: number): Entry6[] {
    checkPrefix6(w0, w1, w2, w3, length)
    return gather6((visit) => this.#nodes.covered(w0, w1, w2, w3, length, visit))
  }

  walk(): Entry6[] {
    return this.covered(0, 0, 0, 0, 0)
  }

  insert(w0: number, w1: number, w2: number, w3: number, length: number, value: number): boolean {
    checkPrefix6(w0, w1, w2, w3, length)
    checkValue(value)
    return this.#nodes.insert(w0, w1, w2, w3, length, value)
  }

  remove(w0: number, w1: number, w2: number, w3: number, length: number): boolean {
    checkPrefix6(w0, w1, w2, w3, length)
    return this.#nodes.remove(w0, w1, w2, w3, length)
  }

  snapshot(): View6 {
    const copy = new Trie6()
    copy.#nodes = this.#nodes.snapshot()
    return copy
  }
}

function gather4(ask: (visit: Visit) => void): Entry4[] {
  const entries: Entry4[] = []
  ask((address, _1, _2, _3, length, value) => entries.push({ address, length, value }))
  return entries
}

function gather6(ask: (visit: Visit) => void): Entry6[] {
  const entries: Entry6[] = []
  ask((w0, w1, w2, w3, length, value) => entries.push({ address: ip6(w0, w1, w2, w3), length, value }))
  return entries
}
