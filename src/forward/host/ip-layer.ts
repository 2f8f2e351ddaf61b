/**
 * How a host sends IP: source address, path MTU, don't-fragment modes of ip(7) `IP_MTU_DISCOVER`, fragments made at the source
 * (RFC 791 §3.2, RFC 8200 §4.5), next hop, neighbour. Sizes and flags of fragments follow Linux's `ip_append_data`.
 * Surprise: frames handled here start with their IP header; the Ethernet header is pushed in front as the last step.
 */
import type { DfMode } from '../../model/traffic.ts'
import { equalIp, type Ip, type Ip4, type Ip6, isLinkLocal, linkLocalFromMac } from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import { contains } from '../../net/prefix.ts'
import { isIp6At } from '../../wire/bytes.ts'
import { checksumOf } from '../../wire/checksum.ts'
import { ETHERNET_LENGTH, EtherType, setEthDst, setEthSrc } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { IPV4_LENGTH, ip4Dst } from '../../wire/ipv4.ts'
import { emitIpv6, emitIpv6Fragment, IPV6_FRAGMENT_LENGTH, IPV6_LENGTH, ip6Dst } from '../../wire/ipv6.ts'
import type { HostConfig, HostCounters, HostEnv, SendError } from './host-env.ts'
import { type Neighbour, NeighbourTable } from './neighbours.ts'
import { PathMtuTable } from './path-mtu.ts'

/** The longest IP packet: its length field has 16 bits. */
export const IP_LENGTH_MAX = 65_535

/** What a sender decides about a packet beside its addresses and payload. */
export interface SendOptions {
  readonly ttl: number
  /** TOS byte or traffic class. */
  readonly tos: number
  readonly df: DfMode
}

/** What the IP layer asks of the host around it. */
export interface IpLink {
  /** Sends an ARP request or neighbour solicitation. */
  solicit(ip: Ip): void
  /** Takes over a packet whose next hop did not answer. */
  unreachable(frame: Frame): void
  /** Takes over a packet addressed to the host itself. */
  loopback(frame: Frame): void
}

/** The sending half of a host's IP. */
export class IpLayer {
  readonly config: HostConfig
  readonly env: HostEnv
  readonly counters: HostCounters
  readonly neighbours: NeighbourTable
  readonly pathMtu: PathMtuTable
  /** Every address packets are accepted for: the configured ones and, with IPv6, the link-local one. */
  readonly own4: readonly Ip4[]
  readonly own6: readonly Ip6[]
  readonly #link: IpLink
  readonly #gateway4: Neighbour | undefined
  readonly #gateway6: Neighbour | undefined
  #identification: number
  /** Where the last answer went. */
  #last4: { readonly dst: Ip4; readonly row: Neighbour | undefined } = { dst: -1, row: undefined }
  #last6: { readonly dst: Ip6; readonly row: Neighbour } | undefined

  constructor(config: HostConfig, env: HostEnv, counters: HostCounters, link: IpLink) {
    this.config = config
    this.env = env
    this.counters = counters
    this.#link = link
    this.pathMtu = new PathMtuTable(config.mtu)
    this.neighbours = new NeighbourTable(env, {
      solicit: (ip) => link.solicit(ip),
      transmit: (frame, mac) => this.transmit(frame, mac),
      unreachable: (frame) => {
        counters.neighbourDrops++
        link.unreachable(frame)
      },
      overflow: (frame) => {
        counters.neighbourDrops++
        env.release(frame)
      },
    })
    this.own4 = config.ips.filter((ip) => typeof ip === 'number')
    const own6 = config.ips.filter((ip) => typeof ip !== 'number')
    this.own6 = own6.length === 0 ? own6 : [...own6, linkLocalFromMac(config.mac)]
    const { ip4, ip6 } = config.gateways
    this.#gateway4 = ip4 === undefined ? undefined : this.neighbours.row(ip4)
    this.#gateway6 = ip6 === undefined ? undefined : this.neighbours.row(ip6)
    this.#identification = env.random()
  }

  /** True for one of the host's own addresses. */
  isOwn(ip: Ip): boolean {
    return typeof ip === 'number' ? this.own4.includes(ip) : this.own6.some((own) => equalIp(own, ip))
  }

  /** True when the sixteen bytes at `at` are one of the host's own addresses. */
  isOwn6At(view: DataView, at: number): boolean {
    for (let i = 0; i < this.own6.length; i++) if (isIp6At(view, at, this.own6[i]!)) return true
    return false
  }

