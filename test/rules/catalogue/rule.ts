/** One row of docs/fidelity.md: a rule of the real system, whether it is modelled, and where the real system was seen to follow it. */
export interface Rule {
  /** `ADV-8`; test names carry it. */
  readonly id: string
  /** The rule in one sentence, Markdown. */
  readonly says: string
  readonly modelled: 'yes' | 'partly' | 'no'
  /** What is missing, for `partly` and `no`. */
  readonly missing: string | undefined
  /** Networks that real OVN was asked with: names of files in test/truth/cases, test/lab/cases and scenarios; `rnd-*` is all that begin so. */
  readonly cases: readonly string[]
  /** Why a lab cannot ask the rule, where it cannot. */
  readonly unasked?: string
}

/** A rule that the model follows. */
export function yes(id: string, says: string, ...cases: string[]): Rule {
  return { id, says, modelled: 'yes', missing: undefined, cases }
}

/** A rule that the model follows but for what `missing` says. */
export function partly(id: string, says: string, missing: string, ...cases: string[]): Rule {
  return { id, says, modelled: 'partly', missing, cases }
}

/** A rule that the model does not know, and why that was left. */
export function no(id: string, says: string, missing: string): Rule {
  return { id, says, modelled: 'no', missing, cases: [] }
}

/** A rule that no lab of this project can ask, and why. */
export function unasked(rule: Rule, why: string): Rule {
  return { ...rule, unasked: why }
}
