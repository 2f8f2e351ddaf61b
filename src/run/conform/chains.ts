/**
 * The ways packets took over the underlay, read from the packets alone and the same for simulator and lab: packets are grouped by the
 * probe and the request they belong to, keys become names, and what differs from run to run (times, outer source ports, identifiers of
 * echoes, tunnel keys of one AZ) is left out. Equal ways are then equal texts.
 */
import type { LogicalView } from '../../model/forwarding.ts'
import type { RunResult, UnderlayPacket } from '../../model/observation.ts'
import type { TrafficResult } from '../../model/traffic.ts'
import { formatIp } from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { decodeFrame } from '../../wire/decode.ts'
import type { DecodedLayer, DecodedPacket } from '../../wire/decoded.ts'

/** What of a run tells where packets belong and what keys stand for. */
export type ChainSource = Pick<RunResult, 'scenario' | 'states' | 'traffic'>

/** One packet on the underlay. */
export interface Hop {
  /** All its headers as one line, without what differs from run to run. */
  readonly text: string
  /** The packet's bytes, to show it. */
  readonly bytes: Uint8Array
  readonly from: string
  readonly to: string
}

/** The underlay hops of one packet of a probe. */
export interface Chain {
  readonly probe: string
  readonly dir: 'request' | 'reply' | 'error' | 'tcp'
  /** Sequence number of the request it belongs to, where the packet tells. */
  readonly seq: number | undefined
  readonly hops: Hop[]
}

/** What crossed the underlay, sorted by what it belongs to. */
export interface Crossed {
  readonly chains: readonly Chain[]
  /** ARP and neighbour discovery that crossed the underlay inside tunnels, one text each. */
  readonly neighbourMessages: readonly string[]
}

/** Writes the outer UDP source port of a hop; nothing where it is not to be compared. */
export type PortText = (port: number, inner: readonly DecodedLayer[]) => string

/** Groups the packets of a run into the ways that single packets took. */
export function chainsOf(
  packets: readonly UnderlayPacket[],
  result: ChainSource,
  sourcePort: PortText = () => '',
): Crossed {
  const chains = new Map<string, Chain>()
  const neighbourMessages: string[] = []
  const fragments = new Map<string, Omit<Chain, 'hops'>>()
  for (const packet of packets) {
    const view = new DataView(packet.bytes.buffer, packet.bytes.byteOffset, packet.bytes.byteLength)
    const decoded = decodeFrame(view, 0, packet.bytes.length)
    const split = decoded.layers.findIndex((layer) => layer.kind === 'geneve')
    if (split < 0 || decoded.layers.some((layer) => layer.kind === 'bfd')) continue
    const inner = decoded.layers.slice(split + 1)
    const hop = {
      text: hopText(decoded, split, packet, result, sourcePort),
      bytes: packet.bytes,
      from: bare(packet.from),
      to: bare(packet.to),
    }
    if (inner.some((layer) => layer.kind === 'arp' || isNeighbour(layer))) {
      neighbourMessages.push(
        neighbourText(inner, names(packet, vniOf(decoded, split), ovnOf(decoded, split), result), hop),
      )
      continue
    }
    const whole = fragmentOf(inner)
    const belongs = probeOf(inner, decoded.quoted, result, packet.at) ?? fragments.get(whole)
    if (belongs === undefined) continue
    if (whole !== '') fragments.set(whole, { ...belongs, seq: undefined })
    const key = `${belongs.probe} ${belongs.dir} ${belongs.seq} ${identity(packet.bytes, inner)}`
    const chain = chains.get(key)
    // A packet that was sent again (TCP) or loops keeps its identity: it goes on where the last hop ended.
    if (chain === undefined) chains.set(key, { ...belongs, hops: [hop] })
    else chain.hops.push(hop)
  }
  return { chains: [...chains.values()], neighbourMessages }
}

