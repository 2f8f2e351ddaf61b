// A fix for a person at a terminal, 80 columns: what changes and why, what it costs, what else was weighed, and the patch at the end,
// so that the whole can be piped into patch(1).

import { printable } from '../../diag/cells.ts'
import type { Finding } from '../../model/finding.ts'
import { formatPrefix } from '../../net/prefix.ts'
import type { Change, Placed } from '../../plan/fix/changes.ts'
import type { Trouble } from '../../plan/fix/conflicts.ts'
import {
  changeName,
  consequenceOf,
  modeConsequence,
  modeName,
  networkPath,
} from '../../plan/fix/consequences.ts'
import { lineage, podsText } from '../../plan/fix/networks.ts'
import type { Shortage } from '../../plan/fix/room.ts'
import { type FixedPlan, nameInPatch } from '../../run/fix-plan.ts'
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
  /** Those of them that are left. */
  readonly remaining: readonly Finding[]
  /** Who reaches whom in the fixed plan, as text. */
  readonly reachability?: string
}

const LEFT_MAX = 10
const STUCK_MAX = 10

/** The report with its last line end. */
export function fixText(fixed: FixedPlan, options: FixTextOptions): string {
  const width = Math.max(40, options.width ?? 80)
  const paint = painter(options.color ?? false)
  const { proposal, after, appeared, before, left, patch, texts } = fixed
  const { placed, manual, mode, stuck, others, cost, bound, shortages, unseen, unweighed } = proposal
  const blocks: string[] = []
  const body = (text: string, indent: string): string[] =>
    wrap(text, width - indent.length).map((line) => indent + line)

  if (options.fixable === 0) {
    blocks.push(paint('heading', 'nothing to renumber'))
  } else if (placed.length + manual.length === 0 && mode.kind === 'as-is') {
    blocks.push(
      paint(
        'bad',
        shortages.length > 0 ? 'no room for the changes that are needed' : 'nothing can be changed',
      ),
    )
  } else {
    const changes = placed.length + manual.length + mode.clusters.length
    const left = options.remaining.length
    const exact =
      bound < cost
        ? `the search ended early: no way is cheaper than ${bound}`
        : shortages.length > 0
          ? 'there is no room for all'
          : 'no way is cheaper'
    const of = left > 0 ? `${options.fixable - left} of ` : ''
    const head = `${counted(changes, 'change')} for ${of}${counted(options.fixable, 'finding')}, cost ${cost}; ${exact}`
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
    for (const [i, one] of placed.entries()) blocks.push(placedText(one, i + 1, resolved, body))
    for (const [i, one] of manual.entries())
      blocks.push(
        changeText(one, `${changeName(one)}, cost ${one.cost}`, placed.length + i + 1, resolved, body),
      )
  }
  if (shortages.length > 0)
    blocks.push(
      [
        paint('bad', 'what has no room'),
        ...shortages.slice(0, STUCK_MAX).flatMap((one) => body(shortageText(one), '   ')),
      ].join('\n'),
    )
  if (stuck.length > 0) {
    const lines = stuck.slice(0, STUCK_MAX).flatMap((one) => body(stuckText(one), '   '))
    if (stuck.length > STUCK_MAX) lines.push(`   … and ${stuck.length - STUCK_MAX} more`)
    blocks.push([paint('bad', 'what keeps these from being fixed'), ...lines].join('\n'))
  }
  if (unseen > 0)
    blocks.push(
      body(
        `${counted(unseen, 'pair')} of networks that overlap were not looked at, because there are so many: fix these first, then ask again`,
        '',
      ).join('\n'),
    )
  if (options.remaining.length > 0 && (proposal.roomless > 0 || unseen > 0))
    blocks.push([paint('bad', 'what stays'), ...findingLines(options.remaining, body)].join('\n'))
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
  if (unweighed.length > 0)
    blocks.push(['not weighed', ...unweighed.flatMap((text) => body(text, '   '))].join('\n'))
  if (appeared.length > 0)
    blocks.push([paint('warn', 'appears with it'), ...findingLines(appeared, body)].join('\n'))
  if (left.length > 0) {
    const lines = left
      .slice(0, LEFT_MAX)
      .flatMap(({ span, text }) => body(`${span.file}:${span.line}:${span.column} ${text}`, '   '))
    if (left.length > LEFT_MAX) lines.push(`   … and ${counted(left.length - LEFT_MAX, 'more place')}`)
    blocks.push(['not changed, and to be looked at', ...lines].join('\n'))
  }
  const { findings: known, renamed } = fixed.accepted
  if (renamed > 0)
    blocks.push(
      body(
        `${counted(renamed, 'accepted finding')} ${renamed === 1 ? 'has' : 'have'} other addresses after it: write the baseline anew then`,
        '',
      ).join('\n'),
    )
  blocks.push(
    body(
      (texts.size === 0
        ? `as it is: ${summaryText(before)}`
        : `before: ${summaryText(before)}; after: ${summaryText(after)}`) +
        (known > 0 ? `; ${known} accepted` : ''),
      '',
    ).join('\n'),
  )
  if (options.reachability !== undefined) blocks.push(options.reachability)
  if (options.written === true && texts.size > 0)
    blocks.push([...texts.keys()].map((path) => `written: ${printable(path)}`).join('\n'))
  if (options.written !== true && texts.has('-'))
    blocks.push(body('standard input has no name: say one, as in patch FILE', '').join('\n'))
  const far = [...texts.keys()].filter((path) => /^\.\.(?:\/|$)/.test(nameInPatch(path)))
  if (options.written !== true && far.length > 0)
    blocks.push(
      body(
        `${far.map(printable).join(', ')}: outside this folder, where neither git apply nor patch goes; --write does`,
        '',
      ).join('\n'),
    )
  if (options.written !== true && patch !== '') blocks.push(patch.trimEnd())
  return `${blocks.join('\n\n')}\n`
}

