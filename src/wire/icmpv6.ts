// ICMPv6 (RFC 4443) and the two neighbour messages of RFC 4861 (§4.3, §4.4) with their link-layer options (§4.6.1).
// As in `icmp.ts`, the quoted packet of an error and the data of an echo are payload behind eight bytes of header.
//
//   0       1       2           4                       8
//   | type  | code  | checksum  | id, seq               |                     echo
//   | type  | code  | checksum  | MTU or 0              | quoted packet       errors
//   | 135   | 0     | checksum  | 0                     | target | option 1   solicitation
//   | 136   | 0     | checksum  | R S O, 0              | target | option 2   advertisement
//
// Surprise: unlike ICMP for IPv4, the checksum covers a pseudo header (RFC 4443 §2.3).

import type { Ip6 } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import { readIp6, readMac, writeIp6, writeMac } from './bytes.ts'
import { addRange, finishChecksum, isIntact } from './checksum.ts'

/** Bytes of an ICMPv6 header; the payload follows. */
export const ICMPV6_LENGTH = 8

/** Bytes of a neighbour message with its link-layer option, and without. */
export const NEIGHBOUR_LENGTH = { bare: 24, withLinkLayer: 32 } as const

/** The ICMPv6 types in use. */
export const Icmpv6Type = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  echoRequest: 128,
  echoReply: 129,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
} as const

/** An ICMPv6 header. `other` keeps the second word of a type that is not read further. */
export type Icmpv6Repr =
  | { readonly kind: 'echo-request' | 'echo-reply'; readonly id: number; readonly seq: number }
  | { readonly kind: 'unreachable' | 'time-exceeded'; readonly code: number }
  | { readonly kind: 'packet-too-big'; readonly mtu: number }
  | {
      readonly kind: 'neighbour-solicitation'
      readonly target: Ip6
      /** Source link-layer address option; undefined when absent, as in duplicate address detection. */
      readonly linkLayer: Mac | undefined
    }
  | {
      readonly kind: 'neighbour-advertisement'
      readonly target: Ip6
      /** Target link-layer address option. */
      readonly linkLayer: Mac | undefined
      readonly router: boolean
      readonly solicited: boolean
      readonly override: boolean
    }
  | { readonly kind: 'other'; readonly type: number; readonly code: number; readonly rest: number }

/** The type of the message at `at`. */
export function icmpv6Type(view: DataView, at: number): number {
  return view.getUint8(at)
}

/** The code of the message at `at`. */
export function icmpv6Code(view: DataView, at: number): number {
  return view.getUint8(at + 1)
}

/** Target address of a neighbour message, as a new object; `isIp6At(view, at + 8, ip)` compares it in place. */
export function neighbourTarget(view: DataView, at: number): Ip6 {
  return readIp6(view, at + 8)
}

/** True when the checksum of the message from `at` to `end` is right; `pseudo` is the sum of `pseudoSumAt6`. */
export function icmpv6ChecksumOk(view: DataView, at: number, end: number, pseudo: number): boolean {
  return isIntact(addRange(view, at, end, pseudo))
}

/** Computes the checksum of the message from `at` to `end` over the pseudo header's sum `pseudo` and writes it. */
export function fillIcmpv6Checksum(view: DataView, at: number, end: number, pseudo: number): void {
  view.setUint16(at + 2, 0)
  view.setUint16(at + 2, finishChecksum(addRange(view, at, end, pseudo)))
}

/** Bytes `emitIcmpv6` writes for a Repr. */
export function icmpv6Length(repr: Icmpv6Repr): number {
  if (repr.kind !== 'neighbour-solicitation' && repr.kind !== 'neighbour-advertisement') return ICMPV6_LENGTH
  return repr.linkLayer === undefined ? NEIGHBOUR_LENGTH.bare : NEIGHBOUR_LENGTH.withLinkLayer
}

