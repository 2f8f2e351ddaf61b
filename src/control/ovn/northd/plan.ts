// What northd wants to see in the Southbound database, worked out from the Northbound alone: datapaths and the ports on
// them, and which routers are joined through switches.
// A distributed gateway port (LR-1) has two bindings: the `patch` port itself and `cr-<port>` right after it.

import type {
  DatabaseSnapshot,
  LogicalRouterPortRow,
  LogicalSwitchPortRow,
  NbTables,
  RowId,
  SbPortBindingRow,
} from '../../../model/tables.ts'
import { requestedKey } from './keys.ts'
import { inUuidOrder } from './router-input.ts'

/** A datapath to be: a switch or a router. */
export interface PlannedDatapath {
  readonly nb: RowId
  readonly name: string
  readonly kind: 'switch' | 'router'
  readonly requested: number | undefined
  readonly ports: readonly PlannedPort[]
}

/** A port binding to be; the columns that northd owns. */
export interface PlannedPort {
  /** The port it stands for; `cr-` ports share it with the port they redirect. */
  readonly nb: RowId
  readonly name: string
  readonly requested: number | undefined
  readonly columns: Pick<SbPortBindingRow, 'type' | 'mac' | 'options'>
  /** HA-1: name of the HA_Chassis_Group, for `cr-` ports. */
  readonly group: string | undefined
}

/** A gateway port with the router it belongs to. */
export interface PlannedGateway {
  readonly router: RowId
  readonly port: LogicalRouterPortRow
}

export interface SouthboundPlan {
  /** Switches before routers; each kind in UUID order. */
  readonly datapaths: readonly PlannedDatapath[]
  readonly gateways: readonly PlannedGateway[]
  /** Routers that each switch has a port to, by Northbound rows. */
  readonly routersOf: ReadonlyMap<RowId, readonly RowId[]>
}

/** Plans the whole Southbound content of an AZ. */
export function planSouthbound(nb: DatabaseSnapshot<NbTables>): SouthboundPlan {
  const { tables } = nb
  const routerOfPort = new Map<string, RowId>()
  const peerOfPort = new Map<string, string>()
  for (const [id, router] of tables.Logical_Router) {
    for (const port of router.ports) {
      const row = tables.Logical_Router_Port.get(port)
      if (row !== undefined) routerOfPort.set(row.name, id)
    }
  }
  const routersOf = new Map<RowId, RowId[]>()
  for (const [id, row] of tables.Logical_Switch) {
    const routers: RowId[] = []
    for (const port of row.ports) {
      const lsp = tables.Logical_Switch_Port.get(port)
      const peer = lsp?.type === 'router' ? lsp.options['router-port'] : undefined
      if (lsp === undefined || peer === undefined) continue
      peerOfPort.set(peer, lsp.name)
      const router = routerOfPort.get(peer)
      if (router !== undefined) routers.push(router)
    }
    routersOf.set(id, routers)
  }
  const switches = inUuidOrder(nb, [...tables.Logical_Switch.keys()]).map((id) => planSwitch(nb, id))
  const gateways: PlannedGateway[] = []
  const routers = inUuidOrder(nb, [...tables.Logical_Router.keys()]).map((id) =>
    planRouter(nb, id, peerOfPort, gateways),
  )
  return { datapaths: [...switches, ...routers], gateways, routersOf }
}

function planSwitch(nb: DatabaseSnapshot<NbTables>, id: RowId): PlannedDatapath {
  const row = nb.tables.Logical_Switch.get(id)!
  const ports: PlannedPort[] = []
  for (const port of row.ports) {
    const lsp = nb.tables.Logical_Switch_Port.get(port)
    if (lsp !== undefined) ports.push({ nb: port, name: lsp.name, ...planSwitchPort(lsp), group: undefined })
  }
  return { nb: id, name: row.name, kind: 'switch', requested: requestedKey(row.other_config), ports }
}

/** What a switch port's row says by itself; remote ports of many AZs are one row, and so is what is planned for them. */
function planSwitchPort(row: LogicalSwitchPortRow): Pick<PlannedPort, 'requested' | 'columns'> {
  let planned = PLANNED.get(row)
  if (planned === undefined) {
    const router = row.type === 'router'
    const peer = row.options['router-port']
    planned = {
      requested: requestedKey(row.options),
      columns: {
        type: router ? 'patch' : row.type,
        mac: row.addresses,
        options: router && peer !== undefined ? { peer } : NO_OPTIONS,
      },
    }
    PLANNED.set(row, planned)
  }
  return planned
}

const PLANNED = new WeakMap<LogicalSwitchPortRow, Pick<PlannedPort, 'requested' | 'columns'>>()

function planRouter(
  nb: DatabaseSnapshot<NbTables>,
  id: RowId,
  peerOfPort: ReadonlyMap<string, string>,
  gateways: PlannedGateway[],
): PlannedDatapath {
  const row = nb.tables.Logical_Router.get(id)!
  const ports = row.ports.flatMap((port): PlannedPort[] => {
    const lrp = nb.tables.Logical_Router_Port.get(port)
    if (lrp === undefined) return []
    const peer = peerOfPort.get(lrp.name)
    // PB-2: this text, with every network, is what other AZs see as the port's address.
    const mac = [[lrp.mac, ...lrp.networks].join(' ')]
    const requested = requestedKey(lrp.options)
    const options = peer === undefined ? NO_OPTIONS : { peer }
    const patch: PlannedPort = {
      nb: port,
      name: lrp.name,
      requested,
      columns: { type: 'patch', mac, options },
      group: undefined,
    }
    if (lrp.gateway_chassis.length === 0) return [patch]
    gateways.push({ router: id, port: lrp })
    const redirect: PlannedPort = {
      nb: port,
      name: redirectPort(lrp.name),
      requested: undefined,
      columns: { type: 'chassisredirect', mac, options: { 'distributed-port': lrp.name } },
      group: lrp.name,
    }
    return [patch, redirect]
  })
  return { nb: id, name: row.name, kind: 'router', requested: requestedKey(row.options), ports }
}

/** Name of the binding through which a gateway port is claimed. */
export function redirectPort(lrp: string): string {
  return `cr-${lrp}`
}

/**
 * The gateway ports that each switch can reach: those of all routers joined to it, directly or over further switches
 * (northd's lr_groups). By Northbound row of the switch; names of router ports.
 */
export function gatewaysReachedBy(plan: SouthboundPlan): ReadonlyMap<RowId, readonly string[]> {
  const parent = new Map<RowId, RowId>()
  const root = (id: RowId): RowId => {
    let at = id
    for (let up = parent.get(at); up !== undefined; up = parent.get(at)) at = up
    return at
  }
  for (const [first, ...others] of plan.routersOf.values()) {
    for (const other of others) {
      const from = root(other)
      if (from !== root(first!)) parent.set(from, root(first!))
    }
  }
  const gateways = new Map<RowId, string[]>()
  for (const { router, port } of plan.gateways) {
    const list = gateways.get(root(router))
    if (list === undefined) gateways.set(root(router), [port.name])
    else list.push(port.name)
  }
  const reached = new Map<RowId, readonly string[]>()
  for (const [id, [first]] of plan.routersOf) {
    const list = first === undefined ? undefined : gateways.get(root(first))
    if (list !== undefined) reached.set(id, list)
  }
  return reached
}

const NO_OPTIONS: Readonly<Record<string, string>> = {}
