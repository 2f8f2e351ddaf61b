// IPv6 by a hash per prefix length that occurs, asked from the longest down (see hash4.ts), with a gate (gate6.ts).
//
//     /128    [ w0 | w1 | w2 | w3 | value ] …           first the one slot where a host should be: most matches end here
//     gate    1 bit per /48 that anything lies in       an address that misses here has its answer
//     /128    the slots after that one
//     /64     [ w0 | w1 | value ] …                     one open-addressed array a length (length-hash6.ts)
//     /48     [ w0 | w1 | value ] …
//
// The gate stands at the shortest length from /16 on, or at /64; what is shorter (a default route) is asked after it.
// An address that matches nothing meets two branches, a host that is in its first slot one: all of them go the same way
// each time. Costs: the slot, the gate and one probe for each length longer than the answer's; an update is two probes;
// 22 to 34 bytes a prefix from 50,000 on, up to 140 below. A new gate after as many removals as there are prefixes, or
// with twice as many networks, costs a walk.
// Take it for the plans of Kubernetes networks (/48, /64, /128), where it beats every trie.

import { ip6 } from '../ip.ts'
import { laneMask } from '../prefix.ts'
import { checkPrefix6, checkValue } from './check.ts'
import { compareEntry6 } from './columns.ts'
import { Gate6 } from './gate6.ts'
import { hash2, hash6, LengthHash6 } from './length-hash6.ts'
import { type Batch, type Columns6, type Entry6, type Lpm6, NONE } from './lpm.ts'
import { newBatch6, singly6 } from './singly.ts'

/** The shortest length a gate is worth: shorter networks cover too much to keep anything out. */
const GATE_LENGTH = 16
/** The longest: beyond, the gate would have to hash four lanes. */
const GATE_LONGEST = 64
/** Asked first where there are no hosts. */
const NO_HOSTS = new LengthHash6(128)

/** Longest-prefix match by a hash per present length. */
export class Hash6 implements Lpm6 {
  readonly structure = 'length-hash'
  /** Longest first. */
  readonly #hashes: LengthHash6[] = []
  /** How many of the hashes stand behind the gate. */
  #gated = 0
  #gate = new Gate6(GATE_LONGEST, 0)
  // What `lookup` reads of the hash of hosts and of the gate, kept here because each object on the way costs it a tenth.
  #slots = NO_HOSTS.slots
  #factor = NO_HOSTS.factor
  #shift = NO_HOSTS.shift
  #bits = this.#gate.bits
  #m0 = 0
  #m1 = 0
  #gateShift = this.#gate.shift
  #allGated = true
  /** Removals since the gate was made. */
  #stale = 0
  #size = 0

