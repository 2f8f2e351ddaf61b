// Structures side by side on one table and one trace. They take turns within each round, so that load on the machine falls on all of
// them; time is CPU time; a round keeps the pass at the 90th percentile of its passes; what is reported is the median of the rounds.
// Before anything is timed, all structures must give the same answers.

import type { PrefixList } from '../../model/prefix-list.ts'
import { addressAt } from '../../model/prefix-list.ts'
import { formatIp } from '../../net/ip.ts'
import { Random } from '../../net/random.ts'
import { BATCH, Contender, type Structure } from './contender.ts'
import { quantile, type Spread, spreadOf } from './spread.ts'
import type { AddressTrace } from './traces.ts'

/** How time passes, from outside: this room has no clock. */
export interface BenchClock {
  /** Nanoseconds of CPU time this process has used. */
  readonly cpu: () => number
  /** Lets signals and output through; awaited between passes. */
  readonly pause: () => Promise<void>
}

/** What is being done, for who watches. */
export interface BenchProgress {
  readonly done: number
  readonly of: number
  readonly what: string
}

export interface BenchOptions {
  readonly list: PrefixList
  readonly trace: AddressTrace
  readonly structures: readonly Structure[]
  /** At least one. */
  readonly rounds: number
  readonly clock: BenchClock
  /** CPU time of a pass, in nanoseconds. */
  readonly passTime?: number
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

/** Passes a round, of each kind. */
const PASSES = 5
const PASS_TIME = 12e6
/** Prefixes that updates go through. */
const UPDATES = 8192
/** CPU time that comparing one slow structure may take; beyond, fewer addresses are compared. */
const COMPARE_TIME = 2e9
/** Builds of more than this are repeated twice and no more. */
const LONG_BUILD = 300

const KINDS = ['batch', 'single', 'dependent', 'updates'] as const
type Kind = (typeof KINDS)[number]

/** One contender's course. */
class Course {
  readonly contender: Contender
  readonly rates: Record<Kind, number[]> = { batch: [], single: [], dependent: [], updates: [] }
  readonly builds: number[] = []
  readonly #counts = new Map<Kind, number>()
  readonly #at = new Map<Kind, number>()
  readonly #options: BenchOptions

  constructor(contender: Contender, options: BenchOptions) {
    this.contender = contender
    this.#options = options
  }

  get kinds(): readonly Kind[] {
    return this.contender.updatable ? KINDS : KINDS.filter((kind) => kind !== 'updates')
  }

  /** One round of a kind: calibrated the first time. */
  round(kind: Kind): void {
    const { cpu } = this.#options.clock
    if (kind === 'batch') this.contender.prepare()
    let count = this.#counts.get(kind)
    if (count === undefined) {
      count = this.#calibrate(kind)
      this.#counts.set(kind, count)
    }
    const rates: number[] = []
    for (let pass = 0; pass < PASSES; pass++) {
      const from = this.#next(kind, count)
      const began = cpu()
      this.contender[kind === 'updates' ? 'update' : kind](from, from + count)
      rates.push((count / Math.max(1, cpu() - began)) * 1000)
    }
    this.rates[kind].push(quantile(rates, 0.9))
  }

  build(): void {
    if (this.builds.length >= 3 && this.builds[0]! > LONG_BUILD) return
    const { cpu } = this.#options.clock
    const began = cpu()
    this.contender.build()
    this.builds.push((cpu() - began) / 1e6)
  }

  measured(): Measured {
    const { batch, single, dependent, updates } = this.rates
    const { structure, bytes, size } = this.contender
    return {
      structure,
      batch: spreadOf(batch),
      single: spreadOf(single),
      dependent: spreadOf(dependent),
      updates: spreadOf(updates),
      build: spreadOf(this.builds),
      bytesAPrefix: bytes / size,
    }
  }

