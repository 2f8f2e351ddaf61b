import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Expectation, When } from '../../src/model/expectation.ts'
import type { ForwardingState, PolicyFlow, RouteFlow } from '../../src/model/forwarding.ts'
import { judge, type Observed } from '../../src/verify/expectations.ts'
import { overTime } from '../../src/verify/moments.ts'
import type { TraceFunction } from '../../src/verify/reach.ts'
import { databasesOf } from '../report/snapshots.ts'
import {
  chassis,
  DELIVERED,
  drop,
  expecting,
  ip,
  observed,
  pingResult,
  pod,
  prefix,
  route,
  SECOND,
  scenarioOf,
  selector,
  state,
  traceOf,
  viewOf,
} from './fixtures.ts'

const never: TraceFunction = () => {
  throw new Error('no trace is needed for this expectation')
}

function one(
  run: Partial<Observed>,
  wanted: Expectation,
  trace: TraceFunction = never,
): { ok: boolean; detail: string } {
  const [result] = judge(observed(run), [wanted], trace)
  return { ok: result!.ok, detail: result!.detail }
}

const withRoutes = (at: number, ...routes: RouteFlow[]): ForwardingState =>
  state(at, chassis('az1', 'w1', viewOf('az1', routes)))

const wantRoute = (more: Partial<Extract<Expectation, { kind: 'route' }>> = {}, when?: When) =>
  expecting({ kind: 'route', cluster: 'az1', prefix: prefix('10.17.0.0/16'), present: true, ...more }, when)

describe('time operators', () => {
  it('a state holds from its time until the next one begins', () => {
    const states = [
      withRoutes(0),
      withRoutes(2 * SECOND, route('10.17.0.0/16', '169.254.100.42')),
      withRoutes(4 * SECOND),
    ]
    const at = (time: number) => one({ states }, wantRoute({}, { kind: 'at', at: time })).ok
    expect([0, 1.9, 2, 3.999, 4, 9].map((time) => at(time * SECOND))).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ])
  })

  it('within, always and never look at the state in force at the start of their interval too', () => {
    const states = [withRoutes(0, route('10.17.0.0/16', '169.254.100.42')), withRoutes(2 * SECOND)]
    const ask = (kind: 'within' | 'always' | 'never', from: number, to: number) =>
      one({ states }, wantRoute({}, { kind, from: from * SECOND, to: to * SECOND }))
    expect(ask('within', 1, 5).ok).toBe(true)
    expect(ask('within', 2, 5)).toEqual({
      ok: false,
      detail: 'at no time from 2s to 5s; at the end of it no route to 10.17.0.0/16 in az1.',
    })
    expect(ask('always', 0, 1).ok).toBe(true)
    expect(ask('always', 0, 5)).toEqual({ ok: false, detail: 'at 2s: no route to 10.17.0.0/16 in az1.' })
    expect(ask('never', 2, 5).ok).toBe(true)
    expect(ask('never', 1, 5)).toEqual({
      ok: false,
      detail: 'at 1s: az1 has 10.17.0.0/16 via 169.254.100.42 (learned).',
    })
  })

  it('agrees with asking at every instant (slow twin)', () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 63 }), fc.nat(20), fc.nat(20), (starts, bits, a, b) => {
        const moments = starts.sort((x, y) => x - y).map((at, i) => ({ at, ok: ((bits >> i) & 1) === 1 }))
        const [from, to] = a < b ? [a, b] : [b, a]
        const instants = Array.from({ length: to - from + 1 }, (_, i) => {
          const inForce = moments.filter((moment) => moment.at <= from + i)
          return (inForce.at(-1) ?? moments[0]!).ok
        })
        const first = moments[0]!
        if (first.at > from) return
        const ask = (kind: 'within' | 'always' | 'never') =>
          overTime({ kind, from, to }, { end: 100, cut: false }, moments, ({ ok }) => ({ ok, fact: '' })).ok
        expect(ask('within')).toBe(instants.some((ok) => ok))
        expect(ask('always')).toBe(instants.every((ok) => ok))
        expect(ask('never')).toBe(!instants.some((ok) => ok))
      }),
    )
  })

  it('a run without any state proves nothing', () => {
    expect(one({ states: [] }, wantRoute({}, { kind: 'never', from: 0, to: SECOND })).ok).toBe(false)
  })
})

