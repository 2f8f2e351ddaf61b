// KO-POL-1: learned routes are mirrored as allow policies of priority 29500, or else 29000 sends their packets to the node. The
// controller looks every five seconds, so a new route is useless for up to that long.
// Surprise: it goes by the option `origin` alone. Routes added by hand have none and get no policy (KO-POL-2); learned routes that
// outlive a disable keep theirs (KO-RM-1).

import type { NbTables, RouterPolicyRow, RowId } from '../../model/tables.ts'
import type { Database } from '../db/database.ts'
import { DEFAULT_VPC, VENDOR } from './names.ts'
import { adopt, disown, switchOrRouter } from './nb-writer.ts'
import { INTERCONNECTION_PRIORITY } from './policies.ts'

/** What is to be done to the policies of `ovn-cluster`. */
export interface PolicyPlan {
  readonly create: readonly RouterPolicyRow[]
  readonly remove: readonly RowId[]
}

/** Compares routes of the main table with the policies of the same origin; prefixes are taken as text, host bits and all (PL-5). */
export function planPolicies(nb: Database<NbTables>, origins: readonly string[]): PolicyPlan {
  const create: RouterPolicyRow[] = []
  const remove: RowId[] = []
  const id = switchOrRouter(nb, 'router', DEFAULT_VPC)
  if (id === undefined) return { create, remove }
  const router = nb.get('Logical_Router', id)!
  for (const origin of origins) {
    const prefixes = new Set<string>()
    for (const route of router.static_routes) {
      const { route_table, options, ip_prefix } = nb.get('Logical_Router_Static_Route', route)!
      if (route_table === '' && options.origin === origin) prefixes.add(ip_prefix)
    }
    for (const policy of router.policies) {
      const { external_ids, match } = nb.get('Logical_Router_Policy', policy)!
      if (external_ids.origin !== origin) continue
      const prefix = match.slice(match.indexOf('==') + 2).trim()
      if (!prefixes.delete(prefix)) remove.push(policy)
    }
    for (const prefix of prefixes) create.push(allow(prefix, origin))
  }
  return { create, remove }
}

/** Carries a plan out; returns what was refused. */
export function applyPolicies(nb: Database<NbTables>, author: string, plan: PolicyPlan): string | undefined {
  const result = nb.transact(author, (tx) => {
    for (const id of plan.remove) disown(nb, tx, DEFAULT_VPC, 'router', 'policies', id)
    for (const row of plan.create) {
      adopt(nb, tx, DEFAULT_VPC, 'router', 'policies', tx.insert('Logical_Router_Policy', row))
    }
  })
  return result.kind === 'refused' ? result.message : undefined
}

function allow(prefix: string, origin: string): RouterPolicyRow {
  const match = `${prefix.includes(':') ? 'ip6' : 'ip4'}.dst == ${prefix}`
  const external_ids = { ...VENDOR, origin }
  return { priority: INTERCONNECTION_PRIORITY, match, action: 'allow', nexthops: [], external_ids }
}
