// The library as the commands use it: exactly what `import { load, simulate, stateAt, trace } from 'isthmus'` gives. Only
// types are imported here, so that a command that needs no engine does not pay for one.

import type { Diagnostic } from '../diag/diagnostic.ts'
import type { Sources } from '../diag/source.ts'
import type { ForwardingState } from '../model/forwarding.ts'
import type { RunResult } from '../model/observation.ts'
import type { ProfileName } from '../model/profile.ts'
import type { Scenario } from '../model/scenario.ts'
import type { DatabasesSnapshot } from '../model/tables.ts'
import type { Nanos } from '../model/time.ts'
import type { Trace } from '../model/trace.ts'

/** What a user may change from outside the file. */
export interface LoadOptions {
  readonly seed?: number
  readonly profile?: ProfileName
}

/** A scenario, unless there are errors, and everything that is wrong with its files. */
export interface Loaded {
  readonly scenario?: Scenario | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: Sources
}

export interface Progress {
  readonly now: Nanos
  readonly end: Nanos
  readonly events: number
}

export interface SimulateOptions {
  /** A folder for pcapng files; nothing is captured without. */
  readonly captureDir?: string
  /** File name without its ending; the scenario's by default. */
  readonly captureName?: string
  readonly progress?: (progress: Progress) => void
  /** Ends the run with an error. */
  readonly signal?: AbortSignal
}

export interface TraceQuery {
  /** `cluster/pod`. */
  readonly from: string
  /** `cluster/pod` or an address. */
  readonly to: string
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly port?: number
  readonly at?: Nanos
  readonly ttl?: number
  /** Payload bytes. */
  readonly size?: number
}

/** The network at one moment. */
export interface StateAt {
  readonly databases: DatabasesSnapshot
  readonly state: ForwardingState
}

type Async<T> = T | Promise<T>

export interface Engine {
  /** Reads a file, or standard input for `-`. */
  load(path: string, options?: LoadOptions): Async<Loaded>
  simulateAsync(scenario: Scenario, options?: SimulateOptions): Async<RunResult>
  stateAt(scenario: Scenario, at: Nanos): Async<StateAt>
  trace(scenario: Scenario, query: TraceQuery): Async<Trace>
}
