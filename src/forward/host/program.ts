// What a host and whoever starts programs on it (`traffic.ts`) know of a program.

import type { TrafficResult } from '../../model/traffic.ts'

/** Told once when a program ends by itself; not when `finish` ended it. */
export type Done = (result: TrafficResult) => void

/** A program under way. */
export interface Running {
  /** Ends the program, if it still runs, and returns what it has seen. May be called again: the result stays the same. */
  finish(): TrafficResult
}
