/**
 * The data plane in motion: every node's vswitch, every pod's network stack, and the underlay between them. The control plane says
 * what each chassis does (`ChassisState`), this carries packets through it as bytes, in virtual time.
 */
import type { BfdMessage } from '../control/ovn/bfd.ts'
import { Host } from '../forward/host/host.ts'
import type { HostConfig } from '../forward/host/host-env.ts'
import type { VswitchOutput } from '../forward/ovn/packet.ts'
import {
  decapsulate,
  encapsulate,
  type TunnelPath,
  tunnelMetadata,
  tunnelPath,
} from '../forward/ovn/tunnel.ts'
import { Vswitch } from '../forward/ovn/vswitch.ts'
import type { ChassisState, Tunnel } from '../model/forwarding.ts'
import type { Network, Node } from '../model/network.ts'
import { MICROSECOND, type Nanos } from '../model/time.ts'
import type { Drop } from '../model/trace.ts'
import { type Ip, ipKey } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import { hash32, type Random } from '../net/random.ts'
import type { Clock } from '../sim/clock.ts'
import { Underlay, type UnderlayLoss, type UnderlayPort } from '../sim/underlay.ts'
import { type Frame, FramePool } from '../wire/frame.ts'
import { bfdSender, emitBfdFrame, parseBfdFrame } from './bfd-carrier.ts'
import type { Capture } from './capture.ts'
import { BFD, CaptureTaps, isBfd } from './capture-taps.ts'
import type { StepNotes } from './step-notes.ts'
import { lossDrop, stationDrop } from './underlay-drops.ts'

/** From a vswitch to the pod's stack. */
const VIF_LATENCY: Nanos = 10 * MICROSECOND

/** More packets than the scenario allows. */
export class PacketLimitError extends Error {
  override readonly name = 'PacketLimitError'
}

/** What the data plane asks of the control plane. */
export interface ChassisSource {
  /** By `cluster/node`: where the present state of a chassis is to be had, for as long as there is a control plane. */
  chassis(key: string): { readonly state: ChassisState } | undefined
  /** A BFD message came out of the tunnel from `peer` (a chassis name) at `key`. */
  receiveBfd(key: string, peer: string, message: BfdMessage): void
}

export interface DataPlaneOptions {
  readonly packetsMax: number
  /** Told of every packet that ends before it is delivered, BFD aside. */
  readonly dropped: (drop: Drop) => void
}

/** Whatever takes packets at a logical switch port: a pod's network stack, or a counter in a benchmark. */
export type FrameReceiver = (frame: Frame) => void

interface Station {
  readonly bridge: Bridge
  readonly lsp: string
  readonly vantage: string
  /** Takes over the frame. */
  readonly receive: FrameReceiver
}

/** One node: its vswitch, its link to the underlay, and what they look up for every packet. */
interface Bridge {
  readonly key: string
  readonly node: Node
  readonly cluster: string
  readonly vswitch: Vswitch
  /** Takes no short cuts, for packets that a capture tells about. */
  readonly recording: Vswitch
  readonly port: UnderlayPort
  readonly chassis: { readonly state: ChassisState } | undefined
}

interface Delivery {
  station: Station
  frame: Frame
}

export class DataPlane {
  readonly underlay: Underlay
  readonly pool = new FramePool()
  /** Packets taken in by vswitches so far. */
  packets = 0
  bfdPackets = 0
  readonly #clock: Clock
  readonly #random: Random
  readonly #source: ChassisSource
  readonly #options: DataPlaneOptions
  /** By `cluster/node`. */
  readonly #bridges = new Map<string, Bridge>()
  /** By cluster, then by logical switch port. */
  readonly #stations = new Map<string, Map<string, Station>>()
  /** The one that had the last packet; forgotten when stations come or go. */
  #lastStation: Station | undefined
  readonly #byVantage = new Map<string, Station>()
  readonly #hosts = new Map<string, Host>()
  readonly #bfdPorts = new Map<string, number>()
  readonly #metadata = tunnelMetadata()
  readonly #spare: Delivery[] = []
  readonly #launch: (delivery: Delivery) => void
  /** While a capture runs. */
  #taps: CaptureTaps | undefined

  constructor(
    network: Network,
    clock: Clock,
    random: Random,
    source: ChassisSource,
    options: DataPlaneOptions,
  ) {
    this.#clock = clock
    this.#random = random
    this.#source = source
    this.#options = options
    this.#launch = clock.lane(VIF_LATENCY, (delivery: Delivery) => this.#deliver(delivery))
    this.underlay = new Underlay(network, clock, this.pool, random.fork('underlay'))
    for (const cluster of network.clusters) {
      this.#stations.set(cluster.id, new Map())
      for (const node of cluster.nodes) this.#addBridge(cluster.id, node)
    }
    this.underlay.observe({
      lost: (from, to, _frame, loss, note) => this.#lostOnUnderlay(from, to, loss, note),
    })
  }

