// IPv6 header (RFC 8200 §3) and its fragment header (§4.5). Hop-by-hop, routing and destination options are walked over
// when read and never written.
//
//   0                    4              6         7          8            24
//   | ver, class, flow   | payload len  | next    | hop lim  | source     | destination
//
//   Fragment:  | next | 0 | offset (13 bits), 0, M | identification (32 bits) |
//
// Surprise: there is no header checksum, so a hop limit is changed by writing one byte.

import type { Ip6 } from '../net/ip.ts'
import { readIp6, writeIp6 } from './bytes.ts'
import { IpProtocol } from './ip-protocol.ts'

/** Bytes of an IPv6 header without extension headers. */
export const IPV6_LENGTH = 40

/** Bytes of a fragment header. */
export const IPV6_FRAGMENT_LENGTH = 8

/** An IPv6 header. */
export interface Ipv6Repr {
  readonly src: Ip6
  readonly dst: Ip6
  /** What follows: a protocol or an extension header, see `IpProtocol`. */
  readonly nextHeader: number
  /** Hops left, 0 … 255. */
  readonly hopLimit: number
  /** DSCP and ECN in one byte. */
  readonly trafficClass: number
  /** 20 bits; 0 when unused. */
  readonly flowLabel: number
  /** Bytes behind the header, extension headers included. */
  readonly payloadLength: number
}

/** An IPv6 fragment header. */
export interface Ipv6FragmentRepr {
  readonly nextHeader: number
  /** Where this fragment's data lies, in bytes: a multiple of 8 up to 65,528. */
  readonly fragmentOffset: number
  readonly moreFragments: boolean
  /** 32 bits. */
  readonly identification: number
}

/** Where the upper layer begins behind the extension headers of a packet. */
export interface Ipv6Upper {
  /** Protocol of the upper layer, see `IpProtocol`. */
  readonly protocol: number
  /** Absolute offset of the upper layer's first byte. */
  readonly at: number
  /** Absolute offset of the fragment header, or -1 when the packet has none. */
  readonly fragmentAt: number
}

/** Bytes behind the header at `at`. */
export function ip6PayloadLength(view: DataView, at: number): number {
  return view.getUint16(at + 4)
}

/** DSCP and ECN. */
export function ip6TrafficClass(view: DataView, at: number): number {
  return (view.getUint16(at) >>> 4) & 0xff
}

/** The first next-header field. */
export function ip6NextHeader(view: DataView, at: number): number {
  return view.getUint8(at + 6)
}

/** Hops left. */
export function ip6HopLimit(view: DataView, at: number): number {
  return view.getUint8(at + 7)
}

/** Writes the hop limit. */
export function setIp6HopLimit(view: DataView, at: number, hopLimit: number): void {
  view.setUint8(at + 7, hopLimit)
}

/** Takes one from the hop limit and returns what is left. A hop limit of 0 stays 0. */
export function decrementIp6HopLimit(view: DataView, at: number): number {
  const left = Math.max(0, view.getUint8(at + 7) - 1)
  view.setUint8(at + 7, left)
  return left
}

/** Source address, as a new object. In the hot path use `isIp6At(view, at + 8, ip)` or read lanes. */
export function ip6Src(view: DataView, at: number): Ip6 {
  return readIp6(view, at + 8)
}

/** Destination address, as a new object. In the hot path use `isIp6At(view, at + 24, ip)` or read lanes. */
export function ip6Dst(view: DataView, at: number): Ip6 {
  return readIp6(view, at + 24)
}

/** Lane `lane` (0 … 3) of the source address. */
export function ip6SrcLane(view: DataView, at: number, lane: number): number {
  return view.getUint32(at + 8 + (lane << 2))
}

/** Lane `lane` (0 … 3) of the destination address. */
export function ip6DstLane(view: DataView, at: number, lane: number): number {
  return view.getUint32(at + 24 + (lane << 2))
}

/** Writes the source address; a transport checksum is the caller's to correct. */
export function setIp6Src(view: DataView, at: number, ip: Ip6): void {
  writeIp6(view, at + 8, ip)
}

