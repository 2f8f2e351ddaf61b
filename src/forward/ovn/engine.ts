// Takes a packet from datapath to datapath on one chassis until it leaves by an interface or a tunnel, or ends: what OVN's
// physical tables (ovn-architecture(7), tables 0, 39 to 42, 64, 65) do around the logical pipelines. Rules GE-3, GE-4, HA-3,
// HA-8, PA-4, PB-4.
// Surprise: a packet from a tunnel starts at local output and is never sent into another tunnel unless it first crosses a
// patch port (PA-4).

import type {
  ChassisState,
  LogicalRouter,
  LogicalSwitch,
  RouterPort,
  SwitchPort,
  Tunnel,
} from '../../model/forwarding.ts'
import { flood } from './flood.ts'
import { peerOf, routerIndex, switchOf } from './lookup.ts'
import type { Packet } from './packet.ts'
import { LOCAL_OUTPUT, REMOTE_OUTPUT } from './physical.ts'
import { runPipeline, Verdict } from './pipeline.ts'
import type { StageId } from './recorder.ts'
import { ROUTER_INGRESS } from './router.ts'
import { ROUTER_DELIVERY } from './router-output.ts'
import { SWITCH_DELIVERY, SWITCH_INGRESS } from './switch.ts'

/** Patch ports one packet may cross on a chassis; OVS gives up at a translation depth of 64. */
const CROSSINGS_MAX = 64

/** Packets that one packet may give rise to on a chassis, one after the other. */
const MADE_MAX = 16

type Place = 'switch-in' | 'switch-out' | 'router-in' | 'router-out' | 'end'

/** A packet that the interface of `port` sent. */
export function fromVif(packet: Packet, logicalSwitch: LogicalSwitch, port: SwitchPort): void {
  enterSwitch(packet, logicalSwitch, port)
  proceed(packet, 'switch-in')
  proceedWithMade(packet)
}

/** A packet that a tunnel brought, with the keys of its Geneve header (GE-4). */
export function fromTunnel(packet: Packet, vni: number, ingressKey: number, egressKey: number): void {
  proceed(packet, enterByTunnel(packet, vni, ingressKey, egressKey))
  proceedWithMade(packet)
}

function enterByTunnel(packet: Packet, vni: number, ingressKey: number, egressKey: number): Place {
  const datapath = packet.view.datapaths.get(vni)
  packet.fromTunnel = true
  packet.inKey = ingressKey
  if (datapath === undefined) {
    packet.drop('unknown-destination', LOCAL_OUTPUT.name, `no datapath has the key ${vni} here`)
    return 'end'
  }
  if (datapath.kind === 'switch') {
    packet.logicalSwitch = datapath
    packet.inSwitchPort = datapath.portByKey.get(ingressKey)
    if (egressKey >= 0x8000) packet.outGroup = egressKey
    else packet.outSwitchPort = datapath.portByKey.get(egressKey)
    if (packet.outGroup !== 0 || packet.outSwitchPort !== undefined) return 'switch-out'
  } else {
    const redirect = routerIndex(datapath).byRedirectKey.get(egressKey)
    packet.router = datapath
    packet.inRouterPort = datapath.portByKey.get(ingressKey)
    packet.outRouterPort = redirect ?? datapath.portByKey.get(egressKey)
    packet.redirected = redirect !== undefined
    packet.loopback = true
    if (packet.outRouterPort !== undefined) return 'router-out'
  }
  packet.drop(
    'unknown-destination',
    LOCAL_OUTPUT.name,
    `${datapath.name} has no port with the key ${egressKey} here`,
  )
  return 'end'
}

