// The IC-SB arranged the way ovn-ic asks: zones by name, datapaths and ports by transit switch, routes in blocks of one
// zone on one transit switch. One live index serves all AZs of a network; a client that lost its connection reads an index of a snapshot.
// Surprise: blocks are values; an AZ that sees the block object it saw before has nothing to do (a thousand AZs, ten million routes).

import type {
  DatabaseSnapshot,
  IcPortBindingRow,
  IcRouteRow,
  IcSbTables,
  LogicalSwitchPortRow,
  RowId,
  StaticRouteRow,
} from '../../../model/tables.ts'
import { isLinkLocal } from '../../../net/ip.ts'
import type { Database } from '../../db/database.ts'
import { type ParsedRoute, parseRoute, routeKey } from './address.ts'

/** One published route, ready to be learned. */
export interface PublishedRoute {
  readonly id: RowId
  readonly row: IcRouteRow
  /** Undefined where a part does not parse: such a route is never learned. */
  readonly parsed: ParsedRoute | undefined
  /** LRN-7. */
  readonly key: string
  /** LRN-6: the row every learner stores, one object for all of them. */
  readonly learned: StaticRouteRow
}

/** All routes of one zone on one transit switch. */
export interface RouteBlock {
  readonly routes: readonly PublishedRoute[]
  /** Every route parses, is of the main table, and is neither a default route nor link-local: only lists can forbid it. */
  readonly plain: boolean
}

export type Blocks = ReadonlyMap<RowId, RouteBlock>
export type Ports = ReadonlyMap<RowId, IcPortBindingRow>

type Rows = DatabaseSnapshot<IcSbTables>['tables']

export class SouthboundIndex {
  readonly #rows: () => Rows
  readonly #uuid: (id: RowId) => string
  readonly #zones = new Map<string, RowId>()
  readonly #ports = new Map<string, Map<RowId, IcPortBindingRow>>()
  readonly #blocks = new Map<string, Map<RowId, RouteBlock>>()
  readonly #editions = new Map<string, object>()
  readonly #remotePorts = new WeakMap<IcPortBindingRow, LogicalSwitchPortRow>()

  private constructor(rows: () => Rows, uuid: (id: RowId) => string) {
    this.#rows = rows
    this.#uuid = uuid
    for (const [id, row] of rows().Availability_Zone) this.#zones.set(row.name, id)
    for (const [id, row] of rows().Port_Binding) this.#putPort(id, undefined, row)
    this.#putRoutes([...rows().Route].map(([id, row]) => [id, undefined, row]))
  }

  /** The index that follows a database; one per database. */
  static live(database: Database<IcSbTables>): SouthboundIndex {
    let index = live.get(database)
    if (index === undefined) {
      const tables: Rows = {
        get Availability_Zone() {
          return database.rows('Availability_Zone')
        },
        get Gateway() {
          return database.rows('Gateway')
        },
        get Encap() {
          return database.rows('Encap')
        },
        get Datapath_Binding() {
          return database.rows('Datapath_Binding')
        },
        get Port_Binding() {
          return database.rows('Port_Binding')
        },
        get Route() {
          return database.rows('Route')
        },
      }
      const created = new SouthboundIndex(
        () => tables,
        (id) => database.uuid(id),
      )
      database.onCommit((commit) => {
        for (const before of commit.touched('Availability_Zone').values()) {
          if (before !== undefined) created.#zones.delete(before.name)
        }
        for (const id of commit.touched('Availability_Zone').keys()) {
          const zone = database.get('Availability_Zone', id)
          if (zone !== undefined) created.#zones.set(zone.name, id)
        }
        for (const [id, before] of commit.touched('Port_Binding')) {
          created.#putPort(id, before, database.get('Port_Binding', id))
        }
        const routes = [...commit.touched('Route')]
        created.#putRoutes(routes.map(([id, before]) => [id, before, database.get('Route', id)]))
      })
      live.set(database, created)
      index = created
    }
    return index
  }

  /** The index of content that does not change any more; one per snapshot. */
  static frozen(snapshot: DatabaseSnapshot<IcSbTables>): SouthboundIndex {
    let index = frozen.get(snapshot)
    if (index === undefined) {
      index = new SouthboundIndex(() => snapshot.tables, snapshot.uuid)
      frozen.set(snapshot, index)
    }
    return index
  }

  get tables(): Rows {
    return this.#rows()
  }

  /** The zone registered under a name. */
  zone(name: string): RowId | undefined {
    return this.#zones.get(name)
  }

  /** Port bindings of all zones on one transit switch. */
  ports(transitSwitch: string): Ports {
    return this.#ports.get(transitSwitch) ?? NO_PORTS
  }

  /** Names of the transit switches that port bindings mention. */
  get switchesWithPorts(): Iterable<string> {
    return this.#ports.keys()
  }

