// The measurement with structures whose speed and mistakes are known: what is compared, in which order turns are taken, what is kept.

import { describe, expect, it } from 'vitest'
import { addressAt, type PrefixList } from '../../../src/model/prefix-list.ts'
import { covers } from '../../../src/net/prefix.ts'
import { Random } from '../../../src/net/random.ts'
import { type Batch, type Lookup4, type Lpm4, NONE } from '../../../src/net/route-table/lpm.ts'
import type { Structure4 } from '../../../src/net/route-table/structures.ts'
import { deviation } from '../../../src/report/bench/report.ts'
import { AnswersDiffer, type BenchClock, measure } from '../../../src/run/bench/measure.ts'
import { shapedTable } from '../../../src/run/bench/shapes.ts'
import { geometricMean, quantile, spreadOf } from '../../../src/run/bench/spread.ts'
import { generatedTrace } from '../../../src/run/bench/traces.ts'

const list = shapedTable('k8s', 4, 200)
const trace = generatedTrace('match', list, new Random(1), 4096)!

/** A clock that goes on by a fixed time for each lookup and update that our structures do. */
class Work {
  ns = 0
  readonly clock: BenchClock = { cpu: () => this.ns, pause: () => Promise.resolve() }
}

function answerOf(table: PrefixList, address: number): number {
  let best = -1
  for (let i = 0; i < table.count; i++) {
    const prefix = { ip: addressAt(table, i), len: table.lengths[i]! }
    if (covers(prefix, { ip: address, len: 32 }) && (best < 0 || prefix.len >= table.lengths[best]!)) best = i
  }
  return best < 0 ? NONE : table.values[best]!
}

const right = new Map<number, number>()
for (const address of trace.addresses) right.set(address, answerOf(list, address))

/** A structure that costs so many nanoseconds a lookup alone, a tenth in a batch, and answers as `answer` does. */
function structure(
  name: string,
  work: Work,
  cost: number,
  parts: {
    readonly answer?: (address: number) => number
    readonly single?: (address: number) => number
    readonly updates?: string[]
  } = {},
): Structure4 {
  const answer = parts.answer ?? ((address) => right.get(address)!)
  const build = (): Lookup4 => {
    work.ns += 1000 * cost
    const table = {
      structure: name,
      size: list.count,
      bytes: list.count * 10,
      lookup: (address: number): number => {
        work.ns += cost
        return (parts.single ?? answer)(address)
      },
      lookupBatch: (addresses: Uint32Array, out: Int32Array, count: number): void => {
        work.ns += (cost * count) / 10
        for (let i = 0; i < count; i++) out[i] = answer(addresses[i]!)
      },
      batch: (count: number): Batch => ({ addresses: new Uint32Array(count), out: new Int32Array(count) }),
      remove: (address: number, length: number): boolean => {
        parts.updates?.push(`- ${address}/${length}`)
        work.ns += cost
        return true
      },
      insert: (address: number, length: number): boolean => {
        parts.updates?.push(`+ ${address}/${length}`)
        work.ns += cost
        return true
      },
    }
    return table
  }
  return {
    name,
    family: 4,
    paper: '',
    when: '',
    batch: 'js',
    create: parts.updates === undefined ? undefined : () => build() as Lpm4,
    build,
  }
}

