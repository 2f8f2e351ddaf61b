// One line a packet, as tcpdump would print it, with Geneve's VNI and OVN's keys in the middle:
//   192.168.42.13.38584 > 192.168.42.11.6081: Geneve vni 0x2 [0102/80 in 1 out 3] 10.16.0.10 > 10.17.0.10: ICMP echo
//   request id 7 seq 1 ttl 63 length 64
// `length` is what tcpdump means by it: the ICMP message with its header, the data of UDP and TCP.

import { formatIp } from '../net/ip.ts'
import { formatMac } from '../net/mac.ts'
import { type BfdRepr, BfdState } from './bfd.ts'
import { decodeFrame } from './decode.ts'
import type { DecodedLayer, DecodedPacket } from './decoded.ts'
import type { GeneveRepr } from './geneve.ts'
import { type IcmpRepr, IcmpUnreachable, icmpTypeOf } from './icmp.ts'
import { type Icmpv6Repr, icmpv6TypeOf } from './icmpv6.ts'
import { formatTcpFlags, TcpFlag } from './tcp.ts'

/** The one-line summary of the Ethernet frame from `start` to `end`. */
export function summarizeFrame(view: DataView, start: number, end: number): string {
  return summarize(decodeFrame(view, start, end))
}

/** The one-line summary of a decoded packet. */
export function summarize(packet: DecodedPacket): string {
  const parts: string[] = []
  const { layers } = packet
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index]!
    const text = layerText(layer, layers, index, packet)
    if (text !== '') parts.push(text)
  }
  for (const name of packet.badChecksums) parts.push(`(bad ${name} checksum)`)
  return parts.join(' ')
}

function layerText(
  layer: DecodedLayer,
  layers: readonly DecodedLayer[],
  index: number,
  packet: DecodedPacket,
): string {
  const next = layers[index + 1]
  switch (layer.kind) {
    case 'ethernet':
      if (next !== undefined && next.kind !== 'data' && next.kind !== 'malformed') return ''
      return `${formatMac(layer.repr.src)} > ${formatMac(layer.repr.dst)}:`
    case 'arp': {
      const { operation, senderIp, senderMac, targetIp } = layer.repr
      if (operation === 1) return `ARP who-has ${formatIp(targetIp)} tell ${formatIp(senderIp)}`
      if (operation === 2) return `ARP ${formatIp(senderIp)} is-at ${formatMac(senderMac)}`
      return `ARP operation ${operation} from ${formatIp(senderIp)}`
    }
    case 'ipv4': {
      const { dontFragment, moreFragments, fragmentOffset, identification } = layer.repr
      const fragment = fragmentText(fragmentOffset, moreFragments, identification)
      return endpoints(layer, next) + (dontFragment || fragment === '' ? '' : ` ${fragment}`)
    }
    case 'ipv6':
      return endpoints(layer, next?.kind === 'ipv6-fragment' ? layers[index + 2] : next)
    case 'ipv6-fragment': {
      const { fragmentOffset, moreFragments, identification } = layer.repr
      return fragmentText(fragmentOffset, moreFragments, identification)
    }
    case 'icmp':
      return `ICMP ${icmpText(layer.repr)}${quotation(packet)}${tail(layers, index, restOf(layers, index, packet))}`
    case 'icmpv6':
      return `ICMP6 ${icmpv6Text(layer.repr)}${quotation(packet)}${tail(layers, index, restOf(layers, index, packet))}`
    case 'udp':
      if (next?.kind === 'geneve' || next?.kind === 'bfd') return ''
      return `UDP${tail(layers, index, layer.repr.payloadLength)}`
    case 'tcp': {
      const { flags, seq, ack, window, mss } = layer.repr
      const acknowledged = flags & TcpFlag.ack ? ` ack ${ack}` : ''
      const size = next?.kind === 'data' ? next.length : 0
      const option = mss === undefined ? '' : ` mss ${mss}`
      return `TCP [${formatTcpFlags(flags)}] seq ${seq}${acknowledged} win ${window}${option}${tail(layers, index, size)}`
    }
    case 'geneve':
      return geneveText(layer.repr)
    case 'bfd':
      return `${bfdText(layer.repr)}${tail(layers, index, layer.length)}`
    case 'data': {
      const before = layers[index - 1]
      if (before !== undefined && hasOwnLength(before)) return ''
      return `${layer.repr}${tail(layers, index, layer.length)}`
    }
    case 'malformed':
      return `malformed ${layer.repr}, ${layer.length} bytes`
  }
}

/** True for headers whose text already says how much data follows. */
function hasOwnLength(layer: DecodedLayer): boolean {
  return layer.kind === 'icmp' || layer.kind === 'icmpv6' || layer.kind === 'udp' || layer.kind === 'tcp'
}

type IpLayer = Extract<DecodedLayer, { kind: 'ipv4' | 'ipv6' }>

