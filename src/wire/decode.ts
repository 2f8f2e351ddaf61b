// Takes a whole frame apart into a list of headers with their offsets, through Geneve and into the packet that an ICMP
// error quotes. For people and tests, not for the hot path: everything is allocated, every checksum is verified.
// Surprise: nothing is an error. What cannot be read becomes a `malformed` or `data` layer, and a wrong checksum a note.

import { ARP_LENGTH, parseArp } from './arp.ts'
import { parseBfd } from './bfd.ts'
import { pseudoSumAt4, pseudoSumAt6 } from './checksum.ts'
import type { DecodedLayer, DecodedPacket } from './decoded.ts'
import { ETHERNET_LENGTH, EtherType, parseEthernet } from './ethernet.ts'
import { geneveHeaderLength, parseGeneve } from './geneve.ts'
import { ICMP_LENGTH, icmpChecksumOk, parseIcmp } from './icmp.ts'
import { ICMPV6_LENGTH, icmpv6ChecksumOk, parseIcmpv6 } from './icmpv6.ts'
import { IpProtocol } from './ip-protocol.ts'
import { ip4ChecksumOk, ip4HeaderLength, parseIpv4Header } from './ipv4.ts'
import {
  IPV6_FRAGMENT_LENGTH,
  IPV6_LENGTH,
  type Ipv6FragmentRepr,
  ip6Upper,
  parseIpv6Fragment,
  parseIpv6Header,
} from './ipv6.ts'
import { parseTcp, tcpChecksumOk, tcpHeaderLength } from './tcp.ts'
import { parseUdpHeader, UDP_LENGTH, UdpPort, udpChecksumOk } from './udp.ts'

/** What is carried along while a packet is taken apart. */
interface Decoding {
  readonly view: DataView
  readonly layers: DecodedLayer[]
  readonly badChecksums: string[]
  /** True in a quotation and in a capture that cut the packet: lengths may exceed what is there. */
  readonly cut: boolean
  /** True in the packet that an error quotes. */
  readonly quotation: boolean
  quoted: DecodedPacket | undefined
}

/** How deep tunnels may nest; beyond it the rest is `data`. */
const DEPTH_MAX = 4

/** Link types of captures (LINKTYPE numbers): Ethernet, bare IP, and what `tcpdump -i any` writes, old and new. */
export const LinkType = { ethernet: 1, raw: 101, cooked: 113, cooked2: 276 } as const

/** How a packet was captured. */
export interface DecodeOptions {
  /** What the packet begins with, see `LinkType`; Ethernet by default. */
  readonly linkType?: number
  /** True when only the beginning was captured: a missing rest is then not malformed, and its checksums are not judged. */
  readonly cut?: boolean
}

/** Takes the packet from `start` to `end` apart. Never throws. */
export function decodeFrame(
  view: DataView,
  start: number,
  end: number,
  options: DecodeOptions = {},
): DecodedPacket {
  const { linkType = LinkType.ethernet, cut = false } = options
  const decoding: Decoding = { view, layers: [], badChecksums: [], cut, quotation: false, quoted: undefined }
  const cooked = linkType === LinkType.cooked2 ? 20 : linkType === LinkType.cooked ? 16 : 0
  if (linkType === LinkType.ethernet) decodeEthernet(decoding, start, end, 0)
  else if (linkType === LinkType.raw && start < end) {
    const etherType = view.getUint8(start) >>> 4 === 6 ? EtherType.ipv6 : EtherType.ipv4
    decodeNetwork(decoding, etherType, start, end, 0)
  } else if (cooked !== 0 && start + cooked <= end) {
    // The protocol is the first field of the new header and the last of the old one.
    const etherType = view.getUint16(cooked === 20 ? start : start + 14)
    decodeNetwork(decoding, etherType, start + cooked, end, 0)
  } else data(decoding, `link type ${linkType}`, start, end)
  return decoding
}

function decodeEthernet(d: Decoding, at: number, end: number, depth: number): void {
  const repr = parseEthernet(d.view, at, end)
  if (repr === undefined) {
    malformed(d, 'ethernet', at, end)
    return
  }
  d.layers.push({ kind: 'ethernet', at, length: ETHERNET_LENGTH, repr })
  decodeNetwork(d, repr.etherType, at + ETHERNET_LENGTH, end, depth)
}

function decodeNetwork(d: Decoding, etherType: number, at: number, end: number, depth: number): void {
  if (etherType === EtherType.ipv4) decodeIpv4(d, at, end, depth)
  else if (etherType === EtherType.ipv6) decodeIpv6(d, at, end, depth)
  else if (etherType === EtherType.arp) decodeArp(d, at, end)
  else data(d, `ethertype 0x${etherType.toString(16).padStart(4, '0')}`, at, end)
}

