// One frame to every member of a multicast group of a switch (GE-3).
// Surprises: a transit switch floods with the unicast keys of its remote ports, every other switch with the group's key to
// each chassis that hosts a port of it (probes AR-2, AR-4); what comes by a tunnel is flooded on this chassis only.

import type { Tunnel } from '../../model/forwarding.ts'
import { groupName, type Packet } from './packet.ts'
import { LOCAL_OUTPUT, REMOTE_OUTPUT } from './physical.ts'

/** Floods the packet to its group. Router ports are spared: what they would answer is answered already. */
export function flood(packet: Packet): void {
  const targets = floodTargets(packet)
  const group = groupName(packet.outGroup)
  if (targets.length === 0) {
    packet.drop(
      'unknown-destination',
      packet.fromTunnel ? LOCAL_OUTPUT.name : REMOTE_OUTPUT.name,
      `${group} of ${packet.datapathName} has no other member`,
    )
    return
  }
  const { state, output, frame, inKey, sourcePort } = packet
  const vni = packet.logicalSwitch!.key
  // Each output owns its frame: all but the last get a copy.
  targets.forEach((target, i) => {
    const own = i === targets.length - 1 ? frame : frame.clone()
    if (target.tunnel === undefined) output.toVif(state, target.port, own)
    else output.toTunnel(state, target.tunnel, vni, inKey, target.key, own, sourcePort, -1)
  })
}

interface FloodTarget {
  readonly port: string
  readonly tunnel: Tunnel | undefined
  readonly key: number
}

function floodTargets(packet: Packet): readonly FloodTarget[] {
  const { state, inSwitchPort, outGroup } = packet
  const logicalSwitch = packet.logicalSwitch!
  const targets: FloodTarget[] = []
  const reached = new Set<string>()
  if (!packet.fromTunnel) {
    for (const { name, kind, chassis, key } of logicalSwitch.ports) {
      if (kind === 'router' || chassis === undefined || (kind === 'vif' && state.vifs.has(name))) continue
      const tunnel = state.tunnels.get(chassis)
      if (tunnel === undefined) continue
      if (logicalSwitch.transit) targets.push({ port: name, tunnel, key })
      else if (!reached.has(chassis)) targets.push({ port: name, tunnel, key: outGroup })
      reached.add(chassis)
    }
  }
  for (const port of logicalSwitch.ports) {
    if (port.kind === 'vif' && port !== inSwitchPort && state.vifs.has(port.name))
      targets.push({ port: port.name, tunnel: undefined, key: 0 })
  }
  return targets
}
