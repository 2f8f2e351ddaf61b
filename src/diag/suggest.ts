// "Did you mean …?": the nearest of the words that would have been right. Nearness is the optimal string alignment
// distance (Damerau 1964 restricted to adjacent swaps): insert, delete, replace or swap two neighbours, each costs one.

// A longer word is no slip of the finger, and the table below grows with the square of it.
const LENGTH_MAX = 80

/** The candidate nearest to a word, or undefined when none is near enough: one edit, or one in three characters. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > LENGTH_MAX) return undefined
  const folded = word.toLowerCase()
  let best: string | undefined
  let bestCost = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const limit = Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3))
    if (candidate === word || Math.abs(candidate.length - word.length) > limit) continue
    const distance = editDistance(folded, candidate.toLowerCase())
    // Replacing every character is not a typing error: "b" never suggests "a".
    if (distance > limit || distance >= Math.max(word.length, candidate.length)) continue
    // Case costs nothing, another first letter costs half an edit (people get the first one right); of equals the first wins.
    const cost = distance + (distance > 0 && word[0] !== candidate[0] ? 0.5 : 0)
    if (cost < bestCost) {
      best = candidate
      bestCost = cost
    }
  }
  return best
}

/** The hint `did you mean "…"?`, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const nearest = suggest(word, candidates)
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`
}

/** How many insertions, deletions, replacements and swaps of neighbours turn one text into the other. */
export function editDistance(a: string, b: string): number {
  // Three rows of the table: two back (for swaps), one back, and the one being filled.
  let older: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, older[j - 2]! + 1)
      }
      row.push(cost)
    }
    older = previous
    previous = row
  }
  return previous[b.length]!
}
