// What a run did not get to see is neither kept nor broken: a limit ended it, or `duration` is shorter than a time asked for.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Expectation, When } from '../../src/model/expectation.ts'
import type { Traffic, TrafficResult } from '../../src/model/traffic.ts'
import { judge, type Observed } from '../../src/verify/expectations.ts'
import { overTime } from '../../src/verify/moments.ts'
import { verdictOf } from '../../src/verify/verdict.ts'
import { databasesOf } from '../report/snapshots.ts'
import {
  chassis,
  DELIVERED,
  expecting,
  ip,
  observed,
  pingResult,
  prefix,
  route,
  SECOND,
  scenarioOf,
  selector,
  state,
  traceOf,
  viewOf,
} from './fixtures.ts'

const END = 2.9 * SECOND
const OPEN = { ok: false, notReached: true, detail: 'not reached: the run ended at 2.9s.' }

/** `ok`, `failed` or `open`; an open one says why. */
function outcome(wanted: Expectation, run: Partial<Observed> = {}): 'ok' | 'failed' | 'open' {
  const [result] = judge(observed({ end: END, states: STATES, ...run }), [wanted], () => traceOf(DELIVERED))
  const { ok, notReached, detail } = result!
  if (notReached !== true) return ok ? 'ok' : 'failed'
  expect({ ok, notReached, detail }).toEqual(OPEN)
  return 'open'
}

/** The route goes at 1 s and comes back at 2 s. */
const learned = route('10.17.0.0/16', '169.254.100.42')
const STATES = [
  state(0, chassis('az1', 'w1', viewOf('az1', [learned]))),
  state(SECOND, chassis('az1', 'w1', viewOf('az1', []))),
  state(2 * SECOND, chassis('az1', 'w1', viewOf('az1', [learned]))),
]
const wantRoute = (when?: When) =>
  expecting({ kind: 'route', cluster: 'az1', prefix: prefix('10.17.0.0/16'), present: true }, when)
const span = (kind: 'within' | 'always' | 'never', from: number, to: number): When => ({
  kind,
  from: from * SECOND,
  to: to * SECOND,
})

describe('a run that a limit ended at 2.9 s of 10 s', () => {
  it('times and the end that it did not reach stay open', () => {
    const want = (when: When) =>
      expecting(
        {
          kind: 'reach',
          from: selector('az1/a'),
          to: selector('az2/c'),
          quantifier: 'every',
          reachable: true,
          protocol: 'icmp',
        },
        when,
      )
    expect(outcome(want({ kind: 'at', at: 7 * SECOND }))).toBe('open')
    expect(outcome(want({ kind: 'at', at: 2.8 * SECOND }))).toBe('ok')
    expect(outcome(want({ kind: 'end' }))).toBe('open')
    // The last instant itself is incomplete.
    expect(outcome(want({ kind: 'at', at: END }))).toBe('open')
  })

  it('ranges beyond it are decided only by what was seen', () => {
    expect(outcome(wantRoute(span('always', 0, 9)))).toBe('failed')
    expect(outcome(wantRoute(span('always', 2, 9)))).toBe('open')
    expect(outcome(wantRoute(span('always', 5, 9)))).toBe('open')
    expect(outcome(wantRoute(span('always', 2, 2.5)))).toBe('ok')
    expect(outcome(wantRoute(span('within', 1, 9)))).toBe('ok')
    expect(outcome(wantRoute(span('within', 5, 9)))).toBe('open')
    expect(outcome(wantRoute(span('within', 1.2, 1.8)))).toBe('failed')
    expect(outcome(wantRoute(span('never', 1, 9)))).toBe('failed')
    const gone = STATES.slice(0, 2)
    expect(outcome(wantRoute(span('within', 1, 9)), { states: gone })).toBe('open')
    expect(outcome(wantRoute(span('never', 1, 9)), { states: gone })).toBe('open')
    expect(outcome(wantRoute(span('never', 1, 2)), { states: gone })).toBe('ok')
  })

  it('is never contradicted by how the run goes on (against the whole run)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 20, maxLength: 20 }),
        fc.constantFrom('within' as const, 'always' as const, 'never' as const),
        fc.nat(19),
        fc.nat(19),
        fc.nat(19),
        (values, kind, a, b, end) => {
          const moments = values.map((ok, at) => ({ at, ok }))
          const when = { kind, from: Math.min(a, b), to: Math.max(a, b) }
          const ask = (upTo: number, cut: boolean) =>
            overTime(
              when,
              { end: upTo, cut },
              moments.filter(({ at }) => at <= upTo),
              ({ ok }) => ({ ok, fact: '' }),
            )
          const early = ask(end, true)
          if (early.notReached) expect(when.to).toBeGreaterThanOrEqual(end)
          else expect(early.ok).toBe(ask(19, false).ok)
        },
      ),
    )
  })

  it('a refused transaction is known at once, that there is none only at the end', () => {
    const log = [{ at: SECOND, source: 'ovn-ic az1', kind: 'refused', text: 'Route: no' }] as const
    const want = (present: boolean, when?: When) =>
      expecting({ kind: 'refused', cluster: 'az1', present }, when)
    expect(outcome(want(true), { log })).toBe('ok')
    expect(outcome(want(false), { log })).toBe('failed')
    expect(outcome(want(false))).toBe('open')
    expect(outcome(want(true))).toBe('open')
    expect(outcome(want(false, { kind: 'at', at: 2 * SECOND }))).toBe('ok')
    expect(outcome(want(false, span('never', 2, 9)), { log })).toBe('open')
  })

  it('zones in the IC Southbound', () => {
    const snapshots = new Map([['start', databasesOf({}, { Availability_Zone: { 1: { name: 'az1' } } })]])
    const want = (when: When) => expecting({ kind: 'az', name: 'az1', present: true }, when)
    expect(outcome(want({ kind: 'at', at: SECOND }), { snapshots })).toBe('ok')
    expect(outcome(want({ kind: 'end' }), { snapshots })).toBe('open')
  })

  it('ended in its bring-up it shows nothing at all', () => {
    const log = [{ at: -SECOND, source: 'ovn-ic az1', kind: 'refused', text: 'no' }] as const
    const none = { kind: 'refused', cluster: 'az1', present: true } as const
    for (const wanted of [
      wantRoute({ kind: 'at', at: 0 }),
      expecting(none, { kind: 'at', at: 0 }),
      expecting({ kind: 'loss', traffic: 'steady', packetsAtMost: 0 }),
    ])
      expect(
        judge(observed({ states: [], end: 18 * SECOND, log, traffic: [] }), [wanted], () =>
          traceOf(DELIVERED),
        )[0],
      ).toMatchObject({ ok: false, notReached: true, detail: 'not reached: the run ended before time zero.' })
  })
})

