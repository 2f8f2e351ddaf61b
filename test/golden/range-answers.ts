// Longest-prefix match as a list of ranges: the slow table is asked once at every address where an answer can change,
// and a question is a binary search. Fast enough for millions of questions, and nothing like the structures it judges.

/** Compares two addresses of `lanes` words each, in arrays at word offsets. */
function compare(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, lanes: number): number {
  for (let lane = 0; lane < lanes; lane++) {
    if (a[i + lane]! !== b[j + lane]!) return a[i + lane]! < b[j + lane]! ? -1 : 1
  }
  return 0
}

/** Answers of a table by range. */
export class RangeAnswers {
  readonly #starts: readonly (readonly number[])[]
  readonly #answers: readonly number[]
  readonly #lanes: number

  /** Asks `slow` at all starts (addresses of `lanes` words); they must hold every address where an answer changes. */
  constructor(
    starts: readonly (readonly number[])[],
    lanes: number,
    slow: (address: readonly number[]) => number,
  ) {
    const zero = Array<number>(lanes).fill(0)
    this.#starts = [zero, ...starts].sort((a, b) => compare(a, 0, b, 0, lanes))
    this.#answers = this.#starts.map(slow)
    this.#lanes = lanes
  }

  /** The answer for the address at a word offset. */
  lookup(words: Uint32Array, at: number): number {
    let low = 0
    let high = this.#starts.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (compare(this.#starts[middle]!, 0, words, at, this.#lanes) <= 0) low = middle
      else high = middle
    }
    return this.#answers[low]!
  }
}
