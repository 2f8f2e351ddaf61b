// RT-13: a static route of a cluster, and what it learns for the same network.

import { type JoinedCluster, routesAutomatically } from '../index.ts'
import { type Problem, place, type Rule } from '../rule.ts'
import { leadsOverTransit, networkText, type StaticRoute, staticRoutes } from '../static-routes.ts'
import { networkPlace } from '../words.ts'

interface Announced {
  readonly peer: JoinedCluster
  readonly subnet: JoinedCluster['exported'][number]
}

export const staticAndLearned: Rule = {
  code: 'IC032',
  title: 'A static route for a network that the cluster also learns',
  severity:
    'warning; info where the static route leads over a transit switch as well, or wins; error where two spellings of one network tie',
  explanation:
    "A learned route to a subnet of another cluster ranks with connected ones and wins over a static route to the same network. A route to 10.17.0.0/16 by a firewall or a VPN takes no packet any more from the moment a peer announces this subnet; manual routes that stayed after auto-route was switched on do nothing. With OVN 25.03 it is the other way round: static routes win over everything learned, and the peer's route takes no packet.\n\nStatic routes are announced too. One that the cluster has itself, letter by letter, is not learned; with other host bits it is, both have one priority, and which of them takes a packet is undefined.\n\nRemove the one that is not meant: the static route, or the announcement (disableInterConnection on the peer's subnet).",
  basis: ['RT-13', 'RT-2', 'RT-5', 'LRN-4'],
  check(plan, report) {
    const routes = staticRoutes(plan)
    if (routes.length === 0) return
    const byNetwork = new Map<string, StaticRoute[]>()
    for (const one of routes) byNetwork.set(one.network, [...(byNetwork.get(one.network) ?? []), one])
    const announced = new Map<string, Announced[]>()
    for (const peer of plan.ovnIc.filter(routesAutomatically))
      for (const subnet of peer.exported) {
        const network = networkText(subnet.prefix)
        if (byNetwork.has(network))
          announced.set(network, [...(announced.get(network) ?? []), { peer, subnet }])
      }
    for (const one of routes) {
      const { route, cluster, network } = one
      const learned = announced.get(network)?.find(({ peer }) => peer !== cluster)
      if (learned !== undefined) {
        const overTransit = leadsOverTransit(one, plan)
        const priorities = cluster.behaviour?.routePriorities
        const wins = priorities !== undefined && priorities.staticDst > priorities.learnedConnected
        report({
          severity: overTransit || wins ? 'info' : 'warning',
          message: `${cluster.id} has a static route for ${route.prefix.value}, which it also learns from ${learned.peer.id}`,
          places: [
            place(route.prefix.span, `static route by ${route.nexthop.value}`),
            networkPlace(learned.subnet),
          ],
          addresses: [learned.subnet.prefix],
          effect: wins
            ? `The static route wins: packets go to ${route.nexthop.value}, whatever ${learned.peer.id} announces.`
            : `The learned route wins: packets go to ${learned.peer.id}, and none to ${route.nexthop.value}.`,
          hint: `remove the static route, or set disableInterConnection on the subnet of ${learned.peer.id}`,
          clusters: [cluster.id, learned.peer.id],
          subject: [cluster.id, route.prefix.value, learned.peer.id],
        })
        continue
      }
      const other = byNetwork
        .get(network)!
        .find((two) => two.route.prefix.value !== route.prefix.value && cluster.id < two.cluster.id)
      if (other !== undefined && (ties(cluster) || ties(other.cluster))) report(tied(one, other))
    }
  },
}

/** True where own and learned static routes have one priority, or the version is not known. */
function ties({ behaviour }: JoinedCluster): boolean {
  return (
    behaviour === undefined || behaviour.routePriorities.staticDst === behaviour.routePriorities.learnedStatic
  )
}

function tied(a: StaticRoute, b: StaticRoute): Problem {
  const texts = [a.route.prefix.value, b.route.prefix.value]
  return {
    severity: 'error',
    message: `${a.cluster.id} and ${b.cluster.id} have static routes for one network, written ${texts.join(' and ')}`,
    places: [a, b].map(({ route, cluster }) =>
      place(route.prefix.span, `static route of ${cluster.id} by ${route.nexthop.value}`),
    ),
    addresses: [a.prefix],
    effect:
      'Each learns the route of the other beside its own, with the same priority; which of the two takes a packet is undefined.',
    hint: 'write both alike: a route that the cluster has itself, letter by letter, is not learned',
    clusters: [a.cluster.id, b.cluster.id],
    subject: [a.cluster.id, b.cluster.id, ...texts],
  }
}
