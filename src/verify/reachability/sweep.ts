/**
 * Where packets to every address end, from every device, over all addresses at once. Addresses are cut where some rule begins or ends;
 * between two cuts all are treated alike (Delta-net's atoms, NSDI 2017), so each such class is asked about once. The sweep goes through
 * the classes in order and keeps for every device what it does with the present one; memory does not grow with their number.
 *
 * Addresses appear as ranks of cuts, hence this file knows neither family. Time: O(rules) changes, and for every class one step for
 * each device that is asked about or passed.
 */
import type { ClassRange } from './cuts.ts'
import type { Outcomes } from './outcomes.ts'

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

const GROUPS = -(2 ** 30)

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

/** What a device does without a route, and when its rules disagree. */
export interface Device {
  readonly noRoute: number
  readonly undecided: number
}

/** Rules of all devices, in columns. Ranks are cuts: a rule holds from `from` up to and without `to`. */
export class Rules {
  readonly device: number[] = []
  readonly layer: Layer[] = []
  readonly from: number[] = []
  readonly to: number[] = []
  /** Higher wins within a layer. */
  readonly priority: number[] = []
  readonly action: Action[] = []
  /** What the rule says, by number: rules of one priority that say different things leave the device undecided (RT-12, PL-4). */
  readonly says: number[] = []
  /** Ways of groups, by their number. */
  readonly groups: (readonly Action[])[] = []

  readonly #sayings = new Map<string, number>()

  add(
    device: number,
    layer: Layer,
    [from, to]: ClassRange,
    priority: number,
    action: Action,
    saying = '',
  ): void {
    if (from >= to) return
    let says = this.#sayings.get(saying)
    if (says === undefined) {
      says = this.#sayings.size
      this.#sayings.set(saying, says)
    }
    this.says.push(says)
    this.device.push(device)
    this.layer.push(layer)
    this.from.push(from)
    this.to.push(to)
    this.priority.push(priority)
    this.action.push(action)
  }

  get size(): number {
    return this.device.length
  }
}

export interface SweepInput {
  /** How many classes there are: one less than cuts. */
  readonly classes: number
  readonly devices: readonly Device[]
  readonly rules: Rules
  readonly outcomes: Outcomes
  /** Devices that are asked about. */
  readonly sources: readonly number[]
  /** Outcomes of routes that end a packet before policies see it: discarded, undecided. */
  readonly final: ReadonlySet<number>
}

/** Hears of every class in order; `outcomes[i]` belongs to `sources[i]`, and holds until the next call. */
export type Visit = (index: number, outcomes: Int32Array) => void

/** Goes through all classes. */
export function sweep(input: SweepInput, visit: Visit): void {
  const { classes, rules, sources } = input
  const begin = byRank(rules.from, classes)
  const end = byRank(rules.to, classes)
  const present = new Present(input)
  const found = new Int32Array(sources.length)
  for (let index = 0; index < classes; index++) {
    for (let i = end.first[index]!; i < end.first[index + 1]!; i++) present.leave(end.rule[i]!)
    for (let i = begin.first[index]!; i < begin.first[index + 1]!; i++) present.enter(begin.rule[i]!)
    present.settle()
    for (let i = 0; i < sources.length; i++) found[i] = present.outcomeOf(sources[i]!)
    visit(index, found)
  }
}

/** Rules sorted by a rank: those of rank r are `rule[first[r]]` up to `rule[first[r + 1]]`. */
function byRank(ranks: readonly number[], classes: number): { first: Int32Array; rule: Int32Array } {
  const first = new Int32Array(classes + 2)
  for (const rank of ranks) first[rank + 1]!++
  for (let rank = 0; rank <= classes; rank++) first[rank + 1]! += first[rank]!
  const fill = first.slice()
  const rule = new Int32Array(ranks.length)
  for (let i = 0; i < ranks.length; i++) rule[fill[ranks[i]!]!++] = i
  return { first, rule }
}

/** What every device does with the addresses of one class. */
class Present {
  readonly #input: SweepInput
  readonly #layer: Int8Array
  readonly #priority: Float64Array
  readonly #action: Int32Array
  readonly #says: Int32Array
  readonly #device: Int32Array
  /** Rules in force, a list a device, by layer and falling priority; -1 ends it. */
  readonly #head: Int32Array
  readonly #next: Int32Array
  /** The action that comes of them. */
  readonly #does: Int32Array
  readonly #changed: number[] = []
  readonly #isChanged: Uint8Array
  /** Outcomes found for this class: valid where `#stamp` is the class's own. */
  readonly #outcome: Int32Array
  readonly #stamp: Int32Array
  /** 1 + how deep below the device that was asked about, while a device's outcome is being found. */
  readonly #depth: Int32Array
  #now = 0
  /** Depth of the shallowest device that a circle led back to. */
  #circle = Number.POSITIVE_INFINITY

