/**
 * Calls of one handler that are due after one and the same delay, hence in the order in which they were scheduled: a ring buffer.
 * Packets on links are nearly all that a busy simulation schedules, and need neither a heap nor a timer each.
 */
import type { Nanos } from '../model/time.ts'

export class Lane {
  readonly handler: (arg: unknown) => void
  #times = new Float64Array(64)
  #sequences = new Float64Array(64)
  #args: unknown[] = new Array(64).fill(undefined)
  #head = 0
  #size = 0

  constructor(handler: (arg: unknown) => void) {
    this.handler = handler
  }

  get size(): number {
    return this.#size
  }

  /** Time of the first call; infinite when there is none. */
  get time(): Nanos {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[this.#head] as number)
  }

  /** Sequence number of the first call; infinite when there is none. */
  get sequence(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#sequences[this.#head] as number)
  }

  /** Appends a call, not earlier than those before it. */
  push(time: Nanos, sequence: number, arg: unknown): void {
    if (this.#size === this.#times.length) this.#grow()
    const at = (this.#head + this.#size++) & (this.#times.length - 1)
    this.#times[at] = time
    this.#sequences[at] = sequence
    this.#args[at] = arg
  }

  /** Takes the first call out and answers with its argument. */
  shift(): unknown {
    const at = this.#head
    const arg = this.#args[at]
    this.#args[at] = undefined
    this.#head = (at + 1) & (this.#times.length - 1)
    this.#size--
    return arg
  }

  #grow(): void {
    const length = this.#times.length
    const times = new Float64Array(2 * length)
    const sequences = new Float64Array(2 * length)
    const args: unknown[] = new Array(2 * length).fill(undefined)
    for (let i = 0; i < length; i++) {
      const at = (this.#head + i) & (length - 1)
      times[i] = this.#times[at] as number
      sequences[i] = this.#sequences[at] as number
      args[i] = this.#args[at]
    }
    this.#times = times
    this.#sequences = sequences
    this.#args = args
    this.#head = 0
  }
}
