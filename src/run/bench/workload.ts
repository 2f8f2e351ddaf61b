// Tables and traces as files that another process reads, whatever it is written in: words of 32 bits in the byte order of the machine.
//
//     "IRB1" family prefixes traces groups reserved updates most     eight words; bench/peers/workload.h tells of groups and reserved
//     addresses of prefixes, values, order of updates, lengths (a byte each, padded), and for each trace its length and its addresses

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { lanesOf, type PrefixList } from '../../model/prefix-list.ts'
import { Random } from '../../net/random.ts'
import type { AddressTrace } from './traces.ts'

export interface Workload {
  readonly list: PrefixList
  readonly traces: readonly AddressTrace[]
  /** Indexes of the prefixes that updates take out and put back. */
  readonly order: Uint32Array
}

const MAGIC = 0x31425249
const UPDATES = 8192

/** Prefixes in the order in which updates go through them. */
export function updateOrder(list: PrefixList): Uint32Array {
  const random = new Random(list.count)
  return new Uint32Array(UPDATES).map(() => random.below(list.count))
}

/** Writes a file; `groups` are for programs that need to know beforehand how large their tables become. */
export function writeWorkload(
  path: string,
  { list, traces, order }: Workload,
  groups: readonly [tbl8: number, reserved: number] = [0, 0],
): void {
  const file = openSync(path, 'w')
  const put = (view: Uint32Array | Uint8Array): void => {
    for (let at = 0; at < view.byteLength; )
      at += writeSync(file, new Uint8Array(view.buffer, view.byteOffset + at, view.byteLength - at))
  }
  const most = list.values.reduce((one, other) => Math.max(one, other), 0)
  put(Uint32Array.of(MAGIC, list.family, list.count, traces.length, ...groups, order.length, most))
  put(list.addresses)
  put(list.values)
  put(order)
  const lengths = new Uint8Array((list.count + 3) & ~3)
  lengths.set(list.lengths)
  put(lengths)
  for (const { length, addresses } of traces) {
    put(Uint32Array.of(length))
    put(addresses)
  }
  closeSync(file)
}

/** Reads a file that `writeWorkload` wrote. */
export function readWorkload(path: string): Workload {
  const bytes = readFileSync(path)
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
  const [magic, family, count, traceCount, , , updates] = words as unknown as number[]
  if (magic !== MAGIC || (family !== 4 && family !== 6)) throw new Error(`${path}: no workload`)
  const width = lanesOf(family)
  let at = 8
  const take = (length: number): Uint32Array => {
    at += length
    return words.slice(at - length, at)
  }
  const addresses = take(width * count!)
  const values = take(count!)
  const order = take(updates!)
  const lengths = new Uint8Array(bytes.subarray(4 * at, 4 * at + count!))
  at += (count! + 3) >> 2
  const traces = Array.from({ length: traceCount! }, (_, i): AddressTrace => {
    const length = words[at++]!
    return { family, name: String(i), length, addresses: take(width * length) }
  })
  return { list: { family, count: count!, addresses, lengths, values }, traces, order }
}