/** What the fragments of one packet have in common; empty for whole packets. */
function fragmentOf(inner: readonly DecodedLayer[]): string {
  const ip = inner.find((layer) => layer.kind === 'ipv4' || layer.kind === 'ipv6')
  const header = inner.find((layer) => layer.kind === 'ipv6-fragment')
  const isFragment = ip?.kind === 'ipv4' && (ip.repr.moreFragments || ip.repr.fragmentOffset > 0)
  if (ip === undefined || !(isFragment || header !== undefined)) return ''
  const id = ip.kind === 'ipv4' ? ip.repr.identification : header!.repr.identification
  return `${formatIp(ip.repr.src)} ${formatIp(ip.repr.dst)} ${id}`
}

function vniOf(decoded: DecodedPacket, split: number): number {
  return (decoded.layers[split] as Extract<DecodedLayer, { kind: 'geneve' }>).repr.vni
}

function ovnOf(decoded: DecodedPacket, split: number) {
  return (decoded.layers[split] as Extract<DecodedLayer, { kind: 'geneve' }>).repr.ovn
}

/** An ARP request or neighbour solicitation on the underlay. */
function neighbourText(inner: readonly DecodedLayer[], place: string, hop: Hop): string {
  const ethernet = inner.find((layer) => layer.kind === 'ethernet')!.repr
  const arp = inner.find((layer) => layer.kind === 'arp')?.repr
  const ip = inner.find((layer) => layer.kind === 'ipv6')?.repr
  const icmp = inner.find((layer) => layer.kind === 'icmpv6')?.repr
  const what =
    arp !== undefined
      ? `arp ${formatIp(arp.senderIp)} asks for ${formatIp(arp.targetIp)}`
      : `ns ${formatIp(ip!.src)} > ${formatIp(ip!.dst)} asks for ${icmp !== undefined && 'target' in icmp ? formatIp(icmp.target) : '?'}`
  return `${hop.from}>${hop.to} ${place} ${formatMac(ethernet.src)}>${formatMac(ethernet.dst)} ${what}`
}

function isNeighbour(layer: DecodedLayer): boolean {
  return layer.kind === 'icmpv6' && layer.repr.kind.startsWith('neighbour')
}

/** The inner IP packet without what changes on its way: MACs, TTL, header checksum. */
function identity(bytes: Uint8Array, inner: readonly DecodedLayer[]): string {
  const ip = inner.find((layer) => layer.kind === 'ipv4' || layer.kind === 'ipv6')!
  // Not slice(): that of a Buffer copies nothing.
  const copy = Uint8Array.from(bytes.subarray(ip.at))
  if (ip.kind === 'ipv4') copy.fill(0, 8, 9).fill(0, 10, 12)
  else copy[7] = 0
  return Buffer.from(copy).toString('latin1')
}

/** A hop as one line: outer headers, names that the keys stand for, inner headers. */
function hopText(
  decoded: DecodedPacket,
  split: number,
  packet: UnderlayPacket,
  result: ChainSource,
  sourcePort: PortText,
): string {
  const [ip, udp, geneve] = decoded.layers.slice(split - 2, split + 1) as [
    Extract<DecodedLayer, { kind: 'ipv4' | 'ipv6' }>,
    Extract<DecodedLayer, { kind: 'udp' }>,
    Extract<DecodedLayer, { kind: 'geneve' }>,
  ]
  const inner = decoded.layers.slice(split + 1)
  const innerEthernet = inner.find((layer) => layer.kind === 'ethernet')!.repr
  const { vni, ovn } = geneve.repr
  const outer = [
    `${bare(packet.from)}>${bare(packet.to)}`,
    `${formatIp(ip.repr.src)}>${formatIp(ip.repr.dst)}`,
    `ttl ${ip.kind === 'ipv4' ? ip.repr.ttl : ip.repr.hopLimit}`,
    `tos ${ip.kind === 'ipv4' ? ip.repr.tos : ip.repr.trafficClass}`,
    ip.kind === 'ipv4' && ip.repr.dontFragment ? 'df' : '',
    `udp ${sourcePort(udp.repr.srcPort, inner)}>${udp.repr.dstPort}`,
    geneve.repr.critical ? 'C' : '',
    names(packet, vni, ovn, result),
  ]
  return `${outer.join(' ')} | ${formatMac(innerEthernet.src)}>${formatMac(innerEthernet.dst)} ${innerText(inner, decoded.quoted)}`
}

