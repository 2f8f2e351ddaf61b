// Where a plan writes addresses of its networks: all that follows when one moves. Each mention knows whose address it is; where two
// networks of other clusters could be meant it says so and stays as it is.

import type { Span } from '../../diag/diagnostic.ts'
import type { Plan, PlanNetwork } from '../../model/plan.ts'
import { ADDRESS } from '../../net/address-text.ts'
import type { Ip } from '../../net/ip.ts'
import { contains, hostLength, type Prefix, parsePrefix } from '../../net/prefix.ts'
import { NODE_ROLES, type Owners, POD_NETWORKS } from './owners.ts'

/** A text that holds addresses of a network. */
export interface Mention {
  readonly span: Span
  /** What stands there, for people: `gateway of ovn-default`. */
  readonly what: string
  /** The networks that are meant; one, unless nobody can tell. */
  readonly of: readonly PlanNetwork[]
}

/** All mentions of networks that hold addresses of something that moves, without the networks' own texts. */
export function mentionsIn(plan: Plan, owners: Owners, concerned: (prefix: Prefix) => boolean): Mention[] {
  const found: Mention[] = []
  const host = (ip: Ip): Prefix => ({ ip, len: hostLength(ip) })
  const { home, meant } = owners
  const add = (span: Span, what: string, of: readonly PlanNetwork[]): void => {
    if (of.length > 0) found.push({ span, what, of })
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
