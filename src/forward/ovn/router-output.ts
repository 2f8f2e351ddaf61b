// The stages of a logical router behind routing: neighbour, packet length, gateway redirect, ARP request. Rules AR-1 … AR-4,
// IC4-5, GR-1.
// Surprises: neighbours are known from the switch's port list and never asked for; for an address nobody has, every packet
// makes one request and is lost, without back-off (probes AR-4); the length check comes after the TTL was taken, so the
// error quotes a TTL of 63 (probes IC4-5).

import { formatIp } from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { ArpOperation } from '../../wire/arp.ts'
import { ETHERNET_LENGTH, setEthDst } from '../../wire/ethernet.ts'
import { tunnelSourcePortOf } from '../../wire/flow-hash.ts'
import { type Neighbour, neighboursOf, switchOf } from './lookup.ts'
import { makeNeighbourRequest } from './neighbour-messages.ts'
import type { Packet } from './packet.ts'
import { type Stage, Verdict } from './pipeline.ts'
import type { StageId } from './recorder.ts'
import { tooBig } from './rejection.ts'

const ARP_RESOLVE: StageId = { pipeline: 'ingress', table: 17, name: 'lr_in_arp_resolve' }
const CHK_PKT_LEN: StageId = { pipeline: 'ingress', table: 18, name: 'lr_in_chk_pkt_len' }
const LARGER_PKTS: StageId = { pipeline: 'ingress', table: 19, name: 'lr_in_larger_pkts' }
const GW_REDIRECT: StageId = { pipeline: 'ingress', table: 20, name: 'lr_in_gw_redirect' }
const ARP_REQUEST: StageId = { pipeline: 'ingress', table: 21, name: 'lr_in_arp_request' }

/** Where a router hands a packet to its output port. */
export const ROUTER_DELIVERY: StageId = { pipeline: 'egress', table: 6, name: 'lr_out_delivery' }

/** AR-1, AR-3: the nexthop's MAC from the ports of the switch behind the output port; zero when nobody there has it. */
export const arpResolve: Stage = {
  id: ARP_RESOLVE,
  run(packet) {
    const behind = switchOf(packet.view, packet.outRouterPort!)
    const owners =
      behind === undefined ? [] : neighboursOf(packet.view, behind.logicalSwitch, packet.nexthop, behind.port)
    if (owners.length > 1) return undefinedNeighbour(packet, owners)
    const owner = owners[0]
    setEthDst(packet.frame.view, packet.frame.start, owner?.mac ?? 0)
    if (packet.recorder !== undefined) {
      const register = packet.family === 4 ? 'reg0' : 'xxreg0'
      const nexthop = formatIp(packet.nexthop)
      if (owner !== undefined) {
        packet.note(
          ARP_RESOLVE,
          100,
          `outport == "${packet.outportName}" && ${register} == ${nexthop}`,
          [`eth.dst = ${formatMac(owner.mac)};`, 'next;'],
          `${nexthop} is ${owner.port.name}`,
        )
      } else {
        packet.note(
          ARP_RESOLVE,
          1,
          `ip${packet.family}`,
          [`${packet.family === 4 ? 'get_arp(outport, reg0)' : 'get_nd(outport, xxreg0)'};`, 'next;'],
          `No MAC binding for ${nexthop}`,
        )
      }
    }
    return Verdict.next
  },
}

function undefinedNeighbour(packet: Packet, owners: readonly Neighbour[]): Verdict {
  const reason = `${owners.length} ports have ${formatIp(packet.nexthop)}; whose MAC is used is not specified`
  packet.drop('undefined', ARP_RESOLVE.name, reason, { candidates: owners.map(({ port }) => port.name) })
  return Verdict.stop
}

/** IC4-5: compares the frame with the output port's `gateway_mtu`. */
export const chkPktLen: Stage = {
  id: CHK_PKT_LEN,
  run(packet) {
    const mtu = packet.outRouterPort!.gatewayMtu
    if (mtu === undefined) return Verdict.next
    packet.maxLength = Math.min(packet.maxLength, mtu + ETHERNET_LENGTH)
    packet.larger = packet.frame.length > mtu + ETHERNET_LENGTH
    if (packet.recorder !== undefined) {
      packet.note(CHK_PKT_LEN, 50, `outport == "${packet.outportName}"`, [
        `reg9[1] = check_pkt_larger(${mtu + ETHERNET_LENGTH});`,
        'next;',
      ])
    }
    return Verdict.next
  },
}

/** IC4-5: tells the sender of a packet that is too long, unless it would leave by the port it came in. */
export const largerPkts: Stage = {
  id: LARGER_PKTS,
  run(packet) {
    const out = packet.outRouterPort!
    if (
      !packet.larger ||
      packet.egressLoopback ||
      out === packet.inRouterPort ||
      out.gatewayMtu === undefined
    )
      return Verdict.next
    return tooBig(packet, out.gatewayMtu, LARGER_PKTS)
  },
}

/** GR-1: what leaves by a gateway port goes to the chassis that is active for it. */
export const gwRedirect: Stage = {
  id: GW_REDIRECT,
  run(packet) {
    const gateway = packet.outRouterPort!.gateway
    if (gateway === undefined) return Verdict.next
    if (packet.recorder !== undefined) {
      packet.note(GW_REDIRECT, 50, `outport == "${packet.outportName}"`, [
        `outport = "${gateway.redirectPort}";`,
        'next;',
      ])
    }
    packet.redirected = true
    return Verdict.next
  },
}

/** AR-4: asks for the nexthop's MAC in the packet's stead. */
export const arpRequest: Stage = {
  id: ARP_REQUEST,
  run(packet) {
    const { view, start } = packet.frame
    if (view.getUint32(start) !== 0 || view.getUint16(start + 4) !== 0) return Verdict.next
    return askFor(packet)
  },
}

function askFor(packet: Packet): Verdict {
  const out = packet.outRouterPort!
  const nexthop = formatIp(packet.nexthop)
  const message = packet.family === 4 ? 'ARP request' : 'neighbour solicitation'
  const { controller } = packet.state
  const sequel = controller
    ? `${message.startsWith('A') ? 'an' : 'a'} ${message} goes out`
    : 'ovn-controller does not run to ask'
  const reason = `no port behind ${out.name} has ${nexthop}; ${sequel} and the packet is lost`
  if (packet.recorder !== undefined) {
    const action =
      packet.family === 4
        ? 'arp { eth.dst = ff:ff:ff:ff:ff:ff; arp.spa = reg1; arp.tpa = reg0; arp.op = 1; output; };'
        : 'nd_ns { nd.target = xxreg0; output; };'
    packet.note(ARP_REQUEST, 100, `eth.dst == 00:00:00:00:00:00 && ip${packet.family}`, [action], reason)
  }
  const router = packet.router!
  const inport = packet.inRouterPort!
  const { nexthop: target, source, src, dst } = packet
  // ovn-controller injects an ARP request with the packet's addresses and corrects them only then; it is hashed before
  // (case rt14-containment), and OVS puts ARP's operation in the place of a protocol.
  const sourcePort =
    packet.family === 4
      ? tunnelSourcePortOf({ src, dst, protocol: ArpOperation.request, first: 0, second: 0 })
      : -1
  packet.drop('unknown-neighbour', ARP_REQUEST.name, reason)
  if (controller) {
    packet.made.push({
      frame: makeNeighbourRequest(out.mac, source, target),
      router,
      inport,
      outport: out,
      sourcePort,
    })
  }
  return Verdict.stop
}
