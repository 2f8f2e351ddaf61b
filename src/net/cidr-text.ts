// CIDRs out of a text of many lines, straight from its bytes into columns: `10.16.0.0/16`, and behind a space or comma whatever the
// line is called. As strict as `parsePrefix` (a property test holds both equal), some ten times faster because no string is made.

import { parsePrefix } from './prefix.ts'
import { addPrefix, type PrefixTable, prefixTable } from './prefix-columns.ts'

/** What a text held; rows carry the number of their line, from 0. */
export interface CidrText {
  readonly table: PrefixTable
  /** Lines that are neither empty, a `#` comment, nor begin with a CIDR. */
  readonly refused: number[]
  /** Lines whose address has bits beyond its length; they are in the table without them. */
  readonly hostBits: number[]
}

const NEWLINE = 10
const RETURN = 13
const SPACE = 32
const TAB = 9
const COMMA = 44
const HASH = 35
const SLASH = 47
const DOT = 46
const ZERO = 48

/** Reads all lines; a bare address counts as a prefix of host length. */
export function readCidrText(bytes: Uint8Array): CidrText {
  const table = prefixTable(Math.max(16, bytes.length >> 4))
  const refused: number[] = []
  const hostBits: number[] = []
  const end = bytes.length
  let line = 0
  for (let at = 0; at < end; line++) {
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
    let stop = at
    while (stop < end && !ends(bytes[stop]!)) stop++
    if (stop > at && bytes[at] !== HASH) {
      const outcome = read4(bytes, at, stop, table, line)
      if (outcome === HOST_BITS) hostBits.push(line)
      else if (outcome === OTHER && !readSlowly(bytes, at, stop, table, line, hostBits)) refused.push(line)
    }
    at = stop
    while (at < end && bytes[at] !== NEWLINE) at++
    at++
  }
  return { table, refused, hostBits }
}

function ends(byte: number): boolean {
  return (
    byte <= COMMA && (byte === NEWLINE || byte === SPACE || byte === COMMA || byte === RETURN || byte === TAB)
  )
}

const READ = 0
const HOST_BITS = 1
const OTHER = 2

/** Dotted decimal without leading zeros and a length; what is anything else is left to the slow reader. */
function read4(bytes: Uint8Array, from: number, to: number, table: PrefixTable, line: number): number {
  let ip = 0
  let octet = -1
  let octets = 0
  let at = from
  for (; at < to; at++) {
    const byte = bytes[at]!
    const digit = byte - ZERO
    if (digit >= 0 && digit <= 9) {
      if (octet === 0) return OTHER
      octet = octet < 0 ? digit : octet * 10 + digit
      if (octet > 255) return OTHER
    } else if (byte === DOT) {
      if (octet < 0 || ++octets > 3) return OTHER
      ip = ip * 256 + octet
      octet = -1
    } else break
  }
  if (octets !== 3 || octet < 0) return OTHER
  ip = ip * 256 + octet
  if (at === to) {
    table.v4.push4(ip, 32, line)
    return READ
  }
  if (bytes[at] !== SLASH) return OTHER
  const digits = to - at - 1
  const high = bytes[at + 1]! - ZERO
  const low = digits === 2 ? bytes[at + 2]! - ZERO : 0
  if (digits < 1 || digits > 2 || high < 0 || high > 9 || low < 0 || low > 9) return OTHER
  if (digits === 2 && high === 0) return OTHER
  const len = digits === 2 ? high * 10 + low : high
  if (len > 32) return OTHER
  return table.v4.push4(ip, len, line) ? HOST_BITS : READ
}

/** IPv6 and whatever is wrong. */
function readSlowly(
  bytes: Uint8Array,
  from: number,
  to: number,
  table: PrefixTable,
  line: number,
  hostBits: number[],
): boolean {
  if (read6(bytes, from, to)) {
    if (table.v6.push6(LANES[0]!, LANES[1]!, LANES[2]!, LANES[3]!, length6, line)) hostBits.push(line)
    return true
  }
  if (to - from > 64) return false
  const prefix = parsePrefix(String.fromCharCode(...bytes.subarray(from, to)))
  if (prefix === undefined) return false
  addPrefix(table, prefix, line)
  return true
}

/** What `read6` has read: the lanes and the length. */
const LANES = new Uint32Array(4)
const GROUPS = new Uint32Array(8)
let length6 = 0
const COLON = 58

/** Eight groups with at most one `::` and a length; dotted tails and everything unusual are left to `parsePrefix`. */
function read6(bytes: Uint8Array, from: number, to: number): boolean {
  let groups = 0
  let gap = -1
  let at = from
  if (bytes[at] === COLON) {
    if (bytes[at + 1] !== COLON) return false
    gap = 0
    at += 2
  }
  while (at < to && bytes[at] !== SLASH) {
    let value = 0
    let digits = 0
    for (; at < to; at++, digits++) {
      const digit = hexDigit(bytes[at]!)
      if (digit < 0) break
      value = value * 16 + digit
    }
    if (digits === 0 || digits > 4 || groups === 8) return false
    GROUPS[groups++] = value
    if (at === to || bytes[at] === SLASH) break
    if (bytes[at] !== COLON) return false
    at++
    if (bytes[at] === COLON) {
      if (gap >= 0) return false
      gap = groups
      at++
    } else if (at === to || bytes[at] === SLASH) return false
  }
  if (gap < 0 ? groups !== 8 : groups > 7) return false
  length6 = 128
  if (at < to) {
    const digits = to - at - 1
    if (digits < 1 || digits > 3 || (digits > 1 && bytes[at + 1] === ZERO)) return false
    length6 = 0
    for (at++; at < to; at++) {
      const digit = bytes[at]! - ZERO
      if (digit < 0 || digit > 9) return false
      length6 = length6 * 10 + digit
    }
    if (length6 > 128) return false
  }
  const zeros = 8 - groups
  for (let i = 0; i < 4; i++) {
    LANES[i] = groupAt(2 * i, gap, zeros) * 0x10000 + groupAt(2 * i + 1, gap, zeros)
  }
  return true
}

/** The group at a place of the address, given that `zeros` groups stand in the gap (-1: there is none). */
function groupAt(place: number, gap: number, zeros: number): number {
  if (gap < 0 || place < gap) return GROUPS[place]!
  return place < gap + zeros ? 0 : GROUPS[place - zeros]!
}

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= 57) return byte - ZERO
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
