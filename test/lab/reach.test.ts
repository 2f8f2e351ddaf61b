/** What is sent for `reach` expectations, and how answers become findings. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LabObservations } from '../../src/lab/lab.ts'
import type { Expectation } from '../../src/model/expectation.ts'
import { MILLISECOND, SECOND } from '../../src/model/time.ts'
import { type Asked, judgeReachOfLab, planReach } from '../../src/run/lab-reach.ts'
import { evidenceOf, underlayMtu } from '../../src/run/lab-trace.ts'
import { smallScenario } from './scenario.ts'

type Reach = Extract<Expectation, { kind: 'reach' }>

function plan(expectation: string, more = ''): Asked {
  const scenario = smallScenario(`duration: 10s\n${more}expect:\n  - ${expectation}\n`)
  const found = planReach(scenario.expectations[0] as Reach, 0, scenario)
  if ('reason' in found) throw new Error(found.reason)
  return found
}

describe('what is sent', () => {
  it('one ping per pair at one moment, with a question to the switches there and back', () => {
    const { moments, every, probes, inquiries } = plan('{ reach: "*/* -> */*", at: 2s }')
    expect({ moments, every }).toEqual({ moments: [2 * SECOND], every: undefined })
    expect(probes.map(({ traffic, count }) => [traffic.kind, traffic.at, count])).toEqual([
      ['ping', 2 * SECOND, 1],
      ['ping', 2 * SECOND, 1],
    ])
    expect(inquiries.map(({ at, there, back }) => [at, there.lsp, back?.lsp, back?.reply])).toEqual([
      [2 * SECOND, 'web', 'web', true],
      [2 * SECOND, 'web', 'web', true],
    ])
  })

  it('over a span every 100 ms, without its very end', () => {
    const { moments, every, probes } = plan('{ reach: az1/web -> az2/web, always: [1s, 2s] }')
    expect(every).toBe(100 * MILLISECOND)
    expect(moments).toEqual(Array.from({ length: 10 }, (_, i) => SECOND + i * 100 * MILLISECOND))
    expect(probes.map(({ first, count }) => [first, count])).toEqual([[0, 10]])
  })

  it('connections are made one by one, each from a port of its own', () => {
    const { every, probes } = plan('{ reach: az1/web -> az2/web, protocol: tcp, always: [1s, 3s] }')
    expect(every).toBe(500 * MILLISECOND)
    expect(probes.map(({ first, count, traffic }) => [first, count, traffic.at])).toEqual(
      [0, 1, 2, 3].map((i) => [i, 1, SECOND + i * 500 * MILLISECOND]),
    )
    const ports = probes.map(({ traffic }) => (traffic.kind === 'tcp' ? traffic.sourcePort : 0))
    expect(new Set(ports).size).toBe(4)
  })

  it('a pod that comes during a span asks from then on', () => {
    const more = `timeline:
  - { at: 4s, add: { cluster: az1, pods: { late: { node: az1-w1, ip: 10.16.0.44 } } } }
`
    const { moments, probes } = plan('{ reach: "az1/* -> az2/web", always: [3s, 5s] }', more)
    const late = probes.find(({ sender }) => sender.pod.name === 'late')!
    expect(moments[late.first]).toBe(4 * SECOND)
    expect(late.count).toBe(10)
  })

  it('no expectation sends more than 1000 requests', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (ms) => {
        const scenario = smallScenario(
          'duration: 100s\nexpect:\n  - { reach: "*/* -> */*", always: [0s, 1s] }\n',
        )
        const [wanted] = scenario.expectations
        const span = { ...wanted, when: { kind: 'always', from: 0, to: ms * MILLISECOND } } as Reach
        const found = planReach(span, 0, scenario) as Asked
        const sent = found.probes.reduce((sum, { count }) => sum + count, 0)
        expect(sent).toBeLessThanOrEqual(1000)
        expect(sent).toBe(found.moments.length * 2)
      }),
      { numRuns: 30 },
    )
  })
})

describe('how it is judged', () => {
  /** A lab in which some requests of the only pair are answered with TTL 62, and the others have no route. */
  function judged(answered: readonly boolean[], operator: 'always' | 'within' | 'never') {
    const scenario = smallScenario(
      `duration: 10s\nexpect:\n  - { reach: az1/web -> az2/web, ${operator}: [0s, ${answered.length * 100}ms] }\n`,
    )
    const wanted = scenario.expectations[0] as Reach
    const asked = planReach(wanted, 0, scenario) as Asked
    const [probe] = asked.probes
    const received = answered.flatMap((one, i) => (one ? [i + 1] : []))
    const none = {
      there: {
        hops: [],
        disposition: { kind: 'no-route', where: 'az1/az1-w1', datapath: 'r', stage: 's', reason: 'x' },
      },
    }
    const seen = {
      end: 10 * SECOND,
      log: [],
      states: [],
      snapshots: new Map(),
      traffic: [{ traffic: probe!.traffic, received, replyTtls: [62] }],
      answers: new Map([
        ['reach 0 0', answered.map((one, i) => ({ sentAt: i * 1e8, ttl: one ? 62 : undefined }))],
      ]),
      inquired: new Map(answered.map((_, i) => [`reach 0 0 ${i + 1}`, none])),
      underlay: { sent: [], arrived: [] },
      podPackets: [],
    } as unknown as LabObservations
    return judgeReachOfLab(asked, { scenario, ...seen }, seen, evidenceOf(scenario, seen, []))
  }

  it('as time operators say, whatever was answered', () => {
    const twin = {
      always: (all: readonly boolean[]) => all.every((one) => one),
      within: (all: readonly boolean[]) => all.some((one) => one),
      never: (all: readonly boolean[]) => !all.some((one) => one),
    }
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
        fc.constantFrom('always' as const, 'within' as const, 'never' as const),
        (answered, operator) => {
          expect(judged(answered, operator)).toMatchObject({ ok: twin[operator](answered) })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('the detail names the moment, where the packet ended, and how often was asked', () => {
    const result = judged([true, true, false, true], 'always')
    expect(result).toMatchObject({
      ok: false,
      detail:
        'at 200ms: az1/web -> az2/web (10.17.0.10) ends: no route in s of r on az1/az1-w1: x (asked with ping every 100ms).',
    })
  })
})

describe('the underlay', () => {
  it('takes what its narrowest link takes, WAN and changes of the timeline included', () => {
    const scenario = smallScenario(`underlay:
  mtu: 1500
  nodes: { az1/az1-w1: { mtu: 1450 } }
  wan: { "az1|az2": { mtu: 1400 } }
timeline:
  - { at: 5s, underlay: { nodes: { az1/az1-gw1: { mtu: 1300 } } } }
`)
    const mtu = (at: number, from: string, to: string) => underlayMtu(scenario, at, from, to)
    expect(mtu(0, 'az1/az1-w1', 'az1/az1-gw1')).toBe(1450)
    expect(mtu(0, 'az1/az1-gw1', 'az2/az2-gw1')).toBe(1400)
    expect(mtu(5 * SECOND, 'az2/az2-gw1', 'az1/az1-gw1')).toBe(1300)
    expect(mtu(5 * SECOND, 'az1/az1-w1', 'az2/az2-gw1')).toBe(1400)
  })
})
