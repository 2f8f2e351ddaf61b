// The interconnection loop of Kube-OVN: it looks at the ConfigMap `ovn-ic-config` each second and establishes, edits or removes
// what joins the cluster (ovn-semantics 4.3, 4.4, 4.11). Two generations: inside kube-ovn-controller (v1.10,
// pkg/controller/ovn-ic.go) and in a controller of its own (v1.16 and after, pkg/ovn_ic_controller).
// Surprise: what it last did is known to its memory only. After a restart it cannot remove what it no longer knows the AZ name of.

import type { IcConfig, TransitPort } from '../../model/network.ts'
import type { KubeOvnBehaviour } from '../../model/profile.ts'
import type { IcNbTables, IcSbTables, NbTables, SbTables, StringMap } from '../../model/tables.ts'
import { MILLISECOND, type Nanos, SECOND } from '../../model/time.ts'
import type { LogEntry } from '../../model/trace.ts'
import { familyOf } from '../../net/ip.ts'
import { formatPrefix, type Prefix } from '../../net/prefix.ts'
import type { Random } from '../../net/random.ts'
import type { Database } from '../db/database.ts'
import { sameValue } from '../db/value.ts'
import { conflictingPrefixes, conflictingRoutes } from './conflicts.ts'
import { transitSubnets, transitSwitchNames } from './ic-server.ts'
import { TRANSIT_SWITCH, transitRouterPortName, transitSwitchPortName } from './names.ts'
import { nbGlobal, setNbGlobal, switchOrRouter } from './nb-writer.ts'
import { cidrBlock, type KubeObjects } from './objects.ts'
import { BLACKLIST, blacklist, withAutoRoute, withoutAutoRoute } from './route-options.ts'
import { drawAddresses, drawMac, rotated } from './transit.ts'
import {
  cleanIcSouthbound,
  createTransitPort,
  deleteAllTransitPorts,
  deleteOneTransitPort,
  deleteRoutes,
  learnedRoutes,
  replaceGateways,
} from './transit-ports.ts'

/** From `start_ic` until the next command of an in-process controller has run: time in which ovn-ic sees the old name (#3759). */
const COMMAND_TIME: Nanos = 100 * MILLISECOND
/** From starting ovn-ic until the first port is made: calls of ovn-ic-nbctl and patches of node labels lie between. */
const PREPARATION: Nanos = 300 * MILLISECOND
/** In-process controllers wait for the transit switch this often and this long. */
const SWITCH_TRIES = 6
const SWITCH_WAIT: Nanos = 5 * SECOND
/** Between two draws when the first address was taken. */
const REDRAW_WAIT: Nanos = SECOND

/** A step that may take time: it yields how long, and ends with what went wrong, if anything did. */
export type Timed = Generator<Nanos, string | undefined>

export interface IcControllerDeps {
  /** Author of transactions, and what log entries name. */
  readonly name: string
  readonly behaviour: KubeOvnBehaviour
  readonly objects: KubeObjects
  readonly nb: Database<NbTables>
  readonly sb: Database<SbTables>
  readonly icNb: Database<IcNbTables>
  readonly icSb: Database<IcSbTables>
  readonly random: Random
  /** Addresses that the scenario pins; they stand for the first draw on their transit switch. */
  readonly pinned: readonly TransitPort[]
  startIc(): void
  stopIc(): void
  log(kind: LogEntry['kind'], text: string): void
}

export class IcController {
  readonly #deps: IcControllerDeps
  readonly #unusedPins: Map<string, TransitPort>
  #enabled: 'unknown' | 'yes' | 'no' = 'unknown'
  #last: IcConfig | undefined
  #lastSwitches: readonly string[] = []
  #conflicts: readonly string[] = []
  #complaint: string | undefined

  constructor(deps: IcControllerDeps) {
    this.#deps = deps
    this.#unusedPins = new Map(deps.pinned.map((port) => [port.transitSwitch, port]))
  }

