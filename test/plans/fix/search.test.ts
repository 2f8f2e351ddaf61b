// The search for the cheapest changes, against trying every set of them.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPrefix, overlaps, type Prefix, parsePrefix } from '../../../src/net/prefix.ts'
import { cheapest, type Problem } from '../../../src/plan/fix/search.ts'
import { freeSpace, Space } from '../../../src/plan/fix/space.ts'
import { cheapestCost } from '../../golden/cheapest.ts'

/** Changes on one side, some on several at once, and conflicts between two sides or on one: as networks, what they are carved out of, and settings of whole clusters make them. */
const problem = fc
  .array(
    fc.record({
      sides: fc.oneof(
        { weight: 3, arbitrary: fc.nat(5).map((side) => [side]) },
        fc.uniqueArray(fc.nat(5), { minLength: 2, maxLength: 4 }),
      ),
      cost: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .chain((changes) =>
    fc.record({
      changes: fc.constant(changes),
      conflicts: fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.nat(0xffff)), { maxLength: 14 }),
      refused: fc.array(fc.uniqueArray(fc.nat(changes.length - 1), { minLength: 1, maxLength: 3 }), {
        maxLength: 2,
      }),
    }),
  )
  .map(({ changes, conflicts, refused }): Problem => {
    const of = (a: number, b: number, mask: number): number[] =>
      changes.flatMap(({ sides }, i) =>
        (sides.includes(a) || sides.includes(b)) && mask & (1 << i) ? [i] : [],
      )
    return {
      costs: changes.map(({ cost }) => cost),
      sidesOf: changes.map(({ sides }) => sides),
      conflicts: conflicts.map(([a, b, mask]) => ({
        resolvers: of(a, b, mask),
        sides: a === b ? [a] : [a, b],
      })),
      feasible: (chosen) => !refused.some((set) => set.every((one) => chosen.includes(one))),
    }
  })

describe('the cheapest changes', () => {
  it('cost what the cheapest of all sets costs, and resolve every conflict', () => {
    fc.assert(
      fc.property(problem, (one) => {
        const solution = cheapest(one)
        expect(solution?.cost).toBe(cheapestCost(one))
        if (solution === undefined) return
        expect(solution.bound).toBe(solution.cost)
        expect(one.feasible!(solution.changes)).toBe(true)
        for (const { resolvers } of one.conflicts)
          expect(resolvers.some((change) => solution.changes.includes(change))).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it('of many equal networks all move but the dearest, and the bound says at once that this is the least', () => {
    const count = 60
    const conflicts = []
    for (let a = 0; a < count; a++)
      for (let b = 0; b < a; b++) conflicts.push({ resolvers: [b, a], sides: [b, a] })
    const costs = Array.from({ length: count }, (_, i) => 10 + ((i * 7) % 60))
    const solution = cheapest({ costs, sidesOf: costs.map((_, i) => [i]), conflicts, branchesMax: 1 })
    const sum = costs.reduce((total, one) => total + one, 0)
    expect(solution).toMatchObject({ cost: sum - Math.max(...costs), bound: sum - Math.max(...costs) })
  })

  it('of many equal networks with room for a few all the others take what needs no room', () => {
    // Change i moves network i, change count + i withholds it; there is room for seven.
    const count = 40
    const conflicts = []
    for (let a = 0; a < count; a++)
      for (let b = 0; b < a; b++) conflicts.push({ resolvers: [b, a, count + b, count + a], sides: [b, a] })
    const numbers = Array.from({ length: count }, (_, i) => i)
    const given = {
      costs: [...numbers.map(() => 10), ...numbers.map(() => 100)],
      sidesOf: [...numbers, ...numbers].map((i) => [i]),
      conflicts,
      feasible: (chosen: readonly number[]) => chosen.filter((one) => one < count).length <= 7,
    }
    expect(cheapest(given)?.cost).toBe(7 * 10 + 32 * 100)
    const none = conflicts.map(({ resolvers, sides }) => ({ resolvers: resolvers.slice(0, 2), sides }))
    expect(cheapest({ ...given, conflicts: none })).toBeUndefined()
  })

  it('a search that ends early says what nothing can be cheaper than', () => {
    fc.assert(
      fc.property(problem, (one) => {
        const { feasible: _, ...free } = one
        const solution = cheapest({ ...free, branchesMax: 1 })
        if (solution === undefined) return
        const least = cheapestCost(free)!
        expect(solution.bound).toBeLessThanOrEqual(least)
        expect(solution.cost).toBeGreaterThanOrEqual(least)
      }),
    )
  })
})

describe('free space', () => {
  const pool = parsePrefix('10.0.0.0/24')!
  const block = fc
    .tuple(fc.integer({ min: 24, max: 30 }), fc.nat(255))
    .map(([len, at]): Prefix => ({ ip: (10 * 2 ** 24 + (at & ~(2 ** (32 - len) - 1))) >>> 0, len }))

  it('holds every address of the pool that nothing has, and no other', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), (taken) => {
        const free = freeSpace([pool], taken)
        for (let i = 0; i < 256; i++) {
          const host = { ip: (pool.ip as number) + i, len: 32 }
          const has = (list: readonly Prefix[]): boolean => list.some((one) => overlaps(one, host))
          expect(has(free)).toBe(!has(taken))
        }
      }),
    )
  })

  it('takes blocks, the larger first, exactly as long as there is room', () => {
    const lengths = fc
      .array(fc.integer({ min: 25, max: 30 }), { maxLength: 12 })
      .map((list) => list.sort((a, b) => a - b))
    fc.assert(
      fc.property(fc.array(block, { maxLength: 5 }), lengths, fc.nat(255), (taken, wanted, near) => {
        const free = freeSpace([pool], taken)
        const space = new Space(free)
        const given: Prefix[] = []
        for (const len of wanted) {
          const one = space.take(len, [pool], (pool.ip as number) + near)
          if (one === undefined) {
            // As many as the free blocks hold of the larger ones leave too little for this one.
            const fits = (list: readonly number[]): boolean =>
              packs(
                free.map(({ len: l }) => l),
                list,
              )
            expect(fits([...given.map(({ len: l }) => l), len])).toBe(false)
            return
          }
          expect(one.len).toBe(len)
          for (const other of [...taken, ...given])
            expect(`${formatPrefix(one)} ${overlaps(one, other)}`).toBe(`${formatPrefix(one)} false`)
          given.push(one)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** Whether blocks of these lengths fit into free ones, by counting: sizes that divide each other waste nothing. */
function packs(free: readonly number[], wanted: readonly number[]): boolean {
  const left = new Map<number, number>()
  for (const len of free) left.set(len, (left.get(len) ?? 0) + 1)
  for (const len of [...wanted].sort((a, b) => a - b)) {
    let from = len
    while (from >= 0 && (left.get(from) ?? 0) === 0) from--
    if (from < 0) return false
    left.set(from, left.get(from)! - 1)
    for (let l = from + 1; l <= len; l++) left.set(l, (left.get(l) ?? 0) + 1)
  }
  return true
}