/** Writes the destination address; a transport checksum is the caller's to correct. */
export function setIp6Dst(view: DataView, at: number, ip: Ip6): void {
  writeIp6(view, at + 24, ip)
}

/** Reads the header at `at` when the whole packet lies before `end`; undefined when it does not or is not version 6. */
export function parseIpv6(view: DataView, at: number, end: number): Ipv6Repr | undefined {
  const repr = parseIpv6Header(view, at, end)
  return repr !== undefined && at + IPV6_LENGTH + repr.payloadLength <= end ? repr : undefined
}

/** Reads the header at `at` although its payload may be cut off, as in the packet an ICMPv6 error quotes. */
export function parseIpv6Header(view: DataView, at: number, end: number): Ipv6Repr | undefined {
  if (end - at < IPV6_LENGTH || view.getUint8(at) >>> 4 !== 6) return undefined
  return {
    src: ip6Src(view, at),
    dst: ip6Dst(view, at),
    nextHeader: ip6NextHeader(view, at),
    hopLimit: ip6HopLimit(view, at),
    trafficClass: ip6TrafficClass(view, at),
    flowLabel: view.getUint32(at) & 0xfffff,
    payloadLength: ip6PayloadLength(view, at),
  }
}

/** Writes the header at `at` and returns the offset behind it. */
export function emitIpv6(view: DataView, at: number, repr: Ipv6Repr): number {
  view.setUint32(at, ((6 << 28) | (repr.trafficClass << 20) | repr.flowLabel) >>> 0)
  view.setUint16(at + 4, repr.payloadLength)
  view.setUint8(at + 6, repr.nextHeader)
  view.setUint8(at + 7, repr.hopLimit)
  writeIp6(view, at + 8, repr.src)
  writeIp6(view, at + 24, repr.dst)
  return at + IPV6_LENGTH
}

/** Reads the fragment header at `at`; undefined when it is cut off. */
export function parseIpv6Fragment(view: DataView, at: number, end: number): Ipv6FragmentRepr | undefined {
  if (end - at < IPV6_FRAGMENT_LENGTH) return undefined
  const field = view.getUint16(at + 2)
  return {
    nextHeader: view.getUint8(at),
    fragmentOffset: field & 0xfff8,
    moreFragments: (field & 1) !== 0,
    identification: view.getUint32(at + 4),
  }
}

/** Writes the fragment header at `at` and returns the offset behind it. */
export function emitIpv6Fragment(view: DataView, at: number, repr: Ipv6FragmentRepr): number {
  view.setUint8(at, repr.nextHeader)
  view.setUint8(at + 1, 0)
  view.setUint16(at + 2, repr.fragmentOffset | (repr.moreFragments ? 1 : 0))
  view.setUint32(at + 4, repr.identification)
  return at + IPV6_FRAGMENT_LENGTH
}

/**
 * Walks the extension headers of the packet whose IPv6 header is at `at`; undefined when one is cut off. A fragment other
 * than the first has no upper-layer header at `at` of the answer.
 */
export function ip6Upper(view: DataView, at: number, end: number): Ipv6Upper | undefined {
  let protocol = ip6NextHeader(view, at)
  let offset = at + IPV6_LENGTH
  let fragmentAt = -1
  for (;;) {
    const isFragment = protocol === IpProtocol.fragment
    if (!isFragment && !isSkippable(protocol)) return { protocol, at: offset, fragmentAt }
    if (offset + 8 > end) return undefined
    if (isFragment) fragmentAt = offset
    protocol = view.getUint8(offset)
    // Data of a later fragment continues where an earlier one stopped: nothing in it is a header.
    if (isFragment && (view.getUint16(offset + 2) & 0xfff8) !== 0)
      return { protocol, at: offset + 8, fragmentAt }
    offset += isFragment ? IPV6_FRAGMENT_LENGTH : (view.getUint8(offset + 1) + 1) << 3
    if (offset > end) return undefined
  }
}

function isSkippable(protocol: number): boolean {
  return (
    protocol === IpProtocol.hopByHop ||
    protocol === IpProtocol.routing ||
    protocol === IpProtocol.destinationOptions
  )
}
