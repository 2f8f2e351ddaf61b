/**
 * A fix that is proven: the proposal becomes texts, the texts are read again as the user's files would be, and the same rules judge
 * them. What the rules have against a new place is never proposed twice.
 */
import { relative } from 'node:path'
import { type LoadPlanResult, loadPlan } from '../input/plan/load.ts'
import type { CheckResult, Finding } from '../model/finding.ts'
import { formatIp } from '../net/ip.ts'
import { covers, formatPrefix, type Prefix, parsePrefix } from '../net/prefix.ts'
import { checkPlan } from '../plan/check.ts'
import { acceptsOf } from '../plan/fix/accepted.ts'
import { rebase } from '../plan/fix/changes.ts'
import { editability } from '../plan/fix/editable.ts'
import { type Edits, editsOf, type Move, movesOf } from '../plan/fix/edits.ts'
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
  /** All of them as one patch for `git apply` and `patch -p1`. */
  readonly patch: string
  /** What the rules say before and after, without what is accepted. */
  readonly before: CheckResult
  readonly after: CheckResult
  /** Findings that only the fixed plan has. */
  readonly appeared: readonly Finding[]
  readonly accepted: {
    /** Findings of the fixed plan that are accepted. */
    readonly findings: number
    /** Of these those about networks that have moved: what was accepted names other addresses. */
    readonly renamed: number
  }
  /** The plan as it was read again; as it was where nothing changes. */
  readonly loaded: LoadPlanResult
}

/** New places that the rules refuse before a plan is given back as it is. */
const ROUNDS_MAX = 12

export interface FixPlanInput {
  /** What was loaded from these paths, `mentions` with it. */
  readonly loaded: LoadPlanResult
  readonly paths: readonly string[]
  readonly strict?: boolean
  readonly options: FixOptions
  /** Findings that are left alone and do not count. */
  readonly accepted?: (finding: Finding) => boolean
}

/** Fixes a plan. Throws where there is none, or where the new texts cannot be read: a bug. */
export function fixPlan({
  loaded,
  paths,
  strict = false,
  options,
  accepted = () => false,
}: FixPlanInput): FixedPlan {
  const { plan, sources } = loaded
  if (plan === undefined) throw new Error('there is no plan to fix')
  const whole = checkPlan(plan)
  const known = whole.findings.filter(accepted)
  const before = without(whole, new Set(known))
  const found = { editable: editability(plan, sources), accepts: acceptsOf(known) }
  let reserved: readonly Prefix[] = options.reserved
  let withhold = true
  for (let round = 1; ; round++) {
    const proposal = propose(plan, { ...options, ...found, reserved, withhold })
    const moves = movesOf(plan, proposal.placed)
    const { edits, left } = editsOf(plan, sources, proposal)
    const texts = patchedTexts(sources, edits)
    const again = texts.size === 0 ? loaded : reread(paths, loaded, texts, strict)
    if (again.plan === undefined) {
      // A key that is there already, or an object in a form that was not foreseen.
      if (withhold && proposal.placed.some(({ change }) => change.kind === 'withhold')) {
        withhold = false
        continue
      }
      throw new Error(`the fixed plan cannot be read: ${again.diagnostics[0]?.message}`)
    }
    const now = texts.size === 0 ? whole : checkPlan(again.plan)
    const appeared = notIn(whole.findings, now.findings, moves)
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
    const unknown = new Set(notIn(known, now.findings, moves))
    const still = now.findings.filter((one) => !unknown.has(one))
    return {
      proposal: withhold
        ? proposal
        : {
            ...proposal,
            unweighed: [
              ...proposal.unweighed,
              'disableInterConnection, because the files cannot take it where it would have to stand',
            ],
          },
      moves,
      left,
      texts,
      patch: [...texts]
        .map(([path, text]) => unifiedDiff(nameInPatch(path), sources.get(path)!.text, text))
        .join(''),
      before,
      after: without(now, new Set(still)),
      appeared,
      accepted: { findings: still.length, renamed: still.filter((one) => !accepted(one)).length },
      loaded: again,
    }
  }
}

/** A path as patches have it: from this folder. */
export function nameInPatch(path: string): string {
  return path === '-' ? path : relative('', path).replaceAll('\\', '/')
}

function without({ findings, dropped }: CheckResult, accepted: ReadonlySet<Finding>): CheckResult {
  return { findings: findings.filter((one) => !accepted.has(one)), dropped }
}

/** Findings of the kinds that renumbering can remove, of at least a severity. */
export function fixableIn({ findings }: CheckResult, { threshold }: FixOptions): Finding[] {
  return findings.filter(({ code, severity }) => FIXABLE.has(code) && counts(severity, threshold))
}

function reread(
  paths: readonly string[],
  { sources }: LoadPlanResult,
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
 * Findings that are none of those of the plan as it was, with the networks that moved taken for what they were. What is left of a
 * finding about more networks is the same.
 */
function notIn(before: readonly Finding[], after: readonly Finding[], moves: readonly Move[]): Finding[] {
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
  const subjects = new Set(before.map(({ code, subject }) => `${code} ${subject}`))
  const known = new Map<string, ReadonlySet<string>[]>()
  for (const { code, subject } of before) {
    const list = known.get(code) ?? []
    if (list.length === 0) known.set(code, list)
    list.push(new Set(subject.split(' ')))
  }
  return after.filter((one) => {
    if (subjects.has(`${one.code} ${one.subject}`)) return false
    const words = renamed(one)
    return !known.get(one.code)?.some((subject) => words.every((word) => subject.has(word)))
  })
}
