/**
 * How packets to a class of addresses end. An ECMP group or an unspecified choice may end them in several ways, so an outcome is a set
 * of ends; sets are numbered, and equal sets have one number.
 */
import type { DropKind } from '../../model/trace.ts'

/** One way for a packet to end. */
export type End =
  /** At the port that has the address, or where nobody has it now, asked for on this switch. */
  | { readonly kind: 'subnet'; readonly cluster: string; readonly subnet: string }
  /** The address is a router's own. */
  | { readonly kind: 'router'; readonly cluster: string; readonly router: string }
  /** Handed to a pod that a route names as its nexthop. */
  | { readonly kind: 'pod'; readonly cluster: string; readonly port: string }
  | { readonly kind: 'dropped'; readonly why: DropKind; readonly at: string }

export class Outcomes {
  readonly #ends: End[] = []
  /** Outcomes of one end. */
  readonly #byText = new Map<string, number>()
  readonly #sets: (readonly number[])[] = []
  readonly #setByText = new Map<string, number>()
  /** No way out of a circle of routers. */
  readonly loop = this.single({ kind: 'dropped', why: 'loop', at: '' })

  /** The outcome that has one end. */
  single(end: End): number {
    const text = textOf(end)
    let outcome = this.#byText.get(text)
    if (outcome === undefined) {
      outcome = this.#intern([this.#ends.push(end) - 1])
      this.#byText.set(text, outcome)
    }
    return outcome
  }

  /** The outcome that has the ends of all the others. */
  union(outcomes: readonly number[]): number {
    const ends = new Set(outcomes.flatMap((outcome) => this.#sets[outcome]!))
    return this.#intern([...ends].sort((a, b) => a - b))
  }

  /** The ends of an outcome; at least one. */
  ends(outcome: number): readonly End[] {
    return this.#sets[outcome]!.map((index) => this.#ends[index]!)
  }

  /** How many there are; outcomes are numbered from zero. */
  get size(): number {
    return this.#sets.length
  }

  #intern(set: readonly number[]): number {
    const text = set.join()
    let index = this.#setByText.get(text)
    if (index === undefined) {
      index = this.#sets.push(set) - 1
      this.#setByText.set(text, index)
    }
    return index
  }
}

function textOf(end: End): string {
  switch (end.kind) {
    case 'subnet':
      return `s ${end.cluster} ${end.subnet}`
    case 'router':
      return `r ${end.cluster} ${end.router}`
    case 'pod':
      return `p ${end.cluster} ${end.port}`
    case 'dropped':
      return `d ${end.why} ${end.at}`
  }
}
