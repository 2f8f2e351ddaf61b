/**
 * How long nothing came back after what happened to the network. Timers of real daemons are at any phase when a link is cut, so one run of
 * the model is one of many that reality could have had: the model's answer is the interval over many phases.
 */
import type { RunResult } from '../../../model/observation.ts'
import type { Scenario } from '../../../model/scenario.ts'
import { type Nanos, SECOND } from '../../../model/time.ts'
import type { TrafficResult } from '../../../model/traffic.ts'

/** The shortest and the longest outage that the model has in a period. */
export interface Interval {
  readonly shortest: Nanos
  readonly longest: Nanos
}

/** Intervals of every probe by name, one for each period of the scenario. */
export type Outages = ReadonlyMap<string, readonly Interval[]>

/** From one event to the next. */
export interface Period {
  readonly from: Nanos
  readonly to: Nanos
}

/** Events that come closer after each other are one disturbance: which of them a loss belongs to could not be told. */
const TOGETHER: Nanos = SECOND

/** The periods of a scenario: before anything happens, and after each disturbance. One alone where nothing ever happens. */
export function periodsOf({ timeline }: Pick<Scenario, 'timeline'>): Period[] {
  const starts: Nanos[] = [Number.NEGATIVE_INFINITY]
  for (const { at, event } of [...timeline].sort((a, b) => a.at - b.at))
    if (event.kind !== 'snapshot' && at - starts.at(-1)! >= TOGETHER) starts.push(at)
  return starts.map((from, i) => ({ from, to: starts[i + 1] ?? Number.POSITIVE_INFINITY }))
}

/**
 * How long a probe was without answers in each period: gaps as far as they lie in it. What never came back lasts for ever, and what was lost
 * from the first request on begins when that was due: when requests left is no property of the network, and real programs send a little
 * later than they were asked to.
 */
export function outagesOf({ gaps, traffic }: TrafficResult, periods: readonly Period[]): Nanos[] {
  return periods.map(({ from, to }) =>
    gaps.reduce((sum, gap) => {
      const end = gap.to ?? Number.POSITIVE_INFINITY
      // A program that starts late has lost nothing by that.
      const begin = gap.fromSeq === 1 ? Math.min(gap.from, traffic.at) : gap.from
      return sum + Math.max(0, Math.min(end, to) - Math.max(begin, from))
    }, 0),
  )
}

/** Intervals over many runs of one scenario that differ in the phases of their timers. */
export function intervalsOf(runs: Iterable<Pick<RunResult, 'scenario' | 'traffic'>>): Outages {
  const intervals = new Map<string, Interval[]>()
  for (const { scenario, traffic } of runs) {
    const periods = periodsOf(scenario)
    for (const result of traffic) {
      const known = intervals.get(result.traffic.name)
      const lengths = outagesOf(result, periods)
      intervals.set(
        result.traffic.name,
        lengths.map((length, i) => ({
          shortest: Math.min(known?.[i]?.shortest ?? length, length),
          longest: Math.max(known?.[i]?.longest ?? length, length),
        })),
      )
    }
  }
  return intervals
}
