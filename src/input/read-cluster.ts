// From one cluster of the scenario file to its draft: short forms become long ones, texts become values. What refers to
// something else by name is looked up later, when the manifests have been read too.

import { parseMatch } from '../model/match-parser.ts'
import type { Router, RouterPolicy, StaticRoute } from '../model/network.ts'
import type { Profile } from '../model/profile.ts'
import { parseIp } from '../net/ip.ts'
import { parsePrefix } from '../net/prefix.ts'
import { nbctlLines } from './command-lines.ts'
import { type Context, reportUnknown } from './context.ts'
import {
  type ClusterDraft,
  DEFAULT_ROUTER,
  type GatewayDraft,
  type NodeDraft,
  type Placed,
  type PodDraft,
  priorityOf,
  type TransitPortDraft,
} from './draft.ts'
import { readSubnet } from './read-subnet.ts'
import { checkEndpoint } from './reserved.ts'
import type {
  RawCluster,
  RawGateways,
  RawNode,
  RawPod,
  RawPolicy,
  RawStaticRoute,
  RawTransitPort,
} from './schema/cluster.ts'
import { optionTexts, placedTexts } from './texts.ts'
import { readIp, readMac, readPrefix } from './values.ts'
import type { At } from './yaml-file.ts'

/** Reads one cluster as written; broken parts are reported and left out. */
export function readCluster(
  context: Context,
  id: string,
  index: number,
  raw: RawCluster,
  profile: Profile,
  at: At,
): ClusterDraft {
  const each = <V, D>(
    key: 'nodes' | 'subnets' | 'pods',
    items: Readonly<Record<string, V>> | undefined,
    read: (name: string, item: V, at: At) => D | undefined,
  ): D[] =>
    Object.entries(items ?? {}).flatMap(([name, item]) => {
      const draft = read(name, item, at.in(key, name))
      if (draft === undefined) context.broken.add(`${key.slice(0, -1)} ${id}/${name}`)
      return draft === undefined ? [] : [draft]
    })
  return {
    id,
    at,
    index,
    azName: raw.az === undefined ? undefined : { value: raw.az, at: at.in('az') },
    profile,
    ic: raw.ic ?? true,
    autoRoute: raw.autoRoute,
    nodes: each('nodes', raw.nodes, (name, item, place) => readNode(context, name, item, place)),
    gateways: raw.gateways === undefined ? undefined : readGateways(raw.gateways, at.in('gateways')),
    subnets: each('subnets', raw.subnets, (name, item, place) => readSubnet(context, name, item, place)),
    pods: each('pods', raw.pods, (name, item, place) => readPod(context, name, item, place)),
    routers: readRouters(context, raw, at),
    ...readTransitPorts(context, raw.transitPorts ?? {}, at.in('transitPorts')),
    options: optionTexts(raw.options),
    commands: nbctlLines(context, raw.commands ?? [], at.in('commands')),
    ecmpOrder: Array.isArray(raw.ecmpOrder) ? { '': raw.ecmpOrder } : (raw.ecmpOrder ?? {}),
    configMap: undefined,
  }
}

function readNode(context: Context, name: string, raw: string | RawNode, at: At): NodeDraft | undefined {
  const long: RawNode = typeof raw === 'string' ? { ip: raw } : raw
  const ipAt = typeof raw === 'string' ? at : at.in('ip')
  const ip = readIp(context, long.ip, ipAt)
  const internalIps = readIps(context, long.internalIPs, at.in('internalIPs'))
  const joinIps = readIps(context, long.joinIPs, at.in('joinIPs'))
  const mac = long.mac === undefined ? undefined : readMac(context, long.mac, at.in('mac'))
  if (ip === undefined || !checkEndpoint(context, { value: ip, at: ipAt })) return undefined
  return {
    name,
    at,
    ip: { value: ip, at: ipAt },
    chassis: long.chassis === undefined ? undefined : { value: long.chassis, at: at.in('chassis') },
    hostname: long.hostname,
    encapType: long.encap ?? 'geneve',
    internalIps: internalIps.length === 0 ? [ip] : internalIps.map((one) => one.value),
    joinIps: joinIps.map((one) => one.value),
    interconn: long.interconn,
    mtu: long.mtu,
    mac,
  }
}

