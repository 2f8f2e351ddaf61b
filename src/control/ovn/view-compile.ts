// Compiles what northd worked from last, and the Southbound database, into the datapaths of a LogicalView: what
// ovn-controller's lflow.c and physical.c make of Logical_Flow and Port_Binding.
// A datapath is made anew only when one of its ingredients differs from those of the last one.

import type {
  LogicalDatapath,
  LogicalRouter,
  LogicalSwitch,
  LogicalView,
  PolicyFlow,
  PortRef,
  RouteFlow,
  RouterPort,
  SwitchPort,
} from '../../model/forwarding.ts'
import type {
  DatabaseSnapshot,
  LogicalRouterPortRow,
  LogicalRouterRow,
  LogicalSwitchPortRow,
  LogicalSwitchRow,
  NbTables,
  RowId,
  SbPortBindingRow,
  SbTables,
} from '../../model/tables.ts'
import type { Ip } from '../../net/ip.ts'
import { type Mac, parseMac } from '../../net/mac.ts'
import { parsePrefix } from '../../net/prefix.ts'
import { redirectPort } from './northd/plan.ts'
import { policyFlows } from './northd/policies.ts'
import { routerInput, routerInputPort, routerInputPorts } from './northd/router-input.ts'
import { type RouteOptions, routeFlows, routeTablesOfPorts } from './northd/routes.ts'

/** What a view depends on besides the databases. */
export interface ViewOptions extends RouteOptions {
  readonly cluster: string
  readonly ecmpHash: LogicalView['ecmpHash']
}

/** A datapath with what it was made of: equal ingredients, same object. */
export interface Compiled {
  readonly ingredients: readonly unknown[]
  readonly datapath: LogicalDatapath
}

/** Everything in a view, and what the next one can take over from it. */
export interface ViewContents {
  readonly datapaths: ReadonlyMap<number, LogicalDatapath>
  readonly byName: ReadonlyMap<string, LogicalDatapath>
  readonly switchOfPort: ReadonlyMap<string, number>
  readonly compiled: ReadonlyMap<RowId, Compiled>
}

/** Rows of both databases, indexed as compiling needs them. */
interface Sources {
  readonly options: ViewOptions
  readonly nb: DatabaseSnapshot<NbTables>
  readonly sb: DatabaseSnapshot<SbTables>
  readonly bindingsOf: ReadonlyMap<RowId, readonly SbPortBindingRow[]>
  readonly bindingByPort: ReadonlyMap<string, SbPortBindingRow>
  readonly lspByName: ReadonlyMap<string, LogicalSwitchPortRow>
  readonly lrpByName: ReadonlyMap<string, LogicalRouterPortRow>
}

/** Compiles a view; `last` gives what need not be made again. */
export function compileView(
  options: ViewOptions,
  nb: DatabaseSnapshot<NbTables>,
  sb: DatabaseSnapshot<SbTables>,
  last: ViewContents | undefined,
): ViewContents {
  const sources = index(options, nb, sb)
  const compiled = new Map<RowId, Compiled>()
  for (const [id, { kind, nb: row }] of sb.tables.Datapath_Binding) {
    const logicalSwitch = kind === 'switch' ? nb.tables.Logical_Switch.get(row) : undefined
    const router = kind === 'router' ? nb.tables.Logical_Router.get(row) : undefined
    if (logicalSwitch !== undefined)
      compiled.set(id, compileSwitch(sources, id, logicalSwitch, last?.compiled.get(id)))
    if (router !== undefined) compiled.set(id, compileRouter(sources, id, router, last?.compiled.get(id)))
  }
  const all = [...compiled.values()].map(({ datapath }) => datapath).sort((a, b) => a.key - b.key)
  const switchOfPort = new Map<string, number>()
  for (const datapath of all) {
    if (datapath.kind === 'switch')
      for (const port of datapath.ports) switchOfPort.set(port.name, datapath.key)
  }
  return {
    datapaths: new Map(all.map((datapath) => [datapath.key, datapath])),
    byName: new Map(all.map((datapath) => [datapath.name, datapath])),
    switchOfPort,
    compiled,
  }
}

