// Kube-OVN's IC database leader, which keeps the transit switches in the IC Northbound (KO-TS-1, deployment ovn-ic-server with its
// TS_NUM). It makes the switches of the scenario once; what is added or removed later is an operator's act (`ovn-ic-nbctl`).
// Surprise: the subnet that a controller draws its address from stands only in external_ids. A switch without it is of no use.

import type { TransitSwitch } from '../../model/network.ts'
import type { IcNbTables } from '../../model/tables.ts'
import { formatPrefix, type Prefix, parsePrefix } from '../../net/prefix.ts'
import type { Database } from '../db/database.ts'
import { VENDOR } from './names.ts'

/** Adds the missing switches; returns what was refused. */
export function createTransitSwitches(
  icNb: Database<IcNbTables>,
  wanted: readonly TransitSwitch[],
): string | undefined {
  const result = icNb.transact('ovn-ic-server', (tx) => {
    for (const { name, subnets } of wanted) {
      if (icNb.find('Transit_Switch', 'name', name) !== undefined) continue
      const external_ids = { ...VENDOR, subnet: subnets.map(formatPrefix).join(',') }
      tx.insert('Transit_Switch', { name, external_ids })
    }
  })
  return result.kind === 'refused' ? result.message : undefined
}

/** The networks in `external_ids:subnet` of a switch, IPv4 first as written; undefined without a readable one. */
export function transitSubnets(icNb: Database<IcNbTables>, name: string): readonly Prefix[] | undefined {
  const id = icNb.find('Transit_Switch', 'name', name)
  const text = id === undefined ? undefined : icNb.get('Transit_Switch', id)!.external_ids.subnet
  const subnets = text?.split(',').map(parsePrefix)
  if (subnets === undefined || subnets.some((subnet) => subnet === undefined)) return undefined
  return subnets as readonly Prefix[]
}

/** Names of the transit switches, sorted as the controllers sort them; undefined while the database does not answer. */
export function transitSwitchNames(icNb: Database<IcNbTables>): readonly string[] | undefined {
  if (!icNb.available) return undefined
  return [...icNb.rows('Transit_Switch').values()].map((row) => row.name).sort()
}
