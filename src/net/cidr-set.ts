// Sets of addresses as CIDRs: the shortest list that holds exactly what was given. Ranges become CIDRs, what lies in another is
// left out, halves that make a whole are joined until nothing more joins; that list is unique.

import { addToIp, compareIp, equalIp, type Ip } from './ip.ts'
import {
  comparePrefix,
  covers,
  hasHostBits,
  hostLength,
  lastAddress,
  masked,
  maskIp,
  type Prefix,
} from './prefix.ts'
import type { AddressRange } from './range.ts'

/** The shortest list of prefixes that hold the same addresses, in ascending order, IPv4 first. */
export function shortestCidrs(prefixes: Iterable<Prefix>): Prefix[] {
  const sorted = [...prefixes].map(masked).sort(comparePrefix)
  const kept: Prefix[] = []
  for (const prefix of sorted) {
    const last = kept.at(-1)
    if (last !== undefined && covers(last, prefix)) continue
    kept.push(prefix)
    while (kept.length > 1 && areHalves(kept.at(-2)!, kept.at(-1)!)) {
      const whole = { ip: kept.at(-2)!.ip, len: kept.at(-1)!.len - 1 }
      kept.length -= 2
      kept.push(whole)
    }
  }
  return kept
}

/** The shortest list for the addresses from first to last, both included; empty when last comes before first. */
export function cidrsOfRange(first: Ip, last: Ip): Prefix[] {
  const out: Prefix[] = []
  if (typeof first !== typeof last) return out
  let at = first
  while (compareIp(at, last) <= 0) {
    let len: number = hostLength(at)
    while (len > 0) {
      const larger = { ip: at, len: len - 1 }
      if (hasHostBits(larger) || compareIp(lastAddress(larger), last) > 0) break
      len--
    }
    const block = { ip: at, len }
    out.push(block)
    const end = lastAddress(block)
    if (equalIp(end, last)) break
    at = addToIp(end, 1)
  }
  return out
}

/** The shortest list for the addresses of several ranges. */
export function cidrsOfRanges(ranges: Iterable<AddressRange>): Prefix[] {
  return shortestCidrs([...ranges].flatMap(({ first, last }) => cidrsOfRange(first, last)))
}

/** What is in `outer` and not in `inner`, which lies in it; the shortest list. */
export function without(outer: Prefix, inner: Prefix): Prefix[] {
  const out: Prefix[] = []
  for (let len = inner.len; len > outer.len; len--) out.push(otherHalf(inner.ip, len))
  return shortestCidrs(out)
}

/** The block of this length beside the one that holds the address. */
function otherHalf(ip: Ip, len: number): Prefix {
  const base = maskIp(ip, len)
  const bit = hostLength(ip) - len
  if (typeof base === 'number') return { ip: (base ^ (2 ** bit)) >>> 0, len }
  const lanes = [base.w3, base.w2, base.w1, base.w0]
  const lane = bit >>> 5
  lanes[lane] = (lanes[lane]! ^ (1 << (bit & 31))) >>> 0
  return { ip: { w0: lanes[3]!, w1: lanes[2]!, w2: lanes[1]!, w3: lanes[0]! }, len }
}

function areHalves(a: Prefix, b: Prefix): boolean {
  if (a.len !== b.len || a.len === 0 || typeof a.ip !== typeof b.ip) return false
  const whole = { ip: a.ip, len: a.len - 1 }
  return !hasHostBits(whole) && covers(whole, b) && !equalIp(a.ip, b.ip)
}
