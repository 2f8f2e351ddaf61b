// Ranges of addresses. As blocks they are in cidr-set.ts.

import { type Ip, ip6 } from './ip.ts'
import { lastAddress, masked, type Prefix } from './prefix.ts'

/** From the first address to the last, both included; `first` is not behind `last`, and both are of one family. */
export interface AddressRange {
  readonly first: Ip
  readonly last: Ip
}

/** The addresses of a block. */
export function rangeOf(prefix: Prefix): AddressRange {
  return { first: masked(prefix).ip, last: lastAddress(prefix) }
}

/** A range of one address. */
export function justOne(ip: Ip): AddressRange {
  return { first: ip, last: ip }
}

/** All addresses of a family. */
export function wholeSpace(family: 4 | 6): AddressRange {
  return family === 4
    ? { first: 0, last: 0xffffffff }
    : { first: ip6(0, 0, 0, 0), last: ip6(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff) }
}

/** How many addresses; exact up to 2^53. */
export function sizeOf({ first, last }: AddressRange): number {
  if (typeof first === 'number') return (last as number) - first + 1
  const l = last as Exclude<Ip, number>
  return (
    (l.w0 - first.w0) * 2 ** 96 +
    (l.w1 - first.w1) * 2 ** 64 +
    (l.w2 - first.w2) * 2 ** 32 +
    (l.w3 - first.w3) +
    1
  )
}
