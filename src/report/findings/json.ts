// Findings as data: `schemaVersion` 1, every finding whole, addresses as text.

import type { CheckResult, Finding } from '../../model/finding.ts'
import { fingerprint } from '../../model/finding.ts'
import { formatPrefix } from '../../net/prefix.ts'
import type { networksData } from '../reachability/report.ts'
import { toJson } from '../structured.ts'

/** What `isthmus check -o json` prints. */
export interface FindingsData {
  readonly schemaVersion: 1
  readonly ok: boolean
  readonly counts: Readonly<Record<'error' | 'warning' | 'info', number>>
  /** Findings beyond the limit of one rule: counted above, not listed below. */
  readonly notListed: number
  readonly accepted: number
  readonly findings: readonly FindingData[]
  /** With `--reachability`: one entry a network. */
  readonly reachability?: ReturnType<typeof networksData>
}

export interface FindingData {
  readonly code: string
  readonly severity: string
  readonly message: string
  readonly effect: string
  readonly hint?: string
  readonly clusters: readonly string[]
  readonly addresses: readonly string[]
  readonly places: readonly {
    readonly file: string
    readonly line: number
    readonly column: number
    readonly endColumn?: number
    readonly label: string
  }[]
  readonly fingerprint: string
}

export interface FindingsJsonOptions {
  readonly accepted?: number
  readonly ok: boolean
  readonly reachability?: ReturnType<typeof networksData>
}

export function findingsJson(
  result: CheckResult,
  { accepted = 0, ok, reachability }: FindingsJsonOptions,
): string {
  const { findings, dropped } = result
  const count = (severity: 'error' | 'warning' | 'info'): number =>
    findings.filter((one) => one.severity === severity).length + dropped[severity]
  const data: FindingsData = {
    schemaVersion: 1,
    ok,
    counts: { error: count('error'), warning: count('warning'), info: count('info') },
    notListed: dropped.error + dropped.warning + dropped.info,
    accepted,
    findings: findings.map(findingData),
    ...(reachability !== undefined && { reachability }),
  }
  return toJson(data)
}

export function findingData(finding: Finding): FindingData {
  const { code, severity, message, effect, hint, clusters, addresses, places } = finding
  return {
    code,
    severity,
    message,
    effect,
    ...(hint !== undefined && { hint }),
    clusters,
    addresses: addresses.map(formatPrefix),
    places: places.map(({ span, label }) => {
      const end = span.endColumn ?? (span.length === undefined ? undefined : span.column + span.length)
      return {
        file: span.file,
        line: span.line,
        column: span.column,
        ...(end !== undefined && { endColumn: end }),
        label,
      }
    }),
    fingerprint: fingerprint(finding),
  }
}
