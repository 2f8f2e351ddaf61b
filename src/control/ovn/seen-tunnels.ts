// Which tunnels an ovn-controller has seen in Open_vSwitch: a new one comes back to it a little after it was made, and only then can it
// enable BFD on the interface. Tunnels that a process finds when it starts are there already.

import type { Nanos } from '../../model/time.ts'
import type { Clock } from '../../sim/clock.ts'
import { TUNNEL_SETUP } from '../latencies.ts'

export class SeenTunnels {
  readonly #clock: Clock
  readonly #changed: () => void
  #wanted: ReadonlyMap<string, unknown> | undefined
  /** By chassis: when the interface is seen. */
  readonly #due = new Map<string, Nanos>()
  #latest: Nanos = 0

  /** `changed` is called when a new tunnel is seen. */
  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
  }

  /** The process starts and finds these. */
  reset(present: Iterable<string>): void {
    this.#wanted = undefined
    this.#due.clear()
    for (const chassis of present) this.#due.set(chassis, this.#clock.now)
  }

  /** The tunnels, by chassis, are to be these; the same map means that nothing has changed. */
  want(tunnels: ReadonlyMap<string, unknown>): void {
    if (this.#wanted === tunnels) return
    this.#wanted = tunnels
    for (const chassis of this.#due.keys()) if (!tunnels.has(chassis)) this.#due.delete(chassis)
    const due = this.#clock.now + TUNNEL_SETUP
    const known = this.#due.size
    for (const chassis of tunnels.keys()) if (!this.#due.has(chassis)) this.#due.set(chassis, due)
    if (this.#due.size === known) return
    this.#latest = due
    this.#clock.at(due, () => this.#changed(), undefined)
  }

  /** Those of `peers` whose tunnel has been seen; the same set when that is all. */
  of(peers: ReadonlySet<string>): ReadonlySet<string> {
    const { now } = this.#clock
    if (now >= this.#latest) return peers
    return new Set([...peers].filter((peer) => (this.#due.get(peer) ?? 0) <= now))
  }
}
