/** What every aspect's comparison is made of: the two runs, a row of the table, differences of multisets, and when all is quiet. */
import type { RunResult } from '../../../model/observation.ts'
import type { DatabaseSnapshot, DatabasesSnapshot, NbTables } from '../../../model/tables.ts'
import { MILLISECOND, type Nanos } from '../../../model/time.ts'
import type { TrafficResult } from '../../../model/traffic.ts'
import type { LabRun } from '../../lab-run.ts'
import type { Crossed } from '../chains.ts'
import type { Outages } from './outages.ts'

/**
 * How an aspect came out. `undefined`: the real system's answer is unspecified there, so nothing is compared. `not asked`: the lab left
 * something out that the answer depends on.
 */
export type Verdict = 'agree' | 'differ' | 'undefined' | 'not asked'

/** One row of the table. */
export interface Comparison {
  readonly aspect: 'routes' | 'flows' | 'IC-SB' | 'bindings' | 'probe' | 'underlay' | 'neighbours'
  /** `start az1 ovn-cluster`, or the probe's name. */
  readonly what: string
  /** Both sides in a few words. */
  readonly real: string
  readonly model: string
  readonly verdict: Verdict
  /** Every difference, a line or more each; empty for agreement. */
  readonly differences: readonly string[]
  /** A probe's outages: what was measured, and the model's interval. */
  readonly outages?: readonly { readonly real: string; readonly model: string }[]
}

/** The two runs, and what is needed to compare them. */
export interface Sides {
  readonly real: LabRun
  readonly model: RunResult
  readonly realCrossed: Crossed
  readonly modelCrossed: Crossed
  /** `lr-route-list` of a modelled Northbound. */
  readonly routeList: (nb: DatabaseSnapshot<NbTables>, router: string) => string
  /** How long the model's losses last, over many phases of its timers; undefined where nothing happens to the network. */
  readonly outages: Outages | undefined
  /** By how much an outage may be longer or shorter than all of the model's. */
  readonly tolerance: Nanos
}

export function row(
  aspect: Comparison['aspect'],
  what: string,
  real: string,
  model: string,
  differences: readonly string[],
): Comparison {
  return { aspect, what, real, model, verdict: differences.length === 0 ? 'agree' : 'differ', differences }
}

/**
 * A comparison where real OVN may leave the answer to chance. Databases that come to rest on neither side (AZ-2) differ from one look to
 * the next as much as the two sides do. Of two routers of a zone on one switch, whose routes are published differs from run to run (ADV-11).
 */
export function unlessChance({ real, model }: Sides, comparison: Comparison): Comparison {
  if (comparison.verdict !== 'differ') return comparison
  const restless = !real.result.settled.ok && !model.settled.ok
  const chance = (restless && DATABASES.has(comparison.aspect)) || rivals(model)
  return chance ? { ...comparison, verdict: 'undefined' } : comparison
}

const DATABASES = new Set<Comparison['aspect']>(['routes', 'flows', 'IC-SB', 'bindings'])

/** Whether two routers of one zone share a transit switch, with the ovn-ic of 23.03. */
function rivals({ scenario }: RunResult): boolean {
  return scenario.network.clusters.some(({ transitPorts }) =>
    transitPorts.some(({ transitSwitch, router }) =>
      transitPorts.some((other) => other.transitSwitch === transitSwitch && other.router !== router),
    ),
  )
}

/** Snapshots that both sides have. */
export function labels(real: RunResult, model: RunResult): [string, DatabasesSnapshot, DatabasesSnapshot][] {
  return [...real.snapshots].flatMap(([label, theirs]) => {
    const ours = model.snapshots.get(label)
    return ours === undefined ? [] : [[label, theirs, ours]]
  })
}

/** When something first happens to the network; a cold start is the first thing of all. */
export function disturbedAt({ scenario }: RunResult): Nanos {
  if (scenario.start === 'cold') return 0
  return Math.min(...scenario.timeline.flatMap(({ at, event }) => (event.kind === 'snapshot' ? [] : [at])))
}

/** Whether nothing happens to the network while a probe is under way, so that every single packet can be compared. */
export function isQuiet(run: RunResult, ...probes: readonly TrafficResult[]): boolean {
  const disturbed = disturbedAt(run)
  if (disturbed === Number.POSITIVE_INFINITY) return true
  return probes.length > 0 && probes.every((probe) => endOf(probe, disturbed) + SETTLE < disturbed)
}

/** When a probe is over: a connection that does not come about tries until its time is up. */
function endOf({ traffic, sentAt, tcp }: TrafficResult, never: Nanos): Nanos {
  const last = sentAt.at(-1) ?? never
  return traffic.kind === 'tcp' && tcp?.connected !== true ? last + traffic.timeout : last
}

/** Whether a connection was tried while something happened and came about on one side at most: then SYN timers decide, and say nothing. */
export function isMatterOfTimers(run: RunResult, theirs: TrafficResult, ours: TrafficResult): boolean {
  const both = theirs.tcp?.connected === true && ours.tcp?.connected === true
  return theirs.traffic.kind === 'tcp' && !both && !isQuiet(run, theirs, ours)
}

/** How long after its last packet a probe may still be under way. */
const SETTLE: Nanos = 300 * MILLISECOND

/** Whether a probe's fate depends on latency or loss that the lab has not. */
export function notAsked({ leftOut }: LabRun, { traffic, sentAt }: TrafficResult): boolean {
  return leftOut.touches(traffic, sentAt.at(-1) ?? traffic.at)
}

/** What only one of two multisets has. */
export function setDifferences(real: readonly string[], model: readonly string[]): string[] {
  return [
    ...minus(real, model).map((text) => `only OVN: ${text}`),
    ...minus(model, real).map((text) => `only the model: ${text}`),
  ]
}

function minus(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const item of b) left.set(item, (left.get(item) ?? 0) + 1)
  return a.filter((item) => {
    const count = left.get(item) ?? 0
    if (count > 0) left.set(item, count - 1)
    return count === 0
  })
}
