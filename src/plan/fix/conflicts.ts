// Everything that has to be resolved: pairs of networks that may not share addresses, networks where none may be, networks that are
// too small; and which changes resolve each.

import type { PlanNetwork } from '../../model/plan.ts'
import type { PlanIndex } from '../index.ts'
import {
  type Change,
  GROW_COST,
  manualCost,
  type NetworkChange,
  Places,
  type RoutesChange,
  withholdCost,
} from './changes.ts'
import { judgeAlone, lengthNeeded, PairJudge, type Verdict } from './judge.ts'
import { lineage, type Movable } from './networks.ts'
import type { FixOptions } from './options.ts'

/** Something that has to be resolved. */
export interface Trouble {
  readonly networks: readonly Movable[]
  readonly verdict: Verdict
  /** The changes that resolve it, in the order of the plan. */
  readonly resolvers: readonly Change[]
  /** Changes that would resolve it, and have no room even alone. */
  readonly unplaced: readonly NetworkChange[]
}

/** More pairs than this are not looked at one by one. */
const PAIRS_MAX = 600_000

export interface Troubles {
  readonly list: readonly Trouble[]
  /** Clusters of which manual routes were not weighed, because disableInterConnection resolves the same and costs no more. */
  readonly dominated: readonly string[]
  /** Networks that could be withheld, but for the text that they are written in. */
  readonly unwritable: readonly PlanNetwork[]
  /** Pairs that were not looked at. */
  readonly unseen: number
  readonly places: Places
}

/** Finds all of it. */
export function findTroubles(
  index: PlanIndex,
  networks: ReadonlyMap<PlanNetwork, Movable>,
  options: FixOptions,
): Troubles {
  const { threshold } = options
  const places = new Places(index, options)
  const judge = new PairJudge(index, threshold)
  const withheld = new Map<PlanNetwork, PlanNetwork>()
  const hidden = (network: PlanNetwork): PlanNetwork => {
    const one = withheld.get(network) ?? {
      ...network,
      exported: false,
      withheld: 'disableInterConnection' as const,
    }
    withheld.set(network, one)
    return one
  }
  const accepts = options.accepts ?? (() => false)
  const alone = new Map(
    [...judgeAlone(index, threshold)].flatMap(([network, { codes, ...verdict }]) => {
      const open = codes.filter((code) => !accepts([code], [network]))
      return open.length === 0 ? [] : [[network, { ...verdict, codes: open }] as const]
    }),
  )
  const lengths = new Map<Movable, number>()
  const changes = new Map<string, NetworkChange | undefined>()
  const manual = new Map<string, RoutesChange>()
  const numbers = new Map(index.networks.map((network, i) => [network, i]))
  const growth = Math.ceil(Math.log2(Math.max(1, options.growth)))

  /** What a network that is too small needs; undefined where it is not, or where no length helps. */
  const neededOf = (network: PlanNetwork): number | undefined =>
    alone.get(network)?.codes.some(isSize) === true ? lengthNeeded(index, network, threshold) : undefined
  const lengthOf = (movable: Movable): number => {
    const known = lengths.get(movable)
    if (known !== undefined) return known
    const { network } = movable
    const needed = neededOf(network) ?? network.prefix.len
    const length = Math.max(1, Math.min(needed, network.prefix.len - growth))
    lengths.set(movable, length)
    return length
  }
  /** The change, made once; undefined where it cannot be made. */
  const unwritable = new Set<PlanNetwork>()
  const roomless = new Map<Movable, NetworkChange>()
  const change = (kind: NetworkChange['kind'], movable: Movable): NetworkChange[] => {
    const key = `${kind} ${numbers.get(movable.network)}`
    if (!changes.has(key)) {
      const one = {
        kind,
        movable,
        cost: kind === 'renumber' ? movable.cost : kind === 'grow' ? GROW_COST : withholdCost(movable),
        length: kind === 'withhold' ? movable.network.prefix.len : lengthOf(movable),
      }
      const possible =
        kind === 'withhold'
          ? !options.pinned.has(movable.network) && (options.editable?.withhold(movable.network) ?? true)
          : movable.fixed === undefined && places.put([one]) !== undefined
      changes.set(key, possible ? one : undefined)
      if (!possible && kind === 'withhold' && !options.pinned.has(movable.network))
        unwritable.add(movable.network)
      if (!possible && kind === 'renumber' && movable.fixed === undefined) roomless.set(movable, one)
    }
    const known = changes.get(key)
    return known === undefined ? [] : [known]
  }

  /** Manual routes in the cluster of a network, where it has automatic ones that can be switched off. */
  const manualIn = ({ cluster: id }: PlanNetwork): RoutesChange[] => {
    const known = manual.get(id)
    if (known !== undefined) return [known]
    const view = index.cluster(id)
    if (
      view?.ovnIc?.enabled !== true ||
      view.ovnIc.autoRoute?.value !== true ||
      options.pinnedClusters.has(id) ||
      options.editable?.manual(id) === false
    )
      return []
    const made: RoutesChange = {
      kind: 'manual-routes',
      cluster: view,
      cost: manualCost(index.ovnIc.length),
    }
    manual.set(id, made)
    return [made]
  }

  const unplacedOf = (networks: readonly Movable[]): NetworkChange[] =>
    networks.flatMap((one) => roomless.get(one) ?? [])
  const list: Trouble[] = []
  for (const [network, verdict] of alone) {
    const movable = networks.get(network)
    if (movable === undefined) continue
    const size = neededOf(network) !== undefined
    if (!size && verdict.codes.every(isSize)) continue
    const resolvers = [
      ...(verdict.small && size ? change('grow', movable) : []),
      ...(size ? [movable] : lineage(movable)).flatMap((one) => change('renumber', one)),
    ]
    list.push({ networks: [movable], verdict, resolvers, unplaced: unplacedOf([movable]) })
  }
  let seen = 0
  let unseen = 0
  eachPairOf(index, (a, b) => {
    const [left, right] = [networks.get(a)!, networks.get(b)!]
    const [up, down] = [lineage(left), lineage(right)]
    if (up.includes(right) || down.includes(left)) return
    if (seen === PAIRS_MAX) {
      unseen++
      return
    }
    seen++
    const verdict = judge.judge(a, b)
    if (verdict === undefined || accepts(verdict.codes, [a, b])) return
    const resolvers = [
      ...up.filter((one) => !down.includes(one)).flatMap((one) => change('renumber', one)),
      ...down.filter((one) => !up.includes(one)).flatMap((one) => change('renumber', one)),
      ...[[a, b, left] as const, [b, a, right] as const].flatMap(([own, other, movable]) =>
        options.withhold !== false && canWithhold(index, own) && judge.judge(hidden(own), other) === undefined
          ? change('withhold', movable)
          : [],
      ),
      ...[a, b].flatMap((own) => manualIn(own).filter(() => judge.judge(a, b, own) === undefined)),
    ]
    list.push({ networks: [left, right], verdict, resolvers, unplaced: unplacedOf([left, right]) })
  })
  return { ...withoutNeedless(list, [...manual.values()]), unwritable: [...unwritable], unseen, places }
}

