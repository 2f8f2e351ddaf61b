/** A trial of a seed, with a lab that says what the test wants. */
import { describe, expect, it } from 'vitest'
import type { Scenario } from '../../../src/model/scenario.ts'
import type { Comparison } from '../../../src/run/conform/compare.ts'
import type { ConformReport } from '../../../src/run/conform/conform.ts'
import { regressionHead, regressionName, trial } from '../../../src/run/conform/random/trial.ts'

const row = (aspect: Comparison['aspect'], verdict: Comparison['verdict']): Comparison => ({
  aspect,
  what: 'somewhere',
  real: '1 row',
  model: '2 rows',
  verdict,
  differences: verdict === 'differ' ? ['only OVN: a\n  b'] : [],
})

/** A lab whose reports differ in the aspects that `differing` gives for a scenario. */
function labThat(differing: (scenario: Scenario, run: number) => readonly Comparison['aspect'][]) {
  const ran: Scenario[] = []
  const run = async (scenario: Scenario): Promise<ConformReport> => {
    ran.push(scenario)
    const wrong = differing(scenario, ran.length)
    return {
      scenario,
      ok: wrong.length === 0,
      comparisons: [row('routes', 'agree'), ...wrong.map((aspect) => row(aspect, 'differ'))],
      firstPacket: undefined,
      settled: { ok: true, after: 0 },
      notCarriedOut: [],
    }
  }
  return { ran, run }
}

describe('a trial', () => {
  it('runs once what agrees', async () => {
    const { ran, run } = labThat(() => [])
    expect(await trial(7, { run, shrinkRuns: 60 })).toMatchObject({
      seed: 7,
      verdict: 'agree',
      shrunk: undefined,
    })
    expect(ran.map(({ name }) => name)).toEqual(['Random scenario 7'])
  })

  it('calls unstable what differs once and then agrees, and shows how it differed', async () => {
    const { ran, run } = labThat((_, n) => (n === 1 ? ['probe'] : []))
    const { verdict, report, shrunk } = await trial(7, { run, shrinkRuns: 60 })
    expect({ verdict, shrunk, runs: ran.length }).toEqual({ verdict: 'unstable', shrunk: undefined, runs: 2 })
    expect(report.ok).toBe(false)
  })

  it('shrinks what differs twice, and reports the smallest', async () => {
    const { ran, run } = labThat(() => ['underlay'])
    const tried = await trial(7, { run, shrinkRuns: 100 })
    expect(tried).toMatchObject({ verdict: 'differ', shrunk: { isMinimal: true, runs: ran.length - 2 } })
    expect(tried.report.scenario.traffic).toEqual([])
    expect(tried.report.scenario.network.clusters).toHaveLength(1)
    expect(regressionName(tried)).toBe('random-7-underlay')
    expect(regressionHead(tried, '23.03.1')).toEqual([
      'Found by isthmus conform --random 1 --seed 7, against OVN 23.03.1.',
      `Shrunk in ${ran.length - 2} runs: nothing can be taken away without the disagreement being lost.`,
      'What differed:',
      '  underlay somewhere',
      '    only OVN: a',
      '      b',
    ])
  })

  it('does not slip from one disagreement to another', async () => {
    const { run } = labThat(({ traffic }) => (traffic.length > 0 ? ['probe'] : ['routes']))
    const { report } = await trial(7, { run, shrinkRuns: 100 })
    expect(report.scenario.traffic.length).toBe(1)
    expect(
      report.comparisons.filter(({ verdict }) => verdict === 'differ').map(({ aspect }) => aspect),
    ).toEqual(['probe'])
  })

  it('says when the budget ended the shrinking', async () => {
    const { ran, run } = labThat(() => ['probe'])
    const tried = await trial(7, { run, shrinkRuns: 2 })
    expect(tried.shrunk).toMatchObject({ isMinimal: false, runs: 2 })
    expect(ran).toHaveLength(4)
    expect(regressionHead(tried, '23.03.1')[1]).toBe(
      'Shrunk in 2 runs, which was all that was allowed: more may be superfluous.',
    )
  })

  it('leaves a disagreement as it is where no shrinking is wanted', async () => {
    const { ran, run } = labThat(() => ['probe'])
    const tried = await trial(7, { run, shrinkRuns: 0 })
    expect(tried).toMatchObject({ verdict: 'differ', shrunk: undefined })
    expect(ran).toHaveLength(2)
  })
})
