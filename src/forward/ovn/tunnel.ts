// Geneve between two chassis, in bytes (RFC 8926; rule GE-1 and probes §1): outer Ethernet, IPv4 or IPv6 with DF, TTL 64,
// TOS 0 and identification 0, UDP with a checksum, OVN's option. Everything is written in front of the frame; the frame
// is not copied.
// Surprise: the outer checksum covers the inner packet, but its bytes need not be read again on every hop: the sum of the
// inner packet follows from the outer checksum it came with, and changes by what was rewritten (RFC 1624).

import type { Ip } from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import { addRange, finishChecksum, isIntact } from '../../wire/checksum.ts'
import { ETHERNET_LENGTH, EtherType } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { GENEVE_LENGTH } from '../../wire/geneve.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { IPV4_LENGTH } from '../../wire/ipv4.ts'
import { IPV6_LENGTH } from '../../wire/ipv6.ts'
import { UDP_LENGTH, UdpPort } from '../../wire/udp.ts'

/** MT-3: bytes that a tunnel adds to an inner IP packet, its own Ethernet header not counted: 58 over IPv4, 78 over IPv6. */
export const TUNNEL_OVERHEAD = {
  4: IPV4_LENGTH + UDP_LENGTH + GENEVE_LENGTH.withOvnOption + ETHERNET_LENGTH,
  6: IPV6_LENGTH + UDP_LENGTH + GENEVE_LENGTH.withOvnOption + ETHERNET_LENGTH,
} as const

/**
 * One direction between two chassis: the words of the outer headers that never change, as signed 32-bit numbers, and the
 * parts of the checksums that follow from them.
 */
export interface TunnelPath {
  readonly family: 4 | 6
  /** Destination and source MAC. */
  readonly mac0: number
  readonly mac1: number
  readonly mac2: number
  /** Source address, then destination address: two words of IPv4, eight of IPv6. */
  readonly addresses: Int32Array
  /** Sum of the IPv4 header without its length; 0 for IPv6. */
  readonly ipSum: number
  /** Sum of pseudo header, UDP and Geneve without lengths, source port, VNI, keys and the inner packet. */
  readonly udpSum: number
}

/** What a tunnel header said; filled in anew by every `decapsulate`. */
export interface TunnelMetadata {
  vni: number
  /** 15 bits; -1 where OVN's option is missing, as in BFD between chassis. */
  ingressKey: number
  /** 16 bits; -1 where OVN's option is missing. */
  egressKey: number
  /** Outer UDP source port. */
  sourcePort: number
  /** The inner frame's internet checksum sum modulo 0xffff, or -1 when the outer checksum was absent. */
  innerSum: number
}

const GENEVE_WORDS = 0x0240 + EtherType.ethernet + 0x0102 + 0x8001

/** The path between two chassis; both addresses are of one family, the MACs those of the underlay. */
export function tunnelPath(localIp: Ip, localMac: Mac, remoteIp: Ip, remoteMac: Mac): TunnelPath {
  const sum = sumOf(localIp) + sumOf(remoteIp)
  return {
    family: typeof localIp === 'number' ? 4 : 6,
    mac0: (remoteMac / 0x1_0000) | 0,
    mac1: ((remoteMac & 0xffff) << 16) | (localMac / 0x1_0000_0000),
    mac2: localMac | 0,
    addresses: Int32Array.of(...wordsOf(localIp), ...wordsOf(remoteIp)),
    ipSum: typeof localIp === 'number' ? 0x4500 + 0x4000 + 0x4011 + sum : 0,
    udpSum: sum + IpProtocol.udp + UdpPort.geneve + GENEVE_WORDS,
  }
}

function wordsOf(ip: Ip): readonly number[] {
  return typeof ip === 'number' ? [ip] : [ip.w0, ip.w1, ip.w2, ip.w3]
}

function sumOf(ip: Ip): number {
  if (typeof ip === 'number') return (ip >>> 16) + (ip & 0xffff)
  return sumOf(ip.w0) + sumOf(ip.w1) + sumOf(ip.w2) + sumOf(ip.w3)
}

/** A metadata record to reuse. */
export function tunnelMetadata(): TunnelMetadata {
  return { vni: 0, ingressKey: -1, egressKey: -1, sourcePort: 0, innerSum: -1 }
}

/**
 * Writes the outer headers in front of the frame. `innerSum` is the sum of the frame's bytes modulo 0xffff where it is known
 * already; with -1 the bytes are summed. Throws a RangeError when the frame's headroom is short.
 */
export function encapsulate(
  frame: Frame,
  path: TunnelPath,
  vni: number,
  ingressKey: number,
  egressKey: number,
  sourcePort: number,
  innerSum = -1,
): void {
  const { view } = frame
  const inner = innerSum < 0 ? addRange(view, frame.start, frame.end) : innerSum
  const udpLength = UDP_LENGTH + GENEVE_LENGTH.withOvnOption + frame.end - frame.start
  const udpAt = writeIp(frame, path, udpLength)
  const sum =
    path.udpSum +
    inner +
    udpLength +
    udpLength +
    sourcePort +
    (vni >>> 8) +
    ((vni & 0xff) << 8) +
    ingressKey +
    egressKey
  const checksum = finishChecksum(sum)
  view.setInt32(udpAt, (sourcePort << 16) | UdpPort.geneve)
  view.setInt32(udpAt + 4, (udpLength << 16) | (checksum === 0 ? 0xffff : checksum))
  // Version 0, two words of options; C, because the option is critical; transparent Ethernet.
  view.setInt32(udpAt + 8, 0x0240_6558)
  view.setInt32(udpAt + 12, vni << 8)
  view.setInt32(udpAt + 16, 0x0102_8001)
  view.setInt32(udpAt + 20, (ingressKey << 16) | egressKey)
}