  /** The address a packet to `dst` leaves from; undefined when the host has none of that family. */
  sourceFor(dst: Ip): Ip | undefined {
    const { ips, prefixes } = this.config
    if (this.isOwn(dst)) return dst
    if (typeof dst !== 'number' && isLinkLocal(dst)) return this.own6[this.own6.length - 1]
    for (const ip of ips) {
      if (typeof ip === typeof dst && prefixes.some((p) => equalIp(p.ip, ip) && contains(p, dst))) return ip
    }
    return ips.find((ip) => typeof ip === typeof dst)
  }

  /** The next IPv4 identification. */
  nextIdentification(): number {
    this.#identification = (this.#identification + 1) & 0xffff
    // Zero is left to packets that can never be fragments.
    if (this.#identification === 0) this.#identification = 1
    return this.#identification
  }

  /** The path MTU to `dst` as a socket of this mode sees it: `probe` looks at the interface only. */
  mtuFor(dst: Ip, df: DfMode): number {
    return df === 'probe' ? this.config.mtu : this.pathMtu.to(dst, this.env.now())
  }

  /** A frame with room for an IP header towards `dst` and `payloadLength` bytes behind it; undefined when too long for IP. */
  datagram(dst: Ip, payloadLength: number): Frame | undefined {
    // An IPv6 length counts the payload alone, but a frame holds no more than 65,535 bytes in all.
    const length = headerLength(dst) + payloadLength
    return length > IP_LENGTH_MAX ? undefined : this.env.frame(length)
  }

  /**
   * Writes the IP header of a frame made by `datagram` and sends it, in fragments where the mode allows and the path MTU asks
   * for them. The frame is taken over whatever the outcome.
   */
  send(
    frame: Frame,
    src: Ip,
    dst: Ip,
    protocol: number,
    options: SendOptions,
    identification: number = this.nextIdentification(),
  ): SendError | undefined {
    const own = this.isOwn(dst)
    const row = own ? undefined : this.#nextHop(dst)
    if (!own && row === undefined) {
      this.env.release(frame)
      return 'ENETUNREACH'
    }
    const { df, tos, ttl } = options
    const mtu = own ? IP_LENGTH_MAX : this.mtuFor(dst, df)
    const fits = frame.length <= mtu
    if (!fits && (df === 'do' || df === 'probe')) {
      this.env.release(frame)
      return 'EMSGSIZE'
    }
    if (typeof dst === 'number') {
      const locked = df === 'want' && this.pathMtu.lookup(dst, this.env.now())?.locked === true
      const dontFragment = df !== 'dont' && fits && !locked
      writeIp4(frame, src as Ip4, dst, protocol, ttl, tos, identification, dontFragment ? 0x4000 : 0)
    } else {
      const payloadLength = frame.length - IPV6_LENGTH
      emitIpv6(frame.view, frame.start, {
        src: src as Ip6,
        dst,
        nextHeader: protocol,
        hopLimit: ttl,
        trafficClass: tos,
        flowLabel: 0,
        payloadLength,
      })
    }
    if (row === undefined) this.#link.loopback(frame)
    else if (fits) this.neighbours.send(row, frame)
    else if (typeof dst === 'number') this.#fragment4(frame, mtu, row)
    else this.#fragment6(frame, mtu, row)
    return undefined
  }

  /**
   * Sends a finished IPv4 packet whose header the caller turned around in place: the way of an echo reply. Falls back to
   * fragments where the path MTU asks for them.
   */
  sendFinished4(frame: Frame): void {
    const dst = ip4Dst(frame.view, frame.start)
    // Routes never change and rows are never removed, so the last answer holds: pings come in long runs.
    if (dst !== this.#last4.dst) {
      if (this.own4.includes(dst)) {
        this.#link.loopback(frame)
        return
      }
      const row = this.#nextHop4(dst)
      if (row === undefined) {
        this.env.release(frame)
        return
      }
      this.#last4 = { dst, row }
    }
    const mtu = this.mtuFor(dst, 'dont')
    if (frame.end - frame.start <= mtu) this.neighbours.send(this.#last4.row!, frame)
    else this.#fragment4(frame, mtu, this.#last4.row!)
  }

  /** The same for IPv6. */
  sendFinished6(frame: Frame): void {
    if (this.#last6 === undefined || !isIp6At(frame.view, frame.start + 24, this.#last6.dst)) {
      const dst = ip6Dst(frame.view, frame.start)
      if (this.isOwn(dst)) {
        this.#link.loopback(frame)
        return
      }
      const row = this.#nextHop6(dst)
      if (row === undefined) {
        this.env.release(frame)
        return
      }
      this.#last6 = { dst, row }
    }
    const { dst, row } = this.#last6
    const mtu = this.mtuFor(dst, 'want')
    if (frame.end - frame.start <= mtu) this.neighbours.send(row, frame)
    else this.#fragment6(frame, mtu, row)
  }

  /** Puts the Ethernet header in front of an IP packet and sends the frame. */
  transmit(frame: Frame, mac: Mac): void {
    const version = frame.view.getUint8(frame.start) >>> 4
    this.transmitAs(frame, mac, version === 4 ? EtherType.ipv4 : EtherType.ipv6)
  }

  /** Puts an Ethernet header of the given type in front and sends the frame. */
  transmitAs(frame: Frame, mac: Mac, etherType: number): void {
    const at = frame.push(ETHERNET_LENGTH)
    setEthDst(frame.view, at, mac)
    setEthSrc(frame.view, at, this.config.mac)
    frame.view.setUint16(at + 12, etherType)
    this.counters.sent++
    this.env.send(frame)
  }

  #nextHop(dst: Ip): Neighbour | undefined {
    return typeof dst === 'number' ? this.#nextHop4(dst) : this.#nextHop6(dst)
  }

  #nextHop4(dst: Ip4): Neighbour | undefined {
    return this.#isOnLink(dst) ? this.neighbours.row(dst) : this.#gateway4
  }

