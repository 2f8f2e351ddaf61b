// Publishing routes (ADV-1 to ADV-13): which prefixes of a router go into the IC-SB for one of its transit ports, and how the
// zone's rows there are made to match.
// Surprise: on 23.03 the rows are compared per port and router, so two routers of a zone on one switch erase each other (ADV-11).

import type { IcRouteRow, LogicalRouterPortRow, LogicalRouterRow, RowId } from '../../../model/tables.ts'
import { formatIp } from '../../../net/ip.ts'
import { formatPrefix, parsePrefix } from '../../../net/prefix.ts'
import { advertisedNexthop, type ParsedRoute, type PortAddress, parseRoute, routeKey } from './address.ts'
import { mayAdvertise, type RouteFilter } from './route-filter.ts'
import type { OwnRoute } from './router-routes.ts'
import type { IcStep } from './step.ts'

/** A router of this zone with its ports on transit switches. */
export interface TransitRouter {
  readonly id: RowId
  readonly row: LogicalRouterRow
  readonly uuid: string
  /** Router ports of the router that are not on a transit switch: their networks are published. */
  readonly innerPorts: readonly { readonly id: RowId; readonly row: LogicalRouterPortRow }[]
  readonly ports: readonly TransitPort[]
}

/** One router port on a transit switch. */
export interface TransitPort {
  readonly transitSwitch: string
  /** The port's published address; undefined where that does not parse (ADV-14). */
  readonly address: PortAddress | undefined
  /** The router port that the switch port names exists. */
  readonly hasRouterPort: boolean
  /** `options:route_table` of the router port. */
  readonly routeTable: string
}

/** Rows to be published, by LRN-7 key. */
export type Publication = Map<string, IcRouteRow>

/** The working copy of this zone's rows on one transit switch, by LRN-7 key. */
export type PublishedRows = Map<string, { readonly id: RowId; readonly row: IcRouteRow }>

/** ADV-1, ADV-8, ADV-9: what the router publishes through one port. */
export function publication(
  step: IcStep,
  zone: RowId,
  router: TransitRouter,
  port: TransitPort & { readonly address: PortAddress },
  own: readonly OwnRoute[],
  filter: RouteFilter,
): Publication {
  const rows: Publication = new Map()
  if (!filter.advertise) return rows
  const add = (
    route: ParsedRoute,
    text: string,
    table: string,
    origin: IcRouteRow['origin'],
    source: RowId,
  ): void => {
    const published = advertisedNexthop(port.address, typeof route.prefix.ip === 'number' ? 4 : 6)
    if (published === undefined) return
    const key = routeKey({ prefix: route.prefix, nexthop: published }, origin, table)
    if (rows.has(key)) {
      step.log('warning', `duplicate route ${text} of ${router.row.name} is published once`)
      return
    }
    rows.set(key, {
      transit_switch: port.transitSwitch,
      availability_zone: zone,
      route_table: table,
      ip_prefix: text,
      nexthop: formatIp(published),
      origin,
      external_ids: externalIds(step, router, source),
    })
  }
  for (const { id, row } of own) {
    if (row.route_table !== port.routeTable) continue
    const route = parseRoute(row.ip_prefix, row.nexthop)
    if (route === undefined || !mayAdvertise(filter, route.prefix, row.policy)) continue
    add(route, formatPrefix(route.prefix), row.route_table, 'static', id)
  }
  for (const { id, row } of router.innerPorts) {
    for (const text of row.networks) {
      const prefix = parsePrefix(text)
      if (prefix === undefined || !mayAdvertise(filter, prefix, undefined)) continue
      add({ prefix, nexthop: prefix.ip }, text, '', 'connected', id)
    }
  }
  return rows
}

/** Makes `present` (and the IC-SB) equal to `wanted`. Only `external_ids` of a kept row can change. */
export function publish(step: IcStep, present: PublishedRows, wanted: Publication): void {
  for (const [key, { id }] of present) {
    if (wanted.has(key)) continue
    step.write.icSb.delete('Route', id)
    present.delete(key)
  }
  for (const [key, row] of wanted) {
    const before = present.get(key)
    if (before === undefined) present.set(key, { id: step.write.icSb.insert('Route', row), row })
    else step.write.icSb.update('Route', before.id, { external_ids: row.external_ids })
  }
}

/** This zone's rows on a transit switch; rows whose key repeats are removed at once. */
export function publishedRows(step: IcStep, zone: RowId, transitSwitch: string): PublishedRows {
  const rows: PublishedRows = new Map()
  for (const { id, row, key } of step.icSb.blocks(transitSwitch).get(zone)?.routes ?? []) {
    if (rows.has(key)) step.write.icSb.delete('Route', id)
    else rows.set(key, { id, row })
  }
  return rows
}

/** ADV-13: rows of this zone on transit switches that are gone. */
export function withdrawFromLostSwitches(step: IcStep, zone: RowId): void {
  const switches = new Set([...step.transitSwitches.values()].map((row) => row.name))
  for (const name of step.icSb.switchesWithRoutes) {
    if (switches.has(name)) continue
    for (const { id } of step.icSb.blocks(name).get(zone)?.routes ?? []) step.write.icSb.delete('Route', id)
  }
}

/** ADV-9; versions that tell routers apart when learning also name the router (LRN-1). */
function externalIds(step: IcStep, router: TransitRouter, source: RowId): IcRouteRow['external_ids'] {
  const ids = { 'nb-id': step.nb.uuid(source) }
  return step.profile.learnSkips === 'own-router' ? { ...ids, 'lr-id': router.uuid } : ids
}
