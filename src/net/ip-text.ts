// Addresses as text: strict parsers (RFC 6943 §3.1.1 tells why strict: "010.0.0.1" is 8.0.0.1 to some readers) and the
// canonical form of RFC 5952. IPv6 text follows RFC 4291 §2.2, zones ("%eth0") are refused.
// Surprise: IPv4-mapped addresses, and only those, print with a dotted tail, as inet_ntop prints them.

import type { Ip, Ip4, Ip6 } from './ip.ts'

/** Reads exactly four decimal octets without leading zeros, signs or spaces; anything else gives undefined. */
export function parseIp4(text: string): Ip4 | undefined {
  let ip = 0
  let octet = -1
  let octets = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === DOT) {
      if (octet < 0 || ++octets > 3) return undefined
      ip = ip * 256 + octet
      octet = -1
    } else {
      const digit = c - ZERO
      if (digit < 0 || digit > 9 || octet === 0) return undefined
      octet = octet < 0 ? digit : octet * 10 + digit
      if (octet > 255) return undefined
    }
  }
  return octets === 3 && octet >= 0 ? ip * 256 + octet : undefined
}

/** Reads IPv6 text of RFC 4291 §2.2: eight groups, `::` for one or more of zero, an IPv4 tail; else undefined. */
export function parseIp6(text: string): Ip6 | undefined {
  if (text.length > 45) return undefined
  const gap = text.indexOf('::')
  if (gap < 0) {
    const groups = parseGroups(text, true)
    return groups?.length === 8 ? fromGroups(groups) : undefined
  }
  const head = parseGroups(text.slice(0, gap), false)
  const tail = parseGroups(text.slice(gap + 2), true)
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (missing < 1) return undefined
  return fromGroups([...head, ...new Array<number>(missing).fill(0), ...tail])
}

/** Reads an address of either family; undefined when it is neither. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(':') ? parseIp6(text) : parseIp4(text)
}

/** Writes dotted decimal. */
export function formatIp4(ip: Ip4): string {
  return `${ip >>> 24}.${(ip >>> 16) & 255}.${(ip >>> 8) & 255}.${ip & 255}`
}

/** Writes the canonical text of RFC 5952 §4: lower case, the first longest run of two or more zero groups as `::`. */
export function formatIp6(ip: Ip6): string {
  if ((ip.w0 | ip.w1) === 0 && ip.w2 === 0xffff) return `::ffff:${formatIp4(ip.w3)}`
  const groups = [
    ip.w0 >>> 16,
    ip.w0 & 0xffff,
    ip.w1 >>> 16,
    ip.w1 & 0xffff,
    ip.w2 >>> 16,
    ip.w2 & 0xffff,
    ip.w3 >>> 16,
    ip.w3 & 0xffff,
  ]
  let bestStart = 0
  let bestLength = 1
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && groups[end] === 0) end++
    if (end - start > bestLength) {
      bestStart = start
      bestLength = end - start
    }
  }
  if (bestLength < 2) return hexGroups(groups)
  return `${hexGroups(groups.slice(0, bestStart))}::${hexGroups(groups.slice(bestStart + bestLength))}`
}

/** Writes an address of either family in its canonical form. */
export function formatIp(ip: Ip): string {
  return typeof ip === 'number' ? formatIp4(ip) : formatIp6(ip)
}

const DOT = 46
const ZERO = 48
const GROUP = /^[0-9a-f]{1,4}$/i

/** The 16-bit groups of colon-separated text; `''` has none. An IPv4 tail counts as two, where one may stand. */
function parseGroups(text: string, tailAllowed: boolean): number[] | undefined {
  const groups: number[] = []
  if (text === '') return groups
  const pieces = text.split(':')
  for (const [index, piece] of pieces.entries()) {
    if (GROUP.test(piece)) {
      groups.push(Number.parseInt(piece, 16))
      continue
    }
    const ip4 = tailAllowed && index === pieces.length - 1 ? parseIp4(piece) : undefined
    if (ip4 === undefined) return undefined
    groups.push(ip4 >>> 16, ip4 & 0xffff)
  }
  return groups
}

function fromGroups(groups: readonly number[]): Ip6 {
  const lane = (i: number): number => groups[i]! * 0x10000 + groups[i + 1]!
  return { w0: lane(0), w1: lane(2), w2: lane(4), w3: lane(6) }
}

function hexGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':')
}
