// What `isthmus run` prints for people: per scenario the routes, the traffic, the timeline, the expectations, the capture
// files, and a verdict. It fits 80 columns as long as names do; tables are
// not cut when the output is piped.

import type { RunResult } from '../../model/observation.ts'
import { formatNanos } from '../../model/time.ts'
import { describeDrop } from '../../verify/reach.ts'
import { verdictOf } from '../../verify/verdict.ts'
import { byteSize, counted, seconds } from '../figures.ts'
import { painter } from '../paint.ts'
import { routeRows } from '../routes.ts'
import { lastSnapshot } from '../run-data.ts'
import { nodeNames } from './chassis.ts'
import { limited, type TextContext, tableOptions } from './context.ts'
import { reproduceCommand } from './reproduce.ts'
import { tableLines, wrap } from './table.ts'
import { timelineLines } from './timeline.ts'
import { trafficLines } from './traffic.ts'

/** Reasons for drops that are told. */
const DROPS_MAX = 8

export interface TextOptions {
  readonly color?: boolean
  /** Screen columns when printing to a terminal: tables are cut to it. Not given: 80, and nothing is cut. */
  readonly width?: number
  /** The most lines of one timeline or route table; 60 unless given. What is left out is said. */
  readonly linesMax?: number
}

/** The report of all scenarios, with a final line end. */
export function renderRun(results: readonly RunResult[], options: TextOptions = {}): string {
  const context: TextContext = {
    paint: painter(options.color ?? false),
    // A terminal that does not know its width says 0.
    columns: Math.max(40, options.width || 80),
    cut: options.width || undefined,
    linesMax: options.linesMax ?? 60,
  }
  const blocks = results.map((result) => scenarioLines(result, context).join('\n'))
  if (results.length > 1) {
    const passed = results.filter((result) => result.ok).length
    blocks.push(`${passed} of ${counted(results.length, 'scenario')} passed`)
  }
  return `${blocks.join('\n\n')}\n`
}

function scenarioLines(result: RunResult, context: TextContext): string[] {
  const { paint } = context
  const { scenario } = result
  const settled = result.settled.ok ? `settled in ${seconds(result.settled.after)}` : 'never settled'
  const facts = `${scenario.file}, profile ${scenario.network.profile.name}, seed ${scenario.network.seed}, ${settled}`
  const sections: [title: string, lines: string[]][] = [
    ['Routes', routeLines(result, context)],
    ['Traffic', trafficLines(result.traffic, context)],
    ['Dropped', dropLines(result, context)],
    ['Timeline', timelineLines(result.log, context, nodeNames(scenario.network))],
    ['Problems', problemLines(result, context)],
    ['Expectations', expectationLines(result, context)],
    ['Captures', captureLines(result)],
  ]
  return [
    paint('heading', scenario.name),
    ...wrap(facts, context.columns).map((line) => paint('faint', line)),
    '',
    ...sections.flatMap(([title, lines]) =>
      lines.length === 0 ? [] : [paint('heading', title), ...lines, ''],
    ),
    ...verdictLines(result, context),
  ]
}

function routeLines(result: RunResult, context: TextContext): string[] {
  const snapshot = lastSnapshot(result)
  if (snapshot === undefined) return []
  return result.scenario.network.clusters.flatMap(({ id }) => {
    const rows = routeRows(snapshot, id)
    const title = `  ${context.paint('name', id)}`
    if (rows.length === 0) return [`${title} learned no routes and has no static ones`]
    const several = new Set(rows.map((row) => row.router)).size > 1
    const cells = rows.map((row) => [
      row.prefix,
      row.nexthop,
      row.learned ? 'learned' : 'static',
      [
        row.learned ? `from ${row.origin}` : '',
        row.policy === 'src-ip' ? 'by source' : '',
        row.ecmp ? 'ecmp' : '',
        row.table === '<main>' ? '' : `table ${row.table}`,
        several ? `router ${row.router}` : '',
      ]
        .filter((mark) => mark !== '')
        .join(', '),
    ])
    const columns = [
      { title: 'PREFIX' },
      { title: 'NEXTHOP' },
      { title: 'KIND' },
      { title: 'REMARK', shrinks: true },
    ]
    return [title, ...limited(tableLines(columns, cells, tableOptions(context, 4)), context, 'route', 1)]
  })
}

