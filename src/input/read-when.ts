// When an expectation must hold: a moment or a range, as durations or labels of snapshots.

import type { When } from '../model/expectation.ts'
import { formatNanos, type Nanos } from '../model/time.ts'
import type { TimedEvent } from '../model/timeline.ts'
import type { Context } from './context.ts'
import type { Placed } from './draft.ts'
import type { RawExpectation } from './schema/expect.ts'
import { readDuration } from './values.ts'
import type { At } from './yaml-file.ts'

/** What times may refer to. */
export interface Course {
  readonly timeline: readonly TimedEvent[]
  /** The end of the run where the scenario gives one. */
  readonly end: Placed<Nanos> | undefined
}

const OPERATORS = ['at', 'within', 'always', 'never'] as const

/** `at`, `within`, `always` or `never` of an expectation; the end of the run where it has none of them. */
export function readWhen(context: Context, course: Course, raw: RawExpectation, at: At): When | undefined {
  const timed = raw as {
    at?: string | number
    within?: string | number | [string | number, string | number]
    always?: [string | number, string | number]
    never?: [string | number, string | number]
  }
  const used = OPERATORS.filter((key) => timed[key] !== undefined)
  const [operator, second] = used
  if (operator === undefined) return { kind: 'end' }
  if (second !== undefined) {
    context.diagnostics.error('IN086', `an expectation has one time, here are ${used.join(' and ')}`, {
      span: at.in(second).key,
      hint: 'make two expectations of it',
      related: [{ message: `${operator} is given here`, span: at.in(operator).key }],
    })
    return undefined
  }
  const place = at.in(operator)
  if (operator === 'at') {
    if (timed.at === 'end') return { kind: 'end' }
    const time = readMoment(context, course, timed.at!, place)
    return time === undefined ? undefined : { kind: 'at', at: time }
  }
  const range = timed[operator]!
  const [first, last] = Array.isArray(range) ? range : [0, range]
  const from = readMoment(context, course, first, Array.isArray(range) ? place.in(0) : place)
  const to = readMoment(context, course, last, Array.isArray(range) ? place.in(1) : place)
  if (from === undefined || to === undefined) return undefined
  if (to < from) {
    context.diagnostics.error('IN023', `the range ends before it begins: ${first} to ${last}`, {
      span: place.span,
      hint: `write [${last}, ${first}]`,
    })
    return undefined
  }
  return { kind: operator, from, to }
}

/** A time, or the label of a snapshot of the timeline; both within the run. */
function readMoment(context: Context, course: Course, raw: string | number, at: At): Nanos | undefined {
  const snapshot = course.timeline.find((one) => one.event.kind === 'snapshot' && one.event.label === raw)
  const time = snapshot === undefined ? readDuration(context, raw, at) : snapshot.at
  const { end } = course
  if (time === undefined || end === undefined || time <= end.value) return time
  context.diagnostics.error('IN023', `${raw} is after the end of the run at ${formatNanos(end.value)}`, {
    span: at.span,
    hint: `raise duration to ${formatNanos(time)} or more, or leave it out`,
    related: [{ message: 'the run ends here', span: end.at.span }],
  })
  return undefined
}
