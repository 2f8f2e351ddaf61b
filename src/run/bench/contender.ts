// One structure with one table and one trace in it, and what can be timed about it. The loops are made anew for every table:
// V8 optimises a loop for the classes that it has met, so one loop for all structures would measure how many there are.

import { lanesOf, type PrefixList } from '../../model/prefix-list.ts'
import type { Batch, Lookup4, Lookup6, Lpm4, Lpm6 } from '../../net/route-table/lpm.ts'
import type { Structure4, Structure6 } from '../../net/route-table/structures.ts'
import type { AddressTrace } from './traces.ts'

export type Structure = Structure4 | Structure6
type Table = Lookup4 | Lookup6

/** Addresses a batch has: what a network card hands over in a few rings. */
export const BATCH = 1024

/** Looks up the addresses from one index of a trace to another and gives a number that depends on all answers. */
type Loop = (table: Table, addresses: Uint32Array, from: number, to: number) => number
/** Takes the prefixes at these indexes out of a table and puts them back in. */
type UpdateLoop = (table: Lpm4 | Lpm6, list: PrefixList, order: Uint32Array, from: number, to: number) => void

const ADDRESS = { 4: 'a[i]', 6: 'a[4 * i], a[4 * i + 1], a[4 * i + 2], a[4 * i + 3]' } as const
const PREFIX = { 4: 'a[k]', 6: 'a[4 * k], a[4 * k + 1], a[4 * k + 2], a[4 * k + 3]' } as const

/** Each address is known before: lookups overlap as far as the processor lets them. */
function singleLoop(family: 4 | 6): Loop {
  return compiled(
    't, a, from, to',
    `let s = 0; for (let i = from; i < to; i++) s = (s + t.lookup(${ADDRESS[family]})) | 0; return s`,
  )
}

/** Which address comes next depends on the answer: the time of one lookup, nothing overlaps. */
function dependentLoop(family: 4 | 6): Loop {
  return compiled(
    't, a, from, to',
    `let v = 0; for (let n = from, i = from; n < to; n++) { v = t.lookup(${ADDRESS[family]}); i += 1 + (v & 1); if (i >= to) i = from } return v`,
  )
}

function updateLoop(family: 4 | 6): UpdateLoop {
  return compiled(
    't, l, order, from, to',
    `const a = l.addresses, n = l.lengths, v = l.values; for (let i = from; i < to; i++) { const k = order[i]; t.remove(${PREFIX[family]}, n[k]); t.insert(${PREFIX[family]}, n[k], v[k]) }`,
  )
}

/** A function of its own, with type feedback of its own. The texts above are all it ever gets. */
function compiled<F>(parameters: string, body: string): F {
  return new Function(...parameters.split(', '), `'use strict'; ${body}`) as F
}

/** A structure in the measurement. */
export class Contender {
  readonly structure: Structure
  readonly #list: PrefixList
  readonly #trace: AddressTrace
  readonly #order: Uint32Array
  readonly #single: Loop
  readonly #dependent: Loop
  readonly #updateLoop: UpdateLoop
  #table: Table
  #bytes: number
  #batches: readonly Batch[] = []
  #room: Batch | undefined
  #consumed = 0

  /** `order` are indexes of the list: the prefixes that updates take out and put back, in this order. */
  constructor(structure: Structure, list: PrefixList, trace: AddressTrace, order: Uint32Array) {
    this.structure = structure
    this.#list = list
    this.#trace = trace
    this.#order = order
    this.#single = singleLoop(list.family)
    this.#dependent = dependentLoop(list.family)
    this.#updateLoop = updateLoop(list.family)
    this.#table = structure.build(list)
    this.#bytes = this.#table.bytes
  }

  get updatable(): boolean {
    return this.structure.create !== undefined
  }

  /** Bytes of the table as it was built: room for batches may lie in the same memory and comes later. */
  get bytes(): number {
    return this.#bytes
  }

  /** A number that depends on all answers so far: lookups whose answers nobody uses could be optimised away. */
  get consumed(): number {
    return this.#consumed
  }

  /** How many addresses can be asked for. */
  get addresses(): number {
    return this.#trace.length
  }

  /** How many places the order of updates has. */
  get updates(): number {
    return this.#order.length
  }

  /** Builds the table from the list, in place of the one that is there. */
  build(): void {
    this.#batches = []
    this.#room = undefined
    this.#table = this.structure.build(this.#list)
    this.#bytes = this.#table.bytes
  }

  single(from: number, to: number): void {
    this.#consumed = (this.#consumed + this.#single(this.#table, this.#trace.addresses, from, to)) | 0
  }

  dependent(from: number, to: number): void {
    this.#consumed = (this.#consumed + this.#dependent(this.#table, this.#trace.addresses, from, to)) | 0
  }

  /** Whole batches only; the addresses stand where the structure wants them, as packets would be received. */
  batch(from: number, to: number): void {
    const batches = this.#prepared()
    const table = this.#table
    for (let i = Math.floor(from / BATCH); (i + 1) * BATCH <= to; i++) {
      const { addresses, out } = batches[i]!
      table.lookupBatch(addresses, out, BATCH)
    }
  }

  /** Takes out and puts back the prefixes at these places of the order. */
  update(from: number, to: number): void {
    this.#batches = []
    this.#room = undefined
    this.#updateLoop(this.#table as Lpm4 | Lpm6, this.#list, this.#order, from, to)
  }

  /** The answers for `count` addresses from an index on, by batches. */
  answers(from: number, count: number): Int32Array {
    const width = lanesOf(this.#list.family)
    const all = new Int32Array(count)
    const room = this.#table.batch(BATCH)
    for (let at = 0; at < count; at += BATCH) {
      const some = Math.min(BATCH, count - at)
      const first = from + at
      room.addresses.set(this.#trace.addresses.subarray(width * first, width * (first + some)))
      this.#table.lookupBatch(room.addresses, room.out, some)
      all.set(room.out.subarray(0, some), at)
    }
    return all
  }

  /** The answer for the address at an index, by a single lookup. */
  answer(index: number): number {
    const { addresses } = this.#trace
    const table = this.#table
    if (this.#list.family === 4) return (table as Lookup4).lookup(addresses[index]!)
    const at = 4 * index
    const [w0, w1, w2, w3] = addresses.subarray(at, at + 4) as unknown as [number, number, number, number]
    return (table as Lookup6).lookup(w0, w1, w2, w3)
  }

  /** The batches of the trace; making ready is not part of what is timed. */
  prepare(): void {
    this.#prepared()
  }

  /** Views on the structure's own room, which holds the whole trace; answers overwrite each other. */
  #prepared(): readonly Batch[] {
    if (this.#room !== undefined) return this.#batches
    const width = lanesOf(this.#list.family)
    const { addresses, length } = this.#trace
    const room = this.#table.batch(length)
    room.addresses.set(addresses.subarray(0, width * length))
    const out = room.out.subarray(0, BATCH)
    this.#room = room
    this.#batches = Array.from({ length: Math.floor(length / BATCH) }, (_, i) => ({
      addresses: room.addresses.subarray(width * BATCH * i, width * BATCH * (i + 1)),
      out,
    }))
    return this.#batches
  }
}