  /** From now on, everything that is seen goes into `file`, with times counted from `zero`. To be called once. */
  record(file: Capture, zero: Nanos): void {
    this.#taps = new CaptureTaps(file, this.#clock, zero)
    this.#taps.watch(this.underlay)
  }

  /** Plugs a network stack into a logical switch port of a node. `vantage` names it in captures and for `host`. */
  addHost(cluster: string, node: string, lsp: string, vantage: string, config: HostConfig): void {
    const random = this.#random.fork(`host ${vantage}`)
    const send = this.plug(cluster, node, lsp, vantage, (frame) => host.receive(frame))
    const host = new Host(config, {
      now: () => this.#clock.now,
      after: (delay, handler, arg) => this.#clock.after(delay, handler, arg),
      cancel: (timer) => this.#clock.cancel(timer),
      send,
      frame: (length) => {
        const frame = this.pool.take(length)
        frame.append(length)
        return frame
      },
      release: (frame) => this.pool.give(frame),
      dropped: (reason) => this.#drop(stationDrop('host', vantage, reason)),
      random: () => random.below(0x10000),
    })
    this.#hosts.set(vantage, host)
  }

  /** Plugs anything into a logical switch port; `receive` takes over frames, and so does the function that is returned. */
  plug(cluster: string, node: string, lsp: string, vantage: string, receive: FrameReceiver): FrameReceiver {
    const station: Station = { bridge: this.#bridge(`${cluster}/${node}`), lsp, vantage, receive }
    this.#stations.get(cluster)!.set(lsp, station)
    this.#lastStation = undefined
    this.#byVantage.set(vantage, station)
    return (frame) => this.#fromStation(station, frame)
  }

  removeHost(vantage: string): void {
    const station = this.#byVantage.get(vantage)
    if (station === undefined) return
    this.#byVantage.delete(vantage)
    this.#hosts.get(vantage)?.close()
    this.#hosts.delete(vantage)
    this.#stations.get(station.bridge.cluster)!.delete(station.lsp)
    this.#lastStation = undefined
  }

  host(vantage: string): Host | undefined {
    return this.#hosts.get(vantage)
  }

  /** Puts a BFD message on the tunnel of the chassis `key` to a remote endpoint. */
  sendBfd(key: string, remoteIp: Ip, message: BfdMessage): void {
    const { node, port: link } = this.#bridge(key)
    const tunnel = `${key} ${ipKey(remoteIp)}`
    let port = this.#bfdPorts.get(tunnel)
    if (port === undefined) {
      port = 49152 + (this.#bfdPorts.size % 16384)
      this.#bfdPorts.set(tunnel, port)
    }
    const frame = this.pool.take()
    emitBfdFrame(
      frame,
      {
        localIp: node.encapIp,
        remoteIp,
        localMac: node.underlayMac,
        remoteMac: this.#macOf(remoteIp),
        interfaceMac: 0x020000000000 + hash32(tunnel),
        sourcePort: port,
      },
      message,
    )
    this.bfdPackets++
    this.underlay.send(link, remoteIp, frame, this.#taps?.letter(true) ?? BFD)
  }

  #addBridge(cluster: string, node: Node): void {
    const key = `${cluster}/${node.name}`
    const port = this.underlay.attach(key, (frame, note) => this.#fromUnderlay(bridge, frame, isBfd(note)))
    const output = this.#outputOf(port)
    const chassis = this.#source.chassis(key)
    const vswitch = new Vswitch(output)
    const bridge: Bridge = {
      key,
      node,
      cluster,
      vswitch,
      recording: new Vswitch(output, { cache: false }),
      port,
      chassis,
    }
    this.#bridges.set(key, bridge)
  }

  #fromStation(station: Station, frame: Frame): void {
    const { bridge } = station
    const state = bridge.chassis?.state
    if (state === undefined) return this.pool.give(frame)
    this.#count()
    if (this.#taps === undefined) bridge.vswitch.receiveFromVif(state, station.lsp, frame)
    else
      this.#taps.worked(station.vantage, frame, 'out', (notes) =>
        bridge.recording.receiveFromVif(state, station.lsp, frame, notes),
      )
  }

  #fromUnderlay(bridge: Bridge, frame: Frame, bfd: boolean): void {
    const { key } = bridge
    const state = bridge.chassis?.state
    if (state === undefined || !state.vswitchd) {
      if (!bfd) this.#drop(stationDrop('chassis-down', key, 'ovs-vswitchd does not run'))
      this.#taps?.arrived(key, frame)
      return this.pool.give(frame)
    }
    if (this.#taps === undefined) this.#takeTunnel(bridge, state, frame, undefined)
    else this.#taps.worked(key, frame, 'in', (notes) => this.#takeTunnel(bridge, state, frame, notes))
  }

  #takeTunnel(bridge: Bridge, state: ChassisState, frame: Frame, notes: StepNotes | undefined): void {
    const metadata = this.#metadata
    const outerAt = frame.start
    if (!decapsulate(frame, metadata)) {
      this.#drop(stationDrop('malformed', bridge.key, 'not a Geneve packet of this network'))
      return this.pool.give(frame)
    }
    if (metadata.egressKey < 0) {
      const message = parseBfdFrame(frame)
      const peer = bfdSender(state, frame, outerAt)
      this.pool.give(frame)
      if (message !== undefined && peer !== undefined) this.#source.receiveBfd(bridge.key, peer, message)
      return
    }
    this.#count()
    const { vni, ingressKey, egressKey, innerSum } = metadata
    const vswitch = notes === undefined ? bridge.vswitch : bridge.recording
    vswitch.receiveFromTunnel(state, vni, ingressKey, egressKey, frame, notes, innerSum)
  }

  /** What a node's vswitches put out. */
  #outputOf(port: UnderlayPort): VswitchOutput {
    const paths = new Map<Tunnel, TunnelPath>()
    // What the last packet asked for is mostly what the next one does.
    let lastTunnel: Tunnel | undefined
    let lastPath: TunnelPath | undefined
    return {
      toVif: (chassis, lsp, frame) => {
        let station = this.#lastStation
        if (station?.lsp !== lsp || station.bridge.key !== chassis.key) {
          station = this.#stations.get(chassis.cluster)!.get(lsp)
          this.#lastStation = station
        }
        if (station === undefined || station.bridge.key !== chassis.key) {
          this.#drop(stationDrop('unbound', chassis.key, `${lsp} has no interface on this node`))
          return this.pool.give(frame)
        }
        const delivery = this.#spare.pop() ?? { station, frame }
        delivery.station = station
        delivery.frame = frame
        this.#launch(delivery)
      },
      toTunnel: (chassis, tunnel, vni, ingressKey, egressKey, frame, sourcePort, innerSum) => {
        if (tunnel !== lastTunnel || lastPath === undefined) {
          lastPath = paths.get(tunnel) ?? this.#makePath(chassis, tunnel, paths)
          lastTunnel = tunnel
        }
        encapsulate(frame, lastPath, vni, ingressKey, egressKey, sourcePort, innerSum)
        this.underlay.send(port, tunnel.remoteIp, frame, this.#taps?.letter(false))
      },
      dropped: (what, frame) => {
        this.#drop(what)
        this.pool.give(frame)
      },
    }
  }

  #deliver(delivery: Delivery): void {
    const { station, frame } = delivery
    this.#spare.push(delivery)
    this.#taps?.arrived(station.vantage, frame)
    station.receive(frame)
  }

