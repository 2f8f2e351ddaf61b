// What a whole run comes to, the same for exit codes and reports.

import type { RunResult } from '../model/observation.ts'
import type { Trace } from '../model/trace.ts'

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

/** True when the packet, or its answer, was given up because of `limits.hops`: what would have become of it is not known. */
export function endedByLimit({ disposition, reply }: Trace): boolean {
  return [disposition, reply?.disposition].some((end) => end?.kind === 'loop' && end.stage === 'underlay')
}
