// The packets a router makes: ICMP and ICMPv6 errors, TCP resets, echo replies. Specified by ovn-northd(8) ("Logical Router
// Ingress Table 3") and by what ovn-controller fills in: rules IC4-1 … IC4-6, IC6-1.
// Surprises: an error quotes up to 534 bytes of IPv4 and 1218 of IPv6, because ovn-controller counts the Ethernet header
// against 576 and 1280; its outer source port is hashed from the packet as ovn-controller injects it, addresses not
// swapped yet and type and code still 3/1, or 3/3 for UDP (probes §3).

import type { Ip, Ip4, Ip6 } from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import { ETHERNET_LENGTH, EtherType, emitEthernet, ethDst, ethSrc } from '../../wire/ethernet.ts'
import { tunnelSourcePortOf } from '../../wire/flow-hash.ts'
import { FRAME_CAPACITY, FRAME_HEADROOM, Frame } from '../../wire/frame.ts'
import {
  emitIcmp,
  fillIcmpChecksum,
  ICMP_LENGTH,
  type IcmpRepr,
  IcmpType,
  IcmpUnreachable,
} from '../../wire/icmp.ts'
import { emitIcmpv6, ICMPV6_LENGTH, type Icmpv6Repr, Icmpv6Type } from '../../wire/icmpv6.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { emitIpv4, IPV4_LENGTH, ip4TotalLength, setIp4Dst, setIp4Src, setIp4Ttl } from '../../wire/ipv4.ts'
import {
  emitIpv6,
  IPV6_LENGTH,
  ip6PayloadLength,
  setIp6Dst,
  setIp6HopLimit,
  setIp6Src,
} from '../../wire/ipv6.ts'
import { emitTcp, TCP_LENGTH, TcpFlag, tcpAck, tcpFlags, tcpHeaderLength, tcpSeq } from '../../wire/tcp.ts'
import type { Packet } from './packet.ts'
import { fillChecksum } from './transport.ts'

/** The most of an offending packet that an error quotes, in bytes. */
export const QUOTE_MAX = {
  4: 576 - ETHERNET_LENGTH - IPV4_LENGTH - ICMP_LENGTH,
  6: 1280 - ETHERNET_LENGTH - IPV6_LENGTH - ICMPV6_LENGTH,
} as const

/** What an error says, by family. */
export type ErrorKind =
  | { readonly kind: 'time-exceeded' }
  | { readonly kind: 'too-big'; readonly mtu: number }
  | { readonly kind: 'port-unreachable' }
  | { readonly kind: 'protocol-unreachable' }

/** Addresses and TTL of an error. */
export interface ErrorHeader {
  readonly ethSrc: Mac
  readonly ethDst: Mac
  readonly src: Ip
  readonly ttl: number
}

/** Type, code and MTU of an error as they stand in its header. */
export function errorCode(kind: ErrorKind, family: 4 | 6): { type: number; code: number; mtu?: number } {
  switch (kind.kind) {
    case 'time-exceeded':
      return { type: family === 4 ? IcmpType.timeExceeded : Icmpv6Type.timeExceeded, code: 0 }
    case 'too-big':
      return family === 4
        ? { type: IcmpType.unreachable, code: IcmpUnreachable.fragmentationNeeded, mtu: kind.mtu }
        : { type: Icmpv6Type.packetTooBig, code: 0, mtu: kind.mtu }
    case 'port-unreachable':
      return family === 4
        ? { type: 3, code: IcmpUnreachable.port }
        : { type: Icmpv6Type.unreachable, code: 4 }
    case 'protocol-unreachable':
      return family === 4
        ? { type: 3, code: IcmpUnreachable.protocol }
        : { type: Icmpv6Type.unreachable, code: 3 }
  }
}

/**
 * A new frame with the error about `packet`, which must be IP; it is addressed to the packet's source. Type of service and traffic class
 * are 0 whatever those of the packet are: ovn-controller makes the header anew.
 */
export function makeError(packet: Packet, kind: ErrorKind, header: ErrorHeader): Frame {
  return packet.family === 4 ? makeError4(packet, kind, header) : makeError6(packet, kind, header)
}

function makeError4(packet: Packet, kind: ErrorKind, header: ErrorHeader): Frame {
  const from = packet.frame
  const quoted = Math.min(ip4TotalLength(from.view, packet.ipAt), QUOTE_MAX[4])
  const frame = newFrame(ETHERNET_LENGTH + IPV4_LENGTH + ICMP_LENGTH + quoted)
  const { view } = frame
  const ipAt = emitEthernet(view, frame.start, {
    dst: header.ethDst,
    src: header.ethSrc,
    etherType: EtherType.ipv4,
  })
  const icmpAt = emitIpv4(view, ipAt, {
    src: header.src as Ip4,
    dst: packet.src as Ip4,
    protocol: IpProtocol.icmp,
    ttl: header.ttl,
    tos: 0,
    identification: 0,
    dontFragment: true,
    moreFragments: false,
    fragmentOffset: 0,
    payloadLength: ICMP_LENGTH + quoted,
  })
  const { type, code, mtu } = errorCode(kind, 4)
  const repr: IcmpRepr =
    type === IcmpType.timeExceeded
      ? { kind: 'time-exceeded', code }
      : { kind: 'unreachable', code, mtu: mtu ?? 0 }
  const quoteAt = emitIcmp(view, icmpAt, repr)
  frame.bytes.set(from.bytes.subarray(packet.ipAt, packet.ipAt + quoted), quoteAt)
  fillIcmpChecksum(view, icmpAt, frame.end)
  return frame
}

