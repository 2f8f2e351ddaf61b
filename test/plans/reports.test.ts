// The machine-readable reports: JSON, SARIF, JUnit, GitHub annotations, Markdown; and the command around them.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/input/plan/load.ts'
import { checkPlan } from '../../src/plan/check.ts'
import type { FindingsFormat } from '../../src/report/findings/report.ts'
import { findingsReport } from '../../src/report/findings/report.ts'
import { isthmus } from '../cli/harness.ts'
import { CASES } from './cases.ts'

const OVERLAP =
  'technology: ovn-ic\nclusters:\n  az1: { pods: 10.16.0.0/16, autoRoute: true, gateways: [g1, g2] }\n  az2: { pods: 10.16.0.0/16, autoRoute: true, gateways: [h1] }\n'
const CLEAN =
  'technology: ovn-ic\nclusters:\n  az1: { pods: 10.16.0.0/16, autoRoute: true, gateways: [g1, g2] }\n  az2: { pods: 10.17.0.0/16, autoRoute: true, gateways: [h1, h2] }\n'

function report(format: FindingsFormat, text: string, path = 'plan.yaml'): string {
  const { plan, sources } = loadPlan([path], { read: () => text, list: () => undefined })
  return findingsReport(format, checkPlan(plan!), sources, { ok: false })
}

