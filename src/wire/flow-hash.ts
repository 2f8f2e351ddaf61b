// The two hashes with which the OVS 3.1 userspace datapath spreads flows: the five-tuple hash behind the outer UDP source
// port of a tunnel (`miniflow_hash_5tuple`), and the symmetric hash that picks an ECMP member (`select` groups,
// `flow_hash_symmetric_l4`-like). Both are MurmurHash3 over 32-bit words read from the wire in little-endian order.
// Surprises: ICMP type and code count as ports in the first and not in the second; UDP ports count in the first and not
// in the second, so that all UDP flows between two pods take one path. A kernel datapath hashes differently.
// Later fragments of IPv6 count with the protocol 44 of their header, those of IPv4 with the packet's own (OVS miniflow_extract).
// A packet that the router makes carries, on its first hop, a port that depends on the packet that caused it: an echo
// reply of a router has the port of the request, an ICMP error that of (source, destination, ICMP, 3, 1) of the trigger
// (3, 3 when it was UDP), an ARP request that of (source, destination, 1, 0, 0). Later hops hash the packet as it is.

import type { Ip, Ip6 } from '../net/ip.ts'
import { ETHERNET_LENGTH, EtherType, ethType } from './ethernet.ts'
import { IpProtocol } from './ip-protocol.ts'
import { ip4HeaderLength, ip4IsLaterFragment, ip4Protocol } from './ipv4.ts'
import { ip6Upper } from './ipv6.ts'

/** The five values both hashes read. */
export interface FlowTuple {
  readonly src: Ip
  readonly dst: Ip
  /** IP protocol, see `IpProtocol`. */
  readonly protocol: number
  /** Source port, or the type of an ICMP message; 0 in later fragments. */
  readonly first: number
  /** Destination port, or the code of an ICMP message; 0 in later fragments. */
  readonly second: number
}

function mix(hash: number, data: number): number {
  let d = Math.imul(data, 0xcc9e2d51)
  d = (d << 15) | (d >>> 17)
  let h = hash ^ Math.imul(d, 0x1b873593)
  h = (h << 13) | (h >>> 19)
  return (Math.imul(h, 5) + 0xe6546b64) | 0
}

