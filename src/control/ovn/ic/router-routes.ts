// The static routes of one logical router as ovn-ic sees them: which are its own (candidates for publishing, LRN-4) and which
// it learned. Remembered per router, because a router of a large mesh holds ten thousand learned routes and a dozen own ones.

import type { RowId, StaticRouteRow } from '../../../model/tables.ts'
import type { RouteFilter } from './route-filter.ts'
import type { RouteBlock } from './southbound-index.ts'
import type { IcStep } from './step.ts'

/** Routes a router learned from one zone's block. */
export interface LearnedBlock {
  readonly block: RouteBlock
  /** Their rows; a block that was learned at one stroke has consecutive ones. */
  readonly ids: readonly RowId[] | { readonly first: RowId; readonly count: number }
}

/** The rows of a learned block. */
export function idsOf({ ids }: LearnedBlock): readonly RowId[] {
  return 'first' in ids ? Array.from({ length: ids.count }, (_, i) => ids.first + i) : ids
}

/** What is remembered of one router between loops. */
export interface RouterMemory {
  /** The `static_routes` column that the rest was read from; another array means somebody else wrote it. */
  routes: readonly RowId[]
  /** Version of the table when it was read: rows are edited in place as well. */
  tableVersion: number
  /** Routes that were not learned. */
  own: readonly OwnRoute[]
  /** LRN-4: `table\0prefix` of the own routes. */
  ownTexts: ReadonlySet<string>
  /** What the blocks below were learned under. */
  filter: RouteFilter
  ports: string
  /** By transit port (`switch\0route table`), then by zone row. */
  learned: Map<string, Map<RowId, LearnedBlock>>
  /** By transit port: what of the IC-SB the blocks were last compared with, and as which zone. */
  editions: Map<string, { readonly edition: object; readonly zone: RowId }>
  /** Learned routes found in the Northbound that no block has claimed yet. */
  unplaced: readonly RowId[]
  /** ADV-14: copies made so far. */
  copies: number
}

export interface OwnRoute {
  readonly id: RowId
  readonly row: StaticRouteRow
}

/** LRN-6: the mark of a learned route. */
export function isLearned(row: StaticRouteRow): boolean {
  return row.external_ids['ic-learned-route'] !== undefined
}

export function textKey(routeTable: string, prefix: string): string {
  return `${routeTable}\0${prefix}`
}

/** Reads a router's own routes. */
export function readOwnRoutes(step: IcStep, ids: readonly RowId[]): Pick<RouterMemory, 'own' | 'ownTexts'> {
  const rows = step.nb.rows('Logical_Router_Static_Route')
  const own: OwnRoute[] = []
  for (const id of ids) {
    const row = rows.get(id)
    if (row !== undefined && !isLearned(row)) own.push({ id, row })
  }
  return { own, ownTexts: new Set(own.map(({ row }) => textKey(row.route_table, row.ip_prefix))) }
}

/** The learned ones among a router's routes. */
export function learnedRoutes(step: IcStep, ids: readonly RowId[]): RowId[] {
  const rows = step.nb.rows('Logical_Router_Static_Route')
  return ids.filter((id) => {
    const row = rows.get(id)
    return row !== undefined && isLearned(row)
  })
}
