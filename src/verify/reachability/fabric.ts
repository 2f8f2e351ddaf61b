/**
 * The logical network of all clusters as devices that pass packets on to each other: every switch, and every router once for each kind of
 * port that it treats alike. Says where a frame for an address on a switch goes; what routers do is in router-rules.ts.
 *
 * What a chassis alone knows is asked once, of the chassis that is active: gateway ports that are active nowhere, tunnels that are down,
 * ports that are bound nowhere end packets here as they do on the way.
 */
import { neighboursOf, peerOf } from '../../forward/ovn/lookup.ts'
import type {
  ChassisState,
  ForwardingState,
  LogicalRouter,
  LogicalSwitch,
  LogicalView,
  RouterPort,
  SwitchPort,
} from '../../model/forwarding.ts'
import type { DropKind } from '../../model/trace.ts'
import type { Ip } from '../../net/ip.ts'
import { mostTrusted } from '../views.ts'
import { portsIn } from './classes-of-match.ts'
import { Outcomes } from './outcomes.ts'
import { type Action, toDevice } from './rules.ts'
import type { Device } from './sweep.ts'

/** A router as it treats packets that come in by some of its ports. */
export interface RouterDevice {
  readonly device: number
  readonly cluster: string
  readonly router: LogicalRouter
  readonly view: LogicalView
  /** One of the ports; all are treated alike. */
  readonly inport: RouterPort
}

export interface SwitchDevice {
  readonly device: number
  readonly cluster: string
  readonly logicalSwitch: LogicalSwitch
  readonly view: LogicalView
}

export class Fabric {
  readonly outcomes = new Outcomes()
  readonly #nowhere = this.drop('no-route', '')
  readonly devices: Device[] = []
  readonly routers: RouterDevice[] = []
  readonly switches: SwitchDevice[] = []
  readonly #views = new Map<string, LogicalView>()
  readonly #routerByKey = new Map<string, RouterDevice>()
  readonly #switchByKey = new Map<string, SwitchDevice>()
  /** Ports that routes or policies of a router name. */
  readonly #named = new WeakMap<LogicalRouter, ReadonlySet<string>>()
  /** Where a transit switch port that others see as `remote` has its router: by switch and port name. */
  readonly #behind = new Map<
    string,
    Map<string, { readonly device: RouterDevice; readonly port: RouterPort }>
  >()
  readonly #chassis = new Map<string, ChassisState>()
  readonly #chassisOf = new Map<string, ChassisState[]>()

