// The Northbound content that kube-ovn-controller wants, from the objects of the cluster: a pure function. A router a VPC with one
// port per overlay subnet (4.7), switches with the pods' and the nodes' ports, the default route, policies and address sets.
// Rows of interconnection (transit ports, learned routes, 29500) are not part of it: other loops own them.

import type { Cluster, Node, Router, Subnet } from '../../model/network.ts'
import type {
  AddressSetRow,
  LogicalRouterPortRow,
  LogicalSwitchPortRow,
  RouterPolicyRow,
  StaticRouteRow,
} from '../../model/tables.ts'
import { familyOf, formatIp, type Ip } from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { Random } from '../../net/random.ts'
import { addressSetName, DEFAULT_VPC, macText, nodePortName, VENDOR } from './names.ts'
import { type KubeObjects, subnetCidrs } from './objects.ts'
import { clusterPolicies } from './policies.ts'

/** One row that is wanted, with its parent. A router port's gateways and a switch's `other_config` belong to others. */
export type Item =
  | { readonly kind: 'switch' | 'router'; readonly name: string }
  | { readonly kind: 'switch-port'; readonly parent: string; readonly row: Omit<LogicalSwitchPortRow, 'up'> }
  | {
      readonly kind: 'router-port'
      readonly parent: string
      readonly row: Omit<LogicalRouterPortRow, 'gateway_chassis'>
    }
  | { readonly kind: 'route'; readonly parent: string; readonly row: StaticRouteRow }
  | { readonly kind: 'policy'; readonly parent: string; readonly row: RouterPolicyRow }
  | { readonly kind: 'address-set'; readonly row: AddressSetRow }

/** Items by an identity that survives changes of their other columns, parents first. */
export type Content = ReadonlyMap<string, Item>

/** Everything wanted of the cluster's Northbound. */
export function clusterContent(cluster: Cluster, objects: KubeObjects, seed: number): Content {
  const content = new Map<string, Item>()
  const add = (key: string, item: Item): void => {
    content.set(`${item.kind} ${key}`, item)
  }
  const subnets = [...objects.subnets.values()]
  for (const name of routerNames(cluster, subnets)) add(name, { kind: 'router', name })
  for (const subnet of subnets) {
    add(subnet.name, { kind: 'switch', name: subnet.name })
    for (const row of subnetPorts(cluster, objects, subnet, seed)) {
      add(row.name, { kind: 'switch-port', parent: subnet.name, row })
    }
    if (hasRouter(subnet)) {
      add(subnet.lrp, { kind: 'router-port', parent: subnet.router, row: routerPort(subnet) })
    }
  }
  const addRoute = (parent: string, row: StaticRouteRow): void =>
    add(`${parent} ${row.policy} ${row.ip_prefix} ${row.nexthop} ${row.route_table}`, {
      kind: 'route',
      parent,
      row,
    })
  const addPolicy = (parent: string, row: RouterPolicyRow): void =>
    add(`${parent} ${row.priority} ${row.match}`, { kind: 'policy', parent, row })
  for (const router of cluster.routers) {
    for (const row of userRoutes(router)) addRoute(router.name, row)
    for (const policy of router.policies) addPolicy(router.name, { ...policy, external_ids: VENDOR })
  }
  const defaultVpc = subnets.filter((subnet) => subnet.router === DEFAULT_VPC)
  for (const row of defaultRoutes(defaultVpc)) addRoute(DEFAULT_VPC, row)
  for (const row of clusterPolicies(objects, defaultVpc)) addPolicy(DEFAULT_VPC, row)
  for (const row of addressSets(objects, defaultVpc)) add(row.name, { kind: 'address-set', row })
  return content
}

/** MAC address of a node's ovn0: that of its annotation, else one that is the same in every run with the same seed. */
export function nodePortMac(seed: number, cluster: string, node: Pick<Node, 'name' | 'joinMac'>): Mac {
  return node.joinMac ?? new Random(seed).fork(`ovn0 ${cluster}/${node.name}`).below(2 ** 24)
}

