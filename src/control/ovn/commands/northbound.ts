// Edits of a Northbound database by name, inside an open transaction: switches, routers and their ports. The commands of
// ovn-nbctl(8) and the scenario's own writer (cms.ts) share them. They fail with the sentences of ovn-nbctl.

import type { LogicalRouterRow, LogicalSwitchRow, NbTables, RowId, StringMap } from '../../../model/tables.ts'
import { parseMac } from '../../../net/mac.ts'
import { parsePrefix } from '../../../net/prefix.ts'
import type { Database, Transaction } from '../../db/database.ts'
import { fail } from './failure.ts'

export interface Northbound {
  readonly database: Database<NbTables>
  readonly write: Transaction<NbTables>
}

/** Runs `body` as one transaction on a Northbound; see `Database.transact`. */
export function editNorthbound(database: Database<NbTables>, author: string, body: (nb: Northbound) => void) {
  return database.transact(author, (write) => body({ database, write }))
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

type Named = 'Logical_Switch' | 'Logical_Router' | 'Logical_Switch_Port' | 'Logical_Router_Port'

/** The row of this name, rows of the open transaction included; fails where several switches or routers have it. */
export function rowNamed(nb: Northbound, table: Named, name: string): RowId | undefined {
  let found: RowId | undefined
  for (const [id, row] of nb.database.rows(table)) {
    if (row.name !== name) continue
    if (found !== undefined) fail(`Multiple ${NOUNS[table]}s named '${name}'.  Use a UUID.`)
    found = id
  }
  // UUIDs are made on the spot: they are only asked for where the text is one.
  if (found !== undefined || !UUID.test(name)) return found
  return [...nb.database.rows(table).keys()].find((id) => nb.database.uuid(id) === name)
}

/** The same, or failure in the tool's words. */
export function existing(nb: Northbound, table: Named, name: string): RowId {
  return rowNamed(nb, table, name) ?? fail(`${name}: ${NOUNS[table]} name not found`)
}

export function addSwitch(nb: Northbound, name: string, other_config: StringMap = {}): RowId {
  if (name !== '' && rowNamed(nb, 'Logical_Switch', name) !== undefined) {
    fail(`${name}: a switch with this name already exists`)
  }
  return nb.write.create('Logical_Switch', { name, other_config })
}

export function addRouter(nb: Northbound, name: string): RowId {
  if (name !== '' && rowNamed(nb, 'Logical_Router', name) !== undefined) {
    fail(`${name}: a router with this name already exists`)
  }
  return nb.write.create('Logical_Router', { name })
}

/** What `lsp-add` and the `lsp-set-…` commands say about a port. */
export interface SwitchPortColumns {
  readonly type?: string
  readonly addresses?: readonly string[]
  readonly options?: StringMap
}

export function addSwitchPort(
  nb: Northbound,
  on: RowId,
  name: string,
  columns: SwitchPortColumns = {},
): RowId {
  if (rowNamed(nb, 'Logical_Switch_Port', name) !== undefined)
    fail(`${name}: a port with this name already exists`)
  const port = nb.write.create('Logical_Switch_Port', { name, ...columns })
  const { ports } = nb.database.get('Logical_Switch', on)!
  nb.write.update('Logical_Switch', on, { ports: [...ports, port] })
  return port
}

export function removeSwitchPort(nb: Northbound, port: RowId): void {
  removeFrom(nb, 'Logical_Switch', port)
}

export interface RouterPortColumns {
  readonly mac: string
  readonly networks: readonly string[]
  readonly options?: StringMap
}

export function addRouterPort(nb: Northbound, on: RowId, name: string, columns: RouterPortColumns): RowId {
  if (rowNamed(nb, 'Logical_Router_Port', name) !== undefined)
    fail(`${name}: a port with this name already exists`)
  if (parseMac(columns.mac) === undefined) fail(`${name}: invalid mac address ${columns.mac}`)
  for (const network of columns.networks) {
    if (parsePrefix(network) === undefined) fail(`${name}: invalid network address: ${network}`)
  }
  const port = nb.write.create('Logical_Router_Port', { name, ...columns })
  const { ports } = nb.database.get('Logical_Router', on)!
  nb.write.update('Logical_Router', on, { ports: [...ports, port] })
  return port
}

export function removeRouterPort(nb: Northbound, port: RowId): void {
  removeFrom(nb, 'Logical_Router', port)
}

/** HA-1: adds a chassis to a router port, or changes its priority. */
export function setGatewayChassis(nb: Northbound, port: RowId, chassis_name: string, priority: number): void {
  const row = nb.database.get('Logical_Router_Port', port)!
  const present = row.gateway_chassis.find((id) => {
    return nb.database.get('Gateway_Chassis', id)?.chassis_name === chassis_name
  })
  if (present !== undefined) {
    nb.write.update('Gateway_Chassis', present, { priority })
    return
  }
  const name = `${row.name}-${chassis_name}`
  const added = nb.write.insert('Gateway_Chassis', { name, chassis_name, priority })
  nb.write.update('Logical_Router_Port', port, { gateway_chassis: [...row.gateway_chassis, added] })
}

export function removeGatewayChassis(nb: Northbound, port: RowId, chassis: string): void {
  const row = nb.database.get('Logical_Router_Port', port)!
  const left = row.gateway_chassis.filter(
    (id) => nb.database.get('Gateway_Chassis', id)?.chassis_name !== chassis,
  )
  if (left.length === row.gateway_chassis.length)
    fail(`chassis ${chassis} is not added to logical port ${row.name}`)
  nb.write.update('Logical_Router_Port', port, { gateway_chassis: left })
}

/** Takes a port out of its switch or router; unreferenced, it disappears with the transaction. */
function removeFrom(nb: Northbound, table: 'Logical_Switch' | 'Logical_Router', port: RowId): void {
  const parents: ReadonlyMap<RowId, LogicalSwitchRow | LogicalRouterRow> = nb.database.rows(table)
  for (const [id, { ports }] of parents) {
    if (ports.includes(port)) nb.write.update(table, id, { ports: ports.filter((other) => other !== port) })
  }
}

const NOUNS: Readonly<Record<Named, string>> = {
  Logical_Switch: 'switch',
  Logical_Router: 'router',
  Logical_Switch_Port: 'port',
  Logical_Router_Port: 'port',
}
