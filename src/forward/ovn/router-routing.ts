// The stages of a logical router that choose where a packet goes: route table, routes, ECMP member, policies. Rules PL-1 …
// PL-5, RT-1 … RT-12, EC-2, EC-4.
// Surprises: the TTL falls here, once a router, and a policy's reroute does not take another (RT-11); a packet without a
// route never reaches a policy (PL-3) and nobody is told (RT-10); two equal routes end the packet as `undefined`, because
// what OVN then does depends on the order in which ovn-controller met them.

import type { PolicyFlow, RouteFlow, RouteMember } from '../../model/forwarding.ts'
import { formatIp, type Ip } from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { formatPrefix, masked } from '../../net/prefix.ts'
import { setEthSrc } from '../../wire/ethernet.ts'
import { ecmpMember, selectHash, selectHashOf } from '../../wire/flow-hash.ts'
import { decrementIp4Ttl } from '../../wire/ipv4.ts'
import { decrementIp6HopLimit } from '../../wire/ipv6.ts'
import { matches } from './match.ts'
import type { Packet } from './packet.ts'
import { type Stage, Verdict } from './pipeline.ts'
import type { StageId } from './recorder.ts'
import { matchingRoutes, sameAction, sameMembers } from './route-index.ts'

const ROUTING_PRE: StageId = { pipeline: 'ingress', table: 12, name: 'lr_in_ip_routing_pre' }
const ROUTING: StageId = { pipeline: 'ingress', table: 13, name: 'lr_in_ip_routing' }
const ECMP: StageId = { pipeline: 'ingress', table: 14, name: 'lr_in_ip_routing_ecmp' }
const POLICY: StageId = { pipeline: 'ingress', table: 15, name: 'lr_in_policy' }
const POLICY_ECMP: StageId = { pipeline: 'ingress', table: 16, name: 'lr_in_policy_ecmp' }

/** PL-1: the input port's route table goes to reg7. */
export const ipRoutingPre: Stage = {
  id: ROUTING_PRE,
  run(packet) {
    packet.routeTable = packet.inRouterPort!.routeTable
    if (packet.routeTable !== 0 && packet.recorder !== undefined) {
      packet.note(ROUTING_PRE, 100, `inport == "${packet.inportName}"`, [
        `reg7 = ${packet.routeTable};`,
        'next;',
      ])
    }
    return Verdict.next
  },
}

/** Longest prefix first over both address kinds (RT-1), by OVN's priorities. */
export const ipRouting: Stage = {
  id: ROUTING,
  run(packet) {
    const found = matchingRoutes(packet.router!, packet.src, packet.dst, packet.routeTable, packet.inportName)
    const route = found[0]
    if (route === undefined) return noRoute(packet)
    const rival = found.find((flow) => !sameAction(flow.action, route.action))
    if (rival !== undefined) return undefinedRoute(packet, found)
    switch (route.action.kind) {
      case 'drop':
        if (packet.recorder !== undefined)
          packet.note(ROUTING, route.priority, matchText(route), ['drop;'], routeText(route))
        packet.drop('discard-route', ROUTING.name, `the route ${routeText(route)} discards`)
        return Verdict.stop
      case 'forward':
        return forward(packet, route, route.action.member)
      case 'ecmp': {
        decrement(packet)
        packet.ecmp = route.action
        packet.loopback = true
        if (packet.recorder !== undefined) {
          const ids = route.action.members.map((_, i) => i + 1).join(', ')
          const actions = [
            'ip.ttl--;',
            'flags.loopback = 1;',
            `reg8[0..15] = ${route.action.group};`,
            `reg8[16..31] = select(${ids});`,
          ]
          packet.note(ROUTING, route.priority, matchText(route), actions, routeText(route))
        }
        return Verdict.next
      }
    }
  },
}

function noRoute(packet: Packet): Verdict {
  const reason = `no route of ${packet.router!.name} matches ${packet.flowText}; OVN sends no error for that`
  if (packet.recorder !== undefined) packet.note(ROUTING, undefined, 'no match', ['drop;'], reason)
  packet.drop('no-route', ROUTING.name, reason)
  return Verdict.stop
}

