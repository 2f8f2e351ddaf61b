// `isthmus check` starts fast because it loads little: no schema, no simulator, no lab, whatever it reads or prints.

import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = resolve(import.meta.dirname, '../../src')

/** Files and packages that a file loads when it is imported; types cost nothing. */
function loadedBy(start: readonly string[]): Set<string> {
  const found = new Set<string>()
  const open = start.map((path) => join(SRC, path))
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue
    found.add(path)
    const text = readFileSync(path, 'utf8')
    for (const [, what = '', target = ''] of text.matchAll(
      /^(?:import|export)\s+(?!type\b)([^'"]*?)from\s+['"]([^'"]+)['"]/gm,
    )) {
      const names = what
        .replace(/[{}]/g, '')
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
      if (names.length > 0 && names.every((one) => one.startsWith('type '))) continue
      if (target.startsWith('.')) open.push(resolve(dirname(path), target))
      else found.add(target)
    }
  }
  return found
}

describe('what isthmus check loads', () => {
  const loaded = [
    ...loadedBy([
      'cli/baseline.ts',
      'input/plan/load.ts',
      'plan/check.ts',
      'report/findings/report.ts',
      'diag/render.ts',
    ]),
  ]

  it('of packages yaml alone', () => {
    const packages = loaded.filter((one) => !one.startsWith(SRC) && !one.startsWith('node:'))
    expect(packages).toEqual(['yaml'])
  })

  it('neither schema nor simulator nor lab', () => {
    const files = loaded.filter((one) => one.startsWith(SRC)).map((one) => relative(SRC, one))
    expect(
      files.filter((one) =>
        /^(?:control|forward|sim|verify|wire|lab)\/|^input\/schema|^run\/(?!make-folder)/.test(one),
      ),
    ).toEqual([])
    expect(files.length).toBeGreaterThan(100)
  })
})
