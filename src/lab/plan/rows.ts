/**
 * Rows of a Northbound as lines of ovn-nbctl: a whole database that a modelled Kube-OVN controller has written, and what new rows of
 * each kind are made with. Changes of a database are `edits.ts`.
 */
import type {
  AddressSetRow,
  DatabaseSnapshot,
  NbTables,
  RouterPolicyRow,
  RowId,
  StaticRouteRow,
} from '../../model/tables.ts'

/** The words of one ovn-nbctl command. */
export type Words = readonly string[]

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
  for (const set of tables.Address_Set.values()) first.push(newAddressSet(set))
  for (const router of tables.Logical_Router.values()) {
    first.push(['lr-add', router.name])
    if (Object.keys(router.options).length > 0)
      first.push([
        'set',
        'Logical_Router',
        router.name,
        ...Object.entries(router.options).map(option('options')),
      ])
    for (const id of router.ports) first.push(...newRouterPort(nb, router.name, id))
    for (const id of router.static_routes) {
      const route = tables.Logical_Router_Static_Route.get(id)
      if (route === undefined || route.external_ids['ic-learned-route'] !== undefined) continue
      first.push(newRoute(router.name, route))
    }
    for (const id of router.policies) {
      const policy = tables.Logical_Router_Policy.get(id)
      if (policy === undefined) continue
      first.push(newPolicy(router.name, policy))
    }
  }
  const onTransitSwitches: { transitSwitch: string; lsps: string[]; words: Words[] }[] = []
  for (const on of tables.Logical_Switch.values()) {
    const words = on.ports.flatMap((id) => newSwitchPort(nb, on.name, id))
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

/** A static route, as a row of its router. */
export function newRoute(router: string, row: StaticRouteRow): Words {
  const { ip_prefix, nexthop, route_table, output_port, policy, options, external_ids } = row
  const values = { ip_prefix, nexthop, route_table, output_port, policy }
  return owned(router, 'static_routes', 'Logical_Router_Static_Route', values, options, external_ids)
}

/** A policy, as a row of its router. */
export function newPolicy(
  router: string,
  { priority, match, action, nexthops, external_ids }: RouterPolicyRow,
): Words {
  const values = { priority, match, action, nexthops }
  return owned(router, 'policies', 'Logical_Router_Policy', values, {}, external_ids)
}

export function newAddressSet({ name, addresses }: AddressSetRow): Words {
  return ['create', 'Address_Set', `name=${name}`, `addresses=${listText(addresses)}`]
}

/** A router port with its options and gateways; nothing where the row is gone. */
export function newRouterPort({ tables }: DatabaseSnapshot<NbTables>, router: string, id: RowId): Words[] {
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

/** A port of a switch; nothing for `remote` ports, which ovn-ic makes. */
export function newSwitchPort({ tables }: DatabaseSnapshot<NbTables>, on: string, id: RowId): Words[] {
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

/** Creates a row and puts it into a column of its router. */
function owned(
  router: string,
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
    'Logical_Router',
    router,
    column,
    id,
  ]
}

/** A set as the tools read one. */
export function listText(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(',')}]`
}

/** Writes a key of a map column as the tools take it: `options:"key"="value"`. */
export function option(column: string) {
  return ([key, value]: readonly [string, string]): string =>
    `${column}:${JSON.stringify(key)}=${JSON.stringify(value)}`
}
