/**
 * The network below the tunnels: one layer-2 segment with a link per node. A packet leaves through the sender's link, takes the
 * latency of the path, and enters through the receiver's link; each link has an MTU, loss and a carrier, and the path between two
 * clusters may have figures of its own. Observers see every packet as it leaves and as it arrives, and cannot change it.
 *
 * Neighbours are known from the start: no ARP or ND runs on the underlay (as in a fabric whose tables are warm).
 */

import type { LinkFigures, Network, Underlay as UnderlayFigures } from '../model/network.ts'
import type { Nanos } from '../model/time.ts'
import type { Ip } from '../net/ip.ts'
import { ipKey } from '../net/ip.ts'
import type { Random } from '../net/random.ts'
import { ETHERNET_LENGTH } from '../wire/ethernet.ts'
import type { Frame, FramePool } from '../wire/frame.ts'
import type { Clock } from './clock.ts'

/** Why the underlay did not deliver a packet. */
export type UnderlayLoss =
  | { readonly kind: 'link-down'; readonly node: string }
  | { readonly kind: 'link-loss'; readonly node: string }
  | { readonly kind: 'mtu-exceeded'; readonly node: string; readonly length: number; readonly mtu: number }
  | { readonly kind: 'unknown-destination'; readonly node: string }

/** Called for what happens to packets; the frame is only valid during the call. */
export interface UnderlayObserver {
  readonly sent?: (from: string, to: string, frame: Frame, note: unknown) => void
  readonly received?: (from: string, to: string, frame: Frame, note: unknown) => void
  readonly lost?: (
    from: string,
    to: string | undefined,
    frame: Frame,
    loss: UnderlayLoss,
    note: unknown,
  ) => void
}

/** Which nodes (`cluster/node`) reach each other over the underlay at all, and with what; loss short of 100 % is no obstacle. */
export interface UnderlayView {
  reachable(from: string, to: string): boolean
  /** Largest IP packet that gets from one to the other, in bytes. */
  mtuBetween(from: string, to: string): number
}

/** Takes over the frame. `note` is whatever the sender attached to it. */
export type UnderlayReceiver = (frame: Frame, note: unknown) => void

/** A node's connection to the underlay, as `Underlay.attach` gives it out. */
export type UnderlayPort = Link

class Link {
  readonly key: string
  readonly cluster: string
  carrier = true
  silent = false
  figures: LinkFigures
  receive: UnderlayReceiver | undefined
  /** The way of the last packet, mostly that of the next one. */
  last: Way | undefined

  constructor(key: string, cluster: string, figures: LinkFigures) {
    this.key = key
    this.cluster = cluster
    this.figures = figures
  }
}

/** From one link to an address, worked out from the figures of the moment. */
interface Way {
  readonly address: Ip
  readonly to: Link | undefined
  /** MTU of the path between two clusters; infinite where there is none. */
  readonly wanMtu: number
  readonly wan: LinkFigures | undefined
  readonly lossy: boolean
  /** Sends a flight off: it arrives after the latency of the way. */
  readonly launch: (flight: Flight) => void
}

/** A packet on its way; reused, since one exists for every packet in flight. */
interface Flight {
  from: Link
  to: Link
  frame: Frame
  note: unknown
}

export class Underlay {
  /** Packets that left a node so far. */
  packets = 0
  readonly #clock: Clock
  readonly #pool: FramePool
  readonly #random: Random
  #base: Pick<UnderlayFigures, 'mtu' | 'latency' | 'loss'>
  readonly #wan: Map<string, LinkFigures>
  readonly #links = new Map<string, Link>()
  readonly #byAddress = new Map<string | number, Link>()
  readonly #onSent: NonNullable<UnderlayObserver['sent']>[] = []
  readonly #onReceived: NonNullable<UnderlayObserver['received']>[] = []
  readonly #onLost: NonNullable<UnderlayObserver['lost']>[] = []
  readonly #spare: Flight[] = []
  /** By latency. */
  readonly #lanes = new Map<Nanos, (flight: Flight) => void>()

