// The exact command line that shows one result again.

import type { RunResult } from '../../model/observation.ts'

/** `isthmus run FILE --seed N --only NAME` for one expectation of a run; the whole of a lab where it was real. */
export function reproduceCommand(result: RunResult, expectation: number): string {
  const { scenario } = result
  const text = result.expectations[expectation]?.expectation.text ?? ''
  const [file, seed] = [shellWord(scenario.file), scenario.network.seed]
  if (result.real === true) return `isthmus lab run ${file} --seed ${seed}`
  return `isthmus run ${file} --seed ${seed} --only ${shellWord(text)}`
}

/** A word as a POSIX shell reads it back: bare where it is harmless, in single quotes otherwise. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_.,:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
