// A plan as people write it who have no manifests yet: `clusters: { a: { pods: …, services: …, join: …, nodes: … } }`. Every key is
// optional but `clusters`; docs/check.md describes them.

import { didYouMean } from '../../diag/suggest.ts'
import type { NetworkRole, PlanSubmariner, Written } from '../../model/plan.ts'
import { PROFILE_NAMES } from '../../model/profile.ts'
import { readNetworks } from './bare-networks.ts'
import { readNodes } from './bare-nodes.ts'
import { readFirewall, readFix, readTransitSwitches, readUnderlay } from './bare-surroundings.ts'
import { isMapping, type PlanDocument, View, written } from './document.ts'
import type { PlanDraft } from './draft.ts'

/** The keys of a cluster that hold networks. */
const NETWORK_KEYS: Readonly<Record<string, NetworkRole>> = {
  pods: 'pods',
  subnets: 'pods',
  clusterCidr: 'cluster-cidr',
  pools: 'pool',
  services: 'services',
  join: 'join',
  docker: 'docker',
  kind: 'kind',
  globalnet: 'globalnet',
  loadBalancers: 'load-balancer',
  underlay: 'underlay',
  external: 'external',
}

const CLUSTER_KEYS = [
  ...Object.keys(NETWORK_KEYS),
  'technology',
  'nodes',
  'nodeCount',
  'gateways',
  'az',
  'profile',
  'autoRoute',
  'dbHosts',
  'options',
  'podMtu',
  'udpPayload',
  'growth',
  'cni',
  'kubeProxy',
  'kubernetes',
  'nodeLocalDns',
  'submariner',
  'routes',
  'policies',
] as const

const TOP_KEYS = [
  'clusters',
  'technology',
  'profile',
  'growth',
  'underlay',
  'firewall',
  'icDbHosts',
  'transitSwitches',
  'fix',
]

const TECHNOLOGIES = ['ovn-ic', 'submariner', 'none']

/** True for a mapping that is such a plan. */
export function isBarePlan(value: Readonly<Record<string, unknown>>): boolean {
  return isMapping(value.clusters) && !('isthmus' in value) && !('kind' in value)
}

export function readBarePlan({ draft, value, at }: PlanDocument): void {
  const top = new View(draft, value, at)
  top.only(TOP_KEYS, 'a plan')
  const common = { technologies: technologies(top), profile: profileOf(top), growth: top.number(0, 'growth') }
  for (const id of Object.keys(value.clusters as object)) {
    const view = top.in('clusters', id)
    if (!isMapping(view.value)) {
      view.wrong('a mapping such as { pods: 10.16.0.0/16 }')
      continue
    }
    readCluster(id, view, common)
  }
  readUnderlay(draft, top.in('underlay'))
  readFirewall(draft, top.in('firewall'))
  draft.icDbHosts.push(...top.names('icDbHosts'))
  readTransitSwitches(draft, top.in('transitSwitches'))
  readFix(draft, top.in('fix'))
}

/** What a plan says of all its clusters. */
interface Common {
  readonly technologies: readonly string[]
  readonly profile: PlanNetworkProfile | undefined
  readonly growth: Written<number> | undefined
}

function technologies(view: View): string[] {
  return view.names('technology').flatMap(({ value, span }) => {
    if (TECHNOLOGIES.includes(value)) return [value]
    view.draft.diagnostics.error('PL003', `there is no technology "${value}"`, {
      span,
      expected: `one of ${TECHNOLOGIES.join(', ')}`,
      hint: didYouMean(value, TECHNOLOGIES),
    })
    return []
  })
}

function readCluster(id: string, view: View, common: Common): void {
  const { draft } = view
  view.only(CLUSTER_KEYS, `the cluster ${id}`)
  const key = view.at.key
  const cluster = draft.cluster(id, key)
  for (const [name, role] of Object.entries(NETWORK_KEYS)) {
    if (view.raw(name) !== undefined) readNetworks(draft, id, role, view.in(name))
  }
  readNodes(draft, id, view.in('nodes'))
  const growth = view.number(0, 'growth') ?? common.growth
  const profile = profileOf(view) ?? common.profile
  Object.assign(cluster, {
    ...written('nodeCount', view.number(0, 'nodeCount')),
    ...written('podMtu', view.number(68, 'podMtu')),
    ...written('udpPayload', view.number(1, 'udpPayload')),
    ...written('growth', growth),
    ...written('cni', view.text('cni')),
    ...written('kubeProxy', view.text('kubeProxy')),
    ...written('kubernetes', view.text('kubernetes')),
    ...written('nodeLocalDns', view.flag('nodeLocalDns')),
    ...written('profile', profile),
  })
  if (profile?.value.startsWith('kube-ovn') === true || view.raw('join') !== undefined) cluster.kubeOvn = true

  const own = technologies(view)
  const used = view.raw('technology') === undefined ? common.technologies : own
  if (
    used.includes('ovn-ic') ||
    (used.length === 0 && (view.raw('az') ?? view.raw('autoRoute')) !== undefined)
  ) {
    const options: Record<string, Written<string>> = {}
    for (const name of isMapping(view.raw('options')) ? Object.keys(view.raw('options') as object) : []) {
      const text = view.text('options', name)
      if (text !== undefined) options[name] = text
    }
    cluster.ovnIc = {
      span: key,
      enabled: true,
      azName: view.text('az') ?? { value: id, span: key },
      dbHosts: view.names('dbHosts'),
      gateways: view.names('gateways'),
      autoRoute: view.flag('autoRoute'),
      options,
      oddities: [],
    }
  }
  if (used.includes('submariner') || view.raw('submariner') !== undefined) {
    const submariner = draft.submariner(id, key)
    Object.assign(submariner, readSubmarinerKeys(view.in('submariner')))
    submariner.clusterId ??= { value: id, span: key }
    for (const name of view.names('gateways')) markGateway(draft, id, name)
  }
  readRoutes(draft, id, view)
}

