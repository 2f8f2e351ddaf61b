// Who reaches whom, for people: a matrix of clusters, then one sentence for everything that is not simply delivered.

import { formatPrefixBare } from '../../net/prefix.ts'
import type { Endpoint } from '../../verify/reachability/sources.ts'
import {
  type Fate,
  nameOf,
  type Pair,
  type Summary,
  type Trouble,
} from '../../verify/reachability/summary.ts'
import { counted } from '../figures.ts'
import type { Role } from '../paint.ts'
import { limited, type TextContext, tableOptions } from '../text/context.ts'
import { tableLines, wrap } from '../text/table.ts'
import { endsText, listed, sendersText } from './words.ts'

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

/** All lines of the report of one network. */
export function reachabilityLines(summary: Summary, context: TextContext): string[] {
  const { oneWay } = summary
  return [
    ...wrap(headText(summary), context.columns - 2).map((line) => `  ${line}`),
    '',
    ...matrixLines(summary, context),
    ...troubleLines(summary, context),
    ...oneWayLines(oneWay, context),
  ]
}

/** `4 subnets, 12 pairs: 10 reached, 1 in part, 1 not, 1 one way`. */
export function headText({ endpoints, from, to, count: countPairs, pairs, oneWay }: Summary): string {
  const all = countPairs(from, to)
  const of = (wanted: Pair['verdict']): number => pairs.filter(({ verdict }) => verdict === wanted).length
  return `${counted(endpoints.length, 'subnet')}, ${counted(all, 'pair')}: ${all - pairs.length} reached, ${of('partly')} in part, ${of('unreached')} not, ${oneWay.length} one way`
}

/** Cells of the matrix: reached of all pairs, by sending and owning cluster. Undefined where a matrix would tell nothing. */
export function matrixCells({
  from,
  to,
  pairs,
  count,
}: Summary): { titles: string[]; rows: string[][] } | undefined {
  const senders = [...new Set(from.map(({ cluster }) => cluster))]
  const owners = [...new Set(to.map(({ cluster }) => cluster))]
  if (Math.max(senders.length, owners.length) > MATRIX_MAX || new Set([...senders, ...owners]).size < 2)
    return undefined
  const bad = new Map<string, number>()
  for (const { from: a, to: b } of pairs) {
    const key = `${a.cluster} ${b.cluster}`
    bad.set(key, (bad.get(key) ?? 0) + 1)
  }
  const cell = (sender: string, owner: string): string => {
    const all = count(
      from.filter(({ cluster }) => cluster === sender),
      to.filter(({ cluster }) => cluster === owner),
    )
    return all === 0 ? '-' : `${all - (bad.get(`${sender} ${owner}`) ?? 0)}/${all}`
  }
  return {
    titles: ['from \\ to', ...owners],
    rows: senders.map((sender) => [sender, ...owners.map((owner) => cell(sender, owner))]),
  }
}

function matrixLines(summary: Summary, context: TextContext): string[] {
  const cells = matrixCells(summary)
  if (cells === undefined) return []
  const columns = cells.titles.map((title, i) => (i === 0 ? { title } : { title, align: 'right' as const }))
  return [...tableLines(columns, cells.rows, tableOptions(context, 2)), '']
}

/** `captured: 10.16.7.0/24 of az2/db, from az1/web: they end at az1/apps`. */
export function troubleText(trouble: Trouble): string {
  const { fate, to, blocks, ends } = trouble
  const whose = to.length === 0 ? '' : ` of ${listed(to.map(nameOf))}`
  return `${fate}: ${listed(blocks.map(formatPrefixBare))}${whose}, from ${sendersText(trouble)}: ${endsText(ends)}`
}

function troubleLines({ troubles }: Summary, context: TextContext): string[] {
  if (troubles.length === 0) return []
  const lines = troubles.flatMap((trouble) => {
    const { fate } = trouble
    const [first = '', ...rest] = wrap(troubleText(trouble), context.columns - 4)
    return [
      `  ${first.replace(fate, context.paint(ROLES[fate], fate))}`,
      ...rest.map((line) => `    ${line}`),
    ]
  })
  return [...limited(lines, context, 'lines'), '']
}

function oneWayLines(oneWay: readonly Pair[], context: TextContext): string[] {
  if (oneWay.length === 0) return []
  const lines = oneWayTexts(oneWay).flatMap((text) => {
    const [first = '', ...rest] = wrap(text, context.columns - 4)
    return [`  ${first}`, ...rest.map((line) => `    ${line}`)]
  })
  return [...limited(lines, context, 'lines'), '']
}

/** `one way: az1/web reaches az2/db, whose answers do not come back`, a sentence for each sender. */
export function oneWayTexts(oneWay: readonly Pair[]): string[] {
  const bySender = new Map<Endpoint, string[]>()
  for (const { from, to, verdict } of oneWay)
    bySender.set(from, [
      ...(bySender.get(from) ?? []),
      `${nameOf(to)}${verdict === 'partly' ? ' (in part)' : ''}`,
    ])
  return [...bySender].map(
    ([from, to]) => `one way: ${nameOf(from)} reaches ${listed(to)}, whose answers do not come back`,
  )
}
