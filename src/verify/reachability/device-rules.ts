// The rules of one device that are in force, so that those that touch some classes are found without looking at all of them.

import type { ClassRange } from './cuts.ts'
import type { Rules } from './rules.ts'

/** Rules that span no more classes than this are found by where they begin; there are few others. */
const NARROW = 8

export class DeviceRules {
  readonly #rules: Rules
  /** Narrow rules, those that begin first in front. */
  #narrow = new Int32Array(4)
  #size = 0
  readonly #wide: number[] = []

  constructor(rules: Rules) {
    this.#rules = rules
  }

  add(rule: number): void {
    if (this.#isWide(rule)) {
      this.#wide.push(rule)
      return
    }
    if (this.#size === this.#narrow.length) {
      const larger = new Int32Array(this.#size * 2)
      larger.set(this.#narrow)
      this.#narrow = larger
    }
    const at = this.#firstFrom(this.#rules.from[rule]!)
    this.#narrow.copyWithin(at + 1, at, this.#size++)
    this.#narrow[at] = rule
  }

  /** False when the device has no such rule. */
  remove(rule: number): boolean {
    if (this.#isWide(rule)) {
      const place = this.#wide.indexOf(rule)
      if (place >= 0) this.#wide.splice(place, 1)
      return place >= 0
    }
    const start = this.#rules.from[rule]!
    let at = this.#firstFrom(start)
    while (at < this.#size && this.#narrow[at] !== rule && this.#rules.from[this.#narrow[at]!] === start) at++
    if (at >= this.#size || this.#narrow[at] !== rule) return false
    this.#narrow.copyWithin(at, at + 1, this.#size--)
    return true
  }

  /** Rules that hold somewhere among these classes, in the order that decides. */
  touching([first, end]: ClassRange): number[] {
    const { from, to, order } = this.#rules
    const found = this.#wide.filter((rule) => from[rule]! < end && to[rule]! > first)
    for (let at = this.#firstFrom(first - NARROW); at < this.#size; at++) {
      const rule = this.#narrow[at]!
      if (from[rule]! >= end) break
      if (to[rule]! > first) found.push(rule)
    }
    return found.sort((a, b) => order[a]! - order[b]!)
  }

  #isWide(rule: number): boolean {
    return this.#rules.to[rule]! - this.#rules.from[rule]! > NARROW
  }

  /** The place of the first narrow rule that begins at a class or behind it. */
  #firstFrom(start: number): number {
    const { from } = this.#rules
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >> 1
      if (from[this.#narrow[middle]!]! < start) low = middle + 1
      else high = middle
    }
    return low
  }
}
