/**
 * Makes a scenario that shows something as small as it gets: delta debugging over the tree of the file (Zeller and Hildebrandt 2002;
 * hierarchical as with Misherghi and Su 2006). Parts are taken away from the coarse to the fine, and what no longer makes sense goes
 * with them. At the end no single part can go without what is shown being lost, unless the budget ran out before.
 */
import type { RawScenario } from '../../../input/schema/scenario.ts'
import { reductions } from './reductions.ts'

export interface ShrinkOptions {
  /** Whether a scenario still shows it; costs a run, so it is asked once for a scenario. */
  readonly differs: (candidate: RawScenario) => Promise<boolean>
  /** Whether a scenario can be run at all; costs nothing. */
  readonly isValid: (candidate: RawScenario) => boolean
  /** How often `differs` may be asked. */
  readonly budget: number
}

export interface Shrunk {
  readonly scenario: RawScenario
  /** How often `differs` was asked. */
  readonly runs: number
  /** False when the budget ran out, and more may be superfluous. */
  readonly isMinimal: boolean
}

/** Shrinks a scenario for which `differs` holds. */
export async function shrink(
  scenario: RawScenario,
  { differs, isValid, budget }: ShrinkOptions,
): Promise<Shrunk> {
  const asked = new Set([JSON.stringify(scenario)])
  let current = scenario
  let runs = 0
  for (;;) {
    const before = current
    let place = 0
    let candidates = reductions(current)
    while (place < candidates.length) {
      const candidate = candidates[place]!
      const text = JSON.stringify(candidate)
      if (asked.has(text) || !isValid(candidate)) {
        place++
        continue
      }
      if (runs === budget) return { scenario: current, runs, isMinimal: false }
      asked.add(text)
      runs++
      if (await differs(candidate)) {
        // What now stands at this place is what came after the part that has gone.
        current = candidate
        candidates = reductions(current)
      } else place++
    }
    if (current === before) return { scenario: current, runs, isMinimal: true }
  }
}