/** Reads the message header at `at`; undefined when it is cut off or an option of a neighbour message is malformed. */
export function parseIcmpv6(view: DataView, at: number, end: number): Icmpv6Repr | undefined {
  if (end - at < ICMPV6_LENGTH) return undefined
  const type = icmpv6Type(view, at)
  const code = icmpv6Code(view, at)
  const rest = view.getUint32(at + 4)
  switch (type) {
    case Icmpv6Type.echoRequest:
    case Icmpv6Type.echoReply: {
      if (code !== 0) break
      const kind = type === Icmpv6Type.echoRequest ? 'echo-request' : 'echo-reply'
      return { kind, id: rest >>> 16, seq: rest & 0xffff }
    }
    case Icmpv6Type.unreachable:
      return { kind: 'unreachable', code }
    case Icmpv6Type.timeExceeded:
      return { kind: 'time-exceeded', code }
    case Icmpv6Type.packetTooBig:
      return { kind: 'packet-too-big', mtu: rest }
    case Icmpv6Type.neighbourSolicitation:
    case Icmpv6Type.neighbourAdvertisement:
      return parseNeighbour(view, at, end)
  }
  return { kind: 'other', type, code, rest }
}

function parseNeighbour(view: DataView, at: number, end: number): Icmpv6Repr | undefined {
  if (end - at < NEIGHBOUR_LENGTH.bare || icmpv6Code(view, at) !== 0) return undefined
  const solicitation = icmpv6Type(view, at) === Icmpv6Type.neighbourSolicitation
  const wanted = solicitation ? 1 : 2
  let linkLayer: Mac | undefined
  for (let option = at + NEIGHBOUR_LENGTH.bare; option < end; ) {
    // RFC 4861 §4.6: a length of zero is invalid, and it would never end.
    const length = option + 2 <= end ? view.getUint8(option + 1) << 3 : 0
    if (length === 0 || option + length > end) return undefined
    if (view.getUint8(option) === wanted && length === 8) linkLayer = readMac(view, option + 2)
    option += length
  }
  const target = neighbourTarget(view, at)
  if (solicitation) return { kind: 'neighbour-solicitation', target, linkLayer }
  const flags = view.getUint8(at + 4)
  return {
    kind: 'neighbour-advertisement',
    target,
    linkLayer,
    router: (flags & 0x80) !== 0,
    solicited: (flags & 0x40) !== 0,
    override: (flags & 0x20) !== 0,
  }
}

/** Writes the message header at `at` without a checksum and returns the offset behind it; see `fillIcmpv6Checksum`. */
export function emitIcmpv6(view: DataView, at: number, repr: Icmpv6Repr): number {
  view.setUint32(at, icmpv6TypeOf(repr) << 24)
  view.setUint32(at + 4, 0)
  switch (repr.kind) {
    case 'echo-request':
    case 'echo-reply':
      view.setUint16(at + 4, repr.id)
      view.setUint16(at + 6, repr.seq)
      break
    case 'unreachable':
    case 'time-exceeded':
      view.setUint8(at + 1, repr.code)
      break
    case 'packet-too-big':
      view.setUint32(at + 4, repr.mtu)
      break
    case 'neighbour-solicitation':
      return emitNeighbour(view, at, repr.target, repr.linkLayer, 1)
    case 'neighbour-advertisement':
      view.setUint8(
        at + 4,
        (repr.router ? 0x80 : 0) | (repr.solicited ? 0x40 : 0) | (repr.override ? 0x20 : 0),
      )
      return emitNeighbour(view, at, repr.target, repr.linkLayer, 2)
    case 'other':
      view.setUint8(at + 1, repr.code)
      view.setUint32(at + 4, repr.rest)
      break
  }
  return at + ICMPV6_LENGTH
}

function emitNeighbour(
  view: DataView,
  at: number,
  target: Ip6,
  linkLayer: Mac | undefined,
  option: number,
): number {
  writeIp6(view, at + 8, target)
  if (linkLayer === undefined) return at + NEIGHBOUR_LENGTH.bare
  view.setUint8(at + 24, option)
  view.setUint8(at + 25, 1)
  writeMac(view, at + 26, linkLayer)
  return at + NEIGHBOUR_LENGTH.withLinkLayer
}

/** The type number of a Repr. */
export function icmpv6TypeOf(repr: Icmpv6Repr): number {
  switch (repr.kind) {
    case 'echo-request':
      return Icmpv6Type.echoRequest
    case 'echo-reply':
      return Icmpv6Type.echoReply
    case 'unreachable':
      return Icmpv6Type.unreachable
    case 'time-exceeded':
      return Icmpv6Type.timeExceeded
    case 'packet-too-big':
      return Icmpv6Type.packetTooBig
    case 'neighbour-solicitation':
      return Icmpv6Type.neighbourSolicitation
    case 'neighbour-advertisement':
      return Icmpv6Type.neighbourAdvertisement
    case 'other':
      return repr.type
  }
}
