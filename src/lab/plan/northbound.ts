/**
 * The content of a cluster's Northbound as lines of ovn-nbctl: what the scenario says, as a person would type it (mirrors the cloud
 * management system of the simulator, command by command), or rows that a modelled Kube-OVN controller has written.
 * Surprise: ports on transit switches have to wait until ovn-ic has made the switch.
 */
import type { Cluster, Pod, RouterPolicy, StaticRoute, Subnet, TransitPort } from '../../model/network.ts'
import type { DatabaseSnapshot, NbTables, RowId } from '../../model/tables.ts'
import { formatIp } from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { formatPrefix } from '../../net/prefix.ts'

/** The words of one ovn-nbctl command. */
export type Words = readonly string[]

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

function option(column: string) {
  return ([key, value]: readonly [string, string]): string =>
    `${column}:${JSON.stringify(key)}=${JSON.stringify(value)}`
}

/** A Northbound that a modelled controller has written, as commands: what must be there first, and what waits for transit switches. */
export interface WrittenNorthbound {
  readonly first: readonly Words[]
  /** By transit switch. */
  readonly onTransitSwitches: readonly {
    readonly transitSwitch: string
    readonly lsps: readonly string[]
    readonly words: readonly Words[]
  }[]
}

/** Turns rows into commands. Left out is what ovn-ic writes by itself: transit switches, remote ports, learned routes. */
export function writtenNorthbound(nb: DatabaseSnapshot<NbTables>): WrittenNorthbound {
  const { tables } = nb
  const first: Words[] = []
  for (const { name, options } of tables.NB_Global.values())
    first.push([
      'set',
      'NB_Global',
      '.',
      `name=${JSON.stringify(name)}`,
      ...Object.entries(options).map(option('options')),
    ])
  for (const { name, addresses } of tables.Address_Set.values())
    first.push(['create', 'Address_Set', `name=${name}`, `addresses=${listText(addresses)}`])
  for (const router of tables.Logical_Router.values()) {
    first.push(['lr-add', router.name])
    if (Object.keys(router.options).length > 0)
      first.push([
        'set',
        'Logical_Router',
        router.name,
        ...Object.entries(router.options).map(option('options')),
      ])
    for (const id of router.ports) first.push(...routerPort(nb, router.name, id))
    for (const id of router.static_routes) {
      const route = tables.Logical_Router_Static_Route.get(id)
      if (route === undefined || route.external_ids['ic-learned-route'] !== undefined) continue
      const more = {
        ip_prefix: route.ip_prefix,
        nexthop: route.nexthop,
        route_table: route.route_table,
        output_port: route.output_port,
        policy: route.policy,
      }
      first.push(
        owned(
          'Logical_Router',
          router.name,
          'static_routes',
          'Logical_Router_Static_Route',
          more,
          route.options,
          route.external_ids,
        ),
      )
    }
    for (const id of router.policies) {
      const policy = tables.Logical_Router_Policy.get(id)
      if (policy === undefined) continue
      const { priority, match, action, nexthops } = policy
      first.push(
        owned(
          'Logical_Router',
          router.name,
          'policies',
          'Logical_Router_Policy',
          { priority, match, action, nexthops },
          {},
          policy.external_ids,
        ),
      )
    }
  }
  const onTransitSwitches: { transitSwitch: string; lsps: string[]; words: Words[] }[] = []
  for (const on of tables.Logical_Switch.values()) {
    const words = on.ports.flatMap((id) => switchPort(nb, on.name, id))
    if (on.other_config['interconn-ts'] !== undefined)
      onTransitSwitches.push({
        transitSwitch: on.name,
        lsps: on.ports.flatMap((id) => {
          const port = tables.Logical_Switch_Port.get(id)
          return port?.type === 'router' ? [port.name] : []
        }),
        words,
      })
    else {
      first.push(['ls-add', on.name], ...words)
      if (Object.keys(on.other_config).length > 0)
        first.push([
          'set',
          'Logical_Switch',
          on.name,
          ...Object.entries(on.other_config).map(option('other_config')),
        ])
    }
  }
  return { first, onTransitSwitches }
}

function routerPort({ tables }: DatabaseSnapshot<NbTables>, router: string, id: RowId): Words[] {
  const port = tables.Logical_Router_Port.get(id)
  if (port === undefined) return []
  return [
    ['lrp-add', router, port.name, port.mac, ...port.networks],
    ...(Object.keys(port.options).length === 0
      ? []
      : [['set', 'Logical_Router_Port', port.name, ...Object.entries(port.options).map(option('options'))]]),
    ...port.gateway_chassis.flatMap((gateway) => {
      const row = tables.Gateway_Chassis.get(gateway)
      return row === undefined
        ? []
        : [['lrp-set-gateway-chassis', port.name, row.chassis_name, String(row.priority)]]
    }),
  ]
}

function switchPort({ tables }: DatabaseSnapshot<NbTables>, on: string, id: RowId): Words[] {
  const port = tables.Logical_Switch_Port.get(id)
  if (port === undefined || port.type === 'remote') return []
  return [
    ['lsp-add', on, port.name],
    ...(port.type === '' ? [] : [['lsp-set-type', port.name, port.type]]),
    ...(port.addresses.length === 0 ? [] : [['lsp-set-addresses', port.name, ...port.addresses]]),
    ...(Object.keys(port.options).length === 0
      ? []
      : [
          [
            'lsp-set-options',
            port.name,
            ...Object.entries(port.options).map(([key, value]) => `${key}=${value}`),
          ],
        ]),
  ]
}

let rows = 0

/** Creates a row and puts it into the column of its owner. */
function owned(
  owner: string,
  name: string,
  column: string,
  table: string,
  values: Readonly<Record<string, string | number | readonly string[] | undefined>>,
  options: Readonly<Record<string, string>>,
  externalIds: Readonly<Record<string, string>>,
): Words {
  const id = `@r${rows++}`
  const columns = Object.entries(values).flatMap(([key, value]) =>
    value === undefined || (typeof value !== 'number' && value.length === 0)
      ? []
      : [
          `${key}=${typeof value === 'number' ? value : typeof value === 'string' ? JSON.stringify(value) : listText(value)}`,
        ],
  )
  return [
    `--id=${id}`,
    'create',
    table,
    ...columns,
    ...Object.entries(options).map(option('options')),
    ...Object.entries(externalIds).map(option('external_ids')),
    '--',
    'add',
    owner,
    name,
    column,
    id,
  ]
}

function listText(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(',')}]`
}
