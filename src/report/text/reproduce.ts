// The exact command line that shows one result again.

import type { RunResult } from '../../model/observation.ts'

/** `isthmus run FILE --seed N --only NAME` for one expectation of a run. */
export function reproduceCommand(result: RunResult, expectation: number): string {
  const { scenario } = result
  const text = result.expectations[expectation]?.expectation.text ?? ''
  return `isthmus run ${shellWord(scenario.file)} --seed ${scenario.network.seed} --only ${shellWord(text)}`
}

/** A word as a POSIX shell reads it back: bare where it is harmless, in single quotes otherwise. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_.,:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
