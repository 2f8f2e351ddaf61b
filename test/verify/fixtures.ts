// A small network by hand: az1 with a worker and two gateways, az2 with one node, as far as expectations look at it.

import type { Expectation, Selector, When } from '../../src/model/expectation.ts'
import type {
  ChassisState,
  ForwardingState,
  LogicalRouter,
  LogicalSwitch,
  LogicalView,
  PolicyFlow,
  RouteFlow,
  RouteMember,
  RouterPort,
} from '../../src/model/forwarding.ts'
import type { Cluster, Network, Pod, Subnet } from '../../src/model/network.ts'
import { DEFAULT_LIMITS, type Scenario } from '../../src/model/scenario.ts'
import type { TimedEvent } from '../../src/model/timeline.ts'
import type { Disposition, DropKind, Trace, TraceHop } from '../../src/model/trace.ts'
import type { Traffic, TrafficResult } from '../../src/model/traffic.ts'
import { type Ip, parseIp } from '../../src/net/ip.ts'
import { type Prefix, parsePrefix } from '../../src/net/prefix.ts'
import type { Observed } from '../../src/verify/expectations.ts'

export const ip = (text: string): Ip => parseIp(text)!
export const prefix = (text: string): Prefix => parsePrefix(text)!
export const SECOND = 1_000_000_000

export function pod(name: string, ips: string[], subnet = 'default', node = 'w1'): Pod {
  return { name, subnet, node, mac: 1, ips: ips.map(ip), mtu: 1400, lsp: name }
}

function subnet(name: string, gateways: string[], routeTable = ''): Subnet {
  return {
    name,
    router: 'ovn-cluster',
    lrp: `lrp-${name}`,
    lsp: `lsp-${name}`,
    mac: 2,
    gateways: gateways.map(prefix),
    routeTable,
    disableInterConnection: false,
    isJoin: false,
    gatewayType: 'distributed',
    gatewayNodes: [],
    lrpOptions: {},
  }
}

function cluster(id: string, pods: Pod[], subnets: Subnet[]): Cluster {
  return {
    id,
    azName: id,
    profile: {} as Cluster['profile'],
    icDaemon: true,
    nodes: [],
    ic: undefined,
    options: {},
    routers: [],
    subnets,
    pods,
    transitPorts: [],
    commands: [],
    ecmpOrder: {},
  }
}

export function scenarioOf(timeline: readonly TimedEvent[] = []): Scenario {
  const network: Network = {
    name: 'two clusters',
    profile: { name: 'ovn-23.03' } as Network['profile'],
    seed: 1,
    interconnect: { dbHosts: [], transitSwitches: [], icSbResidue: [] },
    clusters: [
      cluster(
        'az1',
        [pod('a', ['10.16.0.10', 'fd00::10']), pod('b', ['10.16.0.11'])],
        [subnet('default', ['10.16.0.1/16']), subnet('blue', ['10.18.0.1/24'], 'blue-table')],
      ),
      cluster(
        'az2',
        [pod('c', ['10.17.0.10'])],
        [subnet('default', ['10.17.0.1/16']), subnet('empty', ['10.19.0.1/24'])],
      ),
    ],
    underlay: { mtu: 1500, latency: 0, loss: 0, nodes: {}, wan: {} },
  }
  return {
    file: 'test.yaml',
    name: 'two clusters',
    description: '',
    network,
    start: 'converged',
    duration: 10 * SECOND,
    timeline,
    traffic: [],
    expectations: [],
    limits: DEFAULT_LIMITS,
  }
}

export function route(
  to: string,
  via: string | string[] | 'discard' | undefined,
  more: Partial<RouteFlow> = {},
): RouteFlow {
  const member = (nexthop: string | undefined): RouteMember => ({
    nexthop: nexthop === undefined ? undefined : ip(nexthop),
    source: ip('169.254.100.41'),
    outport: nexthop === undefined ? 'lrp-default' : 'az1-ts',
  })
  return {
    priority: 50,
    routeTable: undefined,
    kind: 'dst',
    prefix: prefix(to),
    inport: undefined,
    origin: 'learned',
    action: Array.isArray(via)
      ? { kind: 'ecmp', group: 1, members: via.map(member) }
      : via === 'discard'
        ? { kind: 'drop' }
        : { kind: 'forward', member: member(via) },
    ...more,
  }
}

const port = (name: string, more: Partial<RouterPort> = {}): RouterPort => ({
  name,
  key: 1,
  mac: 2,
  networks: [],
  peer: undefined,
  routeTable: 0,
  gatewayMtu: undefined,
  gateway: undefined,
  ...more,
})

export function viewOf(
  name: string,
  routes: readonly RouteFlow[],
  policies: readonly PolicyFlow[] = [],
): LogicalView {
  const gateway = { redirectPort: `cr-${name}-ts`, redirectKey: 3, members: [], boundTo: undefined }
  const ports = [port('lrp-default'), port('lrp-blue', { routeTable: 1 }), port(`${name}-ts`, { gateway })]
  const router: LogicalRouter = {
    kind: 'router',
    name: 'ovn-cluster',
    key: 2,
    ports,
    portByKey: new Map(),
    portByName: new Map(ports.map((one) => [one.name, one])),
    routes,
    policies,
  }
  const ts: LogicalSwitch = {
    kind: 'switch',
    name: 'ts',
    key: 16711682,
    transit: true,
    ports: [
      {
        kind: 'router',
        name: `ts-${name}`,
        key: 1,
        chassis: undefined,
        mac: 2,
        ips: [],
        peer: { datapath: 2, port: `${name}-ts` },
      },
    ],
    portByKey: new Map(),
    portByName: new Map(),
  }
  return {
    cluster: name,
    datapaths: new Map<number, LogicalRouter | LogicalSwitch>([
      [2, router],
      [16711682, ts],
    ]),
    byName: new Map<string, LogicalRouter | LogicalSwitch>([
      ['ovn-cluster', router],
      ['ts', ts],
    ]),
    switchOfPort: new Map(),
    ecmpHash: 'l4-symmetric',
  }
}

