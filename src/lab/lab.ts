/**
 * A lab: a scenario on real OVN in network namespaces. `Lab.up` builds one and waits until it has come to rest; `run` carries out its
 * timeline and traffic and says what was seen, in the simulator's types; `down` leaves nothing.
 *
 * Surprise: in about one lab of 150 a BFD session does not come up. Such a lab is built once more, and that is said.
 */

import type { ControllerAct } from '../model/controller-act.ts'
import type { ForwardingState } from '../model/forwarding.ts'
import type { UnderlayPacket } from '../model/observation.ts'
import type { Scenario } from '../model/scenario.ts'
import type { DatabasesSnapshot } from '../model/tables.ts'
import { MILLISECOND, type Nanos } from '../model/time.ts'
import type { TimelineEvent } from '../model/timeline.ts'
import type { LogEntry } from '../model/trace.ts'
import type { Traffic, TrafficResult } from '../model/traffic.ts'
import { type Tapping, tapUnderlay, underlayPackets, zeroOf } from './capture.ts'
import { LabEvents } from './events/events.ts'
import { Names, newRunId } from './names.ts'
import { Observer } from './observe/observer.ts'
import { coldPlan, labPlan, type PlanOptions } from './plan/plan.ts'
import { carryOut, type Phase, planScript } from './plan/steps.ts'
import { Processes } from './process.ts'
import { tearDown } from './teardown.ts'
import { LabTraffic, podsByKey } from './traffic/traffic.ts'

export interface LabOptions extends Omit<PlanOptions, 'file' | 'name'> {
  /** What modelled Kube-OVN controllers do from time zero on, by time. */
  readonly journal: readonly ControllerAct[]
  /** Hears every command line. */
  readonly tell?: (line: string) => void
  /** Hears what is being done, a few words each. */
  readonly progress?: (words: string) => void
  /** Hears a lab's id before anything of it is made, so that whoever is interrupted can take it away. */
  readonly began?: (id: string) => void
}

/** What a run of a lab showed. */
export interface LabObservations {
  readonly end: Nanos
  readonly log: readonly LogEntry[]
  readonly states: readonly ForwardingState[]
  readonly snapshots: ReadonlyMap<string, DatabasesSnapshot>
  readonly traffic: readonly TrafficResult[]
  readonly packets: readonly UnderlayPacket[]
  readonly podPackets: readonly {
    readonly pod: string
    readonly at: Nanos
    readonly bytes: Uint8Array
    readonly outgoing: boolean
  }[]
  /** Text of `lr-route-list` by snapshot, cluster and router with tabs between, as the real ovn-nbctl prints it. */
  readonly routeLists: ReadonlyMap<string, string>
}

/** Milliseconds without any change after which a lab counts as at rest. */
const QUIET = 700
/** The same where clusters have not found each other. */
const LONG_QUIET = 5000
/** Milliseconds after which a lab that does not come to rest is used as it is. */
const PATIENCE = 20_000
/** Milliseconds for what is under way when a run ends. */
const GRACE = 5000

export class Lab {
  readonly id: string
  readonly names: Names
  readonly observer: Observer
  /** What the tools complained of while it was built and run. */
  readonly complaints: readonly string[]
  /** Whether it came to rest, after how many milliseconds, and what was missing. */
  readonly settled: { readonly ok: boolean; readonly after: number; readonly missing: string }
  readonly #scenario: Scenario
  readonly #processes: Processes
  readonly #events: LabEvents
  readonly #traffic: LabTraffic
  readonly #complain: (text: string) => void
  readonly #tell: (line: string) => void
  readonly #journal: readonly ControllerAct[]
  /** What is started at time zero. */
  readonly #atZero: readonly Phase[]
  #last: Promise<void> = Promise.resolve()

  private constructor(parts: Built, settled: Lab['settled'], options: LabOptions) {
    this.id = parts.names.id
    this.names = parts.names
    this.observer = parts.observer
    this.complaints = parts.complaints
    this.settled = settled
    this.#scenario = parts.scenario
    this.#processes = parts.processes
    this.#events = parts.events
    this.#traffic = parts.traffic
    this.#complain = (text) => parts.complaints.push(text)
    this.#tell = options.tell ?? (() => {})
    this.#journal = options.journal
    this.#atZero = parts.atZero
  }

