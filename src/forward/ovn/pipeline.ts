// A logical pipeline as OVN has it: named, numbered stages in order, each of which matches and acts (ovn-northd(8),
// "Logical Flow Table Structure"). A stage answers what becomes of the packet; what it did goes to a recorder, if there
// is one. Surprise: stages build texts only inside `if (packet.recorder !== undefined)`, so that forwarding without a
// recorder makes no garbage.

import type { TraceStep } from '../../model/trace.ts'
import type { Packet } from './packet.ts'

/** A stage's name and place, as `ovn-sbctl lflow-list` prints them. */
export interface StageId {
  readonly pipeline: 'ingress' | 'egress'
  /** Number of the table within its pipeline, as in OVN 23.03. */
  readonly table: number
  readonly name: string
}

/** What becomes of a packet after a stage. */
export const Verdict = {
  /** The next stage takes it. */
  next: 0,
  /** `output;`: the rest of the pipeline is skipped. */
  output: 1,
  /** The packet ended here: it was dropped, and the drop was reported. */
  stop: 2,
} as const
export type Verdict = (typeof Verdict)[keyof typeof Verdict]

/** One stage: its name and what it does with a packet. */
export interface Stage {
  readonly id: StageId
  run(packet: Packet): Verdict
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

/** Runs the stages in order and answers `output` (also when the last stage is passed) or `stop`. */
export function runPipeline(stages: readonly Stage[], packet: Packet): Verdict {
  for (let i = 0; i < stages.length; i++) {
    const verdict = stages[i]!.run(packet)
    if (verdict !== Verdict.next) return verdict
  }
  return Verdict.output
}