/** Reads a pod, in its short form (`web: node`) or its long one. */
export function readPod(context: Context, name: string, raw: string | RawPod, at: At): PodDraft | undefined {
  const long: RawPod = typeof raw === 'string' ? { node: raw } : raw
  const nodeAt = typeof raw === 'string' ? at : at.in('node')
  const key = long.ip === undefined ? 'ips' : 'ip'
  const wanted = long.ip ?? long.ips
  const ips = readIps(context, wanted, at.in(key))
  const mac = long.mac === undefined ? undefined : readMac(context, long.mac, at.in('mac'))
  const count = wanted === undefined ? 0 : typeof wanted === 'string' ? 1 : wanted.length
  if (typeof wanted !== 'string' || !wanted.includes(',')) if (ips.length < count) return undefined
  return {
    name,
    at,
    node: long.node === undefined ? undefined : { value: long.node, at: nodeAt },
    subnet: long.subnet === undefined ? undefined : { value: long.subnet, at: at.in('subnet') },
    ips,
    mac: mac === undefined ? undefined : { value: mac, at: at.in('mac') },
    mtu: long.mtu,
    lsp: long.lsp,
  }
}

/** Reads one address or a list of them; a text may hold several with commas, as Kube-OVN writes dual stack. */
export function readIps(
  context: Context,
  raw: string | readonly string[] | undefined,
  at: At,
): Placed<NonNullable<ReturnType<typeof readIp>>>[] {
  return placedTexts(raw, at).flatMap(({ value, at: place }) => {
    const ip = readIp(context, value, place)
    return ip === undefined ? [] : [{ value: ip, at: place }]
  })
}

/** Reads gateways: a list in order of preference, or a mapping to priorities. */
export function readGateways(raw: RawGateways, at: At): GatewayDraft[] {
  if (typeof raw === 'string' || Array.isArray(raw)) {
    return placedTexts(raw as string | string[], at)
      .filter((one) => one.value !== '')
      .map((one, i) => ({ node: one.value, priority: priorityOf(i), at: one.at }))
  }
  return Object.entries(raw).map(([node, priority]) => ({ node, priority, at: at.in(node).onKey() }))
}

function readRouters(context: Context, raw: RawCluster, at: At): Router[] {
  const routers = new Map<string, Router>([
    [DEFAULT_ROUTER, { name: DEFAULT_ROUTER, staticRoutes: [], policies: [] }],
  ])
  for (const [name, router] of Object.entries(raw.routers ?? {})) {
    const place = at.in('routers', name)
    routers.set(name, {
      name,
      staticRoutes: readStaticRoutes(context, router.staticRoutes, place.in('staticRoutes')),
      policies: readPolicies(context, router.policies, place.in('policies')),
    })
  }
  const main = routers.get(DEFAULT_ROUTER)!
  routers.set(DEFAULT_ROUTER, {
    ...main,
    staticRoutes: [
      ...main.staticRoutes,
      ...readStaticRoutes(context, raw.staticRoutes, at.in('staticRoutes')),
    ],
    policies: [...main.policies, ...readPolicies(context, raw.policies, at.in('policies'))],
  })
  return [...routers.values()]
}

function readStaticRoutes(
  context: Context,
  raw: readonly RawStaticRoute[] | undefined,
  at: At,
): StaticRoute[] {
  return (raw ?? []).flatMap((route, i) => {
    const place = at.in(i)
    return checkRoute(context, route.prefix, route.nexthop, place.in('prefix'), place.in('nexthop'))
      ? [
          {
            prefix: route.prefix,
            nexthop: route.nexthop,
            policy: route.policy ?? 'dst-ip',
            routeTable: route.table ?? '',
            ecmp: route.ecmp ?? false,
            ...(route.port !== undefined && { outputPort: route.port }),
          },
        ]
      : []
  })
}

/** True when prefix and next hop of a static route can be read and are of one family (RT-8). */
export function checkRoute(
  context: Context,
  prefix: string,
  nexthop: string,
  prefixAt: At,
  nexthopAt: At,
): boolean {
  const network = parsePrefix(prefix) ?? readPrefix(context, prefix, prefixAt)
  const hop = nexthop === 'discard' ? undefined : (parseIp(nexthop) ?? readIp(context, nexthop, nexthopAt))
  if (network === undefined) return false
  if (hop === undefined) return nexthop === 'discard'
  if ((typeof hop === 'number') === (typeof network.ip === 'number')) return true
  context.diagnostics.error('IN036', `the next hop ${nexthop} is not of the family of ${prefix}`, {
    span: nexthopAt.span,
    expected: `an ${typeof network.ip === 'number' ? 'IPv4' : 'IPv6'} address or discard`,
    related: [{ message: 'the prefix of the route', span: prefixAt.span }],
  })
  return false
}