function expectationLines(result: RunResult, context: TextContext): string[] {
  const { paint, columns } = context
  return result.expectations.flatMap(({ expectation, ok, detail, notReached }, index) => {
    const mark = ok ? paint('good', '✔ ok  ') : notReached ? paint('warn', '? open') : paint('bad', '✘ FAIL')
    const [first = '', ...rest] = wrap(expectation.text, columns - 9)
    const head = [`  ${mark} ${first}`, ...rest.map((line) => `         ${line}`)]
    if (ok) return head
    const told = wrap(detail, columns - 9).map((line) => `         ${line}`)
    const reproduce = `reproduce: ${reproduceCommand(result, index)}`
    return [
      ...head,
      ...told,
      paint('faint', `         at ${expectation.where}`),
      paint('faint', `         ${reproduce}`),
    ]
  })
}

function problemLines(result: RunResult, context: TextContext): string[] {
  const { paint, columns } = context
  const lines = result.diagnostics.flatMap(({ severity, code, message, hint }) => {
    const [first = '', ...rest] = wrap(`${severity}[${code}] ${message}`, columns - 4)
    const told = hint === undefined ? [] : wrap(`hint: ${hint}`, columns - 4)
    return [
      `  ${paint(severity === 'error' ? 'bad' : 'warn', first)}`,
      ...[...rest, ...told].map((line) => `    ${line}`),
    ]
  })
  if (result.inconclusive !== undefined)
    lines.push(
      ...wrap(`inconclusive: ${result.inconclusive}`, columns - 4).map((line) => `  ${paint('warn', line)}`),
    )
  return lines
}

/** What packets ended of, the most frequent first; lines wrap because reasons are sentences. */
function dropLines(result: RunResult, context: TextContext): string[] {
  const drops = [...result.drops].sort((a, b) => b.count - a.count || a.first - b.first)
  const shown = drops.slice(0, DROPS_MAX).flatMap(({ drop, count, first, last }) => {
    const when = first === last ? `at ${formatNanos(first)}` : `${formatNanos(first)} to ${formatNanos(last)}`
    const [head = '', ...rest] = wrap(
      `${counted(count, 'packet')}, ${when}: ${describeDrop(drop)}`,
      context.columns - 4,
    )
    return [`  ${head}`, ...rest.map((line) => `    ${line}`)]
  })
  const more = drops.length - DROPS_MAX
  return more > 0
    ? [...shown, context.paint('faint', `  … and ${counted(more, 'more reason')}; -o json has them all`)]
    : shown
}

function captureLines(result: RunResult): string[] {
  return result.captures.map(
    ({ path, packets, bytes }) => `  ${path}  (${counted(packets, 'packet')}, ${byteSize(bytes)})`,
  )
}

const VERDICTS = {
  pass: { role: 'good', word: 'PASS' },
  fail: { role: 'bad', word: 'FAIL' },
  inconclusive: { role: 'warn', word: 'INCONCLUSIVE' },
} as const

function verdictLines(result: RunResult, { paint, columns }: TextContext): string[] {
  const { expectations, scenario } = result
  const held = expectations.filter(({ ok }) => ok).length
  const open = expectations.filter(({ notReached }) => notReached).length
  const { role, word } = VERDICTS[verdictOf(result)]
  const hold = [
    expectations.length === 0 ? 'no expectations' : `expectations ${held}/${expectations.length}`,
    ...(open > 0 ? [`${open} not reached`] : []),
  ].join(', ')
  const [first = '', ...rest] = wrap(
    `${word} ${scenario.name}: ${hold}, ${formatNanos(result.end)} ${result.real === true ? 'on real OVN' : 'simulated'}`,
    columns - 2,
  )
  return [`${paint(role, word)}${first.slice(word.length)}`, ...rest.map((line) => `  ${line}`)]
}
