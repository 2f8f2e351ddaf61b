// A route table of any values, both families, over a table of numbers for each: the numbers are places in a list.

import { type Ip, isIp4 } from '../ip.ts'
import { laneMask, maskOf4, type Prefix } from '../prefix.ts'
import { type Lpm4, type Lpm6, NONE, type View4, type View6 } from './lpm.ts'
import type { RouteEntry, RouteTable, RouteView } from './route-table.ts'

/** What can be asked, of a table or of a snapshot of one. */
class ValueView<V> implements RouteView<V> {
  readonly #four: View4
  readonly #six: View6
  protected readonly values: (V | undefined)[]

  constructor(four: View4, six: View6, values: (V | undefined)[]) {
    this.#four = four
    this.#six = six
    this.values = values
  }

  get size(): number {
    return this.#four.size + this.#six.size
  }

  get bytes(): number {
    return this.#four.bytes + this.#six.bytes + 8 * this.values.length
  }

  get(prefix: Prefix): V | undefined {
    const at = placeOf(this.#four, this.#six, prefix)
    return at === NONE ? undefined : this.values[at]
  }

  lookup(ip: Ip): V | undefined {
    const at = typeof ip === 'number' ? this.#four.lookup(ip) : this.#six.lookup(ip.w0, ip.w1, ip.w2, ip.w3)
    return at === NONE ? undefined : this.values[at]
  }

  lookupEntry(ip: Ip): RouteEntry<V> | undefined {
    return this.covering(ip)[0]
  }

  covering(ip: Ip): RouteEntry<V>[] {
    return this.#entries(
      typeof ip === 'number' ? this.#four.covering(ip) : this.#six.covering(ip.w0, ip.w1, ip.w2, ip.w3),
    )
  }

  covered({ ip, len }: Prefix): RouteEntry<V>[] {
    if (typeof ip === 'number') return this.#entries(this.#four.covered((ip & maskOf4(len)) >>> 0, len))
    const { w0, w1, w2, w3 } = ip
    return this.#entries(
      this.#six.covered(
        (w0 & laneMask(len, 0)) >>> 0,
        (w1 & laneMask(len, 1)) >>> 0,
        (w2 & laneMask(len, 2)) >>> 0,
        (w3 & laneMask(len, 3)) >>> 0,
        len,
      ),
    )
  }

  walk(): RouteEntry<V>[] {
    return [...this.#entries(this.#four.walk()), ...this.#entries(this.#six.walk())]
  }

  #entries(found: readonly { address: Ip; length: number; value: number }[]): RouteEntry<V>[] {
    return found.map(({ address, length, value }) => ({
      prefix: { ip: address, len: length },
      value: this.values[value] as V,
    }))
  }
}

/** The table that changes. */
export class ValueTable<V> extends ValueView<V> implements RouteTable<V> {
  readonly #four: Lpm4
  readonly #six: Lpm6
  readonly #free: number[] = []

  /** A table over two tables of numbers, both empty. */
  constructor(four: Lpm4, six: Lpm6) {
    super(four, six, [])
    this.#four = four
    this.#six = six
  }

  insert(prefix: Prefix, value: V): boolean {
    const old = placeOf(this.#four, this.#six, prefix)
    if (old !== NONE) {
      this.values[old] = value
      return false
    }
    const at = this.#free.pop() ?? this.values.length
    this.values[at] = value
    const { ip, len } = prefix
    if (isIp4(ip)) return this.#four.insert((ip & maskOf4(len)) >>> 0, len, at)
    return this.#six.insert(
      (ip.w0 & laneMask(len, 0)) >>> 0,
      (ip.w1 & laneMask(len, 1)) >>> 0,
      (ip.w2 & laneMask(len, 2)) >>> 0,
      (ip.w3 & laneMask(len, 3)) >>> 0,
      len,
      at,
    )
  }

  remove(prefix: Prefix): boolean {
    const at = placeOf(this.#four, this.#six, prefix)
    if (at === NONE) return false
    this.values[at] = undefined
    this.#free.push(at)
    const { ip, len } = prefix
    if (isIp4(ip)) return this.#four.remove((ip & maskOf4(len)) >>> 0, len)
    return this.#six.remove(
      (ip.w0 & laneMask(len, 0)) >>> 0,
      (ip.w1 & laneMask(len, 1)) >>> 0,
      (ip.w2 & laneMask(len, 2)) >>> 0,
      (ip.w3 & laneMask(len, 3)) >>> 0,
      len,
    )
  }

  snapshot(): RouteView<V> {
    return new ValueView(this.#four.snapshot(), this.#six.snapshot(), this.values.slice())
  }
}

/** The place of the value of exactly this prefix, host bits aside, or `NONE`. */
function placeOf(four: View4, six: View6, { ip, len }: Prefix): number {
  if (isIp4(ip)) return four.exact((ip & maskOf4(len)) >>> 0, len)
  return six.exact(
    (ip.w0 & laneMask(len, 0)) >>> 0,
    (ip.w1 & laneMask(len, 1)) >>> 0,
    (ip.w2 & laneMask(len, 2)) >>> 0,
    (ip.w3 & laneMask(len, 3)) >>> 0,
    len,
  )
}
