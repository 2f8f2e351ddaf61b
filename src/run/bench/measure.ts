// Structures side by side on one table and one trace. They take turns within each round, so that load on the machine falls on all of
// them; time is CPU time; a round keeps the fastest of its five passes (the 90th percentile by nearest rank); what is reported is the
// median of the rounds. Before anything is timed, all structures must give the same answers.

import { addressAt, type PrefixList } from '../../model/prefix-list.ts'
import { formatIp } from '../../net/ip.ts'
import { BATCH, Contender, type Structure } from './contender.ts'
import { LocalSeat, type RoundFigures, type Seat } from './seat.ts'
import { type Spread, spreadOf } from './spread.ts'
import type { AddressTrace } from './traces.ts'
import { updateOrder } from './workload.ts'

/** How time passes, from outside: this room has no clock. */
export interface BenchClock {
  /** Nanoseconds of CPU time this process has used. */
  readonly cpu: () => number
  /** Lets signals and output through; awaited between steps. */
  readonly pause: () => Promise<void>
}

/** What is being done, for who watches. */
export interface BenchProgress {
  readonly done: number
  readonly of: number
  readonly what: string
}

/** What is looked up in what. */
export interface BenchWork {
  readonly list: PrefixList
  /** At least `BATCH` addresses. */
  readonly trace: AddressTrace
}

export interface BenchOptions extends BenchWork {
  readonly structures: readonly Structure[]
  /** At least one. */
  readonly rounds: number
  readonly clock: BenchClock
  /** CPU time of a pass, in nanoseconds. */
  readonly passTime?: number
  /** Where a structure is measured; in this process unless given. */
  readonly seat?: (structure: Structure) => Promise<Seat>
  readonly progress?: (progress: BenchProgress) => void
  /** Ends the measurement; what there is is the result. */
  readonly signal?: AbortSignal
}

/** One structure's figures; those that were not reached are missing. */
export interface Measured {
  readonly structure: Structure
  /** Million lookups a second. */
  readonly batch?: Spread | undefined
  readonly single?: Spread | undefined
  readonly dependent?: Spread | undefined
  /** Milliseconds from a sorted list. */
  readonly build?: Spread | undefined
  /** Million times a second: take a prefix out, put it back. */
  readonly updates?: Spread | undefined
  readonly bytesAPrefix: number
}

export interface BenchResult {
  readonly measured: readonly Measured[]
  /** Addresses whose answers were compared. */
  readonly compared: number
  readonly interrupted: boolean
}

/** Two structures disagree: one of them has a bug. */
export class AnswersDiffer extends Error {
  override readonly name = 'AnswersDiffer'
}

/** CPU time of a pass, in nanoseconds. */
export const PASS_TIME = 12e6
/** CPU time that comparing one slow structure may take; beyond, fewer addresses are compared. */
const COMPARE_TIME = 0.5e9

/** The structure with the table built, and the prefixes that updates will go through. */
export function contenderOf(structure: Structure, { list, trace }: BenchWork): Contender {
  return new Contender(structure, list, trace, updateOrder(list))
}

/** Measures; throws `AnswersDiffer`. An interrupt before the first round is over gives what there is. */
export async function measure(options: BenchOptions): Promise<BenchResult> {
  const { trace, structures, rounds, clock, signal, progress, passTime = PASS_TIME } = options
  if (trace.length < BATCH) throw new RangeError(`a trace of ${trace.length} addresses: fewer than ${BATCH}`)
  const of = structures.length * (1 + rounds)
  let done = 0
  const step = async (what: string): Promise<boolean> => {
    progress?.({ done: done++, of, what })
    await clock.pause()
    return signal?.aborted !== true
  }
  const comparison = new Comparison(options)
  const figures = new Map<Structure, RoundFigures[]>()
  const bytes = new Map<Structure, number>()
  let going = true
  for (const structure of structures) {
    going &&= await step(`${structure.name}: answers`)
    if (!going) break
    bytes.set(structure, comparison.add(structure))
    figures.set(structure, [])
  }
  const local = (structure: Structure): Promise<Seat> =>
    Promise.resolve(new LocalSeat(contenderOf(structure, options), clock.cpu, passTime))
  const seats: (readonly [Structure, Seat])[] = []
  try {
    for (let turn = 0; turn < rounds * structures.length && going; turn++) {
      const round = Math.floor(turn / structures.length)
      // Whoever begins a round is another each time.
      const structure = structures[(turn + round) % structures.length]!
      going = await step(`round ${round + 1} of ${rounds}: ${structure.name}`)
      if (!going) break
      let seat = seats.find(([one]) => one === structure)?.[1]
      if (seat === undefined) {
        seat = await (options.seat ?? local)(structure)
        seats.push([structure, seat])
      }
      const found = await orAborted(seat.round(), signal)
      if (found === undefined) going = false
      else figures.get(structure)!.push(found)
    }
  } finally {
    for (const [, seat] of seats) seat.close()
  }
  const measured = [...figures].map(([structure, all]) =>
    summary(structure, all, bytes.get(structure)!, options.list.count),
  )
  return { measured, compared: comparison.compared, interrupted: !going }
}

