// A fix as edits of texts: exactly the characters of an address are replaced, wherever a file writes it.

import type { Span } from '../../diag/diagnostic.ts'
import { lineText, type SourceFile } from '../../diag/source.ts'
import type { Plan, PlanNetwork } from '../../model/plan.ts'
import { covers, formatPrefix, type Prefix, samePrefix } from '../../net/prefix.ts'
import { repeatsIn } from '../index.ts'
import { type Placed, rebase } from './changes.ts'
import { networkPath } from './consequences.ts'
import { mentionsIn } from './mentions.ts'
import { family } from './networks.ts'
import { Covering, Owners } from './owners.ts'
import type { Proposal } from './propose.ts'
import { withholdEdits, wordEdits } from './settings.ts'
import { allTokens, type Edit, rebased, type Token, tokensIn } from './tokens.ts'

/** A network and where it goes. */
export interface Move {
  readonly network: PlanNetwork
  readonly to: Prefix
}

/** A place that a fix leaves as it is. */
export interface Left {
  readonly span: Span
  /** What stands there and why it stays: a sentence without a full stop. */
  readonly text: string
}

/** What a fix does to files, and where it leaves something to be looked at. */
export interface Edits {
  readonly edits: readonly Edit[]
  /** Places that hold addresses of a network that moves, and were not changed. */
  readonly left: readonly Left[]
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

/** The edits of a fix. */
export function editsOf(
  plan: Plan,
  sources: ReadonlyMap<string, SourceFile>,
  { placed, manual, mode }: Pick<Proposal, 'placed' | 'manual' | 'mode'>,
): Edits {
  const edits = new Map<string, Edit>()
  const add = (edit: Edit): void => {
    edits.set(keyOf(edit), edit)
  }
  const moves = movesOf(plan, placed)
  const addresses = moves.length === 0 ? { edits: [], left: [] } : addressEdits(plan, sources, moves)
  for (const one of addresses.edits) add(one)
  for (const { change } of placed) {
    if (change.kind !== 'withhold') continue
    const { network } = change.movable
    const source = sources.get(network.span.file)
    for (const one of source === undefined ? [] : withholdEdits(source, network)) add(one)
  }
  const turned = [
    ...mode.clusters.map(({ submariner }) => submariner?.globalnet),
    ...manual.map(({ cluster }) => cluster.ovnIc?.autoRoute),
  ]
  for (const setting of turned) {
    const source = setting === undefined ? undefined : sources.get(setting.span.file)
    if (setting !== undefined && source !== undefined)
      for (const one of wordEdits(source, setting.span, String(setting.value), String(!setting.value)))
        add(one)
  }
  return { edits: [...edits.values()], left: addresses.left }
}

const keyOf = ({ file, line, column }: Pick<Edit, 'file' | 'line' | 'column'>): string =>
  `${file}:${line}:${column}`

/** Every address of the files that lies in a network which moves: it moves with it, or is left with a reason. */
function addressEdits(plan: Plan, sources: ReadonlyMap<string, SourceFile>, list: readonly Move[]): Edits {
  const moves = new Map(list.map(({ network, to }) => [network, to]))
  const moving = new Covering(moves.keys())
  const owners = new Owners(plan)
  const longest = Math.max(...list.map(({ network }) => network.prefix.len))
  const edits: Edit[] = []
  const left: Left[] = []
  const decided = new Set<string>()
  const leave = (token: Token, text: string): void => {
    const { file, line, column, word } = token
    left.push({ span: { file, line, column, length: word.length }, text })
  }
  const decide = (token: Token, what: string, of: readonly PlanNetwork[]): void => {
    if (decided.has(keyOf(token))) return
    decided.add(keyOf(token))
    const [only, other] = of
    if (only === undefined || !of.some((one) => moves.has(one))) return
    if (other !== undefined) leave(token, `${what}: it may mean ${of.map(networkPath).join(' or ')}`)
    else edits.push(rebased(token, only.prefix, moves.get(only)!))
  }
  /** Wider than a network that moves: what it is for may not hold any more. */
  const decideWider = (token: Token, what: string): void => {
    const { len } = token.prefix
    if (len >= longest || len === 0 || decided.has(keyOf(token)) || owners.isNetwork(token.prefix)) return
    const lost = list.filter(
      ({ network, to }) => covers(token.prefix, network.prefix) && !covers(token.prefix, to),
    )
    const [first] = lost
    if (first === undefined) return
    decided.add(keyOf(token))
    const more = lost.length > 1 ? ` (and ${lost.length - 1} more)` : ''
    leave(
      token,
      `${what}: ${token.word} holds ${formatPrefix(first.network.prefix)} of ${networkPath(first.network)}, and not ${formatPrefix(first.to)}${more}`,
    )
  }
  const eachIn = (span: Span, visit: (token: Token) => void): void => {
    const source = sources.get(span.file)
    if (source !== undefined) for (const token of tokensIn(source, span)) visit(token)
  }

  for (const network of plan.networks) {
    const { prefix, span, assumed } = network
    if (assumed !== undefined || (!moving.covers(prefix) && prefix.len >= longest)) continue
    eachIn(span, (token) => {
      if (samePrefix(token.prefix, prefix)) decide(token, network.name, [network])
    })
  }
  for (const word of [...(plan.fix?.reserve ?? []), ...(plan.fix?.within ?? [])])
    eachIn(word.span, (token) => decided.add(keyOf(token)))
  for (const { span, what, of } of mentionsIn(plan, owners, (prefix) => moving.covers(prefix)))
    eachIn(span, (token) => {
      if (of.some(({ prefix }) => covers(prefix, token.prefix))) decide(token, what, of)
    })
  // An object inside a scenario is read as a part of that and as itself, which knows more.
  const known = plan.mentions.filter(({ whose }) => whose !== 'any')
  for (const mention of [...known, ...plan.mentions.filter(({ whose }) => whose === 'any')])
    eachIn(mention.span, (token) => {
      if (moving.covers(token.prefix)) decide(token, mention.what, owners.by(mention, token.prefix))
      else decideWider(token, mention.what)
    })
  for (const source of sources.values())
    for (const token of allTokens(source)) {
      if (decided.has(keyOf(token)) || !moving.covers(token.prefix)) continue
      const of = owners.everyone(token.prefix)
      if (!of.some((one) => moves.has(one))) continue
      const where = isComment(source, token) ? 'a comment' : 'a text that is not read'
      leave(token, `${token.word} in ${where}: it may mean ${of.map(networkPath).join(' or ')}`)
    }
  return { edits, left: left.sort((a, b) => orderOf(a, b)) }
}

function isComment(source: SourceFile, { line, column }: Token): boolean {
  return /(?:^|\s)#/.test(lineText(source, line).slice(0, column - 1))
}

function orderOf({ span: a }: Left, { span: b }: Left): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1
}
