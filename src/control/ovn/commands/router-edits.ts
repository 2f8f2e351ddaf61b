// Static routes and policies of a router, as ovn-nbctl(8) edits them.
// Surprise: lr-route-add masks the prefix before it is stored (10.1.2.3/16 becomes 10.1.0.0/16, a host loses its length), while a
// row made with `create` keeps what was written; ovn-ic publishes either verbatim (ADV-8).

import type { RouterPolicyRow, RowId, StaticRouteRow } from '../../../model/tables.ts'
import { familyOf, formatIp, parseIp } from '../../../net/ip.ts'
import { formatPrefixBare, hostLength, masked, type Prefix, parsePrefix } from '../../../net/prefix.ts'
import { fail } from './failure.ts'
import { existing, type Northbound } from './northbound.ts'

export interface RouteOptions {
  readonly policy?: string
  readonly routeTable?: string
  readonly outputPort?: string
  readonly ecmp?: boolean
  readonly mayExist?: boolean
  /** Keeps host bits and a missing length, as a row created directly does (ADV-8); `lr-route-add` itself masks. */
  readonly asWritten?: boolean
}

/** `lr-route-add`. */
export function addRoute(
  nb: Northbound,
  router: RowId,
  prefixText: string,
  nexthopText: string,
  options: RouteOptions,
): void {
  const policy = routePolicy(options.policy)
  const prefix = parsePrefix(prefixText) ?? fail(`bad prefix argument: ${prefixText}`)
  const nexthop = nexthopText === 'discard' ? nexthopText : parseNexthop(prefix, nexthopText)
  const { outputPort, routeTable = '' } = options
  if (outputPort !== undefined) existing(nb, 'Logical_Router_Port', outputPort)
  if (options.ecmp === true && nexthop === 'discard') fail('ecmp is not valid for discard routes.')
  const ip_prefix = normalised(prefix)
  const same = routesOf(nb, router).filter(([, row]) => {
    return (
      row.route_table === routeTable &&
      isPolicy(row, policy ?? 'dst-ip') &&
      normalisedText(row.ip_prefix) === ip_prefix
    )
  })
  const row: StaticRouteRow = {
    ip_prefix: options.asWritten === true ? prefixText : ip_prefix,
    nexthop,
    policy,
    route_table: routeTable,
    output_port: outputPort,
    options: {},
    external_ids: {},
  }
  if (options.ecmp === true) {
    const twin = same.find(
      ([, other]) => other.nexthop === nexthop && (outputPort ?? other.output_port) === other.output_port,
    )
    if (twin !== undefined && options.mayExist !== true) fail('duplicate nexthop for the same ECMP route')
    if (twin !== undefined) return
  } else if (same.length > 0) {
    if (options.mayExist !== true) {
      const which = `${ip_prefix} (policy: ${policy ?? 'dst-ip'})`
      fail(`duplicate prefix: ${which}. Use option --ecmp to allow this for ECMP routing.`)
    }
    const [id, before] = same[0]!
    const columns = {
      ip_prefix,
      nexthop,
      policy: policy ?? before.policy,
      output_port: outputPort ?? before.output_port,
    }
    nb.write.update('Logical_Router_Static_Route', id, columns)
    return
  }
  const added = nb.write.insert('Logical_Router_Static_Route', row)
  const { static_routes } = nb.database.get('Logical_Router', router)!
  nb.write.update('Logical_Router', router, { static_routes: [...static_routes, added] })
}

/** What `lr-route-del` was told; all routes when nothing but a router. */
export interface RouteSelection {
  readonly prefix?: string | undefined
  readonly nexthop?: string | undefined
  readonly outputPort?: string | undefined
  readonly policy?: string | undefined
  readonly routeTable?: string | undefined
  readonly ifExists: boolean
}

