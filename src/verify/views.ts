// The logical network of one AZ as some chassis of it has it programmed, read out of a forwarding state, and its routes in
// words. Any chassis that runs will do; those whose ovn-controller is dead may lag behind and are asked last.

import type {
  ChassisState,
  ForwardingState,
  LogicalRouter,
  LogicalView,
  RouteFlow,
} from '../model/forwarding.ts'
import { formatIp } from '../net/ip.ts'
import { formatPrefix } from '../net/prefix.ts'

/** Chassis of a cluster in the order of the state. */
export function chassisOf(state: ForwardingState, cluster: string): ChassisState[] {
  return [...state.chassis.values()].filter((chassis) => chassis.cluster === cluster)
}

/** The most trustworthy view of a cluster; undefined when no chassis was ever programmed. */
export function viewOf(state: ForwardingState, cluster: string): LogicalView | undefined {
  return mostTrusted(chassisOf(state, cluster))
}

/** The most trustworthy view of those that these chassis of one cluster have. */
export function mostTrusted(all: readonly ChassisState[]): LogicalView | undefined {
  const chassis = all.filter((one) => one.view !== undefined)
  const running = chassis.find((one) => one.controller && one.vswitchd)
  return (running ?? chassis.find((one) => one.vswitchd) ?? chassis[0])?.view
}

/** Routers of a cluster, or the one with this name. */
export function routersOf(state: ForwardingState, cluster: string, name?: string): LogicalRouter[] {
  const datapaths = [...(viewOf(state, cluster)?.datapaths.values() ?? [])]
  return datapaths.filter(
    (one): one is LogicalRouter => one.kind === 'router' && (name ?? one.name) === one.name,
  )
}

/** Nexthops of a route as text: addresses, the output port of a connected route, or `discard`. */
export function nexthopsOf(flow: RouteFlow): string[] {
  switch (flow.action.kind) {
    case 'drop':
      return ['discard']
    case 'forward':
      return [memberText(flow.action.member)]
    case 'ecmp':
      return flow.action.members.map(memberText)
  }
}

/** `10.17.0.0/16 via 169.254.100.42 (learned)`. */
export function describeRoute(flow: RouteFlow): string {
  const nexthops = nexthopsOf(flow)
  const source = flow.kind === 'src' ? ' by source' : ''
  const via = nexthops.length > 1 ? `${nexthops.length} nexthops ${nexthops.join(', ')}` : nexthops[0]
  return `${formatPrefix(flow.prefix)}${source} via ${via} (${flow.origin})`
}

function memberText(member: {
  readonly nexthop: Parameters<typeof formatIp>[0] | undefined
  readonly outport: string
}): string {
  return member.nexthop === undefined ? member.outport : formatIp(member.nexthop)
}