  /** How many operations fill a pass: doubled until they take a fair part of it, which also lets V8 optimise. */
  #calibrate(kind: Kind): number {
    const { clock, passTime = PASS_TIME } = this.#options
    const unit = kind === 'batch' ? BATCH : 16
    const most = this.#most(kind)
    for (let count = unit; ; count = Math.min(most, count * 2)) {
      const began = clock.cpu()
      this.contender[kind === 'updates' ? 'update' : kind](0, count)
      const took = clock.cpu() - began
      if (took >= passTime / 2 || count >= most) {
        const wanted = Math.floor((count * passTime) / Math.max(1, took) / unit) * unit
        return Math.max(unit, Math.min(most, wanted))
      }
    }
  }

  #most(kind: Kind): number {
    const { length } = this.#options.trace
    return kind === 'updates' ? UPDATES : Math.floor(length / BATCH) * BATCH
  }

  /** Where the next pass begins: passes go through the trace, so that partial ones do not ask the same over and over. */
  #next(kind: Kind, count: number): number {
    const at = this.#at.get(kind) ?? 0
    const from = at + count > this.#most(kind) ? 0 : at
    this.#at.set(kind, from + count)
    return from
  }
}

/** Measures; throws `AnswersDiffer`. An interrupt before the first round is over gives what there is. */
export async function measure(options: BenchOptions): Promise<BenchResult> {
  const { list, trace, structures, rounds, clock, signal, progress } = options
  if (trace.length < BATCH) throw new RangeError(`a trace of ${trace.length} addresses: fewer than ${BATCH}`)
  const random = new Random(list.count)
  const order = new Uint32Array(UPDATES).map(() => random.below(list.count))
  const of = structures.length * (1 + rounds)
  let done = 0
  const step = async (what: string): Promise<boolean> => {
    progress?.({ done: done++, of, what })
    await clock.pause()
    return signal?.aborted !== true
  }
  const courses: Course[] = []
  let compared = 0
  let going = true
  let first: { readonly name: string; readonly answers: Int32Array } | undefined
  for (const structure of structures) {
    going &&= await step(`${structure.name}: answers`)
    if (!going) break
    const course = new Course(new Contender(structure, list, trace, order), options)
    const count = comparable(course.contender, trace, clock)
    const answers = course.contender.answers(0, count)
    checkSingles(course.contender, answers, trace)
    if (first !== undefined) checkSame(first.name, first.answers, structure.name, answers, trace)
    if (first === undefined || first.answers.length < answers.length)
      first = { name: structure.name, answers }
    compared = Math.max(compared, count)
    courses.push(course)
  }
  for (let round = 0; round < rounds && going; round++) {
    for (let turn = 0; turn < courses.length && going; turn++) {
      // Whoever begins a round is another each time.
      const course = courses[(turn + round) % courses.length]!
      going = await step(`round ${round + 1} of ${rounds}: ${course.contender.structure.name}`)
      if (!going) break
      course.build()
      for (const kind of course.kinds) course.round(kind)
    }
  }
  return { measured: courses.map((course) => course.measured()), compared, interrupted: !going }
}

/** How many addresses of the trace this structure answers within the time for it. */
function comparable(contender: Contender, trace: AddressTrace, clock: BenchClock): number {
  const some = Math.min(BATCH, trace.length)
  const began = clock.cpu()
  contender.answers(0, some)
  const took = Math.max(1, clock.cpu() - began)
  return Math.min(trace.length, Math.max(some, Math.floor((COMPARE_TIME / took) * some)))
}

/** Batches answer as single lookups do. */
function checkSingles(contender: Contender, answers: Int32Array, trace: AddressTrace): void {
  const stride = Math.max(1, Math.floor(answers.length / 65_536))
  for (let i = 0; i < answers.length; i += stride) {
    const single = contender.answer(i)
    if (single !== answers[i])
      throw new AnswersDiffer(
        `${contender.structure.name} answers ${answers[i]} in a batch and ${single} alone for ${formatIp(addressAt(trace, i))}`,
      )
  }
}

function checkSame(nameA: string, a: Int32Array, nameB: string, b: Int32Array, trace: AddressTrace): void {
  const count = Math.min(a.length, b.length)
  for (let i = 0; i < count; i++)
    if (a[i] !== b[i])
      throw new AnswersDiffer(
        `${nameA} answers ${a[i]} and ${nameB} ${b[i]} for ${formatIp(addressAt(trace, i))}`,
      )
}