/** `lr-route-del`. Without prefix and policy it removes every route, whatever the route table (as ovn-nbctl does). */
export function removeRoutes(nb: Northbound, router: RowId, selection: RouteSelection): void {
  const policy = routePolicy(selection.policy)
  const { prefix: prefixText, nexthop, outputPort, routeTable } = selection
  if (prefixText === undefined && policy === undefined) {
    nb.write.update('Logical_Router', router, { static_routes: [] })
    return
  }
  const prefix = prefixText === undefined ? undefined : normalisedText(prefixText)
  if (prefixText !== undefined && prefix === undefined) fail(`bad prefix argument: ${prefixText}`)
  const gone = new Set<RowId>()
  for (const [id, row] of routesOf(nb, router)) {
    if (policy !== undefined && !isPolicy(row, policy)) continue
    if (prefix !== undefined && normalisedText(row.ip_prefix) !== prefix) continue
    if (routeTable !== undefined && row.route_table !== routeTable) continue
    if (nexthop !== undefined && normalisedNexthop(row.nexthop) !== normalisedNexthop(nexthop)) continue
    if (outputPort !== undefined && row.output_port !== outputPort) continue
    gone.add(id)
  }
  if (gone.size === 0 && prefix !== undefined && !selection.ifExists) {
    fail(
      `no matching route: policy '${selection.policy ?? 'any'}', prefix '${prefix}', ` +
        `nexthop '${nexthop ?? 'any'}', output_port '${outputPort ?? 'any'}'.`,
    )
  }
  const { static_routes } = nb.database.get('Logical_Router', router)!
  nb.write.update('Logical_Router', router, { static_routes: static_routes.filter((id) => !gone.has(id)) })
}

/** `lr-policy-add`. */
export function addPolicy(
  nb: Northbound,
  router: RowId,
  { priority, match, action, nexthops }: Omit<RouterPolicyRow, 'external_ids'>,
  mayExist: boolean,
): void {
  if (action === 'reroute' && nexthops.length === 0) fail('Nexthop is required when action is reroute.')
  for (const nexthop of nexthops)
    if (parseIp(nexthop) === undefined) fail(`bad next hop argument: ${nexthop}`)
  const row = nb.database.get('Logical_Router', router)!
  const same = row.policies.some((id) => {
    const other = nb.database.get('Logical_Router_Policy', id)
    return other?.priority === priority && other.match === match
  })
  if (same && !mayExist) fail(`Same routing policy already existed on the logical router ${row.name}.`)
  if (same) return
  const added = nb.write.create('Logical_Router_Policy', { priority, match, action, nexthops })
  nb.write.update('Logical_Router', router, { policies: [...row.policies, added] })
}

/** `lr-policy-del`: all, those of a priority, or the one of priority and match; nothing found is no error. */
export function removePolicies(
  nb: Northbound,
  router: RowId,
  priority: number | undefined,
  match: string | undefined,
): void {
  const { policies } = nb.database.get('Logical_Router', router)!
  const left = policies.filter((id) => {
    const row = nb.database.get('Logical_Router_Policy', id)!
    return (
      (priority !== undefined && row.priority !== priority) || (match !== undefined && row.match !== match)
    )
  })
  nb.write.update('Logical_Router', router, { policies: left })
}

/** A priority of a policy or a gateway chassis: 0 to 32767. */
export function parsePriority(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 32767) fail(`${text}: priority must in range 0...32767`)
  return Number(text)
}

export function parseAction(text: string): RouterPolicyRow['action'] {
  if (text === 'allow' || text === 'drop' || text === 'reroute') return text
  return fail(`${text}: action must be one of "allow", "drop", and "reroute"`)
}

function routesOf(nb: Northbound, router: RowId): [RowId, StaticRouteRow][] {
  const { static_routes } = nb.database.get('Logical_Router', router)!
  return static_routes.map((id) => [id, nb.database.get('Logical_Router_Static_Route', id)!])
}

function isPolicy(row: StaticRouteRow, policy: 'dst-ip' | 'src-ip'): boolean {
  return (row.policy ?? 'dst-ip') === policy
}

function routePolicy(text: string | undefined): 'dst-ip' | 'src-ip' | undefined {
  if (text === undefined || text === 'dst-ip' || text === 'src-ip') return text
  return fail(`bad policy: ${text}`)
}

function parseNexthop(prefix: Prefix, text: string): string {
  const family = familyOf(prefix.ip)
  const parsed = parsePrefix(text)
  const fits = parsed !== undefined && familyOf(parsed.ip) === family && parsed.len === hostLength(parsed.ip)
  return fits ? formatIp(parsed.ip) : fail(`bad IPv${family} nexthop argument: ${text}`)
}

function normalised(prefix: Prefix): string {
  return formatPrefixBare(masked(prefix))
}

function normalisedText(text: string): string | undefined {
  const prefix = parsePrefix(text)
  return prefix === undefined ? undefined : normalised(prefix)
}

function normalisedNexthop(text: string): string {
  const ip = parseIp(text)
  return ip === undefined ? text : formatIp(ip)
}
