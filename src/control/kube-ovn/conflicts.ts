// KO-RM-4: what the controllers after kube-ovn #7265 do about a learned prefix that overlaps a local subnet: the learned route is
// deleted and both prefixes go to the blacklist, for as long as the local subnet exists. Older ones do nothing (RT-12, RT-14).
// Surprise: the list is its own memory. A subnet once blacklisted for any reason overlaps itself and therefore stays in it.

import type { RowId, StaticRouteRow } from '../../model/tables.ts'
import { overlaps, parsePrefix } from '../../net/prefix.ts'

/**
 * The conflicting prefixes, sorted as text. `local` are the networks of all subnets, custom VPCs included; `learned` are prefixes
 * as ovn-ic wrote them, host bits and all; `sticky` is what was in conflict before or stands in the option now.
 */
export function conflictingPrefixes(
  local: readonly string[],
  learned: readonly string[],
  sticky: readonly string[],
): readonly string[] {
  const conflicts = new Set<string>()
  for (const prefix of sticky) if (local.some((own) => overlapping(own, prefix))) conflicts.add(prefix)
  for (const own of local) {
    // The controller takes the first learned prefix only; the next one follows when this one is gone.
    const first = learned.find((prefix) => overlapping(own, prefix))
    if (first !== undefined) conflicts.add(own).add(first)
  }
  return [...conflicts].sort()
}

/** Learned routes that overlap a conflicting prefix. */
export function conflictingRoutes(
  routes: ReadonlyMap<RowId, StaticRouteRow>,
  conflicts: readonly string[],
): readonly RowId[] {
  const found: RowId[] = []
  for (const [id, row] of routes) {
    if (conflicts.some((prefix) => overlapping(prefix, row.ip_prefix))) found.push(id)
  }
  return found
}

/** True when both parse and share an address; single addresses count as hosts. */
function overlapping(a: string, b: string): boolean {
  const left = parsePrefix(a)
  const right = parsePrefix(b)
  return left !== undefined && right !== undefined && overlaps(left, right)
}
