// Whose address a nexthop is. Kube-OVN draws addresses on transit switches at random, so that two runs of one plan differ in them;
// names do not.

import type { ForwardingState } from '../model/forwarding.ts'
import { formatIp } from '../net/ip.ts'
import { isLinkLocalRoute } from './reachability/fabric.ts'
import { viewOf } from './views.ts'

/** `az2 ovn-cluster` by address, for addresses on transit switches that one router has. */
export function nexthopOwners(state: ForwardingState): Map<string, string> {
  const owners = new Map<string, Set<string>>()
  for (const cluster of new Set([...state.chassis.values()].map((chassis) => chassis.cluster))) {
    const view = viewOf(state, cluster)
    for (const datapath of view?.datapaths.values() ?? []) {
      if (datapath.kind !== 'router') continue
      for (const { networks, peer } of datapath.ports) {
        const behind = peer === undefined ? undefined : view?.datapaths.get(peer.datapath)
        if (behind?.kind !== 'switch' || !behind.transit) continue
        for (const { ip } of networks) {
          if (isLinkLocalRoute(ip)) continue
          const names = owners.get(formatIp(ip)) ?? new Set()
          owners.set(formatIp(ip), names.add(`${cluster} ${datapath.name} on ${behind.name}`))
        }
      }
    }
  }
  return new Map(
    [...owners].flatMap(([ip, names]) => (names.size === 1 ? [[ip, [...names][0]!] as const] : [])),
  )
}