export function chassis(
  name: string,
  node: string,
  view: LogicalView | undefined,
  more: Partial<ChassisState> = {},
): ChassisState {
  return {
    key: `${name}/${node}`,
    cluster: name,
    node,
    chassis: node,
    encapIp: ip('192.168.42.1'),
    underlayMac: 1,
    vswitchd: true,
    controller: true,
    view,
    resident: new Set(),
    vifs: new Set(),
    tunnels: new Map(),
    ...more,
  }
}

export function state(at: number, ...all: ChassisState[]): ForwardingState {
  return { at, version: at, chassis: new Map(all.map((one) => [one.key, one])) }
}

export function observed(more: Partial<Observed> = {}): Observed {
  return {
    scenario: scenarioOf(),
    end: 10 * SECOND,
    states: [state(0)],
    snapshots: new Map(),
    traffic: [],
    log: [],
    ...more,
  }
}

const hop = (chassisKey: string, tunnel: boolean): TraceHop => ({
  chassis: chassisKey,
  entered: { kind: 'vif', port: 'a' },
  steps: [],
  left: tunnel
    ? [
        {
          kind: 'tunnel',
          from: chassisKey,
          to: 'az2/n1',
          outerSource: '192.168.42.1',
          outerDestination: '192.168.42.2',
          udpSource: 40000,
          vni: 2,
          ingressKey: 1,
          egressKey: 3,
          datapath: 'ovn-cluster',
          ingressPort: 'lrp-default',
          egressPort: 'cr-az1-ts',
        },
      ]
    : [{ kind: 'vif', port: 'c' }],
})

/** A trace with this end; delivered ones are answered with a reply that arrives. */
export function traceOf(
  end: Disposition,
  reply: Disposition | undefined = { kind: 'delivered', port: 'a', ttl: 62 },
): Trace {
  const bare = {
    packet: {
      from: 'az1/a',
      source: '10.16.0.10',
      destination: '10.17.0.10',
      protocol: 'icmp',
      sourcePort: undefined,
      destinationPort: undefined,
      ttl: 64,
      length: 84,
    },
    hops: [hop('az1/w1', true), hop('az1/gw1', true), hop('az2/n1', false)],
  } as const
  const arrived = end.kind === 'delivered' || end.kind === 'answered'
  return {
    ...bare,
    disposition: end,
    reply:
      arrived && reply !== undefined
        ? { ...bare, hops: [hop('az2/n1', true), hop('az1/w1', false)], disposition: reply, reply: undefined }
        : undefined,
  }
}

export const drop = (kind: DropKind, reason: string): Disposition => ({
  kind,
  where: 'az1/w1',
  datapath: 'ovn-cluster',
  stage: 'lr_in_ip_routing',
  reason,
})

export const DELIVERED: Disposition = { kind: 'delivered', port: 'c', ttl: 62 }

export function pingResult(lost: readonly number[], more: Partial<TrafficResult> = {}): TrafficResult {
  const count = 10
  const sentAt = Array.from({ length: count }, (_, i) => i * SECOND)
  const traffic: Traffic = {
    kind: 'ping',
    name: 'steady',
    at: 0,
    from: { cluster: 'az1', pod: 'a' },
    to: { cluster: 'az2', pod: 'c' },
    address: ip('10.17.0.10'),
    count,
    interval: SECOND,
    size: 56,
    ttl: 64,
    tos: 0,
    df: 'want',
    wait: SECOND,
  }
  const received = sentAt.map((_, i) => i + 1).filter((seq) => !lost.includes(seq))
  const gaps: TrafficResult['gaps'][number][] = []
  for (const seq of lost) {
    const last = gaps.at(-1)
    const to = seq < count ? sentAt[seq] : undefined
    if (last !== undefined && last.toSeq === seq - 1) gaps[gaps.length - 1] = { ...last, toSeq: seq, to }
    else gaps.push({ fromSeq: seq, toSeq: seq, from: sentAt[seq - 1]!, to })
  }
  return {
    traffic,
    sent: count,
    received,
    lost,
    sentAt,
    rtt: received.map(() => 1_800_000),
    replyTtls: received.length > 0 ? [62] : [],
    repliers: received.length > 0 ? ['10.17.0.10'] : [],
    gaps,
    icmpErrors: [],
    localErrors: [],
    icmpId: 1,
    hops: [],
    tcp: undefined,
    ...more,
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** An expectation without its place; judged at the end unless told otherwise. */
export function expecting(
  wanted: DistributiveOmit<Expectation, 'when' | 'text' | 'where'>,
  when: When = { kind: 'end' },
): Expectation {
  return { ...wanted, when, text: wanted.kind, where: 'test.yaml:1:1' } as Expectation
}

/** `az1/a`, `az1/*`, `*`, `az2/subnet:empty`, or an address. */
export function selector(text: string): Selector {
  if (text === '*') return { kind: 'pods', cluster: '*', pod: '*' }
  const address = parseIp(text)
  if (address !== undefined) return { kind: 'address', address }
  const [name = '', rest = ''] = text.split('/')
  if (rest.startsWith('subnet:')) return { kind: 'pods', cluster: name, pod: '*', subnet: rest.slice(7) }
  return { kind: 'pods', cluster: name, pod: rest }
}
