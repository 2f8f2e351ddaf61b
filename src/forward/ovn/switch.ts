// The stages of a logical switch that decide something for pods, routers and transit switches (ovn-northd(8), "Logical
// Switch Datapaths"). Port security, ACLs, load balancers, DHCP and DNS are not modelled: their stages pass everything.
// Surprises: ARP and ND for every address the switch knows are answered on the asker's own chassis and never flooded
// (AR-2); ARP is answered by flows alone, an advertisement needs ovn-controller; a gateway port's MAC is only known
// where that port is active.

import type { SwitchPort } from '../../model/forwarding.ts'
import { formatIp, type Ip, type Ip6 } from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { ArpOperation, arpOperation, arpTargetIp, parseArp } from '../../wire/arp.ts'
import { readIp6 } from '../../wire/bytes.ts'
import { EtherType, ethDst, ethIsMulticast, ethSrc } from '../../wire/ethernet.ts'
import { Icmpv6Type, NEIGHBOUR_LENGTH } from '../../wire/icmpv6.ts'
import { type Neighbour, neighboursOf, peerOf, switchIndex } from './lookup.ts'
import { turnArp, turnSolicitation } from './neighbour-messages.ts'
import { groupName, MULTICAST, type Packet } from './packet.ts'
import { type Stage, Verdict } from './pipeline.ts'
import type { StageId } from './recorder.ts'

function id(pipeline: 'ingress' | 'egress', table: number, name: string): StageId {
  return { pipeline, table, name }
}

/** Drops frames from a group address, which no station may have. */
const checkPortSec: Stage = {
  id: id('ingress', 0, 'ls_in_check_port_sec'),
  run(packet) {
    if ((packet.frame.view.getUint8(packet.frame.start + 6) & 1) === 0) return Verdict.next
    if (packet.recorder !== undefined) packet.note(this.id, 100, 'eth.src[40]', ['drop;'])
    packet.drop(
      'admission',
      this.id.name,
      `the source ${formatMac(ethSrc(packet.frame.view, packet.frame.start))} is a group address`,
    )
    return Verdict.stop
  },
}

/** AR-2: answers ARP and ND for the addresses of the switch's ports. */
const arpRsp: Stage = {
  id: id('ingress', 19, 'ls_in_arp_rsp'),
  run(packet) {
    if (packet.etherType === EtherType.arp) return answerArp(packet, this.id)
    if (isSolicitation(packet)) return answerSolicitation(packet, this.id)
    return Verdict.next
  },
}

function answerArp(packet: Packet, stage: StageId): Verdict {
  const { frame } = packet
  if (parseArp(frame.view, packet.ipAt, frame.end) === undefined) {
    packet.drop('malformed', stage.name, 'an ARP packet that is cut off or not for IPv4 over Ethernet')
    return Verdict.stop
  }
  if (arpOperation(frame.view, packet.ipAt) !== ArpOperation.request) return Verdict.next
  const target = arpTargetIp(frame.view, packet.ipAt)
  const owners = ownersOf(packet, target)
  const owner = owners[0]
  if (owner === undefined) return Verdict.next
  if (owners.length > 1) return undefinedOwner(packet, stage, target, owners)
  turnArp(frame, target, owner.mac)
  if (packet.recorder !== undefined) {
    const mac = formatMac(owner.mac)
    packet.note(
      stage,
      50,
      `arp.tpa == ${formatIp(target)} && arp.op == 1`,
      [
        `eth.dst = eth.src;`,
        `eth.src = ${mac};`,
        'arp.op = 2;',
        'outport = inport;',
        'flags.loopback = 1;',
        'output;',
      ],
      `${formatIp(target)} is ${owner.port.name}, ${mac}`,
    )
    packet.recorder.answered(formatIp(target), 255)
  }
  return sendBack(packet)
}

function answerSolicitation(packet: Packet, stage: StageId): Verdict {
  const { frame } = packet
  const target = readIp6(frame.view, packet.upperAt + 8)
  const owners = ownersOf(packet, target)
  const owner = owners[0]
  if (owner === undefined) return Verdict.next
  if (owners.length > 1) return undefinedOwner(packet, stage, target, owners)
  if (!packet.state.controller) {
    packet.drop(
      'unknown-neighbour',
      stage.name,
      `ovn-controller does not run here to advertise ${formatIp(target)}`,
    )
    return Verdict.stop
  }
  const router = owner.port.kind === 'router'
  turnSolicitation(frame, packet.src as Ip6, target, owner.mac, router)
  if (packet.recorder !== undefined) {
    const mac = formatMac(owner.mac)
    packet.note(
      stage,
      50,
      `nd_ns && nd.target == ${formatIp(target)}`,
      [
        `${router ? 'nd_na_router' : 'nd_na'} { eth.src = ${mac}; outport = inport; flags.loopback = 1; output; };`,
      ],
      `${formatIp(target)} is ${owner.port.name}, ${mac}`,
    )
    packet.recorder.answered(formatIp(target), 255)
  }
  return sendBack(packet)
}