function endpoints(ip: IpLayer, upper: DecodedLayer | undefined): string {
  const hasPorts = upper?.kind === 'udp' || upper?.kind === 'tcp'
  const src = formatIp(ip.repr.src) + (hasPorts ? `.${upper.repr.srcPort}` : '')
  const dst = formatIp(ip.repr.dst) + (hasPorts ? `.${upper.repr.dstPort}` : '')
  return `${src} > ${dst}:`
}

/** tcpdump's old notation: `frag 0x1234:1376+`, the plus sign says that more follow. */
function fragmentText(offset: number, more: boolean, identification: number): string {
  if (offset === 0 && !more) return ''
  return `frag 0x${identification.toString(16)}:${offset}${more ? '+' : ''}`
}

/** TTL of the innermost IP header before `index`, and a length. */
function tail(layers: readonly DecodedLayer[], index: number, length: number): string {
  for (let i = index; i >= 0; i--) {
    const layer = layers[i]!
    if (layer.kind === 'ipv4') return ` ttl ${layer.repr.ttl} length ${length}`
    if (layer.kind === 'ipv6') return ` ttl ${layer.repr.hopLimit} length ${length}`
  }
  return ` length ${length}`
}

/** Bytes of an ICMP message: what the innermost IP header says lies behind the headers before it. */
function restOf(layers: readonly DecodedLayer[], index: number, packet: DecodedPacket): number {
  const layer = layers[index]!
  for (let i = index; i >= 0; i--) {
    const ip = layers[i]!
    if (ip.kind === 'ipv4' || ip.kind === 'ipv6') return ip.at + ip.length + ip.repr.payloadLength - layer.at
  }
  return packet.layers.length
}

function quotation(packet: DecodedPacket): string {
  return packet.quoted === undefined ? '' : ` for [${summarize(packet.quoted)}]`
}

function icmpText(repr: IcmpRepr): string {
  switch (repr.kind) {
    case 'echo-request':
      return `echo request id ${repr.id} seq ${repr.seq}`
    case 'echo-reply':
      return `echo reply id ${repr.id} seq ${repr.seq}`
    case 'time-exceeded':
      return repr.code === 0 ? 'time exceeded in transit' : 'time exceeded in reassembly'
    case 'unreachable':
      if (repr.code === IcmpUnreachable.fragmentationNeeded) return `fragmentation needed, mtu ${repr.mtu}`
      return `unreachable ${nameOf(IcmpUnreachable, repr.code)}`
    case 'other':
      return `type ${icmpTypeOf(repr)} code ${repr.code}`
  }
}

const UNREACHABLE_6 = {
  'no route': 0,
  'admin prohibited': 1,
  'beyond scope': 2,
  address: 3,
  port: 4,
} as const

function icmpv6Text(repr: Icmpv6Repr): string {
  switch (repr.kind) {
    case 'echo-request':
      return `echo request id ${repr.id} seq ${repr.seq}`
    case 'echo-reply':
      return `echo reply id ${repr.id} seq ${repr.seq}`
    case 'time-exceeded':
      return repr.code === 0 ? 'time exceeded in transit' : 'time exceeded in reassembly'
    case 'unreachable':
      return `unreachable ${nameOf(UNREACHABLE_6, repr.code)}`
    case 'packet-too-big':
      return `packet too big, mtu ${repr.mtu}`
    case 'neighbour-solicitation':
      return `neighbour solicitation who-has ${formatIp(repr.target)}`
    case 'neighbour-advertisement': {
      const at = repr.linkLayer === undefined ? '' : ` is-at ${formatMac(repr.linkLayer)}`
      return `neighbour advertisement ${formatIp(repr.target)}${at}`
    }
    case 'other':
      return `type ${icmpv6TypeOf(repr)} code ${repr.code}`
  }
}

function geneveText(repr: GeneveRepr): string {
  const keys = repr.ovn === undefined ? '' : ` [0102/80 in ${repr.ovn.ingress} out ${repr.ovn.egress}]`
  return `Geneve vni 0x${repr.vni.toString(16)}${keys}`
}

function bfdText(repr: BfdRepr): string {
  const flags = (repr.poll ? ' poll' : '') + (repr.final ? ' final' : '')
  const sessions = `my 0x${repr.myDiscriminator.toString(16)} your 0x${repr.yourDiscriminator.toString(16)}`
  const timers = `tx ${repr.desiredMinTx}us rx ${repr.requiredMinRx}us mult ${repr.detectMultiplier}`
  return `BFD ${nameOf(BfdState, repr.state)}${flags} ${sessions} ${timers}`
}

/** The key of a table whose value is `value`, with its capitals spelled out as words; the number when there is none. */
function nameOf(table: Readonly<Record<string, number>>, value: number): string {
  for (const [name, number] of Object.entries(table)) {
    if (number === value) return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  }
  return String(value)
}
