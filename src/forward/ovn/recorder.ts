// What is told of a packet on its way: which stage of a pipeline did what.

import type { TraceStep } from '../../model/trace.ts'

/** A stage's name and place, as `ovn-sbctl lflow-list` prints them. */
export interface StageId {
  readonly pipeline: 'ingress' | 'egress'
  /** Number of the table within its pipeline, as in OVN 23.03. */
  readonly table: number
  readonly name: string
}

/** Takes down what happened to one packet on one chassis. */
export interface Recorder {
  /** A stage did something. */
  step(step: TraceStep): void
  /**
   * The packet was turned into its own answer (echo reply, ARP reply) by the owner of the address `by`, with this TTL.
   * Steps and outputs that follow belong to the answer.
   */
  answered(by: string, ttl: number): void
}
