// All rules, in the order of their codes.

import type { CodeList } from '../diag/codes.ts'
import { defineCodes } from '../diag/codes.ts'
import type { Rule } from './rule.ts'
import { equalSubnets } from './rules/ic001-equal-subnets.ts'
import { containedSubnets } from './rules/ic002-contained-subnets.ts'

export const RULES: readonly Rule[] = [equalSubnets, containedSubnets]

/** The rules as entries of `isthmus explain`. */
export const RULE_CODES: CodeList = defineCodes(
  RULES.map(({ code, title, severity, explanation, basis }) => ({
    code,
    title,
    explanation: `${explanation}\n\nSeverity: ${severity}.\n\nBasis: ${basis.join(', ')}.`,
  })),
)
