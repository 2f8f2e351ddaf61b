// What the rules say about two networks alone, and about one. The search for a fix knows nothing about technologies: whether two
// networks may overlap is asked of the rules themselves, over a plan that holds only the two.

import type { Severity } from '../../diag/diagnostic.ts'
import type { PlanNetwork } from '../../model/plan.ts'
import { type Block, type ClusterView, crowdedBlocks, type JoinedCluster, type PlanIndex } from '../index.ts'
import type { place, Rule } from '../rule.ts'
import { equalSubnets } from '../rules/ic001-equal-subnets.ts'
import { containedSubnets } from '../rules/ic002-contained-subnets.ts'
import { reservedNetworks } from '../rules/ic003-reserved-networks.ts'
import { transitAddresses } from '../rules/ic010-transit-addresses.ts'
import { ownBlacklist } from '../rules/ic022-own-blacklist.ts'
import { overlapAcross } from '../rules/np001-overlap.ts'
import { overlapWithin } from '../rules/np002-overlap-within.ts'
import { dockerNetworks } from '../rules/np003-docker.ts'
import { loadBalancers } from '../rules/np004-load-balancers.ts'
import { nodeShares } from '../rules/np005-node-shares.ts'
import { capacity } from '../rules/np006-capacity.ts'
import { specialRanges } from '../rules/np009-special-ranges.ts'
import { publicAddresses } from '../rules/np010-public-addresses.ts'
import { nodeInside } from '../rules/np015-node-inside.ts'
import { smOverlap } from '../rules/sm001-overlap.ts'
import { smOverlapSelf } from '../rules/sm002-overlap-self.ts'
import { smNodeInCidr } from '../rules/sm003-node-in-cidr.ts'
import { smReservedRanges } from '../rules/sm014-reserved-ranges.ts'
import { smGlobalnetRange } from '../rules/sm025-globalnet-range.ts'
import { smJoinNetwork } from '../rules/sm028-join-network.ts'
import { spPoolsOverlap } from '../rules/sp010-pools-overlap.ts'

/** Rules about two networks that share addresses. */
export const PAIR_RULES: readonly Rule[] = [
  equalSubnets,
  containedSubnets,
  reservedNetworks,
  transitAddresses,
  ownBlacklist,
  overlapAcross,
  overlapWithin,
  dockerNetworks,
  loadBalancers,
  smOverlap,
  smOverlapSelf,
  smGlobalnetRange,
  smJoinNetwork,
  spPoolsOverlap,
]

/** Rules about where one network lies, whatever other networks there are. */
const PLACE_RULES: readonly Rule[] = [
  specialRanges,
  publicAddresses,
  smReservedRanges,
  nodeInside,
  smNodeInCidr,
  loadBalancers,
]

/** Rules about how large a network is. */
const SIZE_RULES: readonly Rule[] = [nodeShares, capacity]

/** Codes of findings that renumbering can remove. */
export const FIXABLE: ReadonlySet<string> = new Set(
  [...PAIR_RULES, ...PLACE_RULES, ...SIZE_RULES].map(({ code }) => code),
)

/** What is wrong with two networks, or with one. */
export interface Verdict {
  readonly codes: readonly string[]
  readonly severity: Severity
}

/** The least severity that counts. */
export type Threshold = 'error' | 'warning'

/** True for what a threshold counts. */
export function counts(severity: Severity, threshold: Threshold): boolean {
  return severity === 'error' || (threshold === 'warning' && severity === 'warning')
}

/**
 * Asks the rules of pairs. Rules tell networks apart by what they are for, whose they are and how their clusters are joined; two pairs
 * that agree in all of that get one answer, so that a thousand equal networks are not half a million questions.
 */
export class PairJudge {
  readonly #index: PlanIndex
  readonly #threshold: Threshold
  readonly #answers = new Map<string, Verdict | undefined>()
  readonly #kinds = new Map<PlanNetwork, number>()
  readonly #kindNumbers = new Map<string, number>()
  readonly #clusterKinds = new Map<string, string>()

  constructor(index: PlanIndex, threshold: Threshold) {
    this.#index = index
    this.#threshold = threshold
  }

