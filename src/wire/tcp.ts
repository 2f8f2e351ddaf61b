// TCP header (RFC 9293 §3.1) with the one option the simulator needs, the maximum segment size (§3.7.1).
// Other options are skipped when read and never written.
//
//   0          2          4           8           12            13      14       16         18
//   | source   | dest.    | sequence  | ack       | offset, 0   | flags | window | checksum | urgent | options

import { addRange, finishChecksum, isIntact } from './checksum.ts'

/** Bytes of a TCP header without options, and with the MSS option. */
export const TCP_LENGTH = { bare: 20, withMss: 24 } as const

/** The control bits. */
export const TcpFlag = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
} as const

/** A TCP header. */
export interface TcpRepr {
  readonly srcPort: number
  readonly dstPort: number
  /** Sequence number, 32 bits. */
  readonly seq: number
  /** Acknowledgement number, 32 bits; meaningful with the ACK flag. */
  readonly ack: number
  /** Control bits, see `TcpFlag`. */
  readonly flags: number
  readonly window: number
  /** Urgent pointer; meaningful with the URG flag. */
  readonly urgent: number
  /** Maximum segment size option in bytes; undefined when absent. */
  readonly mss: number | undefined
}

/** Source port of the header at `at`. */
export function tcpSrcPort(view: DataView, at: number): number {
  return view.getUint16(at)
}

/** Destination port of the header at `at`. */
export function tcpDstPort(view: DataView, at: number): number {
  return view.getUint16(at + 2)
}

/** Sequence number. */
export function tcpSeq(view: DataView, at: number): number {
  return view.getUint32(at + 4)
}

/** Acknowledgement number. */
export function tcpAck(view: DataView, at: number): number {
  return view.getUint32(at + 8)
}

/** Bytes of the header at `at`, options included: 20 … 60 in a valid header. */
export function tcpHeaderLength(view: DataView, at: number): number {
  return (view.getUint8(at + 12) >>> 4) << 2
}

/** Control bits. */
export function tcpFlags(view: DataView, at: number): number {
  return view.getUint8(at + 13)
}

/** True when the checksum is right; `pseudo` is the sum of `pseudoSumAt4` or `pseudoSumAt6`. */
export function tcpChecksumOk(view: DataView, at: number, end: number, pseudo: number): boolean {
  return isIntact(addRange(view, at, end, pseudo))
}

/** Computes the checksum of the segment from `at` to `end` over the pseudo header's sum `pseudo` and writes it. */
export function fillTcpChecksum(view: DataView, at: number, end: number, pseudo: number): void {
  view.setUint16(at + 16, 0)
  view.setUint16(at + 16, finishChecksum(addRange(view, at, end, pseudo)))
}

/** Bytes `emitTcp` writes for a Repr. */
export function tcpLength(repr: TcpRepr): number {
  return repr.mss === undefined ? TCP_LENGTH.bare : TCP_LENGTH.withMss
}

/** Reads the header at `at`; undefined when it is cut off or an option is malformed. */
export function parseTcp(view: DataView, at: number, end: number): TcpRepr | undefined {
  if (end - at < TCP_LENGTH.bare) return undefined
  const headerLength = tcpHeaderLength(view, at)
  if (headerLength < TCP_LENGTH.bare || at + headerLength > end) return undefined
  const mss = readMss(view, at + TCP_LENGTH.bare, at + headerLength)
  if (mss === -1) return undefined
  return {
    srcPort: tcpSrcPort(view, at),
    dstPort: tcpDstPort(view, at),
    seq: tcpSeq(view, at),
    ack: tcpAck(view, at),
    flags: tcpFlags(view, at),
    window: view.getUint16(at + 14),
    urgent: view.getUint16(at + 18),
    mss,
  }
}

/** The value of the MSS option, undefined when there is none, -1 when the options are malformed. */
function readMss(view: DataView, from: number, to: number): number | undefined {
  let mss: number | undefined
  for (let at = from; at < to; ) {
    const kind = view.getUint8(at)
    if (kind === 0) break
    if (kind === 1) {
      at++
      continue
    }
    const length = at + 2 <= to ? view.getUint8(at + 1) : 0
    if (length < 2 || at + length > to) return -1
    if (kind === 2) {
      if (length !== 4) return -1
      mss = view.getUint16(at + 2)
    }
    at += length
  }
  return mss
}

/** Writes the header at `at` with a zero checksum and returns the offset behind it; see `fillTcpChecksum`. */
export function emitTcp(view: DataView, at: number, repr: TcpRepr): number {
  const length = tcpLength(repr)
  view.setUint16(at, repr.srcPort)
  view.setUint16(at + 2, repr.dstPort)
  view.setUint32(at + 4, repr.seq)
  view.setUint32(at + 8, repr.ack)
  view.setUint8(at + 12, (length >>> 2) << 4)
  view.setUint8(at + 13, repr.flags)
  view.setUint16(at + 14, repr.window)
  view.setUint16(at + 16, 0)
  view.setUint16(at + 18, repr.urgent)
  if (repr.mss !== undefined) {
    view.setUint16(at + 20, 0x0204)
    view.setUint16(at + 22, repr.mss)
  }
  return at + length
}

/** The control bits as tcpdump prints them: `S`, `S.`, `P.`, `F.`, `R`. A lone ACK is `.`. */
export function formatTcpFlags(flags: number): string {
  let text = ''
  if (flags & TcpFlag.fin) text += 'F'
  if (flags & TcpFlag.syn) text += 'S'
  if (flags & TcpFlag.rst) text += 'R'
  if (flags & TcpFlag.psh) text += 'P'
  if (flags & TcpFlag.urg) text += 'U'
  if (flags & TcpFlag.ece) text += 'E'
  if (flags & TcpFlag.cwr) text += 'W'
  if (flags & TcpFlag.ack) text += '.'
  return text === '' ? 'none' : text
}