function finish(hash: number, last: number): number {
  let h = hash ^ last
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** The 32-bit word whose bytes on the wire are those of `word`, as a little-endian machine reads it. */
function swap(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
}

function swap16(word: number): number {
  return ((word & 0xff) << 8) | (word >>> 8)
}

function hasPorts(protocol: number): boolean {
  return (
    protocol === IpProtocol.icmp ||
    protocol === IpProtocol.tcp ||
    protocol === IpProtocol.udp ||
    protocol === IpProtocol.icmpv6 ||
    protocol === IpProtocol.sctp
  )
}

function hasSymmetricPorts(protocol: number): boolean {
  return protocol === IpProtocol.tcp || protocol === IpProtocol.sctp
}

function portOfHash(hash: number): number {
  // hash × 28232 stays below 2^47, so the division is exact where a 32-bit shift would not be.
  return 32_768 + Math.floor((hash * 28_232) / 0x1_0000_0000)
}

/** The five-tuple hash, an unsigned 32-bit number. */
export function tupleHash(tuple: FlowTuple): number {
  const { src, dst, protocol } = tuple
  let h = mixAddress(mixAddress(0, src), dst)
  h = mix(h, protocol)
  if (hasPorts(protocol)) h = mix(h, swap16(tuple.first) | (swap16(tuple.second) << 16))
  return finish(h, 42)
}

function mixAddress(hash: number, ip: Ip): number {
  if (typeof ip === 'number') return mix(hash, swap(ip))
  return mix(mix(mix(mix(hash, swap(ip.w0)), swap(ip.w1)), swap(ip.w2)), swap(ip.w3))
}

/** The outer UDP source port for a flow: 32768 … 60999. */
export function tunnelSourcePortOf(tuple: FlowTuple): number {
  return portOfHash(tupleHash(tuple))
}

/** The symmetric hash for ECMP, an unsigned 32-bit number: the same in both directions of a flow. */
export function selectHashOf(tuple: FlowTuple): number {
  const { src, dst, protocol } = tuple
  let h = 0
  if (typeof src === 'number') h = mix(h, swap((src ^ (dst as number)) >>> 0))
  else h = mixSelect6(h, src, dst as Ip6)
  h = mix(h, protocol)
  if (hasSymmetricPorts(protocol)) h = mix(h, swap16(tuple.first ^ tuple.second))
  return finish(h, 0)
}

function mixSelect6(hash: number, src: Ip6, dst: Ip6): number {
  let h = mix(hash, swap(src.w0 ^ dst.w0))
  h = mix(h, swap(src.w1 ^ dst.w1))
  h = mix(h, swap(src.w2 ^ dst.w2))
  return mix(h, swap(src.w3 ^ dst.w3))
}

/**
 * The outer UDP source port that the datapath gives to the Ethernet frame at `at`: 32768 … 60999. ARP hashes its two IPv4
 * addresses and its operation in the place of a protocol. Allocates nothing for IPv4.
 */
export function tunnelSourcePort(view: DataView, at: number, end: number): number {
  const ipAt = at + ETHERNET_LENGTH
  switch (ethType(view, at)) {
    case EtherType.ipv4:
      return portOfHash(hashAt4(view, ipAt, end))
    case EtherType.ipv6:
      return portOfHash(hashAt6(view, ipAt, end))
    case EtherType.arp:
      return portOfHash(hashArp(view, ipAt))
    default:
      return portOfHash(finish(0, 42))
  }
}

function hashAt4(view: DataView, ipAt: number, end: number): number {
  const protocol = ip4Protocol(view, ipAt)
  let h = mix(mix(0, view.getInt32(ipAt + 12, true)), view.getInt32(ipAt + 16, true))
  h = mix(h, protocol)
  if (hasPorts(protocol)) {
    const upperAt = ip4IsLaterFragment(view, ipAt) ? -1 : ipAt + ip4HeaderLength(view, ipAt)
    h = mix(h, portsWord(view, protocol, upperAt, end))
  }
  return finish(h, 42)
}

function hashAt6(view: DataView, ipAt: number, end: number): number {
  let h = 0
  for (let at = ipAt + 8; at < ipAt + 40; at += 4) h = mix(h, view.getInt32(at, true))
  const upper = ip6Upper(view, ipAt, end)
  if (upper === undefined) return finish(h, 42)
  if (isLaterFragment6(view, upper.fragmentAt)) return finish(mix(h, IpProtocol.fragment), 42)
  h = mix(h, upper.protocol)
  if (hasPorts(upper.protocol)) h = mix(h, portsWord(view, upper.protocol, upper.at, end))
  return finish(h, 42)
}

/** A fragment that does not begin its packet: what the fragment header leads to is not read, and the header counts as the protocol. */
function isLaterFragment6(view: DataView, fragmentAt: number): boolean {
  return fragmentAt >= 0 && (view.getUint16(fragmentAt + 2) & 0xfff8) !== 0
}

function hashArp(view: DataView, arpAt: number): number {
  const operation = view.getUint16(arpAt + 6)
  let h = mix(mix(0, view.getInt32(arpAt + 14, true)), view.getInt32(arpAt + 24, true))
  h = mix(h, operation)
  if (hasPorts(operation)) h = mix(h, 0)
  return finish(h, 42)
}

/** Both ports as a little-endian machine reads them; ICMP type and code widened to two ports. */
function portsWord(view: DataView, protocol: number, at: number, end: number): number {
  if (at < 0 || at + 4 > end) return 0
  if (protocol === IpProtocol.icmp || protocol === IpProtocol.icmpv6) {
    return (view.getUint8(at) << 8) | (view.getUint8(at + 1) << 24)
  }
  return view.getInt32(at, true)
}

/** The symmetric hash of the IPv4 or IPv6 packet whose IP header is at `ipAt`. Allocates nothing for IPv4. */
export function selectHash(view: DataView, ipAt: number, end: number): number {
  let h = 0
  let protocol: number
  let upperAt: number
  if (view.getUint8(ipAt) >>> 4 === 4) {
    h = mix(h, view.getInt32(ipAt + 12, true) ^ view.getInt32(ipAt + 16, true))
    protocol = ip4Protocol(view, ipAt)
    upperAt = ip4IsLaterFragment(view, ipAt) ? -1 : ipAt + ip4HeaderLength(view, ipAt)
  } else {
    for (let at = ipAt + 8; at < ipAt + 24; at += 4)
      h = mix(h, view.getInt32(at, true) ^ view.getInt32(at + 16, true))
    const upper = ip6Upper(view, ipAt, end)
    const later = upper !== undefined && isLaterFragment6(view, upper.fragmentAt)
    protocol = later ? IpProtocol.fragment : (upper?.protocol ?? IpProtocol.noNext)
    upperAt = upper === undefined || later ? -1 : upper.at
  }
  h = mix(h, protocol)
  if (hasSymmetricPorts(protocol)) {
    const ports = portsWord(view, protocol, upperAt, end)
    h = mix(h, (ports & 0xffff) ^ (ports >>> 16))
  }
  return finish(h, 0)
}

/**
 * The index of the ECMP member (0 … count - 1) that a symmetric hash picks: hash modulo 16 slots (the next power of two when
 * there are more than 16 members), modulo the number of members. `count` is at least 1.
 */
export function ecmpMember(hash: number, count: number): number {
  let slots = 16
  while (slots < count) slots *= 2
  return (hash & (slots - 1)) % count
}
