// From a plan to the cheapest changes that remove what the rules have against its addresses: as the clusters are joined, and with
// Globalnet where that leaves less to change.

import type { Plan } from '../../model/plan.ts'
import { indexPlan, type PlanIndex } from '../index.ts'
import { named } from '../words.ts'
import type { Change, Mode, Placed, Places, RoutesChange } from './changes.ts'
import { findTroubles, type Trouble, type Troubles } from './conflicts.ts'
import { networkPath } from './consequences.ts'
import { type Movable, movables } from './networks.ts'
import type { FixOptions } from './options.ts'
import { competitionsIn, type Shortage, shortagesOf } from './room.ts'
import { cheapest, type Solution } from './search.ts'

/** A set of changes that resolves everything which can be resolved. */
export interface Proposal {
  readonly mode: Mode
  readonly placed: readonly Placed[]
  /** Clusters in which routes are written by hand from now on. */
  readonly manual: readonly RoutesChange[]
  /** Everything that was in the way, in this mode. */
  readonly troubles: readonly Trouble[]
  /** Of these what nothing resolves. */
  readonly stuck: readonly Trouble[]
  /** In pods, that of the mode included. */
  readonly cost: number
  /** No way is cheaper than this; less than `cost` where the search ended before its time. */
  readonly bound: number
  /** Pairs of networks that nobody looked at, because there are too many. */
  readonly unseen: number
  /** How many troubles have changes that resolve them, but no room for these: they stay. */
  readonly roomless: number
  /** What they lack. */
  readonly shortages: readonly Shortage[]
  /** Other modes, with what they would cost in all; undefined where they do not resolve everything. */
  readonly others: readonly { readonly mode: Mode; readonly cost: number | undefined }[]
  /** What was not weighed, and why: sentences without a full stop. */
  readonly unweighed: readonly string[]
}

type Solved = Omit<Proposal, 'others' | 'unweighed'>

/** Globalnet gives every service a second address, and clients new ones to call. */
const GLOBALNET_COST = 500

/** Finds the cheapest. */
export function propose(plan: Plan, options: FixOptions): Proposal {
  const index = indexPlan(plan)
  const networks = movables(index, options)
  const asIs: Mode = { kind: 'as-is', clusters: [], cost: 0, written: true }
  const troubles = findTroubles(index, networks, options)
  let best = solve(asIs, index, troubles, options)
  const unweighed: string[] = []
  if (troubles.list.length === 0) return { ...best, others: [], unweighed }
  const tried = [best]
  const globalnet = globalnetOf(plan, index, troubles.list)
  const pinned = globalnet?.mode.clusters.find(({ id }) => options.pinnedClusters.has(id))
  if (pinned !== undefined) unweighed.push(`Globalnet, because ${pinned.id} is pinned`)
  else if (globalnet !== undefined) {
    const changed = indexPlan(globalnet.plan)
    const other = solve(globalnet.mode, changed, findTroubles(changed, networks, options), options)
    tried.push(other)
    if (other.mode.written && better(other, best)) best = other
  }
  unweighed.push(...withholdUnweighed(troubles), ...manualUnweighed(index, troubles, options))
  return {
    ...best,
    others: tried.flatMap(({ mode, stuck, roomless, cost }) =>
      mode === best.mode ? [] : [{ mode, cost: stuck.length > 0 || roomless > 0 ? undefined : cost }],
    ),
    unweighed,
  }
}

function better(a: Solved, b: Solved): boolean {
  const left = (one: Solved): number => one.stuck.length + one.roomless
  return left(a) < left(b) || (left(a) === left(b) && a.cost < b.cost)
}