  /** Builds a lab. Whatever fails, nothing is left of it. */
  static async up(scenario: Scenario, options: LabOptions): Promise<Lab> {
    const began = performance.now()
    for (let attempt = 1; ; attempt++) {
      const parts = await build(scenario, options)
      if (scenario.start === 'cold')
        return new Lab(parts, { ok: true, after: performance.now() - began, missing: '' }, options)
      const { ok, missing } = await parts.observer.settled(QUIET, LONG_QUIET, PATIENCE)
      if (!ok && missing.startsWith('BFD') && attempt === 1) {
        options.progress?.(`${missing}; building the lab once more`)
        parts.observer.close()
        await tearDown(parts.names.id, options.tell)
        continue
      }
      return new Lab(parts, { ok, after: performance.now() - began, missing }, options)
    }
  }

  /** Carries out the scenario's timeline and traffic, and `extra` traffic besides, whose results follow the others. */
  async run(extra: readonly Traffic[] = []): Promise<LabObservations> {
    const { timeline, traffic, network, duration } = this.#scenario
    const exists = (key: string): boolean => this.names.pods.has(key)
    const [underlay] = await Promise.all([
      tapUnderlay(this.#processes, this.names, network),
      this.#traffic.prepare([...traffic, ...extra], exists),
    ])
    this.observer.begin()
    const start = performance.now()
    const zero = zeroOf(performance.timeOrigin + start)
    const snapshots = new Map<string, DatabasesSnapshot>()
    const routeLists = new Map<string, string>()
    const keep = async (label: string): Promise<void> => {
      snapshots.set(label, atItsTime(this.observer.databases(), label, timeline))
      await this.#routeLists(label, routeLists)
    }
    snapshots.set('start', this.observer.databases())
    const complaining = (error: unknown): void =>
      this.#complain(error instanceof Error ? error.message : String(error))
    const running: Promise<void>[] = [
      this.#routeLists('start', routeLists),
      carryOut(this.#atZero, this.#processes, this.#complain).catch(complaining),
    ]
    const due = [
      ...timeline.map(({ at, event, text }) => ({
        at,
        act: async (): Promise<void> => {
          this.observer.log.push({ at: this.observer.at, source: 'timeline', kind: 'event', text })
          if (event.kind === 'snapshot') await keep(event.label)
          else await this.#inOrder(event)
          this.observer.record()
        },
      })),
      ...this.#journal.map((one) => ({ at: one.at, act: () => this.#events.controller(one) })),
      ...[...traffic, ...extra].map((one) => ({
        at: one.at,
        act: async (): Promise<void> => this.#traffic.send(one),
      })),
    ].sort((a, b) => a.at - b.at)
    const end = Math.max(duration, ...extra.map(({ at }) => at + 1500 * MILLISECOND))
    for (const { at, act } of due) {
      await sleepUntil(start + at / MILLISECOND)
      running.push(act().catch(complaining))
    }
    await sleepUntil(start + duration / MILLISECOND)
    const ended = this.observer.at
    await keep('end')
    await sleepUntil(start + end / MILLISECOND)
    await Promise.race([Promise.all(running), new Promise((resolve) => setTimeout(resolve, GRACE).unref())])
    const results = await this.#traffic.results(zero, GRACE)
    return {
      end: ended,
      log: this.observer.log,
      states: this.observer.states,
      snapshots,
      traffic: results,
      packets: await this.#packets(underlay, zero),
      podPackets: this.#podPackets(),
      routeLists,
    }
  }

  /** One event after the other, as they stand in the file; only leaving, which waits for others to notice, holds nobody up. */
  #inOrder(event: TimelineEvent): Promise<void> {
    if (event.kind === 'leave') return this.#events.apply(event)
    const done = this.#last.then(() => this.#events.apply(event))
    this.#last = done.catch(() => {})
    return done
  }

  async #packets(underlay: Tapping, zero: ReturnType<typeof zeroOf>): Promise<UnderlayPacket[]> {
    return underlayPackets(await underlay.stop(), this.names, this.#scenario.network, zero)
  }

  #podPackets(): LabObservations['podPackets'] {
    return [...this.#traffic.packets].flatMap(([pod, packets]) =>
      packets.flatMap(({ at, bytes, decoded }) => {
        // Captures begin a little before time zero.
        if (at < 0) return []
        const [ethernet] = decoded.layers
        const own = ethernet?.kind === 'ethernet' && ethernet.repr.src === this.#traffic.macOf(pod)
        return [{ pod, at, bytes, outgoing: own }]
      }),
    )
  }

