// The cuts of one family's address space: where some rule begins or ends. Between two cuts all addresses are treated alike.

import { addToIp, compareIp, equalIp, type Ip, ipKey } from '../../net/ip.ts'
import { type AddressRange, wholeSpace } from '../../net/range.ts'

/** Classes from the first up to and without the second. */
export type ClassRange = readonly [from: number, to: number]

/** Sorted cuts of a family and the classes between them, numbered from zero. */
export class Cuts {
  readonly family: 4 | 6
  readonly #whole: AddressRange
  /** First address of each class. */
  readonly #starts: readonly Ip[]
  readonly #ranks: ReadonlyMap<number | string, number>

  /** Cuts at both ends of every range; those of the other family are passed over. */
  constructor(family: 4 | 6, ranges: Iterable<AddressRange>) {
    this.family = family
    this.#whole = wholeSpace(family)
    const starts = new Map<number | string, Ip>([[ipKey(this.#whole.first), this.#whole.first]])
    for (const { first, last } of ranges) {
      if ((typeof first === 'number' ? 4 : 6) !== family) continue
      starts.set(ipKey(first), first)
      if (equalIp(last, this.#whole.last)) continue
      const behind = addToIp(last, 1)
      starts.set(ipKey(behind), behind)
    }
    this.#starts =
      family === 4 ? sorted4([...starts.values()] as number[]) : [...starts.values()].sort(compareIp)
    this.#ranks = new Map(this.#starts.map((start, rank) => [ipKey(start), rank]))
  }

  /** How many classes there are. */
  get classes(): number {
    return this.#starts.length
  }

  /** The classes of a range, which has to be among those that cut. */
  classesIn({ first, last }: AddressRange): ClassRange {
    return [this.#rank(first), equalIp(last, this.#whole.last) ? this.classes : this.#rank(addToIp(last, 1))]
  }

  /** The addresses of some classes. */
  addressesOf([from, to]: ClassRange): AddressRange {
    const behind = this.#starts[to]
    return { first: this.#starts[from]!, last: behind === undefined ? this.#whole.last : addToIp(behind, -1) }
  }

  /** The class of any address. */
  classOf(ip: Ip): number {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (compareIp(this.#starts[middle]!, ip) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }

  #rank(ip: Ip): number {
    const rank = this.#ranks.get(ipKey(ip))
    if (rank === undefined) throw new RangeError('the range was not among those that cut')
    return rank
  }
}

function sorted4(starts: readonly number[]): number[] {
  return Array.from(Float64Array.from(starts).sort())
}
