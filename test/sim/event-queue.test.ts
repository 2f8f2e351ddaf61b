import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Clock, EventLimitError } from '../../src/sim/clock.ts'

describe('Clock', () => {
  it('runs calls by time, then in the order they were scheduled, as a stable sort does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), (times) => {
        const clock = new Clock()
        const ran: number[] = []
        for (const [index, time] of times.entries()) clock.at(time, (i) => ran.push(i), index)
        clock.runUntil(1000)
        const expected = times.map((time, index) => ({ time, index })).sort((a, b) => a.time - b.time)
        expect(ran).toEqual(expected.map((e) => e.index))
      }),
    )
  })

  it('forgets cancelled calls, also when the slot was used again', () => {
    const clock = new Clock()
    const ran: string[] = []
    const first = clock.at(5, (name) => ran.push(name), 'first')
    clock.cancel(first)
    const second = clock.at(5, (name) => ran.push(name), 'second')
    clock.runUntil(5)
    clock.cancel(second)
    const third = clock.at(6, (name) => ran.push(name), 'third')
    clock.cancel(second)
    clock.runUntil(10)
    expect(ran).toEqual(['second', 'third'])
    clock.cancel(third)
  })

  it('agrees with a sorted list under random pushes, cancels and runs', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ push: fc.nat(50) }),
            fc.record({ cancel: fc.nat(100) }),
            fc.record({ run: fc.nat(20) }),
          ),
        ),
        (steps) => {
          const clock = new Clock()
          const ran: number[] = []
          const expected: number[] = []
          let pending: { time: number; id: number }[] = []
          const timers: number[] = []
          for (const step of steps) {
            if ('push' in step) {
              const id = timers.length
              timers.push(clock.after(step.push, (i) => ran.push(i), id))
              pending.push({ time: clock.now + step.push, id })
            } else if ('cancel' in step) {
              const timer = timers[step.cancel]
              if (timer === undefined) continue
              clock.cancel(timer)
              pending = pending.filter((p) => p.id !== step.cancel)
            } else {
              const until = clock.now + step.run
              clock.runUntil(until)
              const due = pending
                .filter((p) => p.time <= until)
                .sort((a, b) => a.time - b.time || a.id - b.id)
              pending = pending.filter((p) => p.time > until)
              expected.push(...due.map((p) => p.id))
            }
          }
          expect(ran).toEqual(expected)
        },
      ),
    )
  })

  it('runs calls of lanes and of the heap in one order, by time and then as they were scheduled', () => {
    const delays = [3, 7, 7, 20, 0, 1, 2, 4, 5, 6]
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ lane: fc.nat(9) }),
            fc.record({ after: fc.nat(30) }),
            fc.record({ run: fc.nat(9) }),
          ),
        ),
        (steps) => {
          const clock = new Clock()
          const ran: number[] = []
          const expected: { time: number; id: number }[] = []
          const call = (id: number): void => {
            ran.push(id)
          }
          // More than there can be: the last ones are served by the heap, and nobody may notice.
          const lanes = delays.map((delay) => clock.lane(delay, call))
          for (const [id, step] of steps.entries()) {
            if ('run' in step) {
              clock.runUntil(clock.now + step.run)
              continue
            }
            const delay = 'lane' in step ? delays[step.lane]! : step.after
            if ('lane' in step) lanes[step.lane]!(id)
            else clock.after(delay, call, id)
            expected.push({ time: clock.now + delay, id })
          }
          clock.runUntil(clock.now + 100)
          expect(ran).toEqual(expected.sort((a, b) => a.time - b.time || a.id - b.id).map(({ id }) => id))
          expect([clock.events, clock.next]).toEqual([expected.length, undefined])
        },
      ),
    )
  })

  it('keeps the order of a lane that outgrows its buffer', () => {
    const clock = new Clock()
    const ran: number[] = []
    const lane = clock.lane(5, (id: number) => ran.push(id))
    for (let id = 0; id < 1000; id++) {
      lane(id)
      if (id % 3 === 0) clock.runUntil(clock.now + 1)
    }
    clock.runUntil(clock.now + 5)
    expect(ran).toEqual(Array.from({ length: 1000 }, (_, id) => id))
  })

  it('ends a run at its limit of events instead of hanging', () => {
    const clock = new Clock(0, 100)
    const again = (): void => {
      clock.after(1, again, undefined)
    }
    again()
    expect(() => clock.runUntil(1e9)).toThrow(EventLimitError)
  })
})
