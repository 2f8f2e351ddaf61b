// Addresses as they lie in a packet: network byte order, at any offset. Specified by each header's RFC.
// MAC addresses are 48-bit numbers, IPv4 addresses unsigned 32-bit numbers, IPv6 addresses four 32-bit lanes.
// `readIp6` is the only function here that allocates; the hot path compares and copies lanes in place.

import type { Ip6 } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'

const TWO_32 = 0x1_0000_0000

/** The MAC address at `at`. */
export function readMac(view: DataView, at: number): Mac {
  return view.getUint16(at) * TWO_32 + view.getUint32(at + 2)
}

/** Writes a MAC address at `at`. */
export function writeMac(view: DataView, at: number, mac: Mac): void {
  view.setUint16(at, mac / TWO_32)
  view.setUint32(at + 2, mac)
}

/** The IPv6 address at `at`, as a new object. */
export function readIp6(view: DataView, at: number): Ip6 {
  return {
    w0: view.getUint32(at),
    w1: view.getUint32(at + 4),
    w2: view.getUint32(at + 8),
    w3: view.getUint32(at + 12),
  }
}

/** Writes an IPv6 address at `at`. */
export function writeIp6(view: DataView, at: number, ip: Ip6): void {
  view.setUint32(at, ip.w0)
  view.setUint32(at + 4, ip.w1)
  view.setUint32(at + 8, ip.w2)
  view.setUint32(at + 12, ip.w3)
}

/** True when the sixteen bytes at `at` are the address `ip`; allocates nothing. */
export function isIp6At(view: DataView, at: number, ip: Ip6): boolean {
  return (
    view.getUint32(at + 12) === ip.w3 &&
    view.getUint32(at + 8) === ip.w2 &&
    view.getUint32(at + 4) === ip.w1 &&
    view.getUint32(at) === ip.w0
  )
}
