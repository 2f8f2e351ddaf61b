// IPv4 header (RFC 791 §3.1; DSCP and ECN: RFC 2474, RFC 3168). Options are skipped when read and never written.
//
//   0        1        2                 4                 6                 8        9        10
//   | ver ihl| tos    | total length    | identification  | flags + offset  | ttl    | proto  | checksum | src | dst
//
// Surprise: `parseIpv4` does not check the header checksum (a real router does: `ip4ChecksumOk`), so that a capture of
// broken packets can still be shown.

import type { Ip4 } from '../net/ip.ts'
import { addRange, checksumOf, isIntact, updateChecksum, updateChecksum32 } from './checksum.ts'

/** Bytes of an IPv4 header without options, which is what `emitIpv4` writes. */
export const IPV4_LENGTH = 20

const FLAG_DF = 0x4000
const FLAG_MF = 0x2000
const OFFSET_MASK = 0x1fff

/** An IPv4 header. */
export interface Ipv4Repr {
  readonly src: Ip4
  readonly dst: Ip4
  /** Protocol of the payload, see `IpProtocol`. */
  readonly protocol: number
  /** Hops left, 0 … 255. */
  readonly ttl: number
  /** DSCP and ECN in one byte. */
  readonly tos: number
  /** Names the fragments of one packet, 0 … 65535. */
  readonly identification: number
  readonly dontFragment: boolean
  readonly moreFragments: boolean
  /** Where the payload lies in the unfragmented payload, in bytes: a multiple of 8 up to 65,528. */
  readonly fragmentOffset: number
  /** Bytes behind the header. */
  readonly payloadLength: number
}

/** Bytes of the header at `at`, options included: 20 … 60 in a valid header. */
export function ip4HeaderLength(view: DataView, at: number): number {
  return (view.getUint8(at) & 0x0f) << 2
}

/** Bytes of header and payload. */
export function ip4TotalLength(view: DataView, at: number): number {
  return view.getUint16(at + 2)
}

/** DSCP and ECN. */
export function ip4Tos(view: DataView, at: number): number {
  return view.getUint8(at + 1)
}

/** The identification field. */
export function ip4Identification(view: DataView, at: number): number {
  return view.getUint16(at + 4)
}

/** The "don't fragment" flag. */
export function ip4DontFragment(view: DataView, at: number): boolean {
  return (view.getUint8(at + 6) & 0x40) !== 0
}

/** True when the packet is a fragment: more follow, or it is not the first. */
export function ip4IsFragment(view: DataView, at: number): boolean {
  return (view.getUint16(at + 6) & (FLAG_MF | OFFSET_MASK)) !== 0
}

/** True when the packet is a fragment other than the first, so that it holds no transport header. */
export function ip4IsLaterFragment(view: DataView, at: number): boolean {
  return (view.getUint16(at + 6) & OFFSET_MASK) !== 0
}

/** Hops left. */
export function ip4Ttl(view: DataView, at: number): number {
  return view.getUint8(at + 8)
}

/** Protocol of the payload. */
export function ip4Protocol(view: DataView, at: number): number {
  return view.getUint8(at + 9)
}

/** Source address. */
export function ip4Src(view: DataView, at: number): Ip4 {
  return view.getUint32(at + 12)
}

/** Destination address. */
export function ip4Dst(view: DataView, at: number): Ip4 {
  return view.getUint32(at + 16)
}

/** True when the header checksum is right. */
export function ip4ChecksumOk(view: DataView, at: number): boolean {
  return isIntact(addRange(view, at, at + ip4HeaderLength(view, at)))
}

/** Takes one from the TTL, corrects the header checksum and returns the new TTL. A TTL of 0 stays 0. */
export function decrementIp4Ttl(view: DataView, at: number): number {
  const before = view.getUint16(at + 8)
  if (before < 0x0100) return 0
  const after = before - 0x0100
  view.setUint16(at + 8, after)
  view.setUint16(at + 10, updateChecksum(view.getUint16(at + 10), before, after))
  return after >>> 8
}

/** Writes the TTL and corrects the header checksum. */
export function setIp4Ttl(view: DataView, at: number, ttl: number): void {
  const before = view.getUint16(at + 8)
  const after = (ttl << 8) | (before & 0xff)
  view.setUint16(at + 8, after)
  view.setUint16(at + 10, updateChecksum(view.getUint16(at + 10), before, after))
}

/** Writes the source address and corrects the header checksum; a transport checksum is the caller's to correct. */
export function setIp4Src(view: DataView, at: number, ip: Ip4): void {
  setAddress(view, at, at + 12, ip)
}

/** Writes the destination address and corrects the header checksum; a transport checksum is the caller's to correct. */
export function setIp4Dst(view: DataView, at: number, ip: Ip4): void {
  setAddress(view, at, at + 16, ip)
}

function setAddress(view: DataView, at: number, addressAt: number, ip: Ip4): void {
  view.setUint16(at + 10, updateChecksum32(view.getUint16(at + 10), view.getUint32(addressAt), ip))
  view.setUint32(addressAt, ip)
}

/**
 * Reads the header at `at` when the whole packet lies before `end`; undefined when it does not, or when the version or a
 * length is wrong. Bytes between the packet's end and `end` are padding.
 */
export function parseIpv4(view: DataView, at: number, end: number): Ipv4Repr | undefined {
  const repr = parseIpv4Header(view, at, end)
  return repr !== undefined && at + ip4TotalLength(view, at) <= end ? repr : undefined
}

/** Reads the header at `at` although its payload may be cut off, as in the packet an ICMP error quotes. */
export function parseIpv4Header(view: DataView, at: number, end: number): Ipv4Repr | undefined {
  if (end - at < IPV4_LENGTH || view.getUint8(at) >>> 4 !== 4) return undefined
  const headerLength = ip4HeaderLength(view, at)
  const payloadLength = ip4TotalLength(view, at) - headerLength
  if (headerLength < IPV4_LENGTH || at + headerLength > end || payloadLength < 0) return undefined
  const fragment = view.getUint16(at + 6)
  return {
    src: ip4Src(view, at),
    dst: ip4Dst(view, at),
    protocol: ip4Protocol(view, at),
    ttl: ip4Ttl(view, at),
    tos: ip4Tos(view, at),
    identification: ip4Identification(view, at),
    dontFragment: (fragment & FLAG_DF) !== 0,
    moreFragments: (fragment & FLAG_MF) !== 0,
    fragmentOffset: (fragment & OFFSET_MASK) << 3,
    payloadLength,
  }
}

/** Writes a header of 20 bytes with its checksum at `at` and returns the offset behind it. */
export function emitIpv4(view: DataView, at: number, repr: Ipv4Repr): number {
  const flags = (repr.dontFragment ? FLAG_DF : 0) | (repr.moreFragments ? FLAG_MF : 0)
  view.setUint8(at, 0x45)
  view.setUint8(at + 1, repr.tos)
  view.setUint16(at + 2, IPV4_LENGTH + repr.payloadLength)
  view.setUint16(at + 4, repr.identification)
  view.setUint16(at + 6, flags | (repr.fragmentOffset >>> 3))
  view.setUint8(at + 8, repr.ttl)
  view.setUint8(at + 9, repr.protocol)
  view.setUint16(at + 10, 0)
  view.setUint32(at + 12, repr.src)
  view.setUint32(at + 16, repr.dst)
  view.setUint16(at + 10, checksumOf(view, at, at + IPV4_LENGTH))
  return at + IPV4_LENGTH
}
