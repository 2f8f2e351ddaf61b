// Where a plan writes addresses of its networks: the networks themselves, and all that follows when one moves. Each mention knows
// whose address it is; where two networks of other clusters could be meant it says so and stays as it is.

import type { Span } from '../../diag/diagnostic.ts'
import type { Plan, PlanNetwork } from '../../model/plan.ts'
import type { Ip } from '../../net/ip.ts'
import { contains, covers, hostLength, type Prefix, parsePrefix } from '../../net/prefix.ts'

/** A text that holds addresses of a network. */
export interface Mention {
  readonly span: Span
  /** What stands there, for people: `gateway of ovn-default`. */
  readonly what: string
  /** The networks that are meant; one, unless nobody can tell. */
  readonly of: readonly PlanNetwork[]
}

/** Roles of networks that nodes have addresses in. */
const NODE_ROLES: ReadonlySet<string> = new Set(['nodes', 'underlay', 'kind', 'external'])
const POD_NETWORKS: ReadonlySet<string> = new Set(['pods', 'pool', 'cluster-cidr', 'underlay'])

/** All mentions of networks of a plan, without the networks' own texts. */
export function mentionsIn(plan: Plan, moving: ReadonlySet<PlanNetwork>): Mention[] {
  const found: Mention[] = []
  const moved = [...moving]
  const own = new Map<string, PlanNetwork[]>()
  for (const network of plan.networks) {
    const list = own.get(network.cluster)
    if (list === undefined) own.set(network.cluster, [network])
    else list.push(network)
  }
  const host = (ip: Ip): Prefix => ({ ip, len: hostLength(ip) })
  // Only what lies in a network that moves is worth asking about.
  const concerned = (prefix: Prefix): boolean => moved.some((one) => covers(one.prefix, prefix))
  const add = (span: Span, what: string, of: readonly PlanNetwork[]): void => {
    if (of.some((one) => moving.has(one))) found.push({ span, what, of })
  }
  /** The smallest network of a cluster around these addresses. */
  const home = (
    cluster: string,
    prefix: Prefix,
    roles: (network: PlanNetwork) => boolean = () => true,
  ): PlanNetwork[] => {
    let best: PlanNetwork | undefined
    for (const one of own.get(cluster) ?? [])
      if (
        roles(one) &&
        covers(one.prefix, prefix) &&
        (best === undefined || one.prefix.len > best.prefix.len)
      )
        best = one
    return best === undefined ? [] : [best]
  }
  /** What a route or a list of one cluster means by an address: a network of another, or else its own. */
  const meant = (cluster: string, prefix: Prefix): PlanNetwork[] => {
    const others = plan.networks.filter(
      (one) => one.cluster !== cluster && one.cluster !== '' && covers(one.prefix, prefix),
    )
    const smallest = new Map<string, PlanNetwork>()
    for (const one of others)
      if ((smallest.get(one.cluster)?.prefix.len ?? -1) < one.prefix.len) smallest.set(one.cluster, one)
    return smallest.size > 0 ? [...smallest.values()] : home(cluster, prefix)
  }

  for (const network of plan.networks) {
    const whose = (ip: Ip): PlanNetwork[] =>
      contains(network.prefix, ip) ? [network] : home(network.cluster, host(ip))
    for (const { value, span } of network.gateways ?? [])
      if (concerned(host(value))) add(span, `gateway of ${network.name}`, whose(value))
    for (const { value, span } of [...(network.excludes ?? []), ...(network.ranges ?? [])])
      if (concerned(host(value.first))) add(span, `addresses of ${network.name}`, whose(value.first))
  }
  for (const { cluster, name, ips, interfaces, podCidrs } of plan.nodes) {
    for (const { value, span } of [...ips, ...interfaces])
      if (concerned(host(value)))
        add(
          span,
          `address of ${name.value}`,
          home(cluster, host(value), ({ role }) => NODE_ROLES.has(role)),
        )
    for (const { value, span } of podCidrs)
      if (concerned(value))
        add(
          span,
          `pods of ${name.value}`,
          home(cluster, value, ({ role }) => POD_NETWORKS.has(role)),
        )
  }
  for (const { cluster, name, ips } of plan.pods)
    for (const { value, span } of ips)
      if (concerned(host(value)))
        add(
          span,
          `address of ${name.value}`,
          home(cluster, host(value), ({ role }) => POD_NETWORKS.has(role)),
        )
  for (const { cluster, name, subnet, ranges } of plan.ipPools)
    for (const { value, span } of ranges)
      if (concerned(host(value.first)))
        add(
          span,
          `IPPool ${name}`,
          home(cluster, host(value.first), (one) => one.name === subnet.value),
        )
  for (const { prefix, nexthop, cluster } of plan.routes) {
    const [to, hop] = [parsePrefix(prefix.value), parsePrefix(nexthop.value)]
    if (to !== undefined && concerned(to)) add(prefix.span, `route of ${cluster}`, meant(cluster, to))
    if (hop !== undefined && concerned(hop)) {
      const inside = home('', hop)
      add(nexthop.span, `next hop of ${cluster}`, inside.length > 0 ? inside : home(cluster, hop))
    }
  }
  for (const { cluster, match } of plan.policies)
    for (const [text] of match.value.matchAll(ADDRESS)) {
      const prefix = parsePrefix(text)
      if (prefix !== undefined && concerned(prefix))
        add(match.span, `policy of ${cluster}`, meant(cluster, prefix))
    }
  for (const { cluster, name, hijack = [] } of plan.multus)
    for (const { value, span } of hijack)
      if (concerned(value)) add(span, `hijackCIDR of ${name.value}`, meant(cluster, value))
  for (const { name, networks } of plan.transitPorts)
    for (const { value, span } of networks)
      if (concerned(host(value.ip))) add(span, `port ${name.value}`, home('', host(value.ip)))
  return found
}

/** Anything that may be an address, with or without a length. */
export const ADDRESS =
  /(?<![\w:]|(?<!\.)\.)(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?:\/\d{1,3})?(?![\w:]|\.\d)/g
