/**
 * Every scenario of the gallery: it loads without a remark, ends, and holds what it says. That its statements can fail is asked as
 * well: a scenario without its timeline, or under a version that behaves otherwise, must not pass.
 */
import { readFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { scenarioFiles } from '../../src/cli/files.ts'
import { type LoadOptions, loadScenario } from '../../src/input/load.ts'
import type { RunResult } from '../../src/model/observation.ts'
import type { ProfileName } from '../../src/model/profile.ts'
import type { Scenario } from '../../src/model/scenario.ts'
import { runData } from '../../src/report/run-data.ts'
import { simulate } from '../../src/run/simulate.ts'

const folder = join(import.meta.dirname, '../../scenarios')
// What random scenarios have found says nothing of its own; regressions.test.ts and test/lab hold it.
const files = scenarioFiles([folder]).filter((file) => !file.startsWith(join(folder, 'regressions')))
const names = files.map((file) => relative(folder, file))

function load(name: string, options: LoadOptions = {}): Scenario {
  const { scenario, diagnostics } = loadScenario(join(folder, name), options)
  expect(diagnostics).toEqual([])
  return scenario!
}

function failures(result: RunResult): string[] {
  return result.expectations
    .filter(({ ok }) => !ok)
    .map(({ expectation, detail }) => `${expectation.text}: ${detail}`)
}

/** Whether the scenario says that some route is undefined; only then may a run report one. */
function showsUndefined({ expectations }: Scenario): boolean {
  return expectations.some((one) => one.kind === 'undefined-route' && one.present)
}

describe.each(names)('%s', (name) => {
  const scenario = load(name)
  const result = simulate(scenario)

  it('holds what it says', () => {
    expect(scenario.expectations.length).toBeGreaterThan(3)
    expect(failures(result)).toEqual([])
    expect(result.inconclusive).toBeUndefined()
    expect(result.ok).toBe(true)
  })

  it('reports nothing but the undefined route that it states (RT-12)', () => {
    const remarks = result.diagnostics.map(({ code, severity }) => `${severity} ${code}`)
    expect(remarks.filter((remark) => remark !== 'warning RUN001' || !showsUndefined(scenario))).toEqual([])
  })

  it('gives the same report when it is loaded and run again', () => {
    expect(JSON.stringify(runData([simulate(load(name))]))).toBe(JSON.stringify(runData([result])))
  })

  if (scenario.timeline.length === 0) return
  it('does not hold if nothing happens', () => {
    expect(failures(simulate({ ...scenario, timeline: [] }))).not.toEqual([])
  })
})

/** Scenarios about a version, and versions under which they must not pass. */
const OTHER_VERSIONS: Readonly<Record<string, readonly ProfileName[]>> = {
  'dual-stack': ['kube-ovn-1.12'],
  'dual-stack-blacklist-defect': ['kube-ovn-1.13'],
  'enable-ic-false': ['kube-ovn-1.17'],
  'gw-nodes-edit-1.10': ['kube-ovn-1.13', 'kube-ovn-1.17'],
  'gw-nodes-edit-1.13': ['kube-ovn-1.10', 'kube-ovn-1.17'],
  'gw-nodes-edit-1.16': ['kube-ovn-1.10', 'kube-ovn-1.17'],
  'gw-nodes-edit-1.17': ['kube-ovn-1.10', 'kube-ovn-1.13'],
  'overlap-1.14': ['kube-ovn-1.16', 'kube-ovn-1.17'],
  'overlap-1.16': ['kube-ovn-1.14', 'kube-ovn-1.17'],
  'overlap-1.17': ['kube-ovn-1.14', 'kube-ovn-1.16'],
}

describe.each(Object.entries(OTHER_VERSIONS))('ovn-ic/%s.yaml', (name, versions) => {
  it.each(versions)('does not hold under %s', (profile) => {
    expect(failures(simulate(load(`ovn-ic/${name}.yaml`, { profile })))).not.toEqual([])
  })
})

describe('an undefined route', () => {
  it('RT-12: fails the run when the scenario does not state it', () => {
    const scenario = load('ovn-ic/overlap-1.14.yaml')
    const expectations = scenario.expectations.filter(({ kind }) => kind !== 'undefined-route')
    const result = simulate({ ...scenario, expectations })
    expect(failures(result)).toEqual([])
    expect(result.diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['error RUN001'])
    expect(result.ok).toBe(false)
  })
})

describe('the timeline', () => {
  it('tells an entry once, also where it comes as several events', () => {
    const told = simulate(load('ovn-ic/ic-db-down.yaml')).log.filter(({ source }) => source === 'timeline')
    expect(told.map(({ text }) => text.split(' ')[0])).toEqual(['stop:', 'add:', 'start:'])
  })
})

describe('the gallery', () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')

  it('is listed in scenarios/README.md, every file and no other', () => {
    const listed = [...readme.matchAll(/\]\(([\w./-]+\.yaml)\)/g)].map(([, path]) => path!)
    expect([...listed].sort()).toEqual([...names].sort())
  })

  it.each(names.filter((name) => basename(name) !== 'quickstart.yaml'))(
    '%s says what it shows, why, and by which rule',
    (name) => {
      const header = readFileSync(join(folder, name), 'utf8').split('\nisthmus:')[0]!
      expect(header).toMatch(/\b(?:(?:[A-Z]{2,3}\d?|KO-[A-Z]+)-\d+|V\d+|4\.\d+)\b/)
      expect(header).toContain('Must hold:')
    },
  )
})
