// The internet checksum (RFC 1071), its pseudo headers (RFC 768, RFC 9293 §3.1, RFC 8200 §8.1) and its incremental
// update (RFC 1624). Sums are carried unfolded in a plain number, so that the sum of a part (an inner packet, a payload)
// is computed once and reused: sums add up as long as every part but the last has an even length.
// Surprise: 0x0000 and 0xffff are both zero in one's complement; a sum of bytes that are not all zero folds to 0xffff.

import type { Ip4, Ip6 } from '../net/ip.ts'

/**
 * Adds the bytes from `start` to `end` as 16-bit words to the unfolded `sum` and returns the new unfolded sum. An odd last
 * byte counts as the high half of a word, so only the last part of a message may be odd. One call takes up to 65,663
 * bytes; sums of several calls stay exact far below 2^53.
 */
export function addRange(view: DataView, start: number, end: number, sum: number = 0): number {
  let at = start
  let low = 0
  // 32-bit loads, taken apart into their two words: 32,832 words of at most 0xffff stay below 2^31.
  for (const last = end - 16; at <= last; at += 16) {
    const a = view.getInt32(at)
    const b = view.getInt32(at + 4)
    const c = view.getInt32(at + 8)
    const d = view.getInt32(at + 12)
    low +=
      (a >>> 16) +
      (a & 0xffff) +
      (b >>> 16) +
      (b & 0xffff) +
      (c >>> 16) +
      (c & 0xffff) +
      (d >>> 16) +
      (d & 0xffff)
  }
  for (const last = end - 2; at <= last; at += 2) low += view.getUint16(at)
  if (at < end) low += view.getUint8(at) << 8
  return sum + low
}

/** Folds an unfolded sum into 16 bits with end-around carry. */
export function foldSum(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = Math.floor(folded / 0x10000) + (folded % 0x10000)
  return folded
}

/** The value for a checksum field: the one's complement of the folded sum of everything it covers. */
export function finishChecksum(sum: number): number {
  // Sums of one packet fit 32 bits; two folds then suffice.
  let folded = sum > 0xffff_ffff ? foldSum(sum) : sum
  folded = (folded >>> 16) + (folded & 0xffff)
  folded = (folded >>> 16) + (folded & 0xffff)
  return ~folded & 0xffff
}

/** The internet checksum of a byte range whose checksum field is zero. */
export function checksumOf(view: DataView, start: number, end: number): number {
  return finishChecksum(addRange(view, start, end))
}

/** True when a sum that covers a message and its own checksum field says that the message is intact. */
export function isIntact(sum: number): boolean {
  return finishChecksum(sum) === 0
}

/** The unfolded sum of the IPv4 pseudo header; `length` is that of the transport header and its data, in bytes. */
export function pseudoSum4(src: Ip4, dst: Ip4, protocol: number, length: number): number {
  return (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + protocol + length
}

/** The unfolded sum of the IPv6 pseudo header; `length` is that of the upper layer in bytes, below 65,536. */
export function pseudoSum6(src: Ip6, dst: Ip6, protocol: number, length: number): number {
  return addIp6(src) + addIp6(dst) + protocol + length
}

function addIp6(ip: Ip6): number {
  const { w0, w1, w2, w3 } = ip
  return (
    (w0 >>> 16) +
    (w0 & 0xffff) +
    (w1 >>> 16) +
    (w1 & 0xffff) +
    (w2 >>> 16) +
    (w2 & 0xffff) +
    (w3 >>> 16) +
    (w3 & 0xffff)
  )
}

/**
 * The pseudo header's sum read from the IPv4 header at `ipAt`, for its transport data of `length` bytes. Allocates
 * nothing.
 */
export function pseudoSumAt4(view: DataView, ipAt: number, length: number): number {
  return pseudoSum4(view.getUint32(ipAt + 12), view.getUint32(ipAt + 16), view.getUint8(ipAt + 9), length)
}

/**
 * The pseudo header's sum read from the IPv6 header at `ipAt`. The protocol is an argument because the header's own field
 * names the first extension header, not the upper layer.
 */
export function pseudoSumAt6(view: DataView, ipAt: number, protocol: number, length: number): number {
  return addRange(view, ipAt + 8, ipAt + 40, protocol + length)
}

/** A checksum after one 16-bit word it covers changed (RFC 1624 equation 3: HC' = ~(~HC + ~m + m')). */
export function updateChecksum(checksum: number, before: number, after: number): number {
  return finishChecksum((~checksum & 0xffff) + (~before & 0xffff) + after)
}

/** A checksum after one 32-bit word it covers changed, such as an IPv4 address. */
export function updateChecksum32(checksum: number, before: number, after: number): number {
  return finishChecksum(
    (~checksum & 0xffff) +
      (~(before >>> 16) & 0xffff) +
      (~before & 0xffff) +
      (after >>> 16) +
      (after & 0xffff),
  )
}