function decodeArp(d: Decoding, at: number, end: number): void {
  const repr = parseArp(d.view, at, end)
  if (repr === undefined) malformed(d, 'arp', at, end)
  else d.layers.push({ kind: 'arp', at, length: ARP_LENGTH, repr })
}

function decodeIpv4(d: Decoding, at: number, end: number, depth: number): void {
  const repr = parseIpv4Header(d.view, at, end)
  if (repr === undefined) {
    malformed(d, 'ipv4', at, end)
    return
  }
  const next = at + ip4HeaderLength(d.view, at)
  const packetEnd = next + repr.payloadLength
  if (packetEnd > end && !d.cut) {
    malformed(d, 'ipv4', at, end)
    return
  }
  if (!ip4ChecksumOk(d.view, at)) d.badChecksums.push('ipv4')
  d.layers.push({ kind: 'ipv4', at, length: next - at, repr })
  const upper: Upper = {
    version: 4,
    protocol: repr.protocol,
    pseudo: pseudoSumAt4(d.view, at, repr.payloadLength),
    whole: packetEnd <= end && !repr.moreFragments,
    fragment: repr.moreFragments,
    depth,
  }
  if (repr.fragmentOffset !== 0) {
    data(d, 'fragment', next, Math.min(packetEnd, end))
    return
  }
  decodeUpper(d, next, Math.min(packetEnd, end), upper)
}

function decodeIpv6(d: Decoding, at: number, end: number, depth: number): void {
  const repr = parseIpv6Header(d.view, at, end)
  if (repr === undefined) {
    malformed(d, 'ipv6', at, end)
    return
  }
  const packetEnd = at + IPV6_LENGTH + repr.payloadLength
  if (packetEnd > end && !d.cut) {
    malformed(d, 'ipv6', at, end)
    return
  }
  d.layers.push({ kind: 'ipv6', at, length: IPV6_LENGTH, repr })
  const dataEnd = Math.min(packetEnd, end)
  const walked = ip6Upper(d.view, at, dataEnd)
  if (walked === undefined) {
    malformed(d, 'ipv6 extension', at + IPV6_LENGTH, dataEnd)
    return
  }
  let fragment: Ipv6FragmentRepr | undefined
  if (walked.fragmentAt >= 0) {
    fragment = parseIpv6Fragment(d.view, walked.fragmentAt, dataEnd)
    if (fragment === undefined) {
      malformed(d, 'ipv6 fragment', walked.fragmentAt, dataEnd)
      return
    }
    d.layers.push({
      kind: 'ipv6-fragment',
      at: walked.fragmentAt,
      length: IPV6_FRAGMENT_LENGTH,
      repr: fragment,
    })
    if (fragment.fragmentOffset !== 0) {
      data(d, 'fragment', walked.at, dataEnd)
      return
    }
  }
  decodeUpper(d, walked.at, dataEnd, {
    version: 6,
    protocol: walked.protocol,
    pseudo: pseudoSumAt6(d.view, at, walked.protocol, packetEnd - walked.at),
    whole: packetEnd <= end && fragment?.moreFragments !== true,
    fragment: fragment?.moreFragments === true,
    depth,
  })
}

/** What the IP header says about the header behind it. */
interface Upper {
  readonly version: 4 | 6
  readonly protocol: number
  /** Unfolded sum of the pseudo header. */
  readonly pseudo: number
  /** False for a fragment and for cut-off data, whose checksum cannot be judged. */
  readonly whole: boolean
  /** True in a first fragment. */
  readonly fragment: boolean
  readonly depth: number
}

function decodeUpper(d: Decoding, at: number, end: number, upper: Upper): void {
  const { protocol, version } = upper
  if (protocol === IpProtocol.udp) {
    decodeUdp(d, at, end, upper)
    return
  }
  if (protocol === IpProtocol.tcp) {
    decodeTcp(d, at, end, upper)
    return
  }
  if (protocol === IpProtocol.icmp && version === 4) {
    decodeIcmp(d, at, end, upper)
    return
  }
  if (protocol === IpProtocol.icmpv6 && version === 6) {
    decodeIcmpv6(d, at, end, upper)
    return
  }
  data(d, `ip protocol ${protocol}`, at, end)
}

