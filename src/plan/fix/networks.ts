// The networks of a plan as things that can be changed: what lies in what on purpose and therefore moves with it, what cannot change
// and why, what a change costs.

import type { NetworkRole, PlanNetwork } from '../../model/plan.ts'
import { contains, covers } from '../../net/prefix.ts'
import type { Block, PlanIndex } from '../index.ts'
import { counted } from '../words.ts'
import { PairJudge } from './judge.ts'
import type { FixOptions } from './options.ts'

/** A network in the search. */
export interface Movable {
  readonly network: PlanNetwork
  /** The network of the same cluster that it was carved out of: it stays inside, and moves when that moves. */
  readonly parent: Movable | undefined
  /** What was carved out of it. */
  readonly inner: Movable[]
  /** Why it cannot be renumbered. */
  readonly fixed: string | undefined
  /** Pods that get other addresses when it moves, as far as the plan tells; what lies in it counted with it. */
  readonly pods: number
  /** What moving it costs, what lies in it included, in pods. */
  readonly cost: number
}

/**
 * What renumbering a network costs beside its pods, in pods: new addresses for services mean new certificates, resolvers and proxies
 * everywhere, for nodes a new installation; the networks between router and nodes change with a restart of the agents.
 */
export const ROLE_COSTS: Readonly<Record<NetworkRole, number>> = {
  pods: 10,
  'cluster-cidr': 10,
  pool: 10,
  globalnet: 10,
  docker: 10,
  transit: 10,
  join: 20,
  'load-balancer': 20,
  kind: 50,
  underlay: 500,
  services: 1000,
  nodes: 2000,
  external: Number.POSITIVE_INFINITY,
}

/** Roles whose networks are carved out of others, the wider kinds first. */
const NESTING: readonly NetworkRole[] = [
  'external',
  'nodes',
  'underlay',
  'cluster-cidr',
  'pods',
  'join',
  'pool',
  'load-balancer',
]

/** All networks, in the order of the plan. */
export function movables(index: PlanIndex, options: FixOptions): Map<PlanNetwork, Movable> {
  const parents = parentsOf(index, options)
  const pods = podsOf(index)
  const made = new Map<PlanNetwork, Movable & { pods: number; cost: number; fixed: string | undefined }>()
  const make = (
    network: PlanNetwork,
  ): Movable & { pods: number; cost: number; fixed: string | undefined } => {
    const known = made.get(network)
    if (known !== undefined) return known
    const outer = parents.get(network)
    const own = network.wanted?.value ?? pods.get(network) ?? 0
    const movable = {
      network,
      parent: outer === undefined ? undefined : make(outer),
      inner: [],
      fixed: fixedBy(network, options),
      pods: own,
      cost: options.costs.get(network) ?? ROLE_COSTS[network.role] + own,
    }
    made.set(network, movable)
    movable.parent?.inner.push(movable)
    return movable
  }
  for (const network of index.networks) make(network)
  // From the leaves up: what lies in a network moves with it, and holds it where it cannot.
  const done = new Set<Movable>()
  const add = (one: Movable & { pods: number; cost: number; fixed: string | undefined }): void => {
    if (done.has(one)) return
    done.add(one)
    for (const inner of one.inner) {
      const child = made.get(inner.network)!
      add(child)
      one.pods += child.pods
      one.cost += child.cost
      one.fixed ??= child.fixed === undefined ? undefined : `${child.network.name} in it: ${child.fixed}`
    }
  }
  for (const one of made.values()) add(one)
  return made
}

/** A network and those it was carved out of, from the inside out. */
export function lineage(one: Movable): Movable[] {
  const line: Movable[] = []
  for (let at: Movable | undefined = one; at !== undefined; at = at.parent) line.push(at)
  return line
}

/** A network and all that lies in it. */
export function family(one: Movable): Movable[] {
  return [one, ...one.inner.flatMap(family)]
}

function fixedBy(network: PlanNetwork, { pinned, editable }: FixOptions): string | undefined {
  const pin = pinned.get(network)
  if (pin !== undefined) return pin
  if (network.assumed !== undefined) return `${network.assumed}, written nowhere`
  if (network.role === 'external') return 'it belongs to somebody else'
  return editable?.whyNot(network)
}

/** The smallest network of the same cluster around each, where the rules have nothing against it. */
function parentsOf(index: PlanIndex, { threshold }: FixOptions): Map<PlanNetwork, PlanNetwork> {
  const parents = new Map<PlanNetwork, PlanNetwork>()
  const places = new Map(index.networks.map((network, i) => [network, i]))
  const judge = new PairJudge(index, threshold)
  for (const block of index.crowded) {
    for (const network of block.networks) {
      const rank = NESTING.indexOf(network.role)
      if (rank < 0) continue
      const holds = (one: PlanNetwork): boolean => {
        const other = NESTING.indexOf(one.role)
        return (
          one !== network &&
          one.cluster === network.cluster &&
          other >= 0 &&
          (other < rank || (other === rank && one.role !== 'pods')) &&
          // Of equal ones of one kind the first holds the others.
          (one.prefix.len < network.prefix.len || other < rank || places.get(one)! < places.get(network)!) &&
          judge.judge(one, network) === undefined
        )
      }
      for (let at: Block | undefined = block; at !== undefined; at = at.parent) {
        // Of equal ones the nearest kind.
        const around = at.networks
          .filter((one) => one.cluster === network.cluster)
          .filter(holds)
          .sort(
            (a, b) => NESTING.indexOf(b.role) - NESTING.indexOf(a.role) || places.get(a)! - places.get(b)!,
          )[0]
        if (around !== undefined && covers(around.prefix, network.prefix)) {
          parents.set(network, around)
          break
        }
      }
    }
  }
  return parents
}

/** Pods with an address in a network, and replicas that ask for a pool; the longest network of a cluster has them. */
function podsOf(index: PlanIndex): Map<PlanNetwork, number> {
  const found = new Map<PlanNetwork, number>()
  for (const pod of index.pods) {
    const own = index.cluster(pod.cluster)?.networks ?? []
    const homes = new Set(
      pod.ips.flatMap(({ value }) => {
        let best: PlanNetwork | undefined
        for (const one of own)
          if (contains(one.prefix, value) && (best === undefined || one.prefix.len >= best.prefix.len))
            best = one
        return best ?? []
      }),
    )
    const configs = index.multus.filter(
      ({ cluster, name, namespace }) =>
        cluster === pod.cluster &&
        pod.attachments.some(({ value }) => value === name.value || value === `${namespace}/${name.value}`),
    )
    for (const { pools } of configs)
      for (const pool of own)
        if (pool.role === 'pool' && pools.some(({ value }) => value === pool.name)) homes.add(pool)
    for (const home of homes) found.set(home, (found.get(home) ?? 0) + pod.replicas)
  }
  return found
}

/** `12 pods`, `no pods that the plan knows of`. */
export function podsText(pods: number): string {
  return pods === 0 ? 'no pod that the plan knows of' : counted(pods, 'pod')
}
