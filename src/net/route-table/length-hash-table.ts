// A route table as one hash per prefix length that occurs, asked from the longest down (the scheme that Waldvogel et
// al., SIGCOMM 1997, start from). Cluster tables have three or four lengths (/16, /24, /32; /48, /64, /128), and there
// it beats the tries, for IPv6 by a wide margin; a full internet view with twenty lengths wants another structure.

import { type Ip, type Ip4, type Ip6, isIp4 } from '../ip.ts'
import { comparePrefix, maskIp, type Prefix } from '../prefix.ts'
import { LengthHash4 } from './length-hash4.ts'
import { LengthHash6 } from './length-hash6.ts'
import type { RouteEntry, RouteTable } from './route-table.ts'

/** The prefixes of one length of one family, each with the index of its value. */
interface LengthHash<A extends Ip> {
  readonly len: number
  readonly size: number
  find(ip: A): number
  insert(ip: A, index: number): void
  remove(ip: A): number
  visit(each: (ip: A, index: number) => void): void
}

/** Longest-prefix match by a hash per present length; lookups cost one probe a length, updates one probe. */
export class LengthHashTable<V> implements RouteTable<V> {
  // Longest first. Typed by class, not by interface, so that the two lookup loops below stay monomorphic.
  readonly #tables4: LengthHash4[] = []
  readonly #tables6: LengthHash6[] = []
  readonly #values: (V | undefined)[] = []
  readonly #free: number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  insert(prefix: Prefix, value: V): boolean {
    const { ip, len } = prefix
    return isIp4(ip)
      ? this.#insertInto(this.#tables4, ip, len, value, LengthHash4)
      : this.#insertInto(this.#tables6, ip, len, value, LengthHash6)
  }

  remove(prefix: Prefix): boolean {
    const { ip, len } = prefix
    return isIp4(ip) ? this.#removeFrom(this.#tables4, ip, len) : this.#removeFrom(this.#tables6, ip, len)
  }

  get(prefix: Prefix): V | undefined {
    const { ip, len } = prefix
    const index = isIp4(ip)
      ? (this.#tables4.find((table) => table.len === len)?.find(ip) ?? -1)
      : (this.#tables6.find((table) => table.len === len)?.find(ip) ?? -1)
    return index < 0 ? undefined : this.#values[index]
  }

  lookup(ip: Ip): V | undefined {
    if (typeof ip === 'number') {
      const tables = this.#tables4
      for (let i = 0; i < tables.length; i++) {
        const index = tables[i]!.find(ip)
        if (index >= 0) return this.#values[index]
      }
      return undefined
    }
    const tables = this.#tables6
    for (let i = 0; i < tables.length; i++) {
      const index = tables[i]!.find(ip)
      if (index >= 0) return this.#values[index]
    }
    return undefined
  }

  lookupEntry(ip: Ip): RouteEntry<V> | undefined {
    return isIp4(ip) ? this.#firstEntry(this.#tables4, ip) : this.#firstEntry(this.#tables6, ip)
  }

  covering(ip: Ip): RouteEntry<V>[] {
    return isIp4(ip) ? this.#allEntries(this.#tables4, ip) : this.#allEntries(this.#tables6, ip)
  }

  walk(): RouteEntry<V>[] {
    const entries: RouteEntry<V>[] = []
    for (const table of [...this.#tables4, ...this.#tables6]) {
      table.visit((ip: Ip4 | Ip6, index) => {
        entries.push({ prefix: { ip, len: table.len }, value: this.#values[index] as V })
      })
    }
    return entries.sort((a, b) => comparePrefix(a.prefix, b.prefix))
  }

  #insertInto<A extends Ip, T extends LengthHash<A>>(
    tables: T[],
    ip: A,
    len: number,
    value: V,
    Table: new (len: number) => T,
  ): boolean {
    let at = tables.findIndex((table) => table.len <= len)
    if (at < 0) at = tables.length
    if (tables[at]?.len !== len) tables.splice(at, 0, new Table(len))
    const table = tables[at]!
    const old = table.find(ip)
    if (old >= 0) {
      this.#values[old] = value
      return false
    }
    const index = this.#free.pop() ?? this.#values.length
    this.#values[index] = value
    table.insert(ip, index)
    this.#size++
    return true
  }

  #removeFrom<A extends Ip>(tables: LengthHash<A>[], ip: A, len: number): boolean {
    const at = tables.findIndex((table) => table.len === len)
    if (at < 0) return false
    const table = tables[at]!
    const index = table.remove(ip)
    if (index < 0) return false
    if (table.size === 0) tables.splice(at, 1)
    this.#values[index] = undefined
    this.#free.push(index)
    this.#size--
    return true
  }

  #firstEntry<A extends Ip>(tables: readonly LengthHash<A>[], ip: A): RouteEntry<V> | undefined {
    for (const table of tables) {
      const index = table.find(ip)
      if (index >= 0) return this.#entry(ip, table.len, index)
    }
    return undefined
  }

  #allEntries<A extends Ip>(tables: readonly LengthHash<A>[], ip: A): RouteEntry<V>[] {
    const entries: RouteEntry<V>[] = []
    for (const table of tables) {
      const index = table.find(ip)
      if (index >= 0) entries.push(this.#entry(ip, table.len, index))
    }
    return entries
  }

  #entry(ip: Ip, len: number, index: number): RouteEntry<V> {
    return { prefix: { ip: maskIp(ip, len), len }, value: this.#values[index] as V }
  }
}
