// What `isthmus conform` prints: one table a scenario, a line an aspect with both sides and the verdict; then what differs, and the
// first packet that differs decoded on both sides. Also as data and as JUnit, a test case an aspect.

import type { Comparison } from '../run/conform/compare.ts'
import type { ConformResult } from '../run/conform/conform.ts'
import { escapeXml } from './junit.ts'
import { painter } from './paint.ts'
import { tableLines } from './text/table.ts'

/** Lines of one difference that are shown. */
const LINES_MAX = 40

const COLUMNS = ['ASPECT', 'WHAT', 'OVN', 'MODEL', 'VERDICT'].map((title) => ({ title }))

/** The whole report, with a final line end. */
export function renderConform(
  results: readonly ConformResult[],
  options: { readonly color?: boolean } = {},
): string {
  const paint = painter(options.color ?? false)
  const blocks = results.map((result) => {
    const { scenario, comparisons, ok, firstPacket, real } = result
    const rows = comparisons.map(({ aspect, what, real: theirs, model, verdict }) => [
      aspect,
      what,
      theirs,
      model,
      verdict,
    ])
    const wrong = comparisons.filter(({ verdict }) => verdict === 'differ')
    const lines = [
      paint('heading', scenario.name),
      paint(
        'faint',
        `${scenario.file}, OVN in a lab against profile ${scenario.network.profile.name}, lab at rest after ${(real.settled.after / 1e9).toFixed(1)} s`,
      ),
      '',
      ...tableLines(COLUMNS, rows),
      '',
      ...wrong.flatMap((one) => [paint('heading', `${one.aspect} ${one.what}`), ...differenceLines(one), '']),
    ]
    if (firstPacket !== undefined)
      lines.push(
        paint('heading', `First packet that differs: ${firstPacket.probe}`),
        '  OVN',
        ...firstPacket.real.map((line) => `    ${line}`),
        '  model',
        ...firstPacket.model.map((line) => `    ${line}`),
        '',
      )
    const notAsked = comparisons.filter(({ verdict }) => verdict === 'not asked').length
    const asked = comparisons.length - notAsked
    const missing = real.diagnostics.filter(({ code }) => code === 'LAB002')
    lines.push(...missing.map(({ message }) => paint('warn', message)), ...(missing.length > 0 ? [''] : []))
    lines.push(
      (ok
        ? `${paint('good', 'AGREE')} ${scenario.name}: ${asked} aspects`
        : `${paint('bad', 'DIFFER')} ${scenario.name}: ${wrong.length} of ${asked} aspects`) +
        (notAsked === 0 ? '' : `, ${notAsked} not asked`),
    )
    return lines.join('\n')
  })
  if (results.length > 1)
    blocks.push(`${results.filter(({ ok }) => ok).length} of ${results.length} scenarios agree`)
  return `${blocks.join('\n\n')}\n`
}

function differenceLines({ differences }: Comparison): string[] {
  const lines = differences.flatMap((text) => text.split('\n')).map((line) => `  ${line}`)
  return lines.length > LINES_MAX
    ? [...lines.slice(0, LINES_MAX), `  … and ${lines.length - LINES_MAX} more lines`]
    : lines
}

/** The results as plain data; fields are only ever added. */
export function conformData(results: readonly ConformResult[]) {
  return {
    schemaVersion: 1,
    ok: results.every(({ ok }) => ok),
    scenarios: results.map(({ scenario, ok, comparisons, firstPacket, real }) => ({
      name: scenario.name,
      file: scenario.file,
      ok,
      settledAfterMs: Math.round(real.settled.after / 1e6),
      comparisons: comparisons.map((one) => ({ ...one, differences: [...one.differences] })),
      firstPacket: firstPacket ?? null,
    })),
  }
}

/** JUnit XML: a suite a scenario, a test case an aspect. */
export function conformJunit(results: readonly ConformResult[]): string {
  const suites = results.map(({ scenario, comparisons }) => {
    const failures = comparisons.filter(({ verdict }) => verdict === 'differ').length
    const skipped = comparisons.filter(
      ({ verdict }) => verdict === 'undefined' || verdict === 'not asked',
    ).length
    const cases = comparisons.map(({ aspect, what, verdict, differences }) => {
      const head = `    <testcase name="${escapeXml(`${aspect} ${what}`)}" classname="${escapeXml(scenario.name)}" file="${escapeXml(scenario.file)}"`
      if (verdict === 'agree') return `${head}/>`
      if (verdict === 'undefined')
        return `${head}>\n      <skipped message="OVN leaves this undefined"/>\n    </testcase>`
      if (verdict === 'not asked')
        return `${head}>\n      <skipped message="the lab left out latency or loss that this depends on"/>\n    </testcase>`
      return `${head}>\n      <failure message="${differences.length} differences">${escapeXml(differences.join('\n'))}</failure>\n    </testcase>`
    })
    return {
      failures,
      tests: comparisons.length,
      text: [
        `  <testsuite name="${escapeXml(scenario.name)}" tests="${comparisons.length}" failures="${failures}" skipped="${skipped}">`,
        ...cases,
        '  </testsuite>',
      ].join('\n'),
    }
  })
  const sum = (pick: (suite: (typeof suites)[number]) => number): number =>
    suites.reduce((total, suite) => total + pick(suite), 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="isthmus conform" tests="${sum(({ tests }) => tests)}" failures="${sum(({ failures }) => failures)}">`,
    ...suites.map(({ text }) => text),
    '</testsuites>',
    '',
  ].join('\n')
}
