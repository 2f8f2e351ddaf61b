// All rules over a plan. Findings come in the order in which people mend them: errors first, then by file and line.

import type { Severity } from '../diag/diagnostic.ts'
import type { CheckResult, Finding } from '../model/finding.ts'
import type { Plan } from '../model/plan.ts'
import { indexPlan } from './index.ts'
import { findingOf, type Rule } from './rule.ts'
import { RULES } from './rules.ts'

/** More findings of one rule than this are counted and not kept. */
const FINDINGS_MAX = 2000

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }

/** Judges a plan. */
export function checkPlan(plan: Plan, rules: readonly Rule[] = RULES): CheckResult {
  const index = indexPlan(plan)
  const findings: Finding[] = []
  const dropped = { error: 0, warning: 0, info: 0 }
  for (const rule of rules) {
    let kept = 0
    rule.check(index, (problem) => {
      if (kept === FINDINGS_MAX) dropped[problem.severity]++
      else {
        kept++
        findings.push(findingOf(rule.code, problem))
      }
    })
  }
  return { findings: findings.sort(compare), dropped }
}

function compare(a: Finding, b: Finding): number {
  const [p, q] = [a.places[0]?.span, b.places[0]?.span]
  return (
    RANK[a.severity] - RANK[b.severity] ||
    compareTexts(p?.file ?? '', q?.file ?? '') ||
    (p?.line ?? 0) - (q?.line ?? 0) ||
    (p?.column ?? 0) - (q?.column ?? 0) ||
    compareTexts(a.code, b.code) ||
    compareTexts(a.subject, b.subject)
  )
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