function proceedWithMade(packet: Packet): void {
  const { state, view, output, made } = packet
  for (let count = 0; made.length > 0 && count < MADE_MAX; count++) {
    const next = made.shift()!
    packet.begin(state, view, output, next.frame, undefined, undefined, next.sourcePort)
    enterRouter(packet, next.router, next.inport)
    packet.egressLoopback = next.outport === undefined
    if (next.outport === undefined) {
      proceed(packet, 'router-in')
      continue
    }
    packet.outRouterPort = next.outport
    packet.redirected = next.outport.gateway !== undefined
    packet.loopback = true
    proceed(packet, 'router-out')
  }
  made.length = 0
}

function proceed(packet: Packet, start: Place): void {
  for (let place = start; place !== 'end'; ) {
    switch (place) {
      case 'switch-in':
        place = runPipeline(SWITCH_INGRESS, packet) === Verdict.output ? 'switch-out' : 'end'
        break
      case 'switch-out':
        place = outputOfSwitch(packet)
        break
      case 'router-in':
        place = runPipeline(ROUTER_INGRESS, packet) === Verdict.output ? 'router-out' : 'end'
        break
      case 'router-out':
        place = outputOfRouter(packet)
        break
    }
  }
}

function enterSwitch(packet: Packet, logicalSwitch: LogicalSwitch, port: SwitchPort): void {
  packet.enterDatapath()
  packet.router = undefined
  packet.logicalSwitch = logicalSwitch
  packet.inSwitchPort = port
  packet.inKey = port.key
}

function enterRouter(packet: Packet, router: LogicalRouter, port: RouterPort): void {
  packet.enterDatapath()
  packet.logicalSwitch = undefined
  packet.router = router
  packet.inRouterPort = port
  packet.inKey = port.key
}

/** False, and the packet dropped, when it has crossed too many patch ports. */
function crossPatch(packet: Packet): boolean {
  packet.fromTunnel = false
  packet.egressLoopback = false
  if (++packet.crossings <= CROSSINGS_MAX) return true
  packet.drop('loop', LOCAL_OUTPUT.name, `crossed ${CROSSINGS_MAX} patch ports on one chassis`)
  return false
}

function outputOfSwitch(packet: Packet): Place {
  if (packet.outGroup !== 0) {
    flood(packet)
    return 'end'
  }
  const port = packet.outSwitchPort!
  if (port === packet.inSwitchPort && !packet.loopback && !packet.fromTunnel) {
    packet.drop(
      'unknown-destination',
      LOCAL_OUTPUT.name,
      `the destination is behind ${port.name}, where the packet came from`,
    )
    return 'end'
  }
  if (port.kind === 'router') {
    noteDelivery(packet, SWITCH_DELIVERY, port.name, 'patch')
    const peer = peerOf(packet.view, port)
    if (peer === undefined) {
      packet.drop('unbound', LOCAL_OUTPUT.name, `the router port behind ${port.name} does not exist`)
      return 'end'
    }
    if (!crossPatch(packet)) return 'end'
    enterRouter(packet, peer.router, peer.port)
    return 'router-in'
  }
  if (port.kind === 'vif' && packet.state.vifs.has(port.name)) deliver(packet, port)
  else sendRemote(packet, port)
  return 'end'
}

function deliver(packet: Packet, port: SwitchPort): void {
  noteDelivery(packet, SWITCH_DELIVERY, port.name, '')
  if (packet.cacheable) packet.learner?.learnVif(packet, port.name)
  packet.output.toVif(packet.state, port.name, packet.frame)
}

/** PB-4: a port on another chassis, by the tunnel to it. */
function sendRemote(packet: Packet, port: SwitchPort): void {
  if (packet.fromTunnel) {
    packet.drop(
      'unbound',
      LOCAL_OUTPUT.name,
      `${port.name} is not on this chassis, and what came by a tunnel is not relayed`,
    )
    return
  }
  if (port.chassis === undefined) {
    packet.drop('unbound', REMOTE_OUTPUT.name, `${port.name} is bound to no chassis`)
    return
  }
  const tunnel = packet.state.tunnels.get(port.chassis)
  if (tunnel === undefined) {
    packet.drop(
      'tunnel-down',
      REMOTE_OUTPUT.name,
      `${port.name} is on ${port.chassis}, and there is no tunnel to it`,
    )
    return
  }
  send(packet, tunnel, packet.logicalSwitch!.key, port.key)
}

