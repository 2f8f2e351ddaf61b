// Why a change is made, and what could have been done in its place.

import { formatPrefix } from '../../net/prefix.ts'
import type { Change } from '../../plan/fix/changes.ts'
import type { Trouble } from '../../plan/fix/conflicts.ts'
import { changeName, consequenceOf, networkPath } from '../../plan/fix/consequences.ts'

const REASONS_MAX = 4
const INSTEAD_MAX = 3

/** What each change resolves. */
export type Resolved = ReadonlyMap<Change, readonly Trouble[]>

/** Turns the list round. */
export function resolvedBy(troubles: readonly Trouble[]): Resolved {
  const found = new Map<Change, Trouble[]>()
  for (const trouble of troubles)
    for (const change of trouble.resolvers) {
      const list = found.get(change)
      if (list === undefined) found.set(change, [trouble])
      else list.push(trouble)
    }
  return found
}

/** `IC001 with az1/ovn-default 10.16.0.0/16`. */
export function reasonsOf(change: Change, resolved: Resolved): string[] {
  const seen = new Map<string, Set<unknown>>()
  const list: string[] = []
  let count = 0
  for (const { networks, verdict } of resolved.get(change) ?? []) {
    const codes = verdict.codes.join(' and ')
    const others = networks.filter((one) => !inFamily(one, change)).map(({ network }) => network)
    const known = seen.get(codes) ?? new Set()
    seen.set(codes, known)
    // Of manual routes neither network is the own, and each pair is a reason of its own.
    const about = change.kind === 'manual-routes' ? others : others[0]
    if (known.has(about)) continue
    known.add(about)
    if (++count > REASONS_MAX) continue
    const names = others.map((one) => `${networkPath(one)} ${formatPrefix(one.prefix)}`)
    const word = change.kind === 'manual-routes' ? 'of' : 'with'
    list.push(names.length === 0 ? codes : `${codes} ${word} ${names.join(' and ')}`)
  }
  return count > REASONS_MAX ? [...list, `and ${count - REASONS_MAX} more`] : list
}

/** Other changes that resolve something this one resolves, the cheapest first. */
export function alternativesTo(change: Change, resolved: Resolved): Change[] {
  const found = new Set((resolved.get(change) ?? []).flatMap(({ resolvers }) => resolvers))
  found.delete(change)
  return [...found].sort((a, b) => a.cost - b.cost)
}

/** The same as sentences. */
export function insteadOf(change: Change, resolved: Resolved): string[] {
  return alternativesTo(change, resolved)
    .slice(0, INSTEAD_MAX)
    .map((one) => `${changeName(one)}, cost ${one.cost}: ${consequenceOf(one)}`)
}

function inFamily(one: Trouble['networks'][number], change: Change): boolean {
  if (change.kind === 'manual-routes') return false
  for (let at: typeof one | undefined = one; at !== undefined; at = at.parent)
    if (at === change.movable) return true
  return false
}