describe('route', () => {
  const learned = route('10.17.0.0/16', '169.254.100.42')

  it('names the nearest route when there is none', () => {
    const states = [
      withRoutes(
        0,
        route('0.0.0.0/0', '100.64.0.1'),
        route('10.0.0.0/9', '1.1.1.1'),
        route('10.17.0.0/24', '169.254.100.42'),
        route('192.168.0.0/16', '1.1.1.2'),
      ),
    ]
    expect(one({ states }, wantRoute())).toEqual({
      ok: false,
      detail: 'no route to 10.17.0.0/16 in az1; nearest: 10.17.0.0/24 via 169.254.100.42 (learned).',
    })
  })

  it('says which property is wrong', () => {
    const states = [withRoutes(0, { ...learned, origin: 'static' })]
    expect(one({ states }, wantRoute({ learned: true, nexthop: '169.254.100.43', ecmp: 2 })).detail).toBe(
      'az1 has 10.17.0.0/16 via 169.254.100.42 (static), but none was learned and none via 169.254.100.43 and none with 2 nexthops.',
    )
  })

  it('counts the members of an ECMP group and the masked prefix', () => {
    const states = [withRoutes(0, route('10.17.0.0/16', ['169.254.100.42', '169.254.101.42']))]
    expect(one({ states }, wantRoute({ ecmp: 2, prefix: prefix('10.17.0.1/16') })).ok).toBe(true)
    expect(one({ states }, wantRoute({ ecmp: 1 })).ok).toBe(false)
  })

  it('present: false holds when nothing has all the properties', () => {
    const states = [withRoutes(0, learned)]
    expect(one({ states }, wantRoute({ present: false })).ok).toBe(false)
    expect(one({ states }, wantRoute({ present: false, nexthop: '1.1.1.1' })).ok).toBe(true)
  })

  it('PL-1: a route table is found by the port that uses it', () => {
    const states = [withRoutes(0, { ...learned, routeTable: 1 })]
    expect(one({ states }, wantRoute({ routeTable: 'blue-table' })).ok).toBe(true)
    expect(one({ states }, wantRoute({ routeTable: '<main>' })).ok).toBe(false)
    expect(one({ states }, wantRoute({ routeTable: 'unknown' })).ok).toBe(false)
  })

  it('asks a chassis whose ovn-controller runs before one that lags behind', () => {
    const states = [
      state(
        0,
        chassis('az1', 'w1', viewOf('az1', []), { controller: false }),
        chassis('az1', 'w2', viewOf('az1', [learned])),
      ),
    ]
    expect(one({ states }, wantRoute()).ok).toBe(true)
  })

  it('RT-12: equal match and priority with different actions is a tie', () => {
    const own = route('10.17.0.0/16', undefined, { origin: 'connected' })
    const wanted = expecting({
      kind: 'undefined-route',
      cluster: 'az1',
      prefix: prefix('10.17.0.0/16'),
      present: true,
    })
    expect(one({ states: [withRoutes(0, learned, own)] }, wanted)).toEqual({
      ok: true,
      detail:
        'routes to 10.17.0.0/16 in az1 tie at priority 50: 10.17.0.0/16 via 169.254.100.42 (learned) and 10.17.0.0/16 via lrp-default (connected).',
    })
    expect(one({ states: [withRoutes(0, learned, { ...own, priority: 49 })] }, wanted).ok).toBe(false)
    expect(one({ states: [withRoutes(0, learned, { ...own, inport: 'x' })] }, wanted).ok).toBe(false)
    expect(one({ states: [withRoutes(0, learned, learned)] }, wanted).ok).toBe(false)
  })

  it('policies are found by priority and match', () => {
    const policy: PolicyFlow = {
      priority: 29500,
      match: { kind: 'const', value: true },
      text: 'ip4.dst ==  10.17.0.0/16',
      action: { kind: 'allow' },
    }
    const states = [state(0, chassis('az1', 'w1', viewOf('az1', [], [policy])))]
    const wanted = (match: string) =>
      expecting({ kind: 'policy', cluster: 'az1', priority: 29500, match, present: true })
    expect(one({ states }, wanted('ip4.dst == 10.17.0.0/16')).ok).toBe(true)
    expect(one({ states }, wanted('ip4.dst == 10.18.0.0/16'))).toEqual({
      ok: false,
      detail: 'no such policy of priority 29500 in az1; matches of that priority: ip4.dst ==  10.17.0.0/16.',
    })
  })
})

