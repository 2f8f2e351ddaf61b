// The flows of `lr_in_ip_routing` of one router as something to look up: one longest-prefix table for every group of
// flows that differ only in prefix (destination or source match, route table, input port). OVN's priorities decide across
// the groups (RT-1 … RT-3), and within a group as well where a profile gives long prefixes a low priority (RT-6).
// Surprise: nothing here breaks a tie. Flows of equal priority that both match are all answered (RT-12).

import type { LogicalRouter, RouteAction, RouteFlow, RouteMember } from '../../model/forwarding.ts'
import { equalIp, type Ip } from '../../net/ip.ts'
import { createRouteTable, type RouteTable } from '../../net/route-table/route-table.ts'

/** Flows with the same prefix, the highest priority first. */
type Bucket = RouteFlow[]

interface Group {
  readonly kind: 'dst' | 'src'
  readonly routeTable: number | undefined
  readonly inport: string | undefined
  readonly table: RouteTable<Bucket>
  /** Longer prefixes always have the higher priority, so the longest match decides. */
  ordered: boolean
}

const indexes = new WeakMap<LogicalRouter, RouteIndex>()
const NOTHING: readonly RouteFlow[] = []

/** The flows of `lr_in_ip_routing` that match a packet of this router, as `RouteIndex.match`; the index is made once. */
export function matchingRoutes(
  router: LogicalRouter,
  src: Ip,
  dst: Ip,
  routeTable: number,
  inport: string,
): readonly RouteFlow[] {
  let index = indexes.get(router)
  if (index === undefined) {
    index = new RouteIndex(router.routes)
    indexes.set(router, index)
  }
  return index.match(src, dst, routeTable, inport)
}

/** Destination and source routes, route tables and ECMP groups of one router in one table, decided as OVN decides. */
export class RouteIndex {
  readonly #groups: readonly Group[]

  /** Indexes flows with the priorities that northd gave them, in any order. */
  constructor(routes: readonly RouteFlow[]) {
    this.#groups = indexRoutes(routes)
  }

  /**
   * The flows of the highest priority that match: none (RT-10), one, or several in a tie. `routeTable` is reg7 (PL-1),
   * `inport` the name of the input port.
   */
  match(src: Ip, dst: Ip, routeTable: number, inport: string): readonly RouteFlow[] {
    let best: readonly RouteFlow[] = NOTHING
    let bestPriority = -1
    for (const group of this.#groups) {
      if (group.routeTable !== undefined && group.routeTable !== routeTable) continue
      if (group.inport !== undefined && group.inport !== inport) continue
      const ip = group.kind === 'dst' ? dst : src
      if (group.ordered) {
        const bucket = group.table.lookup(ip)
        if (bucket !== undefined) consider(bucket)
      } else {
        for (const { value } of group.table.covering(ip)) consider(value)
      }
    }
    return best

    function consider(bucket: Bucket): void {
      const priority = bucket[0]!.priority
      if (priority < bestPriority) return
      const top = bucket.length === 1 ? bucket : bucket.filter((flow) => flow.priority === priority)
      best = priority === bestPriority ? [...best, ...top] : top
      bestPriority = priority
    }
  }

  /**
   * Flows of one prefix, kind and priority that do different things to a packet (RT-12): which of them is installed
   * is chance. Each list is one tie, whether or not a flow of higher priority hides it.
   */
  ties(): readonly (readonly RouteFlow[])[] {
    const ties: (readonly RouteFlow[])[] = []
    for (const { table } of this.#groups) {
      for (const { value } of table.walk()) {
        for (const alike of byPriority(value))
          if (alike.some((flow) => !sameAction(flow.action, alike[0]!.action))) ties.push(alike)
      }
    }
    return ties
  }
}

function indexRoutes(routes: readonly RouteFlow[]): readonly Group[] {
  const groups = new Map<string, Group>()
  for (const flow of routes) {
    const key = `${flow.kind} ${flow.routeTable ?? 'any'} ${flow.inport ?? ''}`
    let group = groups.get(key)
    if (group === undefined) {
      const { kind, routeTable, inport } = flow
      group = { kind, routeTable, inport, table: createRouteTable<Bucket>(), ordered: true }
      groups.set(key, group)
    }
    const bucket = group.table.get(flow.prefix)
    if (bucket === undefined) group.table.insert(flow.prefix, [flow])
    else insertByPriority(bucket, flow)
  }
  for (const group of groups.values()) group.ordered = isOrdered(group.table)
  return [...groups.values()]
}

function insertByPriority(bucket: Bucket, flow: RouteFlow): void {
  let at = bucket.length
  while (at > 0 && bucket[at - 1]!.priority < flow.priority) at--
  bucket.splice(at, 0, flow)
}

/** A bucket in runs of equal priority. */
function byPriority(bucket: Bucket): Bucket[] {
  const runs: Bucket[] = []
  for (const flow of bucket) {
    const last = runs.at(-1)
    if (last !== undefined && last[0]!.priority === flow.priority) last.push(flow)
    else runs.push([flow])
  }
  return runs
}

function isOrdered(table: RouteTable<Bucket>): boolean {
  const highest = new Map<number, number>()
  const lowest = new Map<number, number>()
  for (const { prefix, value } of table.walk()) {
    const len = typeof prefix.ip === 'number' ? prefix.len : prefix.len + 1000
    const priority = value[0]!.priority
    highest.set(len, Math.max(highest.get(len) ?? priority, priority))
    lowest.set(len, Math.min(lowest.get(len) ?? priority, priority))
  }
  const lens = [...highest.keys()].sort((a, b) => a - b)
  return lens.every((len, i) => {
    const before = lens[i - 1]
    if (before === undefined || (before < 1000 && len >= 1000)) return true
    return lowest.get(len)! > highest.get(before)!
  })
}

/** True when two actions do the same to a packet, so that it does not matter which of two flows is installed. */
export function sameAction(a: RouteAction, b: RouteAction): boolean {
  if (a.kind === 'drop') return b.kind === 'drop'
  if (a.kind === 'forward') return b.kind === 'forward' && sameMember(a.member, b.member)
  return b.kind === 'ecmp' && sameMembers(a.members, b.members)
}

/** True when two lists of members are equal in content and order. */
export function sameMembers(a: readonly RouteMember[], b: readonly RouteMember[]): boolean {
  return a.length === b.length && a.every((member, i) => sameMember(member, b[i]!))
}

function sameMember(a: RouteMember, b: RouteMember): boolean {
  if (a.outport !== b.outport || !equalIp(a.source, b.source)) return false
  if (a.nexthop === undefined || b.nexthop === undefined) return a.nexthop === b.nexthop
  return equalIp(a.nexthop, b.nexthop)
}
