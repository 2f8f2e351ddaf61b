// The structures by name, so that a benchmark can try them all and a user can pick: what each is, whose idea it was,
// and when to take it. `auto` picks by the shape of a table and says why.

import type { Columns4, Columns6, Lookup4, Lookup6, Lpm4, Lpm6 } from './lpm.ts'

/** What every structure says of itself. */
interface Described {
  /** Short name, unique within its family, as commands take it. */
  readonly name: string
  /** Where the idea was published. */
  readonly paper: string
  /** When to take it, a sentence. */
  readonly when: string
  /** What runs batches: compiled WebAssembly or plain JavaScript. */
  readonly batch: 'wasm' | 'js'
}

/** A structure for IPv4. */
export interface Structure4 extends Described {
  readonly family: 4
  /** An empty table; undefined for a structure that is built once. */
  readonly create: (() => Lpm4) | undefined
  /** A table of these entries: an `Lpm4` where `create` is there. */
  readonly build: (columns: Columns4) => Lookup4
}

/** A structure for IPv6. */
export interface Structure6 extends Described {
  readonly family: 6
  readonly create: (() => Lpm6) | undefined
  readonly build: (columns: Columns6) => Lookup6
}

/** Every structure there is, the slow twins first. */
export const STRUCTURES: readonly (Structure4 | Structure6)[] = []

/** What `auto` looks at. */
export interface Shape {
  readonly family: 4 | 6
  /** How many prefixes (now, or expected). */
  readonly size: number
  /** How many prefixes of each length, by length; empty where nothing is known. */
  readonly lengths: readonly number[]
  /** Whether the table will change after it is built; true when left out. */
  readonly updates?: boolean
}

/** A structure and why it fits. */
export interface Choice<S> {
  readonly structure: S
  /** A sentence for people. */
  readonly why: string
}

/*
 * To come in this file, with these signatures:
 *   chooseStructure(shape & { family: 4 }): Choice<Structure4>; chooseStructure(shape & { family: 6 }): Choice<Structure6>
 *   shapeOf(columns, family): Shape
 *   createLpm4(name = 'auto', shape?): Lpm4; createLpm6(name = 'auto', shape?): Lpm6   RangeError for an unknown name
 *   columns4(entries: Iterable<Entry4>): Columns4; columns6(entries: Iterable<Entry6>): Columns6   (columns.ts) sorts; the last of duplicates wins
 */
