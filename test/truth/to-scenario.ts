/** A truth case as a scenario file: what was built with ovn-nbctl and friends, in our own words. */
import type { CaseAz, CaseInput, CaseProbe, CaseSubnet, TruthCase } from './case-format.ts'

type Document = Record<string, unknown>

/** The scenario of a case, ready to be printed as YAML or JSON. */
export function scenarioOf(truth: TruthCase): Document {
  const input = truth.case
  const duplicateAz = new Set(input.azs.map((az) => az.name)).size < input.azs.length
  return {
    isthmus: 1,
    name: input.name,
    description: input.description,
    profile: 'ovn-23.03',
    seed: input.seed ?? 1,
    ...(truth.converged ? {} : { limits: { settle: '6s' } }),
    ...(duplicateAz ? { allow: ['duplicate-az'] } : {}),
    interconnect: {
      'ovn-ic': {
        transitSwitches: input.transit.map(({ name, ports }) => ({
          name,
          subnets: networksOf(ports[0]?.networks ?? []),
        })),
        residue: (input.icsb_pre ?? []).map(commandLine),
      },
    },
    clusters: Object.fromEntries(
      input.azs.map((az) => [az.id, { ...clusterOf(az, input), ...ecmpOrderOf(az, truth) }]),
    ),
    underlay: { mtu: input.underlay?.mtu ?? 1500, nodes: underlayNodes(input) },
    ...(input.duration === undefined ? {} : { duration: `${input.duration}s` }),
    traffic: input.probes.map((probe, index) => trafficOf(probe, index, input)),
    timeline: input.events.flatMap(eventsOf),
  }
}

function clusterOf(az: CaseAz, input: CaseInput): Document {
  const gateways = az.chassis.filter((chassis) => chassis.gateway).map((chassis) => chassis.name)
  return {
    az: az.name,
    ...(az.ic === false ? { ic: false } : {}),
    options: az.options,
    nodes: Object.fromEntries(
      az.chassis.map(({ name, ip, gateway, hostname }) => [
        name,
        { ip, interconn: gateway, ...(hostname === undefined ? {} : { hostname }) },
      ]),
    ),
    gateways,
    routers: Object.fromEntries(az.routers.map((router) => [router.name, {}])),
    subnets: Object.fromEntries(az.subnets.map((subnet) => [subnet.name, subnetOf(subnet)])),
    pods: Object.fromEntries(
      az.pods.map(({ name, subnet, chassis, mac, ips, mtu }) => [
        name,
        { node: chassis, subnet, mac, ips, mtu: mtu ?? input.pod_mtu ?? 1400 },
      ]),
    ),
    transitPorts: Object.fromEntries(
      input.transit.map(({ name, ports }) => {
        const own = ports.filter((port) => port.az === az.id)
        return [
          name,
          own.length === 0
            ? false
            : own.map((port) => ({
                ip: port.networks,
                mac: port.mac,
                lrp: port.lrp,
                lsp: port.lsp,
                router: port.router,
                gateways: Object.fromEntries(port.gateways),
                ...(port.route_table ? { routeTable: port.route_table } : {}),
              })),
        ]
      }),
    ),
    commands: [
      ...az.routers.flatMap((router) => [
        ...(router.static_routes ?? []).map((route) =>
          commandLine([
            ...(route.policy ? [`--policy=${route.policy}`] : []),
            ...(route.route_table ? [`--route-table=${route.route_table}`] : []),
            ...(route.ecmp ? ['--ecmp'] : []),
            'lr-route-add',
            router.name,
            route.prefix,
            route.nexthop,
            ...(route.output_port ? [route.output_port] : []),
          ]),
        ),
        ...(router.policies ?? []).map((policy) =>
          commandLine([
            'lr-policy-add',
            router.name,
            String(policy.priority),
            policy.match,
            policy.action,
            ...(policy.nexthops === undefined ? [] : [policy.nexthops.join(',')]),
          ]),
        ),
      ]),
      ...(az.nbctl ?? []).map(commandLine),
      ...input.transit.flatMap(({ ports }) =>
        ports.filter((port) => port.az === az.id).flatMap((port) => (port.nbctl ?? []).map(commandLine)),
      ),
    ],
  }
}

/** EC-1: the order of a group's members follows the UUIDs of rows; the real cluster's order is read off its flows and pinned. */
function ecmpOrderOf(az: CaseAz, truth: TruthCase): Document {
  const start = truth.snapshots[0]?.az
  const flows =
    start === 'same' || start === undefined ? [] : Object.values(start[az.id]?.router_flows ?? {}).flat()
  const members = new Map<string, string[]>()
  for (const [stage, , match, actions] of flows) {
    const selected = /reg8\[0\.\.15\] == (\d+) && reg8\[16\.\.31\] == (\d+)/.exec(match)
    const nexthop = /reg0 = ([^;]+);/.exec(actions)?.[1]
    if (stage !== 'lr_in_ip_routing_ecmp' || selected === null || nexthop === undefined) continue
    const group = members.get(selected[1]!) ?? []
    group[Number(selected[2]) - 1] = nexthop
    members.set(selected[1]!, group)
  }
  const order: Record<string, string[]> = {}
  for (const [, , match, actions] of flows) {
    const group = /reg8\[0\.\.15\] = (\d+); reg8\[16\.\.31\] = select/.exec(actions)?.[1]
    const prefix = /ip[46]\.dst == (\S+)/.exec(match)?.[1]
    if (group !== undefined && prefix !== undefined) order[prefix] = members.get(group) ?? []
  }
  return Object.keys(order).length === 0 ? {} : { ecmpOrder: order }
}

