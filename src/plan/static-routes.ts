// Static routes of clusters that announce and learn, as the rules about them compare them with subnets of other clusters.

import { contains, formatPrefix, masked, type Prefix, parsePrefix } from '../net/prefix.ts'
import { type JoinedCluster, type PlanIndex, routesAutomatically } from './index.ts'

/** A static route to a destination, no default route, of a cluster that announces and learns. */
export interface StaticRoute {
  readonly route: PlanIndex['routes'][number]
  readonly cluster: JoinedCluster
  /** Without host bits. */
  readonly prefix: Prefix
  /** The prefix as text. */
  readonly network: string
}

/** All of a plan, in the order of its documents. */
export function staticRoutes({ joinedRoutes, cluster }: PlanIndex): StaticRoute[] {
  return joinedRoutes.flatMap((route) => {
    const own = cluster(route.cluster)
    const prefix = parsePrefix(route.prefix.value)
    if (route.learned || route.policy === 'src-ip' || own?.ovnIc?.enabled !== true) return []
    const joined = own as JoinedCluster
    if (prefix === undefined || prefix.len === 0 || !routesAutomatically(joined)) return []
    return [{ route, cluster: joined, prefix: masked(prefix), network: networkText(prefix) }]
  })
}

/** True where the next hop lies on a transit switch, so that the route leads to another cluster. */
export function leadsOverTransit({ route }: StaticRoute, { transit }: PlanIndex): boolean {
  const hop = parsePrefix(route.nexthop.value)
  return hop !== undefined && transit.some(({ prefix }) => contains(prefix, hop.ip))
}

/** The network without host bits. */
export function networkText(prefix: Prefix): string {
  return formatPrefix(masked(prefix))
}