  async #routeLists(label: string, lists: Map<string, string>): Promise<void> {
    const databases = this.observer.databases()
    const asked = [...databases.clusters].flatMap(([cluster, { nb }]) =>
      [...nb.tables.Logical_Router.values()].map(({ name }) => ({ cluster, name })),
    )
    await Promise.all(
      asked.map(async ({ cluster, name }) => {
        const argv: [string, ...string[]] = [
          'ovn-nbctl',
          '--timeout=5',
          `--db=unix:${this.names.zone(cluster).nb}`,
          'lr-route-list',
          name,
        ]
        const { code, stdout } = await this.#processes.run({ argv, mayFail: true })
        if (code === 0) lists.set([label, cluster, name].join('\t'), stdout)
      }),
    )
  }

  /** Takes it away. */
  async down(): Promise<void> {
    this.observer.close()
    await tearDown(this.id, this.#tell)
  }

  /** Lets go of it without taking it away: it stays up. */
  leave(): void {
    this.observer.close()
  }
}

/** A snapshot of the timeline bears its time there, a few milliseconds ago: expectations look for it by that. */
function atItsTime(
  databases: DatabasesSnapshot,
  label: string,
  timeline: Scenario['timeline'],
): DatabasesSnapshot {
  const entry = timeline.find(({ event }) => event.kind === 'snapshot' && event.label === label)
  return entry === undefined ? databases : { ...databases, at: entry.at }
}

interface Built {
  readonly scenario: Scenario
  readonly names: Names
  readonly processes: Processes
  readonly observer: Observer
  readonly events: LabEvents
  readonly traffic: LabTraffic
  readonly complaints: string[]
  readonly atZero: readonly Phase[]
}

async function build(scenario: Scenario, options: LabOptions): Promise<Built> {
  const { network } = scenario
  const names = new Names(newRunId(), network)
  options.began?.(names.id)
  const processes = new Processes(names.id, options.tell)
  const complaints: string[] = []
  const complain = (text: string): unknown => complaints.push(text)
  try {
    const { before, atZero } = planOf(names, scenario, options)
    await carryOut(before, processes, complain, options.progress)
    const later = scenario.timeline.flatMap(({ event }) => (event.kind === 'pod-add' ? [event] : []))
    const traffic = new LabTraffic(processes, names, podsByKey(network, later))
    let observer: Observer | undefined
    const events = new LabEvents({
      scenario,
      names,
      processes,
      observer: () => observer!,
      words: options.words,
      complain,
      podAdded: (key) => traffic.tap(key),
      netem: options.netem,
    })
    observer = new Observer(names, network, { now: () => performance.now(), liveness: events.liveness })
    options.progress?.('settling')
    await observer.ready()
    return { scenario, names, processes, observer, events, traffic, complaints, atZero }
  } catch (error) {
    await tearDown(names.id, options.tell)
    throw error
  }
}

function planOf(
  names: Names,
  { file, name, network, start }: Scenario,
  options: LabOptions,
): { readonly before: Phase[]; readonly atZero: Phase[] } {
  const all = { ...options, file, name }
  return start === 'cold'
    ? coldPlan(names, network, all)
    : { before: labPlan(names, network, all), atZero: [] }
}

/** The plan of a lab as a script that runs by itself. */
export function labScript(scenario: Scenario, options: LabOptions): string {
  const names = new Names(newRunId(), scenario.network)
  const comment = `${scenario.name}\nBrings up this scenario on real OVN in network namespaces; run as root.\nisthmus lab down ${names.id} takes it away.`
  const { before, atZero } = planOf(names, scenario, options)
  return planScript([...before, ...atZero], names.id, comment)
}

function sleepUntil(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())))
}