  /** The process starts: nothing is remembered. */
  forget(): void {
    this.#enabled = 'unknown'
    this.#last = undefined
    this.#lastSwitches = []
    this.#conflicts = []
    this.#complaint = undefined
  }

  /** False while a loop would still do something and nothing is known to hinder it. */
  get settled(): boolean {
    const config = this.#wanted
    if (config === undefined) return this.#enabled === 'no'
    return this.#complaint !== undefined || (this.#enabled === 'yes' && this.#action(config) === 'none')
  }

  /** One loop. */
  *resync(): Generator<Nanos, void> {
    const config = this.#wanted
    const error = config === undefined ? this.#leave() : yield* this.#join(config)
    if (error !== undefined && error !== this.#complaint) this.#deps.log('warning', error)
    this.#complaint = error
  }

  /** The ConfigMap where it asks for interconnection. */
  get #wanted(): IcConfig | undefined {
    const config = this.#deps.objects.icConfig
    return config?.enable ? config : undefined
  }

  #leave(): string | undefined {
    if (this.#enabled === 'no') return undefined
    const { behaviour, objects } = this.#deps
    const azName = (objects.icConfig ?? this.#last)?.azName ?? ''
    // From #7265 on learning ends before anything is deleted; versions between clear the options afterwards or never.
    const first = behaviour.conflictHandling ? this.#setAutoRoute(false) : undefined
    const error = first ?? this.#disable(azName)
    if (error !== undefined) return `cannot remove interconnection: ${error}`
    if (behaviour.clearsRouteOptions) this.#setAutoRoute(false)
    if (this.#last !== undefined) this.#deps.log('config', `interconnection of ${azName} removed`)
    this.#enabled = 'no'
    this.#last = undefined
    return undefined
  }

  *#join(config: IcConfig): Timed {
    const { behaviour, icNb, log } = this.#deps
    if (behaviour.conflictHandling && config.autoRoute) this.#findConflicts()
    const refused = this.#setAutoRoute(config.autoRoute)
    if (refused !== undefined) return `cannot set route options: ${refused}`
    const action = this.#action(config)
    if (action === 'none') return undefined
    if (action === 'reestablish') {
      log(
        'config',
        `ovn-ic-config or the transit switches changed: interconnection of ${this.#last!.azName} is made anew`,
      )
      const error = this.#disable(this.#last!.azName)
      if (error !== undefined) return `cannot remove interconnection: ${error}`
    }
    const error = yield* this.#establish(config)
    if (error !== undefined) return `cannot establish interconnection: ${error}`
    this.#enabled = 'yes'
    this.#last = config
    this.#lastSwitches = transitSwitchNames(icNb) ?? this.#lastSwitches
    return undefined
  }

  /** What the ConfigMap and the transit switches call for, compared with what was done last. */
  #action(config: IcConfig): 'none' | 'establish' | 'reestablish' {
    const { behaviour, icNb } = this.#deps
    const last = this.#last
    if (last === undefined) return 'establish'
    if (sameValue(config, last)) {
      if (behaviour.controller === 'in-process') return 'none'
      const names = transitSwitchNames(icNb)
      return names === undefined || sameValue(names, this.#lastSwitches) ? 'none' : 'reestablish'
    }
    switch (behaviour.onEdit) {
      case 'ignored':
        // The steps are gone through again and end at once where the port exists.
        return 'establish'
      case 'reestablish':
        return 'reestablish'
      case 'gateways-in-place':
        return sameValue({ ...config, gatewayNodes: last.gatewayNodes }, last) ? 'establish' : 'reestablish'
    }
  }

  *#establish(config: IcConfig): Timed {
    const { behaviour, nb, name, startIc } = this.#deps
    const setName = (): string | undefined => setNbGlobal(nb, name, { name: config.azName })
    if (!behaviour.startsIcBeforeName) {
      const error = setName()
      if (error !== undefined) return error
    }
    startIc()
    if (behaviour.controller === 'in-process' && this.#hasPort(TRANSIT_SWITCH, config)) return undefined
    if (behaviour.startsIcBeforeName) {
      yield COMMAND_TIME
      const error = setName()
      if (error !== undefined) return error
    }
    yield PREPARATION
    return behaviour.controller === 'in-process'
      ? yield* this.#establishOne(config)
      : yield* this.#establishAll(config)
  }

  /** 4.3: the one transit switch, gateways in the order of the list. */
  *#establishOne(config: IcConfig): Timed {
    const chassis = this.#gateways(config.gatewayNodes)
    if (typeof chassis === 'string') return chassis
    if (chassis.length === 0) return 'gw-nodes is empty'
    for (let tries = 0; switchOrRouter(this.#deps.nb, 'switch', TRANSIT_SWITCH) === undefined; tries++) {
      if (tries === SWITCH_TRIES) return `no logical switch ${TRANSIT_SWITCH} after 30 s`
      yield SWITCH_WAIT
    }
    return yield* this.#createPort(config, TRANSIT_SWITCH, chassis)
  }

  /** 4.4: every transit switch, the gateways turned by one for each. */
  *#establishAll(config: IcConfig): Timed {
    const { behaviour, objects, icNb, nb, name } = this.#deps
    const switches = transitSwitchNames(icNb)
    if (switches === undefined) return 'the IC Northbound database does not answer'
    const inPlace = behaviour.onEdit === 'gateways-in-place'
    if (inPlace) {
      for (const node of objects.gatewayLabels) {
        if (!config.gatewayNodes.includes(node)) objects.gatewayLabels.delete(node)
      }
    }
    for (const [index, transitSwitch] of switches.entries()) {
      const exists = this.#hasPort(transitSwitch, config)
      if (config.gatewayNodes.length === 0 && !inPlace) return 'gw-nodes is empty'
      const chassis = this.#gateways(rotated(config.gatewayNodes, index))
      if (typeof chassis === 'string') return chassis
      if (exists && inPlace) {
        const lrp = transitRouterPortName(config.azName, transitSwitch)
        const error = replaceGateways(nb, name, lrp, chassis)
        if (error !== undefined) return error
      }
      if (exists || chassis.length === 0) continue
      const error = yield* this.#createPort(config, transitSwitch, chassis)
      if (error !== undefined) return error
    }
    return undefined
  }

