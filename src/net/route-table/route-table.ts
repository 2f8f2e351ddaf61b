// The table the simulator uses: any value a prefix, both families side by side; longest-prefix match picks among them
// (RFC 1812 §5.2.4.3, RFC 4291 for IPv6). Tables of numbers, which are faster and of many structures, are in lpm.ts.
// Underneath is a table of numbers for each family, the numbers being places in a list of values.
// Surprise: host bits are cleared on the way in, so 10.16.0.1/16 and 10.16.0.0/16 are the same entry.

import { type Ip, isIp4 } from '../ip.ts'
import { laneMask, maskOf4, type Prefix } from '../prefix.ts'
import { type Lpm4, type Lpm6, NONE, type View4, type View6 } from './lpm.ts'
import { createLpm4, createLpm6 } from './structures.ts'

/** One entry of a table; the prefix has no host bits. */
export interface RouteEntry<V> {
  readonly prefix: Prefix
  readonly value: V
}

/** A map from prefixes to values, asked by address. */
export interface RouteView<V> {
  /** How many prefixes the table holds, both families together. */
  readonly size: number
  /** Bytes of the arrays of the table, without the values. */
  readonly bytes: number
  /** The value of exactly this prefix. */
  get(prefix: Prefix): V | undefined
  /** The value of the longest prefix that holds the address. Allocates nothing. */
  lookup(ip: Ip): V | undefined
  /** Like `lookup`, with the prefix that matched; the answer is a fresh object. */
  lookupEntry(ip: Ip): RouteEntry<V> | undefined
  /** All entries that hold the address, the longest prefix first. */
  covering(ip: Ip): RouteEntry<V>[]
  /** All entries within a prefix, the prefix itself included, in the order of `walk`. */
  covered(prefix: Prefix): RouteEntry<V>[]
  /** All entries in the order of `comparePrefix`: IPv4 first, by network address, the shorter first. */
  walk(): RouteEntry<V>[]
}

/** A route table that changes. */
export interface RouteTable<V> extends RouteView<V> {
  /** Sets the value of a prefix; true when the prefix was not there before. RangeError for an impossible length. */
  insert(prefix: Prefix, value: V): boolean
  /** Takes a prefix out; false when it was not there. */
  remove(prefix: Prefix): boolean
  /** The table as it is now; later changes do not touch it. */
  snapshot(): RouteView<V>
}

/** An empty table of the structure that serves tables of cluster networks best: few lengths, frequent changes. */
export function createRouteTable<V>(): RouteTable<V> {
  return new ValueTable<V>(createLpm4('length-hash'), createLpm6('length-hash'))
}

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
class ValueTable<V> extends ValueView<V> implements RouteTable<V> {
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
