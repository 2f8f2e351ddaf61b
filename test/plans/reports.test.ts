// The reports for programs and code hosts: JSON, GitHub annotations, Markdown; and the command around them. SARIF and JUnit, which have
// schemas, are beside.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/input/plan/load.ts'
import { checkPlan } from '../../src/plan/check.ts'
import type { FindingsFormat } from '../../src/report/findings/report.ts'
import { findingsReport } from '../../src/report/findings/report.ts'
import { isthmus } from '../cli/harness.ts'

const OVERLAP =
  'technology: ovn-ic\nclusters:\n  az1: { pods: 10.16.0.0/16, autoRoute: true, gateways: [g1, g2] }\n  az2: { pods: 10.16.0.0/16, autoRoute: true, gateways: [h1] }\n'
const CLEAN =
  'technology: ovn-ic\nclusters:\n  az1: { pods: 10.16.0.0/16, autoRoute: true, gateways: [g1, g2] }\n  az2: { pods: 10.17.0.0/16, autoRoute: true, gateways: [h1, h2] }\n'

function report(format: FindingsFormat, text: string, path = 'plan.yaml'): string {
  const { plan, sources } = loadPlan([path], { read: () => text, list: () => undefined })
  return findingsReport(format, checkPlan(plan!), sources, { ok: false })
}

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

describe('the form of a scenario', () => {
  it('is judged by its schema: a misspelt key or a value of the wrong kind is bad input, never "no findings"', async () => {
    const place = mkdtempSync(join(tmpdir(), 'isthmus-form-'))
    const file = join(place, 's.yaml')
    try {
      writeFileSync(file, 'isthmus: 1\nclusters: { az1: { nods: {} }, az2: { nodes: 3 } }\n')
      const { code, out, talk } = await isthmus(['check', file])
      expect([code, out]).toEqual([2, ''])
      expect(talk).toContain('s.yaml:2:20')
      expect(talk).toContain('did you mean "nodes"?')
      expect(talk).toContain('2 errors')
    } finally {
      rmSync(place, { recursive: true })
    }
  })
})
