// From what every device does with one class of addresses to how packets end: devices pass packets on to each other until one ends them.

import type { Outcomes } from './outcomes.ts'
import { type Action, GROUPS } from './rules.ts'

/** Asks about one class at a time; what was found for a device serves all that send through it. */
export class Resolver {
  readonly #outcomes: Outcomes
  readonly #groups: readonly (readonly Action[])[]
  /** What devices do with the class: `#does[#base + device]`. */
  #does: Int32Array
  #base = 0
  /** Outcomes found for this class: valid where `#stamp` is the class's own. */
  readonly #outcome: Int32Array
  readonly #stamp: Int32Array
  /** How deep below the device that was asked about, from 1, while a device's outcome is being found. */
  readonly #depth: Int32Array
  #now = 0
  /** Depth of the shallowest device that a circle led back to. */
  #circle = Number.POSITIVE_INFINITY

  constructor(devices: number, groups: readonly (readonly Action[])[], outcomes: Outcomes) {
    this.#outcomes = outcomes
    this.#groups = groups
    this.#does = new Int32Array(0)
    this.#outcome = new Int32Array(devices)
    this.#stamp = new Int32Array(devices)
    this.#depth = new Int32Array(devices)
  }

  /** Forgets what was found, because devices do something else now. */
  begin(does: Int32Array, base = 0): void {
    this.#does = does
    this.#base = base
    this.#now++
  }

  /** How packets end that begin at a device. */
  outcomeOf(device: number): number {
    return this.#stamp[device] === this.#now ? this.#outcome[device]! : this.#find(device, 1)
  }

  #find(device: number, depth: number): number {
    const action = this.#does[this.#base + device]!
    // Most devices end a packet, or hand it to one that is known.
    if (action >= 0) return this.#know(device, action)
    if (action > GROUPS && this.#stamp[-1 - action] === this.#now)
      return this.#know(device, this.#outcome[-1 - action]!)
    this.#depth[device] = depth
    const outcome = this.#follow(action, depth)
    this.#depth[device] = 0
    // Within a circle the outcome may lack what devices above have still to find.
    if (this.#circle >= depth) {
      this.#circle = Number.POSITIVE_INFINITY
      this.#know(device, outcome)
    }
    return outcome
  }

  #know(device: number, outcome: number): number {
    this.#outcome[device] = outcome
    this.#stamp[device] = this.#now
    return outcome
  }

  #follow(action: Action, depth: number): number {
    if (action >= 0) return action
    if (action > GROUPS) {
      const device = -1 - action
      if (this.#stamp[device] === this.#now) return this.#outcome[device]!
      const above = this.#depth[device]!
      if (above === 0) return this.#find(device, depth + 1)
      this.#circle = Math.min(this.#circle, above)
      return this.#outcomes.loop
    }
    const ways = this.#groups[GROUPS - action]!
    return this.#outcomes.union(ways.map((way) => this.#follow(way, depth)))
  }
}
