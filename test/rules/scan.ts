/**
 * Reads the names of tests out of test files: the first string of `it(…)`, `test(…)` and `describe(…)`, of their `.each(…)(…)` too.
 * Tests that are skipped name nothing. A range such as `RT-1..4` names every rule in it.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

export interface TestName {
  /** Relative to the root of the project. */
  readonly file: string
  readonly name: string
}

/** Names of all tests in a folder and those below it, but for the test of this scan, which is full of examples. */
export function testNames(folder: string, root: string): readonly TestName[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'rules.test.ts')
    .sort()
    .flatMap((file) => {
      const path = join(folder, file)
      return namesIn(readFileSync(path, 'utf8')).map((name) => ({ file: relative(root, path), name }))
    })
}

const CALL = /\b(?:it|test|describe)((?:\.\w+)*)\s*\(/g

/** Names of the tests in a source text, in order. */
export function namesIn(text: string): readonly string[] {
  const names: string[] = []
  for (const match of text.matchAll(CALL)) {
    const modifiers = match[1]!
    if (/\.(skip|todo|skipIf)\b/.test(modifiers)) continue
    let at = match.index + match[0].length
    if (modifiers.endsWith('.each') || modifiers.endsWith('.runIf')) {
      const open = /^\s*\(/.exec(text.slice(afterClosing(text, at)))
      if (open === null) continue
      at = afterClosing(text, at) + open[0].length
    }
    const name = /^\s*(['"`])((?:\\.|(?!\1)[\s\S])*)\1/.exec(text.slice(at))
    if (name !== null) names.push(name[2]!)
  }
  return names
}

/** Where the parenthesis that was opened just before `at` has been closed; strings count as what they are. */
function afterClosing(text: string, at: number): number {
  const token = /(['"`])(?:\\.|(?!\1)[\s\S])*\1|[()]/g
  token.lastIndex = at
  let depth = 1
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === '(') depth++
    if (found[0] === ')') depth--
    if (depth === 0) return token.lastIndex
  }
  return text.length
}

/** Rule ids in the name of a test: two or more capitals or digits, perhaps after `KO-`, a dash and a number. */
export function idsIn(name: string): readonly string[] {
  const ids: string[] = []
  for (const [, family, first, last] of name.matchAll(
    /(?<![\w.-])((?:KO-)?[A-Z][A-Z0-9]+)-(\d+)(?:\.\.(\d+))?(?!\w)/g,
  )) {
    for (let number = Number(first); number <= Number(last ?? first); number++)
      ids.push(`${family}-${number}`)
  }
  return ids
}
