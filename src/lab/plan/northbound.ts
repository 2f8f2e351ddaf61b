/**
 * The content of a cluster's Northbound as lines of ovn-nbctl: what the scenario says, as a person would type it (mirrors the cloud
 * management system of the simulator, command by command).
 * Surprise: ports on transit switches have to wait until ovn-ic has made the switch.
 */
import type { Cluster, Pod, RouterPolicy, StaticRoute, Subnet, TransitPort } from '../../model/network.ts'
import { formatIp } from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { option, type Words } from './rows.ts'

/** What must be there before anything else, as one transaction. */
export function clusterCommands(cluster: Cluster): Words[] {
  return [
    [
      'set',
      'NB_Global',
      '.',
      `name=${JSON.stringify(cluster.azName)}`,
      ...Object.entries(cluster.options).map(option('options')),
    ],
    ...cluster.routers.map(({ name }) => ['lr-add', name]),
    ...cluster.subnets.flatMap(subnetCommands),
    ...cluster.pods.flatMap(podCommands),
    ...cluster.transitPorts.flatMap((port) => transitRouterPort(cluster, port)),
  ]
}

/** A subnet: its switch, its router port, and the port that joins them. */
export function subnetCommands(subnet: Subnet): Words[] {
  return [
    ['ls-add', subnet.name],
    ['lrp-add', subnet.router, subnet.lrp, formatMac(subnet.mac), ...subnet.gateways.map(formatPrefix)],
    ...lrpOptions(subnet.lrp, subnet),
    ...routerSide(subnet.name, subnet.lsp, subnet.lrp),
  ]
}

/** Removes what `subnetCommands` made, with the pods' ports. */
export function subnetRemoval(subnet: Subnet): Words[] {
  return [
    ['ls-del', subnet.name],
    ['lrp-del', subnet.lrp],
  ]
}

export function podCommands(pod: Pod): Words[] {
  return [
    ['lsp-add', pod.subnet, pod.lsp],
    ['lsp-set-addresses', pod.lsp, [formatMac(pod.mac), ...pod.ips.map(formatIp)].join(' ')],
  ]
}

/** The router's side of a transit port, with its gateways. */
export function transitRouterPort(cluster: Cluster, port: TransitPort): Words[] {
  const chassisOf = (node: string): string => cluster.nodes.find(({ name }) => name === node)?.chassis ?? node
  return [
    ['lrp-add', port.router, port.lrp, formatMac(port.mac), ...port.networks.map(formatPrefix)],
    ...lrpOptions(port.lrp, port),
    ...port.gateways.map(({ node, priority }) => [
      'lrp-set-gateway-chassis',
      port.lrp,
      chassisOf(node),
      String(priority),
    ]),
  ]
}

/** The transit switch's side; the switch must be there. */
export function transitSwitchPort({
  transitSwitch,
  lsp,
  lrp,
}: Pick<TransitPort, 'transitSwitch' | 'lsp' | 'lrp'>): Words[] {
  return routerSide(transitSwitch, lsp, lrp)
}

/** Routes and policies, each a command of its own: one that is refused does not keep the others out. */
export function routeCommands(cluster: Cluster): Words[] {
  return cluster.routers.flatMap(({ name, staticRoutes, policies }) => [
    ...staticRoutes.map((route) => routeCommand(name, route)),
    ...policies.map((policy) => policyCommand(name, policy)),
  ])
}

function routeCommand(
  router: string,
  { prefix, nexthop, policy, routeTable, outputPort, ecmp }: StaticRoute,
): Words {
  return [
    ...(policy === 'src-ip' ? ['--policy=src-ip'] : []),
    ...(ecmp ? ['--ecmp'] : []),
    ...(routeTable === '' ? [] : [`--route-table=${routeTable}`]),
    'lr-route-add',
    router,
    prefix,
    nexthop,
    ...(outputPort === undefined ? [] : [outputPort]),
  ]
}

function policyCommand(router: string, { priority, match, action, nexthops }: RouterPolicy): Words {
  return [
    'lr-policy-add',
    router,
    String(priority),
    match,
    action,
    ...(nexthops.length === 0 ? [] : [nexthops.join(',')]),
  ]
}

function routerSide(on: string, lsp: string, lrp: string): Words[] {
  return [
    ['lsp-add', on, lsp],
    ['lsp-set-type', lsp, 'router'],
    ['lsp-set-addresses', lsp, 'router'],
    ['lsp-set-options', lsp, `router-port=${lrp}`],
  ]
}

function lrpOptions(
  lrp: string,
  { routeTable, lrpOptions: more }: Pick<Subnet, 'routeTable' | 'lrpOptions'>,
): Words[] {
  const options = Object.entries({ ...more, ...(routeTable === '' ? {} : { route_table: routeTable }) })
  return options.length === 0 ? [] : [['set', 'Logical_Router_Port', lrp, ...options.map(option('options'))]]
}