/** Datapath and ports by name, since local keys depend on the order in which northd met them. */
function names(
  packet: UnderlayPacket,
  vni: number,
  ovn: { readonly ingress: number; readonly egress: number } | undefined,
  result: ChainSource,
): string {
  const view = viewOf(packet.from, packet.at, result)
  const datapath = view?.datapaths.get(vni)
  if (datapath === undefined || ovn === undefined) return `vni ${vni}`
  const kind = datapath.kind === 'router' ? 'lr' : datapath.transit ? 'ts' : 'ls'
  return `${kind}:${datapath.name} ${portName(datapath, ovn.ingress)}>${portName(datapath, ovn.egress)}`
}

function portName(
  datapath: { kind: string } & ReturnType<LogicalView['datapaths']['get']>,
  key: number,
): string {
  if (key === 0x8004) return '_MC_flood_l2'
  if (key === 0x8000) return '_MC_flood'
  if (datapath?.kind === 'switch') return datapath.portByKey.get(key)?.name ?? String(key)
  const router = datapath as Extract<ReturnType<LogicalView['datapaths']['get']>, { kind: 'router' }>
  const port = router.ports.find((candidate) => candidate.gateway?.redirectKey === key)
  return port?.gateway?.redirectPort ?? router.portByKey.get(key)?.name ?? String(key)
}

function viewOf(chassis: string, at: number, result: ChainSource): LogicalView | undefined {
  let view: LogicalView | undefined
  for (const state of result.states) {
    if (state.at > at && view !== undefined) break
    view = state.chassis.get(chassis)?.view ?? view
  }
  return view
}

export function bare(node: string): string {
  return node.slice(node.indexOf('/') + 1)
}

/** `10.16.0.10>10.17.0.10 ttl 63 df tos 0 len 84 echo-request`. */
function innerText(inner: readonly DecodedLayer[], quoted: DecodedPacket | undefined): string {
  const arp = inner.find((layer) => layer.kind === 'arp')
  if (arp !== undefined)
    return `arp ${arp.repr.operation === 1 ? 'request' : 'reply'} ${formatIp(arp.repr.senderIp)}>${formatIp(arp.repr.targetIp)}`
  const ip = inner.find((layer) => layer.kind === 'ipv4' || layer.kind === 'ipv6')
  if (ip === undefined) return 'unknown'
  const upper = inner.slice(inner.indexOf(ip) + 1)
  const transport = upper.find((layer) => ['icmp', 'icmpv6', 'udp', 'tcp'].includes(layer.kind))
  const v4 = ip.kind === 'ipv4' ? ip.repr : undefined
  const v6 = ip.kind === 'ipv6' ? ip.repr : undefined
  const length = v4 === undefined ? 40 + v6!.payloadLength : 20 + v4.payloadLength
  return [
    `${formatIp(ip.repr.src)}>${formatIp(ip.repr.dst)}`,
    `ttl ${v4?.ttl ?? v6!.hopLimit}`,
    v4 === undefined ? '' : v4.dontFragment ? 'df' : 'nodf',
    `tos ${v4?.tos ?? v6!.trafficClass}`,
    isTcp(upper) || isTcp(quoted?.layers ?? []) ? '' : `len ${length}`,
    transport === undefined ? 'fragment' : transportText(transport),
  ]
    .filter((word) => word !== '')
    .join(' ')
}

/** What options TCP uses, and hence how long its packets and errors that quote them are, is not compared. */
function isTcp(layers: readonly DecodedLayer[]): boolean {
  return layers.some(({ kind }) => kind === 'tcp')
}

