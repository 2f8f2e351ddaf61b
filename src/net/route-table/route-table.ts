// What every route table can do, whatever it is built of. A table holds at most one value a prefix, both families side
// by side; longest-prefix match picks among them (RFC 1812 §5.2.4.3, RFC 4291 for IPv6).
// Surprise: host bits are cleared on the way in, so 10.16.0.1/16 and 10.16.0.0/16 are the same entry.

import type { Ip } from '../ip.ts'
import type { Prefix } from '../prefix.ts'
import { LengthHashTable } from './length-hash-table.ts'

/** One entry of a table; the prefix has no host bits. */
export interface RouteEntry<V> {
  readonly prefix: Prefix
  readonly value: V
}

/** A mutable map from prefixes to values, asked by address. */
export interface RouteTable<V> {
  /** How many prefixes the table holds, both families together. */
  readonly size: number
  /** Sets the value of a prefix; true when the prefix was not there before. */
  insert(prefix: Prefix, value: V): boolean
  /** Takes a prefix out; false when it was not there. */
  remove(prefix: Prefix): boolean
  /** The value of exactly this prefix. */
  get(prefix: Prefix): V | undefined
  /** The value of the longest prefix that holds the address. Allocates nothing. */
  lookup(ip: Ip): V | undefined
  /** Like `lookup`, with the prefix that matched; the answer is a fresh object. */
  lookupEntry(ip: Ip): RouteEntry<V> | undefined
  /** All entries that hold the address, the longest prefix first. */
  covering(ip: Ip): RouteEntry<V>[]
  /** All entries in the order of `comparePrefix`: IPv4 first, by network address, the shorter first. */
  walk(): RouteEntry<V>[]
}

/** An empty table of the structure that serves tables of cluster networks best: few lengths, frequent changes. */
export function createRouteTable<V>(): RouteTable<V> {
  return new LengthHashTable<V>()
}
