// Which structure fits a table. The bounds are where the curves of `isthmus bench routes` cross (docs/route-tables.md):
// a hash costs a probe for each length longer than the answer's, the strides cost half a MiB before the first route.

import { lengthsOf, type Shape, sizeOf } from './shape.ts'

/** The name of a structure and why it fits. */
export interface Choice {
  readonly name: string
  /** A sentence for people. */
  readonly why: string
}

/** Up to here a table is small: a fixed cost of half a MiB would be most of it. */
const SMALL = 2_000
/**
 * As `SMALL`, for IPv4: from here on a lookup in the strides takes a quarter of the hash's time, a batch a tenth, and half a
 * MiB is little for one table. Many tables have their own structure, shared-blocks.
 */
const SMALL4 = 500
/** From here on memory counts more than the last nanosecond. */
const LARGE = 100_000
/** Up to here an IPv6 table of many lengths may take 1.5 KiB a prefix for speed: 30 MiB. */
const SPACIOUS = 20_000
/** From here on 4 MiB are at most ten bytes a prefix. */
const HUGE = 400_000
/** Up to so many lengths a hash for each answers in a few probes. */
const FEW_LENGTHS = 4

/** Picks for a family; `shape` may be unknown, which is taken for a small table that changes. */
export function choose(family: 4 | 6, shape: Shape = {}): Choice {
  return family === 4 ? choose4(shape) : choose6(shape)
}

function choose4(shape: Shape): Choice {
  const size = sizeOf(shape)
  const lengths = lengthsOf(shape)
  if (size < SMALL4)
    return { name: 'length-hash', why: `${routes(size)}: no structure with a fixed cost pays` }
  if (size < LARGE)
    return {
      name: 'stride-16-8-8',
      why: `${routes(size)}: three loads a lookup at most, and updates never pause`,
    }
  if (lengths <= FEW_LENGTHS)
    return {
      name: 'length-hash',
      why: `${routes(size)} of ${lengths} lengths: a hash takes a sixth of the memory of the strides`,
    }
  if (shape.updates === true)
    return {
      name: 'stride-16-8-8',
      why: `${routes(size)} of ${lengths} lengths that change: updates write in place`,
    }
  if (size >= HUGE)
    return {
      name: 'stride-20-4',
      why: `${routes(size)} of ${lengths} lengths: a root of 4 MiB pays, and two loads answer most`,
    }
  return {
    name: 'stride-16-2',
    why: `${routes(size)} of ${lengths} lengths: small blocks that are shared stay smallest`,
  }
}

function choose6(shape: Shape): Choice {
  const size = sizeOf(shape)
  const lengths = lengthsOf(shape)
  if (size < SMALL && shape.updates !== false)
    return { name: 'length-hash', why: `${routes(size)}: no structure with a fixed cost pays` }
  if (lengths <= FEW_LENGTHS)
    return {
      name: 'length-hash',
      why: `${lengths} lengths: a hash finds hosts at once, where a trie walks down to them`,
    }
  if (shape.updates === false)
    return {
      name: 'dxr6',
      why: `${lengths} lengths and no changes: a search among ranges is smallest and fastest`,
    }
  if (size < SPACIOUS)
    return {
      name: 'stride-16-8',
      why: `${routes(size)} of ${lengths} lengths that change: four times as fast as a hash, for 1.5 KiB a route`,
    }
  return {
    name: 'length-hash',
    why: `${routes(size)} of ${lengths} lengths that change: a hash is smallest, and dxr6 much faster for those that do not`,
  }
}

function routes(size: number): string {
  return size === 0 ? 'nothing known of the table' : `${size} routes`
}
