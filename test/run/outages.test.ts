/** Outages as intervals: what periods a scenario has, how gaps fall into them, and what varies from phase to phase. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MILLISECOND, SECOND } from '../../src/model/time.ts'
import type { TimelineEvent } from '../../src/model/timeline.ts'
import type { Gap, TrafficResult } from '../../src/model/traffic.ts'
import { intervalsOf, outagesOf, periodsOf } from '../../src/run/conform/compare/outages.ts'
import { simulate } from '../../src/run/simulate.ts'
import { smallScenario } from '../lab/scenario.ts'

const at = (...seconds: number[]) => ({
  timeline: seconds.map((second) => ({
    at: second * SECOND,
    event: { kind: 'link', cluster: 'az1', node: 'n', up: false, silent: false } as TimelineEvent,
    text: '',
  })),
})
const withGaps = (...gaps: [number, number | undefined][]): TrafficResult =>
  ({
    traffic: { at: 0 },
    sentAt: [0],
    gaps: gaps.map(
      ([from, to]): Gap => ({
        fromSeq: 2,
        toSeq: 2,
        from: from * SECOND,
        to: to === undefined ? undefined : to * SECOND,
      }),
    ),
  }) as unknown as TrafficResult

describe('periods', () => {
  it('a scenario in which nothing happens has one; snapshots are nothing', () => {
    expect(periodsOf({ timeline: [] })).toEqual([
      { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
    ])
    const snapshot = { at: SECOND, event: { kind: 'snapshot', label: 'x' } as TimelineEvent, text: '' }
    expect(periodsOf({ timeline: [snapshot] })).toHaveLength(1)
  })

  it('each event begins one, unless it comes within a second of the last', () => {
    expect(periodsOf(at(2, 2.5, 5)).map(({ from }) => from)).toEqual([
      Number.NEGATIVE_INFINITY,
      2 * SECOND,
      5 * SECOND,
    ])
  })

  it('follow each other without a hole', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 })), (seconds) => {
        const periods = periodsOf(at(...seconds))
        for (const [i, { to }] of periods.slice(0, -1).entries()) expect(to).toBe(periods[i + 1]!.from)
      }),
    )
  })
})

describe('outages', () => {
  it('a gap that outlasts an event is split between the periods', () => {
    expect(outagesOf(withGaps([1, 4], [6, 7]), periodsOf(at(2, 5)))).toEqual([
      1 * SECOND,
      2 * SECOND,
      1 * SECOND,
    ])
  })

  it('what never comes back lasts for ever in the last period, and the whole of those before', () => {
    expect(outagesOf(withGaps([1, undefined]), periodsOf(at(2, 5)))).toEqual([
      1 * SECOND,
      3 * SECOND,
      Number.POSITIVE_INFINITY,
    ])
  })

  it('a probe that was never answered so far counts from when it was to begin, not from when its program got to it', () => {
    const late = withGaps([1.3, 3])
    const result = {
      ...late,
      traffic: { at: 1 * SECOND },
      gaps: late.gaps.map((gap) => ({ ...gap, fromSeq: 1 })),
    } as unknown as TrafficResult
    expect(outagesOf(result, periodsOf(at(2)))).toEqual([1 * SECOND, 1 * SECOND])
  })

  it('gaps that end are never longer in all periods than by themselves', () => {
    const gap = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 9 }))
    fc.assert(
      fc.property(fc.array(gap), fc.array(fc.integer({ min: 0, max: 60 })), (gaps, events) => {
        const all = outagesOf(
          withGaps(...gaps.map(([from, n]) => [from, from + n] as [number, number])),
          periodsOf(at(...events)),
        )
        expect(all.reduce((sum, one) => sum + one, 0)).toBe(gaps.reduce((sum, [, n]) => sum + n * SECOND, 0))
      }),
    )
  })
})

describe('phases', () => {
  const scenario = smallScenario(`traffic:
  - { ping: az1/web -> az2/web, count: 60, interval: 50ms, as: out }
timeline:
  - { at: 1s, nbctl: { az1: lr-policy-add ovn-cluster 100 'ip4.dst == 10.17.0.0/16' drop } }
  - { at: 2s, nbctl: { az1: lr-policy-del ovn-cluster 100 } }
`)
  const run = (phase: number) => simulate(scenario, { phase })

  it('phase 0 is the run itself, and each is the same every time', () => {
    expect(run(0).traffic).toEqual(simulate(scenario).traffic)
    expect(run(7).traffic).toEqual(run(7).traffic)
  })

  it('from phase 1 on daemons take now less and now more time, and nothing else changes', () => {
    const runs = [0, 1, 2, 3, 4, 5, 6, 7].map(run)
    const ends = runs.map(({ log }) => log.filter(({ kind }) => kind !== 'event').map((entry) => entry.at))
    expect(new Set(ends.map(String)).size).toBeGreaterThan(4)
    const routes = runs.map(({ snapshots }) =>
      [...snapshots.get('end')!.clusters.get('az1')!.nb.tables.Logical_Router_Static_Route.values()].map(
        ({ ip_prefix, nexthop }) => ({ ip_prefix, nexthop }),
      ),
    )
    for (const one of routes) expect(one).toEqual(routes[0])
  })

  it('the interval has the shortest and the longest outage of every period', () => {
    const runs = [0, 1, 2, 3].map(run)
    const lengths = runs.map(({ traffic }) => outagesOf(traffic[0]!, periodsOf(scenario)))
    const intervals = intervalsOf(runs).get('out')!
    expect(intervals).toHaveLength(3)
    for (const [i, { shortest, longest }] of intervals.entries()) {
      expect(shortest).toBe(Math.min(...lengths.map((one) => one[i]!)))
      expect(longest).toBe(Math.max(...lengths.map((one) => one[i]!)))
    }
    expect(intervals[1]!.longest).toBeGreaterThan(900 * MILLISECOND)
    expect(intervals[1]!.longest).toBeLessThan(1100 * MILLISECOND)
  })
})
