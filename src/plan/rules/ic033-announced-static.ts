// RT-14, KO-RM-4: a static route, which is announced as subnets are, over a subnet of another cluster.

import type { PlanNetwork } from '../../model/plan.ts'
import { nest } from '../../net/nesting.ts'
import { covers, formatPrefix, parsePrefix } from '../../net/prefix.ts'
import { addPrefix, prefixTable } from '../../net/prefix-columns.ts'
import { handlesConflicts, type JoinedCluster, routesAutomatically } from '../index.ts'
import { type Problem, place, type Rule } from '../rule.ts'
import { type StaticRoute, staticRoutes } from '../static-routes.ts'
import { named, networkKey, networkPlace } from '../words.ts'

/** A subnet with the cluster that announces it. */
interface Announced {
  readonly peer: JoinedCluster
  readonly subnet: PlanNetwork
}

/** The static routes to one network, and the subnets of other clusters that share addresses with it. */
interface Meeting {
  readonly routes: readonly StaticRoute[]
  /** Subnets that hold the network and more. */
  readonly around: Announced[]
  /** Subnets that are the network, or lie in it. */
  readonly covered: Announced[]
}

export const announcedStatic: Rule = {
  code: 'IC033',
  title: 'A static route that is announced over subnets of other clusters',
  severity:
    'error; warning where the version is not known and only some suffer: from Kube-OVN 1.17 on for a wider route, from 1.15 on for an equal one',
  explanation:
    'With automatic routes a cluster announces its static routes as well as its subnets. One inside a subnet of another cluster (10.17.4.0/24 by a VPN, and 10.17.0.0/16 is at home elsewhere) is the longer prefix: every cluster sends these packets to the one with the static route, the home of the subnet as well.\n\nKube-OVN 1.17 goes further: a cluster that learns anything which overlaps with a subnet of its own, a wider route such as 10.0.0.0/8 included, deletes what it learned and announces the own subnet no longer. One static route then cuts off every subnet that it covers, and clusters look as if they had left. With OVN 25.03 (Kube-OVN 1.15) a learned static route ranks with a learned subnet, so that for equal networks third clusters have two routes, and which of them acts is undefined.\n\nGive the route another destination, keep it out of the announcements (a policy that reroutes is not announced), or route what is outside all clusters only.',
  basis: ['RT-14', 'ADV-1', 'KO-RM-4', 'RT-5', 'https://github.com/kubeovn/kube-ovn/pull/7265'],
  check(plan, report) {
    const routes = staticRoutes(plan).filter(isAnnounced)
    if (routes.length === 0) return
    const clusters = plan.ovnIc.filter(routesAutomatically)
    for (const meeting of meetings(routes, clusters)) {
      if (meeting.around.length > 0) report(captured(meeting))
      const problem = shadowed(meeting, clusters)
      if (problem !== undefined) report(problem)
    }
  },
}

/** ADV-3, ADV-4, ADV-6: neither link-local, nor a discard route, nor inside what the cluster withholds. */
function isAnnounced({ route, cluster, prefix }: StaticRoute): boolean {
  return (
    route.nexthop.value !== 'discard' &&
    !LINK_LOCAL.some((one) => covers(one, prefix)) &&
    !cluster.networks.some(
      (one) =>
        (one.withheld === 'disableInterConnection' || one.role === 'join') && covers(one.prefix, prefix),
    )
  )
}

const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'].map((text) => parsePrefix(text)!)

/** Each network that static routes lead to is looked at once, however many clusters have a route there. */
function meetings(routes: readonly StaticRoute[], clusters: readonly JoinedCluster[]): Meeting[] {
  const subnets = clusters.flatMap((peer) => peer.exported.map((subnet): Announced => ({ peer, subnet })))
  const byNetwork = new Map<string, StaticRoute[]>()
  for (const one of routes) byNetwork.set(one.network, [...(byNetwork.get(one.network) ?? []), one])
  const groups = [...byNetwork.values()]
  const table = prefixTable(Math.max(16, subnets.length + groups.length))
  for (const [i, { subnet }] of subnets.entries()) addPrefix(table, subnet.prefix, i)
  for (const [i, [first]] of groups.entries()) addPrefix(table, first!.prefix, subnets.length + i)
  const found: Meeting[] = []
  for (const columns of [table.v4, table.v6]) {
    const { order, parent } = nest(columns)
    const subnetAt = (at: number): Announced | undefined => subnets[columns.id[order[at]!]!]
    for (let at = 0; at < order.length; at++) {
      const group = groups[columns.id[order[at]!]! - subnets.length]
      if (group === undefined) continue
      const meeting: Meeting = { routes: group, around: [], covered: [] }
      const meet = (other: Announced | undefined): void => {
        // LRN-4: who has the route itself does not learn it.
        if (other === undefined || group.some(({ cluster }) => cluster === other.peer)) return
        const wider = other.subnet.prefix.len < group[0]!.prefix.len
        ;(wider ? meeting.around : meeting.covered).push(other)
      }
      for (let above = parent[at]!; above >= 0; above = parent[above]!) meet(subnetAt(above))
      // What lies in a prefix follows it, up to the first whose parent is further up.
      for (let below = at + 1; below < order.length && parent[below]! >= at; below++) meet(subnetAt(below))
      if (meeting.around.length + meeting.covered.length > 0) found.push(meeting)
    }
  }
  return found
}

