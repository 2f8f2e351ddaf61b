// docs/scenarios.md and docs/cli.md are made from the schema and the command tree; `UPDATE=1` writes them anew.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cliManual } from '../../src/cli/manual.ts'
import { loadPlan } from '../../src/input/plan/load.ts'
import { schemaDocs } from '../../src/input/schema/docs.ts'
import { checkPlan } from '../../src/plan/check.ts'
import { checkPage } from './check-page.ts'
import { ROOT } from './checkout.ts'
import { blocksOf, missingLine } from './markdown.ts'
import { scenarioPage } from './scenario-page.ts'

describe.each([
  ['scenarios.md', scenarioPage],
  ['cli.md', cliManual],
  ['check.md', checkPage],
] as const)('docs/%s', (name, make) => {
  it('is current', () => {
    const file = join(ROOT, 'docs', name)
    if (process.env.UPDATE === '1') writeFileSync(file, make())
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(make())
  })
})

describe('docs/scenarios.md', () => {
  const page = scenarioPage()

  it('has every key with its description', () => {
    for (const { path, description } of schemaDocs()) {
      const cell = description.replaceAll('\n', ' ').replaceAll('|', '\\|')
      expect(page, path).toContain(`| \`${path.slice(path.lastIndexOf('.') + 1)}\` |`)
      expect(page, path).toContain(cell)
    }
  })

  it('every row has four cells', () => {
    for (const line of page.split('\n').filter((one) => one.startsWith('|')))
      expect(line.split(/(?<!\\)\|/), line).toHaveLength(6)
  })
})

describe('docs/check.md', () => {
  it('its plan is read without a remark, and what it finds is what it shows: a link that is too narrow', () => {
    const text = blocksOf(readFileSync(join(ROOT, 'docs/check.md'), 'utf8')).find(
      ({ name }) => name === 'plan.yaml',
    )!.text
    const { plan, diagnostics } = loadPlan(['plan.yaml'], { read: () => text, list: () => undefined })
    expect(diagnostics).toEqual([])
    expect(checkPlan(plan!).findings.map(({ code, severity }) => `${code} ${severity}`)).toEqual([
      'IC015 warning',
      'IC015 warning',
    ])
  })
})

describe('examples in pages', () => {
  it('blocks: language, name, text', () => {
    expect(blocksOf('a\n```sh\nx\ny\n```\n```yaml a.yaml\nb: 1\n```\n')).toEqual([
      { language: 'sh', name: '', text: 'x\ny\n', line: 2 },
      { language: 'yaml', name: 'a.yaml', text: 'b: 1\n', line: 6 },
    ])
  })

  it('quoted lines must occur in order; … leaves out', () => {
    expect(missingLine('a\n…\nc', 'a\nb\nc\n')).toBeUndefined()
    expect(missingLine('a\nlong…', 'a\nlong line\n')).toBeUndefined()
    expect(missingLine('c\na', 'a\nb\nc\n')).toBe('a')
    expect(missingLine('d', 'a\nb\nc\n')).toBe('d')
  })
})
