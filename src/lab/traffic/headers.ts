/** Headers of captured packets, as results of probes tell of them. */
import type { DecodedLayer, DecodedPacket } from '../../wire/decoded.ts'
import { type IcmpRepr, IcmpType } from '../../wire/icmp.ts'
import { type Icmpv6Repr, Icmpv6Type } from '../../wire/icmpv6.ts'

type IpLayer = Extract<DecodedLayer, { kind: 'ipv4' | 'ipv6' }>

/** The outermost IP header. */
export function ipOf(layers: readonly DecodedLayer[]): IpLayer | undefined {
  return layers.find((layer): layer is IpLayer => layer.kind === 'ipv4' || layer.kind === 'ipv6')
}

/** What an IP packet carries, as far as it can be told. */
export function transportOf(layers: readonly DecodedLayer[]): DecodedLayer | undefined {
  return layers.find(({ kind }) => ['icmp', 'icmpv6', 'udp', 'tcp'].includes(kind))
}

/** What a message of ICMP or ICMPv6 says of itself. */
export interface IcmpHeader {
  readonly type: number
  readonly code: number
  readonly mtu: number | undefined
}

/** Type, code and MTU of an ICMP message as numbers. */
export function header4(repr: IcmpRepr): IcmpHeader {
  switch (repr.kind) {
    case 'unreachable':
      return { type: IcmpType.unreachable, code: repr.code, mtu: repr.code === 4 ? repr.mtu : undefined }
    case 'time-exceeded':
      return { type: IcmpType.timeExceeded, code: repr.code, mtu: undefined }
    case 'other':
      return { type: repr.type, code: repr.code, mtu: undefined }
    default:
      return {
        type: repr.kind === 'echo-request' ? IcmpType.echoRequest : IcmpType.echoReply,
        code: 0,
        mtu: undefined,
      }
  }
}

/** The same for ICMPv6. */
export function header6(repr: Icmpv6Repr): IcmpHeader {
  switch (repr.kind) {
    case 'unreachable':
      return { type: Icmpv6Type.unreachable, code: repr.code, mtu: undefined }
    case 'time-exceeded':
      return { type: Icmpv6Type.timeExceeded, code: repr.code, mtu: undefined }
    case 'packet-too-big':
      return { type: Icmpv6Type.packetTooBig, code: 0, mtu: repr.mtu }
    case 'other':
      return { type: repr.type, code: repr.code, mtu: undefined }
    default:
      return {
        type: Icmpv6Type[repr.kind === 'echo-request' ? 'echoRequest' : 'echoReply'],
        code: 0,
        mtu: undefined,
      }
  }
}

/** Bytes of the original packet in an error: all behind the eight of the ICMP header. */
export function quotedLength({ layers }: DecodedPacket): number {
  const ip = ipOf(layers)
  return ip === undefined ? 0 : ip.repr.payloadLength - 8
}
