// IPv4 and IPv6 addresses as values: what they are, how they compare, what kind they are. IPv4 is an unsigned 32-bit
// number, IPv6 four unsigned 32-bit lanes; never bigint, which is ten times slower in every table.
// Surprise: JavaScript's bitwise operators answer signed, so every result that becomes an address passes `>>> 0`.
// Text lives in ip-text.ts and is exported from here as well, so that one import serves.

import type { Mac } from './mac.ts'

export { formatIp, formatIp4, formatIp6, parseIp, parseIp4, parseIp6 } from './ip-text.ts'

/** An IPv4 address, 0 to 2^32 - 1; the first octet is the most significant. */
export type Ip4 = number

/** An IPv6 address as four lanes of 32 bits, each 0 to 2^32 - 1, `w0` the most significant. */
export interface Ip6 {
  readonly w0: number
  readonly w1: number
  readonly w2: number
  readonly w3: number
}

/** An address of either family; `typeof ip === 'number'` tells them apart. */
export type Ip = Ip4 | Ip6

/** Builds an IPv6 address from four lanes; lanes are reduced to unsigned 32 bits. */
export function ip6(w0: number, w1: number, w2: number, w3: number): Ip6 {
  return { w0: w0 >>> 0, w1: w1 >>> 0, w2: w2 >>> 0, w3: w3 >>> 0 }
}

/** True for IPv4. */
export function isIp4(ip: Ip): ip is Ip4 {
  return typeof ip === 'number'
}

/** The address family as people say it: 4 or 6. */
export function familyOf(ip: Ip): 4 | 6 {
  return typeof ip === 'number' ? 4 : 6
}

/** Orders addresses: IPv4 before IPv6, then as unsigned numbers. Negative, zero or positive, fit for `sort`. */
export function compareIp(a: Ip, b: Ip): number {
  if (typeof a === 'number') return typeof b === 'number' ? a - b : -1
  if (typeof b === 'number') return 1
  return a.w0 - b.w0 || a.w1 - b.w1 || a.w2 - b.w2 || a.w3 - b.w3
}

/** True when both are the same address of the same family. */
export function equalIp(a: Ip, b: Ip): boolean {
  if (typeof a === 'number' || typeof b === 'number') return a === b
  return a.w3 === b.w3 && a.w2 === b.w2 && a.w1 === b.w1 && a.w0 === b.w0
}

/** The address `n` further on (backwards when negative), wrapping at the ends of the family's space; |n| <= 2^52. */
export function addToIp(ip: Ip4, n: number): Ip4
export function addToIp(ip: Ip6, n: number): Ip6
export function addToIp(ip: Ip, n: number): Ip
export function addToIp(ip: Ip, n: number): Ip {
  if (typeof ip === 'number') return (ip + n) >>> 0
  const s3 = ip.w3 + n
  const s2 = ip.w2 + Math.floor(s3 / LANE)
  const s1 = ip.w1 + Math.floor(s2 / LANE)
  const s0 = ip.w0 + Math.floor(s1 / LANE)
  // `>>> 0` is the residue modulo 2^32, of negative numbers and of numbers beyond 32 bits too.
  return ip6(s0, s1, s2, s3)
}

/** A key for `Map` and `Set`: the number itself for IPv4, a short text (not for people) for IPv6. */
export function ipKey(ip: Ip): number | string {
  return typeof ip === 'number' ? ip : `${ip.w0},${ip.w1},${ip.w2},${ip.w3}`
}

/** The IPv6 link-local address that a host derives from its MAC (RFC 4291 appendix A: modified EUI-64). */
export function linkLocalFromMac(mac: Mac): Ip6 {
  const organisation = Math.floor(mac / 2 ** 24) ^ 0x020000
  return ip6(0xfe800000, 0, (organisation << 8) | 0xff, 0xfe000000 | (mac & 0xffffff))
}

/** The solicited-node multicast group of an address, ff02::1:ffXX:XXXX (RFC 4291 §2.7.1). */
export function solicitedNode(ip: Ip6): Ip6 {
  return ip6(0xff020000, 0, 1, 0xff000000 | (ip.w3 & 0xffffff))
}

/** The Ethernet group address that carries a multicast address (RFC 1112 §6.4, RFC 2464 §7). */
export function multicastMac(ip: Ip): Mac {
  return typeof ip === 'number' ? 0x01005e000000 + (ip & 0x7fffff) : 0x333300000000 + ip.w3
}

/** True in 169.254.0.0/16 (RFC 3927) and fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(ip: Ip): boolean {
  return typeof ip === 'number' ? ip >>> 16 === 0xa9fe : ip.w0 >>> 22 === 0x3fa
}

/** True in 224.0.0.0/4 and ff00::/8. */
export function isMulticast(ip: Ip): boolean {
  return typeof ip === 'number' ? ip >>> 28 === 0xe : ip.w0 >>> 24 === 0xff
}

/** True in 127.0.0.0/8 and for ::1. */
export function isLoopback(ip: Ip): boolean {
  return typeof ip === 'number' ? ip >>> 24 === 127 : (ip.w0 | ip.w1 | ip.w2) === 0 && ip.w3 === 1
}

/** True for 0.0.0.0 and ::. */
export function isUnspecified(ip: Ip): boolean {
  return typeof ip === 'number' ? ip === 0 : (ip.w0 | ip.w1 | ip.w2 | ip.w3) === 0
}

/** True for 255.255.255.255, the limited broadcast address; IPv6 has none. */
export function isBroadcast(ip: Ip): boolean {
  return ip === 0xffffffff
}

const LANE = 2 ** 32
