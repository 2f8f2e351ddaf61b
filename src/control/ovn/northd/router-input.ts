// One logical router as northd reads it from the Northbound database: rows in the order of their UUIDs, which is the order
// in which OVSDB hands out a set, with addresses parsed. Everything that asks "which port comes first" asks here (RT-7).

import { type AddressSets, addressSetsOf } from '../../../model/address-set.ts'
import type {
  DatabaseSnapshot,
  LogicalRouterPortRow,
  LogicalRouterRow,
  NbTables,
  RouterPolicyRow,
  RowId,
  StaticRouteRow,
} from '../../../model/tables.ts'
import { type Ip, linkLocalFromMac } from '../../../net/ip.ts'
import { type Mac, parseMac } from '../../../net/mac.ts'
import { contains, formatPrefix, type Prefix, parsePrefix } from '../../../net/prefix.ts'
import { compareUuid } from '../../../net/random.ts'

/** A router port with what routing needs of it. */
export interface RouterInputPort {
  readonly name: string
  readonly mac: Mac
  /** As configured, in the order given, then the link-local address that every port has. */
  readonly networks: readonly Prefix[]
  /** `options:route_table`, '' for the main table. */
  readonly routeTable: string
}

/** All that the routing and policy stages of one router are made of. Every list is in UUID order, where that matters. */
export interface RouterInput {
  readonly name: string
  readonly ports: readonly RouterInputPort[]
  readonly routes: readonly StaticRouteRow[]
  readonly policies: readonly RouterPolicyRow[]
  /** What matches of policies refer to as `$name`. */
  readonly addressSets: AddressSets
}

/** Reads a router out of a snapshot. */
export function routerInput(nb: DatabaseSnapshot<NbTables>, router: LogicalRouterRow): RouterInput {
  const { tables } = nb
  return {
    name: router.name,
    ports: routerInputPorts(nb, router),
    routes: routesInOrder(nb, router.static_routes),
    policies: rowsOf(tables.Logical_Router_Policy, inUuidOrder(nb, router.policies)),
    addressSets: addressSetsOf(tables.Address_Set.values()),
  }
}

/**
 * Order tells only between routes that may form a group and in the numbering of route tables. Ten thousand learned routes
 * of one transit switch have neither, and sorting them would be most of the work.
 */
function routesInOrder(nb: DatabaseSnapshot<NbTables>, ids: readonly RowId[]): readonly StaticRouteRow[] {
  const table = nb.tables.Logical_Router_Static_Route
  const rows = rowsOf(table, ids)
  const seen = new Set<string>()
  for (const { ip_prefix, policy, route_table } of rows) {
    const key = policy === 'src-ip' ? `src ${canonical(ip_prefix)}` : canonical(ip_prefix)
    if (route_table !== '' || seen.has(key)) return rowsOf(table, inUuidOrder(nb, ids))
    seen.add(key)
  }
  return rows
}

/** One text for every way to write a prefix; host bits stay. */
function canonical(prefix: string): string {
  if (!prefix.includes(':') && prefix.includes('/')) return prefix
  const parsed = parsePrefix(prefix)
  return parsed === undefined ? prefix : formatPrefix(parsed)
}

/** A router's ports in UUID order. Ports without a MAC that parses are left out, as northd leaves them out. */
export function routerInputPorts(
  nb: DatabaseSnapshot<NbTables>,
  router: LogicalRouterRow,
): readonly RouterInputPort[] {
  return rowsOf(nb.tables.Logical_Router_Port, inUuidOrder(nb, router.ports))
    .map(routerInputPort)
    .filter((port) => port !== undefined)
}

/** A port row parsed; undefined when its MAC is none. Networks that do not parse are skipped. */
export function routerInputPort(row: LogicalRouterPortRow): RouterInputPort | undefined {
  const known = PARSED.get(row)
  if (known !== undefined) return known
  const mac = parseMac(row.mac)
  if (mac === undefined) return undefined
  // A set of OVSDB is sorted, whatever order it was written in.
  const networks = [...row.networks]
    .sort()
    .map(parsePrefix)
    .filter((prefix) => prefix !== undefined)
  const port: RouterInputPort = {
    name: row.name,
    mac,
    networks: [...networks, { ip: linkLocalFromMac(mac), len: 64 }],
    routeTable: row.options.route_table ?? '',
  }
  PARSED.set(row, port)
  return port
}

/** Row ids sorted by the UUIDs of their rows. */
export function inUuidOrder<Tables>(
  database: DatabaseSnapshot<Tables>,
  ids: readonly RowId[],
): readonly RowId[] {
  if (ids.length < 2) return ids
  return ids
    .map((id) => ({ id, uuid: database.uuid(id) }))
    .sort((a, b) => compareUuid(a.uuid, b.uuid))
    .map(({ id }) => id)
}

/** The port's own address in the network that holds `ip`, or undefined: northd's find_lrp_member_ip. */
export function memberAddress(port: RouterInputPort, ip: Ip): Ip | undefined {
  return port.networks.find((network) => contains(network, ip))?.ip
}

/** The first port, in UUID order, with a network that holds `ip`, and its address there (RT-7). */
export function portTowards(
  router: Pick<RouterInput, 'ports'>,
  ip: Ip,
): { readonly port: RouterInputPort; readonly address: Ip } | undefined {
  for (const port of router.ports) {
    const address = memberAddress(port, ip)
    if (address !== undefined) return { port, address }
  }
  return undefined
}

const PARSED = new WeakMap<LogicalRouterPortRow, RouterInputPort>()

function rowsOf<Row>(table: ReadonlyMap<RowId, Row>, ids: readonly RowId[]): readonly Row[] {
  return ids.map((id) => table.get(id)).filter((row) => row !== undefined)
}
