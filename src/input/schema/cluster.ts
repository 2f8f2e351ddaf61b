// The schema of one cluster: nodes, gateways, subnets, pods, routers and ports on transit switches. The words are those
// of Kube-OVN (Subnet, `ovn-ic-config`) and of ovn-nbctl(8); short forms stand beside long ones.

import * as z from 'zod'
import { PROFILE_NAMES } from '../../model/profile.ts'
import {
  address,
  cidr,
  flag,
  mac,
  mtu,
  named,
  oneOrMany,
  optional,
  options,
  required,
  text,
} from './fields.ts'

const node = z.strictObject({
  ip: required(address, 'Tunnel endpoint on the underlay (`ovn-encap-ip`).', { example: '192.168.42.11' }),
  chassis: optional(
    text,
    "OVN's chassis name (`system-id`). By default the node's name for plain OVN, a UUID made from seed and name for Kube-OVN.",
  ),
  hostname: optional(text, 'Host name in the Chassis row.', { default: "the node's name" }),
  mtu: optional(mtu, 'MTU of the underlay link of this node.', { default: '`underlay.mtu`', example: 1450 }),
  encap: optional(z.enum(['geneve', 'vxlan']), 'Tunnel type. Interconnection needs geneve (rule GE-6).', {
    default: 'geneve',
  }),
  internalIPs: optional(
    oneOrMany(address),
    'Kubernetes InternalIP addresses; Kube-OVN never advertises them.',
    { default: '`ip`' },
  ),
  joinIPs: optional(oneOrMany(address), "Addresses of the node's ovn0 port in the join subnet (Kube-OVN).", {
    example: '100.64.0.2',
  }),
  interconn: optional(
    flag,
    '`ovn-is-interconn` from the start. By default true for gateways of plain OVN; Kube-OVN labels its gateways itself.',
  ),
  mac: optional(mac, 'MAC address of the underlay interface.'),
})

export const subnet = z.strictObject({
  cidr: optional(
    oneOrMany(cidr),
    'Network of the subnet; two for dual stack, as a list or separated by a comma. May be left out where `gateway` has a length.',
    {
      example: '10.16.0.0/16',
    },
  ),
  gateway: optional(
    oneOrMany(address),
    "The router's address in the subnet, one per network; with or without length.",
    { default: 'the first host address' },
  ),
  gateways: optional(oneOrMany(address), 'The same as `gateway`.'),
  router: optional(text, 'Logical router the subnet hangs on.', { default: 'ovn-cluster' }),
  mac: optional(mac, 'MAC address of the router port.', { default: 'made from the place in the file' }),
  lrp: optional(text, 'Name of the logical router port.', { default: '<router>-<subnet>' }),
  lsp: optional(text, 'Name of the switch port that is its peer.', { default: '<subnet>-<router>' }),
  routeTable: optional(text, '`options:route_table` of the router port.', { default: '' }),
  disableInterConnection: optional(
    flag,
    "Kube-OVN's switch: the subnet is put on the blacklist and not advertised.",
    { default: false },
  ),
  join: optional(flag, "Kube-OVN's join subnet, whose ports are the nodes' ovn0.", {
    default: 'true for a subnet named `join` with a Kube-OVN profile',
  }),
  gatewayType: optional(
    z.enum(['distributed', 'centralized']),
    "Kube-OVN's `spec.gatewayType`: where traffic leaves the cluster.",
    { default: 'distributed' },
  ),
  gatewayNodes: optional(oneOrMany(text), 'Nodes of a centralized gateway.'),
  options: optional(options, 'Further options of the router port, such as `gateway_mtu`.', {
    example: { gateway_mtu: 1400 },
  }),
})

export const pod = z.strictObject({
  node: optional(text, 'Node the pod runs on.', { default: 'the first node that is no gateway' }),
  subnet: optional(text, 'Subnet of the pod.', {
    default: 'the subnet that holds `ip`, else ovn-default, else the first',
  }),
  ip: optional(oneOrMany(address), 'Addresses of the pod, one per family.', {
    default: 'the next free address of the subnet from the tenth on',
  }),
  ips: optional(oneOrMany(address), 'The same as `ip`.'),
  mac: optional(mac, 'MAC address of the pod.', { default: 'made from the place in the file' }),
  mtu: optional(mtu, 'MTU inside the pod.', {
    default: 'Kube-OVN: underlay MTU less 100 (rule MT-2); else 1400',
  }),
  lsp: optional(text, 'Name of the logical switch port.', {
    default: 'the name; Kube-OVN: `<name>.default`',
  }),
})

const staticRoute = z.strictObject({
  prefix: required(
    text,
    'Destination (or source) prefix as given to the database: host bits and a missing length are kept.',
    { example: '10.17.0.0/24' },
  ),
  nexthop: required(text, 'Address of the next hop, or `discard`.', { example: '169.254.100.31' }),
  policy: optional(z.enum(['dst-ip', 'src-ip']), 'What the prefix is compared with.', { default: 'dst-ip' }),
  table: optional(text, 'Route table; empty is the main one.', { default: '' }),
  port: optional(text, 'Output port, where the next hop lies in no network of the router.'),
  ecmp: optional(flag, 'Allows several routes with this prefix.', { default: false }),
})

