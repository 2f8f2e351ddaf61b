// Rules of devices in columns: what a sweep goes through. Columns grow by doubling, so that a million rules cost no million objects.

import type { ClassRange } from './cuts.ts'

/** The stages of a device, in the order in which a packet meets them. */
export const Layer = {
  /** Ends packets before they are routed: own addresses, addresses that no router takes. */
  input: 0,
  /** Routes; without one a packet is lost, whatever policies say (PL-3). */
  route: 1,
  /** Policies: they may overrule the route (PL-2). */
  policy: 2,
} as const

export type Layer = (typeof Layer)[keyof typeof Layer]

/**
 * What a rule does: an outcome's number; `toDevice(d)`; `toGroup(g)` for any one of several; `ALLOW` for policies that leave the route as
 * it is.
 */
export type Action = number

/** Actions below are groups, those between and zero are devices. */
export const GROUPS = -(2 ** 30)

/** Policies only: the route stands. */
export const ALLOW: Action = 2 ** 31 - 1

/** Goes on at another device. */
export function toDevice(device: number): Action {
  return -1 - device
}

/** Goes one of the ways of a group. */
export function toGroup(group: number): Action {
  return GROUPS - group
}

/** Priorities are whole numbers from 0 up to and without this; `layerOf` knows it too. */
const PRIORITIES = 2 ** 28

/** Rules of all devices. Ranks are cuts: a rule holds from `from` up to and without `to`. */
export class Rules {
  device = new Int32Array(64)
  from = new Int32Array(64)
  to = new Int32Array(64)
  action = new Int32Array(64)
  /** What the rule says, by number: rules of one priority that say different things leave the device undecided (RT-12, PL-4). */
  says = new Int32Array(64)
  /** Layer and falling priority in one number: the lower decides. */
  order = new Int32Array(64)
  /** Ways of groups, by their number. */
  readonly groups: (readonly Action[])[] = []
  readonly #groupByText = new Map<string, number>()
  readonly #sayings = new Map<string, number>([['', 0]])
  #size = 0

  /** Adds a rule and gives its number; -1 for one that holds nowhere. */
  add(
    device: number,
    layer: Layer,
    [from, to]: ClassRange,
    priority: number,
    action: Action,
    says = 0,
  ): number {
    if (from >= to) return -1
    if (!(priority >= 0 && priority < PRIORITIES)) throw new RangeError(`no priority: ${priority}`)
    const rule = this.#size
    if (rule === this.device.length) this.#grow()
    this.#size++
    this.device[rule] = device
    this.from[rule] = from
    this.to[rule] = to
    this.action[rule] = action
    this.says[rule] = says
    this.order[rule] = layer * PRIORITIES + (PRIORITIES - 1 - priority)
    return rule
  }

  /** The number of what a rule says; equal texts have one. */
  saying(text: string): number {
    let says = this.#sayings.get(text)
    if (says === undefined) {
      says = this.#sayings.size
      this.#sayings.set(text, says)
    }
    return says
  }

  /** One of several ways; equal groups have one number, so that rules that do the same compare equal. */
  oneOf(ways: readonly Action[]): Action {
    const distinct = [...new Set(ways)].sort((a, b) => a - b)
    if (distinct.length === 1) return distinct[0]!
    const text = distinct.join()
    let group = this.#groupByText.get(text)
    if (group === undefined) {
      group = this.groups.push(distinct) - 1
      this.#groupByText.set(text, group)
    }
    return toGroup(group)
  }

  get size(): number {
    return this.#size
  }

  #grow(): void {
    this.device = doubled(this.device)
    this.from = doubled(this.from)
    this.to = doubled(this.to)
    this.action = doubled(this.action)
    this.says = doubled(this.says)
    this.order = doubled(this.order)
  }
}

/** The layer that an order belongs to. */
export function layerOf(order: number): Layer {
  return (order >>> 28) as Layer
}

function doubled(column: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(column.length * 2)
  larger.set(column)
  return larger
}
