// Runs one frame, in bytes, from chassis to chassis until it ends, and writes down hops and steps of a trace.
// Surprise: a router that answers an echo turns the frame itself into the answer, so one run holds two stories: the request
// up to that router, and the answer from there on.

import type { ChassisState, ForwardingState, Tunnel } from '../model/forwarding.ts'
import type { Disposition, Drop, TraceHop, TraceStep, TunnelHeader } from '../model/trace.ts'
import { formatIp, ipKey } from '../net/ip.ts'
import { ETHERNET_LENGTH } from '../wire/ethernet.ts'
import type { Frame } from '../wire/frame.ts'
import { routerIndex } from './ovn/lookup.ts'
import { groupName, type VswitchOutput } from './ovn/packet.ts'
import type { Recorder } from './ovn/recorder.ts'
import { decapsulate, encapsulate, tunnelMetadata, tunnelPath } from './ovn/tunnel.ts'
import { Vswitch } from './ovn/vswitch.ts'

/** The world between the chassis. */
export interface WalkOptions {
  /** The largest outer IP packet that gets from one chassis (`cluster/node`) to another; undefined for no limit. */
  readonly mtuBetween?: (from: string, to: string) => number | undefined
  /** MTU of the interface behind a logical switch port of a cluster; packets above it are fragmented by their sender. */
  readonly mtuOf?: (cluster: string, port: string) => number | undefined
  /** Whether the underlay carries packets from one chassis to another; it does when absent. */
  readonly reachable?: (from: string, to: string) => boolean
  /** Chassis to visit before the packet is taken to loop; default 256. */
  readonly hopLimit?: number
  /** Whether to follow the answer; default true. */
  readonly reply?: boolean
}

type Entered = TraceHop['entered']
type Left = TraceHop['left'][number]

/** Where the followed frame went from a chassis. */
type Move =
  | { readonly kind: 'vif'; readonly port: string }
  | {
      readonly kind: 'tunnel'
      readonly to: ChassisState
      readonly header: TunnelHeader
      readonly frame: Frame
    }
  | { readonly kind: 'ended'; readonly drop: Drop }

interface Story {
  readonly hops: readonly TraceHop[]
  readonly disposition: Disposition
}

/** Runs one frame to its end, with steps and hops. Frames other than the followed one are let go. */
export class Follower implements VswitchOutput, Recorder {
  readonly #options: WalkOptions
  readonly #byEncapIp = new Map<number | string, ChassisState>()
  readonly #vswitch = new Vswitch(this, { cache: false })
  readonly #request: TraceHop[] = []
  readonly #answer: TraceHop[] = []
  #answered: Disposition | undefined
  #end: Disposition | undefined
  #frame: Frame | undefined
  #chassis: ChassisState | undefined
  #entered: Entered | undefined
  #steps: TraceStep[] = []
  #move: Move | undefined

  constructor(state: ForwardingState, options: WalkOptions) {
    this.#options = options
    for (const chassis of state.chassis.values()) {
      const key = ipKey(chassis.encapIp)
      if (!this.#byEncapIp.has(key)) this.#byEncapIp.set(key, chassis)
    }
  }

  /** The way of the frame up to its end, or up to where a router made an answer of it. */
  request(): Story {
    return { hops: this.#request, disposition: this.#answered ?? this.#end! }
  }

  /** The way of the answer that a router made. */
  answer(): Story {
    return { hops: this.#answer, disposition: this.#end! }
  }

  follow(start: ChassisState, port: string, frame: Frame): void {
    const metadata = tunnelMetadata()
    let chassis = start
    this.#frame = frame
    this.#entered = { kind: 'vif', port }
    const limit = this.#options.hopLimit ?? 256
    for (let hop = 0; hop < limit; hop++) {
      this.#move = undefined
      this.#steps = []
      this.#chassis = chassis
      if (hop === 0) this.#vswitch.receiveFromVif(chassis, port, frame, this)
      else {
        const { vni, ingressKey, egressKey } = metadata
        this.#vswitch.receiveFromTunnel(chassis, vni, ingressKey, egressKey, frame, this)
      }
      // Every frame handed to a vswitch comes out or is dropped.
      const move = this.#move as Move | undefined
      if (move === undefined) throw new Error(`the frame vanished on ${chassis.key}`)
      this.#close(chassis, move)
      if (move.kind !== 'tunnel') {
        this.#end =
          move.kind === 'vif' ? { kind: 'delivered', port: move.port, ttl: ttlOf(frame) } : move.drop
        return
      }
      const lost = this.#underlay(chassis, move)
      if (lost !== undefined) {
        this.#end = lost
        return
      }
      if (!decapsulate(frame, metadata, true))
        throw new Error('a tunnel packet of our own does not decapsulate')
      this.#entered = { kind: 'tunnel', ...move.header }
      chassis = move.to
    }
    this.#end = {
      kind: 'loop',
      where: chassis.key,
      datapath: '',
      stage: 'underlay',
      reason: `${limit} chassis visited and still on the way`,
    }
  }

  #close(chassis: ChassisState, move: Move): void {
    const left: Left[] = []
    if (move.kind === 'vif') left.push({ kind: 'vif', port: move.port })
    if (move.kind === 'tunnel') left.push({ kind: 'tunnel', ...move.header })
    this.#hops().push({ chassis: chassis.key, entered: this.#entered!, steps: this.#steps, left })
  }

  #hops(): TraceHop[] {
    return this.#answered === undefined ? this.#request : this.#answer
  }