function decodeUdp(d: Decoding, at: number, end: number, upper: Upper): void {
  const repr = parseUdpHeader(d.view, at, end)
  const claimedEnd = repr === undefined ? end : at + UDP_LENGTH + repr.payloadLength
  if (repr === undefined || (upper.whole && claimedEnd > end)) {
    malformed(d, 'udp', at, end)
    return
  }
  d.layers.push({ kind: 'udp', at, length: UDP_LENGTH, repr })
  const next = at + UDP_LENGTH
  const dataEnd = Math.min(claimedEnd, end)
  // RFC 6935: a tunnel over IPv6 may do without a checksum.
  const version = repr.dstPort === UdpPort.geneve ? 4 : upper.version
  if (upper.whole && !udpChecksumOk(d.view, at, dataEnd, upper.pseudo, version)) d.badChecksums.push('udp')
  if (upper.fragment || upper.depth >= DEPTH_MAX) {
    data(d, 'udp', next, dataEnd)
    return
  }
  if (repr.dstPort === UdpPort.geneve) {
    decodeGeneve(d, next, dataEnd, upper.depth)
    return
  }
  if (repr.dstPort === UdpPort.bfd || repr.dstPort === UdpPort.bfdMultihop) {
    const bfd = parseBfd(d.view, next, dataEnd)
    if (bfd === undefined) {
      malformed(d, 'bfd', next, dataEnd)
      return
    }
    d.layers.push({ kind: 'bfd', at: next, length: dataEnd - next, repr: bfd })
    return
  }
  data(d, 'udp', next, dataEnd)
}

function decodeGeneve(d: Decoding, at: number, end: number, depth: number): void {
  const repr = parseGeneve(d.view, at, end)
  if (repr === undefined) {
    malformed(d, 'geneve', at, end)
    return
  }
  const length = geneveHeaderLength(d.view, at)
  d.layers.push({ kind: 'geneve', at, length, repr })
  if (repr.protocolType === EtherType.ethernet) {
    decodeEthernet(d, at + length, end, depth + 1)
    return
  }
  data(d, 'geneve', at + length, end)
}

function decodeTcp(d: Decoding, at: number, end: number, upper: Upper): void {
  const repr = parseTcp(d.view, at, end)
  if (repr === undefined) {
    malformed(d, 'tcp', at, end)
    return
  }
  const length = tcpHeaderLength(d.view, at)
  d.layers.push({ kind: 'tcp', at, length, repr })
  if (upper.whole && !tcpChecksumOk(d.view, at, end, upper.pseudo)) d.badChecksums.push('tcp')
  data(d, 'tcp', at + length, end)
}

function decodeIcmp(d: Decoding, at: number, end: number, upper: Upper): void {
  const repr = parseIcmp(d.view, at, end)
  if (repr === undefined) {
    malformed(d, 'icmp', at, end)
    return
  }
  d.layers.push({ kind: 'icmp', at, length: ICMP_LENGTH, repr })
  if (upper.whole && !icmpChecksumOk(d.view, at, end)) d.badChecksums.push('icmp')
  const isError = repr.kind === 'time-exceeded' || repr.kind === 'unreachable'
  behindIcmp(d, 'icmp', isError, at + ICMP_LENGTH, end)
}

function decodeIcmpv6(d: Decoding, at: number, end: number, upper: Upper): void {
  const repr = parseIcmpv6(d.view, at, end)
  if (repr === undefined) {
    malformed(d, 'icmpv6', at, end)
    return
  }
  const isNeighbour = repr.kind === 'neighbour-solicitation' || repr.kind === 'neighbour-advertisement'
  const length = isNeighbour ? end - at : ICMPV6_LENGTH
  d.layers.push({ kind: 'icmpv6', at, length, repr })
  if (upper.whole && !icmpv6ChecksumOk(d.view, at, end, upper.pseudo)) d.badChecksums.push('icmpv6')
  const isError =
    repr.kind === 'time-exceeded' || repr.kind === 'unreachable' || repr.kind === 'packet-too-big'
  behindIcmp(d, 'icmpv6', isError, at + length, end)
}

/** Reads the quotation of an error; other bytes, and quotations within quotations, are data. */
function behindIcmp(d: Decoding, name: 'icmp' | 'icmpv6', isError: boolean, at: number, end: number): void {
  if (!isError || d.quotation) {
    data(d, name, at, end)
    return
  }
  const quoted: Decoding = {
    view: d.view,
    layers: [],
    badChecksums: [],
    cut: true,
    quotation: true,
    quoted: undefined,
  }
  if (name === 'icmp') decodeIpv4(quoted, at, end, DEPTH_MAX)
  else decodeIpv6(quoted, at, end, DEPTH_MAX)
  d.quoted = quoted
}

function data(d: Decoding, carrier: string, at: number, end: number): void {
  if (end > at) d.layers.push({ kind: 'data', at, length: end - at, repr: carrier })
}

/** A header that cannot be read; where the packet was cut off that is no defect of the packet. */
function malformed(d: Decoding, header: string, at: number, end: number): void {
  if (d.cut) data(d, header, at, end)
  else d.layers.push({ kind: 'malformed', at, length: end - at, repr: header })
}
