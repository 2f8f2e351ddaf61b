import { describe, expect, it } from 'vitest'
import type { RouteFlow } from '../../src/model/forwarding.ts'
import type { Cluster } from '../../src/model/network.ts'
import type { RunResult } from '../../src/model/observation.ts'
import type { Crossed } from '../../src/run/conform/chains.ts'
import { flowTexts } from '../../src/run/conform/compare/routing.ts'
import { type Comparison, compareAll } from '../../src/run/conform/compare.ts'
import { orderOf } from '../../src/run/conform/conform.ts'
import { leftOut } from '../../src/run/lab-figures.ts'
import { ip, prefix, scenarioOf } from '../verify/fixtures.ts'

describe('the order of ECMP members (EC-1)', () => {
  it('is that of the highest group of a prefix: a learned network above a learned static route, whichever was read first', () => {
    const group = (priority: number, nexthops: readonly string[]): RouteFlow =>
      ({
        priority,
        prefix: prefix('10.17.0.0/16'),
        action: { kind: 'ecmp', members: nexthops.map((text) => ({ nexthop: ip(text) })) },
      }) as unknown as RouteFlow
    const network = group(50, ['169.254.101.42', '169.254.100.42'])
    const fixed = group(49, ['169.254.100.42', '169.254.101.42'])
    for (const routes of [
      [network, fixed],
      [fixed, network],
    ]) {
      const datapaths = new Map([[1, { kind: 'router', routes }]])
      const chassis = new Map([['az1/gw', { cluster: 'az1', view: { datapaths } }]])
      const run = { states: [{ chassis }] } as unknown as RunResult
      expect(orderOf({ id: 'az1', ecmpOrder: {} } as unknown as Cluster, run)).toEqual({
        '10.17.0.0/16': ['169.254.101.42', '169.254.100.42'],
      })
    }
  })
})

describe('PL-1: numbers of route tables are chance', () => {
  const flow = (number: number | undefined, text: string): RouteFlow => ({
    priority: 49,
    routeTable: number,
    kind: 'dst',
    prefix: prefix(text),
    inport: undefined,
    origin: 'static',
    action: { kind: 'drop' },
  })
  const texts = (blue: number, red: number, swapped = false): string[] =>
    flowTexts({
      routes: [flow(0, '10.0.0.0/8'), flow(swapped ? red : blue, '10.1.0.0/16'), flow(red, '10.2.0.0/16')],
      policies: [],
    }).sort()

  it('tables that differ in nothing but their number are the same', () => {
    expect(texts(1, 2)).toEqual(texts(2, 1))
  })

  it('a route in another table is another route', () => {
    expect(texts(1, 2)).not.toEqual(texts(1, 2, true))
  })
})

describe('what is not compared', () => {
  const scenario = scenarioOf()
  const run = (more: object): RunResult =>
    ({
      scenario,
      states: [],
      snapshots: new Map(),
      traffic: [],
      drops: [],
      settled: { ok: true, after: 0 },
      ...more,
    }) as unknown as RunResult
  const crossed = (more: Partial<Crossed> = {}): Crossed => ({ chains: [], neighbourMessages: [], ...more })
  const compared = (real: RunResult, model: RunResult, realCrossed: Crossed, modelCrossed: Crossed) =>
    compareAll({
      real: { result: real, packets: [], routeLists: new Map(), leftOut: leftOut(scenario, true) },
      model,
      realCrossed,
      modelCrossed,
      routeList: () => '',
      outages: undefined,
      tolerance: 0,
    })
  const verdicts = (rows: readonly Comparison[], aspect: Comparison['aspect']) =>
    rows.filter((one) => one.aspect === aspect).map(({ verdict }) => verdict)

  it('RT-12: who is asked for its MAC where packets have no certain way', () => {
    const asked = crossed({ neighbourMessages: ['gw>w arp 10.16.0.1 asks for 10.16.0.10'] })
    const uncertain = run({ drops: [{ drop: { kind: 'undefined' } }] })
    expect(verdicts(compared(run({}), uncertain, asked, crossed()), 'neighbours')).toEqual(['undefined'])
    expect(verdicts(compared(run({}), run({}), asked, crossed()), 'neighbours')).toEqual(['differ'])
  })

  it('probes of a traceroute beyond its destination, which leave when the answer is slow', () => {
    const traffic = { kind: 'traceroute', name: 'path', from: { cluster: 'az1', pod: 'a' } }
    const hops = [1, 2, 3].map((n) => ({ from: `10.0.0.${n}`, kind: 'reply', ttl: 64 }))
    const traced = run({ traffic: [{ traffic, hops, lost: [], sentAt: [0] }] })
    const sent = (ttl: number): Crossed['chains'][number] => ({
      probe: 'path',
      dir: 'request',
      seq: undefined,
      hops: [
        {
          text: `a>b ttl 64 | m>n 10.16.0.10>10.17.0.10 ttl ${ttl - 1} df`,
          bytes: new Uint8Array(),
          from: 'a',
          to: 'b',
        },
      ],
    })
    const upTo = (last: number): Crossed =>
      crossed({ chains: [2, 3, 4].filter((ttl) => ttl <= last).map(sent) })
    expect(verdicts(compared(traced, traced, upTo(4), upTo(3)), 'underlay')).toEqual(['agree'])
    expect(verdicts(compared(traced, traced, upTo(3), upTo(2)), 'underlay')).toEqual(['differ'])
  })
})