function subnetOf(subnet: CaseSubnet): Document {
  return {
    router: subnet.router,
    lrp: subnet.lrp,
    lsp: subnet.lsp,
    mac: subnet.mac,
    gateway: subnet.gateways,
    ...(subnet.route_table ? { routeTable: subnet.route_table } : {}),
  }
}

function underlayNodes(input: CaseInput): Document {
  return Object.fromEntries(
    input.azs.flatMap((az) =>
      az.chassis.flatMap((chassis) =>
        chassis.mtu === undefined ? [] : [[`${az.id}/${chassis.name}`, { mtu: chassis.mtu }]],
      ),
    ),
  )
}

/** Defaults are those of the harness that ran the cases. */
function trafficOf(probe: CaseProbe, index: number, input: CaseInput): Document {
  const ends = { from: podRef(probe.src, input), to: podRef(probe.dst, input) }
  const common = {
    as: `p${index}`,
    at: `${probe.at}s`,
    ...(probe.family === undefined ? {} : { family: probe.family }),
  }
  const wait = probe.wait === undefined ? {} : { wait: `${probe.wait}s` }
  switch (probe.kind) {
    case 'ping':
      return {
        ping: ends,
        ...common,
        ...wait,
        count: probe.count ?? 1,
        interval: `${probe.interval ?? 0.2}s`,
        size: `${probe.size ?? 56}B`,
        ...(probe.ttl === undefined ? {} : { ttl: probe.ttl }),
        ...(probe.tos === undefined ? {} : { tos: probe.tos }),
        ...(probe.df === undefined ? {} : { df: probe.df }),
      }
    case 'traceroute':
      return { traceroute: ends, ...common, mode: probe.mode ?? 'icmp', maxTtl: probe.max_ttl ?? 5 }
    case 'udp':
      return {
        udp: ends,
        ...common,
        ...wait,
        count: probe.count ?? 3,
        interval: `${probe.interval ?? 0.2}s`,
        size: `${probe.size ?? 32}B`,
        port: probe.dport ?? 9000 + index,
        sourcePort: probe.sport ?? 20000 + index,
      }
    case 'tcp':
      return {
        tcp: ends,
        ...common,
        bytes: `${probe.bytes ?? 100}B`,
        port: probe.dport ?? 9000 + index,
        sourcePort: probe.sport ?? 20000 + index,
        timeout: `${probe.timeout ?? 3}s`,
      }
  }
}

function podRef(name: string, input: CaseInput): string {
  const az = input.azs.find((candidate) => candidate.pods.some((pod) => pod.name === name))
  return az === undefined ? name : `${az.id}/${name}`
}

function eventsOf(event: Record<string, unknown>): Document[] {
  const at = `${event.at}s`
  const node = (): string => `${String(event.chassis).split('-')[0]}/${event.chassis}`
  switch (event.do) {
    case 'link_down':
      return [{ at, fail: node() }]
    case 'link_up':
      return [{ at, recover: node() }]
    case 'node_crash':
      return [{ at, crash: node() }]
    case 'node_recover':
      return [{ at, boot: node() }]
    case 'kill':
    case 'stop':
    case 'start':
      return [{ at, [event.do]: daemonOf(event, node) }]
    case 'nbctl':
      return [{ at, nbctl: { [String(event.az)]: commandLine(event.args as string[]) } }]
    case 'icnbctl':
      return [{ at, 'ic-nbctl': commandLine(event.args as string[]) }]
    case 'icsbctl':
      return [{ at, 'ic-sbctl': commandLine(event.args as string[]) }]
    case 'vsctl': {
      const setting = (event.args as string[]).at(-1) as string
      return [{ at, interconn: { [node()]: setting.endsWith('=true') } }]
    }
    case 'add_subnet': {
      const subnet = event.subnet as CaseSubnet
      return [{ at, add: { cluster: event.az, subnets: { [subnet.name]: subnetOf(subnet) } } }]
    }
    case 'az_remove':
      return [{ at, leave: { cluster: event.az, clean: event.cleanup } }]
    case 'snapshot':
      return [{ at, snapshot: event.label }]
    case 'appctl':
      // inc-engine/recompute: the modelled controller keeps no increments that a recompute could change.
      return []
    default:
      throw new Error(`a truth case does ${String(event.do)}`)
  }
}

function daemonOf(event: Record<string, unknown>, node: () => string): string {
  switch (event.daemon) {
    case 'controller':
      return `ovn-controller ${node()}`
    case 'icnb':
      return 'ic-nb'
    case 'icsb':
      return 'ic-sb'
    default:
      throw new Error(`a truth case ends ${String(event.daemon)}`)
  }
}

/** Networks of a transit switch from the addresses of its first port. */
function networksOf(addresses: readonly string[]): string[] {
  return addresses.map((address) => {
    const [ip, length] = address.split('/') as [string, string]
    if (ip.includes(':')) return `${ip.slice(0, ip.lastIndexOf(':') + 1)}0/${length}`.replace(/::0\//, '::/')
    return `${ip.split('.').slice(0, 3).join('.')}.0/${length}`
  })
}

/** Words as one line that a shell would split again. */
function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ')
}
