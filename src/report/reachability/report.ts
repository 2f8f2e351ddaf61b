// Who reaches whom in every network of a command line, in each format that has room for it.

import { printable } from '../../diag/cells.ts'
import type { Span } from '../../diag/diagnostic.ts'
import type { Finding } from '../../model/finding.ts'
import type { Obstacle } from '../../run/plan-scenario/plan-scenario.ts'
import type { Summary } from '../../verify/reachability/summary.ts'
import { painter } from '../paint.ts'
import type { TextContext } from '../text/context.ts'
import { wrap } from '../text/table.ts'
import { reachabilityData } from './data.ts'
import { headText, matrixCells, oneWayTexts, reachabilityLines, troubleText } from './text.ts'

/** What was found of one network. */
export interface NetworkReport {
  readonly name: string
  /** Undefined where the plan cannot run. */
  readonly summary: Summary | undefined
  readonly assumed: readonly string[]
  readonly obstacles: readonly Obstacle[]
}

/** Plain values, one entry a network; `findings` tell what is known about places that stand in the way. */
export function networksData(networks: readonly NetworkReport[], findings: readonly Finding[]) {
  return networks.map(({ name, summary, assumed, obstacles }) => ({
    network: name,
    assumed,
    ...(summary === undefined
      ? {
          obstacles: obstacles.map(({ message, span }) => ({
            message,
            ...(span !== undefined && { file: span.file, line: span.line, column: span.column }),
            findings: codesAt(span, findings),
          })),
        }
      : reachabilityData(summary)),
  }))
}

export interface ReachabilityTextOptions {
  readonly color: boolean
  readonly width?: number
}

/** Text with its last line end. */
export function networksText(
  networks: readonly NetworkReport[],
  findings: readonly Finding[],
  { color, width }: ReachabilityTextOptions,
): string {
  const paint = painter(color)
  const context: TextContext = {
    paint,
    columns: Math.max(40, width ?? 80),
    cut: width === undefined ? undefined : Math.max(40, width),
    linesMax: 100,
  }
  const told = (texts: readonly string[]): string[] =>
    texts.flatMap((text) => {
      const [first = '', ...rest] = wrap(printable(text), context.columns - 4)
      return [`  ${first}`, ...rest.map((line) => `    ${line}`)]
    })
  const blocks = networks.map(({ name, summary, assumed, obstacles }) => {
    const lines = [
      paint('heading', `Reachability of ${printable(name)}`),
      ...told(assumed.map((text) => `assumed: ${text}`)),
      ...(summary === undefined
        ? told(obstacles.map((obstacle) => `cannot run: ${obstacleText(obstacle, findings)}`))
        : reachabilityLines(summary, context)),
    ]
    while (lines.at(-1) === '') lines.pop()
    return lines.join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

/** Sections for the end of a Markdown report. */
export function networksMarkdown(networks: readonly NetworkReport[], findings: readonly Finding[]): string {
  return networks.map((network) => section(network, findings)).join('')
}

function section({ name, summary, assumed, obstacles }: NetworkReport, findings: readonly Finding[]): string {
  const lines = ['', `## Reachability of ${escaped(name)}`, '']
  lines.push(...assumed.map((text) => `- assumed: ${escaped(text)}`))
  if (summary === undefined)
    lines.push(...obstacles.map((obstacle) => `- cannot run: ${escaped(obstacleText(obstacle, findings))}`))
  else {
    lines.push(...(assumed.length > 0 ? [''] : []), `${headText(summary)}.`)
    const cells = matrixCells(summary)
    if (cells !== undefined)
      lines.push(
        '',
        ...[cells.titles, cells.titles.map((_, i) => (i === 0 ? '---' : '--:')), ...cells.rows].map(
          (row, i) => `| ${row.map((cell) => (i === 1 ? cell : escaped(cell))).join(' | ')} |`,
        ),
      )
    const texts = [...summary.troubles.map(troubleText), ...oneWayTexts(summary.oneWay)]
    if (texts.length > 0) lines.push('', ...texts.map((text) => `- ${escaped(text)}`))
  }
  return `${lines.join('\n')}\n`
}

/** `a.yaml:3:9: the gateway 10.1.0.1 lies outside …; see NP007`. */
function obstacleText({ message, span }: Obstacle, findings: readonly Finding[]): string {
  const codes = codesAt(span, findings)
  const where = span === undefined ? '' : `${span.file}:${span.line}:${span.column}: `
  return `${where}${message}${codes.length === 0 ? '' : `; see ${codes.join(', ')}`}`
}

/** Codes of the errors that point at the same line. */
function codesAt(span: Span | undefined, findings: readonly Finding[]): string[] {
  if (span === undefined) return []
  const codes = findings
    .filter(
      ({ severity, places }) =>
        severity === 'error' &&
        places.some((place) => place.span.file === span.file && place.span.line === span.line),
    )
    .map(({ code }) => code)
  return [...new Set(codes)].sort()
}

function escaped(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|]/g, (character) => `\\${character}`)
}