function send(packet: Packet, tunnel: Tunnel, vni: number, egressKey: number): void {
  if (packet.cacheable) packet.learner?.learnTunnel(packet, tunnel, vni, packet.inKey, egressKey)
  packet.output.toTunnel(
    packet.state,
    tunnel,
    vni,
    packet.inKey,
    egressKey,
    packet.frame,
    packet.sourcePort,
    -1,
  )
}

function noteDelivery(packet: Packet, stage: StageId, port: string, type: string): void {
  if (packet.recorder === undefined) return
  packet.note(
    stage,
    stage === ROUTER_DELIVERY ? 100 : 0,
    stage === ROUTER_DELIVERY ? `outport == "${port}"` : '1',
    ['output;'],
    `output to "${port}", type "${type}"`,
  )
}

function outputOfRouter(packet: Packet): Place {
  const port = packet.outRouterPort!
  if (port === packet.inRouterPort && !packet.loopback) {
    packet.drop(
      'unknown-destination',
      LOCAL_OUTPUT.name,
      `the destination is behind ${port.name}, where the packet came from`,
    )
    return 'end'
  }
  if (packet.redirected && !packet.state.resident.has(port.name)) {
    redirect(packet, port)
    return 'end'
  }
  if (packet.redirected) {
    if (packet.recorder !== undefined) {
      const { redirectPort } = port.gateway!
      packet.note(
        LOCAL_OUTPUT,
        100,
        `outport == "${redirectPort}"`,
        [`outport = "${port.name}";`],
        `Replacing type "chassisredirect" outport "${redirectPort}" with distributed port "${port.name}".`,
      )
    }
    packet.redirected = false
  }
  noteDelivery(packet, ROUTER_DELIVERY, port.name, 'patch')
  const behind = switchOf(packet.view, port)
  if (behind === undefined) {
    packet.drop('unbound', LOCAL_OUTPUT.name, `there is no switch port behind ${port.name}`)
    return 'end'
  }
  if (!crossPatch(packet)) return 'end'
  enterSwitch(packet, behind.logicalSwitch, behind.port)
  return 'switch-in'
}

/** GR-1: to the chassis that is active for a gateway port. */
function redirect(packet: Packet, port: RouterPort): void {
  const gateway = port.gateway!
  if (packet.fromTunnel) {
    packet.drop(
      'not-resident',
      LOCAL_OUTPUT.name,
      `${gateway.redirectPort} is not active on this chassis, and what came by a tunnel is not relayed`,
    )
    return
  }
  const tunnel = tunnelToGateway(packet.state, port)
  if (tunnel !== undefined) {
    send(packet, tunnel, packet.router!.key, gateway.redirectKey)
    return
  }
  const names = gateway.members.map(({ chassis }) => chassis)
  if (names.length === 1 && gateway.boundTo === undefined) {
    packet.drop('unbound', REMOTE_OUTPUT.name, `${gateway.redirectPort} is bound to no chassis`)
  } else {
    packet.drop(
      'tunnel-down',
      REMOTE_OUTPUT.name,
      `no live tunnel to a gateway of ${gateway.redirectPort} (${names.join(', ')})`,
    )
  }
}

/** HA-3: with one member, where the port is bound; HA-8: otherwise the first member in order whose tunnel is alive. */
function tunnelToGateway(state: ChassisState, port: RouterPort): Tunnel | undefined {
  const gateway = port.gateway!
  if (gateway.members.length <= 1)
    return gateway.boundTo === undefined ? undefined : state.tunnels.get(gateway.boundTo)
  for (const member of gateway.members) {
    const tunnel = state.tunnels.get(member.chassis)
    if (tunnel !== undefined && tunnel.bfd !== 'down') return tunnel
  }
  return undefined
}
