/**
 * Shrinking: what is left still differs, nothing more of it can go, and nobody is asked more often than allowed. The oracle is a
 * predicate on the scenario in place of a lab.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadScenarioText } from '../../../src/input/load.ts'
import type { RawScenario } from '../../../src/input/schema/scenario.ts'
import { randomScenario } from '../../../src/run/conform/random/generate.ts'
import { reductions } from '../../../src/run/conform/shrink/reductions.ts'
import { shrink } from '../../../src/run/conform/shrink/shrink.ts'

function isValid(scenario: RawScenario): boolean {
  return loadScenarioText(JSON.stringify(scenario), 'candidate.yaml').scenario !== undefined
}

/** Shrinks with a predicate for an oracle, and counts how often it was asked. */
async function shrunkBy(seed: number, shows: (scenario: RawScenario) => boolean, budget = 10_000) {
  const asked: RawScenario[] = []
  const result = await shrink(randomScenario(seed), {
    budget,
    isValid,
    differs: async (candidate) => {
      asked.push(candidate)
      return shows(candidate)
    },
  })
  return { ...result, asked }
}

/** A seed whose scenario shows it. */
function seedWith(shows: (scenario: RawScenario) => boolean): number {
  for (let seed = 0; ; seed++) if (shows(randomScenario(seed))) return seed
}

const hasEcmp = ({ clusters }: RawScenario): boolean =>
  Object.values(clusters).some(
    ({ staticRoutes }) => (staticRoutes ?? []).filter(({ ecmp }) => ecmp).length >= 2,
  )
const hasCrash = ({ timeline }: RawScenario): boolean => timeline?.some((one) => 'crash' in one) ?? false
const hasTcp = ({ traffic }: RawScenario): boolean => traffic?.some((one) => 'tcp' in one) ?? false
const hasBlacklist = ({ clusters }: RawScenario): boolean =>
  Object.values(clusters).some(({ options }) => options?.['ic-route-blacklist'] !== undefined)
const needsSix = ({ clusters }: RawScenario): boolean =>
  Object.values(clusters).some(({ pods }) => JSON.stringify(pods ?? {}).includes('fd00:'))

describe('shrinking', () => {
  it.each([
    ['two equal-cost routes', hasEcmp],
    ['a crash', hasCrash],
    ['TCP', hasTcp],
    ['a blacklist and TCP', (scenario: RawScenario) => hasBlacklist(scenario) && hasTcp(scenario)],
    ['a pod with IPv6', needsSix],
  ])('ends at a scenario that shows %s, and of which nothing can go', async (_, shows) => {
    const seed = seedWith(shows)
    const { scenario, isMinimal, asked } = await shrunkBy(seed, shows)
    expect(isMinimal).toBe(true)
    expect(shows(scenario)).toBe(true)
    expect(isValid(scenario)).toBe(true)
    expect(asked.every(isValid)).toBe(true)
    expect(
      reductions(scenario).filter((one) => isSmaller(one, scenario) && isValid(one) && shows(one)),
    ).toEqual([])
    expect(JSON.stringify(scenario).length).toBeLessThan(JSON.stringify(randomScenario(seed)).length / 2)
  })

  it('keeps only what is asked for: of a crash one cluster with one node is left, no traffic and no route', async () => {
    const { scenario } = await shrunkBy(seedWith(hasCrash), hasCrash)
    const [cluster, ...others] = Object.values(scenario.clusters)
    expect(others).toEqual([])
    expect(Object.keys(cluster?.nodes ?? {})).toHaveLength(1)
    expect(scenario.timeline).toHaveLength(1)
    expect(scenario.traffic ?? []).toEqual([])
    expect(cluster?.staticRoutes).toBeUndefined()
  })

  it('of a TCP connection two pods are left, and everything else of the traffic has gone', async () => {
    const { scenario } = await shrunkBy(seedWith(hasTcp), hasTcp)
    expect(scenario.traffic).toHaveLength(1)
    expect(
      Object.values(scenario.clusters).flatMap(({ pods }) => Object.keys(pods ?? {})).length,
    ).toBeLessThanOrEqual(2)
    expect(scenario.timeline).toBeUndefined()
  })

  it('needs few runs: dozens, not hundreds', async () => {
    const { runs } = await shrunkBy(seedWith(hasTcp), hasTcp)
    expect(runs).toBeLessThan(50)
  })

  it('says so when the budget ends it, and what is left still shows it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 8 }), async (budget) => {
        const { scenario, runs, isMinimal, asked } = await shrunkBy(seedWith(hasEcmp), hasEcmp, budget)
        expect({ runs, isMinimal }).toEqual({ runs: budget, isMinimal: false })
        expect(asked).toHaveLength(budget)
        expect(hasEcmp(scenario)).toBe(true)
      }),
      { numRuns: 9 },
    )
  })

  it('asks about no scenario twice', async () => {
    const { asked } = await shrunkBy(seedWith(hasEcmp), hasEcmp)
    const texts = asked.map((one) => JSON.stringify(one))
    expect(new Set(texts).size).toBe(texts.length)
  })

  it('leaves a scenario alone of which everything is needed', async () => {
    const seed = seedWith(hasCrash)
    const whole = JSON.stringify(randomScenario(seed))
    const { scenario, isMinimal } = await shrunkBy(seed, (one) => JSON.stringify(one) === whole)
    expect(isMinimal).toBe(true)
    expect(JSON.stringify(scenario)).toBe(whole)
  })

  it('every reduction is a smaller scenario, whatever it is made from', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), (seed) => {
        const whole = randomScenario(seed)
        for (const one of reductions(whole)) expect(isSmaller(one, whole)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})

function isSmaller(one: RawScenario, other: RawScenario): boolean {
  return JSON.stringify(one).length < JSON.stringify(other).length || weight(one) < weight(other)
}

/** What is written as a number: a smaller one is a smaller scenario. */
function weight({ traffic, interconnect }: RawScenario): number {
  const packets = (traffic ?? []).reduce((sum, one) => sum + ('count' in one ? (one.count ?? 0) : 0), 0)
  return packets + Number(interconnect?.['ovn-ic']?.transitSwitches ?? 0)
}
