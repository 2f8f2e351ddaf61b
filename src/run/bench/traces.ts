// Addresses to look up. Which ones decides as much as the table: a trace that repeats a few addresses measures the cache, one
// that misses everything measures the first step only.
//
//   match    a host inside a prefix, every prefix as likely: the deepest paths, the least locality
//   uniform  any address (IPv6: any with the leading bits, at most eight, that all prefixes share): mostly misses in small tables
//   zipf     65,536 destinations that match, the n-th asked 1/n as often as the first: what traffic looks like
//   miss     uniform without what the table holds

import { lanesOf, type PrefixList } from '../../model/prefix-list.ts'
import { laneMask } from '../../net/prefix.ts'
import type { Random } from '../../net/random.ts'

export const TRACES = ['match', 'uniform', 'zipf', 'miss'] as const
export type TraceName = (typeof TRACES)[number]

/** Addresses a trace has unless told: more than any cache remembers. */
export const TRACE_LENGTH = 2 ** 20
const DESTINATIONS = 65_536

/** Addresses in the order in which they are asked. */
export interface AddressTrace {
  readonly family: 4 | 6
  readonly name: string
  readonly length: number
  /** One lane an address for IPv4, four for IPv6, most significant first. */
  readonly addresses: Uint32Array
}

/** A trace for a table; undefined when no address misses, or none was found that does. */
export function generatedTrace(
  name: TraceName,
  list: PrefixList,
  random: Random,
  length = TRACE_LENGTH,
): AddressTrace | undefined {
  const { family } = list
  const addresses = new Uint32Array(lanesOf(family) * length)
  const trace = { family, name, length, addresses }
  if (name === 'miss') return drawMisses(trace, list, random) ? trace : undefined
  if (name === 'zipf') drawZipf(trace, list, random)
  else {
    const draw = name === 'match' ? hostOf(list, random) : anyAddress(list, random)
    for (let i = 0; i < length; i++) draw(addresses, i)
  }
  return trace
}

/** Writes an address into the lanes at an index. */
type Draw = (lanes: Uint32Array, index: number) => void

function hostOf(list: PrefixList, random: Random): Draw {
  const width = lanesOf(list.family)
  return (lanes, index) => {
    const chosen = random.below(list.count)
    const len = list.lengths[chosen]!
    for (let lane = 0; lane < width; lane++) {
      const mask = laneMask(len, lane)
      lanes[width * index + lane] = (list.addresses[width * chosen + lane]! | (random.next() & ~mask)) >>> 0
    }
  }
}

/** fd00::/8 of clusters, 2000::/3 of the Internet: below, an IPv6 address drawn at random would never come near a prefix. */
const SHARED_MAX = 8

function anyAddress(list: PrefixList, random: Random): Draw {
  const width = lanesOf(list.family)
  const shared = list.family === 4 ? 0 : Math.min(SHARED_MAX, sharedBits(list))
  return (lanes, index) => {
    for (let lane = 0; lane < width; lane++) {
      const mask = laneMask(shared, lane)
      const drawn = random.next()
      const fixed = shared === 0 ? 0 : list.addresses[width * (list.count - 1) + lane]! & mask
      lanes[width * index + lane] = (fixed | (drawn & ~mask)) >>> 0
    }
  }
}

/** Leading bits in which all prefixes of an ordered list agree, the default route aside. */
export function sharedBits(list: PrefixList): number {
  const width = lanesOf(list.family)
  const first = list.count > 1 && list.lengths[0] === 0 ? 1 : 0
  const last = list.count - 1
  let bits = 32 * width
  // In an ordered list the ends disagree where any two do; no prefix shares more than its length.
  for (let i = first; i <= last; i++) bits = Math.min(bits, list.lengths[i]!)
  for (let lane = 0; lane < width; lane++) {
    const difference = list.addresses[width * first + lane]! ^ list.addresses[width * last + lane]!
    if (difference !== 0) return Math.min(bits, 32 * lane + Math.clz32(difference))
  }
  return bits
}

function drawZipf({ addresses: lanes, length }: AddressTrace, list: PrefixList, random: Random): void {
  const width = lanesOf(list.family)
  const pool = new Uint32Array(width * DESTINATIONS)
  const draw = hostOf(list, random)
  for (let i = 0; i < DESTINATIONS; i++) draw(pool, i)
  const upTo = new Float64Array(DESTINATIONS)
  let sum = 0
  for (let i = 0; i < DESTINATIONS; i++) upTo[i] = sum += 1 / (i + 1)
  for (let i = 0; i < length; i++) {
    const wanted = random.float() * sum
    let low = 0
    let high = DESTINATIONS - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (upTo[middle]! > wanted) high = middle
      else low = middle + 1
    }
    for (let lane = 0; lane < width; lane++) lanes[width * i + lane] = pool[width * low + lane]!
  }
}

/** Draws that may all hit before a table counts as one that holds every address. */
const MISS_TRIES = 4096

function drawMisses({ addresses: lanes, length }: AddressTrace, list: PrefixList, random: Random): boolean {
  const draw = anyAddress(list, random)
  const holds = holder(list)
  for (let i = 0; i < length; i++) {
    let tries = 0
    do {
      if (tries++ === MISS_TRIES) return false
      draw(lanes, i)
    } while (holds(lanes, i))
  }
  return true
}

/** Whether any prefix of a list holds the address at an index: binary search among the prefixes that lie in no other. */
export function holder(list: PrefixList): (lanes: Uint32Array, index: number) => boolean {
  const width = lanesOf(list.family)
  const outer: number[] = []
  const inside = (lanes: Uint32Array, index: number, prefix: number): boolean => {
    const len = list.lengths[prefix]!
    for (let lane = 0; lane < width && len > 32 * lane; lane++) {
      const difference = lanes[width * index + lane]! ^ list.addresses[width * prefix + lane]!
      if ((difference & laneMask(len, lane)) !== 0) return false
    }
    return true
  }
  for (let i = 0; i < list.count; i++)
    if (outer.length === 0 || !inside(list.addresses, i, outer.at(-1)!)) outer.push(i)
  const notAfter = (prefix: number, lanes: Uint32Array, index: number): boolean => {
    for (let lane = 0; lane < width; lane++) {
      const difference = list.addresses[width * prefix + lane]! - lanes[width * index + lane]!
      if (difference !== 0) return difference < 0
    }
    return true
  }
  return (lanes, index) => {
    let low = 0
    let high = outer.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (notAfter(outer[middle]!, lanes, index)) low = middle + 1
      else high = middle
    }
    return low > 0 && inside(lanes, index, outer[low - 1]!)
  }
}
