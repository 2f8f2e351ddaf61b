// The table the simulator uses: any value a prefix, both families side by side; longest-prefix match picks among them
// (RFC 1812 §5.2.4.3, RFC 4291 for IPv6). Tables of numbers, which are faster and of many structures, are in lpm.ts.
// Surprise: host bits are cleared on the way in, so 10.16.0.1/16 and 10.16.0.0/16 are the same entry.

import type { Ip } from '../ip.ts'
import type { Prefix } from '../prefix.ts'
import { createLpm4, createLpm6 } from './structures.ts'
import { ValueTable } from './value-table.ts'

/** One entry of a table; the prefix has no host bits. */
export interface RouteEntry<V> {
  readonly prefix: Prefix
  readonly value: V
}

/** A map from prefixes to values, asked by address. */
export interface RouteView<V> {
  /** How many prefixes the table holds, both families together. */
  readonly size: number
  /** Bytes of the arrays of the table, without the values. */
  readonly bytes: number
  /** The value of exactly this prefix. */
  get(prefix: Prefix): V | undefined
  /** The value of the longest prefix that holds the address. Allocates nothing. */
  lookup(ip: Ip): V | undefined
  /** Like `lookup`, with the prefix that matched; the answer is a fresh object. */
  lookupEntry(ip: Ip): RouteEntry<V> | undefined
  /** All entries that hold the address, the longest prefix first. */
  covering(ip: Ip): RouteEntry<V>[]
  /** All entries within a prefix, the prefix itself included, in the order of `walk`. */
  covered(prefix: Prefix): RouteEntry<V>[]
  /** All entries in the order of `comparePrefix`: IPv4 first, by network address, the shorter first. */
  walk(): RouteEntry<V>[]
}

/** A route table that changes. */
export interface RouteTable<V> extends RouteView<V> {
  /** Sets the value of a prefix; true when the prefix was not there before. RangeError for an impossible length. */
  insert(prefix: Prefix, value: V): boolean
  /** Takes a prefix out; false when it was not there. */
  remove(prefix: Prefix): boolean
  /** The table as it is now; later changes do not touch it. */
  snapshot(): RouteView<V>
}

/** An empty table of the structure that serves tables of cluster networks best: few lengths, frequent changes. */
export function createRouteTable<V>(): RouteTable<V> {
  return new ValueTable<V>(createLpm4('length-hash'), createLpm6('length-hash'))
}
