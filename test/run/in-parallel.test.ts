import { describe, expect, it } from 'vitest'
import { inParallel } from '../../src/run/in-parallel.ts'

/** Work that ends when it is told to. */
function gates(count: number) {
  const open: (() => void)[] = []
  const promises = Array.from(
    { length: count },
    (_, i) => new Promise<void>((resolve) => (open[i] = resolve)),
  )
  return { open: (i: number) => open[i]!(), passed: (i: number) => promises[i]! }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('work in parallel', () => {
  it('keeps as many under way as allowed, and gives results in the order of the items', async () => {
    const { open, passed } = gates(5)
    const began: number[] = []
    const done = inParallel([0, 1, 2, 3, 4], 2, async (i) => {
      began.push(i)
      await passed(i)
      return `result ${i}`
    })
    await turn()
    expect(began).toEqual([0, 1])
    open(1)
    await turn()
    expect(began).toEqual([0, 1, 2])
    for (const i of [4, 3, 2, 0]) open(i)
    expect(await done).toEqual([0, 1, 2, 3, 4].map((i) => `result ${i}`))
  })

  it('begins nothing after a failure, waits for what is under way, and throws the failure', async () => {
    const { open, passed } = gates(4)
    const log: string[] = []
    const done = inParallel([0, 1, 2, 3], 2, async (i) => {
      await passed(i)
      log.push(`ended ${i}`)
      if (i === 0) throw new Error('no such lab')
    })
    const outcome = done.catch((error: Error) => log.push(error.message))
    open(0)
    await turn()
    expect(log).toEqual(['ended 0'])
    open(1)
    await outcome
    expect(log).toEqual(['ended 0', 'ended 1', 'no such lab'])
  })

  it('does nothing for no items', async () => {
    expect(await inParallel([], 3, async () => 1)).toEqual([])
  })
})