function routerNames(cluster: Cluster, subnets: readonly Subnet[]): Set<string> {
  const names = new Set([DEFAULT_VPC])
  for (const router of cluster.routers) names.add(router.name)
  for (const subnet of subnets) if (hasRouter(subnet)) names.add(subnet.router)
  return names
}

/** 4.7: underlay subnets have no port on a router. */
function hasRouter(subnet: Subnet): boolean {
  return subnet.router !== '' && subnet.lrp !== ''
}

function subnetPorts(
  cluster: Cluster,
  objects: KubeObjects,
  subnet: Subnet,
  seed: number,
): Omit<LogicalSwitchPortRow, 'up'>[] {
  const ports: Omit<LogicalSwitchPortRow, 'up'>[] = []
  if (hasRouter(subnet)) {
    const options = { 'router-port': subnet.lrp }
    ports.push({ name: subnet.lsp, type: 'router', addresses: ['router'], options })
  }
  if (subnet.isJoin) {
    for (const node of objects.nodes) {
      if (node.joinIps.length === 0) continue
      const mac = nodePortMac(seed, cluster.id, node)
      ports.push({
        name: nodePortName(node.name),
        type: '',
        addresses: [address(mac, node.joinIps)],
        options: {},
      })
    }
  }
  for (const pod of objects.pods.values()) {
    if (pod.subnet !== subnet.name) continue
    ports.push({ name: pod.lsp, type: '', addresses: [address(pod.mac, pod.ips)], options: {} })
  }
  return ports
}

function routerPort(subnet: Subnet): Omit<LogicalRouterPortRow, 'gateway_chassis'> {
  const table = subnet.routeTable === '' ? {} : { route_table: subnet.routeTable }
  return {
    name: subnet.lrp,
    mac: macText(subnet.mac),
    networks: subnet.gateways.map(formatPrefix),
    options: { ...subnet.lrpOptions, ...table },
  }
}

/** The default route to the router's own address in the join subnet: it makes packets reach the policies (PL-3). */
function defaultRoutes(subnets: readonly Subnet[]): StaticRouteRow[] {
  const gateways = subnets.filter((subnet) => subnet.isJoin).flatMap((subnet) => subnet.gateways)
  return gateways.map(({ ip }) => staticRoute(familyOf(ip) === 4 ? '0.0.0.0/0' : '::/0', formatIp(ip)))
}

/** Static routes of Vpc objects. */
function userRoutes(router: Router): StaticRouteRow[] {
  return router.staticRoutes.map((route) => ({
    ...staticRoute(route.prefix, route.nexthop),
    policy: route.policy,
    route_table: route.routeTable,
    output_port: route.outputPort,
  }))
}

function staticRoute(ip_prefix: string, nexthop: string): StaticRouteRow {
  const nowhere = { route_table: '', output_port: undefined, options: {} }
  return { ip_prefix, nexthop, policy: 'dst-ip', ...nowhere, external_ids: VENDOR }
}

/** The sets behind the distributed 29000 policies: a subnet's pods on each node, by family. */
function addressSets(objects: KubeObjects, subnets: readonly Subnet[]): AddressSetRow[] {
  const sets: AddressSetRow[] = []
  for (const subnet of subnets) {
    if (subnet.isJoin || subnet.gatewayType === 'centralized') continue
    const pods = [...objects.pods.values()].filter((pod) => pod.subnet === subnet.name)
    for (const node of objects.nodes) {
      const ips = pods.filter((pod) => pod.node === node.name).flatMap((pod) => pod.ips)
      for (const cidr of subnetCidrs(subnet)) {
        const family = familyOf(cidr.ip)
        const addresses = ips.filter((ip) => familyOf(ip) === family).map(formatIp)
        sets.push({ name: addressSetName(subnet.name, node.name, family), addresses })
      }
    }
  }
  return sets
}

function address(mac: Mac, ips: readonly Ip[]): string {
  return [macText(mac), ...ips.map(formatIp)].join(' ')
}