/** `gateways` of a Submariner cluster are labels on its nodes. */
function markGateway(draft: PlanDraft, cluster: string, name: Written<string>): void {
  const index = draft.nodes.findIndex((node) => node.cluster === cluster && node.name.value === name.value)
  const label = { value: true, span: name.span }
  const node = draft.nodes[index]
  if (node !== undefined) draft.nodes[index] = { ...node, submarinerGateway: label }
  else draft.nodes.push({ cluster, name, ips: [], interfaces: [], podCidrs: [], submarinerGateway: label })
}

function profileOf(view: View): PlanNetworkProfile | undefined {
  const text = view.text('profile')
  if (text === undefined) return undefined
  const profile = PROFILE_NAMES.find((one) => one === text.value)
  if (profile !== undefined) return { value: profile, span: text.span }
  view.draft.diagnostics.error('IN040', `there is no profile "${text.value}"`, {
    span: text.span,
    expected: `one of ${PROFILE_NAMES.join(', ')}`,
    hint: didYouMean(text.value, PROFILE_NAMES),
  })
  return undefined
}

type PlanNetworkProfile = Written<(typeof PROFILE_NAMES)[number]>

const SUBMARINER_KEYS = [
  'clusterId',
  'version',
  'globalnet',
  'cableDriver',
  'natt',
  'forceUdpEncaps',
  'healthCheck',
  'airGapped',
  'udpPort',
  'broker',
  'psk',
  'sourcePreserved',
  'encryption',
]

function readSubmarinerKeys(view: View): Partial<PlanSubmariner> {
  if (!view.present || view.value === true) return {}
  if (!isMapping(view.value)) return view.wrong('a mapping') ?? {}
  view.only(SUBMARINER_KEYS, 'submariner')
  return {
    ...written('clusterId', view.text('clusterId')),
    ...written('version', view.text('version')),
    ...written('globalnet', view.flag('globalnet')),
    ...written('cableDriver', view.text('cableDriver')),
    ...written('natt', view.flag('natt')),
    ...written('forceUdpEncaps', view.flag('forceUdpEncaps')),
    ...written('healthCheck', view.flag('healthCheck')),
    ...written('airGapped', view.flag('airGapped')),
    ...written('udpPort', view.number(1, 'udpPort')),
    ...written('broker', view.text('broker')),
    ...written('psk', view.text('psk')),
    ...written('sourcePreserved', view.flag('sourcePreserved')),
    ...written('encryption', view.flag('encryption')),
  }
}

function readRoutes(draft: PlanDraft, cluster: string, view: View): void {
  const routes = view.raw('routes')
  for (const i of Array.isArray(routes) ? routes.keys() : []) {
    const one = view.in('routes', i)
    one.only(['prefix', 'nexthop', 'policy', 'port'], 'a route')
    const [prefix, nexthop] = [one.text('prefix'), one.text('nexthop')]
    const port = one.text('port')
    if (prefix === undefined || nexthop === undefined)
      one.wrong('{ prefix: 10.17.0.0/16, nexthop: 169.254.100.31 }')
    else
      draft.routes.push({
        cluster,
        router: 'ovn-cluster',
        prefix,
        nexthop,
        policy: one.text('policy')?.value === 'src-ip' ? 'src-ip' : 'dst-ip',
        learned: false,
        ...(port !== undefined && { port: port.value }),
      })
  }
  const policies = view.raw('policies')
  for (const i of Array.isArray(policies) ? policies.keys() : []) {
    const one = view.in('policies', i)
    one.only(['priority', 'match', 'action', 'nexthop'], 'a policy')
    const [priority, match] = [one.number(0, 'priority'), one.text('match')]
    if (priority !== undefined && match !== undefined)
      draft.policies.push({
        cluster,
        router: 'ovn-cluster',
        priority: priority.value,
        match,
        action: one.text('action')?.value ?? 'allow',
        nexthops: one.names('nexthop'),
      })
  }
}