describe('reach', () => {
  const states = [withRoutes(0)]
  const want = (more: Partial<Extract<Expectation, { kind: 'reach' }>> = {}) =>
    expecting({
      kind: 'reach',
      from: selector('az1/a'),
      to: selector('az2/c'),
      quantifier: 'every',
      reachable: true,
      protocol: 'icmp',
      ...more,
    })

  it('needs the packet and its reply', () => {
    expect(one({ states }, want({ ttl: 62, tunnels: 2, via: 'gw1' }), () => traceOf(DELIVERED))).toEqual({
      ok: true,
      detail: 'az1/a -> az2/c (10.17.0.10) is answered, reply TTL 62.',
    })
    const lostReply = traceOf(DELIVERED, drop('not-resident', 'cr-az2-ts is active on az2/gw2'))
    expect(one({ states }, want(), () => lostReply)).toEqual({
      ok: false,
      detail:
        'az1/a -> az2/c (10.17.0.10) arrives; its reply ends: gateway not active here in lr_in_ip_routing of ovn-cluster on az1/w1: cr-az2-ts is active on az2/gw2.',
    })
  })

  it('KO-POL-1: a reply that a policy leads to a node is no reply', () => {
    const led = traceOf(DELIVERED, { kind: 'delivered', port: 'node-n1', ttl: 63 })
    expect(one({ states }, want(), () => led)).toEqual({
      ok: false,
      detail: 'az1/a -> az2/c (10.17.0.10) arrives; its reply is led to node-n1.',
    })
    expect(one({ states }, want({ reachable: false }), () => led).ok).toBe(true)
  })

  it('says what differs from what was wanted', () => {
    expect(
      one({ states }, want({ ttl: 63, tunnels: 3, via: 'az1/gw2' }), () => traceOf(DELIVERED)).detail,
    ).toBe(
      'az1/a -> az2/c (10.17.0.10) is answered, reply TTL 62, but its reply arrives with TTL 62, not 63 and it takes 2 tunnels, not 3 and it goes by az1/w1, az1/gw1, az2/n1, not by az1/gw2.',
    )
  })

  it('a disposition must be met exactly', () => {
    const noRoute = () => traceOf(drop('no-route', 'no route to 10.17.0.10'))
    expect(one({ states }, want({ disposition: 'no-route' }), noRoute).ok).toBe(true)
    expect(one({ states }, want({ disposition: 'policy' }), noRoute)).toEqual({
      ok: false,
      detail:
        'az1/a -> az2/c (10.17.0.10) ends: no route in lr_in_ip_routing of ovn-cluster on az1/w1: no route to 10.17.0.10 instead of dropped by policy.',
    })
    expect(one({ states }, want({ reachable: false }), noRoute).ok).toBe(true)
    expect(one({ states }, want({ reachable: false }), () => traceOf(DELIVERED)).ok).toBe(false)
  })

  it('every and some over pairs of equal family, none to itself', () => {
    const asked: string[] = []
    const onlyA: TraceFunction = (_, { from }) => {
      asked.push(from.pod)
      return from.pod === 'a' ? traceOf(DELIVERED) : traceOf(drop('no-route', 'none'))
    }
    expect(one({ states }, want({ from: selector('*'), to: selector('az1/a') }), onlyA)).toEqual({
      ok: false,
      detail:
        '2 of 2 pairs: az1/b -> az1/a (10.16.0.10) ends: no route in lr_in_ip_routing of ovn-cluster on az1/w1: none; az2/c -> az1/a (10.16.0.10) ends: no route in lr_in_ip_routing of ovn-cluster on az1/w1: none.',
    })
    expect(asked).toEqual(['b', 'c'])
    const toSubnet = want({ from: selector('az1/*'), to: selector('az2/subnet:empty'), quantifier: 'some' })
    expect(one({ states }, toSubnet, onlyA)).toEqual({
      ok: true,
      detail: "az1/a -> router of az2's subnet empty (10.19.0.1) is answered, reply TTL 62.",
    })
  })

  it('fails when a selector means nothing at that time', () => {
    expect(one({ states }, want({ from: selector('az1/zzz') }))).toEqual({
      ok: false,
      detail: 'no pod is az1/zzz.',
    })
    const timeline = [
      { at: SECOND, event: { kind: 'pod-add', cluster: 'az1', pod: pod('late', ['10.16.0.99']) }, text: '' },
      { at: 3 * SECOND, event: { kind: 'pod-delete', cluster: 'az1', pod: 'late' }, text: '' },
    ] as const
    const at = (time: number) => {
      const [result] = judge(
        observed({ states, scenario: scenarioOf(timeline) }),
        [{ ...want({ from: selector('az1/late') }), when: { kind: 'at', at: time * SECOND } } as Expectation],
        () => traceOf(DELIVERED),
      )
      return result!.ok
    }
    expect([0, 2, 4].map(at)).toEqual([false, true, false])
  })
})

