// What a network promises: subnets that their clusters announce to each other shall reach each other.

import type { Network } from '../../model/network.ts'
import type { Endpoint } from './sources.ts'
import type { Fate, Summary, Trouble } from './summary.ts'

/** Fates that no plan can mean: packets that somebody else gets, that go round, or that are a matter of luck. */
const BROKEN: ReadonlySet<Fate> = new Set(['captured', 'looping', 'undefined', 'depends'])

/** Troubles between two subnets that both are announced. Black holes are not among them: clusters may be kept apart on purpose. */
export function brokenPromises(summary: Summary, network: Network): Trouble[] {
  const announced = new Set<string>()
  for (const cluster of network.clusters) {
    if (!cluster.icDaemon || !announces(cluster)) continue
    const routers = new Set(
      cluster.profile.kubeOvn === undefined
        ? cluster.transitPorts.map(({ router }) => router)
        : [...cluster.transitPorts.map(({ router }) => router), 'ovn-cluster'],
    )
    for (const { name, router, isJoin, disableInterConnection } of cluster.subnets)
      if (!isJoin && !disableInterConnection && routers.has(router)) announced.add(`${cluster.id} ${name}`)
  }
  const isAnnounced = ({ cluster, subnet }: Endpoint): boolean => announced.has(`${cluster} ${subnet}`)
  return summary.troubles.filter(
    ({ fate, from, to }) =>
      BROKEN.has(fate) &&
      to.some(
        (owner) =>
          isAnnounced(owner) && from.some(({ endpoint }) => endpoint !== owner && isAnnounced(endpoint)),
      ),
  )
}

/** Join networks: nodes of other clusters have the same addresses by design, and nobody sends to them from there. */
export function localSubnets(network: Network): (endpoint: Endpoint) => boolean {
  const joins = new Set(
    network.clusters.flatMap(({ id, subnets }) =>
      subnets.flatMap(({ name, isJoin }) => (isJoin ? [`${id} ${name}`] : [])),
    ),
  )
  return ({ cluster, subnet }) => joins.has(`${cluster} ${subnet}`)
}

/** Routes are announced by themselves, or by hand, which nobody would do to keep a cluster apart. */
function announces({ ic, options, commands, routers }: Network['clusters'][number]): boolean {
  if (ic?.autoRoute === true || options['ic-route-adv'] === 'true') return true
  return commands.length > 0 || routers.some(({ staticRoutes }) => staticRoutes.length > 0)
}