function undefinedRoute(packet: Packet, found: readonly RouteFlow[]): Verdict {
  const candidates = found.map(routeText)
  const reason = `${found.length} routes of priority ${found[0]!.priority} match ${formatIp(packet.dst)} and disagree; which one is installed is not specified`
  if (packet.recorder !== undefined)
    packet.note(ROUTING, found[0]!.priority, matchText(found[0]!), [], reason)
  packet.drop('undefined', ROUTING.name, reason, { candidates })
  return Verdict.stop
}

function forward(packet: Packet, route: RouteFlow, member: RouteMember): Verdict {
  decrement(packet)
  packet.loopback = true
  if (!take(packet, ROUTING, member, packet.dst)) return Verdict.stop
  if (packet.recorder !== undefined) {
    packet.note(
      ROUTING,
      route.priority,
      matchText(route),
      ['ip.ttl--;', 'reg8[0..15] = 0;', ...memberActions(packet, member), 'flags.loopback = 1;', 'next;'],
      routeText(route),
    )
  }
  return Verdict.next
}

/** Fills nexthop, source address, source MAC and output port; false when the port is gone. */
function take(packet: Packet, stage: StageId, member: RouteMember, connected: Ip): boolean {
  const port = packet.router!.portByName.get(member.outport)
  if (port === undefined) {
    packet.drop('unbound', stage.name, `the output port ${member.outport} does not exist any more`)
    return false
  }
  packet.nexthop = member.nexthop ?? connected
  packet.source = member.source
  packet.outRouterPort = port
  setEthSrc(packet.frame.view, packet.frame.start, port.mac)
  return true
}

function decrement(packet: Packet): void {
  if (packet.family === 4) decrementIp4Ttl(packet.frame.view, packet.ipAt)
  else decrementIp6HopLimit(packet.frame.view, packet.ipAt)
}

/** EC-4: the flow hash picks a member of the group that the route chose. */
export const ipRoutingEcmp: Stage = {
  id: ECMP,
  run(packet) {
    const group = packet.ecmp
    if (group === undefined) return Verdict.next
    const index = selectMember(packet, group.members.length)
    const member = group.members[index]!
    if (!take(packet, ECMP, member, packet.dst)) return Verdict.stop
    if (packet.recorder !== undefined) {
      packet.note(
        ECMP,
        100,
        `reg8[0..15] == ${group.group} && reg8[16..31] == ${index + 1}`,
        [...memberActions(packet, member), 'next;'],
        `member ${index + 1} of ${group.members.length}: via ${formatIp(packet.nexthop)}`,
      )
    }
    return Verdict.next
  },
}

function selectMember(packet: Packet, count: number): number {
  const { view, end } = packet.frame
  if (packet.view.ecmpHash === 'l4-symmetric') return ecmpMember(selectHash(view, packet.ipAt, end), count)
  // The patched programs hash the source address alone. Their function is not known: this one is as stable.
  const zero = typeof packet.src === 'number' ? 0 : { w0: 0, w1: 0, w2: 0, w3: 0 }
  return ecmpMember(selectHashOf({ src: packet.src, dst: zero, protocol: 0, first: 0, second: 0 }), count)
}

/** PL-2: the first policy that matches may drop the packet or send it elsewhere. */
export const policy: Stage = {
  id: POLICY,
  run(packet) {
    const { policies } = packet.router!
    for (let i = 0; i < policies.length; i++) {
      const flow = policies[i]!
      if (!matches(flow.match, packet)) continue
      const rival = rivalOf(policies, i, packet)
      if (rival !== undefined) return undefinedPolicy(packet, flow, rival)
      return apply(packet, flow)
    }
    return Verdict.next
  },
}

/** PL-4: another policy of the same priority that matches too and wants something else. */
function rivalOf(policies: readonly PolicyFlow[], at: number, packet: Packet): PolicyFlow | undefined {
  const flow = policies[at]!
  for (let i = at + 1; i < policies.length && policies[i]!.priority === flow.priority; i++) {
    const other = policies[i]!
    if (matches(other.match, packet) && !samePolicy(flow, other)) return other
  }
  return undefined
}

