// The measurement as a table for a wiki or a pull request.

import {
  deviation,
  FIGURE_FORMS,
  FIGURES,
  lengthsText,
  type RouteBench,
  ranked,
  roundsOver,
  shownSpread,
  threeDigits,
  verdicts,
} from './report.ts'

export function benchMarkdown(bench: RouteBench): string {
  const { list, trace, result } = bench
  const heads = [
    'structure',
    ...FIGURES.map((figure) => `${FIGURE_FORMS[figure].long}, ${FIGURE_FORMS[figure].unit}`),
    'bytes a prefix',
  ]
  const rows = ranked(result.measured).map((one) => [
    `\`${one.structure.name}\``,
    ...FIGURES.map((figure) => {
      const spread = shownSpread(figure, one)
      return spread === undefined
        ? '–'
        : `${threeDigits(spread.median)}${spread.rounds > 1 ? ` ± ${deviation(spread).toFixed(0)}%` : ''}`
    }),
    threeDigits(one.bytesAPrefix),
  ])
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [
    `### ${bench.table}`,
    '',
    `${list.count.toLocaleString('en')} IPv${list.family} prefixes (${lengthsText(list)}), trace ${trace.name} of ${trace.length.toLocaleString('en')} addresses, medians of ${roundsOver(bench)} rounds of CPU time by turns${result.interrupted ? ', interrupted' : ''}. ${bench.machine}.`,
    '',
    line(heads),
    line(heads.map((_, i) => (i === 0 ? '---' : '---:'))),
    ...rows.map(line),
    '',
    ...verdicts(bench).flatMap((text) => [text, '']),
  ].join('\n')
}