/** Who has the address, unless it is the asker itself: duplicate address detection must reach the others. */
function ownersOf(packet: Packet, ip: Ip): readonly Neighbour[] {
  return neighboursOf(packet.view, packet.logicalSwitch!, ip, packet.inSwitchPort)
}

/** Two ports with one address: two flows answer differently. */
function undefinedOwner(packet: Packet, stage: StageId, ip: Ip, owners: readonly Neighbour[]): Verdict {
  const reason = `${owners.length} ports have ${formatIp(ip)}; which of them is answered for is not specified`
  packet.drop('undefined', stage.name, reason, { candidates: owners.map(({ port }) => port.name) })
  return Verdict.stop
}

function sendBack(packet: Packet): Verdict {
  packet.cacheable = false
  packet.outSwitchPort = packet.inSwitchPort
  packet.loopback = true
  return Verdict.output
}

/** True for a neighbour solicitation whose header is complete. */
export function isSolicitation(packet: Packet): boolean {
  return (
    packet.family === 6 &&
    packet.isIcmp(-1, Icmpv6Type.neighbourSolicitation) &&
    packet.frame.end - packet.upperAt >= NEIGHBOUR_LENGTH.bare
  )
}

/** Finds the port, or the group, that the destination MAC stands for. */
const l2Lookup: Stage = {
  id: id('ingress', 25, 'ls_in_l2_lkup'),
  run(packet) {
    const { view, start } = packet.frame
    if (ethIsMulticast(view, start)) return flood(packet, this.id)
    const mac = ethDst(view, start)
    const known = switchIndex(packet.view, packet.logicalSwitch!).byMac.get(mac)
    const ports = known?.filter((port) => isKnownHere(packet, port))
    const port = ports?.[0]
    if (ports === undefined || port === undefined)
      return unknownDestination(packet, known?.[0], formatMac(mac))
    if (ports.length > 1) {
      packet.drop(
        'undefined',
        this.id.name,
        `${ports.length} ports have ${formatMac(mac)}; which of them gets it is not specified`,
        {
          candidates: ports.map(({ name }) => name),
        },
      )
      return Verdict.stop
    }
    packet.outSwitchPort = port
    if (packet.recorder !== undefined) {
      packet.note(this.id, 50, `eth.dst == ${formatMac(mac)}`, [`outport = "${port.name}";`, 'output;'])
    }
    return Verdict.output
  },
}

/** The MAC of a distributed gateway port is programmed on its active chassis only. */
function isKnownHere(packet: Packet, port: SwitchPort): boolean {
  if (port.kind !== 'router') return true
  const peer = peerOf(packet.view, port)
  return peer !== undefined && (peer.port.gateway === undefined || packet.state.resident.has(peer.port.name))
}

function unknownDestination(packet: Packet, elsewhere: SwitchPort | undefined, mac: string): Verdict {
  const name = packet.logicalSwitch!.name
  if (packet.recorder !== undefined) packet.note(l2Unknown, 50, 'outport == "none"', ['drop;'])
  if (elsewhere === undefined) {
    packet.drop('unknown-destination', l2Unknown.name, `no port of ${name} has the address ${mac}`)
  } else {
    packet.drop(
      'not-resident',
      l2Lookup.id.name,
      `${mac} is the gateway port behind ${elsewhere.name}, which is not active on this chassis`,
    )
  }
  return Verdict.stop
}

const l2Unknown = id('ingress', 26, 'ls_in_l2_unknown')

/** Requests that a router makes spare other routers (`_MC_flood_l2`); the rest goes to `_MC_flood`. */
function flood(packet: Packet, stage: StageId): Verdict {
  const byRouter =
    packet.inSwitchPort?.kind === 'router' && (packet.etherType === EtherType.arp || isSolicitation(packet))
  packet.outGroup = byRouter ? MULTICAST.floodL2 : MULTICAST.flood
  packet.cacheable = false
  if (packet.recorder !== undefined) {
    const match = byRouter
      ? 'eth.src == { router ports } && (arp.op == 1 || rarp.op == 3 || nd_ns)'
      : 'eth.mcast'
    packet.note(stage, byRouter ? 75 : 70, match, [`outport = "${groupName(packet.outGroup)}";`, 'output;'])
  }
  return Verdict.output
}

/** Ingress stages of a logical switch that do something in this model. */
export const SWITCH_INGRESS: readonly Stage[] = [checkPortSec, arpRsp, l2Lookup]

/** Where a switch hands a packet to its output port. */
export const SWITCH_DELIVERY: StageId = id('egress', 9, 'ls_out_apply_port_sec')