describe('traffic', () => {
  const traffic = [pingResult([4, 5, 10])]
  const want = (more: object, when?: When) => expecting({ kind: 'loss', traffic: 'steady', ...more }, when)

  it('loss counts packets and the length of gaps, an open gap to one interval past the last request', () => {
    expect(one({ traffic }, want({ atMost: 3 * SECOND, packetsAtMost: 3 }))).toEqual({
      ok: true,
      detail: '3 of 10 lost, 3s without replies (3s to 5s, 9s to the end).',
    })
    expect(one({ traffic }, want({ atMost: 2.9 * SECOND })).detail).toBe(
      '3 of 10 lost, 3s without replies (3s to 5s, 9s to the end): more than 2.9s.',
    )
    expect(one({ traffic }, want({ packetsAtLeast: 4, atLeast: 4 * SECOND })).detail).toContain(
      'less than 4s and fewer than 4 packets',
    )
  })

  it('loss inside an interval counts what was sent in it', () => {
    expect(
      one({ traffic }, want({ packetsAtMost: 0 }, { kind: 'always', from: 5 * SECOND, to: 8 * SECOND })).ok,
    ).toBe(true)
    expect(one({ traffic }, want({ packetsAtMost: 0 }, { kind: 'always', from: 0, to: 8 * SECOND })).ok).toBe(
      false,
    )
  })

  it('reply TTL, ICMP errors and hops', () => {
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
    const hops = [{ from: '10.16.0.1', kind: 'time-exceeded', ttl: 254, rtt: 1 } as const, undefined]
    const run = { traffic: [pingResult([], { icmpErrors: [error], hops })] }
    expect(one(run, expecting({ kind: 'reply-ttl', traffic: 'steady', ttl: 62 })).ok).toBe(true)
    expect(one(run, expecting({ kind: 'reply-ttl', traffic: 'steady', ttl: 61 })).ok).toBe(false)
    expect(
      one(run, expecting({ kind: 'icmp-error', traffic: 'steady', type: 3, code: 4, mtu: 1300 })).ok,
    ).toBe(true)
    expect(one(run, expecting({ kind: 'icmp-error', traffic: 'steady', from: '10.16.0.2' }))).toEqual({
      ok: false,
      detail: 'ICMP errors: 3/4 from 10.16.0.1 MTU 1300 (2 times).',
    })
    expect(one(run, expecting({ kind: 'hops', traffic: 'steady', hops: ['10.16.0.1', undefined] })).ok).toBe(
      true,
    )
    expect(one(run, expecting({ kind: 'hops', traffic: 'steady', hops: ['10.16.0.1'] })).detail).toBe(
      'hops: 10.16.0.1, *.',
    )
  })

  it('an unknown name is a failure that lists the names', () => {
    expect(one({ traffic }, expecting({ kind: 'reply-ttl', traffic: 'other', ttl: 62 })).detail).toBe(
      'no traffic is called other; there is steady.',
    )
  })
})

