// Learning routes (LRN-1 to LRN-9): the router's learned static routes are made to match what other zones publish on its
// transit switches. Block by block: a zone's block that is the same value as last time needs no look.
// Surprise: a learned route is known by its addresses, origin and table, never by its prefix alone (LRN-7, hence ECMP).

import type { RowId, StaticRouteRow } from '../../../model/tables.ts'
import { parseRoute, routeKey } from './address.ts'
import type { TransitRouter } from './advertise.ts'
import { mayLearn, type RouteFilter } from './route-filter.ts'
import { idsOf, type LearnedBlock, learnedRoutes, type RouterMemory, textKey } from './router-routes.ts'
import type { Blocks, PublishedRoute, RouteBlock } from './southbound-index.ts'
import { hasDefect, type IcStep } from './step.ts'

/** ADV-14 never ends on the real system; here a router stops after this many copies and says so. */
export const COPIES_MAX = 2000

/** What a loop learned and lost on one router. */
export interface LearnOutcome {
  readonly learned: StaticRouteRow[]
  readonly withdrawn: StaticRouteRow[]
}

/** Brings the learned routes of one router up to date; `memory` is that of this router, already up to date on its own routes. */
export function learnRoutes(
  step: IcStep,
  zone: RowId,
  router: TransitRouter,
  filter: RouteFilter,
  memory: RouterMemory,
): LearnOutcome {
  const outcome: LearnOutcome = { learned: [], withdrawn: [] }
  const forgetful =
    hasDefect(step.profile, 'infinite-learning') && router.ports.every((port) => port.address === undefined)
  if (forgetful) copyRoutes(step, zone, router, filter, memory, outcome)
  else syncRoutes(step, zone, router, filter, memory, outcome)
  return outcome
}

function syncRoutes(
  step: IcStep,
  zone: RowId,
  router: TransitRouter,
  filter: RouteFilter,
  memory: RouterMemory,
  outcome: LearnOutcome,
): void {
  const changes = new Changes(step, outcome)
  // Routes that changed or vanished blocks gave, and those no block has claimed, by LRN-7 key.
  const known: Known = new Map()
  remember(step, known, memory.unplaced)
  memory.unplaced = []
  const stale: [Map<RowId, LearnedBlock>, RowId, RouteBlock, RouteWish][] = []
  const ports = new Set<string>()
  for (const { place, blocks, edition, wish } of filter.learn
    ? learningPorts(step, router, filter, memory)
    : []) {
    ports.add(place)
    const seen = memory.editions.get(place)
    if (memory.learned.has(place) && seen?.edition === edition && seen.zone === zone) continue
    const learned = memory.learned.get(place) ?? new Map<RowId, LearnedBlock>()
    memory.learned.set(place, learned)
    memory.editions.set(place, { edition, zone })
    let met = 0
    for (const [from, block] of blocks) {
      if (from === zone && step.profile.learnSkips === 'own-az') continue
      const before = learned.get(from)
      if (before !== undefined) met++
      if (before?.block === block) continue
      if (before !== undefined) remember(step, known, idsOf(before))
      stale.push([learned, from, block, wish])
    }
    if (met < learned.size) forget(step, known, learned, (from) => blocks.has(from))
  }
  for (const [place, learned] of memory.learned) {
    if (ports.has(place)) continue
    forget(step, known, learned, () => false)
    memory.learned.delete(place)
  }
  const free =
    filter.blacklist.length === 0 && memory.ownTexts.size === 0 && step.profile.learnSkips === 'own-az'
  for (const [learned, from, block, wish] of stale) {
    learned.set(from, learnBlock(block, free && block.plain ? undefined : wish, known, changes))
  }
  for (const ids of known.values()) for (const id of ids) changes.remove(id)
  memory.routes = changes.apply(router, memory.routes)
}

/** Gives up blocks of zones that publish nothing any more. */
function forget(
  step: IcStep,
  known: Known,
  learned: Map<RowId, LearnedBlock>,
  stays: (from: RowId) => boolean,
): void {
  for (const [from, block] of learned) {
    if (stays(from)) continue
    remember(step, known, idsOf(block))
    learned.delete(from)
  }
}

type Known = Map<string, RowId[]>

/** Whether a route is to be learned, given the transit port it came through. */
type RouteWish = (route: PublishedRoute) => boolean

interface LearningPort {
  /** `switch\0route table`. */
  readonly place: string
  readonly blocks: Blocks
  readonly edition: object
  readonly wish: RouteWish
}

/** The router's transit ports to learn through; several on one switch with one route table count once. */
function learningPorts(
  step: IcStep,
  router: TransitRouter,
  filter: RouteFilter,
  memory: RouterMemory,
): readonly LearningPort[] {
  const ports = new Map<string, LearningPort>()
  for (const { transitSwitch, routeTable } of router.ports) {
    const place = `${transitSwitch}\0${routeTable}`
    const wish = routeWish(step, router, routeTable, filter, memory.ownTexts)
    const blocks = step.icSb.blocks(transitSwitch)
    ports.set(place, { place, blocks, edition: step.icSb.blocksEdition(transitSwitch), wish })
  }
  return [...ports.values()]
}

