// The schema of what is sent (`traffic`) and what happens (`timeline`). Each entry has one key that says what it is:
// `ping`, `fail`, `nbctl`, …; the maps at the end list them, so that messages can name the alternatives.

import * as z from 'zod'
import { pod, subnet, transitPort } from './cluster.ts'
import {
  count,
  duration,
  flag,
  fraction,
  mtu,
  named,
  oneOrMany,
  optional,
  port,
  required,
  size,
  text,
} from './fields.ts'

/** `a -> b`, or both ends apart. */
const ends = z.union([
  z.string(),
  z.strictObject({
    from: required(text, 'The pod that sends, as `cluster/pod`.', { example: 'az1/web' }),
    to: required(text, 'The pod or the address it sends to.', { example: 'az2/web' }),
  }),
])

const trafficCommon = {
  as: optional(text, 'Name for reports and expectations.', { default: 'from -> to' }),
  at: optional(duration, 'When it starts.', { default: '0s', example: '1s' }),
  family: optional(z.literal([4, 6]), 'Which address of a dual-stack pod is used.', {
    default: 'IPv4 where both have one',
  }),
}

const ping = z.strictObject({
  ping: required(ends, 'ICMP echo from a pod to a pod or an address.', { example: 'az1/web -> az2/web' }),
  ...trafficCommon,
  count: optional(count, 'Number of requests.', { default: 5 }),
  interval: optional(duration, 'Time between two requests.', { default: '1s' }),
  size: optional(size, 'Bytes of payload; 28 more make the IPv4 packet.', { default: 56 }),
  ttl: optional(z.int().min(1).max(255), 'TTL or hop limit at the sender.', { default: 64 }),
  tos: optional(z.int().min(0).max(255), 'Type of service or traffic class.', { default: 0 }),
  df: optional(z.enum(['do', 'dont', 'want', 'probe']), "Don't-fragment behaviour, as `ping -M`.", {
    default: 'want',
  }),
  wait: optional(duration, 'How long after the last request a reply still counts.', { default: '1s' }),
})

const traceroute = z.strictObject({
  traceroute: required(ends, 'Traceroute from a pod.', { example: 'az1/web -> az2/web' }),
  ...trafficCommon,
  mode: optional(z.enum(['icmp', 'udp']), 'What the probes are.', { default: 'udp' }),
  maxTtl: optional(z.int().min(1).max(64), 'Last TTL that is tried.', { default: 8 }),
  wait: optional(duration, 'How long an answer is waited for.', { default: '1s' }),
})

const udp = z.strictObject({
  udp: required(ends, 'UDP datagrams to an echo service.', { example: 'az1/web -> az2/web' }),
  ...trafficCommon,
  count: optional(count, 'Number of datagrams.', { default: 5 }),
  interval: optional(duration, 'Time between two datagrams.', { default: '1s' }),
  size: optional(size, 'Bytes of payload.', { default: 56 }),
  port: optional(port, 'Destination port.', { default: 7 }),
  sourcePort: optional(port, 'Source port.', { default: '40000 and up, one per entry' }),
  wait: optional(duration, 'How long after the last datagram an answer still counts.', { default: '1s' }),
})

const tcp = z.strictObject({
  tcp: required(ends, 'One TCP connection to an echo service.', { example: 'az1/web -> az2/web' }),
  ...trafficCommon,
  bytes: optional(size, 'Bytes sent and expected back.', { default: 1000, example: '64KiB' }),
  port: optional(port, 'Destination port.', { default: 7 }),
  sourcePort: optional(port, 'Source port.', { default: '40000 and up, one per entry' }),
  timeout: optional(duration, 'When the client gives up.', { default: '5s' }),
})

/** Kinds of traffic by their key. */
export const TRAFFIC = { ping, traceroute, udp, tcp } as const
export const traffic = z.union([ping, traceroute, udp, tcp])

const at = { at: required(duration, 'When it happens, counted from time zero.', { example: '3s' }) }
const nodes = oneOrMany(z.string())
const lines = oneOrMany(z.string())
const perCluster = named('cluster', lines)

