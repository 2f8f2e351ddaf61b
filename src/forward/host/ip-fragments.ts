/**
 * Fragments made at the source (RFC 791 §3.2, RFC 8200 §4.5), and the IPv4 header that everything here is sent with. Sizes and flags
 * follow Linux's `ip_append_data`. Frames start with their IP header; the packet that is cut stays the caller's.
 */
import type { Ip4 } from '../../net/ip.ts'
import { checksumOf } from '../../wire/checksum.ts'
import type { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { IPV4_LENGTH } from '../../wire/ipv4.ts'
import { emitIpv6Fragment, IPV6_FRAGMENT_LENGTH, IPV6_LENGTH } from '../../wire/ipv6.ts'
import type { HostEnv } from './host-env.ts'

/** Cuts an IPv4 packet without options into packets of at most `mtu` bytes. */
export function fragment4(env: HostEnv, frame: Frame, mtu: number): Frame[] {
  const { view, start, end } = frame
  const tos = view.getUint8(start + 1)
  const ttl = view.getUint8(start + 8)
  const protocol = view.getUint8(start + 9)
  const identification = view.getUint16(start + 4)
  const step = (mtu - IPV4_LENGTH) & ~7
  const payloadAt = start + IPV4_LENGTH
  const pieces: Frame[] = []
  for (let from = payloadAt; from < end; from += step) {
    const to = Math.min(from + step, end)
    const piece = cut(env, frame, IPV4_LENGTH, from, to)
    const flags = ((from - payloadAt) >>> 3) | (to < end ? 0x2000 : 0)
    const src = view.getUint32(start + 12)
    writeIp4(piece, src, view.getUint32(start + 16), protocol, ttl, tos, identification, flags)
    pieces.push(piece)
  }
  return pieces
}

/** Cuts an IPv6 packet without extension headers into packets of at most `mtu` bytes, with an identification by chance. */
export function fragment6(env: HostEnv, frame: Frame, mtu: number): Frame[] {
  const { view, bytes, start, end } = frame
  const nextHeader = view.getUint8(start + 6)
  const identification = env.random() * 0x10000 + env.random()
  const headers = IPV6_LENGTH + IPV6_FRAGMENT_LENGTH
  // The kernel rounds before it takes the fragment header off; both are multiples of eight.
  const step = ((mtu - IPV6_LENGTH) & ~7) - IPV6_FRAGMENT_LENGTH
  const payloadAt = start + IPV6_LENGTH
  const pieces: Frame[] = []
  for (let from = payloadAt; from < end; from += step) {
    const to = Math.min(from + step, end)
    const piece = cut(env, frame, headers, from, to)
    piece.bytes.set(bytes.subarray(start, payloadAt), piece.start)
    piece.view.setUint16(piece.start + 4, IPV6_FRAGMENT_LENGTH + to - from)
    piece.view.setUint8(piece.start + 6, IpProtocol.fragment)
    const moreFragments = to < end
    const fragmentOffset = from - payloadAt
    emitIpv6Fragment(piece.view, piece.start + IPV6_LENGTH, {
      nextHeader,
      fragmentOffset,
      moreFragments,
      identification,
    })
    pieces.push(piece)
  }
  return pieces
}

/** A frame with room for headers and the bytes from `from` to `to` of another one behind them. */
function cut(env: HostEnv, frame: Frame, headers: number, from: number, to: number): Frame {
  const piece = env.frame(headers + to - from)
  piece.bytes.set(frame.bytes.subarray(from, to), piece.start + headers)
  return piece
}

/** Writes a whole IPv4 header at the start of a frame, without an object for it: this runs for every packet. */
export function writeIp4(
  frame: Frame,
  src: Ip4,
  dst: Ip4,
  protocol: number,
  ttl: number,
  tos: number,
  identification: number,
  flagsAndOffset: number,
): void {
  const { view, start } = frame
  view.setUint16(start, 0x4500 | tos)
  view.setUint16(start + 2, frame.end - start)
  view.setUint16(start + 4, identification)
  view.setUint16(start + 6, flagsAndOffset)
  view.setUint16(start + 8, (ttl << 8) | protocol)
  view.setUint16(start + 10, 0)
  view.setUint32(start + 12, src)
  view.setUint32(start + 16, dst)
  view.setUint16(start + 10, checksumOf(view, start, start + IPV4_LENGTH))
}
