// Time operators over a run. A forwarding state holds from its `at` until the next one begins, so "at every moment of an
// interval" is a question to finitely many states: the one in force at its start and those that begin inside it. What lies
// beyond the end of a run was never simulated, so nothing is said of it: such a question stays open.

import type { When } from '../model/expectation.ts'
import { formatNanos, type Nanos } from '../model/time.ts'

/** What a statement comes to at one moment: whether it holds, and the fact that decides it, as a clause. */
export interface Finding {
  readonly ok: boolean
  readonly fact: string
  /** The run ended before this could be judged; `ok` is false then. */
  readonly notReached?: true
}

/** How far a run went. */
export interface Extent {
  /** Undefined when not even time zero was reached. */
  readonly end: Nanos | undefined
  /** A limit ended the run before what was planned. Its last instant is incomplete: some of its events never happened. */
  readonly cut: boolean
}

/** Whether everything up to and including a moment was simulated. */
export function reaches({ end, cut }: Extent, at: Nanos): boolean {
  return end !== undefined && (cut ? at < end : at <= end)
}

/** The finding about what was never simulated. */
export function notReached({ end }: Extent): Finding {
  const where = end === undefined ? 'before time zero' : `at ${formatNanos(end)}`
  return { ok: false, fact: `not reached: the run ended ${where}`, notReached: true }
}

/** Something that has a value from `at` until the next of its kind. */
export interface Moment {
  readonly at: Nanos
}

/** The moments in force during [from, to], in order: at most one that began earlier, and all that begin inside. */
export function during<M extends Moment>(moments: readonly M[], from: Nanos, to: Nanos): M[] {
  let first = 0
  for (const [i, moment] of moments.entries()) if (moment.at <= from) first = i
  return moments.slice(first).filter((moment, i) => i === 0 || moment.at <= to)
}

/**
 * Applies a time operator to a statement about one moment, which is asked with the time it is judged at. The first moment
 * that decides is named in the fact. An interval that goes on beyond the run is decided only by what was seen of it; one
 * without any moment makes every operator fail, because nothing was seen.
 */
export function overTime<M extends Moment>(
  when: When,
  extent: Extent,
  moments: readonly M[],
  holds: (moment: M, at: Nanos) => Finding,
): Finding {
  const { end } = extent
  if (end === undefined) return notReached(extent)
  const [from, to] = intervalOf(when, end)
  const open = !reaches(extent, to)
  if (open && (when.kind === 'end' || when.kind === 'at' || !reaches(extent, from))) return notReached(extent)
  const inForce = during(moments, from, Math.min(to, end))
  let last: Finding | undefined
  for (const moment of inForce) {
    const at = Math.max(from, moment.at)
    const found = holds(moment, at)
    last = found
    if (when.kind === 'within' && found.ok) return { ok: true, fact: `at ${formatNanos(at)}: ${found.fact}` }
    if (when.kind === 'always' && !found.ok)
      return { ok: false, fact: `at ${formatNanos(at)}: ${found.fact}` }
    if (when.kind === 'never' && found.ok) return { ok: false, fact: `at ${formatNanos(at)}: ${found.fact}` }
  }
  if (open) return notReached(extent)
  if (last === undefined) return { ok: false, fact: `nothing was observed at ${formatNanos(to)}` }
  switch (when.kind) {
    case 'end':
      return last
    case 'at':
      return { ok: last.ok, fact: `at ${formatNanos(from)}: ${last.fact}` }
    case 'within':
      return { ok: false, fact: `at no time from ${span(from, to)}; at the end of it ${last.fact}` }
    case 'always':
      return { ok: true, fact: `all the time from ${span(from, to)}: ${last.fact}` }
    case 'never':
      return { ok: true, fact: `at no time from ${span(from, to)}; at the end of it ${last.fact}` }
  }
}

/** The interval that an operator looks at, which may go beyond the run; `end` and `at` are single moments. */
export function intervalOf(when: When, end: Nanos): readonly [from: Nanos, to: Nanos] {
  switch (when.kind) {
    case 'end':
      return [end, end]
    case 'at':
      return [when.at, when.at]
    default:
      return [when.from, when.to]
  }
}

function span(from: Nanos, to: Nanos): string {
  return `${formatNanos(from)} to ${formatNanos(to)}`
}
