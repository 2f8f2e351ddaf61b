// How many addresses a network has to give, and how many a cluster will need.

import type { PlanNetwork } from '../model/plan.ts'
import { cidrsOfRange, shortestCidrs } from '../net/cidr-set.ts'
import { contains, hostCount, hostLength, type Prefix } from '../net/prefix.ts'
import type { ClusterView } from './index.ts'

/** Kubernetes' default limit of pods a node. */
export const PODS_PER_NODE = 110

/** Addresses that can be given out: without network and broadcast address (IPv4), gateways and exclusions. */
export function usable({ prefix, gateways = [], excludes = [], ranges = [] }: PlanNetwork): number {
  const given: Prefix[] =
    ranges.length > 0
      ? shortestCidrs(ranges.flatMap(({ value }) => cidrsOfRange(value.first, value.last)))
      : [prefix]
  const total = given.reduce((sum, one) => sum + hostCount(one), 0)
  const four = typeof prefix.ip === 'number'
  const ends = ranges.length === 0 && four && prefix.len < 31 ? 2 : 0
  const taken = shortestCidrs([
    ...excludes.flatMap(({ value }) => cidrsOfRange(value.first, value.last)),
    ...gateways.map(({ value }) => ({ ip: value, len: hostLength(value) })),
  ]).filter((one) => given.some((other) => contains(other, one.ip)))
  return Math.max(0, total - ends - taken.reduce((sum, one) => sum + hostCount(one), 0))
}

/** How many nodes there will be. */
export function nodesPlanned({ nodes, nodeCount, growth }: ClusterView): number {
  return Math.ceil((nodeCount?.value ?? nodes.length) * (growth?.value ?? 1))
}
