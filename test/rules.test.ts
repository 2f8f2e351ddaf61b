/**
 * Every rule that is modelled has a test with its id in the name, no test names a rule that does not exist, and docs/fidelity.md is
 * what the catalogue and the tests say. `UPDATE=1` writes the page anew.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fingerprint, networkName, networkPaths } from './lab/networks.ts'
import { readResults } from './lab/results.ts'
import { DIFFERENCES } from './rules/differences.ts'
import { answerOf, fidelity, names, runsOf } from './rules/fidelity.ts'
import { idsIn, namesIn, testNames } from './rules/scan.ts'
import { RULES } from './rules.ts'

const root = join(import.meta.dirname, '..')
const tests = testNames(import.meta.dirname, root)
const cases = readdirSync(join(import.meta.dirname, 'truth/cases')).map((file) => basename(file, '.json'))

/** Words with a number in test names that are no rules. */
const OTHER_WORDS = new Set(['UTF-8'])

describe('rules and tests', () => {
  const named = new Set(tests.flatMap(({ name }) => idsIn(name)))

  it('every rule that is modelled, if only partly, has a test that names it', () => {
    const bare = RULES.filter(({ id, modelled }) => modelled !== 'no' && !named.has(id)).map(({ id }) => id)
    expect(bare).toEqual([])
  })

  it('no test names a rule that does not exist, or one that is not modelled', () => {
    const known = new Set(RULES.filter(({ modelled }) => modelled !== 'no').map(({ id }) => id))
    const unknown = tests.filter(({ name }) =>
      idsIn(name).some((id) => !known.has(id) && !OTHER_WORDS.has(id)),
    )
    expect(unknown).toEqual([])
  })

  it('ids are unique, and whatever is not wholly modelled says what is missing', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length)
    expect(RULES.filter(({ modelled, missing }) => (modelled === 'yes') !== (missing === undefined))).toEqual(
      [],
    )
  })

  it('every network that a rule names is there, and every case that was made for rules shows one', () => {
    const networks = networkPaths()
    const known = networks.map(networkName)
    const unknown = RULES.flatMap((rule) =>
      rule.cases.filter((name) => !known.some((network) => names({ ...rule, cases: [name] }, network))),
    )
    expect(unknown).toEqual([])
    expect(new Set(known).size, 'names of networks are unique').toBe(known.length)
    const cases = networks.filter((path) => path.startsWith('test/')).map(networkName)
    expect(cases.filter((name) => !RULES.some((rule) => names(rule, name)))).toEqual([])
  })

  it('every rule names a network that asks it of real OVN, or says why none can', () => {
    const silent = RULES.filter(({ cases, unasked }) => cases.length > 0 === (unasked !== undefined))
    expect(silent.map(({ id }) => id)).toEqual([])
  })

  it('names are read out of every form of a test', () => {
    const text = `describe('AZ-1: a', () => { it("b's", f); it.each([['x)', 1]])('RT-1..3: %s', f) })
      describe.each(all.filter((x) => f(x)))('c', f); it.skip('AZ-9', f); test(\`d\`, f); expect(it).toBe('AZ-8')`
    expect(namesIn(text)).toEqual(['AZ-1: a', "b's", 'RT-1..3: %s', 'c', 'd'])
    expect(idsIn('RT-1..3, KO-TS-1 and (IC4-2): kube-ovn-1.16, az1-gw1')).toEqual([
      'RT-1',
      'RT-2',
      'RT-3',
      'KO-TS-1',
      'IC4-2',
    ])
  })
})

describe('results of labs', () => {
  const results = readResults()

  it('every network has been held against real OVN, and every result is of a network', () => {
    // Regressions are written where no lab may be at hand.
    const paths = networkPaths()
    const due = paths.filter((path) => !path.startsWith('scenarios/regressions/'))
    expect(due.filter((path) => results[path] === undefined)).toEqual([])
    expect(Object.keys(results).filter((path) => !paths.includes(path))).toEqual([])
  })

  it('whatever differs has a reason, and reasons are of networks that are there', () => {
    const differing = Object.keys(results).filter((path) => results[path]!.differ > 0)
    expect(differing.filter((path) => DIFFERENCES[path] === undefined)).toEqual([])
    expect(Object.keys(DIFFERENCES).filter((path) => results[path] === undefined)).toEqual([])
  })

  it('a rule differs only where a difference says that it concerns it', () => {
    const concerned = Object.values(DIFFERENCES).flatMap(({ concerns }) => concerns)
    expect(concerned.filter((id) => !RULES.some((rule) => rule.id === id))).toEqual([])
    const runs = runsOf(results, fingerprint)
    const differing = RULES.filter((rule) => answerOf(rule, runs) === 'differs').map(({ id }) => id)
    expect(differing.filter((id) => !concerned.includes(id))).toEqual([])
  })
})

describe('docs/fidelity.md', () => {
  it('is what catalogue, tests and results say', () => {
    const path = join(root, 'docs/fidelity.md')
    const text = fidelity(tests, runsOf(readResults(), fingerprint), cases.length)
    if (process.env.UPDATE === '1') writeFileSync(path, text)
    expect(readFileSync(path, 'utf8')).toBe(text)
  })
})
