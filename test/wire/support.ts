// Helpers of the wire tests: arbitraries for addresses, hex, and whole packets made of Reprs.

import fc from 'fast-check'
import type { Ip6 } from '../../src/net/ip.ts'
import { pseudoSumAt4, pseudoSumAt6 } from '../../src/wire/checksum.ts'
import { EtherType, emitEthernet } from '../../src/wire/ethernet.ts'
import { Frame } from '../../src/wire/frame.ts'
import { emitIpv4, type Ipv4Repr } from '../../src/wire/ipv4.ts'
import { emitIpv6, type Ipv6Repr } from '../../src/wire/ipv6.ts'

export const u8 = fc.nat({ max: 0xff })
export const u16 = fc.nat({ max: 0xffff })
export const u32 = fc.nat({ max: 0xffff_ffff })
export const mac = fc.nat({ max: 0xffff_ffff_ffff })
export const ip6Arbitrary: fc.Arbitrary<Ip6> = fc.record({ w0: u32, w1: u32, w2: u32, w3: u32 })

/** Bytes of a hex text with any white space. */
export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ''), 'hex'))
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** What `emit` writes, in hex; it starts at an odd offset so that alignment is not taken for granted. */
export function emitted(emit: (view: DataView, at: number) => number): string {
  const bytes = new Uint8Array(256).fill(0xaa)
  const end = emit(viewOf(bytes), 3)
  return hexOf(bytes.subarray(3, end))
}

/** Writes the layer behind an IP header at `at` and returns the end; the pseudo header's sum is given by length. */
export type Upper = (frame: Frame, at: number, pseudo: (length: number) => number) => number

const MACS = { dst: 0x0000_0050_0082, src: 0x0000_0050_0081 }

export const IPV4: Ipv4Repr = {
  src: 0x0a10_000a,
  dst: 0x0a11_000a,
  protocol: 0,
  ttl: 63,
  tos: 0,
  identification: 0x1234,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  payloadLength: 0,
}

export const IPV6: Ipv6Repr = {
  src: { w0: 0xfd00_0010, w1: 0, w2: 0, w3: 0x0a },
  dst: { w0: 0xfd00_0011, w1: 0, w2: 0, w3: 0x0a },
  nextHeader: 0,
  hopLimit: 63,
  trafficClass: 0,
  flowLabel: 0x12345,
  payloadLength: 0,
}

/** An Ethernet frame with an IPv4 header in front of what `upper` writes. */
export function frame4(overrides: Partial<Ipv4Repr>, upper: Upper, capacity?: number): Frame {
  const frame = new Frame(capacity)
  emitEthernet(frame.view, frame.start, { ...MACS, etherType: EtherType.ipv4 })
  const ipAt = frame.start + 14
  const repr = { ...IPV4, ...overrides }
  emitIpv4(frame.view, ipAt, repr)
  frame.end = upper(frame, ipAt + 20, (length) => pseudoSumAt4(frame.view, ipAt, length))
  emitIpv4(frame.view, ipAt, { ...repr, payloadLength: frame.end - ipAt - 20 })
  return frame
}

/** An Ethernet frame with an IPv6 header in front of what `upper` writes. */
export function frame6(overrides: Partial<Ipv6Repr>, upper: Upper, protocol?: number): Frame {
  const frame = new Frame()
  emitEthernet(frame.view, frame.start, { ...MACS, etherType: EtherType.ipv6 })
  const ipAt = frame.start + 14
  const repr = { ...IPV6, ...overrides }
  emitIpv6(frame.view, ipAt, repr)
  const upperProtocol = protocol ?? repr.nextHeader
  frame.end = upper(frame, ipAt + 40, (length) => pseudoSumAt6(frame.view, ipAt, upperProtocol, length))
  emitIpv6(frame.view, ipAt, { ...repr, payloadLength: frame.end - ipAt - 40 })
  return frame
}

/** Fills `length` bytes at `at` with a pattern and returns the offset behind them. */
export function fill(frame: Frame, at: number, length: number): number {
  for (let i = 0; i < length; i++) frame.bytes[at + i] = i * 37
  return at + length
}
