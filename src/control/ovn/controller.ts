// ovn-controller of one chassis: registers it, binds interfaces, claims and releases gateway ports, sets tunnels and BFD, and
// programs flows (OVN 23.03: chassis.c, binding.c, encaps.c, bfd.c). Rules GW-5, GW-6, HA-3 to HA-11.
// Surprises: `is_chassis_resident` of a gateway port follows the chassis' own judgement (HA-6) and not the binding in the
// database, so traffic out of the AZ moves before other AZs learn of it; and a claim is taken from another chassis
// without asking, but not twice within half a second (HA-9).

import type { LogicalView } from '../../model/forwarding.ts'
import type { RowId, SbPortBindingRow, SbTables } from '../../model/tables.ts'
import { MILLISECOND, type Nanos } from '../../model/time.ts'
import type { LogEntry } from '../../model/trace.ts'
import { formatIp } from '../../net/ip.ts'
import type { Clock } from '../../sim/clock.ts'
import type { Daemon, DaemonHost, DaemonOptions, Process } from '../daemon.ts'
import type { Database, Transaction } from '../db/database.ts'
import { CONTROLLER_RUN, DB_NOTIFICATION, FLOW_INSTALL } from '../latencies.ts'
import { nextAttempt } from '../reconnect.ts'
import { BFD_DEFAULTS, bfdParameters } from './bfd.ts'
import type { ChassisSwitch } from './controller-switch.ts'
import { bfdPeers, type HaGroup, isActive } from './ha.ts'
import type { LogicalFlows } from './northd/northd.ts'
import { redirectPort } from './northd/plan.ts'
import { SeenTunnels } from './seen-tunnels.ts'
import { TunnelTable } from './tunnel-table.ts'
import type { ViewSource } from './view.ts'

/** HA-9: how long a chassis waits after claiming a port before it claims it back from another. */
export const CLAIM_AGAIN_AFTER: Nanos = 500 * MILLISECOND

export interface ControllerOptions {
  readonly switch: ChassisSwitch
  readonly sb: Database<SbTables>
  readonly flows: LogicalFlows
  /** Shared by all controllers of the AZ. */
  readonly views: ViewSource
  readonly clock: Clock
  readonly log: (entry: LogEntry) => void
  /** GW-1: `external_ids:ovn-is-interconn` of the node. */
  readonly isInterconn: boolean
}

/** Starts a controller under a host: it then runs after commits to the Southbound, new flows and events of its switch. */
export function startController(
  host: DaemonHost,
  controller: OvnController,
  options: Pick<DaemonOptions, 'start'> = {},
): Process {
  const watches = controller.watches
  const process = host.add(controller, { watches, latency: DB_NOTIFICATION + CONTROLLER_RUN, ...options })
  controller.wake = () => process.wake()
  controller.slowed = (latency) => host.slowed(latency)
  return process
}

export class OvnController implements Daemon {
  readonly name: string
  readonly watches: DaemonOptions['watches']
  /** Asks for a loop; set by `startController`. */
  wake: () => void = () => {}
  /** How long something takes this time; set by `startController`. */
  slowed: (latency: Nanos) => Nanos = (latency) => latency
  readonly #options: ControllerOptions
  readonly #self: string
  #isInterconn: boolean
  #running = false
  /** Incarnation of the process, so that what a dead one had scheduled does not happen. */
  #life = 0
  /** When the OpenFlow connection to ovs-vswitchd broke; undefined while it stands. */
  #lostSwitchAt: Nanos | undefined
  /** VIFs and gateway ports that this process has bound, with the time of its last claim. */
  #claims = new Map<string, Nanos>()
  #bound: Set<string> | undefined
  // Worked out from the database once per change of it: in a large mesh each lists a thousand chassis.
  #haGroups: { readonly key: readonly unknown[]; readonly groups: ReadonlyMap<string, HaGroup> } | undefined
  #peers: { readonly groups: ReadonlyMap<string, HaGroup>; readonly names: ReadonlySet<string> } | undefined
  #bfd = { options: NO_OPTIONS, parameters: BFD_DEFAULTS }
  readonly #seen: SeenTunnels
  readonly #tunnels: TunnelTable
  #programmed: { readonly view: LogicalView; readonly resident: ReadonlySet<string> } | undefined
  #refusal: string | undefined

  constructor(options: ControllerOptions) {
    const { identity } = options.switch
    this.name = `ovn-controller ${identity.key}`
    this.watches = [options.sb, options.flows]
    this.#options = options
    this.#self = identity.chassis
    this.#seen = new SeenTunnels(options.clock, () => this.#running && this.wake())
    this.#isInterconn = options.isInterconn
    this.#tunnels = new TunnelTable(options.sb, identity, (text) => this.#log('warning', text))
    options.switch.onEvent = (event) => {
      if (event === 'stopped') this.#lostSwitchAt = options.clock.now
      else if (event === 'restarted') this.#reconnect()
      this.wake()
    }
  }

  /** GW-1: the node becomes an interconnection gateway, or ceases to be one. */
  setInterconn(on: boolean): void {
    this.#isInterconn = on
    this.wake()
  }

