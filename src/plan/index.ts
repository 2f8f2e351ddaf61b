// The plan with what most rules ask for: clusters by id, what belongs to each, which are joined by what, and all overlaps between
// networks, found once. Equal networks are one block, so that a thousand clusters with one default are one finding and not half a million.

import type { Plan, PlanCluster, PlanNetwork, PlanNode, PlanOvnIc, PlanRoute } from '../model/plan.ts'
import type { Profile } from '../model/profile.ts'
import { PROFILES } from '../model/profile-table.ts'
import { nest } from '../net/nesting.ts'
import { formatPrefix, type Prefix } from '../net/prefix.ts'
import { addPrefix, prefixTable } from '../net/prefix-columns.ts'

/** All networks with one prefix. */
export interface Block {
  readonly prefix: Prefix
  readonly networks: readonly PlanNetwork[]
  /** The smallest block around it. */
  readonly parent: Block | undefined
}

/** A cluster with everything that names it. */
export interface ClusterView extends PlanCluster {
  readonly networks: readonly PlanNetwork[]
  readonly nodes: readonly PlanNode[]
  /** What its version does; undefined where the plan does not tell the version. */
  readonly behaviour: Profile | undefined
  /** Subnets that OVN-IC would announce from here with automatic routes. */
  readonly exported: readonly PlanNetwork[]
  /** CIDRs that Submariner carries from here: the global CIDR with Globalnet, else services and pods. */
  readonly carried: readonly PlanNetwork[]
}

/** A cluster that takes part in OVN-IC. */
export type JoinedCluster = ClusterView & { readonly ovnIc: PlanOvnIc }

export interface PlanIndex extends Omit<Plan, 'clusters'> {
  readonly clusters: readonly ClusterView[]
  readonly cluster: (id: string) => ClusterView | undefined
  /** Clusters with OVN-IC switched on. */
  readonly ovnIc: readonly JoinedCluster[]
  readonly submariner: readonly ClusterView[]
  readonly globalnet: boolean
  /** Static routes of routers that OVN-IC may join: all but those of Kube-OVN's custom VPCs. */
  readonly joinedRoutes: readonly PlanRoute[]
  /** Networks of transit switches. */
  readonly transit: readonly PlanNetwork[]
  /** Blocks that several networks share or that lie in another, by address, the wider first: all that can overlap. */
  readonly crowded: readonly Block[]
}

/** Roles whose addresses pods have. */
export const POD_ROLES: ReadonlySet<string> = new Set(['pods', 'cluster-cidr', 'pool', 'underlay'])

export function indexPlan(given: Plan): PlanIndex {
  const plan = { ...given, networks: withoutRepeats(given.networks) }
  const networks = group(plan.networks)
  const nodes = group(plan.nodes)
  const globalnet = plan.clusters.some(
    ({ submariner, id }) =>
      submariner !== undefined &&
      submariner.globalnet?.value !== false &&
      (submariner.globalnet?.value === true ||
        networks.get(id)?.some(({ role }) => role === 'globalnet') === true),
  )
  const clusters = plan.clusters.map((cluster): ClusterView => {
    const own = networks.get(cluster.id) ?? []
    return {
      ...cluster,
      networks: own,
      nodes: nodes.get(cluster.id) ?? [],
      behaviour: cluster.profile === undefined ? undefined : PROFILES[cluster.profile.value],
      exported: exportedBy(own),
      carried: cluster.submariner === undefined ? [] : carriedBy(own, globalnet),
    }
  })
  const byId = new Map(clusters.map((cluster) => [cluster.id, cluster]))
  return {
    ...plan,
    clusters,
    cluster: (id) => byId.get(id),
    ovnIc: clusters.filter((one): one is JoinedCluster => one.ovnIc?.enabled === true),
    submariner: clusters.filter((one) => one.submariner !== undefined),
    globalnet,
    joinedRoutes: plan.routes.filter(
      ({ cluster, router }) => !isCustomVpc(router) || byId.get(cluster)?.kubeOvn !== true,
    ),
    transit: plan.networks.filter(({ role }) => role === 'transit'),
    crowded: crowdedBlocks(plan.networks),
  }
}

/** True for the router of a VPC that is not Kube-OVN's default one; '' where nobody says which. */
export function isCustomVpc(router: string): boolean {
  return router !== '' && router !== 'ovn-cluster'
}

/** True when what is announced and learned between two clusters is decided by the automatic routes of both. */
export function routesAutomatically(cluster: JoinedCluster): boolean {
  const { autoRoute, options } = cluster.ovnIc
  if (autoRoute !== undefined) return autoRoute.value
  // Where nobody says, a bare plan is about subnets that shall see each other.
  return options['ic-route-adv'] === undefined || options['ic-route-adv'].value === 'true'
}

/**
 * KO-RM-4: whether a cluster drops what it learns over a subnet of its own, and withholds both; undefined where Kube-OVN's version is not
 * known, and false where nothing speaks of Kube-OVN.
 */
export function handlesConflicts({ behaviour, kubeOvn }: ClusterView): boolean | undefined {
  if (behaviour === undefined) return kubeOvn === true ? undefined : false
  return behaviour.kubeOvn?.conflictHandling === true
}

/** A cluster of bare pods networks announces these; a range of kubeadm's stands in only where no subnet is listed. */
function exportedBy(networks: readonly PlanNetwork[]): PlanNetwork[] {
  const subnets = networks.filter(({ role, exported }) => role === 'pods' && exported)
  if (networks.some(({ role }) => role === 'pods')) return subnets
  return networks.filter(({ role }) => role === 'cluster-cidr')
}

