// JUnit XML as CI systems read it (Jenkins' xUnit plug-in refuses what its junit-10.xsd does not have, such as a test case's file and line,
// so places stand in the text): a test suite per scenario, a test case per expectation. Times are virtual. A scenario without expectations has one case that says whether the run itself went well.
// What a run did not reach is skipped where an error says why the run ended, and an error itself where nothing else does.

import type { RunResult } from '../model/observation.ts'
import { SECOND } from '../model/time.ts'

/** The whole report with XML declaration and final line end. */
export function toJunit(results: readonly RunResult[]): string {
  const suites = results.map(suiteOf)
  const sum = (pick: (suite: Suite) => number) => suites.reduce((total, suite) => total + pick(suite), 0)
  const counts = `tests="${sum((suite) => suite.tests)}" failures="${sum((suite) => suite.failures)}" errors="${sum((suite) => suite.errors)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="isthmus" ${counts}>`,
    ...suites.flatMap((suite) => suite.lines),
    '</testsuites>',
    '',
  ].join('\n')
}

interface Suite {
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly lines: readonly string[]
}

function suiteOf(result: RunResult): Suite {
  const { scenario, expectations } = result
  const unreached = result.inconclusive === undefined ? 'error' : 'skipped'
  const cases: string[] = expectations.map(({ expectation, ok, detail, notReached }) => {
    const open = `    <testcase ${attribute('name', expectation.text)} ${attribute('classname', scenario.name)}`
    if (ok) return `${open}/>`
    if (notReached) return `${open}>\n      <${unreached} ${attribute('message', detail)}/>\n    </testcase>`
    const failure = `<failure ${attribute('message', detail)}>${escapeXml(`${expectation.where}: ${detail}`)}</failure>`
    return `${open}>\n      ${failure}\n    </testcase>`
  })
  const problems = result.diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message)
  if (result.inconclusive !== undefined) problems.push(`inconclusive: ${result.inconclusive}`)
  if (problems.length > 0 || expectations.length === 0) {
    const open = `    <testcase name="run" ${attribute('classname', scenario.name)}`
    const error = `      <error ${attribute('message', problems.join('; '))}/>`
    cases.push(problems.length === 0 ? `${open}/>` : `${open}>\n${error}\n    </testcase>`)
  }
  const open = expectations.filter(({ notReached }) => notReached).length
  const failures = expectations.filter(({ ok }) => !ok).length - open
  const skipped = unreached === 'skipped' ? open : 0
  const errors = (problems.length > 0 ? 1 : 0) + (open - skipped)
  const time = (result.end / SECOND).toFixed(3)
  const head = `  <testsuite ${attribute('name', scenario.name)} tests="${cases.length}" failures="${failures}" errors="${errors}" skipped="${skipped}" ${attribute('file', scenario.file)} time="${time}">`
  return { tests: cases.length, failures, errors, lines: [head, ...cases, '  </testsuite>'] }
}

/** One XML attribute with its value escaped. */
export function attribute(name: string, value: string): string {
  // Line ends in attributes would be read back as spaces; a reference keeps them.
  return `${name}="${escapeXml(value).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`
}

/** Markup escaped; characters that XML 1.0 §2.2 forbids even as references become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"'\r]/g, (c) => ENTITIES[c]!)
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
}
