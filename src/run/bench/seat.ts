// Where one structure is measured, round by round. A seat may be in this process, or be the other end of a pipe: V8 compiles code for
// the classes it has met, so structures that share a process slow each other down by up to three times.

import type { Contender } from './contender.ts'
import { BATCH } from './contender.ts'
import { chunkSize, type PassOptions, rateOf } from './pass.ts'
import { quantile } from './spread.ts'

/** What one round tells; rates are million a second. */
export interface RoundFigures {
  readonly batch: number
  readonly single: number
  readonly dependent: number
  /** Missing when the structure is built once. */
  readonly updates?: number
  /** Milliseconds; missing when it took long and was measured often enough. */
  readonly build?: number
  /** Of the table as it was built. */
  readonly bytes: number
}

export interface Seat {
  round(): Promise<RoundFigures>
  /** Lets go of the table. */
  close(): void
}

/** Builds of more than this many milliseconds are repeated twice and no more. */
const LONG_BUILD = 300
const BUILDS = 3
/** Short builds are repeated in a round, until an eighth of a pass is over: the collector may fall upon one of them. */
const BUILDS_A_ROUND = 5

const KINDS = ['batch', 'single', 'dependent', 'updates'] as const
type Kind = (typeof KINDS)[number]
const METHODS = { batch: 'batch', single: 'single', dependent: 'dependent', updates: 'update' } as const

/** A seat in this process. */
export class LocalSeat implements Seat {
  readonly #contender: Contender
  readonly #cpu: () => number
  readonly #passTime: number
  readonly #sizes = new Map<Kind, number>()
  readonly #builds: number[] = []

  /** `cpu` tells nanoseconds of CPU time; a pass takes `passTime` of them. */
  constructor(contender: Contender, cpu: () => number, passTime: number) {
    this.#contender = contender
    this.#cpu = cpu
    this.#passTime = passTime
  }

  round(): Promise<RoundFigures> {
    const build = this.#build()
    const rates = {
      batch: this.#rate('batch'),
      single: this.#rate('single'),
      dependent: this.#rate('dependent'),
    }
    return Promise.resolve({
      ...rates,
      ...(this.#contender.updatable && { updates: this.#rate('updates') }),
      ...(build !== undefined && { build }),
      bytes: this.#contender.bytes,
    })
  }

  close(): void {}

  #build(): number | undefined {
    if (this.#builds.length >= BUILDS && this.#builds[0]! > LONG_BUILD) return undefined
    // What a compiler costs belongs to the first tables of a process, not to every table.
    if (this.#builds.length === 0) this.#buildTime()
    const took = this.#buildTime() / 1e6
    this.#builds.push(took)
    return took
  }

  /** Nanoseconds of a build: the median of a few. */
  #buildTime(): number {
    const times: number[] = []
    let spent = 0
    do {
      const began = this.#cpu()
      this.#contender.build()
      times.push(this.#cpu() - began)
      spent += times.at(-1)!
    } while (spent < this.#passTime / 8 && times.length < BUILDS_A_ROUND)
    return quantile(times, 0.5)
  }

  /** The first round finds out how much of a kind fills a pass. */
  #rate(kind: Kind): number {
    const contender = this.#contender
    if (kind === 'batch') contender.prepare()
    const options: PassOptions = {
      cpu: this.#cpu,
      unit: kind === 'batch' ? BATCH : 16,
      most: kind === 'updates' ? contender.updates : Math.floor(contender.addresses / BATCH) * BATCH,
      passTime: this.#passTime,
    }
    const run = (from: number, to: number): void => contender[METHODS[kind]](from, to)
    const size = this.#sizes.get(kind) ?? chunkSize(run, options)
    this.#sizes.set(kind, size)
    return rateOf(run, size, options)
  }
}
