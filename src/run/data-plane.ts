/**
 * The data plane in motion: every node's vswitch, every pod's network stack, and the underlay between them. The control plane says
 * what each chassis does (`ChassisState`), this carries packets through it as bytes, in virtual time.
 */
import type { BfdMessage } from '../control/ovn/bfd.ts'
import { Host } from '../forward/host/host.ts'
import type { HostConfig } from '../forward/host/host-env.ts'
import { decapsulate, encapsulate, type TunnelPath, tunnelMetadata, tunnelPath } from '../forward/ovn/tunnel.ts'
import type { VswitchOutput } from '../forward/ovn/packet.ts'
import { Vswitch } from '../forward/ovn/vswitch.ts'
import type { ChassisState, Tunnel } from '../model/forwarding.ts'
import { MICROSECOND, type Nanos } from '../model/time.ts'
import type { Network, Node } from '../model/network.ts'
import type { Drop } from '../model/trace.ts'
import { equalIp, type Ip, ipKey } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import { hash32, type Random } from '../net/random.ts'
import type { Clock } from '../sim/clock.ts'
import { Underlay, type UnderlayLoss } from '../sim/underlay.ts'
import { ETHERNET_LENGTH, EtherType, ethType } from '../wire/ethernet.ts'
import { type Frame, FramePool } from '../wire/frame.ts'
import { ip4Src } from '../wire/ipv4.ts'
import { ip6Src } from '../wire/ipv6.ts'
import { emitBfdFrame, parseBfdFrame } from './bfd-carrier.ts'
import type { Capture } from './capture.ts'
import { StepNotes } from './step-notes.ts'

/** Marks BFD on the underlay: its losses are nobody's packets. */
const BFD = Symbol('bfd')

/** From a vswitch to the pod's stack. */
const VIF_LATENCY: Nanos = 10 * MICROSECOND

/** More packets than the scenario allows. */
export class PacketLimitError extends Error {
  override readonly name = 'PacketLimitError'
}

/** What the data plane asks of the control plane. */
export interface ChassisSource {
  /** By `cluster/node`. */
  chassis(key: string): ChassisState | undefined
  /** A BFD message came out of the tunnel from `peer` (a chassis name) at `key`. */
  receiveBfd(key: string, peer: string, message: BfdMessage): void
}

export interface DataPlaneOptions {
  readonly packetsMax: number
  /** Told of every packet that ends before it is delivered, BFD aside. */
  readonly dropped: (drop: Drop) => void
}

interface Station {
  readonly cluster: string
  readonly node: string
  readonly lsp: string
  readonly vantage: string
  readonly host: Host
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
  capture: { readonly file: Capture; readonly zero: Nanos } | undefined
  readonly #clock: Clock
  readonly #random: Random
  readonly #source: ChassisSource
  readonly #options: DataPlaneOptions
  readonly #nodes = new Map<string, Node>()
  readonly #vswitches = new Map<string, Vswitch>()
  readonly #recording = new Map<string, Vswitch>()
  readonly #stations = new Map<string, Station>()
  readonly #byVantage = new Map<string, Station>()
  readonly #paths = new Map<string, TunnelPath>()
  readonly #bfdPorts = new Map<string, number>()
  readonly #metadata = tunnelMetadata()
  readonly #spare: Delivery[] = []
  /** Notes on the packet in work, while a capture runs. */
  #notes: StepNotes | undefined