  started(): void {
    this.#running = true
    this.#life++
    this.#claims = new Map()
    this.#bound = undefined
    this.#haGroups = undefined
    this.#peers = undefined
    this.#tunnels.forget()
    this.#seen.reset(this.#options.switch.state.tunnels.keys())
    this.#programmed = undefined
    this.#refusal = undefined
    const { clock, switch: vswitch } = this.#options
    this.#lostSwitchAt = vswitch.running ? undefined : clock.now
    vswitch.setController(true)
  }

  /** HA-11: a killed controller leaves everything as it is; a graceful exit takes the chassis out of the database. */
  ended(how: 'stop' | 'kill'): void {
    this.#running = false
    this.#life++
    const vswitch = this.#options.switch
    vswitch.setController(false)
    if (how === 'kill') return
    const { sb } = this.#options
    const chassis = sb.find('Chassis', 'name', this.#self)
    if (chassis !== undefined) {
      sb.transact(this.name, (transaction) => {
        for (const [id, row] of sb.rows('Port_Binding')) {
          if (row.chassis === chassis)
            transaction.update('Port_Binding', id, { chassis: undefined, up: false })
        }
        transaction.delete('Chassis', chassis)
      })
    }
    vswitch.configure({ tunnels: new Map(), bfdPeers: new Set(), bfd: BFD_DEFAULTS })
  }

  /**
   * A new ovs-vswitchd has no flows: what was programmed before must be programmed again, as soon as the connection stands, which is tried
   * again after 1, 2, 4, 8, 8 … seconds.
   */
  #reconnect(): void {
    this.#programmed = undefined
    if (this.#lostSwitchAt === undefined || !this.#running) return
    const { clock } = this.#options
    const life = this.#life
    clock.at(
      nextAttempt(this.#lostSwitchAt, clock.now),
      () => {
        if (life !== this.#life || !this.#options.switch.running) return
        this.#lostSwitchAt = undefined
        this.wake()
      },
      undefined,
    )
  }

  run(): void {
    const { sb } = this.#options
    if (!sb.available) return
    const chassis = this.#register()
    if (chassis === undefined) return
    const groups = this.#groups()
    const active = new Set<string>()
    // Without its switch a chassis sees no peer, and gives up what it had for being first among those it saw.
    const bfdUp = this.#lostSwitchAt === undefined ? this.#options.switch.bfdUp : NOBODY
    for (const [port, group] of groups) {
      if (isActive(this.#self, group, bfdUp)) active.add(port)
    }
    this.#bind(chassis, groups, active)
    this.#configureTunnels(groups)
    this.#program(active)
  }

  /** The chassis' own row; undefined while the database refuses it, for instance because of its tunnel address (GW-5). */
  #register(): RowId | undefined {
    const { sb } = this.#options
    const { chassis: name, hostname, encapIp, encapType } = this.#options.switch.identity
    const other_config = { 'is-interconn': String(this.#isInterconn) }
    const result = sb.transact(this.name, (transaction) => {
      const id = sb.find('Chassis', 'name', name)
      if (id !== undefined) {
        transaction.update('Chassis', id, { hostname, other_config })
        return
      }
      const options = { csum: 'true' }
      const encap = { type: encapType, ip: formatIp(encapIp), chassis_name: name, options }
      transaction.insert('Chassis', {
        name,
        hostname,
        encaps: [transaction.insert('Encap', encap)],
        other_config,
      })
    })
    this.#noteRefusal(result.kind === 'refused' ? result.message : undefined)
    return result.kind === 'refused' ? undefined : sb.find('Chassis', 'name', name)
  }

  #noteRefusal(refusal: string | undefined): void {
    if (refusal !== undefined && refusal !== this.#refusal) this.#log('refused', refusal)
    this.#refusal = refusal
  }

  /** HA groups by the router port they are for. */
  #groups(): ReadonlyMap<string, HaGroup> {
    const { sb } = this.#options
    const key = [sb.tableVersion('HA_Chassis_Group'), sb.tableVersion('Chassis')]
    if (this.#haGroups !== undefined && sameItems(this.#haGroups.key, key)) return this.#haGroups.groups
    const groups = new Map<string, HaGroup>()
    for (const { name, members, ref_chassis } of sb.rows('HA_Chassis_Group').values()) {
      groups.set(name, {
        members: members.map(({ chassis_name, chassis, priority }) => ({
          chassis: chassis_name,
          priority,
          alive: chassis !== undefined,
        })),
        refChassis: ref_chassis
          .map((id) => sb.get('Chassis', id))
          .filter((row) => row !== undefined)
          // Those of other AZs never speak BFD and hence never count.
          .filter(({ other_config }) => other_config['is-remote'] !== 'true')
          .map(({ name }) => name),
      })
    }
    this.#haGroups = { key, groups }
    return groups
  }

  /** Claims and releases of gateway ports (HA-6, HA-9, HA-10), bindings of interfaces. */
  #bind(chassis: RowId, groups: ReadonlyMap<string, HaGroup>, active: ReadonlySet<string>): void {
    const { sb } = this.#options
    // What a process under SIGSTOP last said about BFD is no ground to claim anything.
    const mayClaim = this.#lostSwitchAt === undefined && this.#options.switch.running
    const { vifs } = this.#options.switch.state
    const wanted = new Map<string, 'vif' | 'gateway'>()
    for (const port of vifs) wanted.set(port, 'vif')
    for (const port of active) wanted.set(redirectPort(port), 'gateway')
    const candidates = new Set([...wanted.keys(), ...this.#boundBefore(chassis)])
    for (const port of groups.keys()) candidates.add(redirectPort(port))
    const result = sb.transact(this.name, (transaction) => {
      for (const port of candidates) {
        const id = sb.find('Port_Binding', 'logical_port', port)
        if (id === undefined) continue
        const row = sb.get('Port_Binding', id)!
        if (!wanted.has(port)) this.#release(transaction, chassis, id, row)
        else if (mayClaim) this.#claim(transaction, chassis, id, row)
      }
    })
    if (result.kind === 'refused') this.#noteRefusal(result.message)
    this.#bound = new Set(wanted.keys())
  }

  /** What may have to be released; a new process finds it in the database. */
  #boundBefore(chassis: RowId): Iterable<string> {
    if (this.#bound !== undefined) return this.#bound
    const rows = [...this.#options.sb.rows('Port_Binding').values()]
    return rows.filter((row) => row.chassis === chassis).map((row) => row.logical_port)
  }

  #claim(transaction: Transaction<SbTables>, chassis: RowId, id: RowId, row: SbPortBindingRow): void {
    const port = row.logical_port
    if (row.type !== '' && row.type !== 'chassisredirect') return
    if (row.chassis === chassis) return
    const { clock, sb } = this.#options
    if (row.chassis !== undefined) {
      const again = (this.#claims.get(port) ?? Number.NEGATIVE_INFINITY) + CLAIM_AGAIN_AFTER
      if (again > clock.now) {
        const life = this.#life
        clock.at(again, () => life === this.#life && this.wake(), undefined)
        return
      }
      const other = sb.get('Chassis', row.chassis)?.name ?? 'an unknown chassis'
      this.#log('claim', `Changing chassis for lport ${port} from ${other} to ${this.#self}.`)
    } else {
      this.#log('claim', `Claiming lport ${port} for this chassis.`)
    }
    this.#claims.set(port, clock.now)
    transaction.update('Port_Binding', id, { chassis, up: true })
  }

  #release(transaction: Transaction<SbTables>, chassis: RowId, id: RowId, row: SbPortBindingRow): void {
    if (row.chassis !== chassis) return
    this.#log('release', `Releasing lport ${row.logical_port} from this chassis.`)
    transaction.update('Port_Binding', id, { chassis: undefined, up: false })
  }

  /** BFD runs on tunnels whose interface the controller has seen; a new one it sees a little after it has made it. */
  #configureTunnels(groups: ReadonlyMap<string, HaGroup>): void {
    const tunnels = this.#tunnels.addresses(this.#isInterconn)
    const [global] = this.#options.flows.source?.tables.NB_Global.values() ?? []
    const options = global?.options ?? NO_OPTIONS
    if (options !== this.#bfd.options) this.#bfd = { options, parameters: bfdParameters(options) }
    this.#seen.want(tunnels)
    this.#options.switch.configure({
      tunnels,
      bfdPeers: this.#seen.of(this.#bfdPeers(groups)),
      bfd: this.#bfd.parameters,
    })
  }

  #bfdPeers(groups: ReadonlyMap<string, HaGroup>): ReadonlySet<string> {
    if (this.#peers?.groups === groups) return this.#peers.names
    const names = new Set<string>()
    for (const group of groups.values()) {
      for (const peer of bfdPeers(this.#self, group)) names.add(peer)
    }
    this.#peers = { groups, names }
    return names
  }

  /** Flows reach ovs-vswitchd a little later; what is programmed already is not programmed again. */
  #program(active: ReadonlySet<string>): void {
    const view = this.#options.views.current()
    if (view === undefined || this.#lostSwitchAt !== undefined || !this.#options.switch.running) return
    const before = this.#programmed
    if (before?.view === view && sameSet(before.resident, active)) return
    const program = { view, resident: active }
    this.#programmed = program
    const life = this.#life
    // A new process clears what it finds before it works out its own, all of them in one loop.
    if (before === undefined) this.#options.switch.clear()
    this.#options.clock.after(
      this.slowed(before === undefined ? CONTROLLER_RUN + FLOW_INSTALL : FLOW_INSTALL),
      () => {
        const latest = life === this.#life && this.#programmed === program
        if (latest && this.#running) this.#options.switch.install(program.view, program.resident)
      },
      undefined,
    )
  }

  #log(kind: LogEntry['kind'], text: string): void {
    this.#options.log({ at: this.#options.clock.now, source: this.name, kind, text })
  }
}

const NOBODY: ReadonlySet<string> = new Set()
const NO_OPTIONS: Readonly<Record<string, string>> = {}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item))
}