  /** What the underlay between two chassis does to the encapsulated frame: undefined when it arrives. */
  #underlay(from: ChassisState, move: Extract<Move, { kind: 'tunnel' }>): Drop | undefined {
    const { to } = move
    const where = `${from.key} > ${to.key}`
    const lost = (kind: Drop['kind'], reason: string): Drop => ({
      kind,
      where,
      datapath: '',
      stage: 'underlay',
      reason,
    })
    if (this.#options.reachable?.(from.key, to.key) === false)
      return lost('link-down', `the underlay carries nothing from ${from.key} to ${to.key}`)
    const mtu = this.#options.mtuBetween?.(from.key, to.key)
    const length = move.frame.length - ETHERNET_LENGTH
    if (mtu === undefined || length <= mtu) return undefined
    return lost(
      'mtu-exceeded',
      `the tunnel packet has ${length} bytes and DF, the underlay takes ${mtu}; nobody is told`,
    )
  }

  step(step: TraceStep): void {
    this.#steps.push(step)
  }

  answered(by: string, ttl: number): void {
    if (this.#answered !== undefined) return
    this.#request.push({ chassis: this.#chassis!.key, entered: this.#entered!, steps: this.#steps, left: [] })
    this.#answered = { kind: 'answered', by, ttl }
    this.#steps = []
  }

  toVif(_chassis: ChassisState, port: string, frame: Frame): void {
    if (frame === this.#frame) this.#move = { kind: 'vif', port }
  }

  toTunnel(
    chassis: ChassisState,
    tunnel: Tunnel,
    vni: number,
    ingressKey: number,
    egressKey: number,
    frame: Frame,
    sourcePort: number,
  ): void {
    if (frame !== this.#frame) return
    const to = this.#byEncapIp.get(ipKey(tunnel.remoteIp))
    if (to === undefined) {
      const reason = `nobody has the tunnel address ${formatIp(tunnel.remoteIp)} of ${tunnel.chassis}`
      this.#move = {
        kind: 'ended',
        drop: { kind: 'link-down', where: chassis.key, datapath: '', stage: 'underlay', reason },
      }
      return
    }
    encapsulate(
      frame,
      tunnelPath(chassis.encapIp, chassis.underlayMac, tunnel.remoteIp, to.underlayMac),
      vni,
      ingressKey,
      egressKey,
      sourcePort,
    )
    this.#move = {
      kind: 'tunnel',
      to,
      header: headerOf(chassis, to, tunnel, vni, ingressKey, egressKey, sourcePort),
      frame,
    }
  }

  dropped(drop: Drop, frame: Frame): void {
    if (frame === this.#frame) this.#move = { kind: 'ended', drop }
  }
}

function ttlOf(frame: Frame): number {
  const four = frame.view.getUint16(frame.start + 12) === 0x0800
  return frame.view.getUint8(frame.start + ETHERNET_LENGTH + (four ? 8 : 7))
}

function headerOf(
  from: ChassisState,
  to: ChassisState,
  tunnel: Tunnel,
  vni: number,
  ingressKey: number,
  egressKey: number,
  udpSource: number,
): TunnelHeader {
  const datapath = from.view?.datapaths.get(vni)
  return {
    from: from.key,
    to: to.key,
    outerSource: formatIp(from.encapIp),
    outerDestination: formatIp(tunnel.remoteIp),
    udpSource,
    vni,
    ingressKey,
    egressKey,
    datapath: datapath?.name ?? String(vni),
    ingressPort: datapath?.portByKey.get(ingressKey)?.name ?? String(ingressKey),
    egressPort: nameOfEgress(datapath, egressKey),
  }
}

function nameOfEgress(
  datapath: ReturnType<NonNullable<ChassisState['view']>['datapaths']['get']>,
  key: number,
): string {
  if (key >= 0x8000) return groupName(key)
  if (datapath?.kind === 'router') {
    const gateway = routerIndex(datapath).byRedirectKey.get(key)?.gateway
    if (gateway !== undefined) return gateway.redirectPort
  }
  return datapath?.portByKey.get(key)?.name ?? String(key)
}
