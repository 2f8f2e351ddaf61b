/**
 * Where packets to every address end, from every device, over all addresses at once. Addresses are cut where some rule begins or ends;
 * between two cuts all are treated alike (Delta-net's atoms, NSDI 2017), so each such class is asked about once. The sweep goes through
 * the classes in order and keeps for every device what it does with the present one; memory does not grow with their number.
 *
 * Addresses appear as ranks of cuts, hence this file knows neither family. Time: O(rules) changes, and for every class one step for
 * each device that is asked about or passed.
 */
import type { Outcomes } from './outcomes.ts'
import { Resolver } from './resolver.ts'
import { type Action, ALLOW, Layer, layerOf, type Rules } from './rules.ts'

/** What a device does without a route, and when its rules disagree. */
export interface Device {
  readonly noRoute: number
  readonly undecided: () => number
}

export interface SweepInput {
  /** How many classes there are. */
  readonly classes: number
  readonly devices: readonly Device[]
  readonly rules: Rules
  readonly outcomes: Outcomes
  /** Devices that are asked about. */
  readonly sources: readonly number[]
  /** Outcomes of routes that end a packet before policies see it. */
  readonly final: ReadonlySet<number>
}

/** Hears of every class in order; `outcomes[i]` belongs to `sources[i]`, and holds until the next call. */
export type Visit = (index: number, outcomes: Int32Array) => void

/** Goes through all classes. */
export function sweep(input: SweepInput, visit: Visit): void {
  const { devices, rules, outcomes, sources } = input
  const resolver = new Resolver(devices.length, rules.groups, outcomes)
  const found = new Int32Array(sources.length)
  const asked = Int32Array.from(sources)
  eachClass(input, (index, does) => {
    resolver.begin(does)
    for (let i = 0; i < asked.length; i++) found[i] = resolver.outcomeOf(asked[i]!)
    visit(index, found)
  })
}

/** Goes through all classes with what every device does; the array is the same one each time. */
export function eachClass(
  { classes, rules, devices, final }: Omit<SweepInput, 'sources'>,
  visit: (index: number, does: Int32Array) => void,
): void {
  const begin = byRank(rules.from, rules.size, classes)
  const end = byRank(rules.to, rules.size, classes)
  const present = new Present(rules, devices, final)
  for (let index = 0; index < classes; index++) {
    for (let i = end.first[index]!; i < end.first[index + 1]!; i++) present.leave(end.rule[i]!)
    for (let i = begin.first[index]!; i < begin.first[index + 1]!; i++) present.enter(begin.rule[i]!)
    present.settle()
    visit(index, present.does)
  }
}

/** Rules sorted by a rank: those of rank r are `rule[first[r]]` up to `rule[first[r + 1]]`. */
function byRank(ranks: Int32Array, size: number, classes: number): { first: Int32Array; rule: Int32Array } {
  const first = new Int32Array(classes + 2)
  for (let i = 0; i < size; i++) first[ranks[i]! + 1]!++
  for (let rank = 0; rank <= classes; rank++) first[rank + 1]! += first[rank]!
  const fill = first.slice()
  const rule = new Int32Array(size)
  for (let i = 0; i < size; i++) rule[fill[ranks[i]!]!++] = i
  return { first, rule }
}

/** The rules that hold for one class, and what every device makes of them. */
class Present {
  /** What every device does. */
  readonly does: Int32Array
  readonly #rules: Rules
  readonly #devices: readonly Device[]
  readonly #final: ReadonlySet<number>
  /** Rules in force, a list a device in the order that decides; -1 ends it. */
  readonly #head: Int32Array
  readonly #next: Int32Array
  readonly #changed: Int32Array
  readonly #isChanged: Uint8Array
  #changes = 0

  constructor(rules: Rules, devices: readonly Device[], final: ReadonlySet<number>) {
    this.#rules = rules
    this.#devices = devices
    this.#final = final
    this.#head = new Int32Array(devices.length).fill(-1)
    this.#next = new Int32Array(rules.size)
    this.#changed = new Int32Array(devices.length)
    this.#isChanged = new Uint8Array(devices.length)
    this.does = Int32Array.from(devices, ({ noRoute }) => noRoute)
  }

  enter(rule: number): void {
    const { device: devices, order } = this.#rules
    const device = devices[rule]!
    const own = order[rule]!
    let before = -1
    let at = this.#head[device]!
    while (at >= 0 && order[at]! <= own) {
      before = at
      at = this.#next[at]!
    }
    this.#next[rule] = at
    if (before < 0) this.#head[device] = rule
    else this.#next[before] = rule
    this.#change(device)
  }

  leave(rule: number): void {
    const device = this.#rules.device[rule]!
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
    for (let i = 0; i < this.#changes; i++) {
      const device = this.#changed[i]!
      this.does[device] = this.#decide(device)
      this.#isChanged[device] = 0
    }
    this.#changes = 0
  }

  #change(device: number): void {
    if (this.#isChanged[device] === 1) return
    this.#isChanged[device] = 1
    this.#changed[this.#changes++] = device
  }

  #decide(device: number): Action {
    return decide(this.#rules, this.#devices[device]!, this.#final, this.#head[device]!, this.#next)
  }
}

/** What a device does with the rules that hold, in the order that decides: from `head` on, by `next`, up to -1. */
export function decide(
  rules: Rules,
  { noRoute, undecided }: Device,
  final: ReadonlySet<number>,
  head: number,
  next: Int32Array,
): Action {
  if (head < 0) return noRoute
  const { order } = rules
  const layer = layerOf(order[head]!)
  if (layer === Layer.policy) return noRoute
  const found = top(rules, head, next)
  if (found === TIE) return undecided()
  if (layer === Layer.input || final.has(found)) return found
  let rule = next[head]!
  while (rule >= 0 && layerOf(order[rule]!) === Layer.route) rule = next[rule]!
  if (rule < 0) return found
  const policy = top(rules, rule, next)
  return policy === ALLOW ? found : policy === TIE ? undecided() : policy
}

/** What the first rule of a layer does, unless another of its priority says something else. */
function top({ order, action, says }: Rules, rule: number, next: Int32Array): Action {
  for (let other = next[rule]!; other >= 0 && order[other] === order[rule]; other = next[other]!)
    if (says[other] !== says[rule]) return TIE
  return action[rule]!
}

/** No action has this number. */
const TIE = -(2 ** 31)
