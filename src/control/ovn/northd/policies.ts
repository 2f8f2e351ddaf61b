// The flows of lr_in_policy that northd makes for one router (OVN 23.03, build_routing_policy_flow; rules PL-2 to PL-5).
// Surprise: a reroute with several nexthops is left out entirely when one of them has no port, while an ECMP route just
// loses that member.

import { expandAddressSets } from '../../../model/address-set.ts'
import type { PolicyFlow, RouteMember } from '../../../model/forwarding.ts'
import { parseMatch } from '../../../model/match-parser.ts'
import type { RouterPolicyRow } from '../../../model/tables.ts'
import { parseIp } from '../../../net/ip.ts'
import { portTowards, type RouterInput } from './router-input.ts'

/** The policies of a router that take effect, in descending priority; equals in UUID order (PL-4: unspecified). */
export function policyFlows(router: RouterInput): readonly PolicyFlow[] {
  return router.policies
    .map((row) => policyFlow(router, row))
    .filter((flow) => flow !== undefined)
    .sort((a, b) => b.priority - a.priority)
}

/** Why a policy takes no effect on this router; undefined for one that does. */
export function policyProblem(
  router: Pick<RouterInput, 'ports' | 'addressSets'>,
  row: RouterPolicyRow,
): string | undefined {
  const match = parseMatch(expandAddressSets(row.match, router.addressSets))
  if (match.kind === 'error') return `error parsing match "${row.match}": ${match.message}`
  const action = policyAction(router, row)
  return typeof action === 'string' ? action : undefined
}

function policyFlow(router: RouterInput, row: RouterPolicyRow): PolicyFlow | undefined {
  const match = parseMatch(expandAddressSets(row.match, router.addressSets))
  const action = policyAction(router, row)
  if (match.kind === 'error' || typeof action === 'string') return undefined
  return { priority: row.priority, match: match.match, text: row.match, action }
}

/** The action, or in words why there is none. */
function policyAction(
  router: Pick<RouterInput, 'ports'>,
  row: RouterPolicyRow,
): PolicyFlow['action'] | string {
  if (row.action !== 'reroute') return { kind: row.action }
  const members: RouteMember[] = []
  // A set of OVSDB is sorted, whatever order it was written in: by bytes, for texts (seen in lr_in_policy_ecmp).
  for (const nexthop of [...row.nexthops].sort()) {
    const ip = parseIp(nexthop)
    const found = ip === undefined ? undefined : portTowards(router, ip)
    if (ip === undefined || found === undefined) {
      return `No path for routing policy priority ${row.priority}; next hop ${nexthop}`
    }
    members.push({ nexthop: ip, source: found.address, outport: found.port.name })
  }
  return members.length === 0
    ? `No path for routing policy priority ${row.priority}; next hop `
    : { kind: 'reroute', members }
}
