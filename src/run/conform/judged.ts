/** What became of one scenario that was held against real OVN. */
import type { ConformReport } from './conform.ts'

export interface Judged {
  readonly report: ConformReport
  /** `unstable`: it differed and then, run again, agreed. */
  readonly verdict: 'agree' | 'differ' | 'unstable'
  /** For a scenario that was made up. */
  readonly random: RandomOrigin | undefined
}

/** Scenarios of which nothing was compared, a sentence each. */
export interface NotCompared {
  /** What a lab cannot carry out. */
  readonly left: readonly string[]
  /** Whose labs could not be built. */
  readonly broken: readonly string[]
}

export interface RandomOrigin {
  readonly seed: number
  /** Where the smallest scenario that differs was written, after how many runs, and whether nothing more of it can go. */
  readonly regression:
    | { readonly file: string; readonly runs: number; readonly isMinimal: boolean }
    | undefined
}
