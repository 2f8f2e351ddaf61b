// Ethernet II (RFC 894): destination, source, EtherType; no VLAN tags and no frame check sequence, as on a veth.
//
//   0                   6                   12      14
//   | destination       | source            | type  | payload …

import type { Mac } from '../net/mac.ts'
import { readMac, writeMac } from './bytes.ts'

/** Bytes of an Ethernet header. */
export const ETHERNET_LENGTH = 14

/** The EtherTypes this project speaks (IANA, RFC 9542). `ethernet` is "transparent Ethernet bridging" inside Geneve. */
export const EtherType = { ipv4: 0x0800, arp: 0x0806, ethernet: 0x6558, ipv6: 0x86dd } as const

/** An Ethernet header. */
export interface EthernetRepr {
  readonly dst: Mac
  readonly src: Mac
  /** EtherType of the payload, 0x0600 or more. */
  readonly etherType: number
}

/** Destination address of the header at `at`. */
export function ethDst(view: DataView, at: number): Mac {
  return readMac(view, at)
}

/** Source address of the header at `at`. */
export function ethSrc(view: DataView, at: number): Mac {
  return readMac(view, at + 6)
}

/** EtherType of the header at `at`. */
export function ethType(view: DataView, at: number): number {
  return view.getUint16(at + 12)
}

/** True when the destination's group bit is set: multicast or broadcast. */
export function ethIsMulticast(view: DataView, at: number): boolean {
  return (view.getUint8(at) & 1) !== 0
}

/** Writes the destination address. */
export function setEthDst(view: DataView, at: number, mac: Mac): void {
  writeMac(view, at, mac)
}

/** Writes the source address. */
export function setEthSrc(view: DataView, at: number, mac: Mac): void {
  writeMac(view, at + 6, mac)
}

/** Reads the header at `at`, or undefined when it is cut off or its type field is an IEEE 802.3 length. */
export function parseEthernet(view: DataView, at: number, end: number): EthernetRepr | undefined {
  if (end - at < ETHERNET_LENGTH) return undefined
  const etherType = ethType(view, at)
  if (etherType < 0x0600) return undefined
  return { dst: ethDst(view, at), src: ethSrc(view, at), etherType }
}

/** Writes the header at `at` and returns the offset behind it. */
export function emitEthernet(view: DataView, at: number, repr: EthernetRepr): number {
  writeMac(view, at, repr.dst)
  writeMac(view, at + 6, repr.src)
  view.setUint16(at + 12, repr.etherType)
  return at + ETHERNET_LENGTH
}
