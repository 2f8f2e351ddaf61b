// What can be changed about a network, and what two changes of a kind have in common: a cost, and a place to go to.

import type { PlanCluster, PlanNetwork } from '../../model/plan.ts'
import { addToIp } from '../../net/ip.ts'
import { covers, hostLength, maskIp, overlaps, type Prefix, parsePrefix } from '../../net/prefix.ts'
import type { PlanIndex } from '../index.ts'
import { family, lineage, type Movable } from './networks.ts'
import type { FixOptions } from './options.ts'
import { freeSpace, Space } from './space.ts'

/** One change of a fix. */
export type Change = NetworkChange | RoutesChange

/** A change of one network. */
export interface NetworkChange {
  /**
   * `renumber`: the network and all in it get other addresses; `grow`: its prefix is shortened where it is, and addresses stay;
   * `withhold`: disableInterConnection is set, and other clusters do not reach it any more.
   */
  readonly kind: 'renumber' | 'grow' | 'withhold'
  readonly movable: Movable
  /** In pods. */
  readonly cost: number
  /** Prefix length after the change. */
  readonly length: number
}

/** `auto-route` switched off in one cluster: routes are written by hand from then on. */
export interface RoutesChange {
  readonly kind: 'manual-routes'
  readonly cluster: PlanCluster
  /** In pods. */
  readonly cost: number
}

/** A change with the prefix that it leads to; `withhold` leaves it as it is. */
export interface Placed {
  readonly change: NetworkChange
  readonly to: Prefix
}

/** Growing a network where it is takes a change of the Subnet and a restart of nothing. */
export const GROW_COST = 5

/** Withholding a network unplugs its pods from the other clusters: worse than new addresses, which they survive. */
export function withholdCost({ pods }: Movable): number {
  return 100 + 3 * pods
}

/** Routes that somebody writes, and writes again after every change, for each other cluster. */
const MANUAL_COST = 200

/** What manual routes cost one of so many clusters. */
export function manualCost(clusters: number): number {
  return MANUAL_COST * Math.max(1, clusters - 1)
}

const pools = (...texts: readonly string[]): readonly Prefix[] => texts.map((text) => parsePrefix(text)!)

const PRIVATE = pools('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16')
const SHARED = pools('100.64.0.0/10')
/** Kube-OVN counts its transit switches from 169.254.100.0/24. */
const TRANSIT = pools('169.254.100.0/22', '169.254.104.0/21', '169.254.112.0/20', '169.254.128.0/17')
const GLOBAL = pools('242.0.0.0/8')
const UNIQUE_LOCAL = pools('fd00::/8')
const ALL = [...PRIVATE, ...SHARED, ...TRANSIT, ...GLOBAL, ...UNIQUE_LOCAL]

/** Never given out: Docker's and kind's first networks, and the address where clouds keep their metadata. */
const AVOIDED = pools('172.17.0.0/16', '172.18.0.0/16', '169.254.169.254/32')

/** Where networks may go. Nothing goes where something was: old and new addresses can be used side by side while pods move. */
export class Places {
  readonly #index: PlanIndex
  readonly #options: FixOptions
  readonly #free: Space
  readonly #inside = new Map<Movable, Space>()

  constructor(index: PlanIndex, options: FixOptions) {
    this.#index = index
    this.#options = options
    const host = (ip: Prefix['ip']): Prefix => ({ ip, len: hostLength(ip) })
    const taken = [
      ...index.networks.map(({ prefix }) => prefix),
      ...index.nodes.flatMap(({ ips, interfaces }) =>
        [...ips, ...interfaces].map(({ value }) => host(value)),
      ),
      ...index.pods.flatMap(({ ips }) => ips.map(({ value }) => host(value))),
      ...[...index.transitPorts, ...index.routerPorts].flatMap(({ networks }) =>
        networks.map(({ value }) => ({ ip: maskIp(value.ip, value.len), len: value.len })),
      ),
      ...options.reserved,
      ...AVOIDED,
    ]
    this.#free = new Space(freeSpace(options.within.length > 0 ? disjoint(options.within) : ALL, taken))
  }

  /** How many networks of a length have room where one may go. */
  room(movable: Movable, length: number): { readonly pools: readonly Prefix[]; readonly free: number } {
    const { parent, network } = movable
    const pools = parent === undefined ? this.#poolsOf(network) : [parent.network.prefix]
    const space = parent === undefined ? this.#free : this.#spaceIn(parent)
    return { pools, free: space.count(length, pools) }
  }

