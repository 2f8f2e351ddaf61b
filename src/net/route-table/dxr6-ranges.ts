// Prefixes as ranges that start where the answer changes, window by window, for dxr6.ts: the sweep and the nodes.

import { laneMask } from '../prefix.ts'
import type { Arena } from './arena.ts'
import type { Columns6 } from './lpm.ts'

/** Bits of an address that a search compares at a time: signed numbers whose differences are signed numbers too. */
export const WINDOW = 31
/** Ranges of a node. */
const FAN = 8
/** Of a node of half the size, which has answers only. */
const HALF = 4
/** The start of ways that are not used: their words are the last that is. */
const LAST = 2 ** WINDOW - 1

/** The answers of a window: from `starts[i]` on the answer is `words[i]`; the first start is 0. */
interface Ranges {
  readonly starts: number[]
  readonly words: number[]
}

/** Where the root's bits and the windows lie. */
export interface Layout6 {
  /** Leading bits in which all prefixes agree and which are left out; less than 31 - `root`. */
  readonly skipped: number
  /** Bits of an address that pick a root slot. */
  readonly root: number
}

/** The layout for a table: a root of one or two slots a prefix, more for small tables, which then seldom need a node. */
export function layoutOf({ count, addresses, lengths }: Columns6): Layout6 {
  const size = Math.floor(Math.log2(Math.max(count, 1)))
  const root = Math.max(Math.min(18, size + 8), size + 1)
  let skipped = count === 0 ? 0 : WINDOW - root
  // In sorted columns the ends disagree where any two do; no prefix shares more than its length.
  for (let i = 0; i < count; i++) skipped = Math.min(skipped, lengths[i]!)
  if (count > 0) skipped = Math.min(skipped, Math.clz32(addresses[0]! ^ addresses[4 * (count - 1)]!))
  return { skipped, root }
}

/** Builds the nodes of a table in an arena and writes its root from `rootAt` on; true if more than one window is used. */
export function fillRanges(columns: Columns6, layout: Layout6, arena: Arena, rootAt: number): boolean {
  const builder = new Builder(columns, layout, arena)
  const ranges = builder.rangesOf(0, 0, columns.count, 0)
  let at = 0
  for (let slot = 0; slot < 2 ** layout.root; slot++) {
    let to = at + 1
    while (to < ranges.starts.length && ranges.starts[to]! < (slot + 1) * 2 ** WINDOW) to++
    const word = builder.node(ranges, at, to)
    arena.words[rootAt + slot] = word
    // The range that goes on into the next slot, or the one that begins with it.
    at = to < ranges.starts.length && ranges.starts[to] === (slot + 1) * 2 ** WINDOW ? to : to - 1
  }
  return builder.deep
}

class Builder {
  deep = false
  /** Half a line that is free; 0 when there is none. */
  #spare = 0
  readonly #columns: Columns6
  readonly #layout: Layout6
  readonly #arena: Arena

  constructor(columns: Columns6, layout: Layout6, arena: Arena) {
    this.#columns = columns
    this.#layout = layout
    this.#arena = arena
  }

