// The measurement as a picture: two bars a structure, batches and single lookups, with the spread of the rounds as a whisker.

import type { Spread } from '../../run/bench/spread.ts'
import { type RouteBench, ranked, roundsOver, threeDigits } from './report.ts'

const WIDTH = 760
const LEFT = 130
const RIGHT = 80
const ROW = 46
const TOP = 66
const SERIES = [
  { figure: 'batch', label: 'batches of 1,024', color: '#2f6fb0' },
  { figure: 'single', label: 'one a call', color: '#c8752b' },
] as const

export function benchSvg(bench: RouteBench): string {
  const measured = ranked(bench.result.measured).filter(({ batch }) => batch !== undefined)
  const most = Math.max(
    1e-9,
    ...measured.flatMap(({ batch, single }) => [batch?.most ?? 0, single?.most ?? 0]),
  )
  const x = (value: number): number => LEFT + (value / most) * (WIDTH - LEFT - RIGHT)
  const height = TOP + ROW * measured.length + 24
  const rows = measured.flatMap(({ structure, batch, single }, i) => {
    const y = TOP + ROW * i
    return [
      `<text x="${LEFT - 10}" y="${y + 21}" text-anchor="end">${escaped(structure.name)}</text>`,
      ...SERIES.flatMap(({ figure, color }, series) => {
        const spread = figure === 'batch' ? batch : single
        return spread === undefined ? [] : bar(spread, color, y + 2 + 17 * series, x)
      }),
    ]
  })
  const legend = SERIES.map(
    ({ label, color }, i) =>
      `<rect x="${LEFT + 170 * i}" y="40" width="11" height="11" fill="${color}"/><text x="${LEFT + 17 + 170 * i}" y="50">${label}</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="13" fill="#222" role="img" aria-label="${escaped(bench.table)}">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${LEFT}" y="24" font-size="16" font-weight="600">${escaped(bench.table)}, trace ${escaped(bench.trace.name)}: million lookups a second</text>`,
    ...legend,
    ...rows,
    `<text x="${LEFT}" y="${height - 8}" font-size="11" fill="#666">medians of ${roundsOver(bench)} rounds of CPU time; whiskers: least and most. ${escaped(bench.machine)}</text>`,
    '</svg>',
    '',
  ].join('\n')
}

function bar(spread: Spread, color: string, y: number, x: (value: number) => number): string[] {
  const at = (value: number): string => x(value).toFixed(1)
  const end = x(Math.max(spread.median, spread.most)) + 6
  return [
    `<rect x="${LEFT}" y="${y}" width="${(x(spread.median) - LEFT).toFixed(1)}" height="14" fill="${color}"/>`,
    `<path d="M${at(spread.least)} ${y + 7}H${at(spread.most)}" stroke="#222"/>`,
    `<text x="${end.toFixed(1)}" y="${y + 12}">${threeDigits(spread.median)}</text>`,
  ]
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