/** A ping of which only the first requests were sent; those that are not in `answered` have no reply. */
function cutTo(whole: TrafficResult, sent: number, answered = sent): TrafficResult {
  const received = whole.received.slice(0, answered)
  return {
    ...whole,
    sent,
    received,
    lost: Array.from({ length: sent - answered }, (_, i) => answered + i + 1),
    sentAt: whole.sentAt.slice(0, sent),
    replyTtls: answered > 0 ? whole.replyTtls : [],
    gaps: [],
  }
}

describe('traffic in a run that a limit ended', () => {
  const loss = (when?: When) => expecting({ kind: 'loss', traffic: 'steady', packetsAtMost: 5 }, when)
  const run = (result: TrafficResult, end = END) => ({ traffic: [result], end })

  it('loss is open while requests are to be sent or may still be answered', () => {
    expect(outcome(loss(), run(cutTo(pingResult([]), 3)))).toBe('open')
    const later = { ...pingResult([]).traffic, at: 5 * SECOND }
    expect(outcome(loss(), run({ ...cutTo(pingResult([]), 0), traffic: later }))).toBe('open')
    const almost = judge(
      observed({ states: STATES, end: 9.5 * SECOND, traffic: [pingResult([10])] }),
      [loss()],
      () => traceOf(DELIVERED),
    )
    expect(almost[0]).toMatchObject({ ok: false, notReached: true })
  })

  it('loss is judged once everything is answered, or the wait for the last reply is over', () => {
    const answered = pingResult([])
    expect(outcome(loss(), run(answered, 9.5 * SECOND))).toBe('ok')
    const short = { ...answered.traffic, count: 2, wait: SECOND / 2 } as Traffic
    expect(outcome(loss(), run({ ...cutTo(answered, 2, 1), traffic: short }))).toBe('ok')
  })

  it('loss inside an interval is open only for what it asks about', () => {
    const result = cutTo(pingResult([]), 3, 2)
    expect(outcome(loss(span('always', 0, 1.5)), run(result))).toBe('ok')
    expect(outcome(loss(span('always', 0, 2.5)), run(result))).toBe('open')
    expect(outcome(loss(span('always', 0, 8)), run(result))).toBe('open')
  })

  it('a run that ends as planned cuts traffic off on purpose', () => {
    expect(
      outcome(loss(), { ...run(cutTo(pingResult([]), 3)), scenario: { ...scenarioOf(), duration: END } }),
    ).toBe('ok')
  })

  it('TTLs and ICMP errors that were seen count, their absence does not', () => {
    const some = cutTo(pingResult([]), 3)
    const ttl = (value: number) => expecting({ kind: 'reply-ttl', traffic: 'steady', ttl: value })
    expect(outcome(ttl(62), run(some))).toBe('open')
    expect(outcome(ttl(61), run(some))).toBe('failed')
    const error = {
      from: '10.16.0.1',
      type: 3,
      code: 4,
      ttl: 254,
      mtu: 1300,
      quotedLength: 534,
      quotedTtl: 63,
      count: 2,
    }
    const wanted = expecting({ kind: 'icmp-error', traffic: 'steady', type: 3 })
    expect(outcome(wanted, run({ ...some, icmpErrors: [error] }))).toBe('ok')
    expect(outcome(wanted, run(some))).toBe('open')
  })

  it('a traceroute is over when it has arrived and every hop has answered or was waited for', () => {
    const base = pingResult([]).traffic
    const { name, at, from, to, address } = base
    const traffic: Traffic = {
      kind: 'traceroute',
      name,
      at,
      from,
      to,
      address: address ?? ip('10.17.0.10'),
      mode: 'icmp',
      maxTtl: 3,
      wait: SECOND,
    }
    const hop = (kind: 'time-exceeded' | 'reply') => ({ from: '10.16.0.1', kind, ttl: 254, rtt: 1 }) as const
    const traced = (hops: TrafficResult['hops'], lastSent: number): TrafficResult => ({
      ...cutTo(pingResult([]), hops.length),
      traffic,
      hops,
      sentAt: hops.map(() => lastSent * SECOND),
    })
    const wanted = expecting({ kind: 'hops', traffic: 'steady', hops: ['10.16.0.1', '10.16.0.1'] })
    const exceeded = hop('time-exceeded')
    expect(outcome(wanted, run(traced([exceeded, hop('reply')], 2)))).toBe('ok')
    expect(outcome(wanted, run(traced([exceeded, exceeded], 2)))).toBe('open')
    expect(outcome(wanted, run(traced([undefined, hop('reply')], 2)))).toBe('open')
    expect(outcome(wanted, run(traced([undefined, hop('reply')], 1)))).toBe('failed')
    expect(outcome(wanted, run(traced([exceeded, exceeded, exceeded], 2)))).toBe('failed')
  })

  it('TCP is over when it has succeeded, has failed, or its timeout has passed', () => {
    const { name, at, from, to, address } = pingResult([]).traffic
    const traffic = (timeout: number): Traffic => ({
      kind: 'tcp',
      name,
      at,
      from,
      to,
      address,
      bytes: 100,
      sourcePort: 40000,
      destinationPort: 80,
      timeout,
    })
    const silent = { ...cutTo(pingResult([]), 1, 0), traffic: traffic(5 * SECOND) }
    expect(outcome(loss(), run(silent))).toBe('open')
    expect(outcome(loss(), run({ ...silent, localErrors: [{ error: 'ECONNREFUSED', count: 1 }] }))).toBe('ok')
    expect(outcome(loss(), run({ ...silent, received: [1], lost: [] }))).toBe('ok')
    expect(outcome(loss(), run({ ...silent, traffic: traffic(SECOND) }))).toBe('ok')
  })

  it('a sender that does not exist is a failure all the same', () => {
    const nobody = { ...cutTo(pingResult([]), 0), localErrors: [{ error: 'no such pod', count: 1 }] }
    expect(outcome(loss(), run(nobody))).toBe('failed')
  })
})

