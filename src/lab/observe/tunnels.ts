/** Tunnels of a chassis as its Open_vSwitch database has them, with what BFD says. */
import type { Tunnel } from '../../model/forwarding.ts'
import { parseIp } from '../../net/ip.ts'
import { listOf, mapOf, type Replica, type Row } from './ovsdb-client.ts'

/** All tunnels by the chassis at their other end. */
export function tunnelsOf(ovs: Replica): Map<string, Tunnel> {
  const tunnels = new Map<string, Tunnel>()
  for (const port of ovs.rows('Port').values()) {
    const chassis = chassisOf(port)
    const face = ovs.rows('Interface').get(listOf(port, 'interfaces')[0] ?? '')
    const remoteIp = face === undefined ? undefined : parseIp(mapOf(face, 'options').remote_ip ?? '')
    if (chassis === undefined || face === undefined || remoteIp === undefined) continue
    tunnels.set(chassis, { chassis, remoteIp, bfd: bfdOf(face) })
  }
  return tunnels
}

/** Chassis at the other end of a tunnel's interface, given by its UUID. */
export function peerOf(ovs: Replica, face: string): string | undefined {
  for (const port of ovs.rows('Port').values())
    if (listOf(port, 'interfaces').includes(face)) return chassisOf(port)
  return undefined
}

function chassisOf(port: Row): string | undefined {
  return mapOf(port, 'external_ids')['ovn-chassis-id']?.split('@')[0]
}

/** State of BFD on a row of Interface. */
export function bfdOf(face: Row): Tunnel['bfd'] {
  if (mapOf(face, 'bfd').enable !== 'true') return 'off'
  return mapOf(face, 'bfd_status').state === 'up' ? 'up' : 'down'
}
