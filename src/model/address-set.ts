// Address sets in match expressions (ovn-sb(5), "Expressions"): `ip4.src == $name` compares with every member of a set that
// is kept beside the policies and changes without them. They are written out as text before a match is parsed, so that
// `Match` and its parsers know constants only.

import type { AddressSetRow } from './tables.ts'

/** Members by name of set. */
export type AddressSets = ReadonlyMap<string, readonly string[]>

/** The sets of a Northbound database as a table for `expandAddressSets`. */
export function addressSetsOf(rows: Iterable<AddressSetRow>): AddressSets {
  const sets = new Map<string, readonly string[]>()
  for (const row of rows) sets.set(row.name, row.addresses)
  return sets
}

/**
 * Writes the members in the place of `$name` where an address is compared with a set: `ip4.src == {10.16.0.2, 10.16.0.7}`.
 * A comparison with an empty set is `0` (`1` for `!=`), as OVN evaluates it. An unknown set stays as it is, which no parser
 * accepts: OVN leaves such a flow out until the set exists. Sets inside braces are not modelled.
 */
export function expandAddressSets(match: string, sets: AddressSets): string {
  if (!match.includes('$')) return match
  return match.replace(COMPARISON, (text, field: string, operator: string, name: string) => {
    const members = sets.get(name)
    if (members === undefined) return text
    if (members.length === 0) return operator === '==' ? '0' : '1'
    return `${field} ${operator} {${members.join(', ')}}`
  })
}

const COMPARISON = /\b(ip[46]\.(?:src|dst))\s*(==|!=)\s*\$([A-Za-z_.][\w.]*)/g
