// What a change means for those who run the clusters, in a sentence.

import type { NetworkRole, PlanNetwork } from '../../model/plan.ts'
import { named, networkName } from '../words.ts'
import type { Change, Mode } from './changes.ts'

const RENUMBERED: Readonly<Record<NetworkRole, string>> = {
  pods: 'Its pods are created again with new addresses; firewalls and records that name old ones must follow.',
  'cluster-cidr':
    'All pods of the range are created again with new addresses; firewalls and records that name old ones must follow.',
  pool: 'Pods of the pool are created again with new addresses.',
  globalnet: 'Exported services get new global addresses; clients must ask for them again.',
  docker: 'Docker is restarted on the hosts, and containers outside Kubernetes get new addresses.',
  transit: 'Ports on the transit switch get new addresses, and next hops change with them.',
  join: 'Nodes get new join addresses when the agents on them restart.',
  'load-balancer': 'Services of type LoadBalancer get new addresses; records that name old ones must follow.',
  kind: 'The kind network is made again, and the clusters in it.',
  underlay: 'Switches and routers of the data centre change with it, and every pod on that wire.',
  services:
    'Every service gets a new address and the API server a new certificate; resolvers on all nodes are restarted.',
  nodes: 'Nodes are installed again: tunnels, certificates and the address of the API server change.',
  external: 'Somebody else must change it.',
}

/** What a change does. */
export function consequenceOf(change: Change): string {
  const { kind } = change
  if (kind === 'manual-routes')
    return `No route is exchanged with ${change.cluster.id} by itself: routes are written by hand on both sides, and again after every change; those for addresses that another cluster has too must not be.`
  if (kind === 'grow') return 'Addresses stay as they are; routes to it get the shorter prefix.'
  if (kind === 'withhold')
    return 'Other clusters lose their routes to it: its pods are not reached from there, and get no answers.'
  return RENUMBERED[change.movable.network.role]
}

/** What joining the clusters in another way does; empty for as they are. */
export function modeConsequence({ kind, clusters }: Mode): string {
  const ids = named(clusters.map(({ id }) => id))
  if (kind === 'globalnet')
    return `Clusters reach only exported services, by global addresses, and see the address of the caller's cluster instead of the pod's; ${ids} are joined again.`
  return ''
}

/** `Globalnet in a and b`. */
export function modeName({ kind, clusters }: Mode): string {
  const ids = named(clusters.map(({ id }) => id))
  if (kind === 'globalnet') return `Globalnet in ${ids}`
  return 'renumbering, and the clusters joined as they are'
}

/** `renumber az2/ovn-default`. */
export function changeName(change: Change): string {
  if (change.kind === 'manual-routes') return `manual routes in ${change.cluster.id} (auto-route off)`
  const name = networkPath(change.movable.network)
  if (change.kind === 'renumber') return `renumber ${name}`
  return change.kind === 'grow' ? `grow ${name} where it is` : `set disableInterConnection on ${name}`
}

/** `az2/ovn-default`, `the transit switch ts`. */
export function networkPath(network: PlanNetwork): string {
  const { cluster, name, role } = network
  if (cluster === '') return networkName(network)
  return name === role ? `${cluster}/${role}` : `${cluster}/${name}`
}
