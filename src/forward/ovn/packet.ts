// One packet on its way through one chassis: the frame, where it is in the logical network, and OVN's registers under
// their meanings (reg0 nexthop, reg1 source, flags.loopback …). One object serves packet after packet.
// Surprise: the outer source port of a tunnel is decided when the frame enters the chassis, because OVS hashes a packet
// once; a router's echo reply therefore leaves with the port of the request (probes §3).

import type {
  ChassisState,
  LogicalRouter,
  LogicalSwitch,
  LogicalView,
  RouteAction,
  RouterPort,
  SwitchPort,
  Tunnel,
} from '../../model/forwarding.ts'
import type { Drop, DropKind } from '../../model/trace.ts'
import { formatIp, type Ip } from '../../net/ip.ts'
import { readIp6 } from '../../wire/bytes.ts'
import { ETHERNET_LENGTH, EtherType, ethType } from '../../wire/ethernet.ts'
import { tunnelSourcePort } from '../../wire/flow-hash.ts'
import type { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import {
  ip4Dst,
  ip4HeaderLength,
  ip4IsLaterFragment,
  ip4Protocol,
  ip4Src,
  ip4Ttl,
  parseIpv4Header,
} from '../../wire/ipv4.ts'
import { ip6HopLimit, ip6Upper, parseIpv6Header } from '../../wire/ipv6.ts'
import type { Recorder, StageId } from './recorder.ts'

/** Where packets go when they leave a chassis' logical network. Each frame is handed to exactly one of these, for good. */
export interface VswitchOutput {
  /** Delivered to the interface of a logical switch port on this chassis. */
  toVif(chassis: ChassisState, port: string, frame: Frame): void
  /**
   * To be encapsulated and sent to the other end of `tunnel`. `innerSum` is the unfolded internet checksum of the frame's
   * bytes modulo 0xffff where it is known already, otherwise -1.
   */
  toTunnel(
    chassis: ChassisState,
    tunnel: Tunnel,
    vni: number,
    ingressKey: number,
    egressKey: number,
    frame: Frame,
    sourcePort: number,
    innerSum: number,
  ): void
  /** The end of a frame, and why. */
  dropped(drop: Drop, frame: Frame): void
}

/** Hears of an outcome that may be replayed for every packet of the same microflow; see `flow-cache.ts`. */
export interface Learner {
  learnVif(packet: Packet, port: string): void
  learnTunnel(packet: Packet, tunnel: Tunnel, vni: number, ingressKey: number, egressKey: number): void
}

/** A packet the chassis made itself (ICMP error, ARP request): it starts its way when its trigger's has ended. */
export interface MadePacket {
  readonly frame: Frame
  readonly router: LogicalRouter
  readonly inport: RouterPort
  /** The port it leaves by at once; undefined: it enters the router's ingress pipeline like any packet. */
  readonly outport: RouterPort | undefined
  /** The port of the outer UDP header on the first hop. */
  readonly sourcePort: number
}

/** The state of one packet in work; `begin` makes it ready for the next. Offsets are absolute in `frame.view`. */
export class Packet {
  state!: ChassisState
  view!: LogicalView
  output!: VswitchOutput
  recorder: Recorder | undefined
  learner: Learner | undefined

  frame!: Frame
  /** 4 or 6 for IP, 0 for ARP and everything else. */
  family: 0 | 4 | 6 = 0
  etherType = 0
  ipAt = 0
  protocol = 0
  /** Offset of the transport header; -1 in a later fragment and where there is none. */
  upperAt = -1
  src: Ip = 0
  dst: Ip = 0

  logicalSwitch: LogicalSwitch | undefined
  inSwitchPort: SwitchPort | undefined
  outSwitchPort: SwitchPort | undefined
  /** A multicast group's key instead of one output port; 0 for none. */
  outGroup = 0
  router: LogicalRouter | undefined
  inRouterPort: RouterPort | undefined
  outRouterPort: RouterPort | undefined
  /** GR-1: output goes to the `cr-` side of `outRouterPort`. */
  redirected = false
  /** Key of the input port in the datapath, what a tunnel carries as ingress key. */
  inKey = 0
  /** Came in by a tunnel and has not crossed a patch since: only local output is left (GE-4). */
  fromTunnel = false
  /** `flags.loopback`: may leave by the port it came in. */
  loopback = false
  /** REGBIT_EGRESS_LOOPBACK: an ICMP error on its second entry. */
  egressLoopback = false
  /** REGBIT_PKT_LARGER. */
  larger = false
  /** PL-1: reg7. */
  routeTable = 0
  nexthop: Ip = 0
  source: Ip = 0
  ecmp: Extract<RouteAction, { kind: 'ecmp' }> | undefined
  /** Patch ports crossed on this chassis. */
  crossings = 0
  sourcePort = 0

  /** The outcome may be replayed for packets that agree in everything a microflow's key holds. */
  cacheable = true
  /** Longest frame for which the outcome holds (gateway_mtu). */
  maxLength = 65_535
  readonly made: MadePacket[] = []

  /** Starts with a frame; false when its headers are cut off or contradict each other. */
  begin(
    state: ChassisState,
    view: LogicalView,
    output: VswitchOutput,
    frame: Frame,
    recorder: Recorder | undefined,
    learner: Learner | undefined,
    sourcePort = -1,
  ): boolean {
    this.state = state
    this.view = view
    this.output = output
    this.recorder = recorder
    this.learner = learner
    this.frame = frame
    this.logicalSwitch = undefined
    this.router = undefined
    this.inKey = 0
    this.fromTunnel = false
    this.crossings = 0
    this.egressLoopback = false
    this.cacheable = true
    this.maxLength = 65_535
    this.enterDatapath()
    if (!this.parse()) return false
    this.sourcePort = sourcePort < 0 ? tunnelSourcePort(frame.view, frame.start, frame.end) : sourcePort
    return true
  }

  /** Clears what OVN clears when a packet enters a datapath. */
  enterDatapath(): void {
    this.inSwitchPort = undefined
    this.outSwitchPort = undefined
    this.outGroup = 0
    this.inRouterPort = undefined
    this.outRouterPort = undefined
    this.redirected = false
    this.loopback = false
    this.larger = false
    this.routeTable = 0
    this.ecmp = undefined
  }

  /** Reads the headers again, after the frame became another packet. */
  parse(): boolean {
    const { frame } = this
    const { view, start, end } = frame
    this.family = 0
    this.protocol = 0
    this.upperAt = -1
    if (end - start < ETHERNET_LENGTH) return false
    this.etherType = ethType(view, start)
    const at = start + ETHERNET_LENGTH
    this.ipAt = at
    if (this.etherType === EtherType.ipv4) {
      const header = parseIpv4Header(view, at, end)
      if (header === undefined || at + view.getUint16(at + 2) > end) return false
      this.family = 4
      this.src = ip4Src(view, at)
      this.dst = ip4Dst(view, at)
      this.protocol = ip4Protocol(view, at)
      if (!ip4IsLaterFragment(view, at)) this.upperAt = at + ip4HeaderLength(view, at)
    } else if (this.etherType === EtherType.ipv6) {
      const header = parseIpv6Header(view, at, end)
      if (header === undefined || at + 40 + header.payloadLength > end) return false
      this.family = 6
      this.src = readIp6(view, at + 8)
      this.dst = readIp6(view, at + 24)
      const upper = ip6Upper(view, at, end)
      if (upper === undefined) return false
      this.protocol = upper.protocol
      const later = upper.fragmentAt >= 0 && (view.getUint16(upper.fragmentAt + 2) & 0xfff8) !== 0
      if (!later) this.upperAt = upper.at
    }
    return true
  }

  /** TTL or hop limit; 255 for what is not IP. */
  get ttl(): number {
    if (this.family === 4) return ip4Ttl(this.frame.view, this.ipAt)
    if (this.family === 6) return ip6HopLimit(this.frame.view, this.ipAt)
    return 255
  }

  /** True for an ICMP or ICMPv6 message of this type that has its header in this packet. */
  isIcmp(type4: number, type6: number): boolean {
    if (this.upperAt < 0 || this.upperAt + 2 > this.frame.end) return false
    const type = this.frame.view.getUint8(this.upperAt)
    if (this.family === 4) return this.protocol === IpProtocol.icmp && type === type4
    return this.family === 6 && this.protocol === IpProtocol.icmpv6 && type === type6
  }

  /** Name of the datapath the packet is in. */
  get datapathName(): string {
    return this.router?.name ?? this.logicalSwitch?.name ?? ''
  }

  /** Names of input and output port as a trace shows them; empty where not set. */
  get inportName(): string {
    return this.inRouterPort?.name ?? this.inSwitchPort?.name ?? ''
  }

  get outportName(): string {
    if (this.outRouterPort !== undefined) {
      return this.redirected ? (this.outRouterPort.gateway?.redirectPort ?? '') : this.outRouterPort.name
    }
    if (this.outGroup !== 0) return groupName(this.outGroup)
    return this.outSwitchPort?.name ?? ''
  }

  /** Takes down what a stage did. Call only with a recorder. */
  note(
    stage: StageId,
    priority: number | undefined,
    match: string,
    actions: readonly string[],
    note?: string,
  ): void {
    this.recorder?.step({
      datapath: this.datapathName,
      pipeline: stage.pipeline,
      table: stage.table,
      stage: stage.name,
      inport: this.inportName,
      outport: this.outportName,
      priority,
      match,
      actions,
      note,
    })
  }

  /** Ends the packet and reports why. */
  drop(kind: DropKind, stage: string, reason: string, extra?: Pick<Drop, 'candidates' | 'icmp'>): void {
    this.output.dropped(
      { kind, where: this.state.key, datapath: this.datapathName, stage, reason, ...extra },
      this.frame,
    )
  }

  /** Readable `source > destination` for reasons. */
  get flowText(): string {
    return this.family === 0 ? 'frame' : `${formatIp(this.src)} > ${formatIp(this.dst)}`
  }
}

/** The names of OVN's multicast groups by key (GE-3). */
export const MULTICAST = { flood: 0x8000, unknown: 0x8001, floodL2: 0x8004 } as const

/** Name of a multicast group by its key. */
export function groupName(key: number): string {
  switch (key) {
    case MULTICAST.flood:
      return '_MC_flood'
    case MULTICAST.unknown:
      return '_MC_unknown'
    case MULTICAST.floodL2:
      return '_MC_flood_l2'
    default:
      return `_MC_${key}`
  }
}
