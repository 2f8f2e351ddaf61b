// Prefixes (CIDR blocks, RFC 4632): an address and a length. Host bits are kept as they were written, because a router
// port is `10.16.0.1/16` and a mistyped subnet should be shown as typed; everything that compares masks first.

import { compareIp, equalIp, formatIp, type Ip, type Ip4, parseIp } from './ip.ts'

/** An address with a prefix length: 0 to 32 for IPv4, 0 to 128 for IPv6. Host bits may be set. */
export interface Prefix {
  readonly ip: Ip
  readonly len: number
}

/** Reads `address/length`, or a bare address as a prefix of host length. Masks in dotted form are refused. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const ip = parseIp(slash < 0 ? text : text.slice(0, slash))
  if (ip === undefined) return undefined
  if (slash < 0) return { ip, len: hostLength(ip) }
  const digits = text.slice(slash + 1)
  if (!/^(?:0|[1-9]\d{0,2})$/.test(digits)) return undefined
  const len = Number(digits)
  return len <= hostLength(ip) ? { ip, len } : undefined
}

/** Writes `address/length`, host bits and all. */
export function formatPrefix(p: Prefix): string {
  return `${formatIp(p.ip)}/${p.len}`
}

/** Writes like `formatPrefix`, but a prefix of host length as a bare address, as OVN's tools print routes. */
export function formatPrefixBare(p: Prefix): string {
  return p.len === hostLength(p.ip) ? formatIp(p.ip) : formatPrefix(p)
}

/** The length of a prefix that holds one address of this family: 32 or 128. */
export function hostLength(ip: Ip): 32 | 128 {
  return typeof ip === 'number' ? 32 : 128
}

/** The network mask of an IPv4 prefix length, 0 to 32. */
export function maskOf4(len: number): Ip4 {
  return len === 0 ? 0 : (0xffffffff << (32 - len)) >>> 0
}

/** An address with all bits beyond `len` cleared. */
export function maskIp(ip: Ip, len: number): Ip {
  if (typeof ip === 'number') return (ip & maskOf4(len)) >>> 0
  return {
    w0: (ip.w0 & laneMask(len, 0)) >>> 0,
    w1: (ip.w1 & laneMask(len, 1)) >>> 0,
    w2: (ip.w2 & laneMask(len, 2)) >>> 0,
    w3: (ip.w3 & laneMask(len, 3)) >>> 0,
  }
}

/** The same prefix with its host bits cleared; the argument itself when there were none. */
export function masked(p: Prefix): Prefix {
  return hasHostBits(p) ? { ip: maskIp(p.ip, p.len), len: p.len } : p
}

/** True when a bit beyond the length is set, as in 10.16.0.1/16. */
export function hasHostBits(p: Prefix): boolean {
  return !sameBits(p.ip, maskIp(p.ip, p.len), 128)
}

/** True when the prefix holds the address; never across families. */
export function contains(p: Prefix, ip: Ip): boolean {
  return sameBits(p.ip, ip, p.len)
}

/** True when every address of `inner` is in `outer`; a prefix covers itself. */
export function covers(outer: Prefix, inner: Prefix): boolean {
  return outer.len <= inner.len && sameBits(outer.ip, inner.ip, outer.len)
}

/** True when the two share an address; for prefixes this means that one covers the other. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return sameBits(a.ip, b.ip, Math.min(a.len, b.len))
}

/** True when both are the same block, host bits aside. */
export function samePrefix(a: Prefix, b: Prefix): boolean {
  return a.len === b.len && sameBits(a.ip, b.ip, a.len)
}

/** Orders blocks: IPv4 before IPv6, by network address, the shorter first. Zero exactly when `samePrefix`. */
export function comparePrefix(a: Prefix, b: Prefix): number {
  return compareIp(maskIp(a.ip, a.len), maskIp(b.ip, b.len)) || a.len - b.len
}

/** The highest address of the block; for IPv4 subnets the directed broadcast address. */
export function lastAddress(p: Prefix): Ip {
  if (typeof p.ip === 'number') return (p.ip | ~maskOf4(p.len)) >>> 0
  return {
    w0: (p.ip.w0 | ~laneMask(p.len, 0)) >>> 0,
    w1: (p.ip.w1 | ~laneMask(p.len, 1)) >>> 0,
    w2: (p.ip.w2 | ~laneMask(p.len, 2)) >>> 0,
    w3: (p.ip.w3 | ~laneMask(p.len, 3)) >>> 0,
  }
}

/** How many addresses the block has, network and broadcast included: a power of two, exact up to 2^128. */
export function hostCount(p: Prefix): number {
  return 2 ** (hostLength(p.ip) - p.len)
}

/** The mask of one 32-bit lane (0 to 3) of an IPv6 prefix length, unsigned. */
export function laneMask(len: number, lane: number): number {
  return maskOf4(Math.max(0, Math.min(32, len - 32 * lane)))
}

/** True when both are of one family and their first `len` bits agree; lengths beyond the family mean all bits. */
function sameBits(a: Ip, b: Ip, len: number): boolean {
  if (typeof a === 'number' || typeof b === 'number') {
    if (typeof a !== 'number' || typeof b !== 'number') return false
    return len >= 32 ? a === b : ((a ^ b) & maskOf4(len)) === 0
  }
  if (len >= 128) return equalIp(a, b)
  return (
    ((a.w0 ^ b.w0) & laneMask(len, 0)) === 0 &&
    ((a.w1 ^ b.w1) & laneMask(len, 1)) === 0 &&
    ((a.w2 ^ b.w2) & laneMask(len, 2)) === 0 &&
    ((a.w3 ^ b.w3) & laneMask(len, 3)) === 0
  )
}
