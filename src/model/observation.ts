/** What a run showed, in the same types whether the simulator or a real lab produced it. */
import type { Diagnostic } from '../diag/diagnostic.ts'
import type { ExpectationResult } from './expectation.ts'
import type { ForwardingState } from './forwarding.ts'
import type { Scenario } from './scenario.ts'
import type { DatabasesSnapshot } from './tables.ts'
import type { Nanos } from './time.ts'
import type { Drop, LogEntry } from './trace.ts'
import type { TrafficResult } from './traffic.ts'

/** One packet seen once on the underlay, as it entered the wire. */
export interface UnderlayPacket {
  readonly at: Nanos
  /** `cluster/node` of both ends. */
  readonly from: string
  readonly to: string
  readonly bytes: Uint8Array
}

export interface RunResult {
  readonly scenario: Scenario
  /** Every expectation holds, and nothing undefined or over a limit happened. */
  readonly ok: boolean
  /** Whether the network settled before time zero, and how long it took (virtual). */
  readonly settled: { readonly ok: boolean; readonly after: Nanos }
  readonly end: Nanos
  readonly log: readonly LogEntry[]
  readonly traffic: readonly TrafficResult[]
  readonly expectations: readonly ExpectationResult[]
  /** What packets ended of, from time zero on; equal ends are counted together. */
  readonly drops: readonly DropCount[]
  /** Databases at the start, at each snapshot event and at the end. */
  readonly snapshots: ReadonlyMap<string, DatabasesSnapshot>
  /** Every forwarding state from time zero on, with when it began. */
  readonly states: readonly ForwardingState[]
  /** Undefined behaviour met (RT-12) and limits hit. */
  readonly diagnostics: readonly Diagnostic[]
  /** Which limit ended the run early, as a sentence; exit code 5. */
  readonly inconclusive: string | undefined
  readonly captures: readonly CaptureFile[]
  readonly counters: RunCounters
  /** Real programs were run, not the model. */
  readonly real?: true
}

/** Packets that ended the same way in the same place. */
export interface DropCount {
  readonly drop: Drop
  readonly count: number
  readonly first: Nanos
  readonly last: Nanos
}

export interface CaptureFile {
  readonly path: string
  readonly packets: number
  readonly bytes: number
}

export interface RunCounters {
  readonly events: number
  readonly packets: number
  readonly tunnelPackets: number
  readonly bfdPackets: number
}
