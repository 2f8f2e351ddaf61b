// The stages of a logical router before routing: admission and `ip_input`, where a router drops what must not be routed
// and answers what is addressed to itself. Rules LR-1, LR-2, IC4-1 … IC4-5, IC4-7, IC6-1; priorities as in OVN 23.03.
// Surprises: an echo to any own address is answered whatever its TTL; a packet that runs out of TTL on a gateway port is
// answered with its destination as the source (IC4-7); a router with a gateway port answers neither UDP nor TCP.

import type { RouterPort } from '../../model/forwarding.ts'
import {
  formatIp,
  type Ip,
  ipKey,
  isBroadcast,
  isLoopback,
  isMulticast,
  isUnspecified,
} from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { ArpOperation, arpTargetIp, parseArp } from '../../wire/arp.ts'
import { readIp6 } from '../../wire/bytes.ts'
import { ETHERNET_LENGTH, EtherType, ethDst, ethIsMulticast, ethSrc } from '../../wire/ethernet.ts'
import { IcmpType } from '../../wire/icmp.ts'
import { Icmpv6Type } from '../../wire/icmpv6.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { ip4IsFragment } from '../../wire/ipv4.ts'
import { addressFacing, firstAddress, routerIndex } from './lookup.ts'
import { turnArp, turnSolicitation } from './neighbour-messages.ts'
import type { Packet } from './packet.ts'
import { type Stage, Verdict } from './pipeline.ts'
import type { StageId } from './recorder.ts'
import { end, IP_INPUT, reject, tooBig } from './rejection.ts'
import {
  type ErrorKind,
  errorCode,
  errorSourcePort,
  makeError,
  makeReset,
  turnEcho,
} from './router-messages.ts'
import { isSolicitation } from './switch.ts'

const ADMISSION: StageId = { pipeline: 'ingress', table: 0, name: 'lr_in_admission' }

/** LR-1: only frames for the port's own MAC, and for a gateway port only where it is active. */
export const admission: Stage = {
  id: ADMISSION,
  run(packet) {
    const port = packet.inRouterPort!
    const { view, start } = packet.frame
    const multicast = ethIsMulticast(view, start)
    if (!multicast && ethDst(view, start) !== port.mac) {
      packet.drop(
        'admission',
        ADMISSION.name,
        `${formatMac(ethDst(view, start))} is not the address of ${port.name}`,
      )
      return Verdict.stop
    }
    if (!multicast && port.gateway !== undefined && !packet.state.resident.has(port.name)) {
      packet.drop(
        'not-resident',
        ADMISSION.name,
        `${port.name} is a gateway port and not active on this chassis`,
      )
      return Verdict.stop
    }
    if (port.gatewayMtu !== undefined) {
      packet.larger = packet.frame.length > port.gatewayMtu + ETHERNET_LENGTH
      packet.maxLength = Math.min(packet.maxLength, port.gatewayMtu + ETHERNET_LENGTH)
    }
    if (packet.recorder !== undefined) {
      const resident =
        port.gateway === undefined ? '' : ` && is_chassis_resident("${port.gateway.redirectPort}")`
      const match = multicast ? 'eth.mcast' : `eth.dst == ${formatMac(port.mac)}`
      packet.note(ADMISSION, 50, `${match} && inport == "${port.name}"${multicast ? '' : resident}`, [
        `xreg0[0..47] = ${formatMac(port.mac)};`,
        'next;',
      ])
    }
    return Verdict.next
  },
}

/** LR-2 and everything addressed to the router itself, in the order of OVN's priorities. */
export const ipInput: Stage = {
  id: IP_INPUT,
  run(packet) {
    if (packet.etherType === EtherType.arp) return arpInput(packet)
    if (packet.family === 0) return end(packet, 'admission', 'neither IP nor ARP')
    if (packet.larger && !packet.egressLoopback) return tooBig(packet, packet.inRouterPort!.gatewayMtu!)
    const refused = refusal(packet)
    if (refused !== undefined) return end(packet, 'admission', refused, 100)
    if (isSolicitation(packet)) return solicitationInput(packet)
    if (
      ethIsMulticast(packet.frame.view, packet.frame.start) ||
      isMulticast(packet.dst) ||
      isBroadcast(packet.dst)
    ) {
      return end(
        packet,
        'admission',
        `${formatIp(packet.dst)} is a group address, and routers relay no multicast`,
        82,
      )
    }
    const own = routerIndex(packet.router!).own.get(ipKey(packet.dst))
    if (own !== undefined) return ownAddress(packet, own)
    return packet.ttl <= 1 ? timeExceeded(packet) : Verdict.next
  },
}

