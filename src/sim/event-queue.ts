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

  get size(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.size, this.#size)
  }

  /** A new lane, or undefined when there are enough. Its calls go to `pushLane`, each not earlier than the one before. */
  newLane(handler: Call): Lane | undefined {
    if (this.#lanes.length === LANES_MAX) return undefined
    const lane = new Lane(handler)
    this.#lanes.push(lane)
    return lane
  }

  pushLane(lane: Lane, time: Nanos, arg: unknown): void {
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

  /** Time of the earliest call; cancelled calls at the front are dropped first. */
  peekTime(): Nanos | undefined {
    const time = this.#firstLane()?.time ?? this.#heapTime()
    return time === Number.POSITIVE_INFINITY ? undefined : time
  }

  /** Runs the earliest call if it is due by `until` and tells `began` its time before; answers whether there was one. */
  runNext(until: Nanos, began: (time: Nanos) => void): boolean {
    const lane = this.#firstLane()
    const time = lane?.time ?? this.#heapTime()
    if (time > until || time === Number.POSITIVE_INFINITY) return false
    began(time)
    if (lane !== undefined) {
      lane.handler(lane.shift())
      return true
    }
    const slot = this.#pop()
    const handler = this.#handlers[slot]
    const arg = this.#args[slot]
    // The slot is free again before the handler runs.
    this.#release(slot)
    handler?.(arg)
    return true
  }

  /** The lane with the earliest call; undefined where that is in the heap, or nowhere. */
  #firstLane(): Lane | undefined {
    let first: Lane | undefined
    let time = this.#heapTime()
    for (const lane of this.#lanes) {
      const at = lane.time
      if (at > time || at === Number.POSITIVE_INFINITY) continue
      if (at === time && this.#precedes(first, lane)) continue
      first = lane
      time = at
    }
    return first
  }

  /** Whether the first call of `a`, or of the heap, was scheduled before that of `b`, which is for the same time. */
  #precedes(a: Lane | undefined, b: Lane): boolean {
    return (a === undefined ? (this.#sequences[this.#heap[0] as number] as number) : a.sequence) < b.sequence
  }

  /** Time of the earliest call in the heap; infinite when there is none. */
  #heapTime(): Nanos {
    while (this.#size > 0) {
      const slot = this.#heap[0] as number
      if (this.#handlers[slot] !== undefined) return this.#times[slot] as number
      this.#pop()
      this.#release(slot)
    }
    return Number.POSITIVE_INFINITY
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
