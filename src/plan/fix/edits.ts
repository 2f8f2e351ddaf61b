// A fix as edits of texts: exactly the characters of an address are replaced, wherever a file writes it.

import type { Span } from '../../diag/diagnostic.ts'
import { lineText, type SourceFile, type Sources } from '../../diag/source.ts'
import type { Plan, PlanNetwork } from '../../model/plan.ts'
import { formatIp } from '../../net/ip.ts'
import { contains, formatPrefix, type Prefix, parsePrefix, samePrefix } from '../../net/prefix.ts'
import { repeatsIn } from '../index.ts'
import { type Placed, rebase } from './changes.ts'
import { ADDRESS, mentionsIn } from './mentions.ts'
import { family } from './networks.ts'
import type { Mode } from './propose.ts'

/** Characters of one line that become others; columns from 1. */
export interface Edit {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly from: string
  readonly to: string
}

/** A network and where it goes. */
export interface Move {
  readonly network: PlanNetwork
  readonly to: Prefix
}

/** What a fix does to files, and where it leaves something to be looked at. */
export interface Edits {
  readonly edits: readonly Edit[]
  /** Places that hold addresses of a network that moves, and were not changed: sentences without a full stop. */
  readonly left: readonly { readonly span: Span; readonly text: string }[]
}

/** Networks with their new prefixes, those inside others with them, and wherever a document repeats one. */
export function movesOf(plan: Plan, placed: readonly Placed[]): Move[] {
  const repeats = repeatsIn(plan)
  const moves = new Map<PlanNetwork, Prefix>()
  for (const { change, to } of placed) {
    const { network } = change.movable
    if (change.kind === 'grow') moves.set(network, to)
    if (change.kind !== 'renumber') continue
    for (const one of family(change.movable)) {
      const { prefix } = one.network
      moves.set(
        one.network,
        one.network === network ? to : { ip: rebase(prefix.ip, network.prefix, to), len: prefix.len },
      )
    }
  }
  return [...moves].flatMap(([network, to]) => repeats(network).map((one) => ({ network: one, to })))
}

/** Why the text of a network cannot be changed; undefined where it can. Texts that two networks share cannot. */
export function editability(plan: Plan, sources: Sources): (network: PlanNetwork) => string | undefined {
  const sharing = new Map<string, PlanNetwork[]>()
  for (const network of plan.networks) {
    if (network.assumed !== undefined) continue
    const { span, prefix } = network
    const key = `${span.file}:${span.line}:${span.column} ${formatPrefix(prefix)}`
    const list = sharing.get(key)
    if (list === undefined) sharing.set(key, [network])
    else list.push(network)
  }
  const shared = new Map(
    [...sharing.values()].filter((list) => list.length > 1).flatMap((list) => list.map((one) => [one, list])),
  )
  const repeats = repeatsIn(plan)
  const reason = (network: PlanNetwork): string | undefined => {
    const other = shared.get(network)?.find((one) => one !== network)
    if (other !== undefined) return `its text is that of ${other.cluster}/${other.name} too`
    const source = sources.get(network.span.file)
    if (
      network.assumed === undefined &&
      (source === undefined ||
        tokenEdits(source, network.span, network.prefix, network.prefix, true).length === 0)
    )
      return 'it is not written as one address in a file'
    return undefined
  }
  return (network) => {
    for (const one of repeats(network)) {
      const why = reason(one)
      if (why !== undefined) return why
    }
    return undefined
  }
}

/** The edits of a fix. */
export function editsOf(plan: Plan, sources: Sources, placed: readonly Placed[], mode: Mode): Edits {
  const moves = new Map(movesOf(plan, placed).map(({ network, to }) => [network, to]))
  const edits = new Map<string, Edit>()
  const left: { span: Span; text: string }[] = []
  const add = (list: readonly Edit[]): void => {
    for (const edit of list) edits.set(`${edit.file}:${edit.line}:${edit.column}`, edit)
  }
  for (const [network, to] of moves) {
    const source = sources.get(network.span.file)
    if (source !== undefined) add(tokenEdits(source, network.span, network.prefix, to, true))
  }
  for (const { span, what, of } of mentionsIn(plan, new Set(moves.keys()))) {
    const [only, other] = of
    const source = sources.get(span.file)
    if (only === undefined || source === undefined) continue
    if (other !== undefined) {
      left.push({ span, text: `${what}: it may mean ${of.map(({ cluster }) => cluster).join(' or ')}` })
      continue
    }
    const to = moves.get(only)
    if (to === undefined) continue
    const found = tokenEdits(source, span, only.prefix, to, false)
    if (found.length === 0) left.push({ span, text: `${what}: it is not written as one address` })
    add(found)
  }
  for (const { change } of placed) {
    if (change.kind !== 'withhold') continue
    const { network } = change.movable
    const source = sources.get(network.span.file)
    add(source === undefined ? [] : withholdEdits(source, network))
  }
  for (const { ovnIc, submariner } of mode.clusters) {
    const written = mode.kind === 'globalnet' ? submariner?.globalnet : ovnIc?.autoRoute
    const source = written === undefined ? undefined : sources.get(written.span.file)
    if (written !== undefined && source !== undefined)
      add(wordEdits(source, written.span, String(written.value), String(!written.value)))
  }
  const known = new Set(
    [...edits.values(), ...left.map(({ span }) => span)].map(({ file, line }) => `${file}:${line}`),
  )
  left.push(...unread(plan, sources, moves, known))
  return { edits: [...edits.values()], left }
}