describe('measure', () => {
  it('tells rates in millions a second of CPU time, builds in milliseconds, as the clock says', async () => {
    const work = new Work()
    const { measured, compared, interrupted } = await measure({
      list,
      trace,
      structures: [structure('a', work, 100, { updates: [] }), structure('b', work, 400)],
      rounds: 3,
      clock: work.clock,
      passTime: 1e6,
    })
    expect({ compared, interrupted }).toEqual({ compared: 4096, interrupted: false })
    const [a, b] = measured
    expect(a!.single!.median).toBeCloseTo(10, 6)
    expect(a!.dependent!.median).toBeCloseTo(10, 6)
    expect(a!.batch!.median).toBeCloseTo(100, 6)
    expect(a!.updates!.median).toBeCloseTo(5, 6)
    expect(a!.build).toEqual({ median: 0.1, least: 0.1, most: 0.1, rounds: 3 })
    expect(a!.bytesAPrefix).toBe(10)
    expect(b!.single!.median).toBeCloseTo(2.5, 6)
    expect(b!.updates).toBeUndefined()
  })

  it('takes turns, and another begins each round', async () => {
    const work = new Work()
    const said: string[] = []
    await measure({
      list,
      trace,
      structures: [structure('a', work, 1000), structure('b', work, 1000), structure('c', work, 1000)],
      rounds: 3,
      clock: work.clock,
      passTime: 1e5,
      progress: ({ done, of, what }) => said.push(`${done}/${of} ${what}`),
    })
    expect(said).toEqual([
      '0/12 a: answers',
      '1/12 b: answers',
      '2/12 c: answers',
      '3/12 round 1 of 3: a',
      '4/12 round 1 of 3: b',
      '5/12 round 1 of 3: c',
      '6/12 round 2 of 3: b',
      '7/12 round 2 of 3: c',
      '8/12 round 2 of 3: a',
      '9/12 round 3 of 3: c',
      '10/12 round 3 of 3: a',
      '11/12 round 3 of 3: b',
    ])
  })

  it('updates take a prefix out and put the same one back', async () => {
    const work = new Work()
    const updates: string[] = []
    await measure({
      list,
      trace,
      structures: [structure('a', work, 1000, { updates })],
      rounds: 1,
      clock: work.clock,
      passTime: 1e5,
    })
    expect(updates.length).toBeGreaterThan(10)
    for (let i = 0; i < updates.length; i += 2) {
      expect(updates[i]!.slice(0, 1) + updates[i + 1]!.slice(0, 1)).toBe('-+')
      expect(updates[i + 1]!.slice(1)).toBe(updates[i]!.slice(1))
    }
  })

  it('ends when two structures disagree, with the address', async () => {
    const work = new Work()
    const odd = trace.addresses[3000]!
    const lying = structure('liar', work, 10, {
      answer: (address) => (address === odd ? 7777 : right.get(address)!),
    })
    const running = measure({
      list,
      trace,
      structures: [structure('a', work, 10), lying],
      rounds: 1,
      clock: work.clock,
    })
    await expect(running).rejects.toThrow(AnswersDiffer)
    await expect(running).rejects.toThrow(/^a answers \d+ and liar 7777 for 10\.0\./)
  })

  it('ends when a structure answers otherwise alone than in a batch', async () => {
    const work = new Work()
    const lying = structure('liar', work, 10, { single: () => 7777 })
    await expect(measure({ list, trace, structures: [lying], rounds: 1, clock: work.clock })).rejects.toThrow(
      /^liar answers \d+ in a batch and 7777 alone for 10\.0\./,
    )
  })

  it('a slow structure is compared with fewer addresses', async () => {
    const work = new Work()
    const { compared, measured } = await measure({
      list,
      trace,
      structures: [structure('slow', work, 2.5e6)],
      rounds: 1,
      clock: work.clock,
      passTime: 1e6,
    })
    expect(compared).toBe(2000)
    expect(measured[0]!.batch!.median).toBeCloseTo(0.004, 6)
  })

  it('an interrupt leaves the rounds that were over', async () => {
    const work = new Work()
    const stop = new AbortController()
    const { measured, interrupted } = await measure({
      list,
      trace,
      structures: [structure('a', work, 1000), structure('b', work, 1000)],
      rounds: 5,
      clock: work.clock,
      passTime: 1e5,
      signal: stop.signal,
      progress: ({ what }) => {
        if (what === 'round 2 of 5: a') stop.abort()
      },
    })
    expect(interrupted).toBe(true)
    expect(measured.map(({ single }) => single!.rounds)).toEqual([1, 2])
  })

  it('an interrupt before anything leaves nothing', async () => {
    const work = new Work()
    const { measured, interrupted } = await measure({
      list,
      trace,
      structures: [structure('a', work, 10)],
      rounds: 1,
      clock: work.clock,
      signal: AbortSignal.abort(),
    })
    expect({ measured, interrupted }).toEqual({ measured: [], interrupted: true })
  })
})

describe('figures', () => {
  it('median, ends, nearest rank, geometric mean', () => {
    expect(spreadOf([])).toBeUndefined()
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3, rounds: 3 })
    expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4, rounds: 4 })
    expect([0.1, 0.5, 0.9, 1].map((share) => quantile([5, 4, 3, 2, 1], share))).toEqual([1, 3, 5, 5])
    expect(geometricMean([2, 8])).toBeCloseTo(4)
    expect(deviation({ median: 10, least: 9, most: 12, rounds: 3 })).toBeCloseTo(20)
  })
})
