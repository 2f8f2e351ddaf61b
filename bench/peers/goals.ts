/** The goals of docs/performance.md against what was measured: a line each, with the ratio, and reached or not. */
import { geometricMean } from '../../src/run/bench/spread.ts'
import type { Figures, TableFigures } from './rounds.ts'

export interface GoalLine {
  readonly goal: string
  readonly wanted: string
  readonly got: string
  /** Undefined when too little was measured to say. */
  readonly reached: boolean | undefined
}

/** The structure that the library takes by itself. */
const autoOf = ({ auto, figures }: TableFigures): Figures | undefined =>
  figures.find(({ name }) => name === `ours ${auto}`)

type Kind = 'batch' | 'single'

const isOurs = ({ group }: Figures): boolean => group === 'ours'
/** DPDK as it comes: without vectors of 512 bits, which it uses only when told. */
const isDpdk = ({ group, name }: Figures): boolean => group === 'dpdk' && !name.includes('avx512')
const rate = (figures: Figures, kind: Kind, trace: string): number => figures[kind][trace]?.median ?? 0

/** The highest rate of those that fit; zero when nobody was measured. */
function most(table: TableFigures, who: (figures: Figures) => boolean, kind: Kind, trace: string): number {
  return Math.max(0, ...table.figures.filter(who).map((figures) => rate(figures, kind, trace)))
}

interface Ratio {
  readonly where: string
  readonly ratio: number
}

/** Ours divided by theirs on every table and trace on which both were measured. */
function ratios(
  tables: readonly TableFigures[],
  traces: readonly string[],
  ours: Kind,
  who: (figures: Figures) => boolean,
  theirs: Kind,
): Ratio[] {
  return tables.flatMap((table) =>
    traces.flatMap((trace) => {
      const a = most(table, isOurs, ours, trace)
      const b = most(table, who, theirs, trace)
      return a > 0 && b > 0 ? [{ where: `${table.table} ${trace}`, ratio: a / b }] : []
    }),
  )
}

/** The same for the structure that auto takes, batches against DPDK. */
function autoRatios(tables: readonly TableFigures[]): Ratio[] {
  return tables.flatMap((table) =>
    MATCHING.flatMap((trace) => {
      const auto = autoOf(table)
      const a = auto === undefined ? 0 : rate(auto, 'batch', trace)
      const b = most(table, isDpdk, 'batch', trace)
      return a > 0 && b > 0 ? [{ where: `${table.table} ${trace}`, ratio: a / b }] : []
    }),
  )
}

function x(ratio: number): string {
  return `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)} ×`
}

function least(list: readonly Ratio[]): Ratio {
  return list.reduce((a, b) => (b.ratio < a.ratio ? b : a))
}

function everywhere(goal: string, wanted: number, list: readonly Ratio[]): GoalLine {
  if (list.length === 0) return { goal, wanted: x(wanted), got: 'not measured', reached: undefined }
  const worst = least(list)
  const failing = list.filter(({ ratio }) => ratio < wanted).length
  const some = failing === 0 ? '' : `, ${failing} of ${list.length} below`
  return {
    goal,
    wanted: `at least ${x(wanted)} everywhere`,
    got: `${x(worst.ratio)} (${worst.where}) to ${x(Math.max(...list.map(({ ratio }) => ratio)))}${some}`,
    reached: failing === 0,
  }
}

function mean(goal: string, wanted: number, floor: number | undefined, list: readonly Ratio[]): GoalLine[] {
  if (list.length === 0) return [{ goal, wanted: x(wanted), got: 'not measured', reached: undefined }]
  const middle = geometricMean(list.map(({ ratio }) => ratio))
  const lines: GoalLine[] = [
    { goal, wanted: `at least ${x(wanted)} as geometric mean`, got: x(middle), reached: middle >= wanted },
  ]
  if (floor !== undefined) lines.push({ ...everywhere(goal, floor, list) })
  return lines
}

const MATCHING = ['match', 'uniform', 'zipf']

/** All that can be said of what was measured. */
export function goalLines(all: readonly TableFigures[]): GoalLine[] {
  const of = (family: 4 | 6, shape?: string): TableFigures[] =>
    all.filter((table) => table.family === family && (shape === undefined || table.shape === shape))
  const bart = ({ group }: Figures): boolean => group === 'bart'
  const npm = ({ group }: Figures): boolean => group === 'npm'
  const avx = ({ name }: Figures): boolean => name.includes('avx512')
  const fast = ({ name }: Figures): boolean => name === 'bart.Fast'
  return [
    ...mean(
      'IPv4, batch, against the faster of rte_lpm and rte_fib',
      1.3,
      0.9,
      ratios(of(4), MATCHING, 'batch', isDpdk, 'batch'),
    ),
    ...mean('the same, of the structure that auto takes', 1.3, 0.9, autoRatios(of(4))),
    ...mean(
      'the same against rte_fib with vectors of 512 bits (no goal)',
      1,
      undefined,
      ratios(of(4), MATCHING, 'batch', avx, 'batch'),
    ),
    everywhere('IPv4, one a call, against bart.Fast', 3, ratios(of(4), MATCHING, 'single', fast, 'single')),
    everywhere(
      'IPv4, Kubernetes tables, one a call, against Poptrie',
      1,
      ratios(of(4, 'k8s'), MATCHING, 'single', ({ group }) => group === 'poptrie', 'single'),
    ),
    everywhere(
      'IPv4, one a call, against the best npm package',
      100,
      ratios(of(4), ['match'], 'single', npm, 'single'),
    ),
    everywhere(
      'IPv6, Kubernetes tables, one a call, addresses that match, against rte_fib6',
      4,
      ratios(of(6, 'k8s'), ['match', 'zipf'], 'single', isDpdk, 'batch'),
    ),
    misses(of(6, 'k8s')),
    everywhere(
      'IPv6, Internet tables, batch, against rte_fib6',
      1.3,
      ratios(of(6, 'bgp'), MATCHING, 'batch', isDpdk, 'batch'),
    ),
    everywhere(
      'IPv6, Internet tables, one a call, against bart',
      1.5,
      ratios(of(6, 'bgp'), MATCHING, 'single', bart, 'single'),
    ),
    updates(of(4)),
    pauses(all),
    memory(all),
    building(of(4)),
  ]
}