  /** Puts all changes somewhere at once; undefined where there is no room. */
  put(changes: readonly Change[]): Placed[] | undefined {
    const networks = changes.filter((one): one is NetworkChange => one.kind !== 'manual-routes')
    const moving = new Set(networks.filter(({ kind }) => kind === 'renumber').map(({ movable }) => movable))
    const free = this.#free.copy()
    const inside = new Map<Movable, Space>()
    const placed: Placed[] = []
    const grown: Prefix[] = []
    for (const change of networks) {
      const { kind, movable, length } = change
      if (kind === 'withhold') placed.push({ change, to: movable.network.prefix })
      if (kind !== 'grow') continue
      const to = { ip: maskIp(movable.network.prefix.ip, length), len: length }
      if (grown.some((one) => overlaps(one, to)) || !this.#canGrow(movable, to)) return undefined
      grown.push(to)
      placed.push({ change, to })
    }
    const requests = networks
      .filter(
        ({ kind, movable }) =>
          kind === 'renumber' &&
          !lineage(movable)
            .slice(1)
            .some((one) => moving.has(one)),
      )
      .sort((a, b) => a.length - b.length)
    for (const change of requests) {
      const { movable, length } = change
      let space = free
      let from = this.#poolsOf(movable.network)
      if (movable.parent !== undefined) {
        space = inside.get(movable.parent) ?? this.#spaceIn(movable.parent).copy()
        inside.set(movable.parent, space)
        from = [movable.parent.network.prefix]
      }
      const near = movable.network.prefix.ip
      let to = space.take(length, from, near)
      while (to !== undefined && grown.some((one) => overlaps(one, to!))) to = space.take(length, from, near)
      if (to === undefined) return undefined
      placed.push({ change, to })
    }
    return placed
  }

  /** True where only the network itself and what is in it has these addresses. */
  #canGrow(movable: Movable, to: Prefix): boolean {
    const own = new Set(family(movable).map(({ network }) => network))
    for (const outer of lineage(movable).slice(1)) {
      if (!covers(outer.network.prefix, to)) return false
      own.add(outer.network)
    }
    return (
      !this.#index.networks.some((one) => !own.has(one) && overlaps(one.prefix, to)) &&
      !this.#options.reserved.some((one) => overlaps(one, to))
    )
  }

  #spaceIn(parent: Movable): Space {
    const known = this.#inside.get(parent)
    if (known !== undefined) return known
    const around = new Set(lineage(parent).map(({ network }) => network))
    const taken = [
      ...this.#index.networks.filter((one) => !around.has(one)).map(({ prefix }) => prefix),
      ...this.#options.reserved,
    ].filter((one) => overlaps(one, parent.network.prefix))
    const space = new Space(freeSpace([parent.network.prefix], taken))
    this.#inside.set(parent, space)
    return space
  }

  /** Pools in the order in which they are tried: the one that the network is in comes first. */
  #poolsOf({ role, prefix }: PlanNetwork): readonly Prefix[] {
    const { within } = this.#options
    if (within.length > 0) return within.filter(({ ip }) => typeof ip === typeof prefix.ip)
    if (typeof prefix.ip !== 'number') {
      const near = { ip: maskIp(prefix.ip, 32), len: 32 }
      return covers(UNIQUE_LOCAL[0]!, near) && prefix.len >= 32 ? [near, ...UNIQUE_LOCAL] : UNIQUE_LOCAL
    }
    if (role === 'transit') return TRANSIT
    if (role === 'globalnet') return GLOBAL
    const all = role === 'join' ? [...SHARED, ...PRIVATE] : PRIVATE
    const home = all.find((one) => covers(one, prefix))
    return home === undefined ? all : [home, ...all.filter((one) => one !== home)]
  }
}

function disjoint(list: readonly Prefix[]): Prefix[] {
  return list.filter(
    (one, i) => !list.some((other, j) => i !== j && covers(other, one) && (other.len < one.len || j < i)),
  )
}

/** An address of a network after that network has moved: as far from its beginning as before. */
export function rebase(ip: Prefix['ip'], from: Prefix, to: Prefix): Prefix['ip'] {
  const base = maskIp(ip, from.len)
  if (typeof ip === 'number') return addToIp(to.ip as number, ip - (base as number))
  const [high, low] = [base as Exclude<typeof base, number>, to.ip as Exclude<Prefix['ip'], number>]
  const lane = (k: 'w0' | 'w1' | 'w2' | 'w3'): number => ((ip[k] ^ high[k]) | low[k]) >>> 0
  return { w0: lane('w0'), w1: lane('w1'), w2: lane('w2'), w3: lane('w3') }
}

/** A different way of joining the clusters, under which other things are in the way. */
export interface Mode {
  readonly kind: 'as-is' | 'globalnet'
  /** The clusters whose settings change. */
  readonly clusters: readonly PlanCluster[]
  readonly cost: number
  /** False where no file says the setting, so that it cannot be changed there. */
  readonly written: boolean
}
