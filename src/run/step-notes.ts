/** Takes down in a few words what one chassis did with a packet: the comment of that packet in a capture. */
import type { Recorder } from '../forward/ovn/recorder.ts'
import type { Drop, TraceStep } from '../model/trace.ts'

export class StepNotes implements Recorder {
  readonly #notes: string[] = []

  step(step: TraceStep): void {
    // Crossing a patch port says nothing that the next stage does not say.
    if (step.note === undefined || step.note.endsWith('type "patch"')) return
    this.#notes.push(`${step.stage} ${step.note}`)
  }

  answered(by: string, ttl: number): void {
    this.#notes.push(`answered by ${by} with TTL ${ttl}`)
  }

  dropped(drop: Drop): void {
    this.#notes.push(`dropped: ${drop.reason}`)
  }

  text(): string {
    return this.#notes.join('; ')
  }
}
