// Judges what a scenario expects against what a run showed. Every kind has its own function that looks at one moment (or at
// the traffic); here the time operators are put around them and the facts become sentences.

import type { Expectation, ExpectationResult } from '../model/expectation.ts'
import type { RunResult } from '../model/observation.ts'
import { judgeAz, judgeGateway, judgeRefused } from './control.ts'
import { type Extent, type Finding, notReached, overTime } from './moments.ts'
import { judgeReach, type TraceFunction } from './reach.ts'
import { judgePolicy, judgeRoute, judgeUndefinedRoute } from './routes.ts'
import { populationAt } from './select.ts'
import { judgeHops, judgeIcmpError, judgeLoss, judgeReplyTtl } from './traffic.ts'

/** The part of a run that expectations are about. */
export type Observed = Pick<RunResult, 'scenario' | 'end' | 'states' | 'snapshots' | 'traffic' | 'log'>

/** One result per expectation, in their order. `trace` follows one packet through one forwarding state. */
export function judge(
  run: Observed,
  expectations: readonly Expectation[],
  trace: TraceFunction,
): ExpectationResult[] {
  return expectations.map((expectation) => {
    const { fact, ...found } = judgeOne(run, expectation, trace)
    return { expectation, ...found, detail: sentence(fact) }
  })
}

/** A run records a state at time zero, so one without any was ended in its bring-up. */
function extentOf({ scenario, end, states }: Observed): Extent {
  return states.length === 0 ? { end: undefined, cut: true } : { end, cut: end < scenario.duration }
}

function judgeOne(run: Observed, wanted: Expectation, trace: TraceFunction): Finding {
  const { scenario, states } = run
  const extent = extentOf(run)
  switch (wanted.kind) {
    case 'route':
      return overTime(wanted.when, extent, states, (state) => judgeRoute(state, wanted, scenario))
    case 'undefined-route':
      return overTime(wanted.when, extent, states, (state) => judgeUndefinedRoute(state, wanted))
    case 'policy':
      return overTime(wanted.when, extent, states, (state) => judgePolicy(state, wanted))
    case 'gateway':
      return overTime(wanted.when, extent, states, (state) => judgeGateway(state, wanted))
    case 'reach':
      return overTime(wanted.when, extent, states, (state, at) =>
        judgeReach(state, wanted, populationAt(scenario, at), trace),
      )
    case 'az': {
      const snapshots = [...run.snapshots.values()].sort((a, b) => a.at - b.at)
      return overTime(wanted.when, extent, snapshots, (databases) => judgeAz(databases, wanted))
    }
    case 'refused':
      return judgeRefused(run.log, wanted, extent)
    case 'loss':
      return withTraffic(run, extent, wanted.traffic, (result) => judgeLoss(result, wanted, extent))
    case 'reply-ttl':
      return withTraffic(run, extent, wanted.traffic, (result) => judgeReplyTtl(result, wanted, extent))
    case 'icmp-error':
      return withTraffic(run, extent, wanted.traffic, (result) => judgeIcmpError(result, wanted, extent))
    case 'hops':
      return withTraffic(run, extent, wanted.traffic, (result) => judgeHops(result, wanted, extent))
  }
}

function withTraffic(
  run: Observed,
  extent: Extent,
  name: string,
  judgeResult: (result: RunResult['traffic'][number]) => Finding,
): Finding {
  const result = run.traffic.find(({ traffic }) => traffic.name === name)
  if (result !== undefined) return judgeResult(result)
  // Traffic is prepared at time zero.
  if (extent.end === undefined) return notReached(extent)
  const names = run.traffic.map(({ traffic }) => traffic.name)
  return { ok: false, fact: `no traffic is called ${name}; there is ${names.join(', ') || 'none'}` }
}

/** Clauses become sentences; they begin with a name more often than not, so case is left alone. */
function sentence(fact: string): string {
  return fact.endsWith('.') ? fact : `${fact}.`
}
