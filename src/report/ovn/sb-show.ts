// `ovn-sbctl show` of OVN 23.03 (ovn-semantics §5.7): every chassis with its encapsulations and what is bound to it. The real
// tool prints chassis and bindings in the order of their random UUIDs; here they stand in the order of creation.

import type { DatabaseSnapshot, SbTables } from '../../model/tables.ts'
import { follow, ovsdbAtom, ovsdbMap, textOf } from './text.ts'

/** All chassis of one AZ's Southbound, remote ones (gateways of other AZs) included. */
export function sbShow(sb: DatabaseSnapshot<SbTables>): string {
  const { Chassis, Encap, Port_Binding } = sb.tables
  const bound = new Map<number, string[]>()
  for (const row of Port_Binding.values()) {
    if (row.chassis === undefined) continue
    const ports = bound.get(row.chassis)
    if (ports === undefined) bound.set(row.chassis, [row.logical_port])
    else ports.push(row.logical_port)
  }
  const lines: string[] = []
  for (const [id, chassis] of Chassis) {
    lines.push(`Chassis ${ovsdbAtom(chassis.name)}`)
    if (chassis.hostname !== '') lines.push(`    hostname: ${ovsdbAtom(chassis.hostname)}`)
    for (const encap of follow(Encap, chassis.encaps)) {
      lines.push(`    Encap ${ovsdbAtom(encap.type)}`, `        ip: ${ovsdbAtom(encap.ip)}`)
      if (Object.keys(encap.options).length > 0) lines.push(`        options: ${ovsdbMap(encap.options)}`)
    }
    for (const port of bound.get(id) ?? []) lines.push(`    Port_Binding ${ovsdbAtom(port)}`)
  }
  return textOf(lines)
}
