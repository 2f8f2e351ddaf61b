// What all readers of route files fill: prefixes with the number of their next hop, both families side by side.

import type { Diagnostics } from '../../diag/diagnostic.ts'
import { lanesOf, orderedList, type PrefixList } from '../../model/prefix-list.ts'
import type { Prefix } from '../../net/prefix.ts'

/** More prefixes than this of one family are refused; the Internet has a million. */
export const PREFIXES_MAX = 8_000_000
/** What a value of a route table can tell apart. */
const NEXT_HOPS_MAX = 2 ** 24

/** Columns of one family in the order of the file, with room to grow. */
class Columns {
  count = 0
  addresses: Uint32Array
  lengths = new Uint8Array(1024)
  values = new Uint32Array(1024)
  readonly family: 4 | 6

  constructor(family: 4 | 6) {
    this.family = family
    this.addresses = new Uint32Array(1024 * lanesOf(family))
  }

  add({ ip, len }: Prefix, value: number): void {
    if (this.count === this.lengths.length) this.#grow()
    if (typeof ip === 'number') this.addresses[this.count] = ip
    else {
      const at = 4 * this.count
      this.addresses[at] = ip.w0
      this.addresses[at + 1] = ip.w1
      this.addresses[at + 2] = ip.w2
      this.addresses[at + 3] = ip.w3
    }
    this.lengths[this.count] = len
    this.values[this.count++] = value
  }

  #grow(): void {
    const { addresses, lengths, values } = this
    this.addresses = new Uint32Array(addresses.length * 2)
    this.addresses.set(addresses)
    this.lengths = new Uint8Array(lengths.length * 2)
    this.lengths.set(lengths)
    this.values = new Uint32Array(values.length * 2)
    this.values.set(values)
  }
}

/** Collects routes. Of several for one prefix the first counts, alternatives behind all others. */
export class RouteCollector {
  readonly #columns = { 4: new Columns(4), 6: new Columns(6) }
  readonly #nextHops = new Map<string, number>()
  readonly #alternatives: (readonly [Prefix, string])[] = []
  readonly #leftOut = new Map<string, number>()
  readonly #diagnostics: Diagnostics
  #full = false

  constructor(diagnostics: Diagnostics) {
    this.#diagnostics = diagnostics
  }

  /** Adds a route; the prefix has no host bits. The next hop is any text: equal texts are one next hop. */
  add(prefix: Prefix, nextHop: string): void {
    const columns = this.#columns[typeof prefix.ip === 'number' ? 4 : 6]
    let value = this.#nextHops.get(nextHop)
    if (value === undefined) {
      value = this.#nextHops.size
      this.#nextHops.set(nextHop, value)
    }
    if (columns.count < PREFIXES_MAX && value < NEXT_HOPS_MAX) columns.add(prefix, value)
    else if (!this.#full) {
      this.#full = true
      this.#diagnostics.error('RF010', 'this file has too many routes', {
        expected: `at most ${PREFIXES_MAX.toLocaleString('en')} of one family`,
      })
    }
  }

  /** Adds a route that the router knows and does not use: it counts where nothing else is said about its prefix. */
  addAlternative(prefix: Prefix, nextHop: string): void {
    this.#alternatives.push([prefix, nextHop])
  }

  /** Counts something that is in the file and not in the table. */
  leaveOut(what: string): void {
    this.#leftOut.set(what, (this.#leftOut.get(what) ?? 0) + 1)
  }

  /** Whether there were more routes than fit, which is reported. */
  get full(): boolean {
    return this.#full
  }

  /** Whether nothing was added yet. */
  get empty(): boolean {
    return this.#columns[4].count + this.#columns[6].count + this.#alternatives.length === 0
  }

  finish(): CollectedRoutes {
    for (const [prefix, nextHop] of this.#alternatives) this.add(prefix, nextHop)
    this.#alternatives.length = 0
    const tables = ([4, 6] as const).map((family) => {
      const { count, addresses, lengths, values } = this.#columns[family]
      const list = orderedList(family, count, addresses, lengths, values)
      return { list, duplicates: count - list.count }
    })
    return {
      tables: { 4: tables[0]!.list, 6: tables[1]!.list },
      duplicates: tables[0]!.duplicates + tables[1]!.duplicates,
      nextHops: [...this.#nextHops.keys()],
      leftOut: this.#leftOut,
    }
  }
}

export interface CollectedRoutes {
  readonly tables: Readonly<Record<4 | 6, PrefixList>>
  /** Routes whose prefix the file had before: other paths, other metrics, other peers. */
  readonly duplicates: number
  /** What the values of the tables stand for. */
  readonly nextHops: readonly string[]
  /** How many of what were passed over. */
  readonly leftOut: ReadonlyMap<string, number>
}
