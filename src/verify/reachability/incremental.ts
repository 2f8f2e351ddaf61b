/**
 * An answer that is kept up to date: what every device does with every class of addresses, so that a change of one device costs the
 * classes that it touches and nothing else. For searches that try many small changes. Takes four bytes for each device and class.
 */

import type { ClassRange } from './cuts.ts'
import { DeviceRules } from './device-rules.ts'
import { Resolver } from './resolver.ts'
import type { Action, Layer, Rules } from './rules.ts'
import { decide, eachClass, type SweepInput, type Visit } from './sweep.ts'

/** A rule that comes: its range has to be among those that cut, whether or not a rule had it before. */
export interface NewRule {
  readonly layer: Layer
  readonly classes: ClassRange
  readonly priority: number
  readonly action: Action
  readonly says?: number
}

export class ReachabilityIndex {
  readonly #input: SweepInput
  readonly #rules: Rules
  /** By class, then by device. */
  readonly #does: Int32Array
  /** Rules in force, by device. */
  readonly #ofDevice: readonly DeviceRules[]
  readonly #resolver: Resolver
  readonly #found: Int32Array
  /** Links the rules that hold for the class that is decided upon. */
  #next = new Int32Array(0)

  /** Goes through all classes once. The rules belong to the index from then on. */
  constructor(input: SweepInput) {
    const { rules, devices, classes, outcomes, sources } = input
    this.#input = input
    this.#rules = rules
    this.#does = new Int32Array(classes * devices.length)
    eachClass(input, (index, does) => this.#does.set(does, index * devices.length))
    this.#ofDevice = devices.map(() => new DeviceRules(rules))
    // Sorted first, so that every rule is put at the end of its list.
    const order = Int32Array.from({ length: rules.size }, (_, rule) => rule)
    for (const rule of order.sort((a, b) => rules.from[a]! - rules.from[b]!))
      this.#ofDevice[rules.device[rule]!]!.add(rule)
    this.#resolver = new Resolver(devices.length, rules.groups, outcomes)
    this.#found = new Int32Array(sources.length)
  }

  /** The outcomes of one class, in the order of the sources; they hold until the next question. */
  outcomes(index: number): Int32Array {
    const { sources, devices } = this.#input
    this.#resolver.begin(this.#does, index * devices.length)
    for (let i = 0; i < sources.length; i++) this.#found[i] = this.#resolver.outcomeOf(sources[i]!)
    return this.#found
  }

  /**
   * Takes one rule of a device away, adds one, or both, and tells the outcomes of all sources for every class that either touches.
   * Gives the number of the new rule, -1 without one.
   */
  change(device: number, old: number | undefined, now: NewRule | undefined, visit: Visit): number {
    const own = this.#ofDevice[device]!
    if (old !== undefined && !own.remove(old)) throw new RangeError(`the device ${device} has no rule ${old}`)
    const added =
      now === undefined
        ? -1
        : this.#rules.add(device, now.layer, now.classes, now.priority, now.action, now.says)
    if (added >= 0) own.add(added)
    const { from, to } = this.#rules
    const range = (rule: number): ClassRange => [from[rule]!, to[rule]!]
    if (old !== undefined) this.#redo(device, range(old), visit)
    // Classes of both are told once.
    if (added >= 0)
      for (const part of beyond(range(added), old === undefined ? [0, 0] : range(old)))
        this.#redo(device, part, visit)
    return added
  }

  #redo(device: number, [first, end]: ClassRange, visit: Visit): void {
    const { devices, final } = this.#input
    const { from, to } = this.#rules
    const touching = this.#ofDevice[device]!.touching([first, end])
    for (let index = first; index < end; index++) {
      const holding = touching.filter((rule) => from[rule]! <= index && index < to[rule]!)
      if (this.#next.length < this.#rules.size) this.#next = new Int32Array(this.#rules.size * 2)
      for (let i = 0; i < holding.length; i++) this.#next[holding[i]!] = holding[i + 1] ?? -1
      const head = holding[0] ?? -1
      this.#does[index * devices.length + device] = decide(
        this.#rules,
        devices[device]!,
        final,
        head,
        this.#next,
      )
      visit(index, this.outcomes(index))
    }
  }
}

/** What of a range lies outside another. */
function beyond([from, to]: ClassRange, [start, end]: ClassRange): ClassRange[] {
  if (start >= to || end <= from) return [[from, to]]
  const parts: ClassRange[] = [
    [from, start],
    [end, to],
  ]
  return parts.filter(([a, b]) => a < b)
}
