// UDP (RFC 768): ports, length, checksum over a pseudo header.
//
//   0              2              4         6
//   | source port  | dest. port   | length  | checksum | data …
//
// Surprise: a checksum field of zero means "none". A computed checksum of zero is therefore sent as 0xffff (RFC 768), and
// over IPv6 a field of zero is wrong (RFC 8200 §8.1) except in tunnels that say so (RFC 6935; Geneve: RFC 8926 §3.3).

import { addRange, finishChecksum, isIntact } from './checksum.ts'

/** Bytes of a UDP header. */
export const UDP_LENGTH = 8

/** The UDP ports this project names. */
export const UdpPort = { bfd: 3784, bfdMultihop: 4784, vxlan: 4789, geneve: 6081 } as const

/** A UDP header. */
export interface UdpRepr {
  readonly srcPort: number
  readonly dstPort: number
  /** Bytes behind the header. */
  readonly payloadLength: number
}

/** Source port of the header at `at`. */
export function udpSrcPort(view: DataView, at: number): number {
  return view.getUint16(at)
}

/** Destination port of the header at `at`. */
export function udpDstPort(view: DataView, at: number): number {
  return view.getUint16(at + 2)
}

/** Bytes of header and data. */
export function udpLength(view: DataView, at: number): number {
  return view.getUint16(at + 4)
}

/** The checksum field; zero means that there is none. */
export function udpChecksum(view: DataView, at: number): number {
  return view.getUint16(at + 6)
}

/** True when the checksum is right, or absent over IPv4; `pseudo` is the sum of `pseudoSumAt4` or `pseudoSumAt6`. */
export function udpChecksumOk(
  view: DataView,
  at: number,
  end: number,
  pseudo: number,
  version: 4 | 6,
): boolean {
  if (udpChecksum(view, at) === 0) return version === 4
  return isIntact(addRange(view, at, end, pseudo))
}

/** Computes the checksum of the datagram from `at` to `end` over the pseudo header's sum `pseudo` and writes it. */
export function fillUdpChecksum(view: DataView, at: number, end: number, pseudo: number): void {
  view.setUint16(at + 6, 0)
  writeUdpChecksum(view, at, addRange(view, at, end, pseudo))
}

/** Writes the checksum for an unfolded sum over pseudo header, header with a zero checksum field, and data. */
export function writeUdpChecksum(view: DataView, at: number, sum: number): void {
  const checksum = finishChecksum(sum)
  view.setUint16(at + 6, checksum === 0 ? 0xffff : checksum)
}

/** Reads the header at `at`; undefined when it is cut off or its length is wrong. */
export function parseUdp(view: DataView, at: number, end: number): UdpRepr | undefined {
  const repr = parseUdpHeader(view, at, end)
  return repr !== undefined && at + UDP_LENGTH + repr.payloadLength <= end ? repr : undefined
}

/** Reads the header at `at` although its data may be cut off: in a first fragment or the quotation of an ICMP error. */
export function parseUdpHeader(view: DataView, at: number, end: number): UdpRepr | undefined {
  if (end - at < UDP_LENGTH) return undefined
  const payloadLength = udpLength(view, at) - UDP_LENGTH
  if (payloadLength < 0) return undefined
  return { srcPort: udpSrcPort(view, at), dstPort: udpDstPort(view, at), payloadLength }
}

/** Writes the header at `at` with a zero checksum and returns the offset behind it; see `fillUdpChecksum`. */
export function emitUdp(view: DataView, at: number, repr: UdpRepr): number {
  view.setUint16(at, repr.srcPort)
  view.setUint16(at + 2, repr.dstPort)
  view.setUint16(at + 4, UDP_LENGTH + repr.payloadLength)
  view.setUint16(at + 6, 0)
  return at + UDP_LENGTH
}
