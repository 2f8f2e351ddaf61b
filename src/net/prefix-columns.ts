// Many prefixes as columns of typed arrays: a tenth of the memory of objects, and in reach of a radix sort. Rows keep the number
// that the caller gave them; IPv4 and IPv6 are two tables, because nothing of one overlaps with the other.

import type { Ip } from './ip.ts'
import { laneMask, maskOf4, type Prefix } from './prefix.ts'

/** Prefixes of one family; `lanes` are the network addresses, one lane for IPv4, four for IPv6, host bits cleared. */
export class PrefixColumns {
  readonly family: 4 | 6
  lanes: Uint32Array[]
  len: Uint8Array
  /** The caller's number of each row. */
  id: Uint32Array
  count = 0

  constructor(family: 4 | 6, capacity = 1024) {
    this.family = family
    this.lanes = Array.from({ length: family === 4 ? 1 : 4 }, () => new Uint32Array(capacity))
    this.len = new Uint8Array(capacity)
    this.id = new Uint32Array(capacity)
  }

  /** Appends an IPv4 prefix; true when host bits were set, which are cleared. */
  push4(ip: number, len: number, id: number): boolean {
    const row = this.#grow()
    const network = (ip & maskOf4(len)) >>> 0
    this.lanes[0]![row] = network
    this.len[row] = len
    this.id[row] = id
    return network !== ip
  }

  /** Appends an IPv6 prefix; true when host bits were set, which are cleared. */
  push6(w0: number, w1: number, w2: number, w3: number, len: number, id: number): boolean {
    const row = this.#grow()
    const [a, b, c, d] = this.lanes as [Uint32Array, Uint32Array, Uint32Array, Uint32Array]
    a[row] = w0 & laneMask(len, 0)
    b[row] = w1 & laneMask(len, 1)
    c[row] = w2 & laneMask(len, 2)
    d[row] = w3 & laneMask(len, 3)
    this.len[row] = len
    this.id[row] = id
    return a[row] !== w0 || b[row] !== w1 || c[row] !== w2 || d[row] !== w3
  }

  /** The prefix of a row as a value. */
  prefixAt(row: number): Prefix {
    const [a, b, c, d] = this.lanes
    const ip: Ip = this.family === 4 ? a![row]! : { w0: a![row]!, w1: b![row]!, w2: c![row]!, w3: d![row]! }
    return { ip, len: this.len[row]! }
  }

  #grow(): number {
    const row = this.count++
    if (row === this.len.length) {
      this.lanes = this.lanes.map((lane) => doubled(lane))
      this.id = doubled(this.id)
      const len = new Uint8Array(this.len.length * 2)
      len.set(this.len)
      this.len = len
    }
    return row
  }
}

/** Both families. */
export interface PrefixTable {
  readonly v4: PrefixColumns
  readonly v6: PrefixColumns
}

/** An empty table. */
export function prefixTable(capacity?: number): PrefixTable {
  return { v4: new PrefixColumns(4, capacity), v6: new PrefixColumns(6, capacity) }
}

/** Appends a prefix under a number. */
export function addPrefix(table: PrefixTable, { ip, len }: Prefix, id: number): void {
  if (typeof ip === 'number') table.v4.push4(ip, len, id)
  else table.v6.push6(ip.w0, ip.w1, ip.w2, ip.w3, len, id)
}

function doubled(column: Uint32Array): Uint32Array {
  const larger = new Uint32Array(column.length * 2)
  larger.set(column)
  return larger
}
