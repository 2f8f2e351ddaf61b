// One Logical_Router_Static_Route row, parsed and judged (northd's parsed_routes_add and find_static_route_outport, OVN
// 23.03; rules RT-7 and RT-8). What a row says does not depend on the router, so it is parsed once per row object; equal
// learned routes of many clusters are one object.

import type { RouteMember } from '../../../model/forwarding.ts'
import type { StaticRouteRow } from '../../../model/tables.ts'
import { type Ip, isIp4 } from '../../../net/ip.ts'
import { hostLength, type Prefix, parsePrefix } from '../../../net/prefix.ts'
import { memberAddress, portTowards, type RouterInput } from './router-input.ts'

/** What a row says. `prefix` keeps its host bits, which count for grouping (EC-3). */
export interface StaticRoute {
  readonly row: StaticRouteRow
  readonly prefix: Prefix
  /** `discard`, or an address; undefined where the column is empty. */
  readonly nexthop: Ip | 'discard' | undefined
  readonly kind: 'dst' | 'src'
  /** RT-2: `options:origin` is `connected`, which lifts the route to the rank of connected ones. */
  readonly connectedOrigin: boolean
  readonly origin: 'static' | 'learned'
}

/** Why northd leaves a row out, in the words of its log. */
export interface RouteProblem {
  readonly problem: string
}

/** RT-8: parses a row, or says what is wrong with it by itself. */
export function parseStaticRoute(row: StaticRouteRow): StaticRoute | RouteProblem {
  let parsed = PARSED.get(row)
  if (parsed === undefined) {
    parsed = parse(row)
    PARSED.set(row, parsed)
  }
  return parsed
}

/**
 * RT-7: through which port a route leaves, and with which own address; undefined for `discard`. A problem where no port
 * leads to the nexthop: northd then leaves the route out.
 */
export function routeMember(router: RouterPorts, route: StaticRoute): RouteMember | RouteProblem | undefined {
  const { nexthop, row } = route
  if (nexthop === 'discard') return undefined
  if (row.output_port !== undefined) {
    const port = router.ports.find(({ name }) => name === row.output_port)
    if (port === undefined)
      return { problem: `Bad out port ${row.output_port} for static route ${row.ip_prefix}` }
    const isOf4 = isIp4(route.prefix.ip)
    const source =
      (nexthop === undefined ? undefined : memberAddress(port, nexthop)) ??
      port.networks.find(({ ip }) => isIp4(ip) === isOf4)?.ip
    if (source !== undefined) return { nexthop, source, outport: port.name }
  } else if (nexthop !== undefined) {
    const found = portTowards(router, nexthop)
    if (found !== undefined) return { nexthop, source: found.address, outport: found.port.name }
  }
  return { problem: `No path for static route ${row.ip_prefix}; next hop ${row.nexthop}` }
}

/** What northd says about a row that it leaves out of this router; undefined for a row that it takes. */
export function routeProblem(router: RouterPorts, row: StaticRouteRow): string | undefined {
  return routeJudge(router)(row)
}

/** `routeProblem` for many rows of one router: ten thousand learned routes share a thousand nexthops, each looked up once. */
export function routeJudge(router: RouterPorts): (row: StaticRouteRow) => string | undefined {
  const reachable = new Set<string>()
  return (row) => {
    const route = parseStaticRoute(row)
    if ('problem' in route) return route.problem
    if (row.output_port === undefined && reachable.has(row.nexthop)) return undefined
    const member = routeMember(router, route)
    if (member !== undefined && 'problem' in member) return member.problem
    if (row.output_port === undefined) reachable.add(row.nexthop)
    return undefined
  }
}

type RouterPorts = Pick<RouterInput, 'ports'>

const PARSED = new WeakMap<StaticRouteRow, StaticRoute | RouteProblem>()

function parse(row: StaticRouteRow): StaticRoute | RouteProblem {
  let nexthop: Ip | 'discard' | undefined
  if (row.nexthop === 'discard') {
    nexthop = 'discard'
  } else if (row.nexthop !== '') {
    const parsed = parsePrefix(row.nexthop)
    if (parsed === undefined) return { problem: `bad 'nexthop' ${row.nexthop} in static route` }
    if (parsed.len !== hostLength(parsed.ip))
      return { problem: `bad next hop mask ${row.nexthop} in static route` }
    nexthop = parsed.ip
  }
  const prefix = parsePrefix(row.ip_prefix)
  if (prefix === undefined) return { problem: `bad 'ip_prefix' ${row.ip_prefix} in static route` }
  if (nexthop !== undefined && nexthop !== 'discard' && isIp4(nexthop) !== isIp4(prefix.ip)) {
    return {
      problem:
        `Address family doesn't match between 'ip_prefix' ${row.ip_prefix} and 'nexthop' ${row.nexthop} ` +
        'in static route',
    }
  }
  return {
    row,
    prefix,
    nexthop,
    kind: row.policy === 'src-ip' ? 'src' : 'dst',
    connectedOrigin: row.options.origin === 'connected',
    origin: 'ic-learned-route' in row.external_ids ? 'learned' : 'static',
  }
}
