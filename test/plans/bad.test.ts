// Every bad input of bad/ beside the exact text that a user gets for it: a folder of files and NAME.txt. `strict-` in front is read
// with --strict, `warned-` has warnings only. After a deliberate change of wording run with UPDATE=1, and read the difference.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderDiagnostics, renderSummary } from '../../src/diag/render.ts'
import { PLAN_CODES } from '../../src/input/plan/codes.ts'
import { loadPlan } from '../../src/input/plan/load.ts'

const FOLDER = join(import.meta.dirname, 'bad')
const NAMES = readdirSync(FOLDER).filter((name) => statSync(join(FOLDER, name)).isDirectory())

function messagesOf(name: string): string {
  const root = join(FOLDER, name)
  const { plan, diagnostics, sources } = loadPlan(readdirSync(root).sort(), {
    strict: name.startsWith('strict-'),
    read: (path) => readFileSync(join(root, path), 'utf8'),
    list: (path) => {
      const full = join(root, path)
      return existsSync(full) && statSync(full).isDirectory() ? readdirSync(full).sort() : undefined
    },
  })
  expect(plan === undefined, `${name} has errors`).toBe(!name.startsWith('warned-'))
  return `${renderDiagnostics(diagnostics, sources, { width: 100 })}\n\n${renderSummary(diagnostics)}\n`
}

describe('bad plans', () => {
  it.each(NAMES)('%s', (name) => {
    const file = join(FOLDER, `${name}.txt`)
    const messages = messagesOf(name)
    if (process.env.UPDATE === '1') writeFileSync(file, messages)
    expect(messages).toBe(readFileSync(file, 'utf8'))
  })

  it('between them nearly all codes', () => {
    const used = new Set(
      NAMES.flatMap((name) => [...messagesOf(name).matchAll(/\[(PL\d{3})\]/g)].map((found) => found[1]!)),
    )
    // A fix that the plan cannot have is found when one is asked for: test/plans/fix.
    expect(PLAN_CODES.map(({ code }) => code).filter((code) => !used.has(code))).toEqual(['PL010'])
  })
})
