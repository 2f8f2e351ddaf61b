// The flows of lr_in_ip_routing that northd makes for one router (OVN 23.03, build_static_route_flows_for_lrouter and
// build_ip_routing_flows_for_lrp): priorities RT-1 to RT-6, validity RT-7 and RT-8, ECMP groups EC-1 to EC-3, connected
// networks with the link-local ones scoped by input port (RT-4), route tables numbered by first use (PL-1).
// Surprise: grouping compares prefixes as written. 10.17.0.1/16 and 10.17.0.0/16 stay apart and give two flows of equal
// match (EC-3), and the group's rank is that of its first member alone (EC-1).

import type { RouteAction, RouteFlow, RouteMember } from '../../../model/forwarding.ts'
import type { EcmpOrder } from '../../../model/network.ts'
import type { RoutePriorities } from '../../../model/profile.ts'
import { type Ip, ipKey, isIp4 } from '../../../net/ip.ts'
import { formatPrefix, hostLength, masked } from '../../../net/prefix.ts'
import type { RouterInput, RouterInputPort } from './router-input.ts'
import { parseStaticRoute, routeMember, type StaticRoute } from './static-route.ts'

/** What decides the outcome besides the router itself. */
export interface RouteOptions {
  readonly priorities: RoutePriorities
  /** Pinned member orders; nexthops that are not listed follow in the order of their rows' UUIDs. */
  readonly ecmpOrder: EcmpOrder
}

/** A route that passed, with its way out; `member` is undefined for `discard`. */
interface ValidRoute {
  readonly route: StaticRoute
  readonly routeTable: number
  readonly member: RouteMember | undefined
}

/** All flows of a router: static routes first, then connected ones port by port. */
export function routeFlows(router: RouterInput, options: RouteOptions): readonly RouteFlow[] {
  const flows: RouteFlow[] = []
  let groups = 0
  for (const alike of groupRoutes(validRoutes(router), options.ecmpOrder)) {
    flows.push(staticFlow(alike, alike.length > 1 ? ++groups : 0, options.priorities))
  }
  for (const port of router.ports) connectedFlows(port, options.priorities, flows)
  return flows
}

/** PL-1: numbers of the route tables that ports name, from 1 in port order; the main table is 0. */
export function routeTablesOfPorts(ports: readonly RouterInputPort[]): Map<string, number> {
  const tables = new Map<string, number>()
  for (const { routeTable } of ports) routeTableNumber(tables, routeTable)
  return tables
}

function routeTableNumber(tables: Map<string, number>, name: string): number {
  if (name === '') return 0
  let number = tables.get(name)
  if (number === undefined) {
    number = tables.size + 1
    tables.set(name, number)
  }
  return number
}

function validRoutes(router: RouterInput): readonly ValidRoute[] {
  const tables = routeTablesOfPorts(router.ports)
  const valid: ValidRoute[] = []
  for (const row of router.routes) {
    const route = parseStaticRoute(row)
    if ('problem' in route) continue
    const member = routeMember(router, route)
    if (member !== undefined && 'problem' in member) continue
    // Only routes that passed count as a use of their table.
    valid.push({ route, routeTable: routeTableNumber(tables, row.route_table), member })
  }
  return valid
}

/** EC-1: routes of equal prefix text, kind and table, in the order in which northd numbers the groups. */
function groupRoutes(
  routes: readonly ValidRoute[],
  ecmpOrder: EcmpOrder,
): readonly (readonly ValidRoute[])[] {
  const byKey = new Map<string, ValidRoute[]>()
  const several: ValidRoute[][] = []
  for (const valid of routes) {
    const { prefix, kind } = valid.route
    const key = `${ipKey(prefix.ip)}/${prefix.len} ${isIp4(prefix.ip) ? 4 : 6} ${kind} ${valid.routeTable}`
    const alike = byKey.get(key)
    if (alike === undefined) byKey.set(key, [valid])
    else if (alike.push(valid) === 2) several.push(alike)
  }
  const rank = (valid: ValidRoute): number => {
    const order = ecmpOrder[formatPrefix(masked(valid.route.prefix))] ?? ecmpOrder[''] ?? []
    const index = order.indexOf(valid.route.row.nexthop)
    return index < 0 ? order.length : index
  }
  // The first member keeps the group's rank, so it is looked up before the pinned order moves it.
  const pinned = several.map((alike) => {
    const [first] = alike as [ValidRoute, ...ValidRoute[]]
    const sorted = [...alike].sort((a, b) => rank(a) - rank(b))
    return sorted.map((valid) => ({
      ...valid,
      route: { ...valid.route, connectedOrigin: first.route.connectedOrigin },
    }))
  })
  const singles = [...byKey.values()].filter((alike) => alike.length === 1)
  return [...pinned, ...singles]
}

function staticFlow(alike: readonly ValidRoute[], group: number, priorities: RoutePriorities): RouteFlow {
  const { route, routeTable, member } = alike[0]!
  const prefix = masked(route.prefix)
  const connected = route.connectedOrigin && route.kind === 'dst'
  // RT-3: static destinations of the main table match the main table only; the rest of it matches everywhere.
  const scoped = routeTable !== 0 || (route.kind === 'dst' && !connected)
  const single = alike.length === 1
  return {
    priority: staticPriority(route, prefix.len, priorities),
    routeTable: scoped ? routeTable : undefined,
    kind: route.kind,
    prefix,
    inport: single && member !== undefined && scopedByPort(prefix.ip) ? member.outport : undefined,
    origin: route.origin,
    action: single ? singleAction(member) : ecmpAction(alike, group),
  }
}

function singleAction(member: RouteMember | undefined): RouteAction {
  return member === undefined ? { kind: 'drop' } : { kind: 'forward', member }
}

/** EC-2. A `discard` among the routes of a group has no way out and no part in the choice. */
function ecmpAction(alike: readonly ValidRoute[], group: number): RouteAction {
  const members = alike.map(({ member }) => member).filter((member) => member !== undefined)
  return members.length < 2 ? singleAction(members[0]) : { kind: 'ecmp', group, members }
}

/**
 * RT-4, for static routes too: link-local destinations hold on their own port only. Only fe80::/64 counts; northd takes
 * fe80:a9fe:64::/112, the network of a transit switch, for an ordinary one.
 */
function scopedByPort(network: Ip): boolean {
  return !isIp4(network) && network.w0 === 0xfe800000 && network.w1 === 0
}

function staticPriority(route: StaticRoute, len: number, priorities: RoutePriorities): number {
  if (route.kind === 'src') {
    if (priorities.srcIpFixed === undefined) return len * priorities.multiplier + priorities.srcIp
    return priorities.srcIpFixed + (len === hostLength(route.prefix.ip) ? 1 : 0)
  }
  const offset = route.connectedOrigin
    ? priorities.learnedConnected
    : route.origin === 'learned'
      ? priorities.learnedStatic
      : priorities.staticDst
  return len * priorities.multiplier + offset
}

function connectedFlows(port: RouterInputPort, priorities: RoutePriorities, flows: RouteFlow[]): void {
  for (const network of port.networks) {
    const prefix = masked(network)
    flows.push({
      priority: prefix.len * priorities.multiplier + priorities.connected,
      routeTable: undefined,
      kind: 'dst',
      prefix,
      inport: scopedByPort(prefix.ip) ? port.name : undefined,
      origin: 'connected',
      action: { kind: 'forward', member: { nexthop: undefined, source: network.ip, outport: port.name } },
    })
  }
}
