/** Choices made by seeded chance: what a generator says instead of arithmetic on random numbers. */
import { Random } from '../../../net/random.ts'

/** A stream of choices; same seed, same choices. */
export class Draw {
  readonly #random: Random

  constructor(seed: number | Random) {
    this.#random = typeof seed === 'number' ? new Random(seed) : seed
  }

  /** The stream named `label` below this one, whose choices do not depend on how many were made here. */
  fork(label: string): Draw {
    return new Draw(this.#random.fork(label))
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.#random.below(high - low + 1)
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.#random.float() < p
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to pick from')
    return list[this.#random.below(list.length)]!
  }

  /** `n` of a list, or all of it, in an order by chance. */
  some<T>(list: readonly T[], n: number): T[] {
    const rest = [...list]
    const taken: T[] = []
    while (taken.length < n && rest.length > 0) taken.push(...rest.splice(this.#random.below(rest.length), 1))
    return taken
  }

  /** One of several values by their weights, positive whole numbers. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.#random.below(choices.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, value] of choices) {
      left -= weight
      if (left < 0) return value
    }
    throw new RangeError('no choices')
  }
}
