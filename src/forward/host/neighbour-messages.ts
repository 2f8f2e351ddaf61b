/**
 * ARP and neighbour discovery messages of a host: what it asks, what it answers, what it learns from others (RFC 826, RFC 4861 §7.2).
 * As in Linux a request for an own address teaches the asker's address, an answer only completes what was asked for.
 * Surprise: requests leave from the address of the subnet asked about (`arp_announce` 0 with one address a family comes to the same).
 */
import { type Ip, type Ip6, isUnspecified, multicastMac, solicitedNode } from '../../net/ip.ts'
import { BROADCAST_MAC, type Mac } from '../../net/mac.ts'
import { ARP_LENGTH, ArpOperation, emitArp, parseArp } from '../../wire/arp.ts'
import { pseudoSum6 } from '../../wire/checksum.ts'
import { EtherType } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import {
  emitIcmpv6,
  fillIcmpv6Checksum,
  type Icmpv6Repr,
  NEIGHBOUR_LENGTH,
  parseIcmpv6,
} from '../../wire/icmpv6.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { emitIpv6, IPV6_LENGTH, ip6Src } from '../../wire/ipv6.ts'
import type { IpLayer } from './ip-layer.ts'

const ALL_NODES: Ip6 = { w0: 0xff020000, w1: 0, w2: 0, w3: 1 }

/** Hop limit of every neighbour message: one that a router passed on has less (RFC 4861 §7.1). */
const HOP_LIMIT = 255

/** Sends an ARP request or a neighbour solicitation for an address. */
export function solicit(ip: IpLayer, target: Ip): void {
  const source = ip.sourceFor(target)
  if (source === undefined) return
  if (typeof target === 'number') {
    sendArp(ip, ArpOperation.request, source as number, 0, target, BROADCAST_MAC)
    return
  }
  const dst = solicitedNode(target)
  const message = { kind: 'neighbour-solicitation', target, linkLayer: ip.config.mac } as const
  sendNeighbour(ip, source as Ip6, dst, multicastMac(dst), message)
}

/** Takes the ARP message at the start of `frame`, which stays the caller's. */
export function receiveArp(ip: IpLayer, frame: Frame): void {
  const arp = parseArp(frame.view, frame.start, frame.end)
  if (arp === undefined) {
    ip.counters.malformed++
    return
  }
  const { senderIp, senderMac, targetIp } = arp
  // An address probe (RFC 5227) has no sender; our own address in it would be a conflict, which Linux ignores.
  const asksMe = arp.operation === ArpOperation.request && ip.own4.includes(targetIp)
  if (ip.own4.includes(senderIp)) return
  if (senderIp !== 0) ip.neighbours.learn(senderIp, senderMac, asksMe)
  if (asksMe) sendArp(ip, ArpOperation.reply, targetIp, senderMac, senderIp, senderMac)
}

/** Takes the neighbour message at `at`, whose checksum is right; the frame stays the caller's. */
export function receiveNeighbour(ip: IpLayer, frame: Frame, at: number): void {
  const { view, start, end } = frame
  const message = parseIcmpv6(view, at, end)
  if (message === undefined || view.getUint8(start + 7) !== HOP_LIMIT) {
    ip.counters.malformed++
    return
  }
  if (message.kind === 'neighbour-advertisement') {
    if (message.linkLayer !== undefined) ip.neighbours.learn(message.target, message.linkLayer, false)
    return
  }
  if (message.kind !== 'neighbour-solicitation' || !ip.isOwn(message.target)) return
  const src = ip6Src(view, start)
  // Duplicate address detection asks from the unspecified address and is answered to everybody.
  const isProbe = isUnspecified(src)
  if (!isProbe && message.linkLayer !== undefined) ip.neighbours.learn(src, message.linkLayer, true)
  const dst = isProbe ? ALL_NODES : src
  const mac = isProbe ? multicastMac(dst) : ip.neighbours.lookup(src)
  if (mac === undefined) return
  sendNeighbour(ip, message.target, dst, mac, {
    kind: 'neighbour-advertisement',
    target: message.target,
    linkLayer: ip.config.mac,
    router: false,
    solicited: !isProbe,
    override: true,
  })
}

function sendArp(
  ip: IpLayer,
  operation: number,
  senderIp: number,
  targetMac: Mac,
  targetIp: number,
  to: Mac,
): void {
  const frame = ip.env.frame(ARP_LENGTH)
  emitArp(frame.view, frame.start, { operation, senderMac: ip.config.mac, senderIp, targetMac, targetIp })
  ip.transmitAs(frame, to, EtherType.arp)
}

function sendNeighbour(ip: IpLayer, src: Ip6, dst: Ip6, mac: Mac, message: Icmpv6Repr): void {
  const payloadLength = NEIGHBOUR_LENGTH.withLinkLayer
  const frame = ip.env.frame(IPV6_LENGTH + payloadLength)
  const at = emitIpv6(frame.view, frame.start, {
    src,
    dst,
    nextHeader: IpProtocol.icmpv6,
    hopLimit: HOP_LIMIT,
    trafficClass: 0,
    flowLabel: 0,
    payloadLength,
  })
  emitIcmpv6(frame.view, at, message)
  fillIcmpv6Checksum(frame.view, at, frame.end, pseudoSum6(src, dst, IpProtocol.icmpv6, payloadLength))
  ip.transmit(frame, mac)
}
