// The words of root slots and blocks (see stride4.ts for the picture).

/** The bit that tells a block. */
export const BLOCK = 0x80000000 | 0
/** The index in the word of a block. */
export const INDEX = 0x7fffffff

/** The word of a prefix of a length with a value. */
export function leaf(length: number, value: number): number {
  return ((length + 1) << 24) | (value + 1)
}

/** The value of a leaf; `NONE` of the word 0. */
export function valueIn(word: number): number {
  return (word & 0xffffff) - 1
}

/** The first word that is longer than every leaf of prefixes up to a length. */
export function beyond(length: number): number {
  return (length + 2) << 24
}

/** The length of the prefix a leaf tells of; -1 for none. */
export function lengthOf(word: number): number {
  return (word >>> 24) - 1
}