/** LR-2: why the packet's addresses keep it from being routed; undefined when they do not. */
function refusal(packet: Packet): string | undefined {
  const { src, dst } = packet
  if (isMulticast(src)) return `the source ${formatIp(src)} is a multicast address`
  if (typeof src === 'number') {
    if (isBroadcast(src) || src >>> 24 === 0) return `the source ${formatIp(src)} is no host's address`
    if (isLoopback(src) || isLoopback(dst)) return 'loopback addresses stay in a host'
    if ((dst as number) >>> 24 === 0) return `the destination ${formatIp(dst)} is no host's address`
  }
  const { own, spoofed } = routerIndex(packet.router!)
  const isOwn = typeof src === 'number' ? spoofed.has(src) : own.has(ipKey(src))
  if (isOwn && !packet.egressLoopback)
    return `the source ${formatIp(src)} is the router's own or a broadcast address`
  return undefined
}

/** A packet to an own address: IC4-1, IC4-4, and LR-2 for what nothing answers. */
function ownAddress(packet: Packet, port: RouterPort): Verdict {
  packet.cacheable = false
  const address = formatIp(packet.dst)
  // Not even the first fragment is answered, though it has the ICMP header (asked of real OVN: test/lab/cases/group-addresses).
  if (packet.family === 4 && ip4IsFragment(packet.frame.view, packet.ipAt))
    return end(packet, 'own-address', `${address} is ${port.name}'s own, and fragments are not answered`, 60)
  if (packet.isIcmp(IcmpType.echoRequest, Icmpv6Type.echoRequest)) {
    const family = packet.family === 4 ? 'ip4' : 'ip6'
    turnEcho(packet)
    packet.loopback = true
    if (packet.recorder !== undefined) {
      packet.note(
        IP_INPUT,
        90,
        `${family}.dst == ${address} && ${family === 'ip4' ? 'icmp4.type == 8 && icmp4.code == 0' : 'icmp6.type == 128 && icmp6.code == 0'}`,
        [
          `${family}.dst <-> ${family}.src;`,
          'ip.ttl = 255;',
          `icmp${packet.family}.type = ${family === 'ip4' ? 0 : 129};`,
          'flags.loopback = 1;',
          'next;',
        ],
        `${address} is ${port.name}: echo reply`,
      )
      packet.recorder.answered(address, 255)
    }
    return Verdict.next
  }
  const { protocol } = packet
  const answerable = packet.upperAt >= 0 && protocol !== IpProtocol.icmp && protocol !== IpProtocol.icmpv6
  if (routerIndex(packet.router!).hasGateway || !answerable) {
    return end(packet, 'own-address', `${address} is ${port.name}'s own, and nothing answers there`, 60)
  }
  if (!packet.state.controller)
    return end(
      packet,
      'own-address',
      `${address} is ${port.name}'s own; ovn-controller does not run to refuse it`,
      80,
    )
  if (protocol === IpProtocol.tcp) {
    const frame = makeReset(packet)
    const { router } = packet
    end(packet, 'own-address', `${address} is ${port.name}'s own: TCP reset`, 80)
    // It enters the router again by the same port, to be routed like any packet.
    packet.made.push({
      frame: withDestination(frame, packet),
      router: router!,
      inport: packet.inRouterPort!,
      outport: undefined,
      sourcePort: -1,
    })
    return Verdict.stop
  }
  const kind: ErrorKind = { kind: protocol === IpProtocol.udp ? 'port-unreachable' : 'protocol-unreachable' }
  return reject(
    packet,
    kind,
    packet.dst,
    'own-address',
    `${address} is ${port.name}'s own: ${kind.kind.replace('-', ' ')}`,
    80,
  )
}