describe('control plane', () => {
  const view = viewOf('az1', [])
  const active = { resident: new Set(['az1-ts']) }
  const want = (node: string | undefined) =>
    expecting({ kind: 'gateway', cluster: 'az1', transitSwitch: 'ts', node })

  it('gateway is the one running node on which the redirect port is resident', () => {
    const states = [state(0, chassis('az1', 'gw1', view, active), chassis('az1', 'gw2', view))]
    expect(one({ states }, want('az1/gw1'))).toEqual({ ok: true, detail: 'gw1 is active for cr-az1-ts.' })
    expect(one({ states }, want('gw2')).ok).toBe(false)
    expect(one({ states }, want(undefined)).ok).toBe(false)
  })

  it('HA-11: a node whose controller ended gracefully keeps its flows and no tunnel, and is no gateway', () => {
    const stopped = chassis('az1', 'gw1', view, { ...active, controller: false })
    const states = [state(0, stopped, chassis('az1', 'gw2', view, active))]
    expect(one({ states }, want('gw2')).ok).toBe(true)
    const tunnels = new Map([['gw2', { chassis: 'gw2', remoteIp: ip('192.168.42.2'), bfd: 'up' as const }]])
    const killed = chassis('az1', 'gw1', view, { ...active, controller: false, tunnels })
    expect(one({ states: [state(0, killed, chassis('az1', 'gw2', view))] }, want('gw1')).ok).toBe(true)
  })

  it('HA-7: no gateway, or two at once, is told', () => {
    const dead = [
      state(0, chassis('az1', 'gw1', view, { ...active, vswitchd: false }), chassis('az1', 'gw2', view)),
    ]
    expect(one({ states: dead }, want(undefined))).toEqual({
      ok: true,
      detail: 'no node is active for cr-az1-ts.',
    })
    const both = [state(0, chassis('az1', 'gw1', view, active), chassis('az1', 'gw2', view, active))]
    expect(one({ states: both }, want('gw1'))).toEqual({
      ok: false,
      detail: 'gw1 and gw2 are active for cr-az1-ts.',
    })
  })

  it('refused looks at the whole run, or at an interval', () => {
    const log = [
      { at: 3 * SECOND, source: 'ovn-ic az1', kind: 'refused', text: 'Route: constraint violation' },
    ] as const
    const refused = (cluster: string, when?: When) =>
      expecting({ kind: 'refused', cluster, present: true }, when)
    expect(one({ log }, refused('az1'))).toEqual({
      ok: true,
      detail: 'at 3s ovn-ic az1: Route: constraint violation.',
    })
    expect(one({ log }, refused('az')).ok).toBe(false)
    expect(one({ log }, refused('az1', { kind: 'within', from: 4 * SECOND, to: 5 * SECOND })).ok).toBe(false)
    expect(one({ log }, refused('az1', { kind: 'at', at: 2 * SECOND })).ok).toBe(false)
  })

  it('az is read from the latest snapshot', () => {
    const zones = (...names: string[]) =>
      databasesOf({}, { Availability_Zone: Object.fromEntries(names.map((name, i) => [i + 1, { name }])) })
    const snapshots = new Map([
      ['start', { ...zones('az1', 'az2'), at: 0 }],
      ['end', { ...zones('az1'), at: 10 * SECOND }],
    ])
    const want2 = (present: boolean, when?: When) => expecting({ kind: 'az', name: 'az2', present }, when)
    expect(one({ snapshots }, want2(false)).ok).toBe(true)
    expect(one({ snapshots }, want2(true, { kind: 'at', at: SECOND })).ok).toBe(true)
    expect(one({ snapshots }, want2(true)).detail).toBe('the IC Southbound does not list az2 (it has az1).')
  })
})
