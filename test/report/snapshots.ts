// Databases for tests: from the dumps of real ones, or from lists of partial rows with sensible defaults.

import type {
  DatabaseSnapshot,
  DatabasesSnapshot,
  IcNbTables,
  IcSbTables,
  NbTables,
  RowId,
  SbTables,
} from '../../src/model/tables.ts'
import type { Dump } from './real-ovn.ts'

const EMPTY = {
  nb: {
    NB_Global: { name: '', options: {} },
    Logical_Switch: { name: '', ports: [], other_config: {} },
    Logical_Switch_Port: { name: '', type: '', addresses: [], options: {}, up: true },
    Logical_Router: { name: '', ports: [], static_routes: [], policies: [], options: {} },
    Logical_Router_Port: { name: '', mac: '', networks: [], gateway_chassis: [], options: {} },
    Logical_Router_Static_Route: {
      ip_prefix: '',
      nexthop: '',
      policy: undefined,
      route_table: '',
      output_port: undefined,
      options: {},
      external_ids: {},
    },
    Logical_Router_Policy: { priority: 0, match: '', action: 'allow', nexthops: [], external_ids: {} },
    Gateway_Chassis: { name: '', chassis_name: '', priority: 0 },
    Address_Set: { name: '', addresses: [] },
  } satisfies NbTables as NbTables,
  sb: {
    Chassis: { name: '', hostname: '', encaps: [], other_config: {} },
    Encap: { type: 'geneve', ip: '', chassis_name: '', options: {} },
    Datapath_Binding: { tunnel_key: 1, name: '', kind: 'switch', nb: 0 },
    Port_Binding: {
      logical_port: '',
      datapath: 0,
      tunnel_key: 1,
      type: '',
      chassis: undefined,
      mac: [],
      options: {},
      ha_chassis_group: undefined,
      up: true,
    },
    HA_Chassis_Group: { name: '', members: [], ref_chassis: [] },
  } satisfies SbTables as SbTables,
  icNb: { Transit_Switch: { name: '', external_ids: {} } } satisfies IcNbTables as IcNbTables,
  icSb: {
    Availability_Zone: { name: '' },
    Gateway: { name: '', availability_zone: 0, hostname: '', encaps: [] },
    Encap: { type: 'geneve', ip: '', gateway_name: '' },
    Datapath_Binding: { transit_switch: '', tunnel_key: 1 },
    Port_Binding: {
      logical_port: '',
      transit_switch: '',
      availability_zone: 0,
      tunnel_key: 1,
      gateway: '',
      address: '',
      external_ids: {},
    },
    Route: {
      transit_switch: '',
      availability_zone: 0,
      route_table: '',
      ip_prefix: '',
      nexthop: '',
      origin: 'connected',
      external_ids: {},
    },
  } satisfies IcSbTables as IcSbTables,
}

type Rows<T> = { readonly [K in keyof T]?: Readonly<Record<RowId, Partial<T[K]>>> }

function snapshot<T extends object>(
  empty: T,
  rows: Rows<T>,
  uuids?: ReadonlyMap<RowId, string>,
): DatabaseSnapshot<T> {
  const tables = Object.fromEntries(
    Object.entries(empty).map(([table, defaults]) => {
      const given = (rows as Record<string, Record<string, object> | undefined>)[table] ?? {}
      return [table, new Map(Object.entries(given).map(([id, row]) => [Number(id), { ...defaults, ...row }]))]
    }),
  ) as unknown as DatabaseSnapshot<T>['tables']
  return { tables, uuid: (id) => uuids?.get(id) ?? `00000000-0000-0000-0000-${String(id).padStart(12, '0')}` }
}

export const nbOf = (rows: Rows<NbTables>) => snapshot(EMPTY.nb, rows)
export const sbOf = (rows: Rows<SbTables>) => snapshot(EMPTY.sb, rows)
export const icNbOf = (rows: Rows<IcNbTables>) => snapshot(EMPTY.icNb, rows)
export const icSbOf = (rows: Rows<IcSbTables>) => snapshot(EMPTY.icSb, rows)

/** All databases of one moment. */
export function databasesOf(
  clusters: Record<string, { nb: Rows<NbTables>; sb?: Rows<SbTables> }>,
  icSb: Rows<IcSbTables> = {},
): DatabasesSnapshot {
  return {
    at: 0,
    clusters: new Map(
      Object.entries(clusters).map(([id, { nb, sb = {} }]) => [id, { nb: nbOf(nb), sb: sbOf(sb) }]),
    ),
    icNb: icNbOf({}),
    icSb: icSbOf(icSb),
  }
}

/** The model's snapshot of a real database. */
export function nbOfDump(dump: Dump): DatabaseSnapshot<NbTables> {
  return ofDump(EMPTY.nb, dump)
}
export function sbOfDump(dump: Dump): DatabaseSnapshot<SbTables> {
  return ofDump(EMPTY.sb, dump)
}
export function icSbOfDump(dump: Dump): DatabaseSnapshot<IcSbTables> {
  return ofDump(EMPTY.icSb, dump)
}

function ofDump<T extends object>(empty: T, dump: Dump): DatabaseSnapshot<T> {
  const ids = new Map<string, RowId>()
  const uuids = new Map<RowId, string>()
  for (const table of Object.values(dump))
    for (const uuid of Object.keys(table)) {
      ids.set(uuid, ids.size + 1)
      uuids.set(ids.get(uuid)!, uuid)
    }
  const rows: Record<string, Record<RowId, object>> = {}
  for (const [table, defaults] of Object.entries(empty as Record<string, Record<string, unknown>>)) {
    rows[table] = {}
    for (const [uuid, raw] of Object.entries(dump[table] ?? {})) {
      const row = Object.fromEntries(
        Object.keys(defaults)
          .filter((column) => column in raw)
          .map((column) => [column, convert(raw[column], defaults[column])]),
      )
      rows[table][ids.get(uuid)!] = row
    }
  }
  return snapshot(empty, rows as Rows<T>, uuids)

  /** A column as the model has it: references as ids, optional values alone, sets as arrays. */
  function convert(value: unknown, like: unknown): unknown {
    if (Array.isArray(like))
      return (Array.isArray(value) ? value : [value]).map((one) => ids.get(String(one)) ?? one)
    if (Array.isArray(value)) return value.length === 0 ? like : convert(value[0], like)
    return typeof value === 'string' && (typeof like === 'number' || like === undefined)
      ? (ids.get(value) ?? value)
      : value
  }
}
