// The measurement for a terminal: a table, a picture of bars, sentences. Fits into 80 columns.

import { painter } from '../paint.ts'
import { type Column, tableLines, wrap } from '../text/table.ts'
import {
  FIGURE_FORMS,
  FIGURES,
  type FigureName,
  lengthsText,
  type RouteBench,
  ranked,
  roundsOver,
  shownSpread,
  threeDigits,
  verdicts,
  widest,
} from './report.ts'

const WIDTH = 80
/** Eighths of a character cell. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

export function benchText(bench: RouteBench, options: { readonly color: boolean }): string {
  const paint = painter(options.color)
  const { list, result, trace } = bench
  const columns: Column[] = [
    { title: 'structure' },
    ...FIGURES.map((figure): Column => {
      const { title, unit } = FIGURE_FORMS[figure]
      return { title: `${title} ${unit}`, align: 'right' }
    }),
    { title: 'B/prefix', align: 'right' },
  ]
  const rows = ranked(result.measured).map((one) => [
    one.structure.name,
    ...FIGURES.map((figure) => {
      const spread = shownSpread(figure, one)
      return spread === undefined ? '–' : threeDigits(spread.median)
    }),
    threeDigits(one.bytesAPrefix),
  ])
  const lines = [
    paint('heading', bench.table),
    ...wrap(
      `${list.count.toLocaleString('en')} IPv${list.family} prefixes (${lengthsText(list)}), ${bench.nextHops.toLocaleString('en')} next hops; trace ${trace.name}, ${trace.length.toLocaleString('en')} addresses. ${bench.machine}.`,
      WIDTH,
    ),
    '',
    ...tableLines(columns, rows, { paint }),
    '',
    ...wrap(
      `${roundsText(bench)} All answers agree (${result.compared.toLocaleString('en')} addresses).`,
      WIDTH,
    ),
    '',
    ...bars(bench, (text) => paint('name', text)),
    ...verdicts(bench).flatMap((text) => wrap(text, WIDTH)),
  ]
  if (result.interrupted) lines.push('', paint('warn', 'Interrupted: these are the rounds that were over.'))
  return `${lines.join('\n')}\n`
}

/** How often was measured, and how far that scatters. */
function roundsText(bench: RouteBench): string {
  const { result } = bench
  const rounds = roundsOver(bench)
  if (rounds === 0) return 'No round was over.'
  if (rounds === 1) return 'One round of CPU time: how far rounds differ is not known.'
  const by = (...figures: FigureName[]): string => {
    const percent = widest(result.measured, figures)
    return percent < 200 ? `${percent.toFixed(0)}%` : `a factor of ${(1 + percent / 100).toFixed(0)}`
  }
  return `Medians of ${rounds} rounds of CPU time, structures by turns; rounds differ from them by up to ${by('batch', 'single', 'dependent')} in lookups, ${by('updates')} in updates, ${by('build')} in builds.`
}

/** Batches and single lookups of each structure, one scale. */
function bars({ result }: RouteBench, paint: (text: string) => string): string[] {
  const measured = ranked(result.measured).filter(({ batch }) => batch !== undefined)
  if (measured.length === 0) return []
  const name = Math.max(...measured.map(({ structure }) => structure.name.length))
  const room = WIDTH - name - 2 - 8
  const most = Math.max(...measured.map(({ batch, single }) => Math.max(batch!.median, single?.median ?? 0)))
  const bar = (value: number): string => {
    const eighths = Math.max(1, Math.round((value / most) * room * 8))
    return '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!
  }
  const row = (label: string, value: number | undefined): string[] =>
    value === undefined ? [] : [`${label.padEnd(name)}  ${paint(bar(value))} ${threeDigits(value)}`]
  return [
    'M lookups/s: batches of 1,024, below them one a call',
    ...measured.flatMap(({ structure, batch, single }) => [
      ...row(structure.name, batch!.median),
      ...row('', single?.median),
    ]),
    '',
  ]
}
