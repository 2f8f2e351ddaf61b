/** Plans out of texts, fixed: what the tests of fixes share. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { loadPlan } from '../../../src/input/plan/load.ts'
import type { Finding } from '../../../src/model/finding.ts'
import type { Plan } from '../../../src/model/plan.ts'
import { type FixWords, fixOptions } from '../../../src/plan/fix/options.ts'
import { type FixedPlan, fixPlan } from '../../../src/run/fix-plan.ts'

/** Files by path; a text alone is `plan.yaml`. */
export type Files = Readonly<Record<string, string>>

export function read(
  given: string | Files,
): { readonly plan: Plan; readonly files: Files } & Parameters<typeof fixPlan>[0] {
  const files = typeof given === 'string' ? { 'plan.yaml': given } : given
  const paths = Object.keys(files)
  const loaded = loadPlan(paths, { read: (path) => files[path]!, list: () => undefined, mentions: true })
  const { plan, diagnostics } = loaded
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  const { options } = fixOptions(plan!, {})
  return { plan: plan!, files, loaded, paths, options }
}

/** Fixes files; the texts of all of them after it stand in `texts`. */
export function fixed(
  given: string | Files,
  words: FixWords = {},
  threshold: 'error' | 'warning' = 'error',
  accepted: (finding: Finding) => boolean = () => false,
): FixedPlan & { readonly now: Files; readonly codes: readonly string[] } {
  const input = read(given)
  const { options, mistakes } = fixOptions(input.plan, words, threshold)
  expect(mistakes).toEqual([])
  const result = fixPlan({ ...input, options, accepted })
  const now = Object.fromEntries(
    Object.entries(input.files).map(([path, text]) => [path, result.texts.get(path) ?? text]),
  )
  const codes = result.after.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
  return { ...result, now, codes }
}

export const hasPatch = spawnSync('patch', ['--version']).error === undefined

/** What patch(1) makes of the files; it must take every hunk where it says it is. */
export function patched(files: Files, patch: string): Files {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-patch-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const { status, stdout } = spawnSync('patch', ['-p1', '--binary', '--fuzz=0'], {
      cwd: folder,
      input: patch,
      encoding: 'utf8',
    })
    expect({ status, stdout }).toMatchObject({ status: 0 })
    expect(stdout).not.toMatch(/offset|fuzz|FAILED/)
    return Object.fromEntries(
      Object.keys(files).map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
