// A logical pipeline as OVN has it: named, numbered stages in order, each of which matches and acts (ovn-northd(8),
// "Logical Flow Table Structure"). A stage answers what becomes of the packet; what it did goes to a recorder, if there
// is one. Surprise: stages build texts only inside `if (packet.recorder !== undefined)`, so that forwarding without a
// recorder makes no garbage.

import type { Packet } from './packet.ts'
import type { StageId } from './recorder.ts'

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

/** Runs the stages in order and answers `output` (also when the last stage is passed) or `stop`. */
export function runPipeline(stages: readonly Stage[], packet: Packet): Verdict {
  for (let i = 0; i < stages.length; i++) {
    const verdict = stages[i]!.run(packet)
    if (verdict !== Verdict.next) return verdict
  }
  return Verdict.output
}