function readPolicies(context: Context, raw: readonly RawPolicy[] | undefined, at: At): RouterPolicy[] {
  return (raw ?? []).flatMap((policy, i) => {
    const place = at.in(i)
    const match = checkMatch(context, policy.match, place.in('match'))
    const hops = readIps(context, policy.nexthop, place.in('nexthop'))
    if (policy.action === 'reroute' && policy.nexthop === undefined) {
      context.diagnostics.error('IN011', 'a policy that reroutes needs a next hop', {
        span: place.in('action').span,
        hint: 'add nexthop: an address in a network of the router',
      })
    }
    return match
      ? [
          {
            priority: policy.priority,
            match: policy.match,
            action: policy.action,
            nexthops:
              policy.nexthop === undefined
                ? []
                : placedTexts(policy.nexthop, place)
                    .slice(0, hops.length)
                    .map((one) => one.value),
          },
        ]
      : []
  })
}

/** True when a policy's match can be read. */
export function checkMatch(context: Context, text: string, at: At): boolean {
  const parsed = parseMatch(text)
  if (parsed.kind === 'match') return true
  const span = at.span
  // The offset counts inside the text; quotes of the scalar come before it.
  const written = at.document.textOf(at.path)
  const inside = written === undefined ? -1 : written.indexOf(text)
  const column = span.column + Math.max(0, inside) + parsed.offset
  context.diagnostics.error('IN080', `this match cannot be read: ${parsed.message}`, {
    span:
      inside < 0 ? span : { file: span.file, line: span.line, column, length: Math.max(1, parsed.length) },
    expected: 'comparisons such as ip4.dst == 10.17.0.0/16, joined by && or ||',
    hint: parsed.hint,
  })
  return false
}

function readTransitPorts(
  context: Context,
  raw: Readonly<Record<string, false | RawTransitPort | readonly RawTransitPort[]>>,
  at: At,
): { transitPorts: TransitPortDraft[]; withoutPortOn: string[] } {
  const transitPorts: TransitPortDraft[] = []
  const withoutPortOn: string[] = []
  for (const [name, pinned] of Object.entries(raw)) {
    const place = at.in(name)
    if (pinned === false) withoutPortOn.push(name)
    else if (Array.isArray(pinned))
      transitPorts.push(
        ...pinned.map((one: RawTransitPort, i) => readTransitPort(context, name, one, place.in(i))),
      )
    else transitPorts.push(readTransitPort(context, name, pinned as RawTransitPort, place))
  }
  return { transitPorts, withoutPortOn }
}

/** Reads what is pinned of a port on a transit switch. */
export function readTransitPort(
  context: Context,
  transitSwitch: string,
  raw: RawTransitPort,
  at: At,
): TransitPortDraft {
  const mac = raw.mac === undefined ? undefined : readMac(context, raw.mac, at.in('mac'))
  return {
    transitSwitch,
    at,
    ips: placedTexts(raw.ip, at.in('ip')).flatMap(({ value, at: place }) => {
      const prefix = value.includes('/') ? readPrefix(context, value, place) : undefined
      const ip = value.includes('/') ? undefined : readIp(context, value, place)
      // A length of -1 stands for "that of the switch", which is known later.
      if (ip !== undefined) return [{ value: { ip, len: -1 }, at: place }]
      return prefix === undefined ? [] : [{ value: prefix, at: place }]
    }),
    mac: mac === undefined ? undefined : { value: mac, at: at.in('mac') },
    gateways: raw.gateways === undefined ? undefined : readGateways(raw.gateways, at.in('gateways')),
    lrp: raw.lrp,
    lsp: raw.lsp,
    router: { value: raw.router ?? DEFAULT_ROUTER, at: at.in('router') },
    routeTable: raw.routeTable ?? '',
    options: optionTexts(raw.options),
  }
}

/** Reports gateways that are no node of the cluster. */
export function checkGateways(
  context: Context,
  cluster: string,
  gateways: readonly GatewayDraft[],
  nodes: readonly string[],
): void {
  const seen = new Map<string, GatewayDraft>()
  for (const gateway of gateways) {
    const before = seen.get(gateway.node)
    if (before !== undefined) {
      context.diagnostics.error('IN059', `the gateway ${gateway.node} is listed twice`, {
        span: gateway.at.span,
        related: [{ message: 'first listed here', span: before.at.span }],
      })
    } else if (!nodes.includes(gateway.node)) {
      reportUnknown(context, gateway.node, { code: 'IN053', what: 'node', cluster, names: nodes }, gateway.at)
    }
    seen.set(gateway.node, gateway)
  }
}
