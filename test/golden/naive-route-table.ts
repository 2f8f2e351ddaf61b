// The slow, obvious route table: a list of prefixes as strings of binary digits, asked from front to back. A prefix
// holds an address when the address's digits start with the prefix's digits; the longest such prefix wins.

import type { Ip } from '../../src/net/ip.ts'
import type { Prefix } from '../../src/net/prefix.ts'

interface NaiveEntry<V> {
  readonly family: 4 | 6
  readonly digits: string
  readonly value: V
}

/** The binary digits of an address: 32 or 128 of them. */
export function digitsOf(ip: Ip): string {
  const lanes = typeof ip === 'number' ? [ip] : [ip.w0, ip.w1, ip.w2, ip.w3]
  return lanes.map((lane) => lane.toString(2).padStart(32, '0')).join('')
}

/** A route table that cannot be wrong and cannot be fast. */
export class NaiveRouteTable<V> {
  entries: NaiveEntry<V>[] = []

  get size(): number {
    return this.entries.length
  }

  insert(prefix: Prefix, value: V): boolean {
    const isNew = !this.remove(prefix)
    this.entries.push({ family: familyOfIp(prefix.ip), digits: digitsOfPrefix(prefix), value })
    return isNew
  }

  remove(prefix: Prefix): boolean {
    const before = this.entries.length
    this.entries = this.entries.filter((entry) => !this.#is(entry, prefix))
    return this.entries.length < before
  }

  get(prefix: Prefix): V | undefined {
    return this.entries.find((entry) => this.#is(entry, prefix))?.value
  }

  lookup(ip: Ip): V | undefined {
    return this.covering(ip)[0]?.value
  }

  /** Matching entries as digits and value, the longest first. */
  covering(ip: Ip): { digits: string; value: V }[] {
    return this.entries
      .filter((entry) => entry.family === familyOfIp(ip) && digitsOf(ip).startsWith(entry.digits))
      .map(({ digits, value }) => ({ digits, value }))
      .sort((a, b) => b.digits.length - a.digits.length)
  }

  #is(entry: NaiveEntry<V>, prefix: Prefix): boolean {
    return entry.family === familyOfIp(prefix.ip) && entry.digits === digitsOfPrefix(prefix)
  }
}

/** The digits of a prefix: its first `len` ones, host bits left off. */
export function digitsOfPrefix(prefix: Prefix): string {
  return digitsOf(prefix.ip).slice(0, prefix.len)
}

function familyOfIp(ip: Ip): 4 | 6 {
  return typeof ip === 'number' ? 4 : 6
}
