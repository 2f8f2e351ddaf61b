// Why a change is made, and what could have been done in its place.

import { formatPrefix } from '../../net/prefix.ts'
import type { Change } from '../../plan/fix/changes.ts'
import type { Trouble } from '../../plan/fix/conflicts.ts'
import { consequenceOf, networkPath } from '../../plan/fix/consequences.ts'

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
  const own = new Set<string>()
  for (const { networks, verdict } of resolved.get(change) ?? []) {
    const others = networks.filter((one) => !inFamily(one, change))
    const other = others[0]?.network
    own.add(
      `${verdict.codes.join(' and ')}${other === undefined ? '' : ` with ${networkPath(other)} ${formatPrefix(other.prefix)}`}`,
    )
  }
  const list = [...own]
  return list.length > REASONS_MAX
    ? [...list.slice(0, REASONS_MAX), `and ${list.length - REASONS_MAX} more`]
    : list
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
    .map((one) => {
      const name = networkPath(one.movable.network)
      const what =
        one.kind === 'renumber'
          ? `renumber ${name}`
          : one.kind === 'grow'
            ? `grow ${name} where it is`
            : `set disableInterConnection on ${name}`
      return `${what}, cost ${one.cost}: ${consequenceOf(one)}`
    })
}

function inFamily(one: Trouble['networks'][number], { movable }: Change): boolean {
  for (let at: typeof one | undefined = one; at !== undefined; at = at.parent) if (at === movable) return true
  return false
}
