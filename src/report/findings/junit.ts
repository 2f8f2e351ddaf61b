// JUnit XML (../junit.ts): a test suite per code, a failed test case per finding; a plan without findings is one case that passes.

import type { CheckResult, Finding } from '../../model/finding.ts'
import { attribute, escapeXml } from '../junit.ts'

export function findingsJunit({ findings }: CheckResult): string {
  const byCode = new Map<string, Finding[]>()
  for (const finding of findings) byCode.set(finding.code, [...(byCode.get(finding.code) ?? []), finding])
  const suites = [...byCode]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([code, list]) => suiteOf(code, list))
  const failures = findings.filter(({ severity }) => severity !== 'info').length
  const clean = findings.length === 0
  const head = `<testsuites name="isthmus check" tests="${clean ? 1 : findings.length}" failures="${failures}" errors="0">`
  const passed = [
    '  <testsuite name="plan" tests="1" failures="0" errors="0" skipped="0">',
    '    <testcase name="no findings" classname="isthmus check"/>',
    '  </testsuite>',
  ]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    head,
    ...(clean ? passed : suites),
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteOf(code: string, findings: readonly Finding[]): string[] {
  const failures = findings.filter(({ severity }) => severity !== 'info').length
  return [
    `  <testsuite ${attribute('name', code)} tests="${findings.length}" failures="${failures}" errors="0" skipped="0">`,
    ...findings.flatMap(caseOf),
    '  </testsuite>',
  ]
}

function caseOf(finding: Finding): string[] {
  const { code, severity, message, effect, hint, places } = finding
  const open = `    <testcase ${attribute('name', message)} ${attribute('classname', code)}`
  const lines = [
    ...places.map(({ span: at, label }) => `${at.file}:${at.line}:${at.column}: ${label}`),
    effect,
    hint === undefined ? '' : `hint: ${hint}`,
  ].filter((line) => line !== '')
  const body = escapeXml(lines.join('\n'))
  // A remark fails nothing.
  return severity === 'info'
    ? [`${open}>`, `      <system-out>${body}</system-out>`, '    </testcase>']
    : [
        `${open}>`,
        `      <failure ${attribute('message', message)} type="${severity}">${body}</failure>`,
        '    </testcase>',
      ]
}
