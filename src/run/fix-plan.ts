/**
 * A fix that is proven: the proposal becomes texts, the texts are read again as the user's files would be, and the same rules judge
 * them. What the rules have against a new place is never proposed twice.
 */
import type { Sources } from '../diag/source.ts'
import { type LoadPlanResult, loadPlan } from '../input/plan/load.ts'
import type { CheckResult, Finding } from '../model/finding.ts'
import type { Plan } from '../model/plan.ts'
import { formatIp } from '../net/ip.ts'
import { covers, formatPrefix, type Prefix, parsePrefix } from '../net/prefix.ts'
import { checkPlan } from '../plan/check.ts'
import { rebase } from '../plan/fix/changes.ts'
import { type Edits, editability, editsOf, type Move, movesOf } from '../plan/fix/edits.ts'
import { counts, FIXABLE } from '../plan/fix/judge.ts'
import type { FixOptions } from '../plan/fix/options.ts'
import { patchedTexts, unifiedDiff } from '../plan/fix/patch.ts'
import { type Proposal, propose } from '../plan/fix/propose.ts'

export interface FixedPlan {
  readonly proposal: Proposal
  readonly moves: readonly Move[]
  readonly left: Edits['left']
  /** New texts of the files that change. */
  readonly texts: ReadonlyMap<string, string>
  /** All of them as one patch for `patch -p0`. */
  readonly patch: string
  /** What the rules say before and after. */
  readonly before: CheckResult
  readonly after: CheckResult
  /** Findings that only the fixed plan has. */
  readonly appeared: readonly Finding[]
}

/** New places that the rules refuse before a plan is given back as it is. */
const ROUNDS_MAX = 12

export interface FixPlanInput {
  readonly plan: Plan
  readonly sources: Sources
  readonly paths: readonly string[]
  readonly strict?: boolean
  readonly options: FixOptions
}

/** Fixes a plan that was loaded from these paths. Throws where the new texts cannot be read: a bug. */
export function fixPlan({ plan, sources, paths, strict = false, options }: FixPlanInput): FixedPlan {
  const before = checkPlan(plan)
  const editable = editability(plan, sources)
  let reserved: readonly Prefix[] = options.reserved
  let withhold = true
  for (let round = 1; ; round++) {
    const proposal = propose(plan, { ...options, reserved, editable, withhold })
    const moves = movesOf(plan, proposal.placed)
    const { edits, left } = editsOf(plan, sources, proposal.placed, proposal.mode)
    const texts = patchedTexts(sources, edits)
    const again = texts.size === 0 ? undefined : reread(paths, sources, texts, strict)
    if (again !== undefined && again.plan === undefined) {
      // A key that is there already, or an object in a form that was not foreseen.
      if (withhold && proposal.placed.some(({ change }) => change.kind === 'withhold')) {
        withhold = false
        continue
      }
      throw new Error(`the fixed plan cannot be read: ${again.diagnostics[0]?.message}`)
    }
    const after = again?.plan === undefined ? before : checkPlan(again.plan)
    const appeared = onlyAfter(before, after, moves)
    const refused = moves.filter(({ network }) =>
      appeared.some(
        ({ severity, places }) =>
          counts(severity, options.threshold) &&
          places.some(({ span }) => span.file === network.span.file && span.line === network.span.line),
      ),
    )
    if (refused.length > 0 && round < ROUNDS_MAX) {
      reserved = [...reserved, ...refused.map(({ to }) => to)]
      continue
    }
    const patch = [...texts].map(([path, text]) => unifiedDiff(path, sources.get(path)!.text, text)).join('')
    return { proposal, moves, left, texts, patch, before, after, appeared }
  }
}

/** Findings of the kinds that renumbering can remove, of at least a severity. */
export function fixableIn({ findings }: CheckResult, { threshold }: FixOptions): Finding[] {
  return findings.filter(({ code, severity }) => FIXABLE.has(code) && counts(severity, threshold))
}

function reread(
  paths: readonly string[],
  sources: Sources,
  texts: ReadonlyMap<string, string>,
  strict: boolean,
): LoadPlanResult {
  return loadPlan(paths, {
    strict,
    read: (path) => {
      const text = texts.get(path) ?? sources.get(path)?.text
      if (text === undefined) throw new Error(`${path} was not read before`)
      return text
    },
  })
}

/**
 * Findings that the plan did not have, with the networks that moved taken for what they were. What is left of a finding about more
 * networks is not new.
 */
function onlyAfter(before: CheckResult, after: CheckResult, moves: readonly Move[]): Finding[] {
  /** An address as it was before its network moved, in the form that findings use. */
  const formerly = (text: string): string => {
    const prefix = parsePrefix(text)
    if (prefix === undefined) return text
    const move = moves.find(({ to }) => covers(to, prefix))
    if (move === undefined) return text
    const { network, to } = move
    const ip = rebase(prefix.ip, to, network.prefix)
    if (!text.includes('/')) return formatIp(ip)
    return formatPrefix({ ip, len: prefix.len === to.len ? network.prefix.len : prefix.len })
  }
  const renamed = ({ subject }: Finding): string[] =>
    subject.split(' ').map((word) => {
      const at = word.indexOf('=') + 1
      return word.slice(0, at) + formerly(word.slice(at))
    })
  const subjects = new Set(before.findings.map(({ code, subject }) => `${code} ${subject}`))
  const known = new Map<string, ReadonlySet<string>[]>()
  for (const { code, subject } of before.findings) {
    const list = known.get(code) ?? []
    if (list.length === 0) known.set(code, list)
    list.push(new Set(subject.split(' ')))
  }
  return after.findings.filter((one) => {
    if (subjects.has(`${one.code} ${one.subject}`)) return false
    const words = renamed(one)
    return !known.get(one.code)?.some((subject) => words.every((word) => subject.has(word)))
  })
}
