/**
 * A lab: a scenario on real OVN in network namespaces. `Lab.up` builds one and waits until it has come to rest; `run` carries out its
 * timeline and traffic and says what was seen, in the simulator's types; `down` leaves nothing.
 *
 * Surprise: in about one lab of 150 a BFD session does not come up. Such a lab is built once more, and that is said.
 */

import type { ControllerAct } from '../model/controller-act.ts'
import type { ForwardingState } from '../model/forwarding.ts'
import type { Scenario } from '../model/scenario.ts'
import type { DatabasesSnapshot } from '../model/tables.ts'
import { MILLISECOND, type Nanos } from '../model/time.ts'
import type { TimelineEvent } from '../model/timeline.ts'
import type { LogEntry } from '../model/trace.ts'
import type { Traffic, TrafficResult } from '../model/traffic.ts'
import { type Built, build, type LabOptions } from './build.ts'
import { type Tapping, tapUnderlay, type UnderlayCaptured, underlayPackets, zeroOf } from './capture.ts'
import { sleepUntil } from './events/context.ts'
import type { LabEvents } from './events/events.ts'
import type { Names } from './names.ts'
import type { Patience } from './observe/at-rest.ts'
import { refusals } from './observe/daemon-logs.ts'
import type { Observer } from './observe/observer.ts'
import { carryOut, type Phase } from './plan/steps.ts'
import type { Processes } from './process.ts'
import { tearDown } from './teardown.ts'
import { type Followed, followPacket, type Question } from './trace/follow.ts'
import { askDaemon } from './trace/unixctl.ts'
import type { Answer, PodPacket } from './traffic/result.ts'
import type { LabTraffic } from './traffic/traffic.ts'

/** A packet, and the answer to it, that the switches are asked about at a moment of the run. */
export interface Inquiry {
  readonly name: string
  readonly at: Nanos
  readonly there: Question
  /** Undefined where nobody would answer. */
  readonly back: Question | undefined
}

/** What the switches said. */
export interface Inquired {
  readonly there: Followed
  readonly back: Followed | undefined
}

/** What a run of a lab showed. */
export interface LabObservations {
  readonly end: Nanos
  readonly log: readonly LogEntry[]
  readonly states: readonly ForwardingState[]
  readonly snapshots: ReadonlyMap<string, DatabasesSnapshot>
  readonly traffic: readonly TrafficResult[]
  /** What each request of a probe got back, by the probe's name. */
  readonly answers: ReadonlyMap<string, readonly Answer[]>
  readonly inquired: ReadonlyMap<string, Inquired>
  readonly underlay: UnderlayCaptured
  readonly podPackets: readonly (PodPacket & { readonly pod: string; readonly outgoing: boolean })[]
  /** Text of `lr-route-list` by snapshot, cluster and router with tabs between, as the real ovn-nbctl prints it. */
  readonly routeLists: ReadonlyMap<string, string>
}

