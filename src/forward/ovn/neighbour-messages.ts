// ARP and neighbour discovery as OVN answers and asks them: replies made of the request in place (ls_in_arp_rsp), requests
// made by a router for a nexthop without a known MAC (lr_in_arp_request). Rules AR-1 … AR-4.
// Surprise: a solicitation leaves from the router port's link-local address, whatever the address it resolves (probes AR-4).

import {
  type Ip,
  type Ip4,
  type Ip6,
  isUnspecified,
  linkLocalFromMac,
  multicastMac,
  solicitedNode,
} from '../../net/ip.ts'
import { BROADCAST_MAC, type Mac } from '../../net/mac.ts'
import { ARP_LENGTH, ArpOperation, arpSenderIp, arpSenderMac, emitArp } from '../../wire/arp.ts'
import {
  ETHERNET_LENGTH,
  EtherType,
  emitEthernet,
  ethSrc,
  setEthDst,
  setEthSrc,
} from '../../wire/ethernet.ts'
import { Frame } from '../../wire/frame.ts'
import { emitIcmpv6, type Icmpv6Repr, NEIGHBOUR_LENGTH } from '../../wire/icmpv6.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { emitIpv6, IPV6_LENGTH } from '../../wire/ipv6.ts'
import { fillChecksum } from './transport.ts'

const ADVERTISEMENT_LENGTH = ETHERNET_LENGTH + IPV6_LENGTH + NEIGHBOUR_LENGTH.withLinkLayer

/** Turns the ARP request in `frame` into the reply that `ip` is at `mac`. */
export function turnArp(frame: Frame, ip: Ip4, mac: Mac): void {
  const { view, start } = frame
  const at = start + ETHERNET_LENGTH
  const targetMac = arpSenderMac(view, at)
  const targetIp = arpSenderIp(view, at)
  setEthDst(view, start, ethSrc(view, start))
  setEthSrc(view, start, mac)
  emitArp(view, at, { operation: ArpOperation.reply, senderMac: mac, senderIp: ip, targetMac, targetIp })
}

/** Turns the neighbour solicitation in `frame`, sent from `asker`, into the advertisement that `ip` is at `mac`. */
export function turnSolicitation(frame: Frame, asker: Ip6, ip: Ip6, mac: Mac, router: boolean): void {
  const ethDst = ethSrc(frame.view, frame.start)
  frame.end = frame.start
  frame.append(ADVERTISEMENT_LENGTH)
  // RFC 4861 §7.2.4: an address under detection of duplicates cannot be answered in person.
  const unspecified = isUnspecified(asker)
  const dst = unspecified ? { w0: 0xff02_0000, w1: 0, w2: 0, w3: 1 } : asker
  writeNeighbourMessage(frame, mac, ethDst, ip, dst, {
    kind: 'neighbour-advertisement',
    target: ip,
    linkLayer: mac,
    router,
    solicited: !unspecified,
    override: true,
  })
}

/** The ARP request or neighbour solicitation of a router port (`mac`, `source`) for `nexthop`. */
export function makeNeighbourRequest(mac: Mac, source: Ip, nexthop: Ip): Frame {
  const frame = new Frame()
  if (typeof nexthop === 'number') {
    frame.append(ETHERNET_LENGTH + ARP_LENGTH)
    const at = emitEthernet(frame.view, frame.start, {
      dst: BROADCAST_MAC,
      src: mac,
      etherType: EtherType.arp,
    })
    emitArp(frame.view, at, {
      operation: ArpOperation.request,
      senderMac: mac,
      senderIp: source as Ip4,
      targetMac: 0,
      targetIp: nexthop,
    })
    return frame
  }
  frame.append(ADVERTISEMENT_LENGTH)
  const group = solicitedNode(nexthop)
  writeNeighbourMessage(frame, mac, multicastMac(group), linkLocalFromMac(mac), group, {
    kind: 'neighbour-solicitation',
    target: nexthop,
    linkLayer: mac,
  })
  return frame
}

function writeNeighbourMessage(
  frame: Frame,
  ethSrc: Mac,
  ethDst: Mac,
  src: Ip6,
  dst: Ip6,
  repr: Icmpv6Repr,
): void {
  const { view } = frame
  const ipAt = emitEthernet(view, frame.start, { dst: ethDst, src: ethSrc, etherType: EtherType.ipv6 })
  const icmpAt = emitIpv6(view, ipAt, {
    src,
    dst,
    nextHeader: IpProtocol.icmpv6,
    // RFC 4861 §7.1: anything but 255 could have crossed a router and is ignored.
    hopLimit: 255,
    trafficClass: 0,
    flowLabel: 0,
    payloadLength: NEIGHBOUR_LENGTH.withLinkLayer,
  })
  emitIcmpv6(view, icmpAt, repr)
  fillChecksum(frame, ipAt, icmpAt)
}
