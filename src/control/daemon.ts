// Processes on virtual time. A daemon is a level-triggered step `run()`: it looks at its databases and changes what is not as
// it should be. The host wakes it when one of them was committed to, at most once per latency, and on its period.
// Surprise: a refused transaction wakes nobody, so it is tried again only after some database changes (probed for IC-3).

import type { Nanos } from '../model/time.ts'
import type { LogEntry } from '../model/trace.ts'
import type { Clock, Timer } from '../sim/clock.ts'
import { PROCESS_START } from './latencies.ts'

export interface Daemon {
  /** As log entries name it: `ovn-ic az1`, `ovn-controller az1/gw1`. */
  readonly name: string
  /** One loop. Reads and writes databases; is never called while another daemon's loop runs. */
  run(): void
  /** The process starts, first time included: forget everything held in memory. */
  started?(): void
  /** The process ends: `stop` lets it clean up (ovn-controller removes its chassis), `kill` is told afterwards. */
  ended?(how: 'stop' | 'kill'): void
}

/** `paused` is SIGSTOP: nothing runs, but memory and connections stay. */
export type DaemonState = 'running' | 'paused' | 'stopped' | 'killed'

/** What can wake a daemon; every `Database` is one. */
export interface Wakeable {
  onCommit(listener: () => void): () => void
  onAvailability(listener: (available: boolean) => void): () => void
}

export interface DaemonOptions {
  readonly watches: readonly Wakeable[]
  /** From a commit until the loop that sees it; commits in between are seen by the same loop. */
  readonly latency: Nanos
  /** Extra loops at this distance, for daemons that poll. */
  readonly period?: Nanos
  /** False: registered as `stopped`, to be started later. */
  readonly start?: boolean
}

/** Starts, wakes, pauses and ends daemons. */
export class DaemonHost {
  readonly clock: Clock
  readonly #log: (entry: LogEntry) => void
  readonly #slowness: () => number
  readonly #processes = new Map<string, Process>()

  /**
   * `log` is told of processes that end, pause or start again, not of their first start. `slowness` says by how much each wake takes
   * longer than its latency.
   */
  constructor(clock: Clock, log: (entry: LogEntry) => void, slowness: () => number = () => 1) {
    this.clock = clock
    this.#log = log
    this.#slowness = slowness
  }

  /** Registers a daemon under its name, which must be new (else an Error), and starts it unless told otherwise. */
  add(daemon: Daemon, options: DaemonOptions): Process {
    if (this.#processes.has(daemon.name)) throw new Error(`daemon ${daemon.name} exists already`)
    const process = new Process(daemon, options, this.clock, this.#log, this.#slowness)
    this.#processes.set(daemon.name, process)
    return process
  }

  /** The process of a daemon by name. */
  get(name: string): Process | undefined {
    return this.#processes.get(name)
  }

  /** Ends a daemon for good and forgets it. */
  remove(name: string, how: 'stop' | 'kill'): void {
    this.#processes.get(name)?.end(how)
    this.#processes.delete(name)
  }

  /** True while some running daemon has a wake pending because of a commit: the control plane has not settled. */
  get busy(): boolean {
    for (const process of this.#processes.values()) if (process.busy) return true
    return false
  }
}

/** One daemon under a host. */
export class Process {
  readonly daemon: Daemon
  readonly #options: DaemonOptions
  readonly #clock: Clock
  readonly #log: (entry: LogEntry) => void
  readonly #slowness: () => number
  #state: DaemonState = 'stopped'
  #wake: Timer | undefined
  #poll: Timer | undefined
  #wokenWhilePaused = false
  #unsubscribe: (() => void)[] = []

  constructor(
    daemon: Daemon,
    options: DaemonOptions,
    clock: Clock,
    log: (entry: LogEntry) => void,
    slowness: () => number,
  ) {
    this.daemon = daemon
    this.#options = options
    this.#clock = clock
    this.#log = log
    this.#slowness = slowness
    if (options.start !== false) this.#begin(options.latency)
  }

  get state(): DaemonState {
    return this.#state
  }

  /** A loop is due because something changed. */
  get busy(): boolean {
    return this.#state === 'running' && this.#wake !== undefined
  }

  /** Asks for a loop after the daemon's latency, or after `delay`; one pending wake is enough and keeps its time. */
  wake(delay = this.#options.latency): void {
    if (this.#state === 'paused') this.#wokenWhilePaused = true
    if (this.#state !== 'running' || this.#wake !== undefined) return
    this.#wake = this.#clock.after(Math.round(delay * this.#slowness()), Process.#onWake, this)
  }

  /** Starts a stopped or killed daemon; its first loop comes after `PROCESS_START`. */
  start(): void {
    if (this.#state === 'running' || this.#state === 'paused') return
    this.#say('started')
    this.#begin(PROCESS_START)
  }

  /** SIGSTOP. */
  pause(): void {
    if (this.#state !== 'running') return
    this.#wokenWhilePaused = this.#wake !== undefined
    this.#silence()
    this.#state = 'paused'
    this.#say('paused')
  }

  /** SIGCONT: what was missed is seen by one loop. */
  resume(): void {
    if (this.#state !== 'paused') return
    this.#state = 'running'
    this.#say('resumed')
    if (this.#wokenWhilePaused) this.wake()
    this.#schedulePoll()
  }

  /** `stop` is a graceful exit, `kill` SIGKILL. A paused process can only be killed; stopping it takes effect as a kill. */
  end(how: 'stop' | 'kill'): void {
    if (this.#state !== 'running' && this.#state !== 'paused') return
    const effective = this.#state === 'paused' ? 'kill' : how
    this.#silence()
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    this.#unsubscribe = []
    this.#state = effective === 'stop' ? 'stopped' : 'killed'
    this.#say(this.#state)
    this.daemon.ended?.(effective)
  }

  #begin(delay: Nanos): void {
    this.#state = 'running'
    this.daemon.started?.()
    const woken = (): void => this.wake()
    for (const database of this.#options.watches) {
      this.#unsubscribe.push(database.onCommit(woken), database.onAvailability(woken))
    }
    this.wake(delay)
    this.#schedulePoll()
  }

  #silence(): void {
    if (this.#wake !== undefined) this.#clock.cancel(this.#wake)
    if (this.#poll !== undefined) this.#clock.cancel(this.#poll)
    this.#wake = undefined
    this.#poll = undefined
  }

  #schedulePoll(): void {
    if (this.#options.period !== undefined) {
      this.#poll = this.#clock.after(this.#options.period, Process.#onPoll, this)
    }
  }

  #say(what: string): void {
    this.#log({ at: this.#clock.now, source: this.daemon.name, kind: 'daemon', text: what })
  }

  static readonly #onWake = (process: Process): void => {
    process.#wake = undefined
    process.daemon.run()
  }

  static readonly #onPoll = (process: Process): void => {
    process.daemon.run()
    if (process.#state === 'running') process.#schedulePoll()
  }
}