  /** Routes on one transit switch by zone. */
  blocks(transitSwitch: string): Blocks {
    return this.#blocks.get(transitSwitch) ?? NO_BLOCKS
  }

  /** Another object after every change of the blocks on one transit switch. */
  blocksEdition(transitSwitch: string): object {
    return this.#editions.get(transitSwitch) ?? NO_BLOCKS
  }

  /** Names of the transit switches that routes mention. */
  get switchesWithRoutes(): Iterable<string> {
    return this.#blocks.keys()
  }

  /** PB-3: the logical switch port that stands for another zone's binding, one object for all zones. */
  remotePort(binding: IcPortBindingRow): LogicalSwitchPortRow {
    let row = this.#remotePorts.get(binding)
    if (row === undefined) {
      row = {
        name: binding.logical_port,
        type: 'remote',
        addresses: binding.address === '' ? [] : [binding.address],
        options: { 'requested-tnl-key': String(binding.tunnel_key) },
        up: true,
      }
      this.#remotePorts.set(binding, row)
    }
    return row
  }

  #putPort(id: RowId, before: IcPortBindingRow | undefined, after: IcPortBindingRow | undefined): void {
    if (before !== undefined && before.transit_switch !== after?.transit_switch) {
      const left = this.#ports.get(before.transit_switch)
      left?.delete(id)
      if (left?.size === 0) this.#ports.delete(before.transit_switch)
    }
    if (after === undefined) return
    // An edit that learners do not see leaves them the row that they have.
    const remote = before === undefined ? undefined : this.#remotePorts.get(before)
    if (remote !== undefined && before !== undefined && standsForTheSame(before, after))
      this.#remotePorts.set(after, remote)
    const ports = this.#ports.get(after.transit_switch) ?? new Map<RowId, IcPortBindingRow>()
    this.#ports.set(after.transit_switch, ports.set(id, after))
  }

  /** Remakes each block that the changes touch, once. */
  #putRoutes(changes: Iterable<readonly [RowId, IcRouteRow | undefined, IcRouteRow | undefined]>): void {
    const gone = new Set<RowId>()
    const stale = new Map<string, Map<RowId, PublishedRoute[]>>()
    const additions = (row: IcRouteRow): PublishedRoute[] => {
      const zones = stale.get(row.transit_switch) ?? new Map<RowId, PublishedRoute[]>()
      stale.set(row.transit_switch, zones)
      const added = zones.get(row.availability_zone) ?? []
      zones.set(row.availability_zone, added)
      return added
    }
    for (const [id, before, after] of changes) {
      gone.add(id)
      if (before !== undefined) additions(before)
      if (after !== undefined) additions(after).push(this.#published(id, after))
    }
    for (const [transitSwitch, zones] of stale) {
      this.#editions.set(transitSwitch, {})
      const blocks = this.#blocks.get(transitSwitch) ?? new Map<RowId, RouteBlock>()
      for (const [zone, added] of zones) {
        const kept = blocks.get(zone)?.routes.filter((route) => !gone.has(route.id)) ?? []
        if (kept.length + added.length > 0) blocks.set(zone, blockOf([...kept, ...added]))
        else blocks.delete(zone)
      }
      if (blocks.size > 0) this.#blocks.set(transitSwitch, blocks)
      else this.#blocks.delete(transitSwitch)
    }
  }

  #published(id: RowId, row: IcRouteRow): PublishedRoute {
    const parsed = parseRoute(row.ip_prefix, row.nexthop)
    const learned: StaticRouteRow = {
      ip_prefix: row.ip_prefix,
      nexthop: row.nexthop,
      policy: undefined,
      route_table: row.route_table,
      output_port: undefined,
      options: ORIGINS[row.origin],
      external_ids: { 'ic-learned-route': this.#uuid(id) },
    }
    const key = parsed === undefined ? '' : routeKey(parsed, row.origin, row.route_table)
    return { id, row, parsed, key, learned }
  }
}

/** Learners make the same remote port of both. */
function standsForTheSame(a: IcPortBindingRow, b: IcPortBindingRow): boolean {
  return a.logical_port === b.logical_port && a.address === b.address && a.tunnel_key === b.tunnel_key
}

function blockOf(routes: readonly PublishedRoute[]): RouteBlock {
  const plain = routes.every(({ row, parsed }) => {
    return (
      parsed !== undefined &&
      row.route_table === '' &&
      parsed.prefix.len > 0 &&
      !isLinkLocal(parsed.prefix.ip)
    )
  })
  return { routes, plain }
}

const live = new WeakMap<Database<IcSbTables>, SouthboundIndex>()
const frozen = new WeakMap<DatabaseSnapshot<IcSbTables>, SouthboundIndex>()
const NO_PORTS: Ports = new Map()
const NO_BLOCKS: Blocks = new Map()
const ORIGINS = { connected: { origin: 'connected' }, static: { origin: 'static' } } as const
