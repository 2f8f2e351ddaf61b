// Batches for structures that have no kernel of their own: one lookup after the other.

import { checkBatch } from './check.ts'
import type { Batch } from './lpm.ts'

/** Answers a batch of IPv4 addresses by single lookups. */
export function singly4(
  table: { lookup(address: number): number },
  addresses: Uint32Array,
  out: Int32Array,
  count: number,
): void {
  checkBatch(addresses, out, count, 1)
  for (let i = 0; i < count; i++) out[i] = table.lookup(addresses[i]!)
}

/** Answers a batch of IPv6 addresses by single lookups. */
export function singly6(
  table: { lookup(w0: number, w1: number, w2: number, w3: number): number },
  addresses: Uint32Array,
  out: Int32Array,
  count: number,
): void {
  checkBatch(addresses, out, count, 4)
  for (let i = 0; i < count; i++) {
    const at = 4 * i
    out[i] = table.lookup(addresses[at]!, addresses[at + 1]!, addresses[at + 2]!, addresses[at + 3]!)
  }
}

/** Room for a batch of IPv4 addresses, outside any table. */
export function newBatch4(count: number): Batch {
  return { addresses: new Uint32Array(count), out: new Int32Array(count) }
}

/** Room for a batch of IPv6 addresses, outside any table. */
export function newBatch6(count: number): Batch {
  return { addresses: new Uint32Array(4 * count), out: new Int32Array(count) }
}
