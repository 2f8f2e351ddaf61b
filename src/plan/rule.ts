// What a rule is, and how it reports. One file a rule in rules/; `check.ts` runs them all over one index of the plan.

import type { Severity, Span } from '../diag/diagnostic.ts'
import type { Finding, FindingPlace } from '../model/finding.ts'
import { shortestCidrs } from '../net/cidr-set.ts'
import type { Prefix } from '../net/prefix.ts'
import type { PlanIndex } from './index.ts'

/** A rule with its documentation, from which `isthmus explain` and docs/check.md are made. */
export interface Rule {
  /** Stable; never given to another rule once published. */
  readonly code: string
  /** One line, as a heading. */
  readonly title: string
  /** Which severities it reports and on what that depends, in words: `error; warning with manual routes`. */
  readonly severity: string
  /** Paragraphs: what is checked, what happens to packets, what helps. */
  readonly explanation: string
  /** Rule ids of OVN-IC's and Submariner's behaviour, upstream issues and pull requests. */
  readonly basis: readonly string[]
  readonly check: (plan: PlanIndex, report: Report) => void
}

/** What a rule says about one problem; places may repeat and be out of order. */
export interface Problem {
  readonly severity: Severity
  readonly message: string
  readonly places: readonly (FindingPlace | undefined)[]
  readonly addresses?: Iterable<Prefix>
  readonly effect: string
  readonly hint?: string | undefined
  readonly clusters: readonly string[]
  /** Names and values that make this problem the same in the next version of the files. */
  readonly subject: readonly string[]
}

/** Takes a rule's problems. */
export type Report = (problem: Problem) => void

/** More places than this are not listed; the message counts them. */
const PLACES_MAX = 50

/** The finding that a problem becomes. */
export function findingOf(code: string, problem: Problem): Finding {
  const { severity, message, effect, hint, clusters, subject } = problem
  const seen = new Set<string>()
  const places = problem.places.filter((place): place is FindingPlace => {
    if (place === undefined) return false
    const key = `${place.span.file}:${place.span.line}:${place.span.column}:${place.label}`
    if (seen.has(key)) return false
    seen.add(key)
    return seen.size <= PLACES_MAX
  })
  return {
    code,
    severity,
    message,
    places,
    addresses: shortestCidrs(problem.addresses ?? []),
    effect,
    ...(hint !== undefined && { hint }),
    clusters: [...new Set(clusters)].filter((one) => one !== ''),
    subject: subject.join(' '),
  }
}

/** A place with its label; undefined without a span, which reports leave out. */
export function place(span: Span | undefined, label: string): FindingPlace | undefined {
  return span === undefined ? undefined : { span, label }
}