  constructor(state: ForwardingState) {
    for (const chassis of state.chassis.values()) {
      this.#chassis.set(chassis.chassis, chassis)
      const others = this.#chassisOf.get(chassis.cluster)
      if (others === undefined) this.#chassisOf.set(chassis.cluster, [chassis])
      else others.push(chassis)
    }
    for (const [cluster, chassis] of this.#chassisOf) {
      const view = mostTrusted(chassis)
      if (view !== undefined) this.#views.set(cluster, view)
    }
    for (const [cluster, view] of this.#views) {
      for (const datapath of view.datapaths.values()) {
        if (datapath.kind !== 'switch') continue
        this.#addSwitch(cluster, view, datapath)
        if (!datapath.transit) continue
        const behind = this.#behind.get(datapath.name) ?? new Map()
        this.#behind.set(datapath.name, behind)
        for (const port of datapath.ports) {
          const peer = port.kind === 'router' ? peerOf(view, port) : undefined
          if (peer === undefined) continue
          const device = this.routerDevice(cluster, view, peer.router, peer.port)
          behind.set(port.name, { device, port: peer.port })
        }
      }
    }
    for (const [cluster, view] of this.#views)
      for (const datapath of view.datapaths.values())
        if (datapath.kind === 'router')
          for (const port of datapath.ports) this.routerDevice(cluster, view, datapath, port)
  }

  /** A new device without rules; `name` is asked for only where packets end there. */
  addDevice(name: () => string, noRoute: number): number {
    return this.devices.push({ noRoute, undecided: () => this.drop('undefined', name()) }) - 1
  }

  /** The outcome of packets that are dropped. */
  drop(why: DropKind, at: string): number {
    return this.outcomes.single({ kind: 'dropped', why, at })
  }

  switchDevice(cluster: string, name: string): SwitchDevice {
    return this.#switchByKey.get(`${cluster} ${name}`)!
  }

  /** The router as packets find it that come in by a port. */
  routerDevice(cluster: string, view: LogicalView, router: LogicalRouter, inport: RouterPort): RouterDevice {
    const named = this.#portsNamed(router)
    const key = `${cluster} ${router.name} ${inport.routeTable} ${named.has(inport.name) ? inport.name : ''}`
    let found = this.#routerByKey.get(key)
    if (found === undefined) {
      const name = `${cluster} ${router.name}`
      const device = this.addDevice(() => name, this.drop('no-route', name))
      found = { device, cluster, router, view, inport }
      this.#routerByKey.set(key, found)
      this.routers.push(found)
    }
    return found
  }

  /** Where a packet goes that a router hands to the switch behind `out` for `nexthop`. */
  handOver(from: RouterDevice, out: RouterPort, nexthop: Ip): Action {
    const at = `${from.cluster} ${from.router.name}`
    const blocked = this.#gatewayOf(from.cluster, out)
    if (typeof blocked === 'number') return blocked
    const behind = out.peer === undefined ? undefined : from.view.datapaths.get(out.peer.datapath)
    if (behind?.kind !== 'switch' || out.peer === undefined) return this.drop('unbound', at)
    const own = behind.portByName.get(out.peer.port)
    const owners = neighboursOf(from.view, behind, nexthop, own)
    if (owners.length === 0) return this.drop('unknown-neighbour', at)
    if (owners.length > 1) return this.drop('undefined', at)
    return this.toPort(from.cluster, from.view, behind, owners[0]!.port, blocked)
  }

  /** Where a frame goes that a switch puts out at a port; `by` is the chassis that does it, where only one can. */
  toPort(
    cluster: string,
    view: LogicalView,
    on: LogicalSwitch,
    port: SwitchPort,
    by: ChassisState | undefined,
  ): Action {
    switch (port.kind) {
      case 'router': {
        const peer = peerOf(view, port)
        if (peer === undefined) return this.drop('unbound', `${cluster} ${on.name}`)
        const gateway = this.#gatewayOf(cluster, peer.port)
        if (typeof gateway === 'number') return gateway
        return toDevice(this.routerDevice(cluster, view, peer.router, peer.port).device)
      }
      case 'vif':
        return port.chassis === undefined
          ? this.drop('unbound', `${cluster} ${on.name}`)
          : this.outcomes.single({ kind: 'pod', cluster, port: port.name })
      case 'remote':
        return this.#toRemote(cluster, on, port, by)
    }
  }

  #toRemote(cluster: string, on: LogicalSwitch, port: SwitchPort, by: ChassisState | undefined): Action {
    const drop = (why: DropKind): Action => this.drop(why, `${cluster} ${on.name}`)
    if (port.chassis === undefined) return drop('unbound')
    const chassis = this.#chassis.get(port.chassis)
    const tunnel = by?.tunnels.get(port.chassis)
    if (by !== undefined && (tunnel === undefined || tunnel.bfd === 'down')) return drop('tunnel-down')
    if (chassis === undefined || !chassis.vswitchd) return drop('chassis-down')
    const there = this.#behind.get(on.name)?.get(port.name)
    if (there === undefined) return drop('unbound')
    if (there.port.gateway !== undefined && !chassis.resident.has(there.port.name))
      return this.drop('not-resident', `${there.device.cluster} ${there.device.router.name}`)
    return toDevice(there.device.device)
  }

  /** The chassis on which a gateway port is active; undefined for other ports, and the outcome where it is active nowhere. */
  #gatewayOf(cluster: string, port: RouterPort): ChassisState | number | undefined {
    if (port.gateway === undefined) return undefined
    const active = (this.#chassisOf.get(cluster) ?? []).find(
      ({ vswitchd, resident }) => vswitchd && resident.has(port.name),
    )
    return active ?? this.drop('unbound', `${cluster} ${port.name}`)
  }

  #addSwitch(cluster: string, view: LogicalView, logicalSwitch: LogicalSwitch): void {
    // Every switch has a rule for all addresses.
    const device = this.addDevice(() => `${cluster} ${logicalSwitch.name}`, this.#nowhere)
    const found: SwitchDevice = { device, cluster, logicalSwitch, view }
    this.#switchByKey.set(`${cluster} ${logicalSwitch.name}`, found)
    this.switches.push(found)
  }

  #portsNamed(router: LogicalRouter): ReadonlySet<string> {
    let named = this.#named.get(router)
    if (named === undefined) {
      named = new Set([
        ...router.policies.flatMap(({ match }) => portsIn(match)),
        ...router.routes.flatMap(({ inport, prefix }) =>
          inport === undefined || isLinkLocalRoute(prefix.ip) ? [] : [inport],
        ),
      ])
      this.#named.set(router, named)
    }
    return named
  }
}

/** fe80::/10 stays on its link: what routers do with it is asked by nobody here. */
export function isLinkLocalRoute(ip: Ip): boolean {
  return typeof ip !== 'number' && ip.w0 >>> 22 === 0x3fa
}