const figures = {
  mtu: optional(mtu, 'Largest IP packet in bytes.'),
  latency: optional(duration, 'One-way delay.', { example: '200us' }),
  loss: optional(fraction, 'Share of packets lost at random.', { example: '0.5%' }),
}

/** MTU, latency and loss of the underlay as a whole, of nodes and of pairs of clusters. */
export const underlay = z.strictObject({
  ...figures,
  nodes: optional(named('cluster/node', z.strictObject(figures)), 'Links of single nodes.', {
    example: { 'az1/az1-gw1': { mtu: 1450 } },
  }),
  wan: optional(named('cluster|cluster', z.strictObject(figures)), 'Between two clusters: `az1|az2`.', {
    example: { 'az1|az2': { latency: '20ms' } },
  }),
})

const daemon = (what: string) =>
  required(
    oneOrMany(z.string()),
    `${what} A daemon: \`ovn-controller az1/az1-gw1\`, \`ovs-vswitchd az1/az1-gw1\`, \`ovn-ic az1\`, \`ovn-northd az1\`, \`kube-ovn-controller az1\`, \`ic-nb\`, \`ic-sb\` or \`ic-db\`, the last three with a host if there are several.`,
    { example: 'ovn-ic az1' },
  )

/** What can happen, by its key. */
export const EVENTS = {
  fail: z.strictObject({
    ...at,
    fail: required(nodes, 'The underlay link of a node goes down.', { example: 'az1/az1-gw1' }),
    silent: optional(flag, 'Packets are lost without loss of carrier.', { default: false }),
    for: optional(duration, 'It recovers by itself after this time.'),
  }),
  recover: z.strictObject({
    ...at,
    recover: required(nodes, 'The underlay link of a node is repaired.', { example: 'az1/az1-gw1' }),
  }),
  crash: z.strictObject({
    ...at,
    crash: required(nodes, 'A node dies with everything on it.', { example: 'az1/az1-gw1' }),
    for: optional(duration, 'It boots again after this time.'),
  }),
  boot: z.strictObject({
    ...at,
    boot: required(nodes, 'A crashed node comes back.', { example: 'az1/az1-gw1' }),
  }),
  kill: z.strictObject({ ...at, kill: daemon('SIGKILL.') }),
  stop: z.strictObject({ ...at, stop: daemon('Graceful exit.') }),
  pause: z.strictObject({ ...at, pause: daemon('SIGSTOP.') }),
  resume: z.strictObject({ ...at, resume: daemon('SIGCONT.') }),
  start: z.strictObject({ ...at, start: daemon('Started again after kill or stop.') }),
  nbctl: z.strictObject({
    ...at,
    nbctl: required(perCluster, 'Lines of `ovn-nbctl` by cluster.', { example: { az2: 'lrp-del az2-ts' } }),
  }),
  sbctl: z.strictObject({ ...at, sbctl: required(perCluster, 'Lines of `ovn-sbctl` by cluster.') }),
  'ic-nbctl': z.strictObject({
    ...at,
    'ic-nbctl': required(lines, 'Lines of `ovn-ic-nbctl`.', { example: 'ts-del ts1' }),
  }),
  'ic-sbctl': z.strictObject({
    ...at,
    'ic-sbctl': required(lines, 'Lines of `ovn-ic-sbctl`.', { example: 'destroy Gateway old-gw1' }),
  }),
  interconn: z.strictObject({
    ...at,
    interconn: required(named('cluster/node', flag), '`ovn-is-interconn` of nodes is switched.', {
      example: { 'az1/az1-gw1': false },
    }),
  }),
  apply: z.strictObject({
    ...at,
    apply: required(
      z.strictObject({
        cluster: required(text, 'Where it is applied.'),
        manifest: required(
          oneOrMany(z.union([z.string(), z.looseObject({ kind: z.string() })])),
          'A file, folder, glob or object: ConfigMap `ovn-ic-config`, Subnet or Pod.',
        ),
      }),
      'Manifests are applied, as `kubectl apply` does.',
      { example: { cluster: 'az1', manifest: 'az1/ic-config.yaml' } },
    ),
  }),
  edit: z.strictObject({
    ...at,
    edit: required(
      z.strictObject({
        cluster: required(text, 'Whose ConfigMap `ovn-ic-config` is edited.'),
        'enable-ic': optional(z.union([text, flag]), 'New value of the key.'),
        'az-name': optional(text, 'New value of the key.'),
        'ic-db-host': optional(text, 'New value of the key.'),
        'ic-nb-port': optional(z.union([text, port]), 'New value of the key.'),
        'ic-sb-port': optional(z.union([text, port]), 'New value of the key.'),
        'gw-nodes': optional(text, 'New value of the key.'),
        'auto-route': optional(z.union([text, flag]), 'New value of the key.'),
      }),
      'Keys of the ConfigMap `ovn-ic-config` are edited.',
      { example: { cluster: 'az1', 'gw-nodes': 'az1-gw2,az1-gw1' } },
    ),
  }),
  add: z.strictObject({
    ...at,
    add: required(
      z.strictObject({
        cluster: required(text, 'Where it is added.'),
        subnets: optional(
          named('subnet', z.union([z.string(), subnet])),
          'Subnets, as in `clusters.<cluster>.subnets`.',
        ),
        pods: optional(named('pod', z.union([z.string(), pod])), 'Pods, as in `clusters.<cluster>.pods`.'),
        transitPorts: optional(named('transit switch', transitPort), 'Ports on transit switches.'),
      }),
      'Subnets, pods or ports on transit switches are added.',
      { example: { cluster: 'az2', subnets: { late: '10.50.0.0/24' } } },
    ),
  }),
  delete: z.strictObject({
    ...at,
    delete: required(
      z.strictObject({
        cluster: required(text, 'Where it is deleted.'),
        configmap: optional(
          z.union([z.literal('ovn-ic-config'), z.literal(true)]),
          'The ConfigMap `ovn-ic-config`.',
        ),
        subnet: optional(text, 'A subnet.'),
        pod: optional(text, 'A pod.'),
      }),
      'An object is deleted.',
      { example: { cluster: 'az1', configmap: 'ovn-ic-config' } },
    ),
  }),
  disableInterConnection: z.strictObject({
    ...at,
    disableInterConnection: required(
      named('cluster/subnet', flag),
      "Kube-OVN's switch of subnets is changed.",
      { example: { 'az1/private': true } },
    ),
  }),
  leave: z.strictObject({
    ...at,
    leave: required(
      z.union([
        z.string(),
        z.strictObject({
          cluster: required(text, 'Which one.'),
          clean: optional(flag, 'False: it dies and leaves its rows behind.', { default: true }),
        }),
      ]),
      'A cluster leaves the interconnection.',
      { example: { cluster: 'az3', clean: false } },
    ),
  }),
  underlay: z.strictObject({
    ...at,
    underlay: required(underlay, 'Figures of the underlay change.', {
      example: { wan: { 'az1|az2': { latency: '50ms' } } },
    }),
  }),
  snapshot: z.strictObject({
    ...at,
    snapshot: required(text, 'Keeps the state of this moment under a name.', {
      example: 'after the failure',
    }),
  }),
} as const

const E = EVENTS
export const timelineEvent = z.union([
  E.fail,
  E.recover,
  E.crash,
  E.boot,
  E.kill,
  E.stop,
  E.pause,
  E.resume,
  E.start,
  E.nbctl,
  E.sbctl,
  E['ic-nbctl'],
  E['ic-sbctl'],
  E.interconn,
  E.apply,
  E.edit,
  E.add,
  E.delete,
  E.disableInterConnection,
  E.leave,
  E.underlay,
  E.snapshot,
])

export type RawTraffic = z.infer<typeof traffic>
export type RawEnds = z.infer<typeof ends>
export type RawEvent = z.infer<typeof timelineEvent>
export type RawUnderlay = z.infer<typeof underlay>