  /**
   * What is wrong with the two; undefined where they may share the addresses that they share. `manual`: the one whose cluster is
   * taken to have manual routes.
   */
  judge(a: PlanNetwork, b: PlanNetwork, manual?: PlanNetwork): Verdict | undefined {
    const relation = a.prefix.len === b.prefix.len ? '=' : a.prefix.len < b.prefix.len ? '<' : '>'
    const own = a.cluster === b.cluster ? ' own' : ''
    const by = manual === undefined ? '' : manual === a ? ' first' : ' second'
    const key = `${this.#kindOf(a)}${relation}${this.#kindOf(b)}${own}${by}`
    if (this.#answers.has(key)) return this.#answers.get(key)
    const answer = this.#ask(a, b, manual?.cluster)
    this.#answers.set(key, answer)
    return answer
  }

  #ask(a: PlanNetwork, b: PlanNetwork, manual: string | undefined): Verdict | undefined {
    const networks = [a, b]
    const views = [...new Set(networks.flatMap(({ cluster }) => this.#index.cluster(cluster) ?? []))].map(
      (view) => {
        const { id, ovnIc } = view
        const only = reduced(view, networks)
        return id !== manual || ovnIc === undefined
          ? only
          : { ...only, ovnIc: { ...ovnIc, autoRoute: { value: false, span: ovnIc.span } } }
      },
    )
    return verdict(PAIR_RULES, part(this.#index, networks, views, crowdedBlocks(networks)), this.#threshold)
  }

  #kindOf(network: PlanNetwork): number {
    const known = this.#kinds.get(network)
    if (known !== undefined) return known
    const { role, name, cluster, vpc, assumed, withheld, exported, ranges, prefix } = network
    const view = this.#index.cluster(cluster)
    const text = [
      this.#clusterKind(view),
      role,
      typeof prefix.ip,
      vpc?.value ?? '',
      assumed === undefined,
      withheld ?? '',
      exported,
      view?.exported.includes(network) === true,
      view?.carried.includes(network) === true,
      // Networks of nobody are told apart by name, and pools by the ranges that they give out.
      cluster === '' ? name : '',
      ranges === undefined ? '' : this.#kinds.size,
    ].join(' ')
    const kind = this.#kindNumbers.get(text) ?? this.#kindNumbers.size
    this.#kindNumbers.set(text, kind)
    this.#kinds.set(network, kind)
    return kind
  }

  /** Everything about a cluster but its name, its networks and nodes, and where things are written. */
  #clusterKind(view: ClusterView | undefined): string {
    if (view === undefined) return ''
    const known = this.#clusterKinds.get(view.id)
    if (known !== undefined) return known
    const text = JSON.stringify(view, (key, value) => (LEFT_OUT.has(key) ? undefined : value))
    const kind = `${text}${this.#index.multus.some(({ cluster }) => cluster === view.id)}`
    this.#clusterKinds.set(view.id, kind)
    return kind
  }
}

const LEFT_OUT: ReadonlySet<string> = new Set([
  'id',
  'span',
  'networks',
  'nodes',
  'exported',
  'carried',
  'behaviour',
  'azName',
  'clusterId',
  'gateways',
])

/** Networks that lie where they cannot be, or are too small, with what the rules say about them. */
export function judgeAlone(
  index: PlanIndex,
  threshold: Threshold,
): Map<PlanNetwork, Verdict & { readonly small: boolean }> {
  const alone: PlanIndex = { ...index, crowded: [] }
  const bySpan = new Map<string, PlanNetwork[]>()
  for (const network of index.networks) {
    const key = spanKey(network.span)
    const known = bySpan.get(key)
    if (known === undefined) bySpan.set(key, [network])
    else known.push(network)
  }
  const found = new Map<PlanNetwork, Verdict & { readonly small: boolean }>()
  for (const rule of [...PLACE_RULES, ...SIZE_RULES]) {
    const small = SIZE_RULES.includes(rule)
    rule.check(alone, ({ severity, places, addresses = [] }) => {
      if (!counts(severity, threshold)) return
      // The network that a rule is about comes first.
      const first = places.find((one) => one !== undefined)
      const networks = first === undefined ? [] : (bySpan.get(spanKey(first.span)) ?? [])
      const touched = [...addresses]
      for (const network of networks) {
        if (networks.length > 1 && !touched.some((one) => one.ip === network.prefix.ip)) continue
        const before = found.get(network)
        found.set(network, {
          codes: [...new Set([...(before?.codes ?? []), rule.code])],
          severity: before?.severity === 'error' ? 'error' : severity,
          small: small && before?.small !== false,
        })
      }
    })
  }
  return found
}

/** The longest prefix of at most the present length with which a network is large enough; undefined where none is. */
export function lengthNeeded(
  index: PlanIndex,
  network: PlanNetwork,
  threshold: Threshold,
): number | undefined {
  const view = index.cluster(network.cluster)
  if (view === undefined) return undefined
  for (let len = network.prefix.len; len > 1; len--) {
    const grown = { ...network, prefix: { ip: network.prefix.ip, len } }
    const cluster = { ...reduced(view, []), networks: [grown] }
    if (verdict(SIZE_RULES, part(index, [grown], [cluster], []), threshold) === undefined) return len
  }
  return undefined
}

function spanKey(span: NonNullable<ReturnType<typeof place>>['span']): string {
  return `${span.file}:${span.line}:${span.column}`
}

/** A cluster with only these of its networks. */
function reduced(view: ClusterView, networks: readonly PlanNetwork[]): ClusterView {
  return {
    ...view,
    networks: networks.filter(({ cluster }) => cluster === view.id),
    exported: view.exported.filter((one) => networks.includes(one)),
    carried: view.carried.filter((one) => networks.includes(one)),
  }
}

/** The plan with only these networks and clusters. */
function part(
  index: PlanIndex,
  networks: readonly PlanNetwork[],
  clusters: readonly ClusterView[],
  crowded: readonly Block[],
): PlanIndex {
  return {
    ...index,
    networks,
    clusters,
    cluster: (id) => clusters.find((one) => one.id === id),
    ovnIc: clusters.filter((one): one is JoinedCluster => one.ovnIc?.enabled === true),
    submariner: clusters.filter((one) => one.submariner !== undefined),
    transit: networks.filter(({ role }) => role === 'transit'),
    crowded,
    nodes: [],
    transitPorts: [],
  }
}

function verdict(rules: readonly Rule[], index: PlanIndex, threshold: Threshold): Verdict | undefined {
  const codes: string[] = []
  let worst: Severity = 'warning'
  for (const rule of rules)
    rule.check(index, ({ severity }) => {
      if (!counts(severity, threshold)) return
      codes.push(rule.code)
      if (severity === 'error') worst = 'error'
    })
  return codes.length === 0 ? undefined : { codes: [...new Set(codes)], severity: worst }
}
