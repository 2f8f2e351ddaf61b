// Follows one packet, in bytes, from a pod over every chassis until it is delivered or ends, then its answer: the story that
// `isthmus trace` prints and expectations ask for. Time stands still meanwhile, and neighbours of pods are known.
// Surprises: a walk runs over the tunnels as they are now, so it needs no clock; of what a packet gives rise to (ICMP errors,
// ARP requests) it only names the error; an answer that a router makes begins on the hop where the request ended.

import type { ChassisState, ForwardingState, LogicalSwitch, SwitchPort } from '../model/forwarding.ts'
import type { Drop, Trace, TracePacket } from '../model/trace.ts'
import { equalIp, formatIp, type Ip } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import { contains } from '../net/prefix.ts'
import { ETHERNET_LENGTH } from '../wire/ethernet.ts'
import { IPV4_LENGTH } from '../wire/ipv4.ts'
import { IPV6_FRAGMENT_LENGTH, IPV6_LENGTH } from '../wire/ipv6.ts'
import { Follower, type WalkOptions } from './follow.ts'
import { neighboursOf, peerOf } from './ovn/lookup.ts'
import { answerTo, buildFrame, messageLength, type WalkMessage } from './walk-packet.ts'

export type { WalkOptions } from './follow.ts'

/** The packet to send. */
export interface WalkSpec {
  /** Cluster of the sender; needed where two clusters have ports of one name. */
  readonly cluster?: string
  /** Name of the logical switch port that sends. */
  readonly port: string
  /** Name to show for the sender; the port's name when absent. */
  readonly name?: string
  readonly destination: Ip
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  /** Default 40000 for TCP and UDP. */
  readonly sourcePort?: number
  /** Default 80 for TCP, 9000 for UDP. */
  readonly destinationPort?: number
  /** Default 64. */
  readonly ttl?: number
  /** Bytes behind the ICMP or UDP header; default 56. */
  readonly size?: number
  readonly tos?: number
  readonly dontFragment?: boolean
}

/** Sends one packet and follows it and its answer. An unknown sender ends it at once, as `unbound`. */
export function walk(state: ForwardingState, spec: WalkSpec, options: WalkOptions = {}): Trace {
  return send(state, spec, messageOf(spec), options)
}

function messageOf(spec: WalkSpec): WalkMessage {
  const size = spec.size ?? 56
  if (spec.protocol === 'icmp') return { kind: 'echo-request', id: 1, seq: 1, size }
  const sourcePort = spec.sourcePort ?? 40_000
  if (spec.protocol === 'udp')
    return { kind: 'udp', sourcePort, destinationPort: spec.destinationPort ?? 9000, size }
  return { kind: 'syn', sourcePort, destinationPort: spec.destinationPort ?? 80, seq: 1000, ack: 0 }
}

/** A host's place in the logical network. */
interface Host {
  readonly chassis: ChassisState
  readonly logicalSwitch: LogicalSwitch
  readonly port: SwitchPort
  readonly mac: Mac
}

function hostOf(state: ForwardingState, name: string, cluster: string | undefined): Host | undefined {
  for (const chassis of state.chassis.values()) {
    if ((cluster !== undefined && chassis.cluster !== cluster) || !chassis.vifs.has(name)) continue
    const key = chassis.view?.switchOfPort.get(name)
    const logicalSwitch = key === undefined ? undefined : chassis.view?.datapaths.get(key)
    if (logicalSwitch?.kind !== 'switch') continue
    const port = logicalSwitch.portByName.get(name)
    if (port?.mac !== undefined) return { chassis, logicalSwitch, port, mac: port.mac }
  }
  return undefined
}

/** A host's address of the same family as another. */
function addressOf(host: Host | undefined, like: Ip): Ip | undefined {
  return host?.port.ips.find((ip) => (typeof ip === 'number') === (typeof like === 'number'))
}

/**
 * The MAC a host sends to: the destination's own on its subnet, otherwise its gateway's. A text says why there is none. The
 * subnet is the network of the switch's router port that holds the host's address.
 */
function firstMac(host: Host, source: Ip, destination: Ip): Mac | string {
  const { view } = host.chassis
  const neighbour = neighboursOf(view!, host.logicalSwitch, destination, host.port)[0]
  for (const port of host.logicalSwitch.ports) {
    const peer = port.kind === 'router' ? peerOf(view!, port) : undefined
    const network = peer?.port.networks.find((each) => contains(each, source))
    if (peer === undefined || network === undefined) continue
    if (!contains(network, destination)) return peer.port.mac
    return neighbour?.mac ?? `nobody on ${host.logicalSwitch.name} has ${formatIp(destination)}`
  }
  return neighbour?.mac ?? `${host.logicalSwitch.name} has no gateway for ${formatIp(source)}`
}