/** When a lab counts as at rest, and when it is used although it is not. */
const PATIENCE: Patience = { quiet: 700, long: 5000, stuck: 20_000, most: 90_000 }
/** Milliseconds for what is under way when a run ends; programs that have been told when to end take them only on a busy machine. */
const GRACE = 15_000
/** Milliseconds after which dumpcap has got from the kernel what was on the wire: it reads every 250. */
const HANDED_OVER = 400

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
  #last: Promise<unknown> = Promise.resolve()

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
      const down = (): void => {
        parts.observer.close()
        tearDown(parts.names.id, options.tell)
      }
      try {
        const { ok, missing } =
          scenario.start === 'cold' ? { ok: true, missing: '' } : await parts.observer.settled(PATIENCE)
        if (ok || !missing.startsWith('BFD') || attempt > 1)
          return new Lab(parts, { ok, after: performance.now() - began, missing }, options)
        options.progress?.(`${missing}; building the lab once more`)
      } catch (error) {
        down()
        throw error
      }
      down()
    }
  }

  /**
   * Carries out the scenario's timeline and traffic, and `extra` traffic besides, whose results follow the others; asks the switches
   * about packets meanwhile.
   */
  async run(extra: readonly Traffic[] = [], inquiries: readonly Inquiry[] = []): Promise<LabObservations> {
    const { timeline, traffic, network, duration } = this.#scenario
    const [underlay] = await Promise.all([
      tapUnderlay(this.#processes, this.names, network),
      this.#traffic.prepare([...traffic, ...extra], [...this.names.pods.keys()]),
    ])
    this.observer.begin()
    const start = performance.now()
    const zero = zeroOf(performance.timeOrigin + start)
    const snapshots = new Map<string, DatabasesSnapshot>()
    const routeLists = new Map<string, string>()
    const inquired = new Map<string, Inquired>()
    const told = new Set<string>()
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
          // One entry of a scenario may come as several events; it is told once.
          if (!told.has(`${at} ${text}`))
            this.observer.log.push({ at: this.observer.at, source: 'timeline', kind: 'event', text })
          told.add(`${at} ${text}`)
          const refused = event.kind === 'snapshot' ? await keep(event.label) : await this.#inOrder(event)
          const cluster = 'cluster' in event ? ` ${event.cluster}` : ''
          for (const words of refused ?? [])
            this.observer.log.push({
              at: this.observer.at,
              source: `timeline${cluster}`,
              kind: 'refused',
              text: words,
            })
          this.observer.record()
        },
      })),
      ...this.#journal.map((one) => ({ at: one.at, act: () => this.#events.controller(one) })),
      ...[...traffic, ...extra].map((one) => ({
        at: one.at,
        act: async (): Promise<void> => this.#traffic.send(one),
      })),
      ...inquiries.map((one) => ({
        at: one.at,
        act: async (): Promise<void> => {
          inquired.set(one.name, await this.#inquire(one))
        },
      })),
    ].sort((a, b) => a.at - b.at)
    const end = Math.max(duration, ...extra.map((one) => lastRequest(one)))
    for (const { at, act } of due) {
      await sleepUntil(start + at / MILLISECOND)
      running.push(act().catch(complaining))
    }
    await sleepUntil(start + duration / MILLISECOND)
    await keep('end')
    const ended = snapshots.get('end')!.at
    await sleepUntil(start + end / MILLISECOND)
    await within(GRACE, Promise.all([...running, this.#traffic.ended()]))
    await new Promise((resolve) => setTimeout(resolve, HANDED_OVER))
    const results = await this.#traffic.results(zero, GRACE)
    const refused = refusals(this.names, performance.timeOrigin + start)
    return {
      end: ended,
      log: [...this.observer.log, ...refused].sort((a, b) => a.at - b.at),
      states: this.observer.states,
      snapshots,
      traffic: results,
      answers: this.#traffic.answers,
      inquired,
      underlay: await this.#packets(underlay, zero),
      podPackets: this.#podPackets(),
      routeLists,
    }
  }

  /**
   * One event after the other, as they stand in the file; only leaving, which waits for others to notice, holds nobody up. What the tools
   * refused meanwhile.
   */
  #inOrder(event: TimelineEvent): Promise<readonly string[]> {
    const apply = async (): Promise<readonly string[]> => {
      const before = this.complaints.length
      await this.#events.apply(event)
      return this.complaints.slice(before)
    }
    if (event.kind === 'leave') return apply()
    const done = this.#last.then(apply)
    this.#last = done.catch(() => {})
    return done
  }

  async #inquire({ there, back }: Inquiry): Promise<Inquired> {
    const state = this.observer.forwarding()
    const switches = {
      trace: (node: string, flow: string) =>
        askDaemon(this.names.nodes.get(node)!.folder, 'ovs-vswitchd', 'ofproto/trace', ['br-int', flow]),
      flow: (cluster: string, cookie: string) => this.observer.logicalFlow(cluster, cookie),
      face: (node: string, what: Parameters<Observer['interfaceOf']>[1]) =>
        this.observer.interfaceOf(node, what),
    }
    const [one, other] = await Promise.all([
      followPacket(switches, state, there),
      back === undefined ? undefined : followPacket(switches, state, back),
    ])
    return { there: one, back: other }
  }

  async #packets(underlay: Tapping, zero: ReturnType<typeof zeroOf>): Promise<UnderlayCaptured> {
    return underlayPackets(await underlay.stop(), this.names, this.#scenario.network, zero)
  }

  #podPackets(): LabObservations['podPackets'] {
    return [...this.#traffic.packets].flatMap(([pod, packets]) =>
      packets.flatMap(({ at, bytes, decoded }) => {
        // Captures begin a little before time zero.
        if (at < 0) return []
        const [ethernet] = decoded.layers
        const own = ethernet?.kind === 'ethernet' && ethernet.repr.src === this.#traffic.macOf(pod)
        return [{ pod, at, bytes, decoded, outgoing: own }]
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
          '--timeout=60',
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
    tearDown(this.id, this.#tell)
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

/** Waits for something, but not longer than `milliseconds`. */
async function within(milliseconds: number, what: Promise<unknown>): Promise<void> {
  await Promise.race([what, new Promise((resolve) => setTimeout(resolve, milliseconds).unref())])
}

/** When the last request of a probe leaves. */
function lastRequest(one: Traffic): Nanos {
  return one.at + ('interval' in one ? (one.count - 1) * one.interval : 0)
}