  /** The table of the columns. */
  static build({ count, addresses, lengths, values }: Columns6): Hash6 {
    const table = new Hash6()
    const counts = new Uint32Array(129)
    for (let i = 0; i < count; i++) counts[lengths[i]!]!++
    for (let length = 128; length >= 0; length--)
      if (counts[length]! > 0) table.#hashes.push(new LengthHash6(length, counts[length]!))
    table.#lengthsChanged()
    for (let i = 0; i < count; i++) {
      const at = 4 * i
      table.insert(
        addresses[at]!,
        addresses[at + 1]!,
        addresses[at + 2]!,
        addresses[at + 3]!,
        lengths[i]!,
        values[i]!,
      )
    }
    return table
  }

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#hashes.reduce((sum, hash) => sum + hash.bytes, this.#gate.bytes)
  }

  lookup(w0: number, w1: number, w2: number, w3: number): number {
    const slots = this.#slots
    // The mask changes nothing, but lets V8 know that no sum below overflows.
    const at = 5 * ((Math.imul(hash6(w0, w1, w2, w3) >>> 8, this.#factor) >>> this.#shift) & 0x3ffffff)
    const differs = (slots[at]! ^ w0) | (slots[at + 1]! ^ w1) | (slots[at + 2]! ^ w2) | (slots[at + 3]! ^ w3)
    // A free slot is all zeros, which is no value for the one key that it equals.
    if (differs === 0 && slots[at + 4]! > 0) return slots[at + 4]! - 1
    const h = hash2(w0 & this.#m0, w1 & this.#m1) >>> this.#gateShift
    const passes = (this.#bits[h >>> 5]! >>> (h & 31)) & 1
    if (passes === 0 && this.#allGated) return -1
    // As signed numbers, which a call can take without making them objects.
    const from = passes === 0 ? this.#gated : 0
    return LengthHash6.findFirst(this.#hashes, from, at, w0 | 0, w1 | 0, w2 | 0, w3 | 0)
  }

  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void {
    singly6(this, addresses, out, count)
  }

  batch(count: number): Batch {
    return newBatch6(count)
  }

  exact(w0: number, w1: number, w2: number, w3: number, length: number): number {
    checkPrefix6(w0, w1, w2, w3, length)
    return this.#hashes.find((hash) => hash.length === length)?.find(w0, w1, w2, w3) ?? NONE
  }

  covering(w0: number, w1: number, w2: number, w3: number): Entry6[] {
    const entries: Entry6[] = []
    for (const hash of this.#hashes) {
      const value = hash.find(w0, w1, w2, w3)
      if (value < 0) continue
      const { length } = hash
      const address = ip6(
        w0 & laneMask(length, 0),
        w1 & laneMask(length, 1),
        w2 & laneMask(length, 2),
        w3 & laneMask(length, 3),
      )
      entries.push({ address, length, value })
    }
    return entries
  }

  covered(w0: number, w1: number, w2: number, w3: number, length: number): Entry6[] {
    checkPrefix6(w0, w1, w2, w3, length)
    const [m0, m1, m2, m3] = [0, 1, 2, 3].map((lane) => laneMask(length, lane)) as [
      number,
      number,
      number,
      number,
    ]
    const entries: Entry6[] = []
    for (const hash of this.#hashes) {
      if (hash.length < length) break
      hash.visit((n0, n1, n2, n3, value) => {
        const differs = ((n0 ^ w0) & m0) | ((n1 ^ w1) & m1) | ((n2 ^ w2) & m2) | ((n3 ^ w3) & m3)
        if (differs === 0) entries.push({ address: ip6(n0, n1, n2, n3), length: hash.length, value })
      })
    }
    return entries.sort(compareEntry6)
  }

  walk(): Entry6[] {
    return this.covered(0, 0, 0, 0, 0)
  }

  insert(w0: number, w1: number, w2: number, w3: number, length: number, value: number): boolean {
    checkPrefix6(w0, w1, w2, w3, length)
    checkValue(value)
    const hashes = this.#hashes
    let at = 0
    while (at < hashes.length && hashes[at]!.length > length) at++
    if (at === hashes.length || hashes[at]!.length !== length) {
      hashes.splice(at, 0, new LengthHash6(length))
      this.#lengthsChanged()
    }
    const before = hashes[at]!.set(w0, w1, w2, w3, value)
    if (before >= 0) return false
    this.#size++
    if (at < this.#gated) {
      this.#gate.add(w0, w1)
      if (this.#gate.crowded) this.#newGate()
    }
    this.#ready()
    return true
  }

  remove(w0: number, w1: number, w2: number, w3: number, length: number): boolean {
    checkPrefix6(w0, w1, w2, w3, length)
    const at = this.#hashes.findIndex((hash) => hash.length === length)
    if (at < 0 || this.#hashes[at]!.remove(w0, w1, w2, w3) < 0) return false
    this.#size--
    this.#stale++
    if (this.#hashes[at]!.size === 0) {
      this.#hashes.splice(at, 1)
      this.#lengthsChanged()
    }
    if (this.#stale > this.#size + 1024) this.#newGate()
    this.#ready()
    return true
  }

  /** Length and value of the longest prefix shorter than `length` that holds the address. */
  longestBelow(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    length: number,
  ): Pick<Entry6, 'length' | 'value'> | undefined {
    for (const hash of this.#hashes) {
      if (hash.length >= length) continue
      const value = hash.find(w0, w1, w2, w3)
      if (value >= 0) return { length: hash.length, value }
    }
    return undefined
  }

  snapshot(): Hash6 {
    const copy = new Hash6()
    copy.#hashes.push(...this.#hashes.map((hash) => hash.copy()))
    copy.#size = this.#size
    copy.#lengthsChanged()
    copy.#newGate()
    copy.#ready()
    return copy
  }

  /** After every change. */
  #ready(): void {
    const first = this.#hashes[0]
    const hosts = first !== undefined && first.length === 128 ? first : NO_HOSTS
    this.#slots = hosts.slots
    this.#factor = hosts.factor
    this.#shift = hosts.shift
    const gate = this.#gate
    this.#bits = gate.bits
    this.#m0 = gate.m0
    this.#m1 = gate.m1
    this.#gateShift = gate.shift
    this.#allGated = this.#gated === this.#hashes.length
  }

  /** Makes a new gate when the one there is stands at another length than it should. */
  #lengthsChanged(): void {
    const hashes = this.#hashes
    this.#gated = 0
    while (this.#gated < hashes.length && hashes[this.#gated]!.length >= GATE_LENGTH) this.#gated++
    const length = this.#gated === 0 ? GATE_LONGEST : hashes[this.#gated - 1]!.length
    if (Math.min(length, GATE_LONGEST) !== this.#gate.length) this.#newGate()
  }

  #newGate(): void {
    const gated = this.#hashes.slice(0, this.#gated)
    const last = gated.at(-1)
    let expected = last === undefined ? 0 : 2 * last.size
    do {
      this.#gate = new Gate6(Math.min(last?.length ?? GATE_LONGEST, GATE_LONGEST), expected)
      for (const hash of gated) hash.visit((w0, w1) => this.#gate.add(w0, w1))
      expected = 4 * Math.max(16, expected)
    } while (this.#gate.crowded)
    this.#stale = 0
  }
}
