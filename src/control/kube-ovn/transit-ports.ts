// Rows of transit ports in the Northbound and what is left of an AZ in the IC Southbound, as the interconnection controllers make
// and remove them (ovn-semantics 4.3, 4.4, 4.11). Each function is one or a few transactions and says what was refused.

import type { IcSbTables, NbTables, RowId, StaticRouteRow } from '../../model/tables.ts'
import type { Mac } from '../../net/mac.ts'
import { formatPrefix, type Prefix } from '../../net/prefix.ts'
import type { Database, Transaction, TransactionResult } from '../db/database.ts'
import {
  DEFAULT_VPC,
  macText,
  TRANSIT_SWITCH,
  transitRouterPortName,
  transitSwitchPortName,
} from './names.ts'
import { adopt, disown, switchOrRouter } from './nb-writer.ts'
import { gatewayPriority } from './transit.ts'

type Nb = Database<NbTables>

export interface TransitPortSpec {
  readonly azName: string
  readonly transitSwitch: string
  readonly mac: Mac
  readonly networks: readonly Prefix[]
  /** Chassis names, the preferred first. */
  readonly chassis: readonly string[]
  readonly options: Readonly<Record<string, string>>
}

/** Makes router port, switch port and gateways in one transaction. */
export function createTransitPort(nb: Nb, author: string, spec: TransitPortSpec): string | undefined {
  const { azName, transitSwitch } = spec
  if (switchOrRouter(nb, 'switch', transitSwitch) === undefined) return `no logical switch ${transitSwitch}`
  if (switchOrRouter(nb, 'router', DEFAULT_VPC) === undefined) return `no logical router ${DEFAULT_VPC}`
  const lrp = transitRouterPortName(azName, transitSwitch)
  const result = nb.transact(author, (tx) => {
    const routerPort = tx.create('Logical_Router_Port', {
      name: lrp,
      mac: macText(spec.mac),
      networks: spec.networks.map(formatPrefix),
      gateway_chassis: gatewayRows(tx, lrp, spec.chassis),
      options: spec.options,
    })
    adopt(nb, tx, DEFAULT_VPC, 'router', 'ports', routerPort)
    const switchPort = tx.create('Logical_Switch_Port', {
      name: transitSwitchPortName(transitSwitch, azName),
      type: 'router',
      addresses: ['router'],
      options: { 'router-port': lrp },
    })
    adopt(nb, tx, transitSwitch, 'switch', 'ports', switchPort)
  })
  return refusal(result)
}

/** Makes a router port's gateways exactly `chassis`; rows that stay keep their identity. */
export function replaceGateways(
  nb: Nb,
  author: string,
  lrp: string,
  chassis: readonly string[],
): string | undefined {
  const id = nb.find('Logical_Router_Port', 'name', lrp)
  if (id === undefined) return `no logical router port ${lrp}`
  const result = nb.transact(author, (tx) => {
    const gateways = chassis.map((name, place) => {
      const priority = gatewayPriority(place)
      const existing = nb.find('Gateway_Chassis', 'name', `${lrp}-${name}`)
      if (existing === undefined) return gatewayRow(tx, lrp, name, priority)
      tx.update('Gateway_Chassis', existing, { priority })
      return existing
    })
    tx.update('Logical_Router_Port', id, { gateway_chassis: gateways })
  })
  return refusal(result)
}

/** In-process controllers: the two ports of the one transit switch. The switch itself stays. */
export function deleteOneTransitPort(nb: Nb, author: string, azName: string): string | undefined {
  const ports = {
    switchPort: transitSwitchPortName(TRANSIT_SWITCH, azName),
    routerPort: transitRouterPortName(azName, TRANSIT_SWITCH),
  }
  return deletePorts(
    nb,
    author,
    (name) => name === ports.switchPort,
    (name) => name === ports.routerPort,
    false,
  )
}