/** Of the structure that is best on addresses that match: its misses beside its matches. */
function misses(tables: readonly TableFigures[]): GoalLine {
  const goal = 'IPv6, Kubernetes tables, one a call: misses beside matches of the same structure'
  const list = tables.flatMap((table) => {
    const [best] = table.figures
      .filter(isOurs)
      .sort((a, b) => rate(b, 'single', 'match') - rate(a, 'single', 'match'))
    const match = best === undefined ? 0 : rate(best, 'single', 'match')
    const miss = best === undefined ? 0 : rate(best, 'single', 'miss')
    return match > 0 && miss > 0 ? [{ where: table.table, ratio: miss / match }] : []
  })
  return everywhere(goal, 1, list)
}

/** One structure must have both: updates beside rte_fib's and lookups beside bart's. */
function updates(tables: readonly TableFigures[]): GoalLine {
  const goal = 'updates beside rte_fib (1.5 ×) of a structure with lookups beside bart (4 ×)'
  const rows = tables.flatMap((table) => {
    const fib = table.figures.find(({ name }) => name === 'DPDK rte_fib')?.update?.median
    const bart = most(table, ({ group }) => group === 'bart', 'single', 'match')
    if (fib === undefined || bart === 0) return []
    const both = table.figures
      .filter((one) => isOurs(one) && one.update !== undefined)
      .map((one) => ({
        name: one.name,
        updates: one.update!.median / fib,
        lookups: rate(one, 'single', 'match') / bart,
      }))
      .sort((a, b) => Math.min(b.updates / 1.5, b.lookups / 4) - Math.min(a.updates / 1.5, a.lookups / 4))
    return both[0] === undefined ? [] : [{ table: table.table, ...both[0] }]
  })
  return {
    goal,
    wanted: 'both on every IPv4 table',
    got:
      rows
        .map((row) => `${row.table} ${row.name.slice(5)} ${x(row.updates)} and ${x(row.lookups)}`)
        .join('; ') || 'not measured',
    reached: rows.length === 0 ? undefined : rows.every((row) => row.updates >= 1.5 && row.lookups >= 4),
  }
}

function pauses(tables: readonly TableFigures[]): GoalLine {
  const rows = tables
    .filter(({ size }) => size >= 1_000_000)
    .flatMap((table) => {
      const best = table.figures
        .filter(({ pause }) => pause !== undefined)
        .sort((a, b) => a.pause![0] - b.pause![0])
      return best[0] === undefined ? [] : [{ table: table.table, figures: best[0] }]
    })
  return {
    goal: 'updates at a million routes: the longest',
    wanted: 'no longer than 1 ms',
    got:
      rows
        .map(({ table, figures }) => `${table} ${figures.name.slice(5)} ${figures.pause![0].toFixed(2)} ms`)
        .join('; ') || 'not measured',
    reached: rows.length === 0 ? undefined : rows.every(({ figures }) => figures.pause![0] <= 1),
  }
}

function memory(tables: readonly TableFigures[]): GoalLine {
  const rows = tables
    .filter(({ size }) => size >= 100_000)
    .flatMap((table) => {
      const auto = autoOf(table)
      return auto === undefined ? [] : [{ table: table.table, bytes: auto.bytesAPrefix }]
    })
  return {
    goal: 'memory of the structure that auto takes, 100,000 prefixes and more',
    wanted: 'at most 32 bytes a prefix',
    got: rows.map(({ table, bytes }) => `${table} ${bytes.toFixed(1)}`).join('; ') || 'not measured',
    reached: rows.length === 0 ? undefined : rows.every(({ bytes }) => bytes <= 32),
  }
}

function building(tables: readonly TableFigures[]): GoalLine {
  const rows = tables
    .filter(({ size }) => size >= 1_000_000)
    .flatMap((table) => {
      const auto = autoOf(table)
      return auto === undefined ? [] : [{ table: table.table, ms: auto.buildMs }]
    })
  return {
    goal: 'build of a million IPv4 prefixes from a sorted list, auto',
    wanted: 'under 500 ms',
    got: rows.map(({ table, ms }) => `${table} ${ms.toFixed(0)} ms`).join('; ') || 'not measured',
    reached: rows.length === 0 ? undefined : rows.every(({ ms }) => ms < 500),
  }
}