  constructor(network: Network, clock: Clock, random: Random, source: ChassisSource, options: DataPlaneOptions) {
    this.#clock = clock
    this.#random = random
    this.#source = source
    this.#options = options
    this.underlay = new Underlay(network, clock, this.pool, random.fork('underlay'))
    for (const cluster of network.clusters)
      for (const node of cluster.nodes) {
        const key = `${cluster.id}/${node.name}`
        this.#nodes.set(key, node)
        this.#vswitches.set(key, new Vswitch(this.#output))
        this.#recording.set(key, new Vswitch(this.#output, { cache: false }))
        this.underlay.attach(key, (frame, note) => this.#fromUnderlay(key, frame, note === BFD))
      }
    this.underlay.observe({
      sent: (from, _to, frame) => this.#captureUnderlay(from, frame, 'out'),
      lost: (from, to, _frame, loss, note) => this.#lostOnUnderlay(from, to, loss, note === BFD),
    })
  }

  /** Plugs a network stack into a logical switch port of a node. `vantage` names it in captures and for `host`. */
  addHost(cluster: string, node: string, lsp: string, vantage: string, config: HostConfig): void {
    const random = this.#random.fork(`host ${vantage}`)
    const station: Station = {
      cluster,
      node: `${cluster}/${node}`,
      lsp,
      vantage,
      host: new Host(config, {
        now: () => this.#clock.now,
        after: (delay, handler, arg) => this.#clock.after(delay, handler, arg),
        cancel: (timer) => this.#clock.cancel(timer),
        send: (frame) => this.#fromHost(station, frame),
        frame: (length) => {
          const frame = this.pool.take(length)
          frame.append(length)
          return frame
        },
        release: (frame) => this.pool.give(frame),
        random: () => random.below(0x10000),
      }),
    }
    this.#stations.set(`${cluster} ${lsp}`, station)
    this.#byVantage.set(vantage, station)
  }

  removeHost(vantage: string): void {
    const station = this.#byVantage.get(vantage)
    if (station === undefined) return
    this.#byVantage.delete(vantage)
    this.#stations.delete(`${station.cluster} ${station.lsp}`)
  }

  host(vantage: string): Host | undefined {
    return this.#byVantage.get(vantage)?.host
  }

  /** Puts a BFD message on the tunnel of the chassis `key` to a remote endpoint. */
  sendBfd(key: string, remoteIp: Ip, message: BfdMessage): void {
    const node = this.#node(key)
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
    this.underlay.send(key, remoteIp, frame, BFD)
  }

  #fromHost(station: Station, frame: Frame): void {
    const state = this.#source.chassis(station.node)
    if (state === undefined) return this.pool.give(frame)
    this.#count()
    if (this.capture === undefined) {
      this.#vswitches.get(station.node)!.receiveFromVif(state, station.lsp, frame)
      return
    }
    const { file } = this.capture
    const seen = file.open(station.vantage, this.#time(), frame, 'out')
    const notes = this.#begin()
    this.#recording.get(station.node)!.receiveFromVif(state, station.lsp, frame, notes)
    file.close(seen, this.#end(notes))
  }

  #fromUnderlay(key: string, frame: Frame, bfd: boolean): void {
    const state = this.#source.chassis(key)
    if (state === undefined || !state.vswitchd) {
      if (!bfd) this.#drop(drop('chassis-down', key, 'ovs-vswitchd does not run'))
      this.#captureUnderlay(key, frame, 'in')
      return this.pool.give(frame)
    }
    if (this.capture !== undefined) return this.#fromUnderlayRecorded(key, state, frame)
    this.#takeTunnel(key, state, frame, undefined)
  }

  #fromUnderlayRecorded(key: string, state: ChassisState, frame: Frame): void {
    const { file } = this.capture!
    const seen = file.open(key, this.#time(), frame, 'in')
    const notes = this.#begin()
    this.#takeTunnel(key, state, frame, notes)
    file.close(seen, this.#end(notes))
  }

  #takeTunnel(key: string, state: ChassisState, frame: Frame, notes: StepNotes | undefined): void {
    const metadata = this.#metadata
    const outerAt = frame.start
    if (!decapsulate(frame, metadata)) {
      this.#drop(drop('malformed', key, 'not a Geneve packet of this network'))
      return this.pool.give(frame)
    }
    if (metadata.egressKey < 0) {
      const message = parseBfdFrame(frame)
      const peer = senderOf(state, outerSource(frame, outerAt))
      this.pool.give(frame)
      if (message !== undefined && peer !== undefined) this.#source.receiveBfd(key, peer, message)
      return
    }
    this.#count()
    const { vni, ingressKey, egressKey, innerSum } = metadata
    const vswitch = (notes === undefined ? this.#vswitches : this.#recording).get(key)!
    vswitch.receiveFromTunnel(state, vni, ingressKey, egressKey, frame, notes, innerSum)
  }

  readonly #output: VswitchOutput = {
    toVif: (chassis, port, frame) => {
      const station = this.#stations.get(`${chassis.cluster} ${port}`)
      if (station === undefined || station.node !== chassis.key) {
        this.#drop(drop('unbound', chassis.key, `${port} has no interface on this node`))
        return this.pool.give(frame)
      }
      const delivery = this.#spare.pop() ?? { station, frame }
      delivery.station = station
      delivery.frame = frame
      this.#clock.after(VIF_LATENCY, this.#deliver, delivery)
    },
    toTunnel: (chassis, tunnel, vni, ingressKey, egressKey, frame, sourcePort, innerSum) => {
      encapsulate(frame, this.#pathOf(chassis, tunnel), vni, ingressKey, egressKey, sourcePort, innerSum)
      this.underlay.send(chassis.key, tunnel.remoteIp, frame, undefined)
    },
    dropped: (what, frame) => {
      this.#drop(what)
      this.pool.give(frame)
    },
  }

  readonly #deliver = (delivery: Delivery): void => {
    const { station, frame } = delivery
    this.#spare.push(delivery)
    if (this.capture !== undefined) this.capture.file.add(station.vantage, this.#time(), frame, 'in', '')
    station.host.receive(frame)
  }

  #pathOf(chassis: ChassisState, tunnel: Tunnel): TunnelPath {
    const name = `${chassis.key} ${ipKey(tunnel.remoteIp)}`
    let path = this.#paths.get(name)
    if (path === undefined) {
      path = tunnelPath(chassis.encapIp, chassis.underlayMac, tunnel.remoteIp, this.#macOf(tunnel.remoteIp))
      this.#paths.set(name, path)
    }
    return path
  }

  #macOf(endpoint: Ip): Mac {
    const owner = this.underlay.ownerOf(endpoint)
    return owner === undefined ? 0 : this.#node(owner).underlayMac
  }

  #node(key: string): Node {
    const node = this.#nodes.get(key)
    if (node === undefined) throw new RangeError(`no node ${key}`)
    return node
  }

