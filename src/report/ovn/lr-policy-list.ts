// `ovn-nbctl lr-policy-list ROUTER` of OVN 23.03 (ovn-semantics §5.6), byte for byte: descending priority, equal ones by
// match. Surprise: a match wider than its 50 columns is not cut; it pushes the rest of its line to the right.

import type { DatabaseSnapshot, NbTables, RouterPolicyRow } from '../../model/tables.ts'
import { compareText, findNamed, follow, textOf } from './text.ts'

/** Policies of one router in the order of the listing. */
export function listPolicies(nb: DatabaseSnapshot<NbTables>, router: string): RouterPolicyRow[] {
  const found = findNamed(nb.tables.Logical_Router, router)
  if (found === undefined) return []
  const rows = follow(nb.tables.Logical_Router_Policy, found[1].policies)
  return rows.sort((a, b) => b.priority - a.priority || compareText(a.match, b.match))
}

/** The listing of one router; empty when it has no policies or does not exist. */
export function lrPolicyList(nb: DatabaseSnapshot<NbTables>, router: string): string {
  const rows = listPolicies(nb, router)
  return rows.length === 0 ? '' : textOf(['Routing Policies', ...rows.map(policyLine)])
}

function policyLine(row: RouterPolicyRow): string {
  const columns = `${String(row.priority).padStart(10)} ${row.match.padStart(50)} ${row.action.padStart(15)}`
  const [first, ...rest] = row.action === 'reroute' ? [...row.nexthops].sort(compareText) : []
  return first === undefined ? columns : `${columns} ${[first.padStart(25), ...rest].join(', ')}`
}