/** The cheapest changes in one mode; what has no room stays, and all else is fixed. */
function solve(
  mode: Mode,
  index: PlanIndex,
  { list, places, unseen }: Troubles,
  options: FixOptions,
): Solved {
  const open = list.filter(({ resolvers }) => resolvers.length > 0)
  const stuck = list.filter(({ resolvers }) => resolvers.length === 0)
  const parts = partsOf(open)
  const alone = parts.map((part) => solvePart(part, places))
  const hasRoom = (changes: readonly Change[]): boolean => places.put(changes) !== undefined
  let chosen: readonly Change[] = alone.flatMap((one) => one?.changes ?? [])
  let bound = alone.reduce((sum, one) => sum + (one?.bound ?? 0), 0)
  let left = parts.filter((_, i) => alone[i] === undefined)
  if (left.length === 0 && !hasRoom(chosen)) {
    // Each part by itself has room: perhaps all together with other changes.
    const together = solvePart(open, places)
    if (together !== undefined) {
      chosen = together.changes
      bound = together.bound
    } else ({ chosen, left } = asManyAsFit(parts, alone, hasRoom))
  } else if (!hasRoom(chosen)) ({ chosen, left } = asManyAsFit(parts, alone, hasRoom))
  const reached = costOf(chosen)
  // A part alone may lack room for what would be cheapest.
  if (left.length === 0 && bound < reached) bound = Math.max(bound, boundByRoom(parts, places, chosen))
  const placed = places.put(chosen) ?? []
  const manual = chosen.filter((one): one is RoutesChange => one.kind === 'manual-routes')
  const cost = reached + mode.cost
  return {
    mode,
    placed,
    manual,
    troubles: list,
    stuck,
    cost,
    // Where something stays, what is done is not held against doing all.
    bound: unseen > 0 ? mode.cost : left.length > 0 ? cost : bound + mode.cost,
    unseen,
    roomless: left.reduce((sum, part) => sum + part.length, 0),
    shortages: shortagesOf(index, options, places, [
      ...left.flatMap((part) => solvePart(part, undefined)?.changes ?? []),
      // Of two without room one would have to move.
      ...new Set(stuck.flatMap(({ unplaced }) => unplaced.slice(-1))),
    ]),
  }
}

function costOf(changes: Iterable<Change>): number {
  let sum = 0
  for (const { cost } of changes) sum += cost
  return sum
}

/** Prices of room that are tried. */
const PRICES_MAX = 4

/**
 * What no way is cheaper than where room is scarce: as if room had a price. Whoever fits pays for no more room than there is, so that
 * the cheapest of all ways at that price, less what all room costs, is not dearer than the cheapest that fits (Lagrange).
 */
function boundByRoom(
  parts: readonly (readonly Trouble[])[],
  places: Places,
  chosen: readonly Change[],
): number {
  const all = new Set(parts.flatMap((part) => part.flatMap(({ resolvers }) => resolvers)))
  let best = 0
  for (const { shares, capacity } of competitionsIn(places, all)) {
    // The price at which a network would rather take what needs no room.
    const prices = new Set<number>()
    for (const one of chosen) {
      if (shares.has(one)) continue
      for (const [other, share] of shares) {
        const same =
          one.kind !== 'manual-routes' && other.kind !== 'manual-routes' && other.movable === one.movable
        if (same && one.cost > other.cost) prices.add((one.cost - other.cost) / share)
      }
    }
    const sorted = [...prices].sort((a, b) => a - b)
    const tried = sorted.filter((_, i) => i % Math.ceil(sorted.length / PRICES_MAX) === 0)
    for (const price of tried) {
      const priced = (change: Change): number => change.cost + price * (shares.get(change) ?? 0)
      const sum = parts.reduce((total, part) => total + (solvePart(part, undefined, priced)?.bound ?? 0), 0)
      best = Math.max(best, sum - price * capacity)
    }
  }
  return best
}

/** Parts that were solved apart, the small ones first, as long as there is room for one more. */
function asManyAsFit(
  parts: readonly (readonly Trouble[])[],
  alone: readonly (PartSolution | undefined)[],
  hasRoom: (changes: readonly Change[]) => boolean,
): { chosen: Change[]; left: (readonly Trouble[])[] } {
  let chosen: Change[] = []
  const left: (readonly Trouble[])[] = []
  const order = parts
    .map((part, i) => ({ part, changes: alone[i]?.changes }))
    .sort((a, b) => (a.changes?.length ?? 0) - (b.changes?.length ?? 0))
  for (const { part, changes } of order) {
    const more = changes === undefined ? undefined : [...chosen, ...changes]
    if (more === undefined || !hasRoom(more)) left.push(part)
    else chosen = more
  }
  return { chosen, left }
}

/** Troubles that have no change in common with the others. */
function partsOf(list: readonly Trouble[]): (readonly Trouble[])[] {
  const up = new Map<Change, Change>()
  const rootOf = (change: Change): Change => {
    let root = change
    for (let at = up.get(root); at !== undefined && at !== root; at = up.get(root)) root = at
    up.set(change, root)
    return root
  }
  for (const { resolvers } of list) {
    const [first, ...more] = resolvers
    const root = rootOf(first!)
    for (const one of more) up.set(rootOf(one), root)
  }
  const parts = new Map<Change, Trouble[]>()
  for (const trouble of list) {
    const root = rootOf(trouble.resolvers[0]!)
    const part = parts.get(root)
    if (part === undefined) parts.set(root, [trouble])
    else part.push(trouble)
  }
  return [...parts.values()]
}