it('a time after the planned end stays open as well', () => {
  const run = { end: END, states: STATES, scenario: { ...scenarioOf(), duration: END } }
  expect(outcome(wantRoute({ kind: 'at', at: 7 * SECOND }), run)).toBe('open')
  expect(outcome(wantRoute({ kind: 'end' }), run)).toBe('ok')
  expect(outcome(wantRoute({ kind: 'at', at: END }), run)).toBe('ok')
})

it('the verdict: a failure that was seen counts more than a limit', () => {
  const expectation = wantRoute()
  const open = { expectation, ok: false, detail: '', notReached: true } as const
  const failed = { expectation, ok: false, detail: '' }
  const verdict = (expectations: readonly (typeof open | typeof failed)[], inconclusive?: string) =>
    verdictOf({ ok: false, expectations, diagnostics: [], inconclusive })
  expect(verdict([open], 'a limit')).toBe('inconclusive')
  expect(verdict([], 'a limit')).toBe('inconclusive')
  expect(verdict([open, failed], 'a limit')).toBe('fail')
  expect(verdict([open])).toBe('fail')
  const diagnostics = [{ code: 'RUN001', severity: 'error', message: '' }] as const
  expect(verdictOf({ ok: false, expectations: [], diagnostics, inconclusive: 'a limit' })).toBe('fail')
  expect(verdictOf({ ok: true, expectations: [], diagnostics: [], inconclusive: undefined })).toBe('pass')
})
