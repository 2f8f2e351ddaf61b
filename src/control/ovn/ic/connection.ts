// An OVSDB client's connection: what it sees freezes while the server is away, and it comes back on the client's own pace. ovn-ic
// insists on the leader of a Raft cluster and goes through its remotes in turn, in an order that it shuffles once: as many attempts as
// there are remotes are free in a process's life, the others wait 1, 2, 4, 8, 8 … seconds (IC-5; OVS lib/reconnect.c, seen in logs).
// Surprise: attempts are counted over all members, dead ones and followers included, so a client can pass a leader by for 24 s.

import type { DatabaseSnapshot } from '../../../model/tables.ts'
import type { Nanos } from '../../../model/time.ts'
import type { Clock, Timer } from '../../../sim/clock.ts'
import type { Database } from '../../db/database.ts'
import { RECONNECT_MAX, RECONNECT_MIN } from '../../latencies.ts'

export class Connection<Tables> {
  readonly #database: Database<Tables>
  readonly #clock: Clock
  readonly #onReconnect: () => void
  readonly #unsubscribe: () => void
  /** Members of the database in the order in which they are tried. */
  readonly #remotes: readonly number[]
  #next = 0
  #freeTries: number
  #backoff: Nanos = 0
  /** The member it is connected to, and since when. */
  #member: number | undefined
  #since: Nanos = 0
  #lastSeen: DatabaseSnapshot<Tables> | undefined
  #attempt: Timer | undefined

  /** Connects at once if a remote serves. `onReconnect` is called each time it comes back later. */
  constructor(
    database: Database<Tables>,
    clock: Clock,
    onReconnect: () => void,
    remotes: readonly number[] = [0],
  ) {
    this.#database = database
    this.#clock = clock
    this.#onReconnect = onReconnect
    this.#remotes = remotes
    this.#freeTries = remotes.length
    this.#unsubscribe = database.onAvailability(() => this.#check())
    this.#connect()
  }

  get connected(): boolean {
    return this.#member !== undefined
  }

  /** What was there when the connection broke; undefined while connected, and if there never was a connection. */
  get lastSeen(): DatabaseSnapshot<Tables> | undefined {
    return this.#lastSeen
  }

  close(): void {
    this.#unsubscribe()
    if (this.#attempt !== undefined) this.#clock.cancel(this.#attempt)
  }

  #check(): void {
    if (this.#member === undefined || this.#member === this.#database.leader) return
    this.#member = undefined
    this.#lastSeen = this.#database.snapshot()
    this.#backOff(this.#clock.now - this.#since)
    if (this.#backoff === 0) this.#connect()
    else this.#wait()
  }

  /** Tries remotes until one serves or a pause is due. */
  #connect(): void {
    do {
      const member = this.#remotes[this.#next]!
      this.#next = (this.#next + 1) % this.#remotes.length
      if (member === this.#database.leader) {
        this.#member = member
        this.#since = this.#clock.now
        this.#lastSeen = undefined
        return
      }
      this.#backOff(undefined)
    } while (this.#backoff === 0)
    this.#wait()
  }

  /** Decides on the next pause; `active` is how long a connection lasted, undefined where none came about. */
  #backOff(active: Nanos | undefined): void {
    if (this.#freeTries > 1) {
      this.#freeTries--
      this.#backoff = 0
    } else if (active !== undefined && active >= this.#backoff) this.#backoff = RECONNECT_MIN
    else this.#backoff = Math.min(Math.max(this.#backoff * 2, RECONNECT_MIN), RECONNECT_MAX)
  }

  #wait(): void {
    this.#attempt = this.#clock.after(this.#backoff, this.#retry, undefined)
  }

  readonly #retry = (): void => {
    this.#attempt = undefined
    this.#connect()
    if (this.connected) this.#onReconnect()
  }
}
