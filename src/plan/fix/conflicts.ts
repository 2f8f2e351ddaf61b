// Everything that has to be resolved: pairs of networks that may not share addresses, networks where none may be, networks that are
// too small; and which changes resolve each.

import type { PlanNetwork } from '../../model/plan.ts'
import type { PlanIndex } from '../index.ts'
import { type Change, GROW_COST, Places, withholdCost } from './changes.ts'
import { judgeAlone, lengthNeeded, PairJudge, type Verdict } from './judge.ts'
import { lineage, type Movable } from './networks.ts'
import type { FixOptions } from './options.ts'

/** Something that has to be resolved. */
export interface Trouble {
  readonly networks: readonly Movable[]
  readonly verdict: Verdict
  /** The changes that resolve it, in the order of the plan. */
  readonly resolvers: readonly Change[]
}

/** More pairs than this are not looked at one by one. */
const PAIRS_MAX = 600_000

export interface Troubles {
  readonly list: readonly Trouble[]
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
  const alone = judgeAlone(index, threshold)
  const lengths = new Map<Movable, number>()
  const changes = new Map<string, Change | undefined>()
  const numbers = new Map(index.networks.map((network, i) => [network, i]))
  const growth = Math.ceil(Math.log2(Math.max(1, options.growth)))

  const lengthOf = (movable: Movable): number => {
    const known = lengths.get(movable)
    if (known !== undefined) return known
    const { network } = movable
    const needed =
      alone.get(network)?.codes.some(isSize) === true
        ? lengthNeeded(index, network, threshold)
        : network.prefix.len
    const length = Math.max(1, Math.min(needed, network.prefix.len - growth))
    lengths.set(movable, length)
    return length
  }
  /** The change, made once; undefined where it cannot be made. */
  const change = (kind: Change['kind'], movable: Movable): Change[] => {
    const key = `${kind} ${numbers.get(movable.network)}`
    if (!changes.has(key)) {
      const one = {
        kind,
        movable,
        cost: kind === 'renumber' ? movable.cost : kind === 'grow' ? GROW_COST : withholdCost(movable),
        length: kind === 'withhold' ? movable.network.prefix.len : lengthOf(movable),
      }
      const possible = movable.fixed === undefined && places.put([one]) !== undefined
      changes.set(key, possible ? one : undefined)
    }
    const known = changes.get(key)
    return known === undefined ? [] : [known]
  }

  const list: Trouble[] = []
  for (const [network, verdict] of alone) {
    const movable = networks.get(network)
    if (movable === undefined) continue
    const size = verdict.codes.some(isSize)
    const resolvers = [
      ...(verdict.small ? change('grow', movable) : []),
      ...(size ? [movable] : lineage(movable)).flatMap((one) => change('renumber', one)),
    ]
    list.push({ networks: [movable], verdict, resolvers })
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
    if (verdict === undefined) return
    list.push({
      networks: [left, right],
      verdict,
      resolvers: [
        ...up.filter((one) => !down.includes(one)).flatMap((one) => change('renumber', one)),
        ...down.filter((one) => !up.includes(one)).flatMap((one) => change('renumber', one)),
        ...[[a, b, left] as const, [b, a, right] as const].flatMap(([own, other, movable]) =>
          options.withhold !== false &&
          canWithhold(index, own) &&
          judge.judge(hidden(own), other) === undefined
            ? change('withhold', movable)
            : [],
        ),
      ],
    })
  })
  return { list, unseen, places }
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
