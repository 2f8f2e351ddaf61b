// The checksum sum of a whole Ethernet frame without reading its payload, for the outer UDP checksum of a tunnel. Linux
// calls the idea "local checksum offload": bytes covered by a right checksum sum to a known value, namely to zero with
// the IPv4 header or an ICMP message, and to minus the pseudo header with UDP, TCP and ICMPv6 (RFC 1071 §2, RFC 768).
// Surprise: it believes the inner checksums. A frame with a wrong one would get a wrong outer checksum as well.

import { addRange } from './checksum.ts'
import { ETHERNET_LENGTH, EtherType, ethType } from './ethernet.ts'
import { IpProtocol } from './ip-protocol.ts'
import { ip4HeaderLength, ip4IsFragment, ip4Protocol, ip4TotalLength } from './ipv4.ts'
import { IPV6_LENGTH, ip6NextHeader, ip6PayloadLength } from './ipv6.ts'
import { udpChecksum, udpLength } from './udp.ts'

/** Six times one's complement zero: more than any IPv4 pseudo header sums to. */
const ZERO = 6 * 0xffff

/**
 * An unfolded sum of the Ethernet frame from `at` to `end` that is equal, modulo 0xffff, to `addRange(view, at, end)`.
 * Every checksum inside must be right. Fragments, padded frames and other protocols are summed byte by byte.
 */
export function intactFrameSum(view: DataView, at: number, end: number): number {
  const ipAt = at + ETHERNET_LENGTH
  const etherType = ethType(view, at)
  let known = -1
  if (etherType === EtherType.ipv4) known = intactSum4(view, ipAt, end)
  else if (etherType === EtherType.ipv6) known = intactSum6(view, ipAt, end)
  return known < 0 ? addRange(view, at, end) : addRange(view, at, ipAt, known)
}

/** The sum of an IPv4 packet, or -1 when it has to be computed. */
function intactSum4(view: DataView, ipAt: number, end: number): number {
  if (ipAt + ip4TotalLength(view, ipAt) !== end || ip4IsFragment(view, ipAt)) return -1
  const protocol = ip4Protocol(view, ipAt)
  if (protocol === IpProtocol.icmp) return 0
  const upperAt = ipAt + ip4HeaderLength(view, ipAt)
  if (!isCovered(view, protocol, upperAt, end)) return -1
  return ZERO - addRange(view, ipAt + 12, ipAt + 20, protocol + end - upperAt)
}

/** The sum of an IPv6 packet, or -1 when it has to be computed. Addresses and length cancel with the pseudo header's. */
function intactSum6(view: DataView, ipAt: number, end: number): number {
  const upperAt = ipAt + IPV6_LENGTH
  if (upperAt + ip6PayloadLength(view, ipAt) !== end) return -1
  const protocol = ip6NextHeader(view, ipAt)
  if (protocol !== IpProtocol.icmpv6 && !isCovered(view, protocol, upperAt, end)) return -1
  return view.getUint16(ipAt) + view.getUint16(ipAt + 2) + view.getUint16(ipAt + 6) - protocol
}

/** True when the transport checksum covers everything from `upperAt` to `end`. */
function isCovered(view: DataView, protocol: number, upperAt: number, end: number): boolean {
  if (protocol === IpProtocol.tcp) return true
  if (protocol !== IpProtocol.udp) return false
  return udpChecksum(view, upperAt) !== 0 && udpLength(view, upperAt) === end - upperAt
}
