// Whole tables as columns (`Columns4`, `Columns6`): made of entries in any order, and compared.
// Sorting is by address, then length, so that a prefix comes before everything inside it.

import { compareIp } from '../ip.ts'
import { checkPrefix4, checkPrefix6, checkValue } from './check.ts'
import type { Columns4, Columns6, Entry4, Entry6 } from './lpm.ts'

/** Orders IPv4 entries as `walk` does. */
export function compareEntry4(a: Entry4, b: Entry4): number {
  return a.address - b.address || a.length - b.length
}

/** Orders IPv6 entries as `walk` does. */
export function compareEntry6(a: Entry6, b: Entry6): number {
  return compareIp(a.address, b.address) || a.length - b.length
}

/** Columns of entries in any order; of two entries with the same prefix the later wins. Throws RangeErrors. */
export function columns4(entries: Iterable<Entry4>): Columns4 {
  const sorted = [...entries]
  for (const { address, length, value } of sorted) {
    checkPrefix4(address, length)
    checkValue(value)
  }
  const kept = lastOfEach(sorted.sort(compareEntry4), compareEntry4)
  return {
    count: kept.length,
    addresses: Uint32Array.from(kept, (entry) => entry.address),
    lengths: Uint8Array.from(kept, (entry) => entry.length),
    values: Uint32Array.from(kept, (entry) => entry.value),
  }
}

/** As `columns4`. */
export function columns6(entries: Iterable<Entry6>): Columns6 {
  const sorted = [...entries]
  for (const { address, length, value } of sorted) {
    checkPrefix6(address.w0, address.w1, address.w2, address.w3, length)
    checkValue(value)
  }
  const kept = lastOfEach(sorted.sort(compareEntry6), compareEntry6)
  const addresses = new Uint32Array(4 * kept.length)
  for (const [i, { address }] of kept.entries()) {
    addresses[4 * i] = address.w0
    addresses[4 * i + 1] = address.w1
    addresses[4 * i + 2] = address.w2
    addresses[4 * i + 3] = address.w3
  }
  return {
    count: kept.length,
    addresses,
    lengths: Uint8Array.from(kept, (entry) => entry.length),
    values: Uint32Array.from(kept, (entry) => entry.value),
  }
}

/** Throws a RangeError unless the columns are what they claim: sorted, no prefix twice, values in range. */
export function checkColumns4({ count, addresses, lengths, values }: Columns4): void {
  for (let i = 0; i < count; i++) {
    checkPrefix4(addresses[i]!, lengths[i]!)
    checkValue(values[i]!)
    if (i === 0) continue
    const order = addresses[i - 1]! - addresses[i]! || lengths[i - 1]! - lengths[i]!
    if (order >= 0) throw new RangeError(`entry ${i} is not after entry ${i - 1}`)
  }
}

/** As `checkColumns4`. */
export function checkColumns6({ count, addresses, lengths, values }: Columns6): void {
  for (let i = 0; i < count; i++) {
    const at = 4 * i
    checkPrefix6(addresses[at]!, addresses[at + 1]!, addresses[at + 2]!, addresses[at + 3]!, lengths[i]!)
    checkValue(values[i]!)
    if (i === 0) continue
    let order = 0
    for (let lane = 0; lane < 4 && order === 0; lane++)
      order = addresses[at - 4 + lane]! - addresses[at + lane]!
    if (order > 0 || (order === 0 && lengths[i - 1]! >= lengths[i]!))
      throw new RangeError(`entry ${i} is not after entry ${i - 1}`)
  }
}

function lastOfEach<E>(sorted: readonly E[], compare: (a: E, b: E) => number): E[] {
  return sorted.filter((entry, i) => i + 1 === sorted.length || compare(entry, sorted[i + 1]!) !== 0)
}
