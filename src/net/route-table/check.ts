// What can be a prefix and what can be a value, checked once for all structures.

import { formatIp4, formatIp6, ip6 } from '../ip.ts'
import { laneMask, maskOf4 } from '../prefix.ts'
import { MAX_VALUE } from './lpm.ts'

/** Throws a RangeError unless this is an IPv4 prefix: length 0 to 32, no host bits. */
export function checkPrefix4(address: number, length: number): void {
  if (!(length >= 0 && length <= 32) || length % 1 !== 0)
    throw new RangeError(`prefix length ${length}: not a whole number from 0 to 32`)
  if (address >>> 0 !== address) throw new RangeError(`address ${address}: not an unsigned 32-bit number`)
  if ((address & ~maskOf4(length)) !== 0)
    throw new RangeError(`${formatIp4(address)}/${length} has host bits set`)
}

/** Throws a RangeError unless this is an IPv6 prefix: length 0 to 128, no host bits. */
export function checkPrefix6(w0: number, w1: number, w2: number, w3: number, length: number): void {
  if (!(length >= 0 && length <= 128) || length % 1 !== 0)
    throw new RangeError(`prefix length ${length}: not a whole number from 0 to 128`)
  if (w0 >>> 0 !== w0 || w1 >>> 0 !== w1 || w2 >>> 0 !== w2 || w3 >>> 0 !== w3)
    throw new RangeError(`address ${w0}, ${w1}, ${w2}, ${w3}: not four unsigned 32-bit numbers`)
  const host =
    (w0 & ~laneMask(length, 0)) |
    (w1 & ~laneMask(length, 1)) |
    (w2 & ~laneMask(length, 2)) |
    (w3 & ~laneMask(length, 3))
  if (host !== 0) throw new RangeError(`${formatIp6(ip6(w0, w1, w2, w3))}/${length} has host bits set`)
}

/** Throws a RangeError unless this is a value a table can hold, 0 to `MAX_VALUE`. */
export function checkValue(value: number): void {
  if (!(value >= 0 && value <= MAX_VALUE) || value % 1 !== 0)
    throw new RangeError(`value ${value}: not a whole number from 0 to ${MAX_VALUE}`)
}

/** Throws a RangeError unless the arrays of a batch hold `count` addresses of `words` words, and as many answers. */
export function checkBatch(addresses: Uint32Array, out: Int32Array, count: number, words: number): void {
  if (!(count >= 0) || count % 1 !== 0 || count * words > addresses.length || count > out.length)
    throw new RangeError(
      `batch of ${count}: room for ${Math.floor(addresses.length / words)} addresses and ${out.length} answers`,
    )
}
