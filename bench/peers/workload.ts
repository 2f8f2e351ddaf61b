/**
 * Tables and traces as files that all peers read, whatever they are written in (workload.h has the layout): words of 32 bits in the
 * byte order of the machine.
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { lanesOf, type PrefixList } from '../../src/model/prefix-list.ts'
import { laneMask } from '../../src/net/prefix.ts'
import { Random } from '../../src/net/random.ts'
import type { AddressTrace } from '../../src/run/bench/traces.ts'

export interface Workload {
  readonly list: PrefixList
  readonly traces: readonly AddressTrace[]
  /** Indexes of the prefixes that updates take out and put back. */
  readonly order: Uint32Array
}

const MAGIC = 0x31425249
const UPDATES = 8192

export function updateOrder(list: PrefixList): Uint32Array {
  const random = new Random(list.count)
  return new Uint32Array(UPDATES).map(() => random.below(list.count))
}

/** Groups of 256 that a table of 24, 8, 8, … bits needs: one for each node below which a longer prefix lies. */
export function tbl8Groups(list: PrefixList): number {
  const width = lanesOf(list.family)
  let groups = 0
  for (let bits = 24; bits < 32 * width; bits += 8) {
    let last = -1
    for (let i = 0; i < list.count; i++) {
      if (list.lengths[i]! <= bits) continue
      if (last < 0 || !sameBits(list, last, i, bits)) groups++
      last = i
    }
  }
  return groups
}

/** Groups that rte_fib6 reserves: for every prefix its bytes below those of the prefix that it lies in, and below the first 24 bits. */
export function reservedGroups(list: PrefixList): number {
  const bytes = (i: number | undefined): number =>
    i === undefined ? 3 : Math.max(3, (list.lengths[i]! + 7) >> 3)
  const open: number[] = []
  let groups = 0
  for (let i = 0; i < list.count; i++) {
    while (open.length > 0 && !sameBits(list, open.at(-1)!, i, list.lengths[open.at(-1)!]!)) open.pop()
    groups += bytes(i) - bytes(open.at(-1))
    open.push(i)
  }
  return groups
}

function sameBits(list: PrefixList, a: number, b: number, bits: number): boolean {
  const width = lanesOf(list.family)
  for (let lane = 0; lane < width; lane++) {
    const difference = list.addresses[width * a + lane]! ^ list.addresses[width * b + lane]!
    if ((difference & laneMask(bits, lane)) !== 0) return false
  }
  return true
}

export function writeWorkload(path: string, { list, traces, order }: Workload): void {
  const file = openSync(path, 'w')
  const put = (view: Uint32Array | Uint8Array): void => {
    for (let at = 0; at < view.byteLength; )
      at += writeSync(file, new Uint8Array(view.buffer, view.byteOffset + at, view.byteLength - at))
  }
  const most = list.values.reduce((one, other) => Math.max(one, other), 0)
  put(
    Uint32Array.of(
      MAGIC,
      list.family,
      list.count,
      traces.length,
      tbl8Groups(list),
      reservedGroups(list),
      order.length,
      most,
    ),
  )
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
