// Port bindings of one datapath in the Southbound database: what is there is kept with its key, what is new gets one.

import type { DatabaseSnapshot, NbTables, RowId, SbPortBindingRow, SbTables } from '../../../model/tables.ts'
import type { Database, Transaction } from '../../db/database.ts'
import { assignKeys, PORT_KEY_MAX } from './keys.ts'
import type { PlannedDatapath, PlannedPort } from './plan.ts'
import { inUuidOrder } from './router-input.ts'

/** Southbound rows that are to be; `kept` counts the ports among them that were there before. */
export interface Wanted {
  readonly datapaths: Set<RowId>
  readonly ports: Set<RowId>
  kept: number
}

interface PresentPort {
  readonly id: RowId
  readonly row: SbPortBindingRow
}

/** Writes the port bindings of one datapath. */
export function syncPorts(
  sb: Database<SbTables>,
  transaction: Transaction<SbTables>,
  nb: DatabaseSnapshot<NbTables>,
  planned: PlannedDatapath,
  datapath: RowId,
  groups: ReadonlyMap<string, RowId>,
  wanted: Wanted,
): void {
  const present = planned.ports.map(({ name }): PresentPort | undefined => {
    const id = sb.find('Port_Binding', 'logical_port', name)
    const row = id === undefined ? undefined : sb.get('Port_Binding', id)
    // A port that moved to another datapath starts afresh.
    return id === undefined || row?.datapath !== datapath ? undefined : { id, row }
  })
  for (const [place, tunnel_key] of portKeys(nb, planned.ports, present)) {
    const port = planned.ports[place]!
    const ha_chassis_group = port.group === undefined ? undefined : groups.get(port.group)
    const { type, mac, options } = port.columns
    const old = present[place]
    if (old === undefined) {
      const bound = { chassis: undefined, up: false }
      const row = {
        logical_port: port.name,
        datapath,
        tunnel_key,
        type,
        mac,
        options,
        ha_chassis_group,
        ...bound,
      }
      wanted.ports.add(transaction.insert('Port_Binding', row))
      continue
    }
    transaction.update('Port_Binding', old.id, { type, mac, options, tunnel_key, ha_chassis_group })
    wanted.ports.add(old.id)
    wanted.kept++
  }
}

/** Ports by their place in the list, each with its key; those for which none is left are missing. */
function portKeys(
  nb: DatabaseSnapshot<NbTables>,
  ports: readonly PlannedPort[],
  present: readonly (PresentPort | undefined)[],
): Iterable<readonly [place: number, key: number]> {
  const kept: [number, number][] = []
  for (const [place, { requested }] of ports.entries()) {
    const key = present[place]?.row.tunnel_key
    if (key !== undefined && (requested === undefined || requested === key)) kept.push([place, key])
  }
  // Keys on one datapath are unique as they stand, so nobody takes one from another.
  if (kept.length === ports.length) return kept
  const places = [...ports.keys()]
  const keyed = (place: number): boolean =>
    ports[place]!.requested !== undefined || present[place] !== undefined
  const fresh = byUuid(
    nb,
    ports,
    places.filter((place) => !keyed(place)),
  )
  return assignKeys(
    [...places.filter(keyed), ...fresh].map((id) => ({
      id,
      requested: ports[id]!.requested,
      present: present[id]?.row.tunnel_key,
    })),
    'after-highest',
    PORT_KEY_MAX,
  )
}

/** New ports get their keys in the order of their rows' UUIDs, a `cr-` port right after the port it redirects. */
function byUuid(
  nb: DatabaseSnapshot<NbTables>,
  ports: readonly PlannedPort[],
  places: readonly number[],
): readonly number[] {
  const rows = [...new Set(places.map((place) => ports[place]!.nb))]
  const rank = new Map(inUuidOrder(nb, rows).map((id, i) => [id, i]))
  return [...places].sort((a, b) => rank.get(ports[a]!.nb)! - rank.get(ports[b]!.nb)!)
}
