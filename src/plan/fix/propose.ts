// From a plan to the cheapest changes that remove what the rules have against its addresses: as the clusters are joined, and in other
// modes (Globalnet, manual routes) where those leave less to change.

import type { Plan, PlanCluster } from '../../model/plan.ts'
import { indexPlan, type PlanIndex } from '../index.ts'
import type { Change, Placed } from './changes.ts'
import { findTroubles, type Trouble, type Troubles } from './conflicts.ts'
import { type Movable, movables } from './networks.ts'
import type { FixOptions } from './options.ts'
import { cheapest } from './search.ts'

/** A different way of joining the clusters, under which other things are in the way. */
export interface Mode {
  readonly kind: 'as-is' | 'globalnet' | 'manual-routes'
  /** The clusters whose settings change. */
  readonly clusters: readonly PlanCluster[]
  readonly cost: number
  /** False where no file says the setting, so that it cannot be changed there. */
  readonly written: boolean
}

/** A set of changes that resolves everything which can be resolved. */
export interface Proposal {
  readonly mode: Mode
  readonly placed: readonly Placed[]
  /** Everything that was in the way, in this mode. */
  readonly troubles: readonly Trouble[]
  /** Of these what nothing resolves. */
  readonly stuck: readonly Trouble[]
  /** In pods, that of the mode included. */
  readonly cost: number
  /** No way is cheaper than this; less than `cost` where the search ended before its time. */
  readonly bound: number
  /** Set where each change could be made and all together have no room. */
  readonly noRoom: boolean
  /** Other modes, with what they would cost in all; undefined where they do not resolve everything. */
  readonly others: readonly { readonly mode: Mode; readonly cost: number | undefined }[]
}

/** Globalnet gives every service a second address, and clients new ones to call. */
const GLOBALNET_COST = 500
/** Routes that somebody writes, and writes again after every change, for each pair of clusters. */
const MANUAL_COST = 200
/** More clusters than this are not tried with manual routes one by one. */
const MANUAL_MAX = 12

/** Finds the cheapest. */
export function propose(plan: Plan, options: FixOptions): Proposal {
  const index = indexPlan(plan)
  const networks = movables(index, options)
  const asIs: Mode = { kind: 'as-is', clusters: [], cost: 0, written: true }
  const troubles = findTroubles(index, networks, options)
  let best = solve(asIs, troubles)
  const others: { mode: Mode; cost: number | undefined }[] = []
  if (troubles.list.length === 0) return { ...best, others }
  const tried = [best]
  for (const { mode, plan: changed } of modes(plan, index, troubles.list)) {
    if (mode.clusters.some(({ id }) => options.pinnedClusters.has(id))) continue
    const other = solve(mode, findTroubles(indexPlan(changed), networks, options))
    tried.push(other)
    if (mode.written && better(other, best)) best = other
  }
  for (const { mode, stuck, noRoom, cost } of tried)
    if (mode !== best.mode) others.push({ mode, cost: stuck.length > 0 || noRoom ? undefined : cost })
  return { ...best, others }
}

function better(a: Omit<Proposal, 'others'>, b: Omit<Proposal, 'others'>): boolean {
  const left = (one: Omit<Proposal, 'others'>): number => one.stuck.length + (one.noRoom ? 1e9 : 0)
  return left(a) < left(b) || (left(a) === left(b) && a.cost < b.cost)
}

/** The cheapest changes in one mode. */
function solve(mode: Mode, { list, places, unseen }: Troubles): Omit<Proposal, 'others'> {
  const open = list.filter(({ resolvers }) => resolvers.length > 0)
  const stuck = list.filter(({ resolvers }) => resolvers.length === 0)
  const changes = [...new Set(open.flatMap(({ resolvers }) => resolvers))]
  const numbers = new Map(changes.map((change, i) => [change, i]))
  const trees = new Map<Movable, number>()
  const treeOf = (movable: Movable): number => {
    let root = movable
    while (root.parent !== undefined) root = root.parent
    const known = trees.get(root) ?? trees.size
    trees.set(root, known)
    return known
  }
  const chosenOf = (list: readonly number[]): Change[] => list.map((i) => changes[i]!)
  const solution = cheapest({
    costs: changes.map(({ cost }) => cost),
    sideOf: changes.map(({ movable }) => treeOf(movable)),
    conflicts: open.map(({ resolvers, networks }) => ({
      resolvers: resolvers.map((one) => numbers.get(one)!),
      sides: networks.map(treeOf),
    })),
    feasible: (list) => places.put(chosenOf(list)) !== undefined,
  })
  const placed = solution === undefined ? [] : (places.put(chosenOf(solution.changes)) ?? [])
  const cost = (solution?.cost ?? 0) + mode.cost
  return {
    mode,
    placed,
    troubles: list,
    stuck,
    cost,
    bound: unseen > 0 ? mode.cost : (solution?.bound ?? 0) + mode.cost,
    noRoom: solution === undefined,
  }
}

/** The other ways of joining that bear on what is in the way. */
function modes(plan: Plan, index: PlanIndex, troubles: readonly Trouble[]): { mode: Mode; plan: Plan }[] {
  const found: { mode: Mode; plan: Plan }[] = []
  const codes = new Set(troubles.flatMap(({ verdict }) => verdict.codes))
  const withClusters = (edit: (cluster: PlanCluster) => PlanCluster): Plan => ({
    ...plan,
    clusters: plan.clusters.map(edit),
  })
  if (codes.has('SM001') && !index.globalnet) {
    const clusters = plan.clusters.filter(({ submariner }) => submariner !== undefined)
    found.push({
      mode: {
        kind: 'globalnet',
        clusters,
        cost: GLOBALNET_COST * clusters.length,
        written: clusters.every(({ submariner }) => submariner?.globalnet?.value === false),
      },
      plan: withClusters((cluster) =>
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
    })
  }
  if (codes.has('IC001') || codes.has('IC002')) {
    const involved = new Set(
      troubles.flatMap(({ networks, verdict }) =>
        verdict.codes.some((code) => code === 'IC001' || code === 'IC002')
          ? networks.map(({ network }) => network.cluster)
          : [],
      ),
    )
    const clusters = index.ovnIc.filter(
      ({ id, ovnIc }) => involved.has(id) && ovnIc.autoRoute?.value === true,
    )
    for (const one of clusters.length > MANUAL_MAX ? [] : clusters) {
      found.push({
        mode: {
          kind: 'manual-routes',
          clusters: [plan.clusters.find(({ id }) => id === one.id)!],
          cost: MANUAL_COST * (index.ovnIc.length - 1),
          written: true,
        },
        plan: withClusters((cluster) =>
          cluster.id !== one.id || cluster.ovnIc === undefined
            ? cluster
            : {
                ...cluster,
                ovnIc: { ...cluster.ovnIc, autoRoute: { value: false, span: cluster.ovnIc.span } },
              },
        ),
      })
    }
  }
  return found
}