function index(
  options: ViewOptions,
  nb: DatabaseSnapshot<NbTables>,
  sb: DatabaseSnapshot<SbTables>,
): Sources {
  const bindingsOf = new Map<RowId, SbPortBindingRow[]>()
  for (const row of sb.tables.Port_Binding.values()) {
    const list = bindingsOf.get(row.datapath)
    if (list === undefined) bindingsOf.set(row.datapath, [row])
    else list.push(row)
  }
  const named = <Row extends { readonly name: string }>(rows: Iterable<Row>): ReadonlyMap<string, Row> =>
    new Map(Array.from(rows, (row) => [row.name, row]))
  return {
    options,
    nb,
    sb,
    bindingsOf,
    bindingByPort: new Map(Array.from(sb.tables.Port_Binding.values(), (row) => [row.logical_port, row])),
    lspByName: named(nb.tables.Logical_Switch_Port.values()),
    lrpByName: named(nb.tables.Logical_Router_Port.values()),
  }
}

function compileSwitch(
  sources: Sources,
  id: RowId,
  row: LogicalSwitchRow,
  last: Compiled | undefined,
): Compiled {
  const { tunnel_key } = sources.sb.tables.Datapath_Binding.get(id)!
  const transit = row.other_config['interconn-ts'] !== undefined
  const bindings = sources.bindingsOf.get(id) ?? []
  const ingredients: unknown[] = [row.name, tunnel_key, transit]
  for (const binding of bindings) {
    const lsp = sources.lspByName.get(binding.logical_port)
    const peer = peerOf(sources, binding)
    const lrp = peer === undefined ? undefined : sources.lrpByName.get(peer.port)
    ingredients.push(
      binding.logical_port,
      binding.tunnel_key,
      binding.type,
      chassisName(sources, binding.chassis),
    )
    ingredients.push(lsp?.addresses, lrp, peer?.datapath)
  }
  if (last !== undefined && sameItems(last.ingredients, ingredients)) return last
  const ports = bindings.map((binding) => switchPort(sources, binding)).sort((a, b) => a.key - b.key)
  const datapath: LogicalSwitch = {
    kind: 'switch',
    name: row.name,
    key: tunnel_key,
    transit,
    ports,
    ...byKeyAndName(ports),
  }
  return { ingredients, datapath }
}

function switchPort(sources: Sources, binding: SbPortBindingRow): SwitchPort {
  const name = binding.logical_port
  const common = { name, key: binding.tunnel_key }
  if (binding.type === 'patch') {
    const peer = peerOf(sources, binding)
    const lrp = peer === undefined ? undefined : sources.lrpByName.get(peer.port)
    const port = lrp === undefined ? undefined : routerInputPort(lrp)
    const ips = port?.networks.map(({ ip }) => ip) ?? []
    return { kind: 'router', ...common, chassis: undefined, mac: port?.mac, ips, peer }
  }
  const kind = binding.type === 'remote' ? 'remote' : 'vif'
  const address = parseAddresses(sources.lspByName.get(name)?.addresses ?? [])
  return { kind, ...common, chassis: chassisName(sources, binding.chassis), ...address, peer: undefined }
}

function compileRouter(
  sources: Sources,
  id: RowId,
  row: LogicalRouterRow,
  last: Compiled | undefined,
): Compiled {
  const { nb, sb, options } = sources
  const { tunnel_key } = sb.tables.Datapath_Binding.get(id)!
  const bindings = (sources.bindingsOf.get(id) ?? []).filter(({ type }) => type === 'patch')
  const { name, ports, static_routes, policies } = row
  const ingredients: unknown[] = [name, tunnel_key, ports, static_routes, policies]
  // Rows edited in place leave the router's own row as it is, hence the tables.
  ingredients.push(
    nb.tables.Logical_Router_Static_Route,
    nb.tables.Logical_Router_Policy,
    nb.tables.Address_Set,
  )
  for (const binding of bindings) {
    const redirect = sources.bindingByPort.get(redirectPort(binding.logical_port))
    const group =
      redirect?.ha_chassis_group === undefined
        ? undefined
        : sb.tables.HA_Chassis_Group.get(redirect.ha_chassis_group)
    ingredients.push(
      binding.tunnel_key,
      sources.lrpByName.get(binding.logical_port),
      peerOf(sources, binding)?.datapath,
    )
    ingredients.push(
      binding.options.peer,
      redirect?.tunnel_key,
      chassisName(sources, redirect?.chassis),
      group?.members,
    )
  }
  if (last !== undefined && sameItems(last.ingredients, ingredients)) return last
  const tables = routeTablesOfPorts(routerInputPorts(nb, row))
  const list = bindings
    .map((binding) => routerPort(sources, binding, tables))
    .filter((port) => port !== undefined)
    .sort((a, b) => a.key - b.key)
  return { ingredients, datapath: new LazyRouter(name, tunnel_key, list, nb, row, options) }
}