  #nextHop6(dst: Ip6): Neighbour | undefined {
    const onLink = this.own6.length > 0 && (isLinkLocal(dst) || this.#isOnLink(dst))
    return onLink ? this.neighbours.row(dst) : this.#gateway6
  }

  #isOnLink(dst: Ip): boolean {
    const { prefixes } = this.config
    for (let i = 0; i < prefixes.length; i++) if (contains(prefixes[i]!, dst)) return true
    return false
  }

  #fragment4(frame: Frame, mtu: number, row: Neighbour): void {
    const { view, start, end } = frame
    const tos = view.getUint8(start + 1)
    const ttl = view.getUint8(start + 8)
    const protocol = view.getUint8(start + 9)
    const identification = view.getUint16(start + 4)
    const step = (mtu - IPV4_LENGTH) & ~7
    const payloadAt = start + IPV4_LENGTH
    for (let from = payloadAt; from < end; from += step) {
      const to = Math.min(from + step, end)
      const piece = this.#piece(frame, IPV4_LENGTH, from, to)
      const flags = ((from - payloadAt) >>> 3) | (to < end ? 0x2000 : 0)
      const src = view.getUint32(start + 12)
      writeIp4(piece, src, view.getUint32(start + 16), protocol, ttl, tos, identification, flags)
      this.neighbours.send(row, piece)
    }
    this.env.release(frame)
  }

  #fragment6(frame: Frame, mtu: number, row: Neighbour): void {
    const { view, bytes, start, end } = frame
    const nextHeader = view.getUint8(start + 6)
    const identification = this.env.random() * 0x10000 + this.env.random()
    const headers = IPV6_LENGTH + IPV6_FRAGMENT_LENGTH
    // The kernel rounds before it takes the fragment header off; both are multiples of eight.
    const step = ((mtu - IPV6_LENGTH) & ~7) - IPV6_FRAGMENT_LENGTH
    const payloadAt = start + IPV6_LENGTH
    for (let from = payloadAt; from < end; from += step) {
      const to = Math.min(from + step, end)
      const piece = this.#piece(frame, headers, from, to)
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
      this.neighbours.send(row, piece)
    }
    this.env.release(frame)
  }

  #piece(frame: Frame, headers: number, from: number, to: number): Frame {
    const piece = this.env.frame(headers + to - from)
    piece.bytes.set(frame.bytes.subarray(from, to), piece.start + headers)
    this.counters.fragmentsSent++
    return piece
  }
}

/** Bytes of the IP header of a packet to `dst`. */
export function headerLength(dst: Ip): number {
  return typeof dst === 'number' ? IPV4_LENGTH : IPV6_LENGTH
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
