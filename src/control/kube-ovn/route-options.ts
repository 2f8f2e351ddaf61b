// The route options of NB_Global that `auto-route` stands for (ovn-semantics 4.6): ovn-ic advertises and learns, except what the
// blacklist names. Pure functions; the interconnection controller applies them each second.
// Surprise: one list works for both directions (LRN-3), so the own join subnet also hides a peer's equal one (KO-BL-1).

import type { StringMap } from '../../model/tables.ts'
import { formatIp } from '../../net/ip.ts'
import { cidrBlock, type KubeObjects } from './objects.ts'

/** The option that holds the list. */
export const BLACKLIST = 'ic-route-blacklist'

/**
 * The value of `ic-route-blacklist`: networks of subnets with `disableInterConnection` and of the join subnet, then `conflicts`
 * (KO-RM-4), then the nodes' InternalIPs (KO-BL-3), in the order of the objects.
 */
export function blacklist(objects: KubeObjects, conflicts: readonly string[] = []): string {
  const entries: string[] = []
  for (const subnet of objects.subnets.values()) {
    if (subnet.disableInterConnection || subnet.isJoin) entries.push(cidrBlock(subnet))
  }
  entries.push(...conflicts)
  for (const node of objects.nodes) entries.push(...node.internalIps.map(formatIp))
  return entries.join(',')
}

/** The options with automatic routes on, and this blacklist. */
export function withAutoRoute(options: StringMap, list: string): StringMap {
  return { ...options, 'ic-route-adv': 'true', 'ic-route-learn': 'true', [BLACKLIST]: list }
}

/** The options without the three keys; ovn-ic takes absence as off (ADV-2). */
export function withoutAutoRoute(options: StringMap): StringMap {
  const { 'ic-route-adv': _adv, 'ic-route-learn': _learn, [BLACKLIST]: _list, ...others } = options
  return others
}
