// ovn-northd of one AZ: a level-triggered daemon that turns the Northbound database into the Southbound one (OVN 23.03).
// Datapath and port bindings, HA chassis groups with the chassis that use them (HA-1, HA-4), and `up` of switch ports.
// Surprise: logical flows are no rows here. What a stopped northd would leave standing in Logical_Flow is the Northbound
// snapshot it last worked from; `flows` holds it, and controllers compile their views from that (see view.ts).

import type { DatabaseSnapshot, NbTables, RowId, SbTables } from '../../../model/tables.ts'
import type { LogEntry } from '../../../model/trace.ts'
import type { Clock } from '../../../sim/clock.ts'
import type { Daemon, Wakeable } from '../../daemon.ts'
import type { Database, Transaction } from '../../db/database.ts'
import { compareMembers } from '../ha.ts'
import { assignKeys, DATAPATH_KEY_MAX } from './keys.ts'
import { LeftOut } from './left-out.ts'
import { gatewaysReachedBy, planSouthbound, type SouthboundPlan } from './plan.ts'
import { syncPorts, type Wanted } from './port-bindings.ts'

/** The logical flows of an AZ: the Northbound content that northd compiled last. Wakes controllers when it changes. */
export class LogicalFlows implements Wakeable {
  #source: DatabaseSnapshot<NbTables> | undefined
  readonly #listeners = new Set<() => void>()

  /** Undefined before northd's first loop. */
  get source(): DatabaseSnapshot<NbTables> | undefined {
    return this.#source
  }

