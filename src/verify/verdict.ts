// What a whole run comes to, the same for exit codes and reports.

import type { RunResult } from '../model/observation.ts'

/** `inconclusive`: a limit ended the run, and nothing that was seen until then is wrong. */
export type Verdict = 'pass' | 'fail' | 'inconclusive'

/** A failure that was seen counts more than that the run could not be finished. */
export function verdictOf(
  result: Pick<RunResult, 'ok' | 'expectations' | 'diagnostics' | 'inconclusive'>,
): Verdict {
  if (result.ok) return 'pass'
  const failed =
    result.expectations.some(({ ok, notReached }) => !ok && notReached !== true) ||
    result.diagnostics.some(({ severity }) => severity === 'error')
  return !failed && result.inconclusive !== undefined ? 'inconclusive' : 'fail'
}
