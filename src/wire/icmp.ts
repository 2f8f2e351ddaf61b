// ICMP for IPv4 (RFC 792; next-hop MTU in "fragmentation needed": RFC 1191 §4). The quoted packet of an error and the
// data of an echo are payload: they lie behind the eight bytes of header and are not part of the Repr.
//
//   0       1       2           4                       6
//   | type  | code  | checksum  | identifier            | sequence          echo
//   | type  | code  | checksum  | 0                     | MTU or 0          errors
//
// Surprise: the checksum covers header and payload without any pseudo header.

import { addRange, checksumOf, isIntact } from './checksum.ts'

/** Bytes of an ICMP header as read and written here; the payload follows. */
export const ICMP_LENGTH = 8

/** The ICMP types in use. */
export const IcmpType = { echoReply: 0, unreachable: 3, echoRequest: 8, timeExceeded: 11 } as const

/** Codes of "destination unreachable" in use. */
export const IcmpUnreachable = {
  net: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  adminProhibited: 13,
} as const

/** An ICMP header. `other` keeps the second word of a type that is not read further. */
export type IcmpRepr =
  | { readonly kind: 'echo-request' | 'echo-reply'; readonly id: number; readonly seq: number }
  | { readonly kind: 'time-exceeded'; readonly code: number }
  | {
      readonly kind: 'unreachable'
      readonly code: number /** Next-hop MTU of code 4, else 0. */
      readonly mtu: number
    }
  | { readonly kind: 'other'; readonly type: number; readonly code: number; readonly rest: number }

/** The type of the message at `at`. */
export function icmpType(view: DataView, at: number): number {
  return view.getUint8(at)
}

/** The code of the message at `at`. */
export function icmpCode(view: DataView, at: number): number {
  return view.getUint8(at + 1)
}

/** Identifier of an echo. */
export function icmpEchoId(view: DataView, at: number): number {
  return view.getUint16(at + 4)
}

/** Sequence number of an echo. */
export function icmpEchoSeq(view: DataView, at: number): number {
  return view.getUint16(at + 6)
}

/** True when the checksum of the message from `at` to `end` is right. */
export function icmpChecksumOk(view: DataView, at: number, end: number): boolean {
  return isIntact(addRange(view, at, end))
}

/** Computes the checksum of the message from `at` to `end` and writes it. */
export function fillIcmpChecksum(view: DataView, at: number, end: number): void {
  view.setUint16(at + 2, 0)
  view.setUint16(at + 2, checksumOf(view, at, end))
}

/** Reads the header at `at`; undefined when it is cut off. */
export function parseIcmp(view: DataView, at: number, end: number): IcmpRepr | undefined {
  if (end - at < ICMP_LENGTH) return undefined
  const type = icmpType(view, at)
  const code = icmpCode(view, at)
  const rest = view.getUint32(at + 4)
  if (type === IcmpType.echoRequest && code === 0)
    return { kind: 'echo-request', id: rest >>> 16, seq: rest & 0xffff }
  if (type === IcmpType.echoReply && code === 0)
    return { kind: 'echo-reply', id: rest >>> 16, seq: rest & 0xffff }
  if (type === IcmpType.timeExceeded) return { kind: 'time-exceeded', code }
  if (type === IcmpType.unreachable) return { kind: 'unreachable', code, mtu: rest & 0xffff }
  return { kind: 'other', type, code, rest }
}

/** Writes the header at `at` without a checksum and returns the offset behind it; see `fillIcmpChecksum`. */
export function emitIcmp(view: DataView, at: number, repr: IcmpRepr): number {
  view.setUint32(at, 0)
  view.setUint8(at, icmpTypeOf(repr))
  switch (repr.kind) {
    case 'echo-request':
    case 'echo-reply':
      view.setUint16(at + 4, repr.id)
      view.setUint16(at + 6, repr.seq)
      break
    case 'time-exceeded':
      view.setUint8(at + 1, repr.code)
      view.setUint32(at + 4, 0)
      break
    case 'unreachable':
      view.setUint8(at + 1, repr.code)
      view.setUint32(at + 4, repr.mtu)
      break
    case 'other':
      view.setUint8(at + 1, repr.code)
      view.setUint32(at + 4, repr.rest)
      break
  }
  return at + ICMP_LENGTH
}

/** The type number of a Repr. */
export function icmpTypeOf(repr: IcmpRepr): number {
  switch (repr.kind) {
    case 'echo-request':
      return IcmpType.echoRequest
    case 'echo-reply':
      return IcmpType.echoReply
    case 'time-exceeded':
      return IcmpType.timeExceeded
    case 'unreachable':
      return IcmpType.unreachable
    case 'other':
      return repr.type
  }
}
