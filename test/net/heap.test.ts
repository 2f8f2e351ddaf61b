import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimeHeap } from '../../src/net/heap.ts'

describe('TimeHeap', () => {
  it('is empty at first', () => {
    const heap = new TimeHeap<string>()
    expect([heap.size, heap.nextTime, heap.peek(), heap.pop()]).toEqual([
      0,
      Number.POSITIVE_INFINITY,
      undefined,
      undefined,
    ])
  })

  it('lets equal times leave in the order in which they came', () => {
    const heap = new TimeHeap<number>()
    for (let i = 0; i < 100; i++) heap.push(i % 2, i)
    const left = Array.from({ length: 100 }, () => heap.pop()!)
    expect(left.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i))
    expect(left.slice(50)).toEqual(Array.from({ length: 50 }, (_, i) => 2 * i + 1))
  })

  it('keeps times beyond 32 bits apart to the nanosecond', () => {
    const heap = new TimeHeap<string>()
    heap.push(2 ** 52 + 1, 'later')
    heap.push(2 ** 52, 'sooner')
    expect(heap.nextTime).toBe(2 ** 52)
    expect([heap.pop(), heap.pop()]).toEqual(['sooner', 'later'])
  })

  it('agrees with a stably sorted list under any mix of pushes and pops', () => {
    const step = fc.oneof(
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 9 }) },
      { weight: 1, arbitrary: fc.constant('pop' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new TimeHeap<number>()
        let list: { time: number; item: number }[] = []
        for (const [item, time] of steps.entries()) {
          if (time === 'pop') {
            expect(heap.pop()).toBe(list[0]?.item)
            list = list.slice(1)
          } else {
            heap.push(time, item)
            list = [...list, { time, item }].sort((a, b) => a.time - b.time)
          }
          expect(heap.size).toBe(list.length)
          expect(heap.peek()).toBe(list[0]?.item)
          expect(heap.nextTime).toBe(list[0]?.time ?? Number.POSITIVE_INFINITY)
        }
      }),
    )
  })

  it('numbers its items and goes on numbering after clear', () => {
    const heap = new TimeHeap<string>()
    expect([heap.push(5, 'a'), heap.push(1, 'b')]).toEqual([0, 1])
    heap.clear()
    expect(heap.size).toBe(0)
    expect(heap.push(3, 'c')).toBe(2)
    expect(heap.pop()).toBe('c')
  })
})
