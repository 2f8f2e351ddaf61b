// Fifth step of ovn-ic: routes. Finds the routers that own a port on a transit switch, publishes their prefixes and
// learns those of other zones (ADV-*, LRN-*). A router without such a port is not visited (LRN-9).

import type { LogicalRouterPortRow, RowId, StaticRouteRow } from '../../../model/tables.ts'
import { parsePortAddress } from './address.ts'
import {
  type Publication,
  type PublishedRows,
  publication,
  publish,
  publishedRows,
  type TransitPort,
  type TransitRouter,
  withdrawFromLostSwitches,
} from './advertise.ts'
import { learnRoutes } from './learn.ts'
import type { OwnPort } from './ports.ts'
import { type RouteFilter, routeFilter } from './route-filter.ts'
import { isLearned, learnedRoutes, type RouterMemory, readOwnRoutes } from './router-routes.ts'
import { enumerate, hasDefect, type IcStep } from './step.ts'

export interface RouteMemory {
  readonly routers: Map<RowId, RouterMemory>
}

export function routeStep(step: IcStep, zone: RowId, own: readonly OwnPort[], memory: RouteMemory): void {
  const filter = currentFilter(step)
  const routers = transitRouters(step, own)
  const present = new Map<string, PublishedRows>()
  const wanted = new Map<string, Publication>()
  for (const router of routers) {
    const remembered = refresh(step, router, filter, memory)
    for (const port of router.ports) {
      const { address, transitSwitch } = port
      if (address === undefined) {
        // A port that northd has not bound yet has no address either, for some milliseconds.
        if (!port.hasRouterPort)
          step.log(
            'warning',
            `port of ${router.row.name} on ${transitSwitch} has no address to publish routes with (ADV-14)`,
          )
        continue
      }
      const rows = publication(step, zone, router, { ...port, address }, remembered.own, filter)
      const before = present.get(transitSwitch) ?? publishedRows(step, zone, transitSwitch)
      present.set(transitSwitch, before)
      // ADV-11: with the defect each router's set replaces what stands there; without, they add up.
      if (hasDefect(step.profile, 'two-routers-erase-each-other')) publish(step, before, rows)
      else wanted.set(transitSwitch, new Map([...(wanted.get(transitSwitch) ?? []), ...rows]))
    }
    const { learned, withdrawn } = learnRoutes(step, zone, router, filter, remembered)
    if (withdrawn.length > 0) step.log('withdraw', `${router.row.name} loses ${summary(withdrawn)}`)
    if (learned.length > 0) step.log('learn', `${router.row.name} learns ${summary(learned)}`)
  }
  for (const [transitSwitch, rows] of wanted) publish(step, present.get(transitSwitch)!, rows)
  withdrawFromLostSwitches(step, zone)
  forgetOtherRouters(step, routers, memory)
}

/**
 * Routers with ports on transit switches, each once. Of two on one switch the last one's routes stay (ADV-11); which one that
 * is differs between runs of the real program, here it is the router that was made first.
 */
export function transitRouters(step: IcStep, own: readonly OwnPort[]): TransitRouter[] {
  const byUuid = new Map<string, OwnPort[]>()
  for (const port of own) {
    if (port.lsp.options['router-port'] === undefined) {
      // PB-7: leads to no router port.
      step.write.icSb.delete('Port_Binding', port.id)
      continue
    }
    const router = port.row.external_ids['router-id'] ?? ''
    byUuid.set(router, [...(byUuid.get(router) ?? []), port])
  }
  const routers: TransitRouter[] = []
  if (byUuid.size === 0) return routers
  for (const [id, row] of step.nb.rows('Logical_Router')) {
    const uuid = step.nb.uuid(id)
    const ports = byUuid.get(uuid)
    if (ports === undefined) continue
    const outer = new Set(ports.map((port) => port.lsp.options['router-port']!))
    const innerPorts: { id: RowId; row: LogicalRouterPortRow }[] = []
    for (const portId of row.ports) {
      const port = step.nb.get('Logical_Router_Port', portId)
      if (port !== undefined && !outer.has(port.name)) innerPorts.push({ id: portId, row: port })
    }
    routers.push({ id, row, uuid, innerPorts, ports: ports.map((port) => transitPort(step, port)) })
  }
  return routers.reverse()
}

function transitPort(step: IcStep, { row, lsp }: OwnPort): TransitPort {
  const id = step.nb.find('Logical_Router_Port', 'name', lsp.options['router-port']!)
  const lrp = id === undefined ? undefined : step.nb.get('Logical_Router_Port', id)
  return {
    transitSwitch: row.transit_switch,
    address: parsePortAddress(row.address),
    hasRouterPort: id !== undefined,
    routeTable: lrp?.options.route_table ?? '',
  }
}

/** The memory of a router, read anew where somebody else changed its routes or the conditions of learning changed. */
function refresh(
  step: IcStep,
  router: TransitRouter,
  filter: RouteFilter,
  memory: RouteMemory,
): RouterMemory {
  const routes = router.row.static_routes
  const tableVersion = step.nb.tableVersion('Logical_Router_Static_Route')
  const ports = router.ports.map((port) => `${port.transitSwitch}\0${port.routeTable}`).join()
  const before = memory.routers.get(router.id)
  if (before !== undefined && before.routes === routes && before.tableVersion === tableVersion) {
    if (before.filter === filter && before.ports === ports) return before
    before.learned.clear()
    before.unplaced = learnedRoutes(step, routes)
    return Object.assign(before, { filter, ports })
  }
  const fresh: RouterMemory = {
    routes,
    tableVersion,
    ...readOwnRoutes(step, routes),
    filter,
    ports,
    learned: new Map(),
    editions: new Map(),
    unplaced: learnedRoutes(step, routes),
    copies: before?.copies ?? 0,
  }
  memory.routers.set(router.id, fresh)
  return fresh
}

/** After this zone's own commit: its edits of the routes are known, so nothing has to be read again. */
export function settleRoutes(step: Pick<IcStep, 'nb'>, memory: RouteMemory): void {
  const tableVersion = step.nb.tableVersion('Logical_Router_Static_Route')
  for (const remembered of memory.routers.values()) remembered.tableVersion = tableVersion
}

function forgetOtherRouters(step: IcStep, routers: readonly TransitRouter[], memory: RouteMemory): void {
  const visited = new Set(routers.map((router) => router.id))
  for (const id of memory.routers.keys()) if (!visited.has(id)) memory.routers.delete(id)
  if (hasDefect(step.profile, 'orphaned-learned-routes')) return
  // LRN-9 as fixed later: a router without transit port loses what it learned.
  for (const [id, row] of step.nb.rows('Logical_Router')) {
    if (visited.has(id)) continue
    const own = row.static_routes.filter((route) => {
      const found = step.nb.get('Logical_Router_Static_Route', route)
      return found === undefined || !isLearned(found)
    })
    step.write.nb.update('Logical_Router', id, { static_routes: own })
  }
}

function currentFilter(step: IcStep): RouteFilter {
  for (const row of step.nb.rows('NB_Global').values()) {
    return routeFilter(row.options, hasDefect(step.profile, 'ipv6-blacklist-matches-all'))
  }
  return routeFilter(NO_OPTIONS, false)
}

/** Routes as `prefix via nexthop`, the first few by name. */
function summary(routes: readonly StaticRouteRow[]): string {
  return enumerate(routes, (route) => `${route.ip_prefix} via ${route.nexthop}`)
}

const NO_OPTIONS = {}
