// What a table looks like, for picking a structure: how many prefixes of which lengths.

import type { Columns4, Columns6 } from './lpm.ts'

/** What is known of a table, or expected. */
export interface Shape {
  /** How many prefixes of each length, by length; nothing is known when left out. */
  readonly lengths?: readonly number[]
  /** Whether the table changes all the time, or never after it is built; now and then when left out. */
  readonly updates?: boolean
}

/** The shape of a table that is there. */
export function shapeOf({ count, lengths }: Columns4 | Columns6): Shape {
  const counts: number[] = Array(129).fill(0)
  for (let i = 0; i < count; i++) counts[lengths[i]!]!++
  return { lengths: counts }
}

/** How many prefixes a shape has. */
export function sizeOf({ lengths = [] }: Shape): number {
  return lengths.reduce((sum, count) => sum + count, 0)
}

/** How many different lengths a shape has: the probes a hash by length needs for an address that matches nothing. */
export function lengthsOf({ lengths = [] }: Shape): number {
  return lengths.filter((count) => count > 0).length
}