/** Addresses within a span that lie in a network, as they are after it has moved; `whole`: only the network itself. */
function tokenEdits(source: SourceFile, span: Span, from: Prefix, to: Prefix, whole: boolean): Edit[] {
  const text = lineText(source, span.line)
  const start = span.column - 1
  const end = Math.min(
    text.length,
    span.endColumn !== undefined
      ? span.endColumn - 1
      : span.length !== undefined
        ? start + span.length
        : text.length,
  )
  const edits: Edit[] = []
  for (const match of text.slice(start, end).matchAll(ADDRESS)) {
    const word = match[0]
    const prefix = parsePrefix(word)
    if (prefix === undefined) continue
    const itself = samePrefix(prefix, from)
    if (whole ? !itself : !contains(from, prefix.ip) || prefix.len < from.len) continue
    const ip = rebase(prefix.ip, from, to)
    const length = !word.includes('/') ? '' : `/${prefix.len === from.len ? to.len : prefix.len}`
    edits.push({
      file: source.path,
      line: span.line,
      column: start + match.index + 1,
      from: word,
      to: `${formatIp(ip)}${length}`,
    })
  }
  return edits
}

function wordEdits(source: SourceFile, span: Span, from: string, to: string): Edit[] {
  const at = lineText(source, span.line).indexOf(from, span.column - 1)
  return at < 0 || at > span.column + 1
    ? []
    : [{ file: source.path, line: span.line, column: at + 1, from, to }]
}

const WITHHOLD = 'disableInterConnection'

/** Sets disableInterConnection beside the address: in the object, or by making one of a bare `name: cidr`. */
function withholdEdits(source: SourceFile, { span, prefix }: PlanNetwork): Edit[] {
  const text = lineText(source, span.line)
  const [token] = tokenEdits(source, span, prefix, prefix, true)
  if (token === undefined) return []
  const before = text.slice(0, token.column - 1)
  const at = (column: number, from: string, to: string): Edit[] => [
    { file: source.path, line: span.line, column, from, to },
  ]
  const json = /^(\s*)"(?:cidr|cidrBlock)":\s*"[^"]*$/.exec(before)
  if (json !== null) return at(json[1]!.length + 1, '', `"${WITHHOLD}": true,\n${json[1]!}`)
  const block = /^(\s*)(?:cidr|cidrBlock):\s*["']?[^\s{]*$/.exec(before)
  if (block !== null) return at(block[1]!.length + 1, '', `${WITHHOLD}: true\n${block[1]!}`)
  const flow = /[{,]\s*((?:cidr|cidrBlock):\s*)["']?[^\s{]*$/.exec(before)
  if (flow !== null) return at(before.lastIndexOf(flow[1]!) + 1, '', `${WITHHOLD}: true, `)
  const bare = /^.*?[\w.-]+["']?:\s+(?=["']?$)/.exec(before.replace(/["']$/, ''))
  const quote = /["']$/.exec(before)?.[0] ?? ''
  if (bare === null) return []
  const value = `${quote}${token.from}${quote}`
  return at(token.column - quote.length, value, `{ cidr: ${value}, ${WITHHOLD}: true }`)
}

/** More of these are not listed. */
const LEFT_MAX = 20

/** Lines that hold the very text of a network that moves and were read by nobody: expectations, scripts, comments. */
function unread(
  plan: Plan,
  sources: Sources,
  moves: ReadonlyMap<PlanNetwork, Prefix>,
  known: Set<string>,
): { span: Span; text: string }[] {
  for (const { span } of plan.networks) known.add(`${span.file}:${span.line}`)
  const files = new Set(plan.networks.map(({ span }) => span.file))
  const texts = [...moves.keys()].filter(
    ({ prefix }, i, all) => all.findIndex((one) => samePrefix(one.prefix, prefix)) === i,
  )
  const found: { span: Span; text: string }[] = []
  for (const file of files) {
    const source = sources.get(file)
    if (source === undefined) continue
    for (const { prefix, name, cluster } of texts) {
      const text = formatPrefix(prefix)
      for (let at = source.text.indexOf(text); at >= 0; at = source.text.indexOf(text, at + 1)) {
        if (/[\d.:]/.test(source.text[at - 1] ?? '') || /\d/.test(source.text[at + text.length] ?? ''))
          continue
        const line = lineOf(source, at)
        if (known.has(`${file}:${line}`)) continue
        known.add(`${file}:${line}`)
        if (found.length < LEFT_MAX)
          found.push({
            span: { file, line, column: at - source.lineStarts[line - 1]! + 1, length: text.length },
            text: `${text}: it may mean ${cluster === '' ? '' : `${cluster}/`}${name}`,
          })
      }
    }
  }
  return found
}

function lineOf({ lineStarts }: SourceFile, offset: number): number {
  let [low, high] = [0, lineStarts.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (lineStarts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return low + 1
}
