/**
 * Rows of the real databases in the model's types. Row ids are small numbers given in the order in which UUIDs are met, for the whole
 * life of a replica; the UUIDs themselves are kept.
 */
import type {
  DatabaseSnapshot,
  IcNbTables,
  IcSbTables,
  NbTables,
  RowId,
  SbTables,
} from '../../model/tables.ts'
import { listOf, mapOf, type Replica, type Row, textOf, type Wanted } from './ovsdb-client.ts'

/** Columns to watch, by database. */
export const NB_TABLES: Wanted = {
  NB_Global: ['name', 'options'],
  Logical_Switch: ['name', 'ports', 'other_config'],
  Logical_Switch_Port: ['name', 'type', 'addresses', 'options', 'up'],
  Logical_Router: ['name', 'ports', 'static_routes', 'policies', 'options'],
  Logical_Router_Port: ['name', 'mac', 'networks', 'gateway_chassis', 'options'],
  Logical_Router_Static_Route: [
    'ip_prefix',
    'nexthop',
    'policy',
    'route_table',
    'output_port',
    'options',
    'external_ids',
  ],
  Logical_Router_Policy: ['priority', 'match', 'action', 'nexthops', 'external_ids'],
  Gateway_Chassis: ['name', 'chassis_name', 'priority'],
  Address_Set: ['name', 'addresses'],
}
export const SB_TABLES: Wanted = {
  Chassis: ['name', 'hostname', 'encaps', 'other_config'],
  Encap: ['type', 'ip', 'chassis_name', 'options'],
  Datapath_Binding: ['tunnel_key', 'external_ids'],
  Port_Binding: [
    'logical_port',
    'datapath',
    'tunnel_key',
    'type',
    'chassis',
    'mac',
    'options',
    'ha_chassis_group',
    'up',
  ],
  HA_Chassis_Group: ['name', 'ha_chassis', 'ref_chassis'],
  HA_Chassis: ['chassis', 'priority'],
  Logical_DP_Group: ['datapaths'],
  Logical_Flow: [
    'logical_datapath',
    'logical_dp_group',
    'pipeline',
    'table_id',
    'priority',
    'match',
    'actions',
    'external_ids',
  ],
}
export const IC_NB_TABLES: Wanted = { Transit_Switch: ['name', 'external_ids'] }
export const IC_SB_TABLES: Wanted = {
  Availability_Zone: ['name'],
  Gateway: ['name', 'availability_zone', 'hostname', 'encaps'],
  Encap: ['type', 'ip', 'gateway_name'],
  Datapath_Binding: ['transit_switch', 'tunnel_key'],
  Port_Binding: [
    'logical_port',
    'transit_switch',
    'availability_zone',
    'tunnel_key',
    'gateway',
    'address',
    'external_ids',
  ],
  Route: [
    'transit_switch',
    'availability_zone',
    'route_table',
    'ip_prefix',
    'nexthop',
    'origin',
    'external_ids',
  ],
}

/** Numbers for UUIDs. */
export class RowIds {
  readonly #ids = new Map<string, RowId>()
  readonly #uuids: string[] = []

  of(uuid: string): RowId {
    const known = this.#ids.get(uuid)
    if (known !== undefined) return known
    this.#uuids.push(uuid)
    this.#ids.set(uuid, this.#uuids.length)
    return this.#uuids.length
  }

  uuid(id: RowId): string {
    const uuid = this.#uuids[id - 1]
    if (uuid === undefined) throw new RangeError(`no row ${id}`)
    return uuid
  }
}

type Reader = { readonly row: Row; readonly ids: RowIds; readonly replica: Replica }

function snapshot<Tables>(
  replica: Replica,
  ids: RowIds,
  readers: { readonly [T in keyof Tables]: (reader: Reader) => Tables[T] },
): DatabaseSnapshot<Tables> {
  const tables = Object.fromEntries(
    Object.entries(readers).map(([table, read]) => [
      table,
      new Map(
        [...replica.rows(table)].map(([uuid, row]) => [
          ids.of(uuid),
          (read as (reader: Reader) => unknown)({ row, ids, replica }),
        ]),
      ),
    ]),
  )
  return { tables: tables as unknown as DatabaseSnapshot<Tables>['tables'], uuid: (row) => ids.uuid(row) }
}

const refs = ({ row, ids }: Reader, column: string): RowId[] =>
  listOf(row, column).map((uuid) => ids.of(uuid))
const ref = (reader: Reader, column: string): RowId | undefined => refs(reader, column)[0]
const text = ({ row }: Reader, column: string): string => textOf(row, column)
const map = ({ row }: Reader, column: string) => mapOf(row, column)
const number = ({ row }: Reader, column: string): number => Number(textOf(row, column))