  #count(): void {
    if (++this.packets > this.#options.packetsMax) throw new PacketLimitError(`more than ${this.#options.packetsMax} packets`)
  }

  #drop(what: Drop): void {
    this.#notes?.dropped(what)
    this.#options.dropped(what)
  }

  #lostOnUnderlay(from: string, to: string | undefined, loss: UnderlayLoss, bfd: boolean): void {
    if (bfd) return
    const what = drop(loss.kind === 'unknown-destination' ? 'tunnel-down' : loss.kind, loss.node, lossText(loss, from, to))
    if (this.#notes !== undefined) this.capture?.file.annotateLast(`dropped: ${what.reason}`)
    this.#drop(what)
  }

  #captureUnderlay(key: string, frame: Frame, direction: 'in' | 'out'): void {
    this.capture?.file.add(key, this.#time(), frame, direction, '')
  }

  #time(): Nanos {
    return this.#clock.now - this.capture!.zero
  }

  #begin(): StepNotes {
    const notes = new StepNotes()
    this.#notes = notes
    return notes
  }

  #end(notes: StepNotes): string {
    this.#notes = undefined
    return notes.text()
  }
}

function drop(kind: Drop['kind'], where: string, reason: string): Drop {
  return { kind, where, datapath: '', stage: 'underlay', reason }
}

function lossText(loss: UnderlayLoss, from: string, to: string | undefined): string {
  const path = `${from} to ${to ?? 'an address that no node has'}`
  switch (loss.kind) {
    case 'link-down':
      return `${path}: the link of ${loss.node} is down`
    case 'link-loss':
      return `${path}: lost on the link of ${loss.node}`
    case 'mtu-exceeded':
      return `${path}: ${loss.length} bytes exceed the MTU ${loss.mtu} of ${loss.node}, and the outer header forbids fragments (MT-4)`
    case 'unknown-destination':
      return path
  }
}

/** Source address of the outer IP header of a frame that begins at `at`. */
function outerSource(frame: Frame, at: number): Ip {
  const { view } = frame
  return ethType(view, at) === EtherType.ipv4 ? ip4Src(view, at + ETHERNET_LENGTH) : ip6Src(view, at + ETHERNET_LENGTH)
}

/** Chassis name of the tunnel whose other end has this address. */
function senderOf(state: ChassisState, endpoint: Ip): string | undefined {
  for (const tunnel of state.tunnels.values()) if (equalIp(tunnel.remoteIp, endpoint)) return tunnel.chassis
  return undefined
}
