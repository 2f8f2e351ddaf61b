// Who reaches whom, for people: a matrix of clusters, then one sentence for everything that is not simply delivered.

import { formatPrefix } from '../../net/prefix.ts'
import type { Endpoint } from '../../verify/reachability/sources.ts'
import { type Fate, nameOf, type Pair, type Summary, shareFamily } from '../../verify/reachability/summary.ts'
import { counted } from '../figures.ts'
import type { Role } from '../paint.ts'
import { limited, type TextContext, tableOptions } from '../text/context.ts'
import { tableLines, wrap } from '../text/table.ts'
import { endsText, sendersText } from './words.ts'

/** More clusters than this get no matrix, but a list of those that have troubles. */
const MATRIX_MAX = 12

const ROLES: Readonly<Record<Fate, Role>> = {
  captured: 'bad',
  diverted: 'warn',
  'black-holed': 'warn',
  looping: 'bad',
  undefined: 'bad',
  depends: 'bad',
}

/** All lines of the report. */
export function reachabilityLines(summary: Summary, context: TextContext): string[] {
  const { endpoints, pairs, oneWay } = summary
  const all = countPairs(endpoints)
  const head = `${counted(endpoints.length, 'subnet')}, ${counted(all, 'pair')}: ${all - pairs.length} reached, ${pairs.filter(({ verdict }) => verdict === 'partly').length} in part, ${pairs.filter(({ verdict }) => verdict === 'unreached').length} not, ${oneWay.length} one way`
  return [
    context.paint('heading', 'Reachability'),
    `  ${head}`,
    '',
    ...matrixLines(summary, context),
    ...troubleLines(summary, context),
    ...oneWayLines(oneWay, context),
  ]
}

/** Ordered pairs of different subnets that share a family. */
export function countPairs(endpoints: readonly Endpoint[]): number {
  const kinds = new Map<string, { one: Endpoint; count: number }>()
  for (const one of endpoints) {
    const key = `${one.prefixes.some(({ ip }) => typeof ip === 'number')} ${one.prefixes.some(({ ip }) => typeof ip !== 'number')}`
    const kind = kinds.get(key)
    if (kind === undefined) kinds.set(key, { one, count: 1 })
    else kind.count++
  }
  let pairs = 0
  for (const a of kinds.values())
    for (const b of kinds.values())
      if (shareFamily(a.one, b.one)) pairs += a.count * (a === b ? b.count - 1 : b.count)
  return pairs
}

function matrixLines({ endpoints, pairs }: Summary, context: TextContext): string[] {
  const clusters = [...new Set(endpoints.map(({ cluster }) => cluster))]
  if (clusters.length > MATRIX_MAX || clusters.length < 2) return []
  const bad = new Map<string, number>()
  for (const { from, to } of pairs) {
    const key = `${from.cluster} ${to.cluster}`
    bad.set(key, (bad.get(key) ?? 0) + 1)
  }
  const of = (cluster: string): Endpoint[] => endpoints.filter((one) => one.cluster === cluster)
  const cell = (from: string, to: string): string => {
    let all = 0
    for (const a of of(from)) for (const b of of(to)) if (a !== b && shareFamily(a, b)) all++
    return all === 0 ? '-' : `${all - (bad.get(`${from} ${to}`) ?? 0)}/${all}`
  }
  const columns = [{ title: 'from \\ to' }, ...clusters.map((title) => ({ title, align: 'right' as const }))]
  const rows = clusters.map((from) => [from, ...clusters.map((to) => cell(from, to))])
  return [...tableLines(columns, rows, tableOptions(context, 2)), '']
}

function troubleLines({ troubles }: Summary, context: TextContext): string[] {
  if (troubles.length === 0) return []
  const lines = troubles.flatMap((trouble) => {
    const { fate, to, blocks, ends } = trouble
    const whose = to.length === 0 ? '' : ` of ${to.map(nameOf).join(', ')}`
    const addresses = blocksText(blocks.map(formatPrefix))
    const text = `${fate}: ${addresses}${whose}, from ${sendersText(trouble)}: ${endsText(ends)}`
    const [first = '', ...rest] = wrap(text, context.columns - 4)
    return [
      `  ${first.replace(fate, context.paint(ROLES[fate], fate))}`,
      ...rest.map((line) => `    ${line}`),
    ]
  })
  return [...limited(lines, context, 'lines'), '']
}

/** Blocks of one sentence; the rest is counted. */
const BLOCKS_MAX = 6

function blocksText(blocks: readonly string[]): string {
  const rest = blocks.length - BLOCKS_MAX
  return rest > 0
    ? `${blocks.slice(0, BLOCKS_MAX).join(', ')} and ${counted(rest, 'more block')}`
    : blocks.join(', ')
}

function oneWayLines(oneWay: readonly Pair[], context: TextContext): string[] {
  if (oneWay.length === 0) return []
  const bySender = new Map<Endpoint, string[]>()
  for (const { from, to, verdict } of oneWay)
    bySender.set(from, [
      ...(bySender.get(from) ?? []),
      `${nameOf(to)}${verdict === 'partly' ? ' (in part)' : ''}`,
    ])
  const lines = [...bySender].flatMap(([from, to]) => {
    const [first = '', ...rest] = wrap(
      `one way: ${nameOf(from)} reaches ${to.join(', ')}, whose answers do not come back`,
      context.columns - 4,
    )
    return [`  ${first}`, ...rest.map((line) => `    ${line}`)]
  })
  return [...limited(lines, context, 'lines'), '']
}