/** IC4-2, IC4-7, IC6-1: a packet whose TTL does not suffice for another hop. */
function timeExceeded(packet: Packet): Verdict {
  const port = packet.inRouterPort!
  const said = `TTL ${packet.ttl} on ${port.name}`
  const from = packet.upperAt < 0 ? undefined : expirySource(packet, port)
  if (from === undefined) return end(packet, 'ttl-exceeded', `${said}; nobody answers`, 30)
  if (!packet.state.controller)
    return end(packet, 'ttl-exceeded', `${said}; ovn-controller does not run to answer`, 31)
  const { view, start } = packet.frame
  const kind: ErrorKind = { kind: 'time-exceeded' }
  const frame = makeError(packet, kind, {
    ethSrc: ethDst(view, start),
    ethDst: ethSrc(view, start),
    src: from,
    ttl: 254,
  })
  const icmp = { ...errorCode(kind, packet.family === 4 ? 4 : 6), from: formatIp(from) }
  const { router } = packet
  end(packet, 'ttl-exceeded', `${said}; time exceeded from ${formatIp(from)}`, 31, icmp)
  packet.made.push({
    frame,
    router: router!,
    inport: port,
    outport: port,
    sourcePort: errorSourcePort(packet),
  })
  return Verdict.stop
}

/** Whose address a "time exceeded" carries, or undefined when the router stays silent. */
function expirySource(packet: Packet, port: RouterPort): Ip | undefined {
  if (isUnspecified(packet.src)) return undefined
  if (packet.family === 6) {
    const facing = addressFacing(port, packet.src)
    if (facing === undefined) return undefined
    return port.gateway === undefined ? facing : packet.dst
  }
  const own = firstAddress(port, 4)
  if (own === undefined) return undefined
  return port.gateway === undefined ? own : packet.dst
}

/** ARP that reached the router itself: over a transit switch, or where the switch does not know the address. */
function arpInput(packet: Packet): Verdict {
  packet.cacheable = false
  const { frame } = packet
  const arp = parseArp(frame.view, packet.ipAt, frame.end)
  if (arp === undefined)
    return end(packet, 'malformed', 'an ARP packet that is cut off or not for IPv4 over Ethernet')
  const target = arpTargetIp(frame.view, packet.ipAt)
  const port = packet.inRouterPort!
  const asked = arp.operation === ArpOperation.request && port.networks.some(({ ip }) => ip === target)
  if (!asked)
    return end(packet, 'unknown-destination', `ARP for ${formatIp(target)}, which is not ${port.name}'s`, 85)
  turnArp(frame, target, port.mac)
  if (packet.recorder !== undefined) {
    packet.note(IP_INPUT, 90, `inport == "${port.name}" && arp.op == 1 && arp.tpa == ${formatIp(target)}`, [
      'outport = inport;',
      'flags.loopback = 1;',
      'output;',
    ])
    packet.recorder.answered(formatIp(target), 255)
  }
  return sendBack(packet, port)
}

function solicitationInput(packet: Packet): Verdict {
  const target = readIp6(packet.frame.view, packet.upperAt + 8)
  const port = packet.inRouterPort!
  if (routerIndex(packet.router!).own.get(ipKey(target)) !== port) {
    return end(
      packet,
      'unknown-destination',
      `solicitation for ${formatIp(target)}, which is not ${port.name}'s`,
      85,
    )
  }
  if (!packet.state.controller)
    return end(
      packet,
      'unknown-neighbour',
      `ovn-controller does not run here to advertise ${formatIp(target)}`,
      90,
    )
  if (typeof packet.src === 'number') return end(packet, 'malformed', 'a solicitation that is not IPv6')
  turnSolicitation(packet.frame, packet.src, target, port.mac, true)
  packet.recorder?.answered(formatIp(target), 255)
  return sendBack(packet, port)
}

function sendBack(packet: Packet, port: RouterPort): Verdict {
  packet.cacheable = false
  packet.outRouterPort = port
  packet.loopback = true
  return Verdict.output
}

function withDestination(frame: ReturnType<typeof makeReset>, packet: Packet): typeof frame {
  const { mac } = packet.inRouterPort!
  frame.view.setUint16(frame.start, mac / 0x1_0000_0000)
  frame.view.setUint32(frame.start + 2, mac)
  return frame
}
