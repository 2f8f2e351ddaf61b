// What a change does, for people and for programs.

import type { Difference, PairChange } from '../../verify/difference.ts'
import { counted } from '../figures.ts'
import { painter } from '../paint.ts'
import { endText } from '../reachability/words.ts'
import { limited, type TextContext, tableOptions } from '../text/context.ts'
import { tableLines, wrap } from '../text/table.ts'

export interface DiffTextOptions {
  readonly color: boolean
  readonly width?: number
  /** Names of the two sides. */
  readonly before: string
  readonly after: string
}

/** More clusters than this get no matrix. */
const MATRIX_MAX = 12

/** The report with a final line end. */
export function renderDiff(difference: Difference, options: DiffTextOptions): string {
  const paint = painter(options.color)
  const context: TextContext = {
    paint,
    columns: Math.max(40, options.width || 80),
    cut: options.width || undefined,
    linesMax: 60,
  }
  const { routes, subnetsAdded, subnetsRemoved, pairs } = difference
  const sections: [string, string[]][] = [
    [
      'Subnets',
      [
        ...subnetsRemoved.map((name) => `  ${paint('bad', '-')} ${name}`),
        ...subnetsAdded.map((name) => `  ${paint('good', '+')} ${name}`),
      ],
    ],
    ['Routes', routeLines(difference, context)],
    ['Reachability: pairs of subnets gained and lost', matrixLines(pairs, context)],
    ['Pairs', pairLines(pairs, context)],
  ]
  const summary = [
    counted(subnetsAdded.length + subnetsRemoved.length, 'subnet'),
    counted(routes.length, 'route'),
    counted(pairs.length, 'pair'),
  ].join(', ')
  return `${[
    `${paint('heading', options.before)} → ${paint('heading', options.after)}`,
    '',
    ...sections.flatMap(([title, lines]) =>
      lines.length === 0 ? [] : [paint('heading', title), ...lines, ''],
    ),
    routes.length + subnetsAdded.length + subnetsRemoved.length + pairs.length === 0
      ? 'no difference'
      : `different: ${summary}`,
  ].join('\n')}\n`
}

/** Plain values for JSON. */
export function diffData(difference: Difference, before: string, after: string) {
  return {
    schemaVersion: 1,
    before,
    after,
    ...difference,
    pairs: difference.pairs.map((pair) => ({
      ...pair,
      endsBefore: pair.endsBefore.map(endText),
      endsAfter: pair.endsAfter.map(endText),
    })),
  }
}

function routeLines({ routes }: Difference, context: TextContext): string[] {
  const lines = [...new Set(routes.map(({ where }) => where))].flatMap((where) => [
    `  ${context.paint('name', where)}`,
    ...routes
      .filter((route) => route.where === where)
      .map(({ kind, text }) =>
        kind === 'added'
          ? `    ${context.paint('good', '+')} ${text}`
          : `    ${context.paint('bad', '-')} ${text}`,
      ),
  ])
  return limited(lines, context, 'lines')
}

function isGain({ before, after }: PairChange): boolean {
  return after === 'reached' || (after === 'partly' && before === 'unreached')
}

function matrixLines(pairs: readonly PairChange[], context: TextContext): string[] {
  const clusterOf = (name: string): string => name.slice(0, name.indexOf('/'))
  const clusters = [...new Set(pairs.flatMap(({ from, to }) => [clusterOf(from), clusterOf(to)]))].sort()
  if (clusters.length > MATRIX_MAX || clusters.length < 2) return []
  const rows = clusters.map((from) => [
    from,
    ...clusters.map((to) => {
      const here = pairs.filter((pair) => clusterOf(pair.from) === from && clusterOf(pair.to) === to)
      const gained = here.filter((pair) => pair.before !== pair.after && isGain(pair)).length
      const lost = here.filter((pair) => pair.before !== pair.after && !isGain(pair)).length
      const other = here.length - gained - lost
      const words = [gained > 0 ? `+${gained}` : '', lost > 0 ? `-${lost}` : '', other > 0 ? `~${other}` : '']
      return words.filter((word) => word !== '').join(' ') || '.'
    }),
  ])
  const columns = [{ title: 'from \\ to' }, ...clusters.map((title) => ({ title, align: 'right' as const }))]
  return tableLines(columns, rows, tableOptions(context, 2))
}

function pairLines(pairs: readonly PairChange[], context: TextContext): string[] {
  const lines = pairs.flatMap((pair) => {
    const sign = pair.before === pair.after ? '~' : isGain(pair) ? '+' : '-'
    const role = sign === '+' ? 'good' : sign === '-' ? 'bad' : 'warn'
    const was = pair.endsBefore.length === 0 ? '' : ` (${pair.endsBefore.map(endText).join('; ')})`
    const is = pair.endsAfter.length === 0 ? '' : ` (${pair.endsAfter.map(endText).join('; ')})`
    const [first = '', ...rest] = wrap(
      `${pair.from} → ${pair.to}: ${WORDS[pair.before]}${was} → ${WORDS[pair.after]}${is}`,
      context.columns - 6,
    )
    return [`  ${context.paint(role, sign)} ${first}`, ...rest.map((line) => `      ${line}`)]
  })
  return limited(lines, context, 'lines')
}

const WORDS = { reached: 'reached', partly: 'in part', unreached: 'not reached' } as const
