/**
 * What a check of a plan says: one problem with its places, the addresses it touches and what happens to their packets. Values only;
 * `plan/` makes them, `report/findings/` prints them, a baseline remembers them by `subject`.
 */
import type { Severity, Span } from '../diag/diagnostic.ts'
import type { Prefix } from '../net/prefix.ts'

/** A place that takes part; the first of a finding is where reports point. */
export interface FindingPlace {
  readonly span: Span
  /** What stands there: `az1 pods ovn-default 10.16.0.0/16`. */
  readonly label: string
}

export interface Finding {
  /** `IC001`, explained by `isthmus explain` and in docs/check.md. */
  readonly code: string
  readonly severity: Severity
  /** One sentence without a full stop. */
  readonly message: string
  readonly places: readonly FindingPlace[]
  /** The addresses affected as the shortest list of CIDRs; empty where no address is. */
  readonly addresses: readonly Prefix[]
  /** What a packet does because of it, as a sentence. */
  readonly effect: string
  /** The smallest change that helps. */
  readonly hint?: string
  readonly clusters: readonly string[]
  /** The same for the same problem however lines move: names and values, not places. With the code it is the fingerprint. */
  readonly subject: string
}

/** The outcome of a check. */
export interface CheckResult {
  /** Errors first, then by place. */
  readonly findings: readonly Finding[]
  /** Findings beyond the limit, counted and not kept. */
  readonly dropped: { readonly error: number; readonly warning: number; readonly info: number }
}

/** The stable name of a finding. */
export function fingerprint(finding: Finding): string {
  return `${finding.code} ${finding.subject}`
}