function placedText(
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
  return changeText(change, `${what}; ${moves}, cost ${cost}`, number, resolved, body)
}

function changeText(
  change: Change,
  what: string,
  number: number,
  resolved: Resolved,
  body: (text: string, indent: string) => string[],
): string {
  const reasons = reasonsOf(change, resolved)
  const head = `${number}. `
  const indent = ' '.repeat(head.length)
  const [first = '', ...more] = body(what, indent)
  return [
    head + first.slice(head.length),
    ...more,
    ...body(`because of ${reasons.join(', ')}`, indent),
    ...body(consequenceOf(change), indent),
    ...insteadOf(change, resolved).flatMap((text) => body(`or ${text}`, indent)),
  ].join('\n')
}

function findingLines(
  findings: readonly Finding[],
  body: (text: string, indent: string) => string[],
): string[] {
  const lines = findings
    .slice(0, STUCK_MAX)
    .flatMap(({ severity, code, message }) => body(`${severity}[${code}] ${message}`, '   '))
  if (findings.length > STUCK_MAX) lines.push(`   … and ${findings.length - STUCK_MAX} more`)
  return lines
}

/** How much is missing, and what would make room. */
function shortageText({ length, pools, needed, free, fits, reserved }: Shortage): string {
  const where =
    pools.length === 0
      ? 'no --within is of their family'
      : `${pools.map(formatPrefix).join(', ')} ${pools.length === 1 ? 'has' : 'have'} room for ${free}`
  const help = [
    'a wider --within',
    ...(reserved ? ['no --reserve'] : []),
    ...(fits === undefined ? [] : [`networks of /${fits} in their place`]),
  ]
  const last = help.pop()!
  const ways = help.length > 0 ? `${help.join(', ')} or ${last}` : last
  return `${counted(needed, 'network')} of /${length} would have to move, and ${where}; ${ways} would make room`
}

function stuckText({ networks, verdict }: Trouble): string {
  const each = networks.map((one) => {
    const why = [...new Set(lineage(one).flatMap(({ fixed }) => fixed ?? []))]
    return `${networkPath(one.network)} ${formatPrefix(one.network.prefix)} (${why[0] ?? 'no room for it'})`
  })
  return `${verdict.codes.join(', ')}: ${each.join(' and ')}`
}
