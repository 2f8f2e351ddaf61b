// What rules about routes say packets do, held against the simulator: the plan runs, and the one that the rule names acts.

import { describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/input/plan/load.ts'
import { checkPlan } from '../../src/plan/check.ts'
import { planScenario } from '../../src/run/plan-scenario/plan-scenario.ts'
import { stateAt } from '../../src/run/simulate.ts'
import { localSubnets } from '../../src/verify/reachability/offered.ts'
import { reachability } from '../../src/verify/reachability/reachability.ts'
import { nameOf, summarize } from '../../src/verify/reachability/summary.ts'

function answersOf(text: string, code: string) {
  const { plan, diagnostics } = loadPlan(['plan.yaml'], { read: () => text, list: () => undefined })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const { scenario, obstacles } = planScenario(plan!, 'plan')
  expect(obstacles).toEqual([])
  const summary = summarize(reachability(stateAt(scenario!, 0).state), {
    isLocal: localSubnets(scenario!.network),
  })
  return {
    findings: checkPlan(plan!).findings.filter((one) => one.code === code),
    fates: summary.troubles
      .map(
        ({ fate, from, to }) =>
          `${fate}: ${from.map(({ endpoint }) => nameOf(endpoint)).join()} > ${to.map(nameOf).join()}`,
      )
      .sort(),
  }
}

/** True where a packet from one subnet to another meets any trouble. */
const hasTrouble = (fates: readonly string[], from: string, to: string): boolean =>
  fates.some((text) => {
    const [senders = '', owners = ''] = text.replace(/^[^:]*: /, '').split(' > ')
    return senders.split(',').includes(from) && owners.split(',').includes(to)
  })

const plan = (profile: string, az1: string, az2: string): string =>
  `technology: ovn-ic\nprofile: ${profile}\nclusters:\n  az1: { autoRoute: true, gateways: [g], nodes: { g: 192.168.1.1 }, ${az1} }\n  az2: { autoRoute: true, gateways: [h], nodes: { h: 192.168.2.1 }, ${az2} }\n`

describe('IC032, RT-13: a static route for what is learned', () => {
  const given = (profile: string) =>
    answersOf(
      plan(
        profile,
        'pods: 10.1.0.0/16, routes: [{ prefix: 10.2.0.0/16, nexthop: 10.1.0.9 }]',
        'pods: { db: 10.2.0.0/16 }',
      ),
      'IC032',
    )

  it.each(['ovn-23.03', 'kube-ovn-1.14'])('%s: the learned one wins, and everything arrives', (profile) => {
    const { findings, fates } = given(profile)
    expect(findings.map(({ severity, effect }) => [severity, effect])).toEqual([
      ['warning', 'The learned route wins: packets go to az2, and none to 10.1.0.9.'],
    ])
    expect(fates).toEqual([])
  })

  it.each(['kube-ovn-1.15', 'kube-ovn-1.17'])(
    '%s: the static one wins, and nothing arrives (RT-5)',
    (profile) => {
      const { findings, fates } = given(profile)
      expect(findings.map(({ severity, effect }) => [severity, effect])).toEqual([
        ['info', 'The static route wins: packets go to 10.1.0.9, whatever az2 announces.'],
      ])
      expect(fates.join()).toContain('az1/pods > az2/db')
    },
  )

  it('over a transit switch it is no more than a remark', () => {
    const { findings } = answersOf(
      plan(
        'ovn-23.03',
        'pods: 10.1.0.0/16, routes: [{ prefix: 10.2.0.0/16, nexthop: 169.254.100.9 }]',
        'pods: 10.2.0.0/16',
      ),
      'IC032',
    )
    expect(findings.map(({ severity }) => severity)).toEqual(['info'])
  })

  const statics = (az2: string, profile = 'ovn-23.03') =>
    answersOf(
      plan(
        profile,
        'pods: 10.1.0.0/16, routes: [{ prefix: 10.9.0.0/16, nexthop: 10.1.0.9 }]',
        `pods: 10.2.0.0/16, routes: [{ prefix: ${az2}, nexthop: 10.2.0.9 }]`,
      ),
      'IC032',
    )

  it('two spellings of one network tie; the same spelling is not learned (LRN-4)', () => {
    expect(statics('10.9.0.1/16').findings.map(({ severity }) => severity)).toEqual(['error'])
    expect(statics('10.9.0.0/16').findings).toEqual([])
    expect(statics('10.9.0.1/16', 'kube-ovn-1.16').findings).toEqual([])
  })
})

describe('IC033, RT-14 and KO-RM-4: a static route over subnets of others', () => {
  const given = (profile: string, route: string) => {
    const { findings, fates } = answersOf(
      `${plan(
        profile,
        `pods: 10.1.0.0/16, routes: [{ prefix: ${route}, nexthop: 10.1.0.9 }]`,
        'pods: { db: 10.2.0.0/16 }',
      )}  az3: { autoRoute: true, gateways: [k], nodes: { k: 192.168.3.1 }, pods: { web: 10.3.0.0/16 } }\n`,
      'IC033',
    )
    return {
      findings,
      db: hasTrouble(fates, 'az3/web', 'az2/db'),
      web: hasTrouble(fates, 'az2/db', 'az3/web'),
    }
  }

  it.each([
    ['ovn-23.03', '10.2.4.0/24', 'longer prefix wins', true, false],
    ['kube-ovn-1.16', '10.2.4.0/24', 'longer prefix wins', true, false],
    ['kube-ovn-1.17', '10.2.4.0/24', 'announces the subnet no longer', true, false],
    ['kube-ovn-1.16', '10.2.0.0/16', 'undefined', true, false],
    ['kube-ovn-1.17', '10.2.0.0/16', 'announces no longer', true, false],
    ['kube-ovn-1.17', '10.0.0.0/8', 'announces no longer', true, true],
  ])('%s, %s: %s', (profile, route, effect, db, web) => {
    const answers = given(profile, route)
    expect(answers.findings.map(({ severity }) => severity)).toEqual(['error'])
    expect(answers.findings[0]!.effect).toContain(effect)
    expect([answers.db, answers.web]).toEqual([db, web])
  })

  it.each([
    ['ovn-23.03', '10.2.0.0/16'],
    ['ovn-23.03', '10.0.0.0/8'],
    ['kube-ovn-1.16', '10.0.0.0/8'],
    ['kube-ovn-1.17', '172.20.0.0/16'],
  ])('%s, %s: nothing is lost, and nothing said', (profile, route) => {
    expect(given(profile, route)).toEqual({ findings: [], db: false, web: false })
  })
})

describe('IC022, KO-RM-4: a subnet that is not announced against what is learned', () => {
  const given = (profile: string) =>
    answersOf(
      plan(
        profile,
        'pods: { a: 10.1.0.0/16, t: { cidr: 10.2.3.0/24, vpc: tenant } }',
        'pods: { db: 10.2.0.0/16 }',
      ),
      'IC022',
    )
  it('from 1.17 on the cluster has no route to the peer', () => {
    const { findings, fates } = given('kube-ovn-1.17')
    expect(findings.map(({ severity }) => severity)).toEqual(['error'])
    expect(hasTrouble(fates, 'az1/a', 'az2/db')).toBe(true)
  })

  it('before it has', () => {
    const { findings, fates } = given('kube-ovn-1.16')
    expect(findings).toEqual([])
    expect(hasTrouble(fates, 'az1/a', 'az2/db')).toBe(false)
  })
})

describe('IC001, RT-5 and RT-12: two clusters with one subnet', () => {
  const given = (profile: string) =>
    answersOf(plan(profile, 'pods: { a: 10.1.0.0/16, x: 10.3.0.0/16 }', 'pods: { b: 10.1.0.0/16 }'), 'IC001')

  it('before OVN 25.03 it is undefined who gets a packet', () => {
    const { findings, fates } = given('kube-ovn-1.14')
    expect(findings[0]!.effect).toContain('undefined')
    expect(fates.some((text) => text.startsWith('undefined'))).toBe(true)
  })

  it('from 25.03 on the own subnet wins', () => {
    const { findings, fates } = given('kube-ovn-1.16')
    expect(findings[0]!.effect).toContain('The own route wins')
    expect(fates.filter((text) => text.startsWith('undefined'))).toEqual([])
    expect(fates.some((text) => text.startsWith('captured'))).toBe(true)
  })
})
