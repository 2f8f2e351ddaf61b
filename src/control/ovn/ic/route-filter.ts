// Which prefixes may be published and learned: the `ic-route-*` options of NB_Global (ovn-nb(5)), rules ADV-2 to ADV-5 and
// LRN-3. One filter is made per options map and kept as long as that map is.
// Surprise: the blacklist works in both directions, and on 23.03 any IPv6 entry blocks nearly all of IPv6 (ADV-5).

import type { StringMap } from '../../../model/tables.ts'
import { isLinkLocal } from '../../../net/ip.ts'
import { covers, type Prefix, parsePrefix } from '../../../net/prefix.ts'

export interface RouteFilter {
  readonly advertise: boolean
  readonly learn: boolean
  readonly advertiseDefault: boolean
  readonly learnDefault: boolean
  readonly blacklist: readonly Prefix[]
  /** Entries of the blacklist that are no prefix; ovn-ic warns of them and goes on. */
  readonly malformed: readonly string[]
  /** ADV-5 is reproduced. */
  readonly ipv6MatchesAll: boolean
}

/** The filter that `NB_Global.options` asks for. `ipv6MatchesAll` says whether the defect ADV-5 is present. */
export function routeFilter(options: StringMap, ipv6MatchesAll: boolean): RouteFilter {
  const memo = ipv6MatchesAll ? defective : sound
  let filter = memo.get(options)
  if (filter === undefined) {
    filter = { ...parseOptions(options), ipv6MatchesAll }
    memo.set(options, filter)
  }
  return filter
}

/** ADV-4: comma-separated CIDRs or single addresses. */
export function parseBlacklist(text: string): Pick<RouteFilter, 'blacklist' | 'malformed'> {
  const blacklist: Prefix[] = []
  const malformed: string[] = []
  for (const piece of text.split(',')) {
    const entry = piece.trim()
    if (entry === '') continue
    const prefix = parsePrefix(entry)
    if (prefix === undefined) malformed.push(entry)
    else blacklist.push(prefix)
  }
  return { blacklist, malformed }
}

/** ADV-4: blocked is what an entry covers, never what is larger than it. ADV-5 where the filter reproduces it. */
export function isBlacklisted(filter: RouteFilter, prefix: Prefix): boolean {
  for (const entry of filter.blacklist) {
    if (covers(entry, prefix)) return true
    const bothSix = typeof entry.ip !== 'number' && typeof prefix.ip !== 'number'
    if (filter.ipv6MatchesAll && bothSix && entry.len <= prefix.len) return true
  }
  return false
}

/** ADV-2 and ADV-3 for connected and dst-ip static prefixes; src-ip routes are never published. */
export function mayAdvertise(
  filter: RouteFilter,
  prefix: Prefix,
  policy: 'dst-ip' | 'src-ip' | undefined,
): boolean {
  if (!filter.advertise) return false
  if (prefix.len === 0 && !filter.advertiseDefault) return false
  return policy !== 'src-ip' && !isLinkLocal(prefix.ip) && !isBlacklisted(filter, prefix)
}

/** LRN-3. */
export function mayLearn(filter: RouteFilter, prefix: Prefix): boolean {
  if (!filter.learn) return false
  if (prefix.len === 0 && !filter.learnDefault) return false
  return !isLinkLocal(prefix.ip) && !isBlacklisted(filter, prefix)
}

function parseOptions(options: StringMap): Omit<RouteFilter, 'ipv6MatchesAll'> {
  const on = (name: string): boolean => options[name] === 'true'
  return {
    advertise: on('ic-route-adv'),
    learn: on('ic-route-learn'),
    advertiseDefault: on('ic-route-adv-default'),
    learnDefault: on('ic-route-learn-default'),
    ...parseBlacklist(options['ic-route-blacklist'] ?? ''),
  }
}

const defective = new WeakMap<StringMap, RouteFilter>()
const sound = new WeakMap<StringMap, RouteFilter>()
