// Structures side by side on one table and one trace. They take turns within each round, so that load on the machine falls on all of
// them; time is CPU time; a round keeps the pass at the 90th percentile of its passes; what is reported is the median of the rounds.
// Before anything is timed, all structures must give the same answers.

import type { PrefixList } from '../../model/prefix-list.ts'
import { addressAt } from '../../model/prefix-list.ts'
import { formatIp } from '../../net/ip.ts'
import { Random } from '../../net/random.ts'
import { BATCH, Contender, type Structure } from './contender.ts'
import { chunkSize, type PassOptions, rateOf } from './pass.ts'
import { type Spread, spreadOf } from './spread.ts'
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

const PASS_TIME = 12e6
/** Prefixes that updates go through. */
const UPDATES = 8192
/** CPU time that comparing one slow structure may take; beyond, fewer addresses are compared. */
const COMPARE_TIME = 2e9
/** Builds of more than this are repeated twice and no more. */
const LONG_BUILD = 300

const KINDS = ['batch', 'single', 'dependent', 'updates'] as const
type Kind = (typeof KINDS)[number]
const METHODS = { batch: 'batch', single: 'single', dependent: 'dependent', updates: 'update' } as const

/** One contender's course. */
class Course {
  readonly contender: Contender
  readonly rates: Record<Kind, number[]> = { batch: [], single: [], dependent: [], updates: [] }
  readonly builds: number[] = []
  readonly #sizes = new Map<Kind, number>()
  readonly #options: BenchOptions

  constructor(contender: Contender, options: BenchOptions) {
    this.contender = contender
    this.#options = options
  }

  get kinds(): readonly Kind[] {
    return this.contender.updatable ? KINDS : KINDS.filter((kind) => kind !== 'updates')
  }

  /** One round of a kind; the first finds out how much of it fills a pass. */
  round(kind: Kind): void {
    if (kind === 'batch') this.contender.prepare()
    const options = this.#passes(kind)
    const run = (from: number, to: number): void => this.contender[METHODS[kind]](from, to)
    let size = this.#sizes.get(kind)
    if (size === undefined) {
      size = chunkSize(run, options)
      this.#sizes.set(kind, size)
    }
    this.rates[kind].push(rateOf(run, size, options))
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

  #passes(kind: Kind): PassOptions {
    const { clock, trace, passTime = PASS_TIME } = this.#options
    const most = kind === 'updates' ? UPDATES : Math.floor(trace.length / BATCH) * BATCH
    return { cpu: clock.cpu, unit: kind === 'batch' ? BATCH : 16, most, passTime }
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
