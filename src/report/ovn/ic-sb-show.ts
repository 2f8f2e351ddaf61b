// `ovn-ic-sbctl show` of OVN 23.03 (ovn-semantics §5.2), byte for byte. Availability zones, gateways and ports are sorted
// by name. Surprise: a port stands only under a gateway that exists, so ports that are bound nowhere are not shown at all.

import type { DatabaseSnapshot, IcPortBindingRow, IcSbTables } from '../../model/tables.ts'
import { compareText, follow, textOf } from './text.ts'

/** The whole IC Southbound as the tool prints it; empty when there is no availability zone. */
export function icSbShow(icSb: DatabaseSnapshot<IcSbTables>): string {
  const { Availability_Zone, Gateway, Encap, Port_Binding } = icSb.tables
  const lines: string[] = []
  const zones = [...Availability_Zone].sort(([, a], [, b]) => compareText(a.name, b.name))
  const gateways = [...Gateway.values()].sort((a, b) => compareText(a.name, b.name))
  const ports = [...Port_Binding.values()].sort((a, b) => compareText(a.logical_port, b.logical_port))
  for (const [id, zone] of zones) {
    lines.push(`availability-zone ${zone.name}`)
    for (const gateway of gateways.filter((one) => one.availability_zone === id)) {
      lines.push(`    gateway ${gateway.name}`)
      if (gateway.hostname !== '') lines.push(`        hostname: ${gateway.hostname}`)
      for (const encap of follow(Encap, gateway.encaps))
        lines.push(`        type: ${encap.type}`, `            ip: ${encap.ip}`)
      for (const port of ports)
        if (port.gateway === gateway.name && port.availability_zone === id) lines.push(...portLines(port))
    }
  }
  return textOf(lines)
}

function portLines(port: IcPortBindingRow): string[] {
  return [
    `        port ${port.logical_port}`,
    `            transit switch: ${port.transit_switch}`,
    `            address: ["${port.address}"]`,
  ]
}
