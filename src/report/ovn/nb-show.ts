// `ovn-nbctl show` of OVN 23.03 (ovn-semantics §5.3). The real tool prints switches, routers and ports in the order of
// their random UUIDs, which says nothing; here they stand in the order in which they were created. Its `gateway chassis`
// is in UUID order too (it does not fetch the priorities); here the highest priority comes first.

import type {
  DatabaseSnapshot,
  LogicalRouterPortRow,
  LogicalSwitchPortRow,
  NbTables,
} from '../../model/tables.ts'
import { gatewaysInOrder } from './gateway-chassis.ts'
import { compareText, follow, textOf } from './text.ts'

/** All switches, then all routers, with their ports. */
export function nbShow(nb: DatabaseSnapshot<NbTables>): string {
  const { Logical_Switch, Logical_Switch_Port, Logical_Router, Logical_Router_Port } = nb.tables
  const lines: string[] = []
  for (const [id, row] of Logical_Switch) {
    lines.push(`switch ${nb.uuid(id)} (${row.name})`)
    for (const port of follow(Logical_Switch_Port, row.ports)) lines.push(...switchPortLines(port))
  }
  for (const [id, row] of Logical_Router) {
    lines.push(`router ${nb.uuid(id)} (${row.name})`)
    for (const port of follow(Logical_Router_Port, row.ports)) lines.push(...routerPortLines(nb, port))
  }
  return textOf(lines)
}

function switchPortLines(port: LogicalSwitchPortRow): string[] {
  const lines = [`    port ${port.name}`]
  if (port.type !== '') lines.push(`        type: ${port.type}`)
  const onlyRouter = port.addresses.length === 1 && port.addresses[0] === 'router'
  if (port.addresses.length > 0 && !onlyRouter) lines.push(`        addresses: ${quotedSet(port.addresses)}`)
  const peer = port.options['router-port']
  if (peer !== undefined) lines.push(`        router-port: ${peer}`)
  return lines
}

function routerPortLines(nb: DatabaseSnapshot<NbTables>, port: LogicalRouterPortRow): string[] {
  const lines = [`    port ${port.name}`, `        mac: "${port.mac}"`]
  if (port.networks.length > 0) lines.push(`        networks: ${quotedSet(port.networks)}`)
  const table = port.options.route_table
  if (table !== undefined) lines.push(`        route-table: ${table}`)
  const gateways = gatewaysInOrder(nb, port).map((gateway) => gateway.chassis_name)
  if (gateways.length > 0) lines.push(`        gateway chassis: [${gateways.join(' ')}]`)
  return lines
}

/** ovsdb keeps sets of strings sorted. */
function quotedSet(values: readonly string[]): string {
  return `[${[...values]
    .sort(compareText)
    .map((value) => `"${value}"`)
    .join(', ')}]`
}
