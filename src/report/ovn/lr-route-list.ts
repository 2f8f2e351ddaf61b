// `ovn-nbctl lr-route-list ROUTER` of OVN 23.03 (ovn-semantics §5.4), byte for byte. Surprise: rows are ordered by the
// address as it was written, with its host bits, but printed masked; so two rows that print alike may stand apart, and
// `ecmp` is only said of neighbours whose unmasked addresses agree.

import type { DatabaseSnapshot, NbTables, StaticRouteRow } from '../../model/tables.ts'
import { compareIp, formatIp, type Ip, parseIp } from '../../net/ip.ts'
import { formatPrefixBare, masked, type Prefix, parsePrefix } from '../../net/prefix.ts'
import { compareText, findNamed, follow, textOf } from './text.ts'

/** A static route with what its order and its text are made of. */
export interface ListedRoute {
  readonly row: StaticRouteRow
  /** As written, host bits kept. */
  readonly written: Prefix
  /** Masked, a host prefix without its length. */
  readonly prefix: string
  /** Canonical address, or `discard`. */
  readonly nexthop: string
  readonly policy: 'dst-ip' | 'src-ip'
  readonly learned: boolean
  /** True when a neighbour in the list has the same table, priority and unmasked address. */
  readonly ecmp: boolean
}

/** Routes of one router in the order of the listing, IPv4 before IPv6; rows with an invalid prefix are left out. */
export function listRoutes(nb: DatabaseSnapshot<NbTables>, router: string): ListedRoute[] {
  const found = findNamed(nb.tables.Logical_Router, router)
  if (found === undefined) return []
  const routes = follow(nb.tables.Logical_Router_Static_Route, found[1].static_routes).flatMap((row) => {
    const written = parsePrefix(row.ip_prefix)
    return written === undefined ? [] : [{ row, written }]
  })
  routes.sort((a, b) => compareKey(a, b) || compareDetails(a.row, b.row))
  return routes.map((route, i) => ({
    ...route,
    prefix: formatPrefixBare(masked(route.written)),
    nexthop: nexthopText(route.row.nexthop),
    policy: route.row.policy ?? 'dst-ip',
    learned: isLearned(route.row),
    ecmp: [routes[i - 1], routes[i + 1]].some(
      (other) => other !== undefined && isIp4(other) === isIp4(route) && compareKey(route, other) === 0,
    ),
  }))
}

/** The listing of one router; empty when it has no routes or does not exist. */
export function lrRouteList(nb: DatabaseSnapshot<NbTables>, router: string): string {
  const routes = listRoutes(nb, router)
  const blocks = [
    { title: 'IPv4 Routes', routes: routes.filter(isIp4) },
    { title: 'IPv6 Routes', routes: routes.filter((route) => !isIp4(route)) },
  ]
  const lines: string[] = []
  for (const block of blocks.filter((one) => one.routes.length > 0)) {
    if (lines.length > 0) lines.push('')
    lines.push(block.title)
    for (const [i, route] of block.routes.entries()) {
      const table = route.row.route_table
      if (i === 0 || block.routes[i - 1]!.row.route_table !== table) {
        if (i > 0) lines.push('')
        lines.push(`Route Table ${table === '' ? '<main>' : table}:`)
      }
      lines.push(routeLine(route))
    }
  }
  return textOf(lines)
}

function routeLine(route: ListedRoute): string {
  const { row } = route
  const marks = [
    row.output_port,
    route.learned ? '(learned)' : undefined,
    route.ecmp ? 'ecmp' : undefined,
    row.options.ecmp_symmetric_reply === 'true' ? 'ecmp-symmetric-reply' : undefined,
  ].filter((mark) => mark !== undefined)
  const columns = `${route.prefix.padStart(25)} ${route.nexthop.padStart(25)} ${route.policy}`
  return [columns, ...marks].join(' ')
}

/** ovn-ic marks what it learned with the UUID of the IC-SB row (LRN-2). */
export function isLearned(row: StaticRouteRow): boolean {
  return row.external_ids['ic-learned-route'] !== undefined
}

interface Sortable {
  readonly row: StaticRouteRow
  readonly written: Prefix
}

/** The family, the table, longer prefixes first (dst-ip before src-ip of one length), the address as written. */
function compareKey(a: Sortable, b: Sortable): number {
  return (
    Number(isIp4(b)) - Number(isIp4(a)) ||
    compareText(a.row.route_table, b.row.route_table) ||
    priorityOf(b) - priorityOf(a) ||
    compareIp(a.written.ip, b.written.ip)
  )
}

function compareDetails(a: StaticRouteRow, b: StaticRouteRow): number {
  return compareText(a.nexthop, b.nexthop) || compareText(a.output_port ?? '', b.output_port ?? '')
}

function priorityOf(route: Sortable): number {
  return 2 * route.written.len + (route.row.policy === 'src-ip' ? 0 : 1)
}

function isIp4(route: { readonly written: { readonly ip: Ip } }): boolean {
  return typeof route.written.ip === 'number'
}

function nexthopText(nexthop: string): string {
  if (nexthop === 'discard') return nexthop
  const ip = parseIp(nexthop)
  return ip === undefined ? '' : formatIp(ip)
}
