// What `isthmus bench routes` found, as every renderer needs it: rows in the order of the reader's interest, who wins at what.

import type { PrefixList } from '../../model/prefix-list.ts'
import type { BenchResult, Measured } from '../../run/bench/measure.ts'
import type { Spread } from '../../run/bench/spread.ts'

/** One measurement of one table. */
export interface RouteBench {
  /** `v4-k8s-10k`, or the name of the user's file. */
  readonly table: string
  readonly list: PrefixList
  /** How many next hops the table tells apart. */
  readonly nextHops: number
  readonly trace: { readonly name: string; readonly length: number }
  /** As many as were asked for. */
  readonly rounds: number
  readonly result: BenchResult
  /** What `auto` takes for this table, and why. */
  readonly choice: { readonly name: string; readonly why: string }
  /** `node v20.20.2, AMD EPYC …`. */
  readonly machine: string
}

/** The measured things, in the order in which they are shown. */
export const FIGURES = ['batch', 'single', 'dependent', 'build', 'updates'] as const
export type FigureName = (typeof FIGURES)[number]

/** Heading, unit, what is better, and how a rate becomes what is shown. */
export const FIGURE_FORMS: Readonly<
  Record<
    FigureName,
    { readonly title: string; readonly unit: string; readonly better: 'more' | 'less'; readonly long: string }
  >
> = {
  batch: { title: 'batch', unit: 'M/s', better: 'more', long: 'batches of 1,024' },
  single: { title: 'single', unit: 'M/s', better: 'more', long: 'one a call' },
  dependent: { title: 'dep.', unit: 'ns', better: 'less', long: 'one after another' },
  build: { title: 'build', unit: 'ms', better: 'less', long: 'build' },
  updates: { title: 'updates', unit: 'M/s', better: 'more', long: 'updates' },
}

/** The value shown for a figure: dependent lookups are told in nanoseconds each, all else as it was measured. */
export function shownSpread(figure: FigureName, measured: Measured): Spread | undefined {
  const spread = measured[figure]
  if (spread === undefined || figure !== 'dependent') return spread
  const { median, least, most, rounds } = spread
  return { median: 1000 / median, least: 1000 / most, most: 1000 / least, rounds }
}

/** The fastest at something; undefined when nobody was measured. */
export function best(measured: readonly Measured[], figure: FigureName): Measured | undefined {
  const { better } = FIGURE_FORMS[figure]
  const sign = better === 'more' ? -1 : 1
  return measured
    .filter((one) => one[figure] !== undefined)
    .sort((a, b) => sign * (shownSpread(figure, a)!.median - shownSpread(figure, b)!.median))[0]
}

/** Fastest batches first; those that have none last. */
export function ranked(measured: readonly Measured[]): Measured[] {
  return [...measured].sort((a, b) => (b.batch?.median ?? -1) - (a.batch?.median ?? -1))
}

/** Three significant digits: `1,364`, `364`, `48.3`, `0.43`. */
export function threeDigits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toFixed(value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3)
}

/** How far the rounds lie from their median, in percent of it. */
export function deviation({ median, least, most }: Spread): number {
  return (Math.max(most - median, median - least) / median) * 100
}

/** How many rounds the figures come from: fewer than were asked for after an interrupt. */
export function roundsOver({ result }: RouteBench): number {
  return Math.max(0, ...result.measured.flatMap((one) => FIGURES.map((figure) => one[figure]?.rounds ?? 0)))
}

/** The widest spread of some figures over all structures, in percent. */
export function widest(measured: readonly Measured[], figures: readonly FigureName[]): number {
  return Math.max(
    0,
    ...measured.flatMap((one) => figures.map((figure) => spreadPercent(shownSpread(figure, one)))),
  )
}

function spreadPercent(spread: Spread | undefined): number {
  return spread === undefined ? 0 : deviation(spread)
}

/** Structures that the rounds do not tell from the winner: the median of one lies between the ends of the other. */
function likeBest(measured: readonly Measured[], figure: FigureName, winner: Measured): string[] {
  const of = shownSpread(figure, winner)!
  if (of.rounds === 1) return []
  const within = (value: number, { least, most }: Spread): boolean => least <= value && value <= most
  return measured
    .filter((one) => {
      const spread = one === winner ? undefined : shownSpread(figure, one)
      return spread !== undefined && (within(spread.median, of) || within(of.median, spread))
    })
    .map((one) => one.structure.name)
}

/** `3 lengths: /16 3, /24 625, /32 9,372`, the commonest where there are many. */
export function lengthsText({ lengths }: PrefixList): string {
  const counts = new Map<number, number>()
  for (const len of lengths) counts.set(len, (counts.get(len) ?? 0) + 1)
  const rows = [...counts].sort((a, b) => b[1] - a[1])
  const shown = rows.slice(0, 4).sort((a, b) => a[0] - b[0])
  const list = shown.map(([len, count]) => `/${len} ${count.toLocaleString('en')}`).join(', ')
  return `${rows.length} length${rows.length === 1 ? '' : 's'}: ${list}${rows.length > shown.length ? ', …' : ''}`
}

/** Sentences about who wins at what and how surely, and about what `auto` takes. */
export function verdicts({ result, choice }: RouteBench): string[] {
  const { measured } = result
  const winner = (figure: FigureName): string | undefined => {
    const one = best(measured, figure)
    if (one === undefined) return undefined
    const { unit, long } = FIGURE_FORMS[figure]
    const spread = shownSpread(figure, one)!
    const rivals = likeBest(measured, figure, one)
    const figures = [
      `${threeDigits(spread.median)} ${unit}${spread.rounds > 1 ? ` ± ${deviation(spread).toFixed(0)}%` : ''}`,
      ...(rivals.length === 0 ? [] : [`${rivals.join(', ')} as fast within the spread`]),
    ]
    return `${long}: ${one.structure.name} (${figures.join('; ')})`
  }
  const smallest = [...measured].sort((a, b) => a.bytesAPrefix - b.bytesAPrefix)[0]
  const winners = [
    ...FIGURES.map(winner),
    smallest && `memory: ${smallest.structure.name} (${threeDigits(smallest.bytesAPrefix)} bytes a prefix)`,
  ].filter((text) => text !== undefined)
  return [
    ...(winners.length === 0 ? [] : [`Best for this table: ${winners.join('; ')}.`]),
    `auto takes ${choice.name}: ${choice.why}`,
  ]
}