  constructor(network: Network, clock: Clock, pool: FramePool, random: Random) {
    this.#clock = clock
    this.#pool = pool
    this.#random = random
    this.#base = network.underlay
    this.#wan = new Map(Object.entries(network.underlay.wan))
    for (const cluster of network.clusters)
      for (const node of cluster.nodes) {
        const key = `${cluster.id}/${node.name}`
        const link = new Link(key, cluster.id, network.underlay.nodes[key] ?? {})
        this.#links.set(key, link)
        const address = ipKey(node.encapIp)
        if (!this.#byAddress.has(address)) this.#byAddress.set(address, link)
      }
  }

  /** Whoever takes packets off the wire at `node` (`cluster/node`). Sends through what is returned. */
  attach(node: string, receive: UnderlayReceiver): UnderlayPort {
    const link = this.#link(node)
    link.receive = receive
    return link
  }

  observe(observer: UnderlayObserver): void {
    const { sent, received, lost } = observer
    if (sent !== undefined) this.#onSent.push(sent)
    if (received !== undefined) this.#onReceived.push(received)
    if (lost !== undefined) this.#onLost.push(lost)
  }

  /** `cluster/node` that owns a tunnel endpoint address, if any. */
  ownerOf(address: Ip): string | undefined {
    return this.#byAddress.get(ipKey(address))?.key
  }

  /** Carrier or silent loss of one node's link; packets in flight towards it are lost as well. */
  setLink(node: string, up: boolean, silent: boolean): void {
    const link = this.#link(node)
    link.carrier = up || silent
    link.silent = !up && silent
  }

  /** Changes figures of a node's link (`cluster/node`), of a pair of clusters (`az1|az2`), or of everything (undefined). */
  setFigures(scope: string | undefined, figures: LinkFigures): void {
    if (scope === undefined) this.#base = { ...this.#base, ...figures }
    else if (scope.includes('|')) this.#wan.set(scope, { ...this.#wan.get(scope), ...figures })
    else {
      const link = this.#link(scope)
      link.figures = { ...link.figures, ...figures }
    }
    for (const link of this.#links.values()) link.last = undefined
  }

  /** What gets through now, as a value that later changes do not touch. */
  view(): UnderlayView {
    const up = new Map<string, boolean>()
    const mtus = new Map<string, number>()
    for (const link of this.#links.values()) {
      up.set(link.key, link.carrier && !link.silent && (link.figures.loss ?? this.#base.loss) < 1)
      mtus.set(link.key, this.#mtuOf(link))
    }
    const wan = new Map(
      [...this.#wan].map(([pair, figures]) => [pair, figures.mtu ?? Number.MAX_SAFE_INTEGER]),
    )
    const severed = new Set([...this.#wan].filter(([, figures]) => figures.loss === 1).map(([pair]) => pair))
    const clusterOf = (node: string): string => this.#link(node).cluster
    const wanMtu = (a: string, b: string): number =>
      wan.get(`${a}|${b}`) ?? wan.get(`${b}|${a}`) ?? Number.MAX_SAFE_INTEGER
    return {
      reachable: (from, to) => {
        const pair = [clusterOf(from), clusterOf(to)]
        return (
          up.get(from) === true &&
          up.get(to) === true &&
          !severed.has(pair.join('|')) &&
          !severed.has(pair.reverse().join('|'))
        )
      },
      mtuBetween: (from, to) =>
        Math.min(mtus.get(from) ?? 0, mtus.get(to) ?? 0, wanMtu(clusterOf(from), clusterOf(to))),
    }
  }

  /** Sends an outer frame from a node to the owner of `destination`. Takes over the frame. */
  send(link: UnderlayPort, destination: Ip, frame: Frame, note: unknown): void {
    const way =
      link.last !== undefined && link.last.address === destination
        ? link.last
        : this.#findWay(link, destination)
    const { to } = way
    const length = frame.end - frame.start - ETHERNET_LENGTH
    if (!link.carrier) return this.#lose(link, to, frame, { kind: 'link-down', node: link.key }, note)
    const mtu = this.#mtuOf(link)
    if (length > mtu)
      return this.#lose(link, to, frame, { kind: 'mtu-exceeded', node: link.key, length, mtu }, note)
    this.packets++
    for (const sent of this.#onSent) sent(link.key, to?.key ?? '', frame, note)
    if (to === undefined)
      return this.#lose(link, to, frame, { kind: 'unknown-destination', node: link.key }, note)
    if (link.silent) return this.#lose(link, to, frame, { kind: 'link-loss', node: link.key }, note)
    if (length > way.wanMtu)
      return this.#lose(
        link,
        to,
        frame,
        { kind: 'mtu-exceeded', node: `${link.cluster}|${to.cluster}`, length, mtu: way.wanMtu },
        note,
      )
    const where = way.lossy ? this.#lossAt(link, to, way.wan) : undefined
    if (where !== undefined) return this.#lose(link, to, frame, { kind: 'link-loss', node: where }, note)
    const flight = this.#spare.pop()
    if (flight === undefined) return way.launch({ from: link, to, frame, note })
    flight.from = link
    flight.to = to
    flight.frame = frame
    flight.note = note
    way.launch(flight)
  }

  readonly #arrive = (flight: Flight): void => {
    const { from, to, frame, note } = flight
    flight.note = undefined
    this.#spare.push(flight)
    if (!to.carrier) return this.#lose(from, to, frame, { kind: 'link-down', node: to.key }, note)
    if (to.silent) return this.#lose(from, to, frame, { kind: 'link-loss', node: to.key }, note)
    const length = frame.end - frame.start - ETHERNET_LENGTH
    const mtu = this.#mtuOf(to)
    if (length > mtu)
      return this.#lose(from, to, frame, { kind: 'mtu-exceeded', node: to.key, length, mtu }, note)
    for (const received of this.#onReceived) received(from.key, to.key, frame, note)
    if (to.receive === undefined) this.#pool.give(frame)
    else to.receive(frame, note)
  }

  #lose(from: Link, to: Link | undefined, frame: Frame, loss: UnderlayLoss, note: unknown): void {
    for (const lost of this.#onLost) lost(from.key, to?.key, frame, loss, note)
    this.#pool.give(frame)
  }

  #link(node: string): Link {
    const link = this.#links.get(node)
    if (link === undefined) throw new RangeError(`no node ${node} on the underlay`)
    return link
  }

  #findWay(link: Link, address: Ip): Way {
    const to = this.#byAddress.get(ipKey(address))
    const wan = to === undefined ? undefined : this.#wanFigures(link, to)
    const latency = to === undefined ? 0 : this.#latencyOf(link, to, wan)
    const loss = (link.figures.loss ?? this.#base.loss) + (wan?.loss ?? 0) + (to?.figures.loss ?? 0)
    const launch = this.#lanes.get(latency) ?? this.#clock.lane(latency, this.#arrive)
    this.#lanes.set(latency, launch)
    link.last = { address, to, wanMtu: wan?.mtu ?? Number.POSITIVE_INFINITY, wan, lossy: loss > 0, launch }
    return link.last
  }

  #mtuOf(link: Link): number {
    return link.figures.mtu ?? this.#base.mtu
  }

  #wanFigures(a: Link, b: Link): LinkFigures | undefined {
    if (a.cluster === b.cluster || this.#wan.size === 0) return undefined
    return this.#wan.get(`${a.cluster}|${b.cluster}`) ?? this.#wan.get(`${b.cluster}|${a.cluster}`)
  }

  /** A node's own latency, where given, replaces the general one; the slower end counts. A WAN figure is added on top. */
  #latencyOf(a: Link, b: Link, wan: LinkFigures | undefined): Nanos {
    const base = this.#base.latency
    return Math.max(a.figures.latency ?? base, b.figures.latency ?? base) + (wan?.latency ?? 0)
  }

  /** Where chance takes this packet: the sender's link, the WAN, the receiver's link; the general loss counts once. */
  #lossAt(a: Link, b: Link, wan: LinkFigures | undefined): string | undefined {
    if (this.#chance(a.figures.loss ?? this.#base.loss)) return a.key
    if (this.#chance(wan?.loss ?? 0)) return `${a.cluster}|${b.cluster}`
    if (this.#chance(b.figures.loss ?? 0)) return b.key
    return undefined
  }

  #chance(loss: number): boolean {
    return loss > 0 && this.#random.float() < loss
  }
}
