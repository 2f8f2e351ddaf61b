// A plan as people write it who have no manifests yet: `clusters: { a: { pods: …, services: …, join: …, nodes: … } }`. Every key is
// optional but `clusters`; docs/check.md describes them.

import { didYouMean } from '../../diag/suggest.ts'
import {
  NETWORK_ROLES,
  type NetworkRole,
  type PlanNetwork,
  type PlanSubmariner,
  type Written,
} from '../../model/plan.ts'
import { PROFILE_NAMES } from '../../model/profile.ts'
import { addressOf, isMapping, networkOf, type PlanDocument, View } from './document.ts'
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
]

const TECHNOLOGIES = ['ovn-ic', 'submariner', 'none']

/** True for a mapping that is such a plan. */
export function isBarePlan(value: Readonly<Record<string, unknown>>): boolean {
  return isMapping(value.clusters) && !('isthmus' in value) && !('kind' in value)
}

export function readBarePlan({ draft, value, at }: PlanDocument): void {
  const top = new View(draft, value, at)
  top.only(TOP_KEYS, 'a plan')
  const common = technologies(top)
  for (const id of Object.keys(value.clusters as object)) {
    const view = top.in('clusters', id)
    if (!isMapping(view.value)) {
      view.wrong('a mapping such as { pods: 10.16.0.0/16 }')
      continue
    }
    readCluster(id, view, common, top)
  }
  readUnderlay(draft, top.in('underlay'))
  readFirewall(draft, top.in('firewall'))
  draft.icDbHosts.push(...top.names('icDbHosts'))
  readTransitSwitches(draft, top.in('transitSwitches'))
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

function readCluster(id: string, view: View, common: readonly string[], top: View): void {
  const { draft } = view
  view.only(CLUSTER_KEYS, `the cluster ${id}`)
  const key = view.at.key
  const cluster = draft.cluster(id, key)
  for (const [name, role] of Object.entries(NETWORK_KEYS)) {
    if (view.raw(name) !== undefined) readNetworks(draft, id, role, view.in(name))
  }
  readNodes(draft, id, view.in('nodes'))
  const growth = view.number(0, 'growth') ?? top.number(0, 'growth')
  const profile = profileOf(view) ?? profileOf(top)
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
  const used = view.raw('technology') === undefined ? common : own
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

function written<T>(key: string, value: Written<T> | undefined): Record<string, Written<T>> {
  return value === undefined ? {} : { [key]: value }
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

const DETAIL_KEYS = [
  'cidr',
  'gateway',
  'exclude',
  'ips',
  'pods',
  'vpc',
  'vlan',
  'disableInterConnection',
  'nodeMask',
]

/** `cidr`, a list of them, `{ name: cidr }` or `{ name: { cidr, gateway, … } }`. */
export function readNetworks(draft: PlanDraft, cluster: string, role: NetworkRole, view: View): void {
  if (!isMapping(view.value)) {
    for (const { value, at } of view.words())
      for (const prefix of networkOf(draft, value, at))
        draft.network({ cluster, role, name: role, prefix: prefix.value, span: prefix.span, exported: true })
    return
  }
  if ('cidr' in view.value) {
    readDetailed(draft, cluster, role, role, view)
    return
  }
  for (const name of Object.keys(view.value)) {
    const one = view.in(name)
    if (isMapping(one.value)) readDetailed(draft, cluster, role, name, one)
    else
      for (const prefix of one.networks())
        draft.network({ cluster, role, name, prefix: prefix.value, span: prefix.span, exported: true })
  }
}

function readDetailed(draft: PlanDraft, cluster: string, role: NetworkRole, name: string, view: View): void {
  view.only(DETAIL_KEYS, `the network ${name}`)
  const gateways = view.addresses('gateway')
  const excludes = view.ranges('exclude')
  const ranges = view.ranges('ips')
  const wanted = view.number(0, 'pods')
  const nodeLength = view.number(1, 'nodeMask')
  const vpc = view.text('vpc')
  const hidden = view.flag('disableInterConnection')?.value === true
  const underlay = view.text('vlan') !== undefined
  const foreign = vpc !== undefined && vpc.value !== 'ovn-cluster'
  const withheld = hidden ? 'disableInterConnection' : foreign ? 'vpc' : underlay ? 'underlay' : undefined
  const networks = view.networks('cidr')
  if (view.raw('cidr') === undefined)
    draft.diagnostics.error('PL003', `the network ${name} has no cidr`, {
      span: view.at.key,
      expected: 'cidr: 10.16.0.0/16',
    })
  for (const { value: prefix, span } of networks) {
    const family = typeof prefix.ip
    draft.network({
      cluster,
      role,
      name,
      prefix,
      span,
      exported: withheld === undefined,
      ...(withheld !== undefined && { withheld }),
      ...(vpc !== undefined && { vpc }),
      gateways: gateways.filter((one) => typeof one.value === family),
      excludes: excludes.filter((one) => typeof one.value.first === family),
      ...(ranges.length > 0 && { ranges: ranges.filter((one) => typeof one.value.first === family) }),
      ...(wanted !== undefined && { wanted }),
      ...(nodeLength !== undefined && { nodeLength }),
    } satisfies PlanNetwork)
  }
}

const NODE_KEYS = [
  'ip',
  'interfaces',
  'chassis',
  'hostname',
  'encap',
  'mtu',
  'gateway',
  'publicIP',
  'udpPort',
  'tcpClampMss',
  'podCIDR',
  'maxPods',
  'strictRpFilter',
]

/** A network of nodes, a list of addresses or networks, or nodes by name. */
function readNodes(draft: PlanDraft, cluster: string, view: View): void {
  if (!view.present) return
  const entry = draft.cluster(cluster, view.at.key)
  if (!isMapping(view.value)) {
    for (const { value, at } of view.words()) {
      if (value.includes('/')) {
        for (const one of networkOf(draft, value, at))
          draft.network({
            cluster,
            role: 'nodes',
            name: 'nodes',
            prefix: one.value,
            span: one.span,
            exported: false,
          })
      } else {
        const ips = addressOf(draft, value, at)
        if (ips.length > 0)
          draft.nodes.push({ cluster, name: { value, span: at.span }, ips, interfaces: [], podCidrs: [] })
      }
    }
    return
  }
  entry.nodesKnown = true
  for (const name of Object.keys(view.value)) {
    const one = view.in(name)
    const named = { value: name, span: one.at.key }
    if (!isMapping(one.value)) {
      draft.nodes.push({ cluster, name: named, ips: one.addresses(), interfaces: [], podCidrs: [] })
      continue
    }
    one.only(NODE_KEYS, `the node ${name}`)
    draft.nodes.push({
      cluster,
      name: named,
      ips: one.addresses('ip'),
      interfaces: one.addresses('interfaces'),
      podCidrs: one.networks('podCIDR'),
      ...written('chassis', one.text('chassis')),
      ...written('hostname', one.text('hostname')),
      ...written('encap', one.text('encap')),
      ...written('mtu', one.number(68, 'mtu')),
      ...written('submarinerGateway', one.flag('gateway')),
      ...written('publicIp', one.text('publicIP')),
      ...written('udpPort', one.number(1, 'udpPort')),
      ...written('tcpClampMss', one.number(1, 'tcpClampMss')),
      ...written('maxPods', one.number(1, 'maxPods')),
      ...written('strictRpFilter', one.flag('strictRpFilter')),
    })
  }
}

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
    one.only(['priority', 'match', 'action'], 'a policy')
    const [priority, match] = [one.number(0, 'priority'), one.text('match')]
    if (priority !== undefined && match !== undefined)
      draft.policies.push({
        cluster,
        priority: priority.value,
        match,
        action: one.text('action')?.value ?? 'allow',
      })
  }
}

function readUnderlay(draft: PlanDraft, view: View): void {
  if (!view.present) return
  view.only(['mtu', 'wan'], 'underlay')
  draft.underlayMtu = view.number(68, 'mtu') ?? draft.underlayMtu
  readWans(draft, view.in('wan'))
}

/** `az1|az2: 1400` or `az1|az2: { mtu: 1400 }`. */
export function readWans(draft: PlanDraft, view: View): void {
  for (const pair of isMapping(view.value) ? Object.keys(view.value) : []) {
    const [a = '', b = ''] = pair.split('|').map((one) => one.trim())
    const mtu = isMapping(view.raw(pair)) ? view.number(68, pair, 'mtu') : view.number(68, pair)
    if (mtu !== undefined) draft.wans.push({ a, b, mtu })
  }
}

function readFirewall(draft: PlanDraft, view: View): void {
  if (!view.present) return
  view.only(['open', 'closed'], 'firewall')
  const clean = (words: readonly Written<string>[]) =>
    words.map(({ value, span }) => ({ value: value.toLowerCase().replaceAll(' ', ''), span }))
  draft.firewall = {
    closed: clean(view.names('closed')),
    ...(view.raw('open') !== undefined && {
      open: { span: view.at.in('open').key, entries: clean(view.names('open')) },
    }),
  }
}

/** A number of switches, or `{ ts: 169.254.100.0/24 }`. */
function readTransitSwitches(draft: PlanDraft, view: View): void {
  if (!view.present) return
  if (!isMapping(view.value)) {
    const count = view.number(0)
    for (let i = 0; i < Math.min(count?.value ?? 0, 1000); i++)
      draft.transitSwitches.push({ name: i === 0 ? 'ts' : `ts${i}`, span: view.at.span, written: true })
    return
  }
  for (const name of Object.keys(view.value)) {
    const span = view.at.in(name).key
    draft.transitSwitches.push({ name, span, written: true })
    for (const one of view.networks(name))
      draft.network({
        cluster: '',
        role: 'transit',
        name,
        prefix: one.value,
        span: one.span,
        exported: false,
      })
  }
}

/** The role of a word in a table or plan; undefined for none. */
export function roleOf(word: string): NetworkRole | 'node' | undefined {
  const name = word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
  if (name === 'node' || name === 'host') return 'node'
  return NETWORK_ROLES.find((role) => role === name) ?? SYNONYMS[name]
}

const SYNONYMS: Readonly<Record<string, NetworkRole>> = {
  pod: 'pods',
  'pod-cidr': 'pods',
  podcidr: 'pods',
  subnet: 'pods',
  service: 'services',
  svc: 'services',
  'service-cidr': 'services',
  servicecidr: 'services',
  clustercidr: 'cluster-cidr',
  'join-cidr': 'join',
  hosts: 'nodes',
  'node-network': 'nodes',
  'transit-switch': 'transit',
  ts: 'transit',
  lb: 'load-balancer',
  metallb: 'load-balancer',
  loadbalancer: 'load-balancer',
  loadbalancers: 'load-balancer',
  'load-balancers': 'load-balancer',
  macvlan: 'underlay',
  ippool: 'pool',
  pools: 'pool',
  office: 'external',
  lan: 'external',
}
