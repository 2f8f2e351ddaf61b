/** What `conform` reports: files in full, random scenarios that agree in a line, and a summary of the seeds. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { conformData, conformJunit, renderConform } from '../../src/report/conform.ts'
import type { Comparison } from '../../src/run/conform/compare.ts'
import type { Judged } from '../../src/run/conform/judged.ts'
import { scenarioOf } from '../verify/fixtures.ts'

function judged(name: string, verdict: Judged['verdict'], random: Judged['random'] = undefined): Judged {
  const differs = verdict !== 'agree'
  const comparison: Comparison = {
    aspect: 'routes',
    what: 'start az1',
    real: '1 rows',
    model: differs ? '2 rows' : '1 rows',
    verdict: differs ? 'differ' : 'agree',
    differences: differs ? ['only the model: <10.0.0.0/8>'] : [],
  }
  return {
    report: {
      scenario: { ...scenarioOf(), name, file: `${name}.yaml` },
      ok: !differs,
      comparisons: [comparison],
      firstPacket: undefined,
      settled: { ok: true, after: 3_250_000_000 },
      notCarriedOut: [],
    },
    verdict,
    random,
  }
}

const plain = (seed: number): Judged => judged(`random ${seed}`, 'agree', { seed, regression: undefined })
const shrunk = judged('random 9', 'differ', {
  seed: 9,
  regression: { file: 'scenarios/regressions/random-9-routes.yaml', runs: 31, isMinimal: true },
})
const cut = judged('random 10', 'differ', {
  seed: 10,
  regression: { file: 'r/random-10-routes.yaml', runs: 60, isMinimal: false },
})
const shaky = judged('random 11', 'unstable', { seed: 11, regression: undefined })

describe('the text', () => {
  it('says in one line what became of the seeds, and names the files', () => {
    const text = renderConform([plain(7), plain(8), shrunk, cut, shaky])
    expect(text.split('\n').at(-2)).toBe(
      '5 random scenarios, seeds 7..11: 2 agree, 2 differ (scenarios/regressions/random-9-routes.yaml, r/random-10-routes.yaml), 1 unstable (seed 11)',
    )
    expect(text).toContain('AGREE random 7: 1 aspects\nAGREE random 8: 1 aspects\n\nrandom 9\n')
    expect(text).toContain(
      'DIFFER random 9: 1 of 1 aspects; shrunk in 31 runs: scenarios/regressions/random-9-routes.yaml\n',
    )
    expect(text).toContain('shrunk in 60 runs, which was all that was allowed: r/random-10-routes.yaml\n')
    expect(text).toContain('UNSTABLE random 11: 1 of 1 aspects differed, and agreed when it was run again\n')
  })

  it('names the seed where nothing was shrunk', () => {
    const one = judged('random 9', 'differ', { seed: 9, regression: undefined })
    expect(renderConform([one]).split('\n').at(-2)).toBe(
      '1 random scenario, seed 9: 0 agree, 1 differs (seed 9), 0 unstable',
    )
  })

  it('shows every comparison of a file, and no seeds where there are none', () => {
    const text = renderConform([judged('mine', 'agree'), judged('other', 'differ')])
    expect(text).toContain('mine.yaml, OVN in a lab against profile ovn-23.03, lab at rest after 3.3 s')
    expect(text).toContain('only the model: <10.0.0.0/8>')
    expect(text.split('\n').at(-2)).toBe('1 of 2 scenarios agree')
    expect(text).not.toContain('random')
  })
})

describe('the data', () => {
  it('carries verdict, seed and file; a random scenario that is unstable is not ok', () => {
    const { ok, scenarios } = conformData([plain(7), shrunk, shaky, judged('mine', 'agree')])
    expect(ok).toBe(false)
    expect(scenarios.map(({ verdict, seed, regression }) => ({ verdict, seed, regression }))).toEqual([
      { verdict: 'agree', seed: 7, regression: null },
      { verdict: 'differ', seed: 9, regression: shrunk.random!.regression },
      { verdict: 'unstable', seed: 11, regression: null },
      { verdict: 'agree', seed: null, regression: null },
    ])
    expect(conformData([plain(7)]).ok).toBe(true)
  })

  it('names what was not compared; a lab that could not be built is not ok, one that was left out is no fault', () => {
    const left = ['the lab cannot run a.yaml']
    expect(conformData([plain(7)], { left, broken: [] })).toMatchObject({
      ok: true,
      leftOut: left,
      broken: [],
    })
    const broken = ['b: ovsdb-tool: no space']
    expect(conformData([plain(7)], { left: [], broken })).toMatchObject({ ok: false, leftOut: [], broken })
  })
})

/** Where xmllint is installed (libxml2-utils; test/report/structured.test.ts says so). */
function expectStrictJunit(input: string): void {
  if (spawnSync('xmllint', ['--version']).error !== undefined) return
  const { stderr } = spawnSync(
    'xmllint',
    ['--noout', '--relaxng', join(import.meta.dirname, 'junit.rng'), '-'],
    { input, encoding: 'utf8' },
  )
  expect(stderr).toBe('- validates\n')
}

describe('JUnit', () => {
  it('has an error for a lab that could not be built, and skips what was left out', () => {
    const xml = conformJunit([plain(7)], { left: ['<a>'], broken: ['b: no space'] })
    expect(xml).toContain('<testsuites name="isthmus conform" tests="3" failures="0" errors="1">')
    expect(xml).toContain('<testsuite name="not compared" tests="2" failures="0" errors="1" skipped="1">')
    expect(xml).toContain('<skipped message="&lt;a&gt;"/>')
    expect(xml).toContain('<error message="b: no space"/>')
    expect(conformJunit([plain(7)])).not.toContain('not compared')
    expectStrictJunit(xml)
  })

  it('fails what differs, and skips with the reason what is unstable', () => {
    const xml = conformJunit([shrunk, shaky])
    expect(xml).toContain('<testsuites name="isthmus conform" tests="2" failures="1" errors="0">')
    expect(xml).toContain('<testsuite name="random 9" tests="1" failures="1" errors="0" skipped="0" file=')
    expect(xml).toContain('only the model: &lt;10.0.0.0/8&gt;')
    expect(xml).toContain('<testsuite name="random 11" tests="1" failures="0" errors="0" skipped="1" file=')
    expect(xml).toContain('unstable: it agreed when it was run again')
    expectStrictJunit(xml)
  })
})
