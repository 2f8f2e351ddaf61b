/**
 * The pending calls of a clock: a binary heap over typed arrays, keyed by time and then by order of arrival, and beside it lanes
 * (`lane.ts`) for what always takes the same time. The next call is the earliest among the heap's top and the lanes' first ones.
 * Slots are reused; a cancelled call keeps its place with its handler gone, so cancelling costs nothing.
 */
import type { Nanos } from '../model/time.ts'
import { Lane } from './lane.ts'

type Call = (arg: unknown) => void

const SLOT_BITS = 24
const SLOT_MASK = (1 << SLOT_BITS) - 1

/** Lanes are looked at one by one, so there are few; further delays take the heap. */
const LANES_MAX = 8

/** What `next` answers where the earliest call is in no lane. */
const IN_HEAP = -1
export const NOTHING = -2

export class EventQueue {
  #size = 0
  #times = new Float64Array(1024)
  #sequences = new Float64Array(1024)
  #heap = new Int32Array(1024)
  #handlers: (Call | undefined)[] = []
  #args: unknown[] = []
  #generations: number[] = []
  #free: number[] = []
  #sequence = 0
  readonly #lanes: Lane[] = []
  /** Times of the lanes' first calls, infinite where there is none, and their sequence numbers. */
  #laneTimes = new Float64Array(0)
  #laneSequences = new Float64Array(0)
  #time: Nanos = 0

  get size(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.size, this.#size)
  }

  /** The number of a new lane, or undefined when there are enough. Its calls go to `pushLane`, each not earlier than the one before. */
  newLane(handler: Call): number | undefined {
    const number = this.#lanes.length
    if (number === LANES_MAX) return undefined
    this.#lanes.push(new Lane(handler))
    this.#laneTimes = Float64Array.from(this.#lanes, (lane) => lane.time)
    this.#laneSequences = Float64Array.from(this.#lanes, (lane) => lane.sequence)
    return number
  }

  pushLane(number: number, time: Nanos, arg: unknown): void {
    const lane = this.#lanes[number]!
    if (lane.size === 0) {
      this.#laneTimes[number] = time
      this.#laneSequences[number] = this.#sequence
    }
    lane.push(time, this.#sequence++, arg)
  }

  /** Adds a call and returns a timer that stays valid until the call has run. */
  push(time: Nanos, handler: Call, arg: unknown): number {
    const slot = this.#free.pop() ?? this.#newSlot()
    this.#times[slot] = time
    this.#sequences[slot] = this.#sequence++
    this.#handlers[slot] = handler
    this.#args[slot] = arg
    this.#siftUp(this.#size++, slot)
    return (this.#generations[slot] as number) * (SLOT_MASK + 1) + slot
  }

  cancel(timer: number): void {
    const slot = timer % (SLOT_MASK + 1)
    if (this.#generations[slot] !== Math.floor(timer / (SLOT_MASK + 1))) return
    this.#handlers[slot] = undefined
    this.#args[slot] = undefined
  }

  /** Time of the earliest call, or undefined. */
  peekTime(): Nanos | undefined {
    return this.next(Number.MAX_VALUE) === NOTHING ? undefined : this.#time
  }

  /** Time of the call that `next` found last. */
  get time(): Nanos {
    return this.#time
  }

  /** Finds the earliest call, if it is due by `until`: the number of its lane, `IN_HEAP`, or `NOTHING`. */
  next(until: Nanos): number {
    const times = this.#laneTimes
    const sequences = this.#laneSequences
    let place = NOTHING
    let first = Number.POSITIVE_INFINITY
    let sequence = Number.POSITIVE_INFINITY
    if (this.#size > 0 && this.#dropCancelled()) {
      const slot = this.#heap[0] as number
      place = IN_HEAP
      first = this.#times[slot] as number
      sequence = this.#sequences[slot] as number
    }
    for (let lane = 0; lane < times.length; lane++) {
      const time = times[lane] as number
      if (time > first || (time === first && (sequences[lane] as number) >= sequence)) continue
      place = lane
      first = time
      sequence = sequences[lane] as number
    }
    this.#time = first
    return first <= until ? place : NOTHING
  }

  /** Runs the call that `next` has just found. */
  run(place: number): void {
    if (place >= 0) {
      const lane = this.#lanes[place]!
      const arg = lane.shift()
      this.#laneTimes[place] = lane.time
      this.#laneSequences[place] = lane.sequence
      lane.handler(arg)
      return
    }
    const slot = this.#pop()
    const handler = this.#handlers[slot]
    const arg = this.#args[slot]
    // The slot is free again before the handler runs.
    this.#release(slot)
    handler?.(arg)
  }

  /** Takes cancelled calls off the top of the heap; false when nothing is left in it. */
  #dropCancelled(): boolean {
    while (this.#size > 0) {
      const slot = this.#heap[0] as number
      if (this.#handlers[slot] !== undefined) return true
      this.#pop()
      this.#release(slot)
    }
    return false
  }

  #newSlot(): number {
    const slot = this.#generations.length
    if (slot > SLOT_MASK) throw new RangeError('more than 16 million pending events')
    this.#generations.push(0)
    if (slot >= this.#times.length) this.#grow()
    return slot
  }

  #release(slot: number): void {
    this.#handlers[slot] = undefined
    this.#args[slot] = undefined
    this.#generations[slot] = ((this.#generations[slot] as number) + 1) & 0x0fffffff
    this.#free.push(slot)
  }

  #grow(): void {
    const capacity = this.#times.length * 2
    const times = new Float64Array(capacity)
    times.set(this.#times)
    this.#times = times
    const sequences = new Float64Array(capacity)
    sequences.set(this.#sequences)
    this.#sequences = sequences
    const heap = new Int32Array(capacity)
    heap.set(this.#heap)
    this.#heap = heap
  }

  #before(a: number, b: number): boolean {
    const ta = this.#times[a] as number
    const tb = this.#times[b] as number
    return ta < tb || (ta === tb && (this.#sequences[a] as number) < (this.#sequences[b] as number))
  }

  #siftUp(start: number, slot: number): void {
    const heap = this.#heap
    let i = start
    while (i > 0) {
      const parent = (i - 1) >> 1
      const other = heap[parent] as number
      if (!this.#before(slot, other)) break
      heap[i] = other
      i = parent
    }
    heap[i] = slot
  }

  #pop(): number {
    const heap = this.#heap
    const top = heap[0] as number
    const last = heap[--this.#size] as number
    if (this.#size > 0) {
      let i = 0
      for (;;) {
        let child = 2 * i + 1
        if (child >= this.#size) break
        if (child + 1 < this.#size && this.#before(heap[child + 1] as number, heap[child] as number)) child++
        if (!this.#before(heap[child] as number, last)) break
        heap[i] = heap[child] as number
        i = child
      }
      heap[i] = last
    }
    return top
  }
}