function makeError6(packet: Packet, kind: ErrorKind, header: ErrorHeader): Frame {
  const from = packet.frame
  const quoted = Math.min(IPV6_LENGTH + ip6PayloadLength(from.view, packet.ipAt), QUOTE_MAX[6])
  const frame = newFrame(ETHERNET_LENGTH + IPV6_LENGTH + ICMPV6_LENGTH + quoted)
  const { view } = frame
  const ipAt = emitEthernet(view, frame.start, {
    dst: header.ethDst,
    src: header.ethSrc,
    etherType: EtherType.ipv6,
  })
  const icmpAt = emitIpv6(view, ipAt, {
    src: header.src as Ip6,
    dst: packet.src as Ip6,
    nextHeader: IpProtocol.icmpv6,
    hopLimit: header.ttl,
    trafficClass: 0,
    flowLabel: 0,
    payloadLength: ICMPV6_LENGTH + quoted,
  })
  const { code, mtu } = errorCode(kind, 6)
  const repr: Icmpv6Repr =
    kind.kind === 'too-big'
      ? { kind: 'packet-too-big', mtu: mtu ?? 0 }
      : { kind: kind.kind === 'time-exceeded' ? 'time-exceeded' : 'unreachable', code }
  const quoteAt = emitIcmpv6(view, icmpAt, repr)
  frame.bytes.set(from.bytes.subarray(packet.ipAt, packet.ipAt + quoted), quoteAt)
  fillChecksum(frame, ipAt, icmpAt)
  return frame
}

/** The outer source port an error leaves with when it goes out without passing the router again. */
export function errorSourcePort(packet: Packet): number {
  const udp = packet.protocol === IpProtocol.udp
  const { src, dst } = packet
  return packet.family === 4
    ? tunnelSourcePortOf({ src, dst, protocol: IpProtocol.icmp, first: 3, second: udp ? 3 : 1 })
    : tunnelSourcePortOf({ src, dst, protocol: IpProtocol.icmpv6, first: 1, second: udp ? 4 : 1 })
}

/** A TCP reset that answers `packet`, a TCP segment to an own address of the router (IC4-4), with TTL 255. */
export function makeReset(packet: Packet): Frame {
  const { view: from } = packet.frame
  const at = packet.upperAt
  const ipLength = packet.family === 4 ? IPV4_LENGTH : IPV6_LENGTH
  const frame = newFrame(ETHERNET_LENGTH + ipLength + TCP_LENGTH.bare)
  const { view, start } = frame
  const etherType = packet.etherType
  const ipAt = emitEthernet(view, start, {
    dst: ethDst(from, packet.frame.start),
    src: ethSrc(from, packet.frame.start),
    etherType,
  })
  const tcpAt =
    packet.family === 4
      ? emitIpv4(view, ipAt, {
          src: packet.dst as Ip4,
          dst: packet.src as Ip4,
          protocol: IpProtocol.tcp,
          ttl: 255,
          tos: 0,
          identification: 0,
          dontFragment: true,
          moreFragments: false,
          fragmentOffset: 0,
          payloadLength: TCP_LENGTH.bare,
        })
      : emitIpv6(view, ipAt, {
          src: packet.dst as Ip6,
          dst: packet.src as Ip6,
          nextHeader: IpProtocol.tcp,
          hopLimit: 255,
          trafficClass: 0,
          flowLabel: 0,
          payloadLength: TCP_LENGTH.bare,
        })
  const flags = tcpFlags(from, at)
  const acked = (flags & TcpFlag.ack) !== 0
  const ipEnd =
    packet.ipAt +
    (packet.family === 4
      ? ip4TotalLength(from, packet.ipAt)
      : IPV6_LENGTH + ip6PayloadLength(from, packet.ipAt))
  const occupied =
    ipEnd - at - tcpHeaderLength(from, at) + (flags & TcpFlag.syn ? 1 : 0) + (flags & TcpFlag.fin ? 1 : 0)
  emitTcp(view, tcpAt, {
    srcPort: from.getUint16(at + 2),
    dstPort: from.getUint16(at),
    // RFC 9293 §3.5.2: a reset continues the sequence the other side expects, or acknowledges all it sent.
    seq: acked ? tcpAck(from, at) : 0,
    ack: acked ? 0 : (tcpSeq(from, at) + occupied) >>> 0,
    flags: acked ? TcpFlag.rst : TcpFlag.rst | TcpFlag.ack,
    window: 0,
    urgent: 0,
    mss: undefined,
  })
  fillChecksum(frame, ipAt, tcpAt)
  return frame
}

/** Turns an echo request in place into its reply with TTL 255 (IC4-1). */
export function turnEcho(packet: Packet): void {
  const { view, end } = packet.frame
  const { src, dst, ipAt, upperAt } = packet
  if (packet.family === 4) {
    setIp4Src(view, ipAt, dst as Ip4)
    setIp4Dst(view, ipAt, src as Ip4)
    setIp4Ttl(view, ipAt, 255)
    view.setUint8(upperAt, IcmpType.echoReply)
    fillIcmpChecksum(view, upperAt, Math.min(end, ipAt + ip4TotalLength(view, ipAt)))
  } else {
    setIp6Src(view, ipAt, dst as Ip6)
    setIp6Dst(view, ipAt, src as Ip6)
    setIp6HopLimit(view, ipAt, 255)
    view.setUint8(upperAt, Icmpv6Type.echoReply)
    fillChecksum(packet.frame, ipAt, upperAt)
  }
  packet.src = dst
  packet.dst = src
}

function newFrame(length: number): Frame {
  const frame = new Frame(Math.max(FRAME_CAPACITY, FRAME_HEADROOM + length))
  frame.append(length)
  return frame
}