  /** Tunnels are values that a change of BFD replaces, so there are never many more paths than tunnels. */
  #makePath(chassis: ChassisState, tunnel: Tunnel, paths: Map<Tunnel, TunnelPath>): TunnelPath {
    if (paths.size > 2 * chassis.tunnels.size + 16) paths.clear()
    const remoteMac = this.#macOf(tunnel.remoteIp)
    const path = tunnelPath(chassis.encapIp, chassis.underlayMac, tunnel.remoteIp, remoteMac)
    paths.set(tunnel, path)
    return path
  }

  #macOf(endpoint: Ip): Mac {
    const owner = this.underlay.ownerOf(endpoint)
    return owner === undefined ? 0 : this.#bridge(owner).node.underlayMac
  }

  #bridge(key: string): Bridge {
    const bridge = this.#bridges.get(key)
    if (bridge === undefined) throw new RangeError(`no node ${key}`)
    return bridge
  }

  #count(): void {
    if (++this.packets > this.#options.packetsMax)
      throw new PacketLimitError(`more than ${this.#options.packetsMax} packets`)
  }

  #drop(what: Drop): void {
    this.#taps?.dropped(what)
    this.#options.dropped(what)
  }

  #lostOnUnderlay(from: string, to: string | undefined, loss: UnderlayLoss, note: unknown): void {
    const what = lossDrop(loss, from, to)
    this.#taps?.lost(note, what.reason)
    if (!isBfd(note)) this.#drop(what)
  }
}