/** A router whose flows are made when they are asked for; a learned table may have ten thousand. */
class LazyRouter implements LogicalRouter {
  readonly kind = 'router'
  readonly name: string
  readonly key: number
  readonly ports: readonly RouterPort[]
  readonly portByKey: ReadonlyMap<number, RouterPort>
  readonly portByName: ReadonlyMap<string, RouterPort>
  readonly #makeRoutes: () => readonly RouteFlow[]
  readonly #makePolicies: () => readonly PolicyFlow[]
  #routes: readonly RouteFlow[] | undefined
  #policies: readonly PolicyFlow[] | undefined

  constructor(
    name: string,
    key: number,
    ports: readonly RouterPort[],
    nb: DatabaseSnapshot<NbTables>,
    row: LogicalRouterRow,
    options: ViewOptions,
  ) {
    this.name = name
    this.key = key
    this.ports = ports
    const { portByKey, portByName } = byKeyAndName(ports)
    this.portByKey = portByKey
    this.portByName = portByName
    this.#makeRoutes = () => routeFlows(routerInput(nb, row), options)
    this.#makePolicies = () => policyFlows(routerInput(nb, { ...row, static_routes: [] }))
  }

  get routes(): readonly RouteFlow[] {
    this.#routes ??= this.#makeRoutes()
    return this.#routes
  }

  get policies(): readonly PolicyFlow[] {
    this.#policies ??= this.#makePolicies()
    return this.#policies
  }
}

function routerPort(
  sources: Sources,
  binding: SbPortBindingRow,
  tables: ReadonlyMap<string, number>,
): RouterPort | undefined {
  const name = binding.logical_port
  const lrp = sources.lrpByName.get(name)
  const port = lrp === undefined ? undefined : routerInputPort(lrp)
  if (lrp === undefined || port === undefined) return undefined
  const mtu = Number(lrp.options.gateway_mtu ?? Number.NaN)
  return {
    name,
    key: binding.tunnel_key,
    mac: port.mac,
    networks: port.networks,
    peer: peerOf(sources, binding),
    routeTable: tables.get(port.routeTable) ?? 0,
    gatewayMtu: Number.isInteger(mtu) && mtu > 0 ? mtu : undefined,
    gateway: gatewayPort(sources, name),
  }
}

function gatewayPort(sources: Sources, lrp: string): RouterPort['gateway'] {
  const redirect = sources.bindingByPort.get(redirectPort(lrp))
  const group = sources.sb.tables.HA_Chassis_Group.get(redirect?.ha_chassis_group ?? 0)
  if (redirect === undefined || group === undefined) return undefined
  return {
    redirectPort: redirect.logical_port,
    redirectKey: redirect.tunnel_key,
    members: group.members.map(({ chassis_name, priority }) => ({ chassis: chassis_name, priority })),
    boundTo: chassisName(sources, redirect.chassis),
  }
}

/** The other end of a patch, if it exists. */
function peerOf(sources: Sources, binding: SbPortBindingRow): PortRef | undefined {
  const peer = binding.type === 'patch' ? sources.bindingByPort.get(binding.options.peer ?? '') : undefined
  const datapath = peer === undefined ? undefined : sources.sb.tables.Datapath_Binding.get(peer.datapath)
  return peer === undefined || datapath === undefined
    ? undefined
    : { datapath: datapath.tunnel_key, port: peer.logical_port }
}

function chassisName(sources: Sources, id: RowId | undefined): string | undefined {
  return id === undefined ? undefined : sources.sb.tables.Chassis.get(id)?.name
}

/** The first `MAC [IP[/len] …]` of a switch port's addresses; `unknown`, `router` and `dynamic` have none. */
function parseAddresses(addresses: readonly string[]): {
  readonly mac: Mac | undefined
  readonly ips: readonly Ip[]
} {
  for (const text of addresses) {
    const [first, ...rest] = text.trim().split(/\s+/)
    const mac = parseMac(first ?? '')
    if (mac === undefined) continue
    return {
      mac,
      ips: rest
        .map(parsePrefix)
        .filter((prefix) => prefix !== undefined)
        .map(({ ip }) => ip),
    }
  }
  return { mac: undefined, ips: [] }
}

function byKeyAndName<Port extends { readonly key: number; readonly name: string }>(
  ports: readonly Port[],
): { readonly portByKey: ReadonlyMap<number, Port>; readonly portByName: ReadonlyMap<string, Port> } {
  return {
    portByKey: new Map(ports.map((port) => [port.key, port])),
    portByName: new Map(ports.map((port) => [port.name, port])),
  }
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}