function transportText(layer: DecodedLayer): string {
  switch (layer.kind) {
    case 'icmp':
    case 'icmpv6':
      return layer.repr.kind.startsWith('echo')
        ? layer.repr.kind
        : layer.repr.kind.startsWith('neighbour')
          ? layer.repr.kind
          : 'icmp-error'
    case 'udp':
      return layer.repr.dstPort >= 33434 && layer.repr.dstPort < 33534
        ? 'udp'
        : `udp ${layer.repr.srcPort}>${layer.repr.dstPort}`
    case 'tcp':
      return `tcp ${layer.repr.srcPort}>${layer.repr.dstPort}`
    default:
      return layer.kind
  }
}

/** Which probe a packet belongs to, judged by what Wireshark would judge it by: addresses, identifier, ports; the latest that fits. */
function probeOf(
  inner: readonly DecodedLayer[],
  quoted: DecodedPacket | undefined,
  result: ChainSource,
  at: number,
): Omit<Chain, 'hops'> | undefined {
  if (quoted !== undefined) {
    const about = probeOf(quoted.layers, undefined, result, at)
    return about === undefined ? undefined : { ...about, dir: 'error' }
  }
  const ip = inner.find((layer) => layer.kind === 'ipv4' || layer.kind === 'ipv6')
  if (ip === undefined) return undefined
  const [src, dst] = [formatIp(ip.repr.src), formatIp(ip.repr.dst)]
  const transport = inner.find((layer) => ['icmp', 'icmpv6', 'udp', 'tcp'].includes(layer.kind))
  let best: Omit<Chain, 'hops'> | undefined
  let latest = Number.NEGATIVE_INFINITY
  for (const one of result.traffic) {
    const began = one.sentAt[0] ?? Number.POSITIVE_INFINITY
    if (began > at || began < latest) continue
    const target = formatIp(one.traffic.address)
    const own = addressesOf(result, one)
    const isRequest = dst === target && own.includes(src)
    if (!isRequest && !(src === target && own.includes(dst))) continue
    const match = matchTransport(transport, one, isRequest)
    if (match === undefined) continue
    best = { probe: one.traffic.name, ...match }
    latest = began
  }
  return best
}

function addressesOf(result: ChainSource, { traffic }: TrafficResult): string[] {
  const cluster = result.scenario.network.clusters.find((one) => one.id === traffic.from.cluster)
  return cluster?.pods.find((pod) => pod.name === traffic.from.pod)?.ips.map(formatIp) ?? []
}

function matchTransport(
  transport: DecodedLayer | undefined,
  { traffic, icmpId }: TrafficResult,
  isRequest: boolean,
): Pick<Chain, 'dir' | 'seq'> | undefined {
  const dir = isRequest ? 'request' : 'reply'
  switch (transport?.kind) {
    case undefined:
      return undefined
    case 'icmp':
    case 'icmpv6': {
      const { repr } = transport
      if (!('id' in repr) || repr.id !== icmpId) return undefined
      return { dir: repr.kind === 'echo-request' ? 'request' : 'reply', seq: repr.seq }
    }
    case 'udp': {
      if (traffic.kind === 'traceroute') {
        const ttl = transport.repr.dstPort - 33434
        return traffic.mode === 'udp' && isRequest && ttl >= 1 && ttl <= traffic.maxTtl
          ? { dir, seq: ttl }
          : undefined
      }
      return traffic.kind === 'udp' && samePorts(transport.repr, traffic, isRequest)
        ? { dir, seq: undefined }
        : undefined
    }
    case 'tcp':
      return traffic.kind === 'tcp' && samePorts(transport.repr, traffic, isRequest)
        ? { dir: 'tcp', seq: undefined }
        : undefined
    default:
      return undefined
  }
}

function samePorts(
  ports: { readonly srcPort: number; readonly dstPort: number },
  traffic: { readonly sourcePort: number; readonly destinationPort: number },
  isRequest: boolean,
): boolean {
  const [source, destination] = isRequest ? [ports.srcPort, ports.dstPort] : [ports.dstPort, ports.srcPort]
  return source === traffic.sourcePort && destination === traffic.destinationPort
}
