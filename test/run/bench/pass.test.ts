// The pass that times what is too short for a clock, with a clock that goes on as it is told.

import { describe, expect, it } from 'vitest'
import { chunkSize, type PassOptions, rateOf } from '../../../src/run/bench/pass.ts'

/** A clock, and an operation that costs as many nanoseconds as `cost` says for its indexes. */
function timed(cost: (from: number, to: number) => number) {
  const asked: [number, number][] = []
  let ns = 0
  const run = (from: number, to: number): void => {
    asked.push([from, to])
    ns += cost(from, to)
  }
  const options = (unit: number, most: number, passTime: number): PassOptions => ({
    cpu: () => ns,
    unit,
    most,
    passTime,
  })
  return { run, asked, options }
}

describe('rateOf', () => {
  it('goes through all indexes, pass after pass, and begins again where no whole chunk is left', () => {
    const { run, asked, options } = timed(() => 100)
    rateOf(run, 16, options(16, 100, 200))
    const round = [0, 16, 32, 48, 64, 80].map((from) => [from, from + 16])
    expect(asked).toEqual([...round, ...round].slice(0, 10))
  })

  it('keeps the fastest of five passes: what disturbs some of them does not count', () => {
    const costs = [900, 400, 200, 800, 500]
    const { run, options } = timed(() => costs.shift() ?? 1000)
    // 16 operations in 200 ns are 80 million a second.
    expect(rateOf(run, 16, options(16, 16, 1))).toBeCloseTo(80, 9)
  })
})

describe('chunkSize', () => {
  it('doubles until a chunk takes an eighth of a pass, and is warm for a pass', () => {
    const { run, asked, options } = timed((from, to) => to - from)
    expect(chunkSize(run, options(16, 100_000, 1000))).toBe(128)
    expect(asked.reduce((sum, [from, to]) => sum + to - from, 0)).toBeGreaterThanOrEqual(1000)
  })

  it('never asks for more than there is, nor for ever where the clock stands still', () => {
    const slow = timed((from, to) => to - from)
    expect(chunkSize(slow.run, slow.options(16, 40, 1000))).toBe(32)
    const still = timed(() => 0)
    expect(chunkSize(still.run, still.options(16, 100, 1000))).toBe(64)
  })
})
