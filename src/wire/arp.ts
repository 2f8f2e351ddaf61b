// ARP for IPv4 over Ethernet (RFC 826): 28 bytes, requests and replies.
//
//   0      2      4  5  6       8               14           18              24
//   | 1    | 0x0800| 6| 4| op    | sender MAC    | sender IP  | target MAC    | target IP

import type { Ip4 } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import { readMac, writeMac } from './bytes.ts'

/** Bytes of an ARP packet for IPv4 over Ethernet. */
export const ARP_LENGTH = 28

/** The two operations in use. */
export const ArpOperation = { request: 1, reply: 2 } as const

/** An ARP packet for IPv4 over Ethernet. */
export interface ArpRepr {
  /** 1 asks, 2 answers; see `ArpOperation`. */
  readonly operation: number
  readonly senderMac: Mac
  readonly senderIp: Ip4
  /** Zero in a request. */
  readonly targetMac: Mac
  readonly targetIp: Ip4
}

/** The operation of the packet at `at`. */
export function arpOperation(view: DataView, at: number): number {
  return view.getUint16(at + 6)
}

/** The sender's MAC address (`arp.sha`). */
export function arpSenderMac(view: DataView, at: number): Mac {
  return readMac(view, at + 8)
}

/** The sender's IPv4 address (`arp.spa`). */
export function arpSenderIp(view: DataView, at: number): Ip4 {
  return view.getUint32(at + 14)
}

/** The target's MAC address (`arp.tha`). */
export function arpTargetMac(view: DataView, at: number): Mac {
  return readMac(view, at + 18)
}

/** The target's IPv4 address (`arp.tpa`). */
export function arpTargetIp(view: DataView, at: number): Ip4 {
  return view.getUint32(at + 24)
}

/** Reads the packet at `at`; undefined when it is cut off or not for IPv4 over Ethernet. */
export function parseArp(view: DataView, at: number, end: number): ArpRepr | undefined {
  if (end - at < ARP_LENGTH) return undefined
  if (view.getUint32(at) !== 0x0001_0800 || view.getUint16(at + 4) !== 0x0604) return undefined
  return {
    operation: arpOperation(view, at),
    senderMac: arpSenderMac(view, at),
    senderIp: arpSenderIp(view, at),
    targetMac: arpTargetMac(view, at),
    targetIp: arpTargetIp(view, at),
  }
}

/** Writes the packet at `at` and returns the offset behind it. */
export function emitArp(view: DataView, at: number, repr: ArpRepr): number {
  view.setUint32(at, 0x0001_0800)
  view.setUint16(at + 4, 0x0604)
  view.setUint16(at + 6, repr.operation)
  writeMac(view, at + 8, repr.senderMac)
  view.setUint32(at + 14, repr.senderIp)
  writeMac(view, at + 18, repr.targetMac)
  view.setUint32(at + 24, repr.targetIp)
  return at + ARP_LENGTH
}
