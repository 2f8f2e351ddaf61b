/** Rows of the IC Southbound, and chassis and bindings of every Southbound. Keys that are a race are compared as names. */
import type { DatabaseSnapshot, DatabasesSnapshot, IcSbTables } from '../../../model/tables.ts'
import { type Comparison, labels, row, type Sides, setDifferences } from './comparison.ts'

/** Rows of the IC Southbound at every snapshot that both have. */
export function compareIcSb({ real, model }: Sides): Comparison[] {
  return labels(real.result, model).map(([label, theirs, ours]) => {
    const [a, b] = [icSbTexts(theirs.icSb), icSbTexts(ours.icSb)]
    return row('IC-SB', label, `${a.length} rows`, `${b.length} rows`, setDifferences(a, b))
  })
}

function icSbTexts({ tables }: DatabaseSnapshot<IcSbTables>): string[] {
  const zone = (id: number): string => tables.Availability_Zone.get(id)?.name ?? '?'
  return [
    ...[...tables.Availability_Zone.values()].map(({ name }) => `Availability_Zone ${name}`),
    ...[...tables.Gateway.values()].map(
      (one) => `Gateway ${one.name} ${zone(one.availability_zone)} ${one.hostname}`,
    ),
    ...[...tables.Encap.values()].map((one) => `Encap ${one.gateway_name} ${one.type} ${one.ip}`),
    // Which switch gets which key is a race (TS-3).
    ...[...tables.Datapath_Binding.values()].map((one) => `Datapath_Binding ${one.transit_switch}`),
    ...[...tables.Port_Binding.values()].map(
      (one) =>
        `Port_Binding ${one.transit_switch} ${zone(one.availability_zone)} ${one.logical_port} ${one.gateway} ${one.address}`,
    ),
    ...[...tables.Route.values()].map(
      (one) =>
        `Route ${one.transit_switch} ${zone(one.availability_zone)} ${one.route_table} ${one.ip_prefix} ${one.nexthop} ${one.origin}`,
    ),
  ]
}

/** Chassis, and where ports are bound, of every cluster. */
export function compareBindings({ real, model }: Sides): Comparison[] {
  return labels(real.result, model).flatMap(([label, theirs, ours]) =>
    [...theirs.clusters.keys()].map((cluster) => {
      const [a, b] = [theirs, ours].map((side) => bindingTexts(side, cluster))
      return row(
        'bindings',
        `${label} ${cluster}`,
        `${a!.length} rows`,
        `${b!.length} rows`,
        setDifferences(a!, b!),
      )
    }),
  )
}

function bindingTexts(databases: DatabasesSnapshot, cluster: string): string[] {
  const tables = databases.clusters.get(cluster)?.sb.tables
  if (tables === undefined) return []
  return [
    ...[...tables.Chassis.values()].map(
      (one) =>
        `Chassis ${one.name} ${one.hostname} remote ${one.other_config['is-remote'] === 'true'} interconn ${one.other_config['is-interconn'] === 'true'}`,
    ),
    ...[...tables.Port_Binding.values()].flatMap((one) =>
      ['', 'remote', 'chassisredirect'].includes(one.type)
        ? [
            `Port_Binding ${one.logical_port} ${one.type} on ${one.chassis === undefined ? 'none' : (tables.Chassis.get(one.chassis)?.name ?? 'none')}`,
          ]
        : [],
    ),
  ]
}
