// How a router ends a packet, with or without telling its sender: "fragmentation needed" and "unreachable" (IC4-4, IC4-5).
// Surprise: these errors enter the router again by the port the packet came in by, with TTL 255, and are routed like any
// packet, while a "time exceeded" leaves by that port at once.

import type { DropKind } from '../../model/trace.ts'
import { formatIp, type Ip } from '../../net/ip.ts'
import { ETHERNET_LENGTH, ethSrc } from '../../wire/ethernet.ts'
import { firstAddress } from './lookup.ts'
import type { Packet } from './packet.ts'
import { Verdict } from './pipeline.ts'
import type { StageId } from './recorder.ts'
import { type ErrorKind, errorCode, errorSourcePort, makeError } from './router-messages.ts'

/** Table 3 of a router's ingress pipeline. */
export const IP_INPUT: StageId = { pipeline: 'ingress', table: 3, name: 'lr_in_ip_input' }

/**
 * IC4-5: the packet does not fit `mtu`. The error has the input port's own address and TTL 255, and enters the router again
 * by that port, so that it is routed like any packet.
 */
export function tooBig(packet: Packet, mtu: number, stage: StageId = IP_INPUT): Verdict {
  const port = packet.inRouterPort!
  const family = packet.family === 4 ? 4 : 6
  const from = firstAddress(port, family)
  const length = packet.frame.length - ETHERNET_LENGTH
  const said = `${length} bytes, and gateway_mtu is ${mtu}`
  if (from === undefined)
    return end(
      packet,
      'mtu-exceeded',
      `${said}; ${port.name} has no address to say so from`,
      150,
      undefined,
      stage,
    )
  return reject(
    packet,
    { kind: 'too-big', mtu },
    from,
    'mtu-exceeded',
    `${said}; told by ${formatIp(from)}`,
    150,
    stage,
  )
}

/** Drops the packet and sends an error about it through the router. */
export function reject(
  packet: Packet,
  kind: ErrorKind,
  from: Ip,
  drop: DropKind,
  reason: string,
  priority: number,
  stage: StageId = IP_INPUT,
): Verdict {
  const inport = packet.inRouterPort!
  const router = packet.router!
  if (!packet.state.controller) {
    return end(packet, drop, `${reason}; but ovn-controller does not run`, priority, undefined, stage)
  }
  const { view, start } = packet.frame
  const frame = makeError(packet, kind, {
    ethSrc: ethSrc(view, start),
    ethDst: inport.mac,
    src: from,
    ttl: 255,
  })
  const icmp = { ...errorCode(kind, packet.family === 4 ? 4 : 6), from: formatIp(from) }
  // Probes §3: "fragmentation needed" is hashed as itself, the others with the trigger's addresses.
  const sourcePort = kind.kind === 'too-big' ? -1 : errorSourcePort(packet)
  end(packet, drop, reason, priority, icmp, stage)
  packet.made.push({ frame, router, inport, outport: undefined, sourcePort })
  return Verdict.stop
}

/** Takes down why the packet ends, and drops it. */
export function end(
  packet: Packet,
  kind: DropKind,
  reason: string,
  priority?: number,
  icmp?: { type: number; code: number; from: string; mtu?: number },
  stage: StageId = IP_INPUT,
): Verdict {
  if (packet.recorder !== undefined) packet.note(stage, priority, packet.flowText, ['drop;'], reason)
  packet.drop(kind, stage.name, reason, icmp === undefined ? undefined : { icmp })
  return Verdict.stop
}
