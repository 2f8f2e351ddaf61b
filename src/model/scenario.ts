/** A whole scenario: the network, what happens to it, what is sent, what must hold, and the limits of the run. */
import type { Expectation } from './expectation.ts'
import type { Network } from './network.ts'
import type { Nanos } from './time.ts'
import type { TimedEvent } from './timeline.ts'
import type { Traffic } from './traffic.ts'

export interface Scenario {
  /** Path of the file, or `-`. */
  readonly file: string
  readonly name: string
  readonly description: string
  readonly network: Network
  /** `converged`: time zero is when the network has settled; `cold`: time zero is when the daemons start. */
  readonly start: 'converged' | 'cold'
  /** End of the run; by default two seconds after the last event, probe and time named in an expectation. */
  readonly duration: Nanos
  readonly timeline: readonly TimedEvent[]
  readonly traffic: readonly Traffic[]
  readonly expectations: readonly Expectation[]
  readonly limits: Limits
}

/** A run that exceeds one of these ends with exit code 5 and says which. */
export interface Limits {
  /** Events of the clock. */
  readonly events: number
  /** Chassis one packet may pass, against loops the TTL does not end. */
  readonly hops: number
  /** Packets on all links together. */
  readonly packets: number
  /** Longest bring-up before time zero is declared anyway; the run goes on with a warning. */
  readonly settle: Nanos
}

export const DEFAULT_LIMITS: Limits = {
  events: 50_000_000,
  hops: 512,
  packets: 50_000_000,
  settle: 60_000_000_000,
}