/** Where kubeadm and kind say the range of pods; what is told to Submariner goes before it. */
export const KUBEADM_PODS = 'podSubnet'

/** Endpoint.subnets: services first, then cluster CIDRs; only IPv4, only global CIDRs with Globalnet (submariner 1.3). */
function carriedBy(networks: readonly PlanNetwork[], globalnet: boolean): PlanNetwork[] {
  if (globalnet) return networks.filter(({ role }) => role === 'globalnet')
  const services = networks.filter(({ role }) => role === 'services')
  const declared = networks.filter(({ role, assumed }) => role === 'cluster-cidr' && assumed === undefined)
  const told = declared.filter(({ name }) => name !== KUBEADM_PODS)
  const pods =
    told.length > 0
      ? told
      : declared.length > 0
        ? declared
        : networks.filter(({ role }) => role === 'cluster-cidr' || role === 'pods')
  return [...services, ...pods].filter(({ prefix }) => typeof prefix.ip === 'number')
}

/** What several documents say about one network alike counts once; the one that says most of it says where, else the first. */
export function withoutRepeats(networks: readonly PlanNetwork[]): readonly PlanNetwork[] {
  const groups = repeatsOf(networks)
  return networks.filter((network) => {
    const group = groups.get(network)
    return (
      group === undefined || group.reduce((most, one) => (told(one) > told(most) ? one : most)) === network
    )
  })
}

/** The networks of a plan that say the same as one, itself among them. */
export function repeatsIn({ networks }: Plan): (network: PlanNetwork) => readonly PlanNetwork[] {
  const groups = repeatsOf(networks)
  return (network) => groups.get(network) ?? [network]
}

/**
 * Networks that are said more than once. A cluster has one network of its services, so what says the same of it is one; pods may have several
 * subnets, so they must have one name, or no other than that of their role, as in spreadsheets.
 */
function repeatsOf(networks: readonly PlanNetwork[]): Map<PlanNetwork, readonly PlanNetwork[]> {
  const alike = new Map<string, PlanNetwork[]>()
  for (const network of networks) {
    const { cluster, role, prefix } = network
    if (role !== 'pods' && !DECLARED.has(role)) continue
    const key = `${cluster} ${role} ${typeof prefix.ip === 'number' ? `${prefix.ip}/${prefix.len}` : formatPrefix(prefix)}`
    const list = alike.get(key)
    if (list === undefined) alike.set(key, [network])
    else list.push(network)
  }
  const groups = new Map<PlanNetwork, readonly PlanNetwork[]>()
  for (const list of alike.values()) {
    if (list.length === 1) continue
    for (const same of list[0]!.role === 'pods' ? subnetsOf(list) : [list])
      for (const one of same) groups.set(one, same)
  }
  return groups
}

/** Pod networks of one prefix by subnet. What one file says twice stays two: a line copied and not changed. */
function subnetsOf(list: readonly PlanNetwork[]): PlanNetwork[][] {
  const names = new Set(list.map(({ name }) => name).filter((name) => name !== 'pods'))
  const [first = 'pods'] = names
  return [...(names.size === 0 ? ['pods'] : names)]
    .map((name) => list.filter((one) => one.name === name || (one.name === 'pods' && name === first)))
    .filter((same) => new Set(same.map(({ span }) => span.file)).size === same.length)
}

/** How much is told of a network beside its prefix. */
function told({ vpc, gateways, excludes, ranges, wanted, nodeLength, withheld }: PlanNetwork): number {
  return [vpc, gateways, excludes, ranges, wanted, nodeLength, withheld].filter((one) => one !== undefined)
    .length
}

const DECLARED: ReadonlySet<string> = new Set([
  'services',
  'cluster-cidr',
  'join',
  'globalnet',
  'nodes',
  'docker',
  'kind',
])

function group<T extends { readonly cluster: string }>(list: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const one of list) {
    const group = groups.get(one.cluster)
    if (group === undefined) groups.set(one.cluster, [one])
    else group.push(one)
  }
  return groups
}

/** Networks with one prefix together, and each block under the nearest around it. */
export function crowdedBlocks(networks: readonly PlanNetwork[]): Block[] {
  const table = prefixTable(Math.max(16, networks.length))
  for (const [i, { prefix }] of networks.entries()) addPrefix(table, prefix, i)
  const crowded: Block[] = []
  for (const columns of [table.v4, table.v6]) {
    const { order, parent } = nest(columns)
    // A network that touches no other, as most do, costs nothing here: blocks are made when something is found below them.
    const blocks = new Map<number, Block & { readonly networks: PlanNetwork[] }>()
    const networkAt = (at: number): PlanNetwork => networks[columns.id[order[at]!]!]!
    const blockAt = (at: number): Block & { readonly networks: PlanNetwork[] } => {
      const known = blocks.get(at)
      if (known !== undefined) return known
      const first = networkAt(at)
      const block = { prefix: first.prefix, networks: [first], parent: undefined }
      blocks.set(at, block)
      return block
    }
    for (let at = 0; at < order.length; at++) {
      const above = parent[at]!
      if (above < 0) continue
      const network = networkAt(at)
      const around = blockAt(above)
      if (around.prefix.len === network.prefix.len) {
        // Equal prefixes follow each other, each the parent of the next.
        around.networks.push(network)
        blocks.set(at, around)
        if (around.networks.length === 2 && around.parent === undefined) crowded.push(around)
      } else {
        const block = { prefix: network.prefix, networks: [network], parent: around }
        blocks.set(at, block)
        crowded.push(block)
      }
    }
  }
  return crowded
}
