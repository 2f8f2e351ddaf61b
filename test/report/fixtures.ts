// Results of runs by hand: one that holds and one that fails in every way the reports tell about.

import type { RunResult } from '../../src/model/observation.ts'
import type { Drop, DropKind, Trace, TraceHop, TraceStep, TunnelHeader } from '../../src/model/trace.ts'
import { expecting, pingResult, prefix, SECOND, scenarioOf } from '../verify/fixtures.ts'
import { databasesOf } from './snapshots.ts'

export const DATABASES = databasesOf(
  {
    az1: {
      nb: {
        Logical_Router: { 1: { name: 'ovn-cluster', static_routes: [2, 3, 4], ports: [6], policies: [8] } },
        Logical_Router_Static_Route: {
          2: {
            ip_prefix: '10.17.0.1/16',
            nexthop: '169.254.100.42',
            external_ids: { 'ic-learned-route': 'x' },
            options: { origin: 'connected' },
          },
          3: {
            ip_prefix: '10.17.0.1/16',
            nexthop: '169.254.101.42',
            external_ids: { 'ic-learned-route': 'y' },
            options: { origin: 'connected' },
          },
          4: { ip_prefix: '10.16.0.0/16', nexthop: '100.64.0.2', policy: 'src-ip' },
        },
        Logical_Router_Port: {
          6: {
            name: 'az1-ts',
            mac: '00:00:00:00:00:01',
            networks: ['169.254.100.41/24'],
            gateway_chassis: [7],
          },
        },
        Gateway_Chassis: { 7: { name: 'az1-ts-gw1', chassis_name: 'gw1', priority: 100 } },
        Logical_Router_Policy: { 8: { priority: 31000, match: 'ip4.dst == 10.16.0.0/16', action: 'allow' } },
      },
    },
    az2: { nb: { Logical_Router: { 1: { name: 'ovn-cluster' } } } },
  },
  { Availability_Zone: { 1: { name: 'az1' } } },
)

export function resultOf(more: Partial<RunResult> = {}): RunResult {
  return {
    scenario: scenarioOf(),
    ok: true,
    settled: { ok: true, after: 1.25 * SECOND },
    end: 10 * SECOND,
    log: [
      { at: 0, source: 'ovn-ic az1', kind: 'learn', text: '10.17.0.1/16 via 169.254.100.42 on ts' },
      { at: 3 * SECOND, source: 'timeline', kind: 'event', text: 'fail az1/gw1' },
      {
        at: 5.5 * SECOND,
        source: 'ovn-controller az1/gw2',
        kind: 'claim',
        text: 'cr-az1-ts, because BFD to az1/gw1 went down 2.5 s after its last packet',
      },
    ],
    traffic: [pingResult([])],
    expectations: [
      {
        expectation: {
          ...expecting({ kind: 'route', cluster: 'az1', prefix: prefix('10.17.0.0/16'), present: true }),
          text: 'route az1 10.17.0.0/16 learned',
        },
        ok: true,
        detail: 'az1 has 10.17.0.0/16 via 169.254.100.42 (learned).',
      },
    ],
    snapshots: new Map([['end', DATABASES]]),
    states: [],
    drops: [],
    diagnostics: [],
    inconclusive: undefined,
    captures: [{ path: 'pcaps/two-clusters.pcapng', packets: 1234, bytes: 45_678 }],
    counters: { events: 9000, packets: 1234, tunnelPackets: 600, bfdPackets: 300 },
    ...more,
  }
}

const dropOf = (kind: DropKind, reason: string): Drop => ({
  kind,
  where: 'az1/w1',
  datapath: 'ovn-cluster',
  stage: 'lr_in_ip_routing',
  reason,
})

/** Loss, ICMP errors, a failed expectation, a refused transaction, a limit. */
export function failedResult(): RunResult {
  const good = resultOf()
  const icmp = {
    from: '10.16.0.1',
    type: 3,
    code: 4,
    ttl: 254,
    mtu: 1300,
    quotedLength: 534,
    quotedTtl: 63,
    count: 2,
  }
  return resultOf({
    ok: false,
    scenario: { ...good.scenario, name: 'bad <news> & "quotes"', file: "it's a file.yaml" },
    settled: { ok: false, after: 60 * SECOND },
    log: [
      ...good.log,
      {
        at: 6 * SECOND,
        source: 'ovn-ic az1',
        kind: 'refused',
        text: 'Route: the index (transit_switch, availability_zone, route_table, ip_prefix, nexthop) holds this row already',
      },
    ],
    traffic: [
      pingResult([4, 5, 7, 10], { icmpErrors: [icmp], localErrors: [{ error: 'EMSGSIZE', count: 3 }] }),
    ],
    expectations: [
      ...good.expectations,
      {
        expectation: {
          ...expecting({ kind: 'loss', traffic: 'steady', atMost: SECOND }),
          text: 'loss steady atMost 1s',
        },
        ok: false,
        detail: '4 of 10 lost, 4s without replies (3s to 5s, 6s to 7s, 9s to the end): more than 1s.',
      },
    ],
    diagnostics: [
      {
        code: 'RT012',
        severity: 'error',
        message:
          'routes to 10.17.0.0/16 in az1 tie: 10.17.0.0/16 via lrp-default (connected) and via 169.254.100.42 (learned)',
        hint: 'put the prefix on ic-route-blacklist',
      },
    ],
    drops: [
      { drop: dropOf('tunnel-down', 'BFD to gw1 is down'), count: 1, first: 3 * SECOND, last: 3 * SECOND },
      {
        drop: dropOf('no-route', 'no flow of lr_in_ip_routing matches 10.17.0.10 in route table 0'),
        count: 12,
        first: 4 * SECOND,
        last: 5.5 * SECOND,
      },
    ],
    inconclusive: 'more than 50000000 events; raise limits.events',
  })
}

