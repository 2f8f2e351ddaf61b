// Structures as the measurement sees them: all of them give the same answers on generated tables, batch by batch and one by one, before
// and after updates.

import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/net/random.ts'
import { STRUCTURES } from '../../../src/net/route-table/structures.ts'
import { BATCH } from '../../../src/run/bench/contender.ts'
import { contenderOf } from '../../../src/run/bench/measure.ts'
import { SHAPES, shapedTable } from '../../../src/run/bench/shapes.ts'
import { generatedTrace, TRACES } from '../../../src/run/bench/traces.ts'

const LENGTH = 8 * BATCH

/** The last answer when an odd answer skips the address behind it: as many lookups as there are addresses. */
function lastOfChain(answers: Int32Array, from: number, to: number): number {
  let at = from
  let answer = 0
  for (let lookups = 0; lookups < to - from; lookups++) {
    answer = answers[at]!
    at += answer % 2 === 0 ? 1 : 2
    if (at >= to) at = from
  }
  return answer
}

describe.each(
  SHAPES.flatMap((shape) =>
    ([4, 6] as const).flatMap((family) => TRACES.map((trace) => ({ shape, family, trace }))),
  ),
)('v$family-$shape-10k, $trace', ({ shape, family, trace: name }) => {
  const list = shapedTable(shape, family, 10_000)
  const trace = generatedTrace(name, list, new Random(1), LENGTH)!
  const structures = STRUCTURES.filter((one) => one.family === family && one.name !== 'list')
  const right = contenderOf(structures[0]!, { list, trace }).answers(0, LENGTH)

  it.each(structures.map((structure) => [structure.name, structure] as const))('%s', (_, structure) => {
    const contender = contenderOf(structure, { list, trace })
    expect(contender.answers(0, LENGTH)).toEqual(right)
    for (let i = 0; i < LENGTH; i += 7) expect(contender.answer(i)).toBe(right[i])
    contender.prepare()
    contender.batch(0, LENGTH)
    expect(contender.consumed).toBe(0)
    contender.single(3, LENGTH)
    const sum = right.subarray(3).reduce((one, other) => (one + other) | 0, 0)
    expect(contender.consumed).toBe(sum)
    contender.dependent(8, 3000)
    expect(contender.consumed).toBe((sum + lastOfChain(right, 8, 3000)) | 0)
    if (contender.updatable) contender.update(0, 500)
    expect(contender.answers(BATCH, BATCH)).toEqual(right.slice(BATCH, 2 * BATCH))
  })
})