/**
 * Manual routes that cannot be cheapest are left out: whatever they resolve is resolved by withholding the networks of the cluster
 * that are concerned, which costs no more together.
 */
function withoutNeedless(
  list: readonly Trouble[],
  manual: readonly RoutesChange[],
): Pick<Troubles, 'list' | 'dominated'> {
  const instead = new Map<RoutesChange, Set<Change> | undefined>(manual.map((one) => [one, new Set()]))
  for (const { resolvers } of list)
    for (const one of resolvers) {
      if (one.kind !== 'manual-routes') continue
      const own = resolvers.find(
        (other) => other.kind === 'withhold' && other.movable.network.cluster === one.cluster.id,
      )
      if (own === undefined) instead.set(one, undefined)
      else instead.get(one)?.add(own)
    }
  const needless = new Set<RoutesChange>(
    [...instead].flatMap(([one, others]) =>
      others !== undefined && [...others].reduce((sum, { cost }) => sum + cost, 0) <= one.cost ? [one] : [],
    ),
  )
  const dominated = [...needless].map(({ cluster }) => cluster.id)
  if (needless.size === 0) return { list, dominated }
  return {
    list: list.map((trouble) => ({
      ...trouble,
      resolvers: trouble.resolvers.filter((one) => one.kind !== 'manual-routes' || !needless.has(one)),
    })),
    dominated,
  }
}

function isSize(code: string): boolean {
  return code === 'NP005' || code === 'NP006'
}

function canWithhold(index: PlanIndex, network: PlanNetwork): boolean {
  const cluster = index.cluster(network.cluster)
  return (
    network.role === 'pods' &&
    network.exported &&
    cluster?.ovnIc?.enabled === true &&
    cluster.exported.includes(network)
  )
}

/** All pairs of networks that share addresses, the one that was written first in front. */
function eachPairOf(index: PlanIndex, visit: (a: PlanNetwork, b: PlanNetwork) => void): void {
  for (const block of index.crowded) {
    for (const [i, b] of block.networks.entries()) {
      for (const a of block.networks.slice(0, i)) visit(a, b)
      for (let above = block.parent; above !== undefined; above = above.parent)
        for (const a of above.networks) visit(a, b)
    }
  }
}