/** Ended by a limit before one of its two expectations could be judged; nothing that was seen is wrong. */
export function unreachedResult(): RunResult {
  const good = resultOf()
  return resultOf({
    ok: false,
    end: 2.9 * SECOND,
    expectations: [
      ...good.expectations,
      {
        expectation: {
          ...expecting({ kind: 'az', name: 'az1', present: true }, { kind: 'at', at: 7 * SECOND }),
          text: 'az: az1, at: 7s',
        },
        ok: false,
        notReached: true,
        detail: 'not reached: the run ended at 2.9s.',
      },
    ],
    inconclusive: 'more than 1000 events (limits.events of the scenario)',
  })
}

const step = (
  datapath: string,
  pipeline: 'ingress' | 'egress',
  table: number,
  stage: string,
  more: Partial<TraceStep> = {},
): TraceStep => ({
  datapath,
  pipeline,
  table,
  stage,
  inport: 'web',
  outport: '',
  priority: 50,
  match: '1',
  actions: ['next;'],
  note: undefined,
  ...more,
})

const TUNNEL: TunnelHeader = {
  from: 'az1/w1',
  to: 'az1/gw1',
  outerSource: '192.168.42.13',
  outerDestination: '192.168.42.11',
  udpSource: 43210,
  vni: 2,
  ingressKey: 1,
  egressKey: 3,
  datapath: 'ovn-cluster',
  ingressPort: 'ovn-cluster-ovn-default',
  egressPort: 'cr-az1-ts',
}

const HOPS: readonly TraceHop[] = [
  {
    chassis: 'az1/w1',
    entered: { kind: 'vif', port: 'web' },
    steps: [
      step('ovn-default', 'ingress', 0, 'ls_in_check_port_sec'),
      step('ovn-default', 'ingress', 25, 'ls_in_l2_lkup', {
        outport: 'ovn-default-ovn-cluster',
        match: 'eth.dst == 00:00:00:01:00:01',
        actions: ['outport = "ovn-default-ovn-cluster";', 'output;'],
      }),
      step('ovn-default', 'egress', 9, 'ls_out_apply_port_sec', {
        outport: 'ovn-default-ovn-cluster',
        priority: 0,
        actions: ['output'],
      }),
      step('ovn-cluster', 'ingress', 13, 'lr_in_ip_routing', {
        inport: 'ovn-cluster-ovn-default',
        match: 'ip4.dst == 10.17.0.0/16',
        actions: ['ip.ttl--;', 'reg0 = 169.254.100.42;', 'outport = "az1-ts";', 'next;'],
        note: '10.17.0.0/16 via 169.254.100.42 (learned)',
      }),
      step('ovn-cluster', 'ingress', 20, 'lr_in_gw_redirect', {
        inport: 'ovn-cluster-ovn-default',
        match: 'outport == "az1-ts"',
        outport: 'cr-az1-ts',
        actions: ['outport = "cr-az1-ts";', 'next;'],
      }),
    ],
    left: [{ kind: 'tunnel', ...TUNNEL }],
  },
  {
    chassis: 'az1/gw1',
    entered: { kind: 'tunnel', ...TUNNEL },
    steps: [
      step('ovn-cluster', 'egress', 6, 'lr_out_delivery', {
        inport: 'ovn-cluster-ovn-default',
        outport: 'az1-ts',
        priority: 100,
        match: 'outport == "az1-ts"',
        actions: ['output;'],
      }),
    ],
    left: [{ kind: 'vif', port: 'stand-in' }],
  },
]

const PACKET = {
  from: 'az1/web',
  source: '10.16.0.10',
  destination: '10.17.0.10',
  protocol: 'icmp',
  sourcePort: undefined,
  destinationPort: undefined,
  ttl: 64,
  length: 84,
} as const

/** There and back. */
export const TRACE: Trace = {
  packet: PACKET,
  hops: HOPS,
  disposition: { kind: 'delivered', port: 'web', ttl: 62 },
  reply: {
    packet: { ...PACKET, from: 'az2/web', source: '10.17.0.10', destination: '10.16.0.10' },
    hops: HOPS.slice(1),
    disposition: { kind: 'delivered', port: 'web', ttl: 62 },
    reply: undefined,
  },
}

/** Dropped, with an ICMP error and IPv6 ports. */
export const DROPPED: Trace = {
  packet: {
    ...PACKET,
    protocol: 'tcp',
    source: 'fd00::10',
    destination: 'fd01::10',
    sourcePort: 40000,
    destinationPort: 80,
  },
  hops: HOPS.slice(0, 1),
  disposition: {
    kind: 'mtu-exceeded',
    where: 'az1/w1',
    datapath: 'ovn-cluster',
    stage: 'lr_in_larger_pkts',
    reason: '1500 bytes do not fit gateway_mtu 1300 of az1-ts',
    icmp: { type: 2, code: 0, from: 'fd00::1', mtu: 1300 },
  },
  reply: undefined,
}