  /** Labels the nodes and returns their chassis in the same order, or what is wrong with one of them. */
  #gateways(nodes: readonly string[]): readonly string[] | string {
    const { objects, sb } = this.#deps
    const chassis: string[] = []
    for (const name of nodes) {
      const node = objects.node(name)
      if (node === undefined) return `gateway ${name} is no node`
      const found = [...sb.rows('Chassis').values()].filter((row) => row.hostname === node.hostname)
      // KO-RM-3: a remote gateway of the same hostname counts as well.
      if (found.length !== 1) return `${found.length} chassis have the hostname of gateway ${name}`
      chassis.push(found[0]!.name)
      objects.gatewayLabels.add(name)
    }
    return chassis
  }

  #hasPort(transitSwitch: string, config: IcConfig): boolean {
    const port = transitSwitchPortName(transitSwitch, config.azName)
    return this.#deps.nb.find('Logical_Switch_Port', 'name', port) !== undefined
  }

  *#createPort(config: IcConfig, transitSwitch: string, chassis: readonly string[]): Timed {
    const { nb, name, log, random } = this.#deps
    const pin = this.#unusedPins.get(transitSwitch)
    const networks = pin?.networks ?? (yield* this.#drawFree(transitSwitch))
    if (networks === undefined) return `transit switch ${transitSwitch} has no subnet in its external_ids`
    const mac = pin?.mac ?? drawMac(random)
    const options = pin === undefined ? {} : pinnedOptions(pin)
    const error = createTransitPort(nb, name, {
      azName: config.azName,
      transitSwitch,
      mac,
      networks,
      chassis,
      options,
    })
    if (error !== undefined) return error
    this.#unusedPins.delete(transitSwitch)
    const port = transitSwitchPortName(transitSwitch, config.azName)
    log('config', `port ${port} created: ${networks.map(formatPrefix).join(', ')} on ${chassis.join(', ')}`)
    return undefined
  }

  /**
   * 4.5: draws until the address is not one of the remote ports on any transit switch. Only ports with one address are
   * compared, as text, so nothing is excluded in dual stack.
   */
  *#drawFree(transitSwitch: string): Generator<Nanos, readonly Prefix[] | undefined> {
    const { behaviour, nb, icNb, random } = this.#deps
    const all = transitSubnets(icNb, transitSwitch)
    const subnets = behaviour.dualStack ? all : all?.filter((subnet) => familyOf(subnet.ip) === 4)
    if (subnets === undefined || subnets.length === 0) return undefined
    const taken = new Set<string>()
    for (const port of nb.rows('Logical_Switch_Port').values()) {
      const fields = port.type === 'remote' ? (port.addresses[0]?.split(' ') ?? []) : []
      if (fields.length === 2) taken.add(fields[1]!)
    }
    for (;;) {
      const drawn = drawAddresses(random, subnets)
      if (!taken.has(drawn.map(formatPrefix).join(','))) return drawn
      yield REDRAW_WAIT
    }
  }

  /** 4.11: takes away what `azName` had. Without the name only labels, ovn-ic and learned routes can be dealt with. */
  #disable(azName: string): string | undefined {
    const { behaviour, objects, nb, icSb, name, stopIc } = this.#deps
    objects.gatewayLabels.clear()
    let error: string | undefined
    if (behaviour.controller === 'in-process') {
      if (azName !== '') error = deleteOneTransitPort(nb, name, azName)
      if (error !== undefined) return error
      stopIc()
    } else {
      stopIc()
      if (azName !== '') error = deleteAllTransitPorts(nb, name, azName)
      if (error !== undefined) return error
    }
    // KO-RM-1: where they stay, the deletion asks for src-ip routes and finds none.
    if (!behaviour.leavesLearnedRoutes) error = deleteRoutes(nb, name, [...learnedRoutes(nb).keys()])
    if (error !== undefined || !behaviour.cleansIcSb || azName === '') return error
    return cleanIcSouthbound(icSb, name, azName)
  }

  /** KO-RM-4. */
  #findConflicts(): void {
    const { objects, nb, name, log } = this.#deps
    const local = [...objects.subnets.values()].flatMap((subnet) => cidrBlock(subnet).split(','))
    const learned = learnedRoutes(nb)
    const listed = (nbGlobal(nb).options[BLACKLIST] ?? '').split(',')
    const prefixes = [...learned.values()].map((route) => route.ip_prefix)
    this.#conflicts = conflictingPrefixes(local, prefixes, [...this.#conflicts, ...listed])
    const routes = conflictingRoutes(learned, this.#conflicts)
    for (const id of routes) {
      log('warning', `learned ${learned.get(id)!.ip_prefix} overlaps a local subnet: deleted and blacklisted`)
    }
    const error = deleteRoutes(nb, name, routes)
    if (error !== undefined) log('refused', error)
  }

  #setAutoRoute(on: boolean): string | undefined {
    const { objects, nb, name } = this.#deps
    if (!on) this.#conflicts = []
    const now = nbGlobal(nb).options
    const options = on ? withAutoRoute(now, blacklist(objects, this.#conflicts)) : withoutAutoRoute(now)
    return sameValue(now, options) ? undefined : setNbGlobal(nb, name, { options })
  }
}

function pinnedOptions(pin: TransitPort): StringMap {
  return pin.routeTable === '' ? pin.lrpOptions : { ...pin.lrpOptions, route_table: pin.routeTable }
}