/** A Northbound as it is now. */
export function northboundOf(replica: Replica, ids: RowIds): DatabaseSnapshot<NbTables> {
  return snapshot<NbTables>(replica, ids, {
    NB_Global: (r) => ({ name: text(r, 'name'), options: map(r, 'options') }),
    Logical_Switch: (r) => ({
      name: text(r, 'name'),
      ports: refs(r, 'ports'),
      other_config: map(r, 'other_config'),
    }),
    Logical_Switch_Port: (r) => ({
      name: text(r, 'name'),
      type: text(r, 'type'),
      addresses: listOf(r.row, 'addresses'),
      options: map(r, 'options'),
      up: text(r, 'up') === 'true',
    }),
    Logical_Router: (r) => ({
      name: text(r, 'name'),
      ports: refs(r, 'ports'),
      static_routes: refs(r, 'static_routes'),
      policies: refs(r, 'policies'),
      options: map(r, 'options'),
    }),
    Logical_Router_Port: (r) => ({
      name: text(r, 'name'),
      mac: text(r, 'mac'),
      networks: listOf(r.row, 'networks'),
      gateway_chassis: refs(r, 'gateway_chassis'),
      options: map(r, 'options'),
    }),
    Logical_Router_Static_Route: (r) => ({
      ip_prefix: text(r, 'ip_prefix'),
      nexthop: text(r, 'nexthop'),
      policy: (text(r, 'policy') || undefined) as 'dst-ip' | 'src-ip' | undefined,
      route_table: text(r, 'route_table'),
      output_port: text(r, 'output_port') || undefined,
      options: map(r, 'options'),
      external_ids: map(r, 'external_ids'),
    }),
    Logical_Router_Policy: (r) => ({
      priority: number(r, 'priority'),
      match: text(r, 'match'),
      action: text(r, 'action') as 'allow' | 'drop' | 'reroute',
      nexthops: listOf(r.row, 'nexthops'),
      external_ids: map(r, 'external_ids'),
    }),
    Gateway_Chassis: (r) => ({
      name: text(r, 'name'),
      chassis_name: text(r, 'chassis_name'),
      priority: number(r, 'priority'),
    }),
    Address_Set: (r) => ({ name: text(r, 'name'), addresses: listOf(r.row, 'addresses') }),
  })
}

/** A Southbound as it is now, flows aside. */
export function southboundOf(replica: Replica, ids: RowIds): DatabaseSnapshot<SbTables> {
  return snapshot<SbTables>(replica, ids, {
    Chassis: (r) => ({
      name: text(r, 'name'),
      hostname: text(r, 'hostname'),
      encaps: refs(r, 'encaps'),
      other_config: map(r, 'other_config'),
    }),
    Encap: (r) => ({
      type: text(r, 'type'),
      ip: text(r, 'ip'),
      chassis_name: text(r, 'chassis_name'),
      options: map(r, 'options'),
    }),
    Datapath_Binding: (r) => {
      const external = map(r, 'external_ids')
      const kind = external['logical-router'] === undefined ? 'switch' : 'router'
      return {
        tunnel_key: number(r, 'tunnel_key'),
        name: external.name ?? '',
        kind,
        nb: r.ids.of(external[`logical-${kind}`] ?? ''),
      }
    },
    Port_Binding: (r) => ({
      logical_port: text(r, 'logical_port'),
      datapath: ref(r, 'datapath') ?? 0,
      tunnel_key: number(r, 'tunnel_key'),
      type: text(r, 'type'),
      chassis: ref(r, 'chassis'),
      mac: listOf(r.row, 'mac'),
      options: map(r, 'options'),
      ha_chassis_group: ref(r, 'ha_chassis_group'),
      up: text(r, 'up') === 'true',
    }),
    HA_Chassis_Group: (r) => ({
      name: text(r, 'name'),
      members: listOf(r.row, 'ha_chassis').flatMap((uuid) => {
        const member = r.replica.rows('HA_Chassis').get(uuid)
        if (member === undefined) return []
        const chassis = textOf(member, 'chassis')
        const row = r.replica.rows('Chassis').get(chassis)
        return [
          {
            chassis_name: row === undefined ? '' : textOf(row, 'name'),
            chassis: row === undefined ? undefined : r.ids.of(chassis),
            priority: Number(textOf(member, 'priority')),
          },
        ]
      }),
      ref_chassis: refs(r, 'ref_chassis'),
    }),
  })
}

export function icNorthboundOf(replica: Replica, ids: RowIds): DatabaseSnapshot<IcNbTables> {
  return snapshot<IcNbTables>(replica, ids, {
    Transit_Switch: (r) => ({ name: text(r, 'name'), external_ids: map(r, 'external_ids') }),
  })
}

export function icSouthboundOf(replica: Replica, ids: RowIds): DatabaseSnapshot<IcSbTables> {
  const zone = (r: Reader): RowId => ref(r, 'availability_zone') ?? 0
  return snapshot<IcSbTables>(replica, ids, {
    Availability_Zone: (r) => ({ name: text(r, 'name') }),
    Gateway: (r) => ({
      name: text(r, 'name'),
      availability_zone: zone(r),
      hostname: text(r, 'hostname'),
      encaps: refs(r, 'encaps'),
    }),
    Encap: (r) => ({ type: text(r, 'type'), ip: text(r, 'ip'), gateway_name: text(r, 'gateway_name') }),
    Datapath_Binding: (r) => ({
      transit_switch: text(r, 'transit_switch'),
      tunnel_key: number(r, 'tunnel_key'),
    }),
    Port_Binding: (r) => ({
      logical_port: text(r, 'logical_port'),
      transit_switch: text(r, 'transit_switch'),
      availability_zone: zone(r),
      tunnel_key: number(r, 'tunnel_key'),
      gateway: text(r, 'gateway'),
      address: text(r, 'address'),
      external_ids: map(r, 'external_ids'),
    }),
    Route: (r) => ({
      transit_switch: text(r, 'transit_switch'),
      availability_zone: zone(r),
      route_table: text(r, 'route_table'),
      ip_prefix: text(r, 'ip_prefix'),
      nexthop: text(r, 'nexthop'),
      origin: text(r, 'origin') as 'connected' | 'static',
      external_ids: map(r, 'external_ids'),
    }),
  })
}
