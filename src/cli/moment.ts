// `--at`: a time of the run, its end, or the name of a snapshot in the timeline.

import { didYouMean } from '../diag/suggest.ts'
import type { Scenario } from '../model/scenario.ts'
import { formatNanos, MICROSECOND, MILLISECOND, type Nanos, SECOND } from '../model/time.ts'
import { CliError } from './errors.ts'

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: MICROSECOND,
  ms: MILLISECOND,
  s: SECOND,
  m: 60 * SECOND,
  h: 3600 * SECOND,
}

/** Nanoseconds of `--at`; `start` (and nothing) is the settled network at time zero. */
export function momentOf(scenario: Scenario, text: string | undefined): Nanos {
  if (text === undefined || text === 'start') return 0
  if (text === 'end') return scenario.duration
  const labels = scenario.timeline.flatMap(({ at, event }) =>
    event.kind === 'snapshot' ? [[event.label, at] as const] : [],
  )
  const label = labels.find(([name]) => name === text)
  if (label !== undefined) return label[1]
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)$/.exec(text)
  if (match === null)
    throw new CliError(`--at ${text} is neither a time nor a snapshot of ${scenario.file}`, {
      hint:
        didYouMean(text, ['start', 'end', ...labels.map(([name]) => name)]) ??
        'a time is a number with a unit: 250ms, 5s, 1.5m',
    })
  const at = Math.round(Number(match[1]) * UNITS[match[2]!]!)
  if (at > scenario.duration)
    throw new CliError(`--at ${text} is after the end of the run`, {
      hint: `it ends at ${formatNanos(scenario.duration)}`,
    })
  return at
}
