// The route tables of a snapshot as plain rows, for the short tables of the text report and for JSON.

import type { DatabasesSnapshot } from '../model/tables.ts'
import { listRoutes } from './ovn/lr-route-list.ts'
import { namesOf } from './ovn/text.ts'

/** One static or learned route as `lr-route-list` would show it. */
export interface RouteRow {
  readonly router: string
  /** `<main>` or the table's name. */
  readonly table: string
  readonly prefix: string
  readonly nexthop: string
  readonly policy: 'dst-ip' | 'src-ip'
  readonly learned: boolean
  readonly ecmp: boolean
  /** Where the route comes from: of a learned one what its owner has (`options:origin`), else `static`. */
  readonly origin: string
}

/** Routes of all routers of a cluster in the order of the listing. */
export function routeRows(databases: DatabasesSnapshot, cluster: string): RouteRow[] {
  const nb = databases.clusters.get(cluster)?.nb
  if (nb === undefined) return []
  return namesOf(nb.tables.Logical_Router).flatMap((router) =>
    listRoutes(nb, router).map(({ row, prefix, nexthop, policy, learned, ecmp }) => ({
      router,
      table: row.route_table === '' ? '<main>' : row.route_table,
      prefix,
      nexthop,
      policy,
      learned,
      ecmp,
      origin: row.options.origin ?? 'static',
    })),
  )
}

/** `10.17.0.0/16 via 169.254.100.42, learned from connected`. */
export function routeText({ prefix, nexthop, policy, learned, ecmp, origin, table }: RouteRow): string {
  return [
    `${prefix} via ${nexthop}`,
    learned ? `learned from ${origin}` : 'static',
    ...(policy === 'src-ip' ? ['by source'] : []),
    ...(ecmp ? ['ecmp'] : []),
    ...(table === '<main>' ? [] : [`table ${table}`]),
  ].join(', ')
}
