// How fast something is that is far shorter than a clock can tell: chunks of it, as many as fill a pass, several passes.

import { quantile } from './spread.ts'

/** An operation done from one index to another; whoever measures chooses how far. */
export type Chunk = (from: number, to: number) => void

/** Where an operation may be done, and how long a pass of it takes. */
export interface PassOptions {
  /** Nanoseconds of CPU time used so far. */
  readonly cpu: () => number
  /** Indexes of a chunk are multiples of this. */
  readonly unit: number
  /** Indexes lie below this. */
  readonly most: number
  /** Nanoseconds of a pass. */
  readonly passTime: number
}

const PASSES = 5

/**
 * Does an operation for the time of one pass, so that everything about it is warm, and gives the size of a chunk that fills an eighth of
 * a pass: a single slow one, because of a page fault or a compiler at work, does not end the search.
 */
export function chunkSize(run: Chunk, { cpu, unit, most, passTime }: PassOptions): number {
  let size = unit
  let spent = 0
  for (;;) {
    const began = cpu()
    run(0, size)
    const took = cpu() - began
    spent += took
    if (spent >= passTime) return size
    if (took >= passTime / 8) continue
    if (size * 2 <= most) size *= 2
    else if (took <= 0) return size
  }
}

/** Million operations a second: the pass at the 90th percentile of five, which by nearest rank is the fastest. */
export function rateOf(run: Chunk, size: number, { cpu, most, passTime }: PassOptions): number {
  const rates: number[] = []
  let at = 0
  for (let pass = 0; pass < PASSES; pass++) {
    let done = 0
    let took = 0
    const began = cpu()
    // Passes go on where the last one ended, so that short ones do not ask for the same over and over.
    do {
      if (at + size > most) at = 0
      run(at, at + size)
      at += size
      done += size
      took = cpu() - began
    } while (took < passTime)
    rates.push((done / took) * 1000)
  }
  return quantile(rates, 0.9)
}
