/**
 * What changes one Northbound into another, as lines of ovn-nbctl that find rows by what stands in them: the real database has other
 * UUIDs than the modelled one. Only what differs is written, so what northd and ovn-ic have put into the same rows stays.
 */
import { isDeepStrictEqual } from 'node:util'
import type {
  DatabaseSnapshot,
  LogicalRouterRow,
  LogicalSwitchRow,
  NbTables,
  RowId,
  StaticRouteRow,
  StringMap,
} from '../../model/tables.ts'
import {
  listText,
  newAddressSet,
  newPolicy,
  newRoute,
  newRouterPort,
  newSwitchPort,
  option,
  type Words,
} from './rows.ts'

type Nb = DatabaseSnapshot<NbTables>

const NO_ROUTER: Omit<LogicalRouterRow, 'name'> = { ports: [], static_routes: [], policies: [], options: {} }
const NO_SWITCH: Omit<LogicalSwitchRow, 'name'> = { ports: [], other_config: {} }

/** Commands of one transaction; empty where nothing differs. Both snapshots are of the same database, so equal row ids are the same row. */
export function northboundEdits(before: Nb, after: Nb): Words[] {
  return [
    ...globalEdits(before, after),
    ...switchRemovals(before, after),
    ...routerRemovals(before, after),
    ...addressSetEdits(before, after),
    ...routerAdditions(before, after),
    ...switchAdditions(before, after),
  ]
}

/** Switches on which a transaction's new ports lie although it does not make them: transit switches, which ovn-ic makes. */
export function switchesNeeded(before: Nb, after: Nb): string[] {
  return [...after.tables.Logical_Switch].flatMap(([id, { name, ports }]) => {
    const was = before.tables.Logical_Switch.get(id)
    return was !== undefined && ports.some((port) => !was.ports.includes(port)) ? [name] : []
  })
}

function globalEdits(before: Nb, after: Nb): Words[] {
  return [...after.tables.NB_Global].flatMap(([id, { name, options }]): Words[] => {
    const was = before.tables.NB_Global.get(id) ?? { name: '', options: {} }
    return [
      ...(name === was.name ? [] : [['set', 'NB_Global', '.', `name=${JSON.stringify(name)}`]]),
      ...mapEdits('NB_Global', '.', 'options', was.options, options),
    ]
  })
}

function switchRemovals(before: Nb, after: Nb): Words[] {
  return [...before.tables.Logical_Switch].flatMap(([id, { name, ports }]): Words[] => {
    const is = after.tables.Logical_Switch.get(id)
    if (is === undefined) return [['--if-exists', 'ls-del', name]]
    return gone(ports, is.ports).flatMap((port): Words[] => {
      const row = before.tables.Logical_Switch_Port.get(port)
      return row === undefined ? [] : [['--if-exists', 'lsp-del', row.name]]
    })
  })
}

function routerRemovals(before: Nb, after: Nb): Words[] {
  return [...before.tables.Logical_Router].flatMap(([id, router]): Words[] => {
    const is = after.tables.Logical_Router.get(id)
    if (is === undefined) return [['--if-exists', 'lr-del', router.name]]
    const { tables } = before
    return [
      ...gone(router.ports, is.ports).flatMap((port): Words[] => {
        const row = tables.Logical_Router_Port.get(port)
        return row === undefined ? [] : [['--if-exists', 'lrp-del', row.name]]
      }),
      ...changedOrGone(
        router.static_routes,
        is.static_routes,
        before,
        after,
        'Logical_Router_Static_Route',
      ).map((row) => routeRemoval(router.name, row)),
      ...changedOrGone(router.policies, is.policies, before, after, 'Logical_Router_Policy').map(
        ({ priority, match }) => ['--if-exists', 'lr-policy-del', router.name, String(priority), match],
      ),
    ]
  })
}

function routeRemoval(router: string, row: StaticRouteRow): Words {
  return [
    '--if-exists',
    `--policy=${row.policy ?? 'dst-ip'}`,
    ...(row.route_table === '' ? [] : [`--route-table=${row.route_table}`]),
    'lr-route-del',
    router,
    row.ip_prefix,
    row.nexthop,
    ...(row.output_port === undefined ? [] : [row.output_port]),
  ]
}

function routerAdditions(before: Nb, after: Nb): Words[] {
  return [...after.tables.Logical_Router].flatMap(([id, router]): Words[] => {
    const { name, options } = router
    const known = before.tables.Logical_Router.get(id)
    const was: Omit<LogicalRouterRow, 'name'> = known ?? NO_ROUTER
    return [
      ...(known === undefined ? [['lr-add', name]] : []),
      ...mapEdits('Logical_Router', name, 'options', was.options, options),
      ...router.ports.flatMap((port) =>
        was.ports.includes(port) ? routerPortEdits(before, after, port) : newRouterPort(after, name, port),
      ),
      ...changedOrGone(
        router.static_routes,
        was.static_routes,
        after,
        before,
        'Logical_Router_Static_Route',
      ).map((row) => newRoute(name, row)),
      ...changedOrGone(router.policies, was.policies, after, before, 'Logical_Router_Policy').map((row) =>
        newPolicy(name, row),
      ),
    ]
  })
}

