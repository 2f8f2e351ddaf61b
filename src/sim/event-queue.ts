/**
 * The pending calls of a clock, keyed by time and then by order of arrival: a binary heap over typed arrays, and beside it a few
 * lanes for what is near. Packets are scheduled after one of a handful of latencies, so their times come in ascending runs; a call
 * that is not earlier than the last one of a lane is appended there, without touching the heap. The next call is the earliest of
 * the lanes' first calls and the heap's.
 * Slots are reused; a cancelled call keeps its place with its handler gone, so cancelling costs nothing.
 */
import { MILLISECOND, type Nanos } from '../model/time.ts'

type Call = (arg: unknown) => void

const SLOT_BITS = 24
const SLOT_MASK = (1 << SLOT_BITS) - 1

/** Few enough to look at all of them for each call. */
const LANES = 6

/** Calls further away than this would keep a lane from near ones for too long. */
const NEAR: Nanos = 5 * MILLISECOND

/** Where the earliest call is: the number of a lane, the heap, nowhere, or not known now. */
const IN_HEAP = -1
const NOWHERE = -2
const UNKNOWN = -3

export class EventQueue {
  #size = 0
  #heapSize = 0
  #times = new Float64Array(1024)
  #sequences = new Float64Array(1024)
  #heap = new Int32Array(1024)
  /** The slot behind a slot in its lane, or -1. */
  #next = new Int32Array(1024)
  readonly #heads = new Int32Array(LANES).fill(-1)
  readonly #tails = new Int32Array(LANES).fill(-1)
  /** Times of the last calls of the lanes; those of empty lanes are negative infinity. */
  readonly #tailTimes = new Float64Array(LANES).fill(Number.NEGATIVE_INFINITY)
  /** No lane from here on holds a call. */
  #lanes = 0
  #front = UNKNOWN
  #handlers: (Call | undefined)[] = []
  #args: unknown[] = []
  #generations: number[] = []
  #free: number[] = []
  #sequence = 0
  /** Time of the call that ran last: what is near is near to it. */
  #now: Nanos = 0

  get size(): number {
    return this.#size
  }

  /** Adds a call and returns a timer that stays valid until the call has run. */
  push(time: Nanos, handler: Call, arg: unknown): number {
    const slot = this.#free.pop() ?? this.#newSlot()
    this.#times[slot] = time
    this.#sequences[slot] = this.#sequence++
    this.#handlers[slot] = handler
    this.#args[slot] = arg
    this.#size++
    this.#front = UNKNOWN
    if (time - this.#now > NEAR || !this.#enterLane(time, slot)) this.#siftUp(this.#heapSize++, slot)
    return (this.#generations[slot] as number) * (SLOT_MASK + 1) + slot
  }

  cancel(timer: number): void {
    const slot = timer % (SLOT_MASK + 1)
    if (this.#generations[slot] !== Math.floor(timer / (SLOT_MASK + 1))) return
    this.#handlers[slot] = undefined
    this.#args[slot] = undefined
    this.#front = UNKNOWN
  }

  /** Time of the earliest call; cancelled calls at the front are dropped first. */
  peekTime(): Nanos | undefined {
    for (;;) {
      const slot = this.#frontSlot()
      if (slot < 0) return undefined
      if (this.#handlers[slot] !== undefined) return this.#times[slot]
      this.#take(slot)
      this.#release(slot)
    }
  }

  /** Runs the earliest call. The slot is free again before the handler runs. */
  runNext(): void {
    const slot = this.#frontSlot()
    if (slot < 0) return
    this.#take(slot)
    this.#now = this.#times[slot] as number
    const handler = this.#handlers[slot]
    const arg = this.#args[slot]
    this.#release(slot)
    handler?.(arg)
  }

  /** Appends to the lane that ends last among those that end early enough; false when there is none. */
  #enterLane(time: Nanos, slot: number): boolean {
    let best = -1
    let bestTime = Number.NEGATIVE_INFINITY
    for (let lane = 0; lane < LANES; lane++) {
      const tail = this.#tailTimes[lane] as number
      if (tail > time || (best >= 0 && tail <= bestTime)) continue
      best = lane
      bestTime = tail
    }
    if (best < 0) return false
    const last = this.#tails[best] as number
    if (last < 0) this.#heads[best] = slot
    else this.#next[last] = slot
    this.#tails[best] = slot
    this.#tailTimes[best] = time
    this.#next[slot] = -1
    if (best >= this.#lanes) this.#lanes = best + 1
    return true
  }

  /** The slot of the earliest call, or -1; `#front` says where it is. */
  #frontSlot(): number {
    if (this.#front >= 0) return this.#heads[this.#front] as number
    if (this.#front === IN_HEAP) return this.#heap[0] as number
    if (this.#size === 0) {
      this.#front = NOWHERE
      return -1
    }
    let front = IN_HEAP
    let first = this.#heapSize > 0 ? (this.#heap[0] as number) : -1
    for (let lane = 0; lane < this.#lanes; lane++) {
      const head = this.#heads[lane] as number
      if (head < 0 || (first >= 0 && !this.#before(head, first))) continue
      first = head
      front = lane
    }
    this.#front = front
    return first
  }

  /** Takes the earliest call out of where it is. */
  #take(slot: number): void {
    this.#size--
    const lane = this.#front
    this.#front = UNKNOWN
    if (lane < 0) {
      this.#popHeap()
      return
    }
    const following = this.#next[slot] as number
    this.#heads[lane] = following
    if (following >= 0) return
    this.#tails[lane] = -1
    this.#tailTimes[lane] = Number.NEGATIVE_INFINITY
    while (this.#lanes > 0 && (this.#heads[this.#lanes - 1] as number) < 0) this.#lanes--
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
    const next = new Int32Array(capacity)
    next.set(this.#next)
    this.#next = next
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

  /** Removes the top of the heap. */
  #popHeap(): void {
    const heap = this.#heap
    const last = heap[--this.#heapSize] as number
    if (this.#heapSize === 0) return
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= this.#heapSize) break
      if (child + 1 < this.#heapSize && this.#before(heap[child + 1] as number, heap[child] as number)) child++
      if (!this.#before(heap[child] as number, last)) break
      heap[i] = heap[child] as number
      i = child
    }
    heap[i] = last
  }
}