describe('SARIF 2.1.0', () => {
  // The schema of OASIS is not in the package; these are its requirements for the objects that are written (§3.13 log file, §3.14 run,
  // §3.19 tool component, §3.27 result, §3.28 location, §3.29 physical location, §3.30 region, §3.49 rule).
  // biome-ignore lint/suspicious/noExplicitAny: JSON that is taken apart
  type Json = Record<string, any>
  const texts = Object.values(CASES).flatMap(({ fires }) => (typeof fires === 'string' ? [fires] : []))

  it('the structure that the standard demands, for the findings of every rule', () => {
    for (const text of texts) {
      const log = JSON.parse(report('sarif', text)) as Json
      expect(Object.keys(log).sort()).toEqual(['$schema', 'runs', 'version'])
      expect(log.version).toBe('2.1.0')
      const [run] = log.runs as Json[]
      expect(Object.keys(run!).every((key) => ['tool', 'columnKind', 'results'].includes(key))).toBe(true)
      expect(run!.columnKind).toBe('utf16CodeUnits')
      const { name, rules } = run!.tool.driver
      expect(name).not.toBe('')
      expect(new Set(rules.map((rule: Json) => rule.id)).size).toBe(rules.length)
      for (const rule of rules) {
        expect(Object.keys(rule).sort()).toEqual(['fullDescription', 'help', 'id', 'shortDescription'])
        for (const key of ['fullDescription', 'help', 'shortDescription'])
          expect(rule[key].text.length).toBeGreaterThan(0)
      }
      for (const result of run!.results) {
        expect(rules[result.ruleIndex].id).toBe(result.ruleId)
        expect(['none', 'note', 'warning', 'error']).toContain(result.level)
        expect(result.message.text).toMatch(/\.$/)
        expect(result.locations).toHaveLength(1)
        const ids = (result.relatedLocations ?? []).map((one: Json) => one.id)
        expect(new Set(ids).size).toBe(ids.length)
        for (const { physicalLocation } of [...result.locations, ...(result.relatedLocations ?? [])]) {
          const { artifactLocation, region } = physicalLocation
          expect(() => new URL(artifactLocation.uri, 'file:///root/')).not.toThrow()
          expect(artifactLocation.uri).not.toMatch(/[\s"<>\\^`{|}]/)
          expect(region.startLine).toBeGreaterThanOrEqual(1)
          expect(region.startColumn).toBeGreaterThanOrEqual(1)
          expect(region.endColumn ?? region.startColumn + 1).toBeGreaterThan(region.startColumn)
        }
        expect(Object.values(result.partialFingerprints).every((one) => typeof one === 'string')).toBe(true)
      }
    }
  })

  it('columns are those of the text that is meant', () => {
    const { results } = (JSON.parse(report('sarif', OVERLAP)) as Json).runs[0]
    const line = OVERLAP.split('\n')
    for (const { physicalLocation } of [...results[0].locations, ...results[0].relatedLocations]) {
      const { startLine, startColumn, endColumn } = physicalLocation.region
      expect(line[startLine - 1]!.slice(startColumn - 1, endColumn - 1)).toBe('10.16.0.0/16')
    }
  })

  it('names of files become references that a URI may have', () => {
    expect(report('sarif', OVERLAP, 'my plan#1.yaml')).toContain('"uri": "my%20plan%231.yaml"')
  })
})

describe('JUnit', () => {
  const xmllint = spawnSync('xmllint', ['--version']).status === 0

  it.skipIf(!xmllint)(
    'is well-formed for every rule, odd names included (xmllint; Debian package libxml2-utils)',
    () => {
      for (const [name, text] of [
        ...Object.entries(CASES).flatMap(([code, { fires }]) =>
          typeof fires === 'string' ? [[code, fires] as const] : [],
        ),
        ['odd', 'clusters: { "a<&\\"\\u0001": { pods: 10.0.0.0/8 }, b: { pods: 10.0.0.0/8 } }'] as const,
        ['clean', CLEAN] as const,
      ]) {
        const { status, stderr } = spawnSync('xmllint', ['--noout', '-'], {
          input: report('junit', text),
          encoding: 'utf8',
        })
        expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' })
      }
    },
  )

  it('counts what it holds', () => {
    const text = report('junit', OVERLAP)
    const [, tests, failures] = /<testsuites name="isthmus check" tests="(\d+)" failures="(\d+)"/.exec(text)!
    expect(text.match(/<testcase /g)).toHaveLength(Number(tests))
    expect(text.match(/<failure /g)).toHaveLength(Number(failures))
  })

  it('a plan without findings is a test that passes', () => {
    expect(report('junit', CLEAN)).toContain('<testcase name="no findings"')
  })
})

describe('GitHub annotations', () => {
  it('one line a finding, at its place, line ends escaped', () => {
    const lines = report('github', OVERLAP).trimEnd().split('\n')
    expect(
      lines.every((line) =>
        /^::(?:error|warning|notice) file=plan\.yaml,line=\d+,col=\d+,endColumn=\d+,title=[A-Z]{2}\d{3}::/.test(
          line,
        ),
      ),
    ).toBe(true)
    expect(lines[0]).toContain('%0A')
  })

  it('names cannot end the command early', () => {
    const line = report('github', OVERLAP, 'a,b:c%.yaml').split('\n')[0]!
    expect(line).toContain('file=a%2Cb%3Ac%25.yaml,')
  })
})

describe('Markdown', () => {
  it('names cannot break the table', () => {
    const text = report('markdown', 'clusters: { "a|b*": { pods: 10.0.0.0/8 }, c: { pods: 10.0.0.0/8 } }')
    const rows = text.split('\n').filter((line) => line.startsWith('| '))
    for (const row of rows) expect(row.split(/(?<!\\)\|/), row).toHaveLength(6)
    expect(text).toContain('a\\|b\\*')
  })
})

describe('JSON', () => {
  it('holds the findings whole', () => {
    const data = JSON.parse(report('json', OVERLAP))
    expect(data).toMatchObject({ schemaVersion: 1, ok: false, counts: { error: 1 }, notListed: 0 })
    expect(data.findings[0]).toMatchObject({
      code: 'IC001',
      severity: 'error',
      clusters: ['az1', 'az2'],
      addresses: ['10.16.0.0/16'],
      places: [
        { file: 'plan.yaml', line: 3, column: 16, endColumn: 28 },
        { file: 'plan.yaml', line: 4, column: 16, endColumn: 28 },
      ],
    })
  })
})

describe('isthmus check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-check-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const overlap = file('overlap.yaml', OVERLAP)
  const clean = file('clean.yaml', CLEAN)
  const warned = file('warned.yaml', CLEAN.replace('[g1, g2]', '[g1]'))

  it('exit codes: 0 fine, 1 findings, 2 bad input', async () => {
    expect((await isthmus(['check', clean])).code).toBe(0)
    expect((await isthmus(['check', warned])).code).toBe(0)
    expect((await isthmus(['check', warned, '--fail-on', 'warning'])).code).toBe(1)
    expect((await isthmus(['check', overlap])).code).toBe(1)
    expect((await isthmus(['check', file('bad.yaml', 'clusters: { a: { pods: 10.1/16 } }')])).code).toBe(2)
    expect((await isthmus(['check', join(folder, 'none.yaml')])).code).toBe(2)
    expect((await isthmus(['check'])).code).toBe(2)
  })

  it('says so when there is nothing to say', async () => {
    expect((await isthmus(['check', clean])).out).toBe('no findings in 1 file\n')
  })

  it('a baseline accepts what it lists, though lines move, and nothing else', async () => {
    const baseline = join(folder, 'known.json')
    expect((await isthmus(['check', overlap, '--write-baseline', baseline])).code).toBe(0)
    const moved = file('moved.yaml', `# a line more\n\n${OVERLAP}`)
    const accepted = await isthmus(['check', moved, '--baseline', baseline])
    expect(accepted.code).toBe(0)
    expect(accepted.out).toBe('no findings in 1 file; 2 accepted by the baseline\n')
    const changed = file('changed.yaml', OVERLAP.replaceAll('10.16.0.0/16', '10.18.0.0/16'))
    expect((await isthmus(['check', changed, '--baseline', baseline])).code).toBe(1)
  })

  it('refuses what is no baseline', async () => {
    const { code, talk } = await isthmus(['check', clean, '--baseline', clean])
    expect(code).toBe(2)
    expect(talk).toContain('cannot be read as a baseline')
    expect((await isthmus(['check', clean, '--baseline', file('x.json', '{}')])).talk).toContain(
      'is no baseline',
    )
    expect((await isthmus(['check', clean, '--baseline', join(folder, 'no.json')])).talk).toContain(
      'no such file',
    )
  })

  it('several reports at once', async () => {
    const sarif = join(folder, 'out.sarif')
    const { out } = await isthmus(['check', overlap, '-o', 'github', '-o', `sarif=${sarif}`])
    expect(out).toMatch(/^::error /)
    expect(existsSync(sarif) && JSON.parse(readFileSync(sarif, 'utf8')).version).toBe('2.1.0')
  })

  it('explains every code', async () => {
    const { code, out } = await isthmus('explain ic014')
    expect(code).toBe(0)
    expect(out).toMatch(/^IC014: /)
    expect((await isthmus('explain PL006')).code).toBe(0)
  })
})