  /** The ranges of a window for entries that agree in all bits before it and reach into it; the first has the root too. */
  rangesOf(window: number, from: number, to: number, inherited: number): Ranges {
    const { lengths, values } = this.#columns
    const { skipped, root } = this.#layout
    const width = window === 0 ? root + WINDOW : WINDOW
    /** The bit after the window. */
    const end = skipped + root + (window + 1) * WINDOW
    const last = 2 ** width - 1
    const ranges: Ranges = { starts: [0], words: [inherited] }
    // The prefixes that hold the point the sweep has come to, the longest last.
    const ends: number[] = []
    const open: number[] = [inherited]
    const close = (before: number): void => {
      while (ends.length > 0 && ends.at(-1)! < before) {
        const ended = ends.pop()!
        open.pop()
        if (ended < last) emit(ranges, ended + 1, open.at(-1)!)
      }
    }
    for (let i = from; i < to; ) {
      const start = this.#bitsOf(i, window)
      close(start)
      if (lengths[i]! <= end) {
        const word = values[i]! + 1
        ends.push(start + 2 ** Math.min(width, end - lengths[i]!) - 1)
        open.push(word)
        emit(ranges, start, word)
        i++
        continue
      }
      let next = i + 1
      while (next < to && lengths[next]! > end && this.#bitsOf(next, window) === start) next++
      const below = this.rangesOf(window + 1, i, next, open.at(-1)!)
      const word = this.node(below, 0, below.starts.length)
      // Prefixes that answer as what holds them leave one answer and no node.
      if (word < 0) this.deep = true
      emit(ranges, start, word < 0 ? word | ((window + 1) << 28) : word)
      if (start < last) emit(ranges, start + 1, open.at(-1)!)
      i = next
    }
    close(2 ** width)
    return ranges
  }

  /** The word for ranges: their answer if it is one, or a tree of nodes, those at the end the deepest. */
  node(ranges: Ranges, from: number, to: number): number {
    if (to - from === 1) return ranges.words[from]!
    if (to - from <= HALF) {
      const words = ranges.words.slice(from, to)
      if (words.every((word) => word >= 0)) return this.#half(ranges.starts.slice(from, to), words)
    }
    let below = 1
    while (FAN * below < to - from) below *= FAN
    const node = this.#arena.allocate(2 * FAN)
    let at = from
    for (let i = 0; i < FAN; i++) {
      const after = FAN - 1 - i
      const size = Math.min(to - at, Math.max(1, to - at - after * below))
      const word = size === 0 ? this.#arena.words[node + FAN + i - 1]! : this.node(ranges, at, at + size)
      this.#arena.words[node + i] = i === 0 ? 0 : size === 0 ? LAST : ranges.starts[at]! % 2 ** WINDOW
      this.#arena.words[node + FAN + i] = word
      at += size
    }
    return 0x80000000 | (node >>> 3)
  }

  /** A node of half the size; two share a cache line. */
  #half(starts: readonly number[], words: readonly number[]): number {
    if (this.#spare === 0) this.#spare = this.#arena.allocate(2 * FAN)
    const node = this.#spare
    this.#spare = node % (2 * FAN) === 0 ? node + FAN : 0
    for (let i = 0; i < HALF; i++) {
      this.#arena.words[node + i] = i === 0 ? 0 : i < starts.length ? starts[i]! % 2 ** WINDOW : LAST
      this.#arena.words[node + HALF + i] = ~(words[i] ?? words.at(-1)!)
    }
    return 0x88000000 | (node >>> 3)
  }

  /** The bits of an entry's address in a window. */
  #bitsOf(i: number, window: number): number {
    const { addresses } = this.#columns
    const { skipped, root } = this.#layout
    const key = windowOf(addresses, 4 * i, skipped + root + WINDOW * window)
    if (window > 0) return key
    const first = addresses[4 * i]! & ~laneMask(skipped, 0)
    return (first >>> (32 - skipped - root)) * 2 ** WINDOW + key
  }
}

/** 31 bits of an address from one on; bits that it does not have are no matter, whatever they are. */
export function windowOf(addresses: ArrayLike<number>, at: number, from: number): number {
  const lane = from >>> 5
  const high = addresses[at + lane]!
  const low = lane === 3 ? 0 : addresses[at + lane + 1]!
  return ((high << (from & 31)) | ((low >>> 1) >>> (31 - (from & 31)))) >>> 1
}

/** Adds a range; one at the same start gives way, one with the same answer as before it goes on. */
function emit({ starts, words }: Ranges, start: number, word: number): void {
  if (starts.at(-1) === start) {
    starts.pop()
    words.pop()
  }
  if (words.length > 0 && words.at(-1) === word) return
  starts.push(start)
  words.push(word)
}
