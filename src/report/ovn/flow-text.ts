// Route and policy flows as northd prints their matches and actions (`ovn-sbctl lflow-list`, OVN 23.03): for `show flows`, and for
// tests that compare them with what the real northd wrote.

import type { PolicyFlow, RouteFlow, RouteMember } from '../../model/forwarding.ts'
import { formatIp, type Ip, isIp4 } from '../../net/ip.ts'
import { formatMac, type Mac } from '../../net/mac.ts'
import { formatPrefix } from '../../net/prefix.ts'

/** One line of a flow table. */
export interface FlowText {
  readonly stage: 'lr_in_ip_routing' | 'lr_in_ip_routing_ecmp' | 'lr_in_policy' | 'lr_in_policy_ecmp'
  readonly priority: number
  readonly match: string
  readonly actions: string
}

/** MAC address of a router port by name. */
export type PortMac = (port: string) => Mac

/** The match of a route: `reg7 == 0 && ip4.dst == 10.17.0.0/16`. */
export function routeMatchText(flow: RouteFlow): string {
  const terms: string[] = []
  if (flow.inport !== undefined) terms.push(`inport == ${quote(flow.inport)}`)
  if (flow.routeTable !== undefined) terms.push(`reg7 == ${flow.routeTable}`)
  terms.push(`ip${family(flow.prefix.ip)}.${flow.kind} == ${formatPrefix(flow.prefix)}`)
  return terms.join(' && ')
}

/** The actions of a route in lr_in_ip_routing. */
export function routeActionsText(flow: RouteFlow, portMac: PortMac): string {
  const { action } = flow
  switch (action.kind) {
    case 'drop':
      return 'drop;'
    case 'forward': {
      const nexthop = `ip${family(flow.prefix.ip)}.dst`
      return `ip.ttl--; reg8[0..15] = 0; ${memberText(action.member, portMac, nexthop)} flags.loopback = 1; next;`
    }
    case 'ecmp':
      return `ip.ttl--; flags.loopback = 1; ${selectText(action.group, action.members.length)}`
  }
}

/** The flows of lr_in_ip_routing_ecmp for one route: one a member, none unless the route is a group. */
export function ecmpMemberTexts(flow: RouteFlow, portMac: PortMac): readonly FlowText[] {
  const { action } = flow
  if (action.kind !== 'ecmp') return []
  return action.members.map((member, index) => ({
    stage: 'lr_in_ip_routing_ecmp',
    priority: 100,
    match: selectedText(action.group, index),
    actions: `${memberText(member, portMac, '')} next;`,
  }))
}

/** The actions of a policy in lr_in_policy; `group` numbers the reroutes with several nexthops from 1. */
export function policyActionsText(flow: PolicyFlow, portMac: PortMac, group: number): string {
  const { action } = flow
  switch (action.kind) {
    case 'drop':
      return 'drop;'
    case 'allow':
      return 'reg8[0..15] = 0; next;'
    case 'reroute': {
      const [first, ...more] = action.members
      if (first === undefined || more.length > 0) return selectText(group, action.members.length)
      return `${memberText(first, portMac, '')} flags.loopback = 1; reg8[0..15] = 0; next;`
    }
  }
}

/** Every flow of the routing and policy stages that these routes and policies amount to, the constant ones included. */
export function flowTexts(
  routes: readonly RouteFlow[],
  policies: readonly PolicyFlow[],
  portMac: PortMac,
): readonly FlowText[] {
  const texts: FlowText[] = [
    { stage: 'lr_in_ip_routing', priority: 10550, match: 'nd_rs || nd_ra', actions: 'drop;' },
    { stage: 'lr_in_ip_routing_ecmp', priority: 150, match: 'reg8[0..15] == 0', actions: 'next;' },
  ]
  for (const flow of routes) {
    const { priority } = flow
    const actions = routeActionsText(flow, portMac)
    texts.push({ stage: 'lr_in_ip_routing', priority, match: routeMatchText(flow), actions })
    texts.push(...ecmpMemberTexts(flow, portMac))
  }
  let groups = 0
  for (const flow of policies) {
    const several = flow.action.kind === 'reroute' && flow.action.members.length > 1
    if (several) groups++
    const actions = policyActionsText(flow, portMac, groups)
    texts.push({ stage: 'lr_in_policy', priority: flow.priority, match: flow.text, actions })
    if (flow.action.kind !== 'reroute' || !several) continue
    for (const [index, member] of flow.action.members.entries()) {
      texts.push({
        stage: 'lr_in_policy_ecmp',
        priority: 100,
        match: selectedText(groups, index),
        actions: `${memberText(member, portMac, '')} flags.loopback = 1; next;`,
      })
    }
  }
  return texts
}

/** Sets nexthop, source address, source MAC and output port; without a nexthop the packet's own address is it. */
function memberText(member: RouteMember, portMac: PortMac, otherwise: string): string {
  const registers = isIp4(member.source) ? ['reg0', 'reg1'] : ['xxreg0', 'xxreg1']
  const nexthop = member.nexthop === undefined ? otherwise : formatIp(member.nexthop)
  return (
    `${registers[0]} = ${nexthop}; ${registers[1]} = ${formatIp(member.source)}; ` +
    `eth.src = ${formatMac(portMac(member.outport))}; outport = ${quote(member.outport)};`
  )
}

function selectText(group: number, members: number): string {
  const numbers = Array.from({ length: members }, (_, i) => i + 1)
  return `reg8[0..15] = ${group}; reg8[16..31] = select(${numbers.join(', ')});`
}

function selectedText(group: number, index: number): string {
  return `reg8[0..15] == ${group} && reg8[16..31] == ${index + 1}`
}

function family(ip: Ip): 4 | 6 {
  return isIp4(ip) ? 4 : 6
}

/** Port names are JSON strings in OVN's expressions. */
function quote(name: string): string {
  return JSON.stringify(name)
}