function send(state: ForwardingState, spec: WalkSpec, message: WalkMessage, options: WalkOptions): Trace {
  const host = hostOf(state, spec.port, spec.cluster)
  const source = addressOf(host, spec.destination)
  const ends = (kind: Drop['kind'], stage: string, reason: string): Trace => ({
    packet: describe(spec, source, message, 0),
    hops: [],
    disposition: { kind, where: spec.port, datapath: host?.logicalSwitch.name ?? '', stage, reason },
    reply: undefined,
  })
  if (host === undefined)
    return ends('unbound', 'physical', `${spec.port} is on no chassis, or has no address`)
  if (source === undefined)
    return ends('no-route', 'host', `${spec.port} has no address of the destination's family`)
  const ethDst = firstMac(host, source, spec.destination)
  if (typeof ethDst === 'string') return ends('unknown-neighbour', 'host', ethDst)
  const four = typeof source === 'number'
  const whole = (four ? IPV4_LENGTH : IPV6_LENGTH) + messageLength(message)
  const mtu = options.mtuOf?.(host.chassis.cluster, spec.port) ?? whole
  const frame = buildFrame(
    {
      ethSrc: host.mac,
      ethDst,
      src: source,
      dst: spec.destination,
      ttl: spec.ttl ?? 64,
      tos: spec.tos ?? 0,
      dontFragment: (spec.dontFragment ?? true) && whole <= mtu,
    },
    whole <= mtu
      ? message
      : firstFragment(message, mtu - (four ? IPV4_LENGTH : IPV6_LENGTH + IPV6_FRAGMENT_LENGTH)),
  )
  const packet: TracePacket = {
    ...describe(spec, source, message, frame.length - ETHERNET_LENGTH),
    ...(whole <= mtu ? {} : { fragmentOf: whole }),
  }
  const follower = new Follower(state, options)
  follower.follow(host.chassis, spec.port, frame)
  const { hops, disposition } = follower.request()
  return { packet, hops, disposition, reply: replyOf(follower, state, spec, message, packet, options) }
}

/** The message cut to what the first fragment of a packet carries: a multiple of eight bytes (RFC 791, RFC 8200 §4.5). */
function firstFragment(message: WalkMessage, room: number): WalkMessage {
  if (!('size' in message)) return message
  const excess = messageLength(message) - Math.floor(room / 8) * 8
  return { ...message, size: Math.max(0, message.size - excess) }
}

function replyOf(
  follower: Follower,
  state: ForwardingState,
  spec: WalkSpec,
  message: WalkMessage,
  packet: TracePacket,
  options: WalkOptions,
): Trace | undefined {
  if (options.reply === false) return undefined
  const { hops, disposition } = follower.request()
  if (disposition.kind === 'answered') {
    const { hops: back, disposition: end } = follower.answer()
    const reversed: TracePacket = {
      ...packet,
      from: disposition.by,
      source: packet.destination,
      destination: packet.source,
      ttl: disposition.ttl,
    }
    return { packet: reversed, hops: back, disposition: end, reply: undefined }
  }
  const answer = answerTo(message)
  if (disposition.kind !== 'delivered' || answer === undefined) return undefined
  // Delivered on the last chassis it passed.
  const cluster = state.chassis.get(hops.at(-1)!.chassis)!.cluster
  const owner = hostOf(state, disposition.port, cluster)
  const asker = addressOf(hostOf(state, spec.port, spec.cluster), spec.destination)
  // A packet that was led to somebody else's interface is not answered.
  if (asker === undefined || !owner?.port.ips.some((ip) => equalIp(ip, spec.destination))) return undefined
  const back: WalkSpec = {
    cluster,
    port: disposition.port,
    name: `${cluster}/${disposition.port}`,
    destination: asker,
    protocol: spec.protocol,
    dontFragment: answer.kind !== 'echo-reply',
    ...(spec.tos === undefined ? {} : { tos: spec.tos }),
  }
  return send(state, back, answer, { ...options, reply: false })
}

function describe(spec: WalkSpec, source: Ip | undefined, message: WalkMessage, length: number): TracePacket {
  const ports = 'sourcePort' in message ? message : undefined
  return {
    from: spec.name ?? spec.port,
    source: source === undefined ? '' : formatIp(source),
    destination: formatIp(spec.destination),
    protocol: spec.protocol,
    sourcePort: ports?.sourcePort,
    destinationPort: ports?.destinationPort,
    ttl: spec.ttl ?? 64,
    length,
  }
}
