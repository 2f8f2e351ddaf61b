// Ranges of addresses, and the fewest blocks that make them up (RFC 4632 writes blocks, people write plans in both).

import { addToIp, compareIp, equalIp, familyOf, type Ip, ip6 } from './ip.ts'
import { hostLength, lastAddress, masked, maskIp, type Prefix } from './prefix.ts'

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

/** True when the range holds the address; never across families. */
export function holds({ first, last }: AddressRange, ip: Ip): boolean {
  return familyOf(ip) === familyOf(first) && compareIp(first, ip) <= 0 && compareIp(ip, last) <= 0
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

/** The same addresses as few ranges, sorted, IPv4 first, none touching another. */
export function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const merged: { first: Ip; last: Ip }[] = []
  for (const { first, last } of [...ranges].sort((a, b) => compareIp(a.first, b.first))) {
    const before = merged.at(-1)
    const touches =
      before !== undefined &&
      familyOf(before.first) === familyOf(first) &&
      (compareIp(first, before.last) <= 0 || equalIp(addToIp(before.last, 1), first))
    if (!touches) merged.push({ first, last })
    else if (compareIp(last, before.last) > 0) before.last = last
  }
  return merged
}

/** The shortest list of blocks that hold these addresses and no others, in order. */
export function blocksOf(ranges: readonly AddressRange[]): Prefix[] {
  return mergeRanges(ranges).flatMap(blocksOfOne)
}

function blocksOfOne({ first, last }: AddressRange): Prefix[] {
  const blocks: Prefix[] = []
  for (let at = first; ; ) {
    let len: number = hostLength(at)
    // The largest block that begins here and does not reach beyond the end.
    while (
      len > 0 &&
      equalIp(maskIp(at, len - 1), at) &&
      compareIp(lastAddress({ ip: at, len: len - 1 }), last) <= 0
    )
      len--
    const block = { ip: at, len }
    blocks.push(block)
    const end = lastAddress(block)
    if (equalIp(end, last)) return blocks
    at = addToIp(end, 1)
  }
}