/** What a promise gives, or undefined as soon as the signal aborts. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      // Whatever the rest of the round would have told is not asked for any more.
      promise.catch(() => undefined)
      resolve(undefined)
    }
    if (signal.aborted) return aborted()
    signal.addEventListener('abort', aborted, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted))
  })
}

function summary(structure: Structure, all: readonly RoundFigures[], bytes: number, size: number): Measured {
  const of = (kind: 'batch' | 'single' | 'dependent' | 'updates' | 'build'): Spread | undefined =>
    spreadOf(all.map((round) => round[kind]).filter((value) => value !== undefined))
  return {
    structure,
    batch: of('batch'),
    single: of('single'),
    dependent: of('dependent'),
    updates: of('updates'),
    build: of('build'),
    bytesAPrefix: bytes / size,
  }
}

/** Holds the answers of structures against each other, one after another. */
class Comparison {
  compared = 0
  readonly #work: BenchWork
  readonly #clock: BenchClock
  #longest: { readonly name: string; readonly answers: Int32Array } | undefined

  constructor({ list, trace, clock }: BenchOptions) {
    this.#work = { list, trace }
    this.#clock = clock
  }

  /** Asks a structure for as much as it can answer in the time for it; gives the bytes of its table. */
  add(structure: Structure): number {
    const contender = contenderOf(structure, this.#work)
    const count = this.#comparable(contender)
    const answers = contender.answers(0, count)
    this.#checkSingles(contender, answers)
    const longest = this.#longest
    if (longest !== undefined) this.#checkSame(longest.name, longest.answers, structure.name, answers)
    if (longest === undefined || longest.answers.length < count)
      this.#longest = { name: structure.name, answers }
    this.compared = Math.max(this.compared, count)
    return contender.bytes
  }

  #comparable(contender: Contender): number {
    const { length } = this.#work.trace
    const some = Math.min(BATCH, length)
    // The first time tells what compiling costs.
    contender.answers(0, some)
    const began = this.#clock.cpu()
    contender.answers(0, some)
    const took = Math.max(1, this.#clock.cpu() - began)
    return Math.min(length, Math.max(some, Math.floor((COMPARE_TIME / took) * some)))
  }

  /** Batches answer as single lookups do. */
  #checkSingles(contender: Contender, answers: Int32Array): void {
    const stride = Math.max(1, Math.floor(answers.length / 65_536))
    for (let i = 0; i < answers.length; i += stride) {
      const single = contender.answer(i)
      if (single !== answers[i])
        throw new AnswersDiffer(
          `${contender.structure.name} answers ${answers[i]} in a batch and ${single} alone for ${this.#address(i)}`,
        )
    }
  }

  #checkSame(nameA: string, a: Int32Array, nameB: string, b: Int32Array): void {
    const count = Math.min(a.length, b.length)
    for (let i = 0; i < count; i++)
      if (a[i] !== b[i])
        throw new AnswersDiffer(`${nameA} answers ${a[i]} and ${nameB} ${b[i]} for ${this.#address(i)}`)
  }

  #address(index: number): string {
    return formatIp(addressAt(this.#work.trace, index))
  }
}