/** LRN-1 to LRN-4 for one transit port. */
function routeWish(
  step: IcStep,
  router: TransitRouter,
  routeTable: string,
  filter: RouteFilter,
  blocked: ReadonlySet<string>,
): RouteWish {
  const byRouter = step.profile.learnSkips === 'own-router'
  return ({ row, parsed }) => {
    if (parsed === undefined) return false
    if (byRouter && row.external_ids['lr-id'] === router.uuid) return false
    if (row.route_table !== '' && row.route_table !== routeTable) return false
    if (!mayLearn(filter, parsed.prefix)) return false
    return blocked.size === 0 || !blocked.has(textKey(row.route_table, row.ip_prefix))
  }
}

/** Learns one block, taking over what is known already. */
function learnBlock(
  block: RouteBlock,
  wish: RouteWish | undefined,
  known: Known,
  changes: Changes,
): LearnedBlock {
  if (wish === undefined && known.size === 0) return { block, ids: changes.addAll(block.routes) }
  const ids: RowId[] = []
  for (const route of block.routes) {
    if (wish !== undefined && !wish(route)) continue
    const id = known.size === 0 ? undefined : known.get(route.key)?.pop()
    ids.push(id === undefined ? changes.add(route.learned) : changes.keep(id, route.learned))
  }
  return { block, ids }
}

/** ADV-14: nothing learned so far is recognised, so everything is learned once more. */
function copyRoutes(
  step: IcStep,
  zone: RowId,
  router: TransitRouter,
  filter: RouteFilter,
  memory: RouterMemory,
  outcome: LearnOutcome,
): void {
  if (!filter.learn) return
  const changes = new Changes(step, outcome)
  for (const { blocks, wish } of learningPorts(step, router, filter, memory)) {
    for (const [from, { routes }] of blocks) {
      if (from === zone && step.profile.learnSkips === 'own-az') continue
      for (const route of routes) {
        if (memory.copies >= COPIES_MAX || !wish(route)) continue
        changes.add(route.learned)
        if (++memory.copies === COPIES_MAX) {
          step.log(
            'warning',
            `${router.row.name} learned the same routes ${COPIES_MAX} times and stops (ADV-14)`,
          )
        }
      }
    }
  }
  memory.routes = changes.apply(router, memory.routes)
  memory.learned.clear()
  memory.unplaced = learnedRoutes(step, memory.routes)
}

function remember(step: IcStep, known: Known, ids: readonly RowId[]): void {
  for (const id of ids) {
    const row = step.nb.get('Logical_Router_Static_Route', id)
    const parsed = row === undefined ? undefined : parseRoute(row.ip_prefix, row.nexthop)
    const key = parsed === undefined ? '?' : routeKey(parsed, row!.options.origin ?? '', row!.route_table)
    const same = known.get(key)
    if (same === undefined) known.set(key, [id])
    else same.push(id)
  }
}

/** Collected edits of one router's learned routes, written as one change of its `static_routes`. */
class Changes {
  readonly #step: IcStep
  readonly #outcome: LearnOutcome
  readonly #added: RowId[] = []
  readonly #removed = new Set<RowId>()

  constructor(step: IcStep, outcome: LearnOutcome) {
    this.#step = step
    this.#outcome = outcome
  }

  add(row: StaticRouteRow): RowId {
    const id = this.#step.write.nb.insert('Logical_Router_Static_Route', row)
    this.#added.push(id)
    this.#outcome.learned.push(row)
    return id
  }

  /** Adds the routes of a block; their rows have consecutive ids. */
  addAll(routes: readonly PublishedRoute[]): LearnedBlock['ids'] {
    let first: RowId | undefined
    for (const { learned } of routes) {
      const id = this.add(learned)
      first ??= id
    }
    return first === undefined ? [] : { first, count: routes.length }
  }

  /** LRN-8: a route published anew under another UUID changes only the mark. */
  keep(id: RowId, row: StaticRouteRow): RowId {
    const present = this.#step.nb.get('Logical_Router_Static_Route', id)
    if (present !== row) this.#step.write.nb.replace('Logical_Router_Static_Route', id, row)
    return id
  }

  remove(id: RowId): void {
    const row = this.#step.nb.get('Logical_Router_Static_Route', id)
    if (row !== undefined) this.#outcome.withdrawn.push(row)
    this.#removed.add(id)
  }

  /** Writes the router's column; returns the array that stands there now. */
  apply(router: TransitRouter, routes: readonly RowId[]): readonly RowId[] {
    if (this.#added.length === 0 && this.#removed.size === 0) return routes
    const kept = this.#removed.size === 0 ? routes : routes.filter((id) => !this.#removed.has(id))
    const static_routes = kept.concat(this.#added)
    this.#step.write.nb.update('Logical_Router', router.id, { static_routes })
    return static_routes
  }
}
