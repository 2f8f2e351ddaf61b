// The packets a walk sends: an echo request, a UDP datagram or a TCP SYN as Linux makes them, and the answers of a host to
// them. Specified by RFC 792, 4443, 768, 9293 and by what the pods of the lab sent.
// Surprise: Linux sets DF on what it sends but not on echo replies (basic-2az), and so does this.

import type { Ip, Ip4, Ip6 } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import { ETHERNET_LENGTH, EtherType, emitEthernet } from '../wire/ethernet.ts'
import { FRAME_CAPACITY, FRAME_HEADROOM, Frame } from '../wire/frame.ts'
import { emitIcmp, ICMP_LENGTH } from '../wire/icmp.ts'
import { emitIcmpv6 } from '../wire/icmpv6.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { emitIpv4, IPV4_LENGTH } from '../wire/ipv4.ts'
import { emitIpv6, IPV6_LENGTH } from '../wire/ipv6.ts'
import { emitTcp, TCP_LENGTH, TcpFlag } from '../wire/tcp.ts'
import { emitUdp, UDP_LENGTH } from '../wire/udp.ts'
import { fillChecksum } from './ovn/transport.ts'

/** What a packet asks: an echo, a datagram to be echoed, a connection; and the three answers. */
export type WalkMessage =
  | {
      readonly kind: 'echo-request' | 'echo-reply'
      readonly id: number
      readonly seq: number
      readonly size: number
    }
  | {
      readonly kind: 'udp'
      readonly sourcePort: number
      readonly destinationPort: number
      readonly size: number
    }
  | {
      readonly kind: 'syn' | 'syn-ack'
      readonly sourcePort: number
      readonly destinationPort: number
      readonly seq: number
      readonly ack: number
    }

/** Headers around a message. */
export interface WalkHeaders {
  readonly ethSrc: Mac
  readonly ethDst: Mac
  readonly src: Ip
  readonly dst: Ip
  readonly ttl: number
  readonly tos: number
  readonly dontFragment: boolean
}

/** A frame with the message, checksums right, payload of ascending bytes. */
export function buildFrame(headers: WalkHeaders, message: WalkMessage): Frame {
  const four = typeof headers.src === 'number'
  const upperLength = messageLength(message)
  const length = ETHERNET_LENGTH + (four ? IPV4_LENGTH : IPV6_LENGTH) + upperLength
  const frame = new Frame(Math.max(FRAME_CAPACITY, FRAME_HEADROOM + length))
  frame.append(length)
  const { view } = frame
  const etherType = four ? EtherType.ipv4 : EtherType.ipv6
  const ipAt = emitEthernet(view, frame.start, { dst: headers.ethDst, src: headers.ethSrc, etherType })
  const upperAt = writeIp(view, ipAt, headers, protocolOf(message, four), upperLength)
  const dataAt = writeMessage(view, upperAt, message, four)
  for (let at = dataAt; at < frame.end; at++) view.setUint8(at, (at - dataAt) & 0xff)
  fillChecksum(frame, ipAt, upperAt)
  return frame
}

function writeIp(
  view: DataView,
  at: number,
  headers: WalkHeaders,
  protocol: number,
  payloadLength: number,
): number {
  const { src, dst, ttl, tos, dontFragment } = headers
  if (typeof src === 'number') {
    return emitIpv4(view, at, {
      src,
      dst: dst as Ip4,
      protocol,
      ttl,
      tos,
      identification: 0,
      dontFragment,
      moreFragments: false,
      fragmentOffset: 0,
      payloadLength,
    })
  }
  return emitIpv6(view, at, {
    src,
    dst: dst as Ip6,
    nextHeader: protocol,
    hopLimit: ttl,
    trafficClass: tos,
    flowLabel: 0,
    payloadLength,
  })
}

function protocolOf(message: WalkMessage, four: boolean): number {
  if (message.kind === 'udp') return IpProtocol.udp
  if (message.kind === 'syn' || message.kind === 'syn-ack') return IpProtocol.tcp
  return four ? IpProtocol.icmp : IpProtocol.icmpv6
}

/** Bytes of the message with its ICMP, UDP or TCP header. */
export function messageLength(message: WalkMessage): number {
  if (message.kind === 'udp') return UDP_LENGTH + message.size
  return 'size' in message ? ICMP_LENGTH + message.size : TCP_LENGTH.withMss
}

function writeMessage(view: DataView, at: number, message: WalkMessage, four: boolean): number {
  switch (message.kind) {
    case 'echo-request':
    case 'echo-reply': {
      const { kind, id, seq } = message
      return four ? emitIcmp(view, at, { kind, id, seq }) : emitIcmpv6(view, at, { kind, id, seq })
    }
    case 'udp':
      return emitUdp(view, at, {
        srcPort: message.sourcePort,
        dstPort: message.destinationPort,
        payloadLength: message.size,
      })
    case 'syn':
    case 'syn-ack':
      return emitTcp(view, at, {
        srcPort: message.sourcePort,
        dstPort: message.destinationPort,
        seq: message.seq,
        ack: message.ack,
        flags: message.kind === 'syn' ? TcpFlag.syn : TcpFlag.syn | TcpFlag.ack,
        window: 64_240,
        urgent: 0,
        mss: 1360,
      })
  }
}

/** What a host with a listening echo server sends back, or undefined when it would not answer. */
export function answerTo(message: WalkMessage): WalkMessage | undefined {
  switch (message.kind) {
    case 'echo-request':
      return { ...message, kind: 'echo-reply' }
    case 'udp':
      return { ...message, sourcePort: message.destinationPort, destinationPort: message.sourcePort }
    case 'syn':
      return {
        kind: 'syn-ack',
        sourcePort: message.destinationPort,
        destinationPort: message.sourcePort,
        seq: message.seq,
        ack: (message.seq + 1) >>> 0,
      }
    default:
      return undefined
  }
}