/** Makes room, writes Ethernet and IP, and returns where UDP begins. */
function writeIp(frame: Frame, path: TunnelPath, udpLength: number): number {
  const { view } = frame
  const { addresses, family } = path
  const at = frame.push(TUNNEL_OVERHEAD[family])
  view.setInt32(at, path.mac0)
  view.setInt32(at + 4, path.mac1)
  view.setInt32(at + 8, path.mac2)
  if (family === 4) {
    const total = IPV4_LENGTH + udpLength
    view.setInt32(at + 12, 0x0800_4500)
    view.setInt32(at + 16, total << 16)
    view.setInt32(at + 20, 0x4000_4011)
    view.setInt16(at + 24, finishChecksum(path.ipSum + total))
    view.setInt32(at + 26, addresses[0]!)
    view.setInt32(at + 30, addresses[1]!)
    return at + 34
  }
  view.setInt16(at + 12, EtherType.ipv6)
  view.setInt32(at + 14, 0x6000_0000)
  view.setInt32(at + 18, (udpLength << 16) | (IpProtocol.udp << 8) | 64)
  for (let i = 0; i < 8; i++) view.setInt32(at + 22 + (i << 2), addresses[i]!)
  return at + 54
}

/**
 * Takes the outer headers off the frame and reports what they said. False, with the frame untouched, when it is no Geneve
 * packet of an Ethernet frame, is cut off, or carries a critical option that is not OVN's; with `verify` also when the outer
 * UDP checksum is wrong.
 */
export function decapsulate(frame: Frame, into: TunnelMetadata, verify = false): boolean {
  const { view, start, end } = frame
  if (end - start < ETHERNET_LENGTH + IPV4_LENGTH + UDP_LENGTH + GENEVE_LENGTH.bare) return false
  const ipAt = start + ETHERNET_LENGTH
  // EtherType, version and header length in one word: IPv4 without options, or IPv6.
  const head = view.getInt32(start + 12)
  const four = head >> 8 === 0x08_0045
  if (!four && head >>> 12 !== 0x86dd6) return false
  const udpAt = ipAt + (four ? IPV4_LENGTH : IPV6_LENGTH)
  const geneveAt = udpAt + UDP_LENGTH
  if (view.getUint8(ipAt + (four ? 9 : 6)) !== IpProtocol.udp || geneveAt + GENEVE_LENGTH.bare > end)
    return false
  const ports = view.getInt32(udpAt)
  const lengthWord = view.getInt32(udpAt + 4)
  const udpLength = lengthWord >>> 16
  const geneve = view.getInt32(geneveAt)
  const innerAt = geneveAt + GENEVE_LENGTH.bare + ((geneve >>> 22) & 0xfc)
  if ((ports & 0xffff) !== UdpPort.geneve || udpAt + udpLength !== end || innerAt > end) return false
  if (geneve >>> 30 !== 0 || (geneve & 0xffff) !== EtherType.ethernet) return false
  const vniWord = view.getInt32(geneveAt + 4)
  const keyed = geneve >>> 24 === 2 && view.getInt32(geneveAt + 8) === 0x0102_8001
  // Another critical option than OVN's must not be ignored (RFC 8926 §3.5).
  if (!keyed && (geneve & 0x0040_0000) !== 0) return false
  const keys = keyed ? view.getInt32(geneveAt + 12) : 0
  let sum =
    IpProtocol.udp + udpLength + wordSum(ports) + wordSum(lengthWord) + wordSum(geneve) + wordSum(vniWord)
  sum += keyed ? 0x0102 + 0x8001 + wordSum(keys) : addRange(view, geneveAt + 8, innerAt)
  if (four) sum += wordSum(view.getInt32(ipAt + 12)) + wordSum(view.getInt32(ipAt + 16))
  else sum = addRange(view, ipAt + 8, ipAt + 40, sum)
  const checked = (lengthWord & 0xffff) !== 0
  if (verify && checked && !isIntact(addRange(view, innerAt, end, sum))) return false
  into.vni = vniWord >>> 8
  into.ingressKey = keyed ? (keys >>> 16) & 0x7fff : -1
  into.egressKey = keyed ? keys & 0xffff : -1
  into.sourcePort = ports >>> 16
  // Everything the checksum covers, itself included, sums to 0xffff: what is missing is the inner packet.
  into.innerSum = checked ? 0x1_fffe - (sum >>> 16) - (sum & 0xffff) : -1
  frame.start = innerAt
  return true
}

function wordSum(word: number): number {
  return (word >>> 16) + (word & 0xffff)
}
