/**
 * Virtual time. Handlers run in the order of their time, ties in the order they were scheduled, so a run is a pure function of
 * its input. The queue behind it is `event-queue.ts`.
 */
import type { Nanos } from '../model/time.ts'
import { EventQueue, NOTHING } from './event-queue.ts'

/** A handler gets back the argument it was scheduled with: no closure is needed on hot paths. */
export type Handler<A = unknown> = (arg: A) => void

/** Identifies a scheduled call until it has run; see `Clock.cancel`. */
export type Timer = number

/** The run hit its limit of events. */
export class EventLimitError extends Error {
  override readonly name = 'EventLimitError'
}

export class Clock {
  now: Nanos
  /** Handlers run so far. */
  events = 0
  readonly #queue = new EventQueue()
  readonly #limit: number

  constructor(start: Nanos = 0, limit = Number.MAX_SAFE_INTEGER) {
    this.now = start
    this.#limit = limit
  }

  /** Runs `handler(arg)` at `time`; a time in the past means now, after everything already scheduled for now. */
  at<A>(time: Nanos, handler: Handler<A>, arg: A): Timer {
    return this.#queue.push(time < this.now ? this.now : time, handler as Handler, arg)
  }

  /** Runs `handler(arg)` after `delay` nanoseconds. */
  after<A>(delay: Nanos, handler: Handler<A>, arg: A): Timer {
    return this.at(this.now + delay, handler, arg)
  }

  /**
   * A function that schedules `handler(arg)` after `delay`, as `after` does but cheaper and without a timer: for what is scheduled
   * all the time after one delay, such as packets on a link.
   */
  lane<A>(delay: Nanos, handler: Handler<A>): (arg: A) => void {
    const queue = this.#queue
    const lane = queue.newLane(handler as Handler)
    if (lane === undefined) return (arg) => this.after(delay, handler, arg)
    return (arg) => queue.pushLane(lane, this.now + delay, arg)
  }

  /** Forgets a scheduled call; a timer that has run or was cancelled already is ignored. */
  cancel(timer: Timer): void {
    this.#queue.cancel(timer)
  }

  /** Time of the next call, or undefined when nothing is scheduled. */
  get next(): Nanos | undefined {
    return this.#queue.peekTime()
  }

  /** Runs everything up to and including `until`, then sets the clock there. Throws `EventLimitError` at the limit. */
  runUntil(until: Nanos): void {
    const queue = this.#queue
    for (;;) {
      const place = queue.next(until)
      if (place === NOTHING) break
      this.now = queue.time
      if (++this.events > this.#limit) throw new EventLimitError(`more than ${this.#limit} events`)
      queue.run(place)
    }
    if (until > this.now) this.now = until
  }
}
