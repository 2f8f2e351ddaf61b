/** Where packets of a run are seen for its capture: at pods' ports and on the underlay. It watches and changes nothing. */

import type { Nanos } from '../model/time.ts'
import type { Drop } from '../model/trace.ts'
import type { Clock } from '../sim/clock.ts'
import type { Underlay } from '../sim/underlay.ts'
import type { Frame } from '../wire/frame.ts'
import type { Capture, Seen } from './capture.ts'
import { StepNotes } from './step-notes.ts'

/** Marks BFD on the underlay while nothing is captured: its losses are nobody's packets. */
export const BFD = Symbol('bfd')

/** What goes with a packet on the underlay while a capture runs. */
class Letter {
  readonly bfd: boolean
  /** The packet as it left its node. */
  seen: Seen | undefined

  constructor(bfd: boolean) {
    this.bfd = bfd
  }
}

/** Whether what went with a packet on the underlay says that it is BFD. */
export function isBfd(note: unknown): boolean {
  return note === BFD || (note instanceof Letter && note.bfd)
}

export class CaptureTaps {
  readonly #file: Capture
  readonly #clock: Clock
  readonly #zero: Nanos
  /** Notes on the packet in work. */
  #notes: StepNotes | undefined

  /** Everything that is seen goes into `file`, with times counted from `zero`. */
  constructor(file: Capture, clock: Clock, zero: Nanos) {
    this.#file = file
    this.#clock = clock
    this.#zero = zero
  }

  /** Sees packets leave nodes, and whether they arrive. */
  watch(underlay: Underlay): void {
    underlay.observe({
      sent: (from, _to, frame, note) => {
        if (note instanceof Letter) note.seen = this.#file.open(from, this.#now(), frame, 'out')
      },
      received: (_from, _to, _frame, note) => this.#close(note, ''),
    })
  }

  /** To go with a packet on the underlay. */
  letter(bfd: boolean): unknown {
    return new Letter(bfd)
  }

  /** The packet that was captured as it left a node got lost on the underlay. */
  lost(note: unknown, reason: string): void {
    this.#close(note, `dropped: ${reason}`)
  }

  /** A packet is seen that needs no comment. */
  arrived(vantage: string, frame: Frame): void {
    this.#file.add(vantage, this.#now(), frame, 'in')
  }

  /** A packet is seen as a chassis begins to work on it; what the work notes down becomes its comment. */
  worked(vantage: string, frame: Frame, direction: 'in' | 'out', work: (notes: StepNotes) => void): void {
    const seen = this.#file.open(vantage, this.#now(), frame, direction)
    const notes = new StepNotes()
    this.#notes = notes
    work(notes)
    this.#notes = undefined
    this.#file.close(seen, notes.text())
  }

  /** Something dropped the packet in work, if one is. */
  dropped(what: Drop): void {
    this.#notes?.dropped(what)
  }

  #close(note: unknown, comment: string): void {
    if (note instanceof Letter && note.seen !== undefined) this.#file.close(note.seen, comment)
  }

  #now(): Nanos {
    return this.#clock.now - this.#zero
  }
}