interface PartSolution {
  readonly changes: readonly Change[]
  readonly cost: number
  readonly bound: number
}

/** The cheapest changes that resolve these; undefined where none have room, or none were found. Without places room is no matter. */
function solvePart(
  list: readonly Trouble[],
  places: Places | undefined,
  costs: (change: Change) => number = ({ cost }) => cost,
): PartSolution | undefined {
  const changes = [...new Set(list.flatMap(({ resolvers }) => resolvers))]
  const numbers = new Map(changes.map((change, i) => [change, i]))
  const trees = new Map<Movable, number>()
  const treeOf = (movable: Movable): number => {
    let root = movable
    while (root.parent !== undefined) root = root.parent
    const known = trees.get(root) ?? trees.size
    trees.set(root, known)
    return known
  }
  const sides = changes.map(
    (change) => new Set(change.kind === 'manual-routes' ? [] : [treeOf(change.movable)]),
  )
  for (const { resolvers, networks } of list)
    for (const one of resolvers)
      if (one.kind === 'manual-routes')
        for (const movable of networks)
          if (movable.network.cluster === one.cluster.id) sides[numbers.get(one)!]!.add(treeOf(movable))
  const chosenOf = (chosen: readonly number[]): Change[] => chosen.map((i) => changes[i]!)
  const solution: Solution | undefined = cheapest({
    costs: changes.map(costs),
    sidesOf: sides.map((one) => [...one]),
    conflicts: list.map(({ resolvers, networks }) => ({
      resolvers: resolvers.map((one) => numbers.get(one)!),
      sides: networks.map(treeOf),
    })),
    ...(places === undefined
      ? { branchesMax: 1 }
      : { feasible: (chosen) => places.put(chosenOf(chosen)) !== undefined }),
  })
  return solution && { changes: chosenOf(solution.changes), cost: solution.cost, bound: solution.bound }
}

/** All clusters of Submariner with Globalnet, where networks of theirs overlap. */
function globalnetOf(
  plan: Plan,
  index: PlanIndex,
  troubles: readonly Trouble[],
): { mode: Mode; plan: Plan } | undefined {
  if (index.globalnet || !troubles.some(({ verdict }) => verdict.codes.includes('SM001'))) return undefined
  const clusters = plan.clusters.filter(({ submariner }) => submariner !== undefined)
  return {
    mode: {
      kind: 'globalnet',
      clusters,
      cost: GLOBALNET_COST * clusters.length,
      written: clusters.every(({ submariner }) => submariner?.globalnet?.value === false),
    },
    plan: {
      ...plan,
      clusters: plan.clusters.map((cluster) =>
        cluster.submariner === undefined
          ? cluster
          : {
              ...cluster,
              submariner: {
                ...cluster.submariner,
                globalnet: { value: true, span: cluster.submariner.span },
              },
            },
      ),
    },
  }
}

/** Why disableInterConnection was not weighed for some networks. */
function withholdUnweighed({ unwritable }: Troubles): string[] {
  if (unwritable.length === 0) return []
  return [
    `disableInterConnection on ${named(unwritable.map(networkPath))}, because what they are written in has no place for it`,
  ]
}

/** Why manual routes were not weighed in clusters whose subnets overlap with others'. */
function manualUnweighed(index: PlanIndex, troubles: Troubles, options: FixOptions): string[] {
  const pinned = new Set<string>()
  const unwritten = new Set<string>()
  for (const { networks, verdict } of troubles.list) {
    if (!verdict.codes.some((code) => code === 'IC001' || code === 'IC002')) continue
    for (const { network } of networks) {
      const ovnIc = index.cluster(network.cluster)?.ovnIc
      if (ovnIc === undefined || ovnIc.autoRoute?.value === false) continue
      if (options.pinnedClusters.has(network.cluster)) pinned.add(network.cluster)
      else if (ovnIc.autoRoute === undefined || options.editable?.manual(network.cluster) === false)
        unwritten.add(network.cluster)
    }
  }
  const why = (clusters: Iterable<string>, reason: string): string[] => {
    const ids = [...clusters].sort()
    return ids.length === 0 ? [] : [`manual routes in ${named(ids)}, because ${reason}`]
  }
  return [
    ...why(troubles.dominated, 'disableInterConnection on the same networks costs no more'),
    ...why(unwritten, 'no file says auto-route there'),
    ...why(pinned, 'of what is pinned nothing changes'),
  ]
}