const policy = z.strictObject({
  priority: required(z.int().min(0).max(32767), 'Higher wins.', { example: 29500 }),
  match: required(text, "Match in OVN's expression language.", { example: 'ip4.dst == 10.17.0.0/16' }),
  action: required(z.enum(['allow', 'drop', 'reroute']), 'What happens to a packet that matches.'),
  nexthop: optional(oneOrMany(text), 'Next hops of a reroute.', { example: '100.64.0.2' }),
})

/** Gateways in order of preference, or with their priorities. */
const gateways = z.union([z.string(), z.array(z.string()), named('node', z.int().min(0).max(32767))])

export const transitPort = z.strictObject({
  ip: optional(oneOrMany(address), 'Addresses on the transit switch, with or without length.', {
    default: 'host 41 for the first cluster, 42 for the second, …',
    example: '169.254.100.41',
  }),
  mac: optional(mac, 'MAC address of the router port.', { default: 'made from the place in the file' }),
  gateways: optional(gateways, 'Gateway chassis of this port; order is priority.', {
    default: "the cluster's gateways, rotated by the number of the switch",
  }),
  lrp: optional(text, 'Name of the router port.', { default: '<az>-<switch>' }),
  lsp: optional(text, 'Name of the switch port, unique over all clusters.', { default: '<switch>-<az>' }),
  router: optional(text, 'Router of the port.', { default: 'ovn-cluster' }),
  routeTable: optional(text, '`options:route_table` of the router port.', { default: '' }),
  options: optional(options, 'Further options of the router port, such as `gateway_mtu`.'),
})

const router = z.strictObject({
  staticRoutes: optional(z.array(staticRoute), 'Static routes of the router.'),
  policies: optional(z.array(policy), 'Routing policies of the router.'),
})

const commandLines = z.union([z.string(), z.array(z.string())])

export const cluster = z.strictObject({
  az: optional(text, 'Name of the availability zone (`az-name`).', {
    default: 'the name of the cluster in this file',
  }),
  profile: optional(z.string().meta({ enum: [...PROFILE_NAMES] }), 'Version this cluster runs.', {
    default: 'the profile of the scenario',
  }),
  ic: optional(flag, 'False: the cluster takes no part in the interconnection.', { default: true }),
  nodes: optional(
    named('node', z.union([address, node])),
    'Nodes by name: `name: address`, or with details.',
    { example: { 'az1-gw1': '192.168.42.11' } },
  ),
  gateways: optional(
    gateways,
    'Gateway nodes (`gw-nodes`): a list in order of preference (priorities 100, 99, …), or `{node: priority}`.',
    { example: ['az1-gw1', 'az1-gw2'] },
  ),
  autoRoute: optional(flag, '`auto-route`: advertise own routes and learn those of the others.', {
    default: false,
  }),
  subnets: optional(
    named('subnet', z.union([cidr, subnet])),
    'Subnets by name: `name: cidr`, or with details.',
    { example: { 'ovn-default': '10.16.0.0/16' } },
  ),
  pods: optional(named('pod', z.union([text, pod])), 'Pods by name: `name: node`, or with details.', {
    example: { web: { node: 'az1-w1', ip: '10.16.0.10' } },
  }),
  routers: optional(
    named('router', router),
    'Logical routers with their routes and policies; `ovn-cluster` always exists.',
  ),
  staticRoutes: optional(z.array(staticRoute), 'Static routes of the router `ovn-cluster`.'),
  policies: optional(z.array(policy), 'Routing policies of the router `ovn-cluster`.'),
  transitPorts: optional(
    named('transit switch', z.union([z.literal(false), transitPort, z.array(transitPort)])),
    'Ports on transit switches where the defaults do not fit; `false` for none; a list for several routers.',
  ),
  options: optional(options, '`NB_Global.options` from the start, such as `ic-route-blacklist`.', {
    example: { 'ic-route-adv-default': true },
  }),
  commands: optional(
    commandLines,
    'Lines of `ovn-nbctl` or `kubectl ko nbctl` run when the cluster is set up.',
    { example: ['kubectl ko nbctl lr-route-add ovn-cluster 10.17.0.0/24 169.254.100.31'] },
  ),
  ecmpOrder: optional(
    z.union([z.array(text), named('prefix', z.array(text))]),
    'Next hops in the order the ECMP groups of this cluster shall have, to reproduce a real cluster; one list, or one a prefix.',
    { example: { '10.17.0.0/16': ['169.254.101.42', '169.254.100.42'] } },
  ),
  manifests: optional(
    oneOrMany(z.union([z.string(), z.looseObject({ kind: z.string() })])),
    'Kubernetes manifests: files, folders, globs (relative to this file) or objects.',
    { example: ['az1/*.yaml'] },
  ),
})

/** A cluster as written, after the schema has accepted it. */
export type RawCluster = z.infer<typeof cluster>
export type RawNode = z.infer<typeof node>
export type RawSubnet = z.infer<typeof subnet>
export type RawPod = z.infer<typeof pod>
export type RawStaticRoute = z.infer<typeof staticRoute>
export type RawPolicy = z.infer<typeof policy>
export type RawTransitPort = z.infer<typeof transitPort>
export type RawGateways = z.infer<typeof gateways>
export type RawOptions = z.infer<typeof options>