/** Separate controllers: every port `ts…-<az>` with its switch, and every router port `<az>-ts…`. */
export function deleteAllTransitPorts(nb: Nb, author: string, azName: string): string | undefined {
  // The AZ name may hold dashes itself: a switch port is split at the first dash, a router port at the last.
  const isSwitchPort = (name: string): boolean => {
    const dash = name.indexOf('-')
    return dash >= 0 && name.slice(dash + 1) === azName && name.startsWith(TRANSIT_SWITCH)
  }
  const isRouterPort = (name: string): boolean => {
    const dash = name.lastIndexOf('-')
    return dash >= 0 && name.slice(0, dash) === azName && name.slice(dash + 1).startsWith(TRANSIT_SWITCH)
  }
  return deletePorts(nb, author, isSwitchPort, isRouterPort, true)
}

function deletePorts(
  nb: Nb,
  author: string,
  isSwitchPort: (name: string) => boolean,
  isRouterPort: (name: string) => boolean,
  withSwitch: boolean,
): string | undefined {
  const result = nb.transact(author, (tx) => {
    for (const [id, row] of [...nb.rows('Logical_Switch')]) {
      const left = row.ports.filter((port) => !isSwitchPort(nb.get('Logical_Switch_Port', port)!.name))
      if (left.length === row.ports.length) continue
      if (withSwitch) tx.delete('Logical_Switch', id)
      else tx.update('Logical_Switch', id, { ports: left })
    }
    for (const [id, row] of [...nb.rows('Logical_Router')]) {
      const left = row.ports.filter((port) => !isRouterPort(nb.get('Logical_Router_Port', port)!.name))
      if (left.length < row.ports.length) tx.update('Logical_Router', id, { ports: left })
    }
  })
  return refusal(result)
}

/** Routes that ovn-ic put on any router of the cluster. */
export function learnedRoutes(nb: Nb): ReadonlyMap<RowId, StaticRouteRow> {
  const learned = new Map<RowId, StaticRouteRow>()
  for (const [id, row] of nb.rows('Logical_Router_Static_Route')) {
    if (row.external_ids['ic-learned-route'] !== undefined) learned.set(id, row)
  }
  return learned
}

/** Removes static routes from whichever router has them. */
export function deleteRoutes(nb: Nb, author: string, routes: readonly RowId[]): string | undefined {
  if (routes.length === 0) return undefined
  const gone = new Set(routes)
  const result = nb.transact(author, (tx) => {
    for (const row of [...nb.rows('Logical_Router').values()]) {
      for (const route of row.static_routes) {
        if (gone.has(route)) disown(nb, tx, row.name, 'router', 'static_routes', route)
      }
    }
  })
  return refusal(result)
}

/** Destroys an AZ's port bindings, gateways and routes in the IC Southbound, then the AZ itself; absent is fine. */
export function cleanIcSouthbound(
  icSb: Database<IcSbTables>,
  author: string,
  azName: string,
): string | undefined {
  const az = icSb.find('Availability_Zone', 'name', azName)
  if (az === undefined) return icSb.available ? undefined : 'the IC Southbound database does not answer'
  for (const table of ['Port_Binding', 'Gateway', 'Route'] as const) {
    const result = icSb.transact(author, (tx) => {
      for (const [id, row] of [...icSb.rows(table)]) if (row.availability_zone === az) tx.delete(table, id)
    })
    if (result.kind === 'refused') return result.message
  }
  return refusal(icSb.transact(author, (tx) => tx.delete('Availability_Zone', az)))
}

function gatewayRows(tx: Transaction<NbTables>, lrp: string, chassis: readonly string[]): RowId[] {
  return chassis.map((name, place) => gatewayRow(tx, lrp, name, gatewayPriority(place)))
}

function gatewayRow(tx: Transaction<NbTables>, lrp: string, chassis_name: string, priority: number): RowId {
  return tx.insert('Gateway_Chassis', { name: `${lrp}-${chassis_name}`, chassis_name, priority })
}

function refusal(result: TransactionResult): string | undefined {
  return result.kind === 'refused' ? result.message : undefined
}