function routerPortEdits(before: Nb, after: Nb, id: RowId): Words[] {
  const [was, is] = [before, after].map(({ tables }) => tables.Logical_Router_Port.get(id))
  if (was === undefined || is === undefined || was === is) return []
  const columns = [
    ...(was.mac === is.mac ? [] : [`mac=${JSON.stringify(is.mac)}`]),
    ...(isDeepStrictEqual(was.networks, is.networks) ? [] : [`networks=${listText(is.networks)}`]),
  ]
  return [
    ...(columns.length === 0 ? [] : [['set', 'Logical_Router_Port', is.name, ...columns]]),
    ...mapEdits('Logical_Router_Port', is.name, 'options', was.options, is.options),
    ...gatewayEdits(is.name, gateways(before, was.gateway_chassis), gateways(after, is.gateway_chassis)),
  ]
}

/** Priorities by chassis. */
function gateways({ tables }: Nb, ids: readonly RowId[]): Map<string, number> {
  return new Map(
    ids.flatMap((id) => {
      const row = tables.Gateway_Chassis.get(id)
      return row === undefined ? [] : [[row.chassis_name, row.priority] as const]
    }),
  )
}

function gatewayEdits(lrp: string, was: Map<string, number>, is: Map<string, number>): Words[] {
  return [
    ...[...was.keys()].flatMap((chassis) =>
      is.has(chassis) ? [] : [['lrp-del-gateway-chassis', lrp, chassis]],
    ),
    ...[...is].flatMap(([chassis, priority]) =>
      was.get(chassis) === priority ? [] : [['lrp-set-gateway-chassis', lrp, chassis, String(priority)]],
    ),
  ]
}

function switchAdditions(before: Nb, after: Nb): Words[] {
  return [...after.tables.Logical_Switch].flatMap(([id, { name, ports, other_config }]): Words[] => {
    const known = before.tables.Logical_Switch.get(id)
    const was: Omit<LogicalSwitchRow, 'name'> = known ?? NO_SWITCH
    return [
      ...(known === undefined ? [['ls-add', name]] : []),
      ...mapEdits('Logical_Switch', name, 'other_config', was.other_config, other_config),
      ...ports.flatMap((port) =>
        was.ports.includes(port) ? switchPortEdits(before, after, port) : newSwitchPort(after, name, port),
      ),
    ]
  })
}

function switchPortEdits(before: Nb, after: Nb, id: RowId): Words[] {
  const [was, is] = [before, after].map(({ tables }) => tables.Logical_Switch_Port.get(id))
  if (was === undefined || is === undefined || was === is) return []
  return [
    ...(was.type === is.type ? [] : [['lsp-set-type', is.name, is.type]]),
    ...(isDeepStrictEqual(was.addresses, is.addresses)
      ? []
      : [['lsp-set-addresses', is.name, ...is.addresses]]),
    ...mapEdits('Logical_Switch_Port', is.name, 'options', was.options, is.options),
  ]
}

function addressSetEdits(before: Nb, after: Nb): Words[] {
  const [was, is] = [before, after].map(({ tables }) => tables.Address_Set)
  return [
    ...[...was!].flatMap(([id, { name }]) =>
      is!.has(id) ? [] : [['--if-exists', 'destroy', 'Address_Set', name]],
    ),
    ...[...is!].flatMap(([id, row]): Words[] => {
      const known = was!.get(id)
      if (known === undefined) return [newAddressSet(row)]
      if (isDeepStrictEqual(known.addresses, row.addresses)) return []
      return [['set', 'Address_Set', row.name, `addresses=${listText(row.addresses)}`]]
    }),
  ]
}

function mapEdits(table: string, row: string, column: string, was: StringMap, is: StringMap): Words[] {
  const changed = Object.entries(is).filter(([key, value]) => was[key] !== value)
  const dropped = Object.keys(was).filter((key) => is[key] === undefined)
  return [
    ...(changed.length === 0 ? [] : [['set', table, row, ...changed.map(option(column))]]),
    ...(dropped.length === 0
      ? []
      : [['remove', table, row, column, ...dropped.map((key) => JSON.stringify(key))]]),
  ]
}

function gone(ids: readonly RowId[], left: readonly RowId[]): RowId[] {
  return ids.filter((id) => !left.includes(id))
}

/** Rows of `here` that `there` has not, or has with other values: routes and policies have no name by which one could be changed. */
function changedOrGone<T extends 'Logical_Router_Static_Route' | 'Logical_Router_Policy'>(
  ids: readonly RowId[],
  others: readonly RowId[],
  here: Nb,
  there: Nb,
  table: T,
): NbTables[T][] {
  return ids.flatMap((id) => {
    const row = here.tables[table].get(id)
    const same = others.includes(id) && isDeepStrictEqual(row, there.tables[table].get(id))
    return row === undefined || same ? [] : [row as NbTables[T]]
  })
}