function captured({ routes, around }: Meeting): Problem {
  const [network, from] = [routes[0]!.network, named(idsOf(routes.map(({ cluster }) => cluster)))]
  const homes = [...new Set(around.map(({ peer }) => peer))]
  const gone = homes.filter((peer) => handlesConflicts(peer) === true)
  const subnets = named([...new Set(around.map(({ subnet }) => formatPrefix(subnet.prefix)))])
  return problemOf(
    routes,
    around,
    'error',
    `${from} ${verb(routes)} a static route for ${network}, which lies in a subnet of ${named(idsOf(homes))}`,
    gone.length === homes.length
      ? `${named(idsOf(gone))} ${gone.length === 1 ? 'finds' : 'find'} the route in conflict with ${subnets} and ${gone.length === 1 ? 'announces' : 'announce'} the subnet no longer: no other cluster reaches it.`
      : `The longer prefix wins everywhere, in ${named(idsOf(homes))} as well: packets for ${network} go to ${from}, and on to ${nexthops(routes)}.`,
  )
}

/** Subnets that are withdrawn, or whose packets third clusters may send to the static route; undefined where neither happens. */
function shadowed(meeting: Meeting, clusters: readonly JoinedCluster[]): Problem | undefined {
  const { routes, covered } = meeting
  const { network } = routes[0]!
  const from = named(idsOf(routes.map(({ cluster }) => cluster)))
  const gone = covered.filter(({ peer }) => handlesConflicts(peer) === true)
  const message = (hit: readonly Announced[]): string =>
    `${from} ${verb(routes)} a static route for ${network}, which covers ${hit.length === 1 ? 'a subnet' : 'subnets'} of ${named(idsOf(hit.map(({ peer }) => peer)))}`
  if (gone.length > 0)
    return problemOf(
      routes,
      gone,
      'error',
      message(gone),
      `A cluster that learns the route finds it in conflict with its own ${gone.length === 1 ? 'subnet' : 'subnets'}, which it announces no longer: no other cluster reaches ${gone.length === 1 ? 'it' : 'them'}.`,
    )
  const equal = covered.filter(({ subnet }) => subnet.prefix.len === routes[0]!.prefix.len)
  const third = clusters.filter(
    (one) =>
      one.behaviour !== undefined &&
      one.behaviour.routePriorities.learnedStatic === one.behaviour.routePriorities.learnedConnected &&
      routes.every(({ cluster }) => cluster !== one) &&
      equal.every(({ peer }) => peer !== one),
  )
  if (equal.length > 0 && third.length > 0)
    return problemOf(
      routes,
      equal,
      'error',
      message(equal),
      `${named(idsOf(third))} ${third.length === 1 ? 'learns' : 'learn'} ${network} twice with one priority; which of the two routes takes a packet is undefined.`,
    )
  const unknown = covered.filter(({ peer }) => handlesConflicts(peer) === undefined)
  if (unknown.length === 0) return undefined
  return problemOf(
    routes,
    unknown,
    'warning',
    message(unknown),
    `With Kube-OVN 1.17 each cluster announces a subnet no longer that overlaps with what it learns: no other cluster reaches ${unknown.length === 1 ? 'it' : 'them'}. Older versions let both stand.`,
  )
}

function problemOf(
  routes: readonly StaticRoute[],
  hit: readonly Announced[],
  severity: 'error' | 'warning',
  message: string,
  effect: string,
): Problem {
  const { prefix, network } = routes[0]!
  return {
    severity,
    message,
    places: [
      ...routes.map(({ route, cluster }) =>
        place(route.prefix.span, `static route of ${cluster.id} by ${route.nexthop.value}`),
      ),
      ...hit.map(({ subnet }) => networkPlace(subnet)),
    ],
    addresses: hit.map(({ subnet }) => (subnet.prefix.len < prefix.len ? prefix : subnet.prefix)),
    effect,
    hint: 'give the route another destination, or use a policy that reroutes: those are not announced',
    clusters: idsOf([...routes.map(({ cluster }) => cluster), ...hit.map(({ peer }) => peer)]),
    // By cluster where the route is the wider one: it may cover any number of subnets.
    subject: [
      network,
      ...idsOf(routes.map(({ cluster }) => cluster)),
      ...new Set(
        hit.map(({ subnet }) =>
          subnet.prefix.len <= prefix.len ? networkKey(subnet) : `${subnet.cluster}/*`,
        ),
      ),
    ],
  }
}

function idsOf(clusters: readonly JoinedCluster[]): string[] {
  return [...new Set(clusters.map(({ id }) => id))]
}

function verb(routes: readonly StaticRoute[]): string {
  return new Set(routes.map(({ cluster }) => cluster)).size === 1 ? 'announces' : 'announce'
}

function nexthops(routes: readonly StaticRoute[]): string {
  return named([...new Set(routes.map(({ route }) => route.nexthop.value))])
}
