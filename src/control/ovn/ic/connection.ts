// An OVSDB client's connection: what it sees freezes while the server is away, and it comes back on the client's own
// back-off of 1, 2, 4, 8, 8 … seconds, counted from when the server went away (IC-5; OVS lib/reconnect.c).

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
  /** When the server went away, or when the first attempt to reach it failed. */
  #lostAt: Nanos | undefined
  #lastSeen: DatabaseSnapshot<Tables> | undefined
  #attempt: Timer | undefined

  /** Connects at once if the server is there. `onReconnect` is called each time it comes back. */
  constructor(database: Database<Tables>, clock: Clock, onReconnect: () => void) {
    this.#database = database
    this.#clock = clock
    this.#onReconnect = onReconnect
    this.#lostAt = database.available ? undefined : clock.now
    this.#unsubscribe = database.onAvailability((available) => this.#change(available))
  }

  get connected(): boolean {
    return this.#lostAt === undefined
  }

  /** What was there when the connection broke; undefined while connected, and if there never was a connection. */
  get lastSeen(): DatabaseSnapshot<Tables> | undefined {
    return this.#lastSeen
  }

  close(): void {
    this.#unsubscribe()
    if (this.#attempt !== undefined) this.#clock.cancel(this.#attempt)
  }

  #change(available: boolean): void {
    if (!available) {
      if (this.#attempt !== undefined) this.#clock.cancel(this.#attempt)
      this.#attempt = undefined
      if (this.#lostAt !== undefined) return
      this.#lostAt = this.#clock.now
      this.#lastSeen = this.#database.snapshot()
    } else if (this.#lostAt !== undefined) {
      const at = nextAttempt(this.#lostAt, this.#clock.now)
      this.#attempt = this.#clock.at(at, (connection: Connection<Tables>) => connection.#reconnect(), this)
    }
  }

  #reconnect(): void {
    this.#attempt = undefined
    this.#lostAt = undefined
    this.#lastSeen = undefined
    this.#onReconnect()
  }
}

/** The first attempt after `now` of a client that lost its connection at `lostAt`. */
export function nextAttempt(lostAt: Nanos, now: Nanos): Nanos {
  let backoff = RECONNECT_MIN
  let at = lostAt + backoff
  while (at <= now) {
    backoff = Math.min(backoff * 2, RECONNECT_MAX)
    at += backoff
  }
  return at
}
