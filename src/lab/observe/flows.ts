/**
 * Routes and policies read back from northd's logical flows (stages lr_in_ip_routing, lr_in_ip_routing_ecmp, lr_in_policy): the real
 * northd's word on priorities, ECMP groups and what it left out. Where a route came from is told by the flow's `stage-hint`, the
 * beginning of the UUID of the NB row. Policies whose match or action is of no form known here are left out.
 */
import { type AddressSets, expandAddressSets } from '../../model/address-set.ts'
import type { PolicyFlow, RouteAction, RouteFlow, RouteMember } from '../../model/forwarding.ts'
import { parseMatch } from '../../model/match-parser.ts'
import { parseIp } from '../../net/ip.ts'
import { masked, parsePrefix } from '../../net/prefix.ts'

/** One logical flow of a router's ingress pipeline. */
export interface RouterFlow {
  readonly stage: string
  readonly priority: number
  readonly match: string
  readonly actions: string
  readonly hint: string
}

/** Routes in northd's order; `learned` says whether the static route with this beginning of a UUID was learned. */
export function routesOf(
  flows: readonly RouterFlow[],
  origin: (hint: string) => RouteFlow['origin'],
): RouteFlow[] {
  const members = groupMembers(flows.filter(({ stage }) => stage === 'lr_in_ip_routing_ecmp'))
  return flows.flatMap((flow): RouteFlow[] => {
    if (flow.stage !== 'lr_in_ip_routing') return []
    const found =
      /^(?:inport == "(?<inport>[^"]*)" && )?(?:reg7 == (?<table>\d+) && )?ip[46]\.(?<kind>dst|src) == (?<prefix>\S+)$/.exec(
        flow.match,
      )?.groups
    const action = routeAction(flow.actions, members)
    const prefix = found === undefined ? undefined : parsePrefix(found.prefix ?? '')
    if (found === undefined || action === undefined || prefix === undefined) return []
    return [
      {
        priority: flow.priority,
        routeTable: found.table === undefined ? undefined : Number(found.table),
        kind: found.kind as 'dst' | 'src',
        prefix: masked(prefix),
        inport: found.inport,
        origin: origin(flow.hint),
        action,
      },
    ]
  })
}

/** Policies in descending priority; `sets` are the address sets that matches refer to. */
export function policiesOf(flows: readonly RouterFlow[], sets: AddressSets = new Map()): PolicyFlow[] {
  const members = groupMembers(flows.filter(({ stage }) => stage === 'lr_in_policy_ecmp'))
  return flows
    .flatMap((flow): PolicyFlow[] => {
      // The last one of every router lets everything pass; it is no policy of anybody's.
      if (flow.stage !== 'lr_in_policy' || flow.match === '1') return []
      const parsed = parseMatch(expandAddressSets(flow.match, sets))
      const action = policyAction(flow.actions, members)
      if (parsed.kind !== 'match' || action === undefined) return []
      return [{ priority: flow.priority, match: parsed.match, text: flow.match, action }]
    })
    .sort((a, b) => b.priority - a.priority)
}

type Members = ReadonlyMap<string, RouteMember>

function groupMembers(flows: readonly RouterFlow[]): Members {
  return new Map(
    flows.flatMap(({ match, actions }) => {
      const key = /reg8\[0\.\.15\] == (\d+) && reg8\[16\.\.31\] == (\d+)/.exec(match)
      const member = memberOf(actions)
      return key === null || member === undefined ? [] : [[`${key[1]} ${key[2]}`, member] as const]
    }),
  )
}

function routeAction(actions: string, members: Members): RouteAction | undefined {
  if (actions === 'drop;') return { kind: 'drop' }
  const group = /reg8\[0\.\.15\] = (\d+); reg8\[16\.\.31\] = select\(([^)]*)\)/.exec(actions)
  if (group !== null) return { kind: 'ecmp', group: Number(group[1]), members: selected(group, members) }
  const member = memberOf(actions)
  return member === undefined ? undefined : { kind: 'forward', member }
}

function policyAction(actions: string, members: Members): PolicyFlow['action'] | undefined {
  if (actions === 'drop;') return { kind: 'drop' }
  const group = /reg8\[0\.\.15\] = (\d+); reg8\[16\.\.31\] = select\(([^)]*)\)/.exec(actions)
  if (group !== null) return { kind: 'reroute', members: selected(group, members) }
  const member = memberOf(actions)
  if (member !== undefined) return { kind: 'reroute', members: [member] }
  return /\bnext;/.test(actions) ? { kind: 'allow' } : undefined
}

function selected(group: RegExpExecArray, members: Members): RouteMember[] {
  return (group[2] ?? '').split(',').flatMap((number) => members.get(`${group[1]} ${number.trim()}`) ?? [])
}

function memberOf(actions: string): RouteMember | undefined {
  const found =
    /reg0 = (?<nexthop>[^;]+); (?:xx)?reg1 = (?<source>[^;]+);.*outport = "(?<outport>[^"]*)";/.exec(
      actions,
    )?.groups
  const source = parseIp(found?.source ?? '')
  if (found === undefined || source === undefined) return undefined
  return { nexthop: parseIp(found.nexthop ?? ''), source, outport: found.outport ?? '' }
}