function samePolicy(a: PolicyFlow, b: PolicyFlow): boolean {
  if (a.action.kind !== 'reroute') return a.action.kind === b.action.kind
  return b.action.kind === 'reroute' && sameMembers(a.action.members, b.action.members)
}

function undefinedPolicy(packet: Packet, flow: PolicyFlow, rival: PolicyFlow): Verdict {
  const candidates = [flow, rival].map((each) => `${each.priority} ${each.text}: ${each.action.kind}`)
  packet.drop(
    'undefined',
    POLICY.name,
    `two policies of priority ${flow.priority} match and disagree; which one acts is not specified`,
    { candidates },
  )
  return Verdict.stop
}

function apply(packet: Packet, flow: PolicyFlow): Verdict {
  const { action } = flow
  if (action.kind === 'allow') {
    if (packet.recorder !== undefined)
      packet.note(
        POLICY,
        flow.priority,
        flow.text,
        ['reg8[0..15] = 0;', 'next;'],
        'allowed: the route stands',
      )
    return Verdict.next
  }
  if (action.kind === 'drop' || action.members.length === 0) {
    if (packet.recorder !== undefined) packet.note(POLICY, flow.priority, flow.text, ['drop;'])
    packet.drop('policy', POLICY.name, `policy ${flow.priority} (${flow.text}) drops`)
    return Verdict.stop
  }
  const several = action.members.length > 1
  const stage = several ? POLICY_ECMP : POLICY
  const index = several ? selectMember(packet, action.members.length) : 0
  const member = action.members[index]!
  if (!take(packet, stage, member, packet.dst)) return Verdict.stop
  packet.loopback = true
  if (packet.recorder !== undefined) {
    const which = several ? `, member ${index + 1} of ${action.members.length}` : ''
    packet.note(
      stage,
      flow.priority,
      flow.text,
      [...memberActions(packet, member), 'flags.loopback = 1;', 'next;'],
      `rerouted to ${formatIp(packet.nexthop)} by policy ${flow.priority}${which}`,
    )
  }
  return Verdict.next
}

function memberActions(packet: Packet, member: RouteMember): readonly string[] {
  const four = packet.family === 4
  const nexthop = member.nexthop === undefined ? `ip${packet.family}.dst` : formatIp(member.nexthop)
  return [
    `${four ? 'reg0' : 'xxreg0'} = ${nexthop};`,
    `${four ? 'reg1' : 'xxreg1'} = ${formatIp(member.source)};`,
    `eth.src = ${formatMac(packet.outRouterPort!.mac)};`,
    `outport = "${member.outport}";`,
  ]
}

/** A route flow's match as northd writes it (RT-3, RT-4). */
export function matchText(route: RouteFlow): string {
  const table = route.routeTable === undefined ? '' : `reg7 == ${route.routeTable} && `
  const inport = route.inport === undefined ? '' : `inport == "${route.inport}" && `
  const family = typeof route.prefix.ip === 'number' ? 4 : 6
  return `${table}${inport}ip${family}.${route.kind} == ${formatPrefix(masked(route.prefix))}`
}

/** A route for people: `10.17.0.0/16 via 169.254.100.42 (learned)`. */
export function routeText(route: RouteFlow): string {
  const prefix = `${formatPrefix(masked(route.prefix))}${route.kind === 'src' ? ' (source)' : ''}`
  const { action } = route
  switch (action.kind) {
    case 'drop':
      return `${prefix} discard (${route.origin})`
    case 'forward': {
      const { nexthop, outport } = action.member
      return nexthop === undefined
        ? `${prefix} dev ${outport} (${route.origin})`
        : `${prefix} via ${formatIp(nexthop)} (${route.origin})`
    }
    case 'ecmp': {
      const hops = action.members.map(({ nexthop, outport }) =>
        nexthop === undefined ? outport : formatIp(nexthop),
      )
      return `${prefix} via ${hops.join(', ')} (${route.origin}, ecmp)`
    }
  }
}