  publish(source: DatabaseSnapshot<NbTables>): void {
    if (source === this.#source) return
    this.#source = source
    for (const listener of this.#listeners) listener()
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Flows are part of the Southbound database, which tells about its own availability. */
  onAvailability(): () => void {
    return () => {}
  }
}

export interface NorthdOptions {
  readonly cluster: string
  readonly nb: Database<NbTables>
  readonly sb: Database<SbTables>
  readonly clock: Clock
  readonly log: (entry: LogEntry) => void
}

export class Northd implements Daemon {
  readonly name: string
  readonly flows = new LogicalFlows()
  readonly #options: NorthdOptions
  /** What the last loop saw; a loop that would see the same has nothing to do. */
  #seen: Seen = NOTHING_SEEN
  #plan: SouthboundPlan | undefined
  #refusal: string | undefined
  readonly #leftOut: LeftOut

  constructor(options: NorthdOptions) {
    this.name = `ovn-northd ${options.cluster}`
    this.#options = options
    this.#leftOut = new LeftOut(options.nb, (problem) => this.#log('warning', problem))
  }

  started(): void {
    this.#seen = NOTHING_SEEN
    this.#plan = undefined
    this.#refusal = undefined
    this.#leftOut.reset()
  }

  run(): void {
    const { nb, sb } = this.#options
    if (!nb.available || !sb.available) return
    if (!this.#syncSouthbound(nb.snapshot())) return
    this.#leftOut.look()
    this.flows.publish(nb.snapshot())
  }

  /**
   * What bindings depend on, and what groups depend on besides. Static routes and policies are in neither: they come and go
   * by the thousand. Other clients change the chassis of bindings but do not add any; that rows vanish shows in their number.
   */
  #look(): Seen {
    const { nb, sb } = this.#options
    const wanted: unknown[] = NB_STRUCTURE.map((table) => nb.tableVersion(table))
    for (const [id, router] of nb.rows('Logical_Router')) {
      wanted.push(id, router.name, router.ports, router.options)
    }
    const bindings = [...wanted, sb.rows('Port_Binding').size, sb.tableVersion('Datapath_Binding')]
    return { wanted, bindings, groups: SB_USERS.map((table) => sb.tableVersion(table)) }
  }

  /** False when the Southbound refused, in which case everything stays as it was. */
  #syncSouthbound(nb: DatabaseSnapshot<NbTables>): boolean {
    const { sb } = this.#options
    const look = this.#look()
    if (this.#plan === undefined || !sameItems(look.wanted, this.#seen.wanted))
      this.#plan = planSouthbound(nb)
    const plan = this.#plan
    const rebind = !sameItems(look.bindings, this.#seen.bindings)
    if (!rebind && sameItems(look.groups, this.#seen.groups)) return true
    const result = sb.transact(this.name, (transaction) => {
      const groups = syncGroups(sb, transaction, nb, plan)
      if (rebind) syncBindings(sb, transaction, nb, plan, groups)
    })
    const refusal = result.kind === 'refused' ? result.message : undefined
    if (refusal !== undefined && refusal !== this.#refusal) this.#log('refused', refusal)
    this.#refusal = refusal
    if (refusal !== undefined) return false
    this.#syncUp()
    this.#seen = this.#look()
    return true
  }

  /** `up` of switch ports follows their bindings: router ports always, others once a chassis has them. */
  #syncUp(): void {
    const { nb, sb } = this.#options
    const changes: (readonly [RowId, boolean])[] = []
    for (const [id, port] of nb.rows('Logical_Switch_Port')) {
      if (port.type === 'remote') continue
      const binding = sb.find('Port_Binding', 'logical_port', port.name)
      const up =
        port.type === 'router' || (binding !== undefined && sb.get('Port_Binding', binding)?.up === true)
      if (port.up !== up) changes.push([id, up])
    }
    if (changes.length === 0) return
    nb.transact(this.name, (transaction) => {
      for (const [id, up] of changes) transaction.update('Logical_Switch_Port', id, { up })
    })
  }

  #log(kind: LogEntry['kind'], text: string): void {
    this.#options.log({ at: this.#options.clock.now, source: this.name, kind, text })
  }
}

interface Seen {
  readonly wanted: readonly unknown[]
  readonly bindings: readonly unknown[]
  readonly groups: readonly unknown[]
}

/** No look is ever equal to it. */
const NOTHING_SEEN: Seen = { wanted: [], bindings: [], groups: [] }

const NB_STRUCTURE = [
  'Logical_Switch',
  'Logical_Switch_Port',
  'Logical_Router_Port',
  'Gateway_Chassis',
] as const
const SB_USERS = ['Chassis', 'Port_Binding', 'HA_Chassis_Group'] as const

/** HA-1, HA-4: one group a gateway port; answers with group rows by port name. */
function syncGroups(
  sb: Database<SbTables>,
  transaction: Transaction<SbTables>,
  nb: DatabaseSnapshot<NbTables>,
  plan: SouthboundPlan,
): ReadonlyMap<string, RowId> {
  const users = chassisThatUse(sb, plan)
  const groups = new Map<string, RowId>()
  for (const { port } of plan.gateways) {
    const members = port.gateway_chassis
      .map((id) => nb.tables.Gateway_Chassis.get(id))
      .filter((row) => row !== undefined)
      .map(({ chassis_name, priority }) => ({ chassis: chassis_name, priority }))
      .sort(compareMembers)
      .map(({ chassis, priority }) => ({
        chassis_name: chassis,
        chassis: sb.find('Chassis', 'name', chassis),
        priority,
      }))
    const ref_chassis = [...(users.get(port.name) ?? [])].sort((a, b) => a - b)
    const id = sb.find('HA_Chassis_Group', 'name', port.name)
    if (id !== undefined) transaction.update('HA_Chassis_Group', id, { members, ref_chassis })
    groups.set(
      port.name,
      id ?? transaction.insert('HA_Chassis_Group', { name: port.name, members, ref_chassis }),
    )
  }
  for (const [id, group] of sb.rows('HA_Chassis_Group')) {
    if (!groups.has(group.name)) transaction.delete('HA_Chassis_Group', id)
  }
  return groups
}

/** By gateway port: chassis with a bound switch port on a switch that reaches it, those of other AZs included. */
function chassisThatUse(
  sb: Database<SbTables>,
  plan: SouthboundPlan,
): ReadonlyMap<string, ReadonlySet<RowId>> {
  const reached = gatewaysReachedBy(plan)
  const users = new Map<string, Set<RowId>>()
  for (const binding of sb.rows('Port_Binding').values()) {
    if (binding.chassis === undefined || binding.type === 'chassisredirect') continue
    const datapath = sb.get('Datapath_Binding', binding.datapath)
    for (const gateway of (datapath && reached.get(datapath.nb)) ?? []) {
      const chassis = users.get(gateway)
      if (chassis === undefined) users.set(gateway, new Set([binding.chassis]))
      else chassis.add(binding.chassis)
    }
  }
  return users
}

function syncBindings(
  sb: Database<SbTables>,
  transaction: Transaction<SbTables>,
  nb: DatabaseSnapshot<NbTables>,
  plan: SouthboundPlan,
  groups: ReadonlyMap<string, RowId>,
): void {
  const present = new Map([...sb.rows('Datapath_Binding')].map(([id, row]) => [row.nb, { id, row }]))
  const keys = assignKeys(
    plan.datapaths.map(({ nb, requested }) => ({
      id: nb,
      requested,
      present: present.get(nb)?.row.tunnel_key,
    })),
    'lowest-free',
    DATAPATH_KEY_MAX,
  )
  const bindings = sb.rows('Port_Binding').size
  const wanted: Wanted = { datapaths: new Set(), ports: new Set(), kept: 0 }
  for (const datapath of plan.datapaths) {
    const { nb: row, name, kind } = datapath
    const tunnel_key = keys.get(row)
    if (tunnel_key === undefined) continue
    const old = present.get(row)?.id
    if (old !== undefined) transaction.update('Datapath_Binding', old, { tunnel_key, name })
    const id = old ?? transaction.insert('Datapath_Binding', { tunnel_key, name, kind, nb: row })
    wanted.datapaths.add(id)
    syncPorts(sb, transaction, nb, datapath, id, groups, wanted)
  }
  if (wanted.kept < bindings) {
    for (const id of sb.rows('Port_Binding').keys())
      if (!wanted.ports.has(id)) transaction.delete('Port_Binding', id)
  }
  for (const { id } of present.values())
    if (!wanted.datapaths.has(id)) transaction.delete('Datapath_Binding', id)
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}
