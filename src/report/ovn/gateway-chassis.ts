// `ovn-nbctl lrp-get-gateway-chassis PORT` of OVN 23.03 (ovn-semantics §5.5), byte for byte: descending priority, and
// among equal ones the names backwards, which is also the order of HA-2.

import type {
  DatabaseSnapshot,
  GatewayChassisRow,
  LogicalRouterPortRow,
  NbTables,
} from '../../model/tables.ts'
import { compareText, findNamed, follow, textOf } from './text.ts'

/** Gateway chassis of a port, the preferred one first. */
export function gatewaysInOrder(
  nb: DatabaseSnapshot<NbTables>,
  port: LogicalRouterPortRow,
): GatewayChassisRow[] {
  const rows = follow(nb.tables.Gateway_Chassis, port.gateway_chassis)
  return rows.sort((a, b) => b.priority - a.priority || compareText(b.name, a.name))
}

/** The listing of one router port; empty when it has no gateway chassis or does not exist. */
export function lrpGetGatewayChassis(nb: DatabaseSnapshot<NbTables>, lrp: string): string {
  const found = findNamed(nb.tables.Logical_Router_Port, lrp)
  if (found === undefined) return ''
  return textOf(gatewaysInOrder(nb, found[1]).map((row) => `${row.name} ${String(row.priority).padStart(5)}`))
}
