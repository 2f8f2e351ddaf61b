// A fix for a person at a terminal, 80 columns: what changes and why, what it costs, what else was weighed, and the patch at the end,
// so that the whole can be piped into patch(1).

import { printable } from '../../diag/cells.ts'
import { formatPrefix } from '../../net/prefix.ts'
import type { Placed } from '../../plan/fix/changes.ts'
import type { Trouble } from '../../plan/fix/conflicts.ts'
import { consequenceOf, modeConsequence, modeName, networkPath } from '../../plan/fix/consequences.ts'
import { lineage, podsText } from '../../plan/fix/networks.ts'
import type { FixedPlan } from '../../run/fix-plan.ts'
import { counted } from '../figures.ts'
import { summaryText } from '../findings/text.ts'
import { painter } from '../paint.ts'
import { wrap } from '../text/table.ts'
import { insteadOf, type Resolved, reasonsOf, resolvedBy } from './reasons.ts'

export interface FixTextOptions {
  readonly color?: boolean
  /** Columns; 80 unless given. */
  readonly width?: number
  /** True when the files have been written. */
  readonly written?: boolean
  /** How many findings are of the kinds that renumbering can remove. */
  readonly fixable: number
}

const LEFT_MAX = 10
const STUCK_MAX = 10

/** The report with its last line end. */
export function fixText(fixed: FixedPlan, options: FixTextOptions): string {
  const width = Math.max(40, options.width ?? 80)
  const paint = painter(options.color ?? false)
  const { proposal, after, before, left, patch, texts } = fixed
  const { placed, mode, stuck, others, cost, bound, noRoom } = proposal
  const blocks: string[] = []
  const body = (text: string, indent: string): string[] =>
    wrap(text, width - indent.length).map((line) => indent + line)

  if (options.fixable === 0) {
    blocks.push(paint('heading', 'nothing to renumber'))
  } else if (placed.length === 0 && mode.kind === 'as-is') {
    blocks.push(paint('bad', noRoom ? 'no room for the changes that are needed' : 'nothing can be changed'))
  } else {
    const changes = placed.length + mode.clusters.length
    const exact =
      bound >= cost ? 'no way is cheaper' : `the search ended early: no way is cheaper than ${bound}`
    const head = `${counted(changes, 'change')} for ${counted(options.fixable, 'finding')}, cost ${cost}; ${exact}`
    blocks.push(
      wrap(head, width)
        .map((line) => paint('heading', line))
        .join('\n'),
    )
    if (mode.kind !== 'as-is')
      blocks.push(
        [...body(`${modeName(mode)}, cost ${mode.cost}`, ''), ...body(modeConsequence(mode), '   ')].join(
          '\n',
        ),
      )
    const resolved = resolvedBy(proposal.troubles)
    for (const [i, one] of placed.entries()) blocks.push(changeText(one, i + 1, resolved, body))
  }
  if (stuck.length > 0) {
    const lines = stuck.slice(0, STUCK_MAX).flatMap((one) => body(stuckText(one), '   '))
    if (stuck.length > STUCK_MAX) lines.push(`   … and ${stuck.length - STUCK_MAX} more`)
    blocks.push([paint('bad', 'what keeps these from being fixed'), ...lines].join('\n'))
  }
  if (others.length > 0) {
    const lines = others.flatMap(({ mode: other, cost: sum }) => [
      ...body(
        `${modeName(other)}: ${sum === undefined ? 'leaves some of them' : `cost ${sum} in all`}${other.written ? '' : ', set by hand'}`,
        '   ',
      ),
      ...(other.kind === 'as-is' ? [] : body(modeConsequence(other), '     ')),
    ])
    blocks.push(['also weighed', ...lines].join('\n'))
  }
  if (left.length > 0) {
    const lines = left
      .slice(0, LEFT_MAX)
      .flatMap(({ span, text }) => body(`${span.file}:${span.line}:${span.column} ${text}`, '   '))
    if (left.length > LEFT_MAX) lines.push(`   … and ${counted(left.length - LEFT_MAX, 'more place')}`)
    blocks.push(['not changed, and to be looked at', ...lines].join('\n'))
  }
  blocks.push(
    body(
      texts.size === 0
        ? `as it is: ${summaryText(before)}`
        : `before: ${summaryText(before)}; after: ${summaryText(after)}`,
      '',
    ).join('\n'),
  )
  if (options.written === true)
    blocks.push([...texts.keys()].map((path) => `written: ${printable(path)}`).join('\n'))
  else if (patch !== '') blocks.push(patch.trimEnd())
  return `${blocks.join('\n\n')}\n`
}

function changeText(
  placed: Placed,
  number: number,
  resolved: Resolved,
  body: (text: string, indent: string) => string[],
): string {
  const { change, to } = placed
  const { kind, movable, cost } = change
  const { network } = movable
  const from = formatPrefix(network.prefix)
  const what =
    kind === 'withhold'
      ? `${networkPath(network)} ${from}: disableInterConnection`
      : `${networkPath(network)}: ${from} becomes ${formatPrefix(to)}`
  const moves =
    kind === 'renumber'
      ? `moves ${podsText(movable.pods)}`
      : kind === 'grow'
        ? 'moves nothing'
        : `unplugs ${podsText(movable.pods)}`
  const reasons = reasonsOf(change, resolved)
  const instead = insteadOf(change, resolved)
  const head = `${number}. `
  const indent = ' '.repeat(head.length)
  const [first = '', ...more] = body(`${what}; ${moves}, cost ${cost}`, indent)
  return [
    head + first.slice(head.length),
    ...more,
    ...body(`because of ${reasons.join(', ')}`, indent),
    ...body(consequenceOf(change), indent),
    ...instead.flatMap((text) => body(`or ${text}`, indent)),
  ].join('\n')
}

function stuckText({ networks, verdict }: Trouble): string {
  const each = networks.map((one) => {
    const why = [...new Set(lineage(one).flatMap(({ fixed }) => fixed ?? []))]
    return `${networkPath(one.network)} ${formatPrefix(one.network.prefix)} (${why[0] ?? 'no room for it'})`
  })
  return `${verdict.codes.join(', ')}: ${each.join(' and ')}`
}
