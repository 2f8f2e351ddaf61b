// Every bad scenario of this folder beside the exact text a user gets for it: NAME.yaml and NAME.txt, paths relative to
// the folder. After a deliberate change of wording run with UPDATE=1, and read the difference.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderDiagnostics, renderSummary } from '../../src/diag/render.ts'
import { INPUT_CODES } from '../../src/input/codes.ts'
import { loadScenario } from '../../src/input/load.ts'

const FOLDER = import.meta.dirname
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.slice(0, -'.yaml'.length))

function messagesOf(name: string): string {
  const { scenario, diagnostics, sources } = loadScenario(`${name}.yaml`, {
    read: (path) => readFileSync(join(FOLDER, path), 'utf8'),
    list: (path) => {
      const folder = join(FOLDER, path)
      return /\.\w+$/.test(path) || !existsSync(folder) ? undefined : readdirSync(folder).sort()
    },
  })
  expect(scenario, `${name} has errors`).toBeUndefined()
  return `${renderDiagnostics(diagnostics, sources, { width: 100 })}\n\n${renderSummary(diagnostics)}\n`
}

describe('bad scenarios', () => {
  it('are at least forty', () => {
    expect(NAMES.length).toBeGreaterThanOrEqual(40)
  })

  it.each(NAMES)('%s', (name) => {
    const file = join(FOLDER, `${name}.txt`)
    const messages = messagesOf(name)
    if (process.env.UPDATE === '1') writeFileSync(file, messages)
    expect(messages).toBe(readFileSync(file, 'utf8'))
  })

  it('use codes that are explained, and between them nearly all codes', () => {
    const used = new Set(
      NAMES.flatMap((name) => [...messagesOf(name).matchAll(/\[(IN\d{3})\]/g)].map((found) => found[1]!)),
    )
    const known = INPUT_CODES.map((entry) => entry.code)
    expect([...used].filter((code) => !known.includes(code))).toEqual([])
    // A file that does not exist and one that is too large cannot be kept in this folder; load.test.ts has them.
    expect(known.filter((code) => !used.has(code))).toEqual(['IN001', 'IN002'])
  })
})