  constructor(input: SweepInput) {
    const { rules, devices } = input
    this.#input = input
    this.#layer = Int8Array.from(rules.layer)
    this.#priority = Float64Array.from(rules.priority)
    this.#action = Int32Array.from(rules.action)
    this.#says = Int32Array.from(rules.says)
    this.#device = Int32Array.from(rules.device)
    this.#head = new Int32Array(devices.length).fill(-1)
    this.#next = new Int32Array(rules.size).fill(-1)
    this.#does = Int32Array.from(devices, ({ noRoute }) => noRoute)
    this.#isChanged = new Uint8Array(devices.length)
    this.#outcome = new Int32Array(devices.length)
    this.#stamp = new Int32Array(devices.length)
    this.#depth = new Int32Array(devices.length)
  }

  enter(rule: number): void {
    const device = this.#device[rule]!
    let before = -1
    let at = this.#head[device]!
    while (at >= 0 && this.#precedes(at, rule)) {
      before = at
      at = this.#next[at]!
    }
    this.#next[rule] = at
    if (before < 0) this.#head[device] = rule
    else this.#next[before] = rule
    this.#change(device)
  }

  leave(rule: number): void {
    const device = this.#device[rule]!
    if (this.#head[device] === rule) this.#head[device] = this.#next[rule]!
    else {
      let before = this.#head[device]!
      while (this.#next[before] !== rule) before = this.#next[before]!
      this.#next[before] = this.#next[rule]!
    }
    this.#change(device)
  }

  /** All rules of the class have come and gone. */
  settle(): void {
    for (const device of this.#changed) {
      this.#does[device] = this.#decide(device)
      this.#isChanged[device] = 0
    }
    this.#changed.length = 0
    this.#now++
  }

  outcomeOf(device: number): number {
    return this.#stamp[device] === this.#now ? this.#outcome[device]! : this.#find(device, 1)
  }

  #change(device: number): void {
    if (this.#isChanged[device] === 1) return
    this.#isChanged[device] = 1
    this.#changed.push(device)
  }

  #precedes(a: number, b: number): boolean {
    if (this.#layer[a] !== this.#layer[b]) return this.#layer[a]! < this.#layer[b]!
    return this.#priority[a]! >= this.#priority[b]!
  }

  #decide(device: number): Action {
    const { noRoute } = this.#input.devices[device]!
    let rule = this.#head[device]!
    if (rule < 0) return noRoute
    if (this.#layer[rule] === Layer.input) return this.#top(rule)
    if (this.#layer[rule] !== Layer.route) return noRoute
    const route = this.#top(rule)
    if (this.#input.final.has(route)) return route
    while (rule >= 0 && this.#layer[rule] === Layer.route) rule = this.#next[rule]!
    if (rule < 0) return route
    const policy = this.#top(rule)
    return policy === ALLOW ? route : policy
  }

  /** The action of a rule that heads its layer, unless another of its priority wants something else. */
  #top(rule: number): Action {
    const action = this.#action[rule]!
    for (let other = this.#next[rule]!; other >= 0; other = this.#next[other]!) {
      if (this.#layer[other] !== this.#layer[rule] || this.#priority[other] !== this.#priority[rule]) break
      if (this.#says[other] !== this.#says[rule]) return this.#input.devices[this.#device[rule]!]!.undecided
    }
    return action
  }

  #find(device: number, depth: number): number {
    this.#depth[device] = depth
    const outcome = this.#follow(this.#does[device]!, depth)
    this.#depth[device] = 0
    this.#outcome[device] = outcome
    // Within a circle the outcome may lack what devices above have still to find.
    if (this.#circle >= depth) {
      this.#stamp[device] = this.#now
      this.#circle = Number.POSITIVE_INFINITY
    }
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
      return this.#input.outcomes.loop
    }
    const ways = this.#input.rules.groups[GROUPS - action]!
    return this.#input.outcomes.union(ways.map((way) => this.#follow(way, depth)))
  }
}
