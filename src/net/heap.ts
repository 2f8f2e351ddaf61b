// A binary min-heap for things that happen at a time. Keys sit in typed arrays beside the items, so that sifting moves
// numbers and touches no object. Equal times leave in the order in which they came: a sequence number breaks the tie,
// which is what makes a simulation repeatable.

/** A growing queue of items by time, first in first out among equal times. */
export class TimeHeap<T> {
  #times = new Float64Array(16)
  #sequences = new Float64Array(16)
  #items: T[] = []
  #nextSequence = 0

  /** How many items wait. */
  get size(): number {
    return this.#items.length
  }

  /** The time of the next item, or Infinity when none waits. */
  get nextTime(): number {
    return this.#items.length === 0 ? Number.POSITIVE_INFINITY : this.#times[0]!
  }

  /** The next item without taking it. */
  peek(): T | undefined {
    return this.#items[0]
  }

  /** Adds an item at a time (any unit, not NaN) and returns its sequence number, which grows with every push. */
  push(time: number, item: T): number {
    const sequence = this.#nextSequence++
    const at = this.#items.length
    if (at === this.#times.length) this.#grow()
    this.#items.push(item)
    this.#siftUp(at, time, sequence, item)
    return sequence
  }

  /** Takes the item with the least time, the oldest of several; undefined when none waits. */
  pop(): T | undefined {
    const first = this.#items[0]
    const last = this.#items.pop()
    const size = this.#items.length
    if (size > 0) this.#siftDown(this.#times[size]!, this.#sequences[size]!, last as T)
    return first
  }

  /** Forgets all items; sequence numbers go on. */
  clear(): void {
    this.#items = []
  }

  #siftUp(start: number, time: number, sequence: number, item: T): void {
    const times = this.#times
    let at = start
    while (at > 0) {
      const parent = (at - 1) >> 1
      // A newcomer has the highest sequence number, so among equal times it stays below.
      if (times[parent]! <= time) break
      this.#move(parent, at)
      at = parent
    }
    this.#place(at, time, sequence, item)
  }

  #siftDown(time: number, sequence: number, item: T): void {
    const size = this.#items.length
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && this.#isBefore(child + 1, this.#times[child]!, this.#sequences[child]!)) child++
      if (!this.#isBefore(child, time, sequence)) break
      this.#move(child, at)
      at = child
    }
    this.#place(at, time, sequence, item)
  }

  #isBefore(at: number, time: number, sequence: number): boolean {
    const t = this.#times[at]!
    return t < time || (t === time && this.#sequences[at]! < sequence)
  }

  #move(from: number, to: number): void {
    this.#place(to, this.#times[from]!, this.#sequences[from]!, this.#items[from] as T)
  }

  #place(at: number, time: number, sequence: number, item: T): void {
    this.#times[at] = time
    this.#sequences[at] = sequence
    this.#items[at] = item
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2)
    times.set(this.#times)
    this.#times = times
    const sequences = new Float64Array(times.length)
    sequences.set(this.#sequences)
    this.#sequences = sequences
  }
}
