// Longest-prefix match from prefixes to numbers: what every structure of this folder answers, whatever it is built of.
// Addresses are unsigned 32-bit numbers (IPv4) or four lanes of them (IPv6, `w0` the most significant), never bigint;
// values are small numbers, usually an index into the caller's own list. Three rungs, each adding to the one before:
//
//     Lookup4   the hot path: one address or a batch of them; structures that are built once offer no more
//     View4     questions about the prefixes themselves; what a snapshot is
//     Lpm4      changes
//
// Surprise: a prefix with host bits set is refused with a RangeError, not masked; RouteTable (route-table.ts) masks.

import type { Ip4, Ip6 } from '../ip.ts'

/** The answer of `lookup` and `exact` where nothing matches. */
export const NONE = -1

/** The highest value a table can hold; the lowest is 0. Words keep one more in 24 bits, and 0 where nothing matches. */
export const MAX_VALUE = 2 ** 24 - 2

/** One IPv4 prefix and its value. */
export interface Entry4 {
  readonly address: Ip4
  /** 0 to 32; no bit of the address beyond it is set. */
  readonly length: number
  /** 0 to `MAX_VALUE`. */
  readonly value: number
}

/** One IPv6 prefix and its value. */
export interface Entry6 {
  readonly address: Ip6
  /** 0 to 128; no bit of the address beyond it is set. */
  readonly length: number
  /** 0 to `MAX_VALUE`. */
  readonly value: number
}

/** Room for a batch: addresses go in (one word each, or four for IPv6), values come out. */
export interface Batch {
  readonly addresses: Uint32Array
  readonly out: Int32Array
}

/** The part that every structure has, built once or not. */
export interface Lookup4 {
  /** Name of the structure, as `STRUCTURES` lists it. */
  readonly structure: string
  /** How many prefixes the table holds. */
  readonly size: number
  /** Bytes of all arrays that belong to the table, free room in them included. */
  readonly bytes: number
  /** Value of the longest prefix that holds the address (0 to 2^32 - 1), or `NONE`. */
  lookup(address: Ip4): number
  /** `out[i] = lookup(addresses[i])` for the first `count` addresses; several times as fast as single calls. */
  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void
  /**
   * Room for batches of `count` addresses that `lookupBatch` reads and writes in place; batches elsewhere are copied
   * where the structure runs in WebAssembly. Valid until the table changes or `batch` is called again.
   */
  batch(count: number): Batch
}

/** Everything that can be asked of a table. */
export interface View4 extends Lookup4 {
  /** Value of exactly this prefix, or `NONE`. */
  exact(address: Ip4, length: number): number
  /** All entries that hold the address, the longest prefix first. */
  covering(address: Ip4): Entry4[]
  /** All entries within a prefix, the prefix itself included, in the order of `walk`. */
  covered(address: Ip4, length: number): Entry4[]
  /** All entries by network address, the shorter prefix first. */
  walk(): Entry4[]
}

/** A table that changes. */
export interface Lpm4 extends View4 {
  /** Sets the value of a prefix; true when the prefix was not there before. RangeError for what cannot be. */
  insert(address: Ip4, length: number, value: number): boolean
  /** Takes a prefix out; false when it was not there. */
  remove(address: Ip4, length: number): boolean
  /** The table as it is now; later changes do not touch it. */
  snapshot(): View4
}

/** As `Lookup4`; a batch has four words an address, `w0` first. */
export interface Lookup6 {
  readonly structure: string
  readonly size: number
  readonly bytes: number
  lookup(w0: number, w1: number, w2: number, w3: number): number
  lookupBatch(addresses: Uint32Array, out: Int32Array, count: number): void
  batch(count: number): Batch
}

/** As `View4`. */
export interface View6 extends Lookup6 {
  exact(w0: number, w1: number, w2: number, w3: number, length: number): number
  covering(w0: number, w1: number, w2: number, w3: number): Entry6[]
  covered(w0: number, w1: number, w2: number, w3: number, length: number): Entry6[]
  walk(): Entry6[]
}

/** As `Lpm4`. */
export interface Lpm6 extends View6 {
  insert(w0: number, w1: number, w2: number, w3: number, length: number, value: number): boolean
  remove(w0: number, w1: number, w2: number, w3: number, length: number): boolean
  snapshot(): View6
}

/** A whole IPv4 table as columns, sorted by address and then length, no prefix twice: what structures are built from. */
export interface Columns4 {
  readonly count: number
  readonly addresses: Uint32Array
  readonly lengths: Uint8Array
  readonly values: Uint32Array
}

/** As `Columns4`; four words an address. */
export interface Columns6 {
  readonly count: number
  readonly addresses: Uint32Array
  readonly lengths: Uint8Array
  readonly values: Uint32Array
}
