// Expectations about routers: a route, a tie between routes (RT-12), a policy. All of them are read from the flows that
// chassis hold, so a route that northd refused to turn into a flow (RT-7) does not count as present.

import type { Expectation } from '../model/expectation.ts'
import type { ForwardingState, LogicalRouter, RouteFlow } from '../model/forwarding.ts'
import type { Scenario } from '../model/scenario.ts'
import { equalIp } from '../net/ip.ts'
import { formatPrefix, hostLength, masked, maskIp, overlaps, type Prefix, samePrefix } from '../net/prefix.ts'
import type { Finding } from './moments.ts'
import { describeRoute, nexthopsOf, routersOf, viewOf } from './views.ts'

type Of<K extends Expectation['kind']> = Extract<Expectation, { readonly kind: K }>

/** Whether a route with all the wanted properties exists (or, for `present: false`, that none does). */
export function judgeRoute(state: ForwardingState, wanted: Of<'route'>, scenario: Scenario): Finding {
  const { cluster, prefix } = wanted
  if (viewOf(state, cluster) === undefined)
    return { ok: !wanted.present, fact: `no chassis of ${cluster} is programmed` }
  const routers = routersOf(state, cluster, wanted.router)
  if (routers.length === 0)
    return { ok: !wanted.present, fact: `${cluster} has no router ${wanted.router ?? ''}`.trimEnd() }
  const flows = routers.flatMap((router) => {
    const table =
      wanted.routeTable === undefined ? 'any' : tableNumber(router, wanted.routeTable, cluster, scenario)
    return router.routes.filter((flow) => table === 'any' || (flow.routeTable ?? 0) === table)
  })
  const same = flows.filter((flow) => samePrefix(flow.prefix, prefix))
  const matching = same.filter((flow) => hasProperties(flow, wanted))
  const [first] = matching
  if (first !== undefined) return { ok: wanted.present, fact: `${cluster} has ${describeRoute(first)}` }
  if (same.length > 0)
    return {
      ok: !wanted.present,
      fact: `${cluster} has ${same.map(describeRoute).join(' and ')}, but ${lacking(same, wanted)}`,
    }
  return {
    ok: !wanted.present,
    fact: `no route to ${formatPrefix(prefix)} in ${cluster}${nearest(flows, prefix)}`,
  }
}

function hasProperties(flow: RouteFlow, wanted: Of<'route'>): boolean {
  const nexthops = nexthopsOf(flow)
  return (
    (wanted.learned === undefined || wanted.learned === (flow.origin === 'learned')) &&
    (wanted.nexthop === undefined || nexthops.includes(wanted.nexthop)) &&
    (wanted.ecmp === undefined || wanted.ecmp === nexthops.length)
  )
}

/** Which wanted property the routes of this prefix lack, for the sentence. */
function lacking(flows: readonly RouteFlow[], wanted: Of<'route'>): string {
  const parts = [
    wanted.learned !== undefined && !flows.some((flow) => (flow.origin === 'learned') === wanted.learned)
      ? `none ${wanted.learned ? 'was learned' : 'is its own'}`
      : undefined,
    wanted.nexthop !== undefined && !flows.some((flow) => nexthopsOf(flow).includes(wanted.nexthop!))
      ? `none via ${wanted.nexthop}`
      : undefined,
    wanted.ecmp !== undefined && !flows.some((flow) => nexthopsOf(flow).length === wanted.ecmp)
      ? `none with ${wanted.ecmp} nexthop${wanted.ecmp === 1 ? '' : 's'}`
      : undefined,
  ].filter((part) => part !== undefined)
  return parts.length > 0 ? parts.join(' and ') : 'none has all the wanted properties'
}

/** `; nearest: 10.17.0.0/24 via …`: a route that overlaps, or the one with most leading bits in common, never a default route. */
function nearest(flows: readonly RouteFlow[], prefix: Prefix): string {
  let best: RouteFlow | undefined
  let bestBits = 0
  for (const flow of flows) {
    if (typeof flow.prefix.ip !== typeof prefix.ip || flow.prefix.len === 0) continue
    // Overlap counts more than any number of common bits.
    const bits = commonBits(flow.prefix, prefix) + (overlaps(flow.prefix, prefix) ? 1000 : 0)
    if (bits > bestBits) {
      best = flow
      bestBits = bits
    }
  }
  return best === undefined ? '' : `; nearest: ${describeRoute(best)}`
}

function commonBits(a: Prefix, b: Prefix): number {
  const limit = Math.min(a.len, b.len, hostLength(a.ip))
  let bits = 0
  while (bits < limit && equalIp(maskIp(a.ip, bits + 1), maskIp(b.ip, bits + 1))) bits++
  return bits
}

/** The number northd gave a table, seen at a port that uses it; undefined when no port does. */
function tableNumber(
  router: LogicalRouter,
  table: string,
  cluster: string,
  scenario: Scenario,
): number | undefined {
  if (table === '' || table === '<main>') return 0
  const home = scenario.network.clusters.find(({ id }) => id === cluster)
  const lrps = [...(home?.subnets ?? []), ...(home?.transitPorts ?? [])].filter(
    (port) => port.routeTable === table,
  )
  return lrps.map(({ lrp }) => router.portByName.get(lrp)?.routeTable).find((number) => number !== undefined)
}

/** Groups of flows that RT-12 leaves undefined: equal match and priority, different actions. */
export function tiedRoutes(router: LogicalRouter): RouteFlow[][] {
  const groups = new Map<string, RouteFlow[]>()
  for (const flow of router.routes) {
    const key = [
      flow.priority,
      flow.kind,
      formatPrefix(masked(flow.prefix)),
      flow.routeTable,
      flow.inport,
    ].join(' ')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [flow])
    else group.push(flow)
  }
  return [...groups.values()].filter(
    (group) => new Set(group.map((flow) => JSON.stringify(flow.action))).size > 1,
  )
}

/** Whether two routes tie for a prefix. */
export function judgeUndefinedRoute(state: ForwardingState, wanted: Of<'undefined-route'>): Finding {
  const tie = routersOf(state, wanted.cluster)
    .flatMap(tiedRoutes)
    .find((group) => samePrefix(group[0]!.prefix, wanted.prefix))
  const what = `${formatPrefix(wanted.prefix)} in ${wanted.cluster}`
  if (tie === undefined) return { ok: !wanted.present, fact: `no tie between routes to ${what}` }
  return {
    ok: wanted.present,
    fact: `routes to ${what} tie at priority ${tie[0]!.priority}: ${tie.map(describeRoute).join(' and ')}`,
  }
}

/** Whether a policy of this priority (and match) exists. */
export function judgePolicy(state: ForwardingState, wanted: Of<'policy'>): Finding {
  const flows = routersOf(state, wanted.cluster).flatMap((router) => router.policies)
  const ofPriority = flows.filter((flow) => flow.priority === wanted.priority)
  const found = ofPriority.find(
    (flow) => wanted.match === undefined || squeeze(flow.text) === squeeze(wanted.match),
  )
  if (found !== undefined)
    return {
      ok: wanted.present,
      fact: `${wanted.cluster} has policy ${found.priority} ${found.text} (${found.action.kind})`,
    }
  const others =
    wanted.match === undefined
      ? `; priorities there: ${[...new Set(flows.map((flow) => flow.priority))].join(', ') || 'none'}`
      : `; matches of that priority: ${ofPriority.map((flow) => flow.text).join(' | ') || 'none'}`
  return {
    ok: !wanted.present,
    fact: `no such policy of priority ${wanted.priority} in ${wanted.cluster}${others}`,
  }
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
