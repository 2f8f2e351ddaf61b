/**
 * How a host sends IP: source address, path MTU, don't-fragment modes of ip(7) `IP_MTU_DISCOVER`, next hop,
 * neighbour, and the short way to the host itself. Fragments are made by `ip-fragments.ts`.
 * Surprise: frames handled here start with their IP header; the Ethernet header is pushed in front as the last step.
 */
import type { DfMode } from '../../model/traffic.ts'
import {
  equalIp,
  formatIp,
  type Ip,
  type Ip4,
  type Ip6,
  ip6,
  isLinkLocal,
  isLoopback,
  isUnspecified,
  linkLocalFromMac,
} from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import { contains } from '../../net/prefix.ts'
import { isIp6At } from '../../wire/bytes.ts'
import { ETHERNET_LENGTH, EtherType, setEthDst, setEthSrc } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { IPV4_LENGTH, ip4Dst } from '../../wire/ipv4.ts'
import { emitIpv6, IPV6_LENGTH, ip6Dst } from '../../wire/ipv6.ts'
import type { HostConfig, HostCounters, HostEnv, SendError } from './host-env.ts'
import { fragment4, fragment6, writeIp4 } from './ip-fragments.ts'
import { type Neighbour, NeighbourTable } from './neighbours.ts'
import { PathMtuTable } from './path-mtu.ts'

/** The longest IP packet: its length field has 16 bits. */
export const IP_LENGTH_MAX = 65_535

/** The host itself, for programs on it: 127.0.0.1 of 127.0.0.0/8, and ::1. */
const LOOPBACK = { ip4: 0x7f000001, ip6: ip6(0, 0, 0, 1) } as const

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
  /** Set for good when the host ends: nothing leaves any more. */
  closed = false
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

  /** True where packets stay in the host: its own addresses, 127.0.0.0/8 and ::1. */
  isLocal(ip: Ip): boolean {
    return isLoopback(ip) || this.isOwn(ip)
  }

  /** What a program's destination means: the unspecified address is the host itself (ip_route_output_key, rawv6_sendmsg). */
  destinationOf(ip: Ip): Ip {
    if (!isUnspecified(ip)) return ip
    return typeof ip === 'number' ? LOOPBACK.ip4 : LOOPBACK.ip6
  }

  /** True when the sixteen bytes at `at` are one of the host's own addresses. */
  isOwn6At(view: DataView, at: number): boolean {
    for (let i = 0; i < this.own6.length; i++) if (isIp6At(view, at, this.own6[i]!)) return true
    return false
  }

  /** The address a packet to `dst` leaves from; undefined when the host has none of that family. */
  sourceFor(dst: Ip): Ip | undefined {
    const { ips, prefixes } = this.config
    if (isLoopback(dst)) return typeof dst === 'number' ? LOOPBACK.ip4 : LOOPBACK.ip6
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
    if (this.closed) {
      this.env.release(frame)
      return 'ENETDOWN'
    }
    const own = this.isLocal(dst)
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
    else this.#sendFragments(frame, mtu, row)
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
      if (this.isLocal(dst)) {
        this.#link.loopback(frame)
        return
      }
      const row = this.#nextHop4(dst)
      if (row === undefined) {
        this.#noRoute(frame, dst)
        return
      }
      this.#last4 = { dst, row }
    }
    const mtu = this.mtuFor(dst, 'dont')
    if (frame.end - frame.start <= mtu) this.neighbours.send(this.#last4.row!, frame)
    else this.#sendFragments(frame, mtu, this.#last4.row!)
  }

  /** The same for IPv6. */
  sendFinished6(frame: Frame): void {
    if (this.#last6 === undefined || !isIp6At(frame.view, frame.start + 24, this.#last6.dst)) {
      const dst = ip6Dst(frame.view, frame.start)
      if (this.isLocal(dst)) {
        this.#link.loopback(frame)
        return
      }
      const row = this.#nextHop6(dst)
      if (row === undefined) {
        this.#noRoute(frame, dst)
        return
      }
      this.#last6 = { dst, row }
    }
    const { dst, row } = this.#last6
    const mtu = this.mtuFor(dst, 'want')
    if (frame.end - frame.start <= mtu) this.neighbours.send(row, frame)
    else this.#sendFragments(frame, mtu, row)
  }

  /** Puts the Ethernet header in front of an IP packet and sends the frame. */
  transmit(frame: Frame, mac: Mac): void {
    const version = frame.view.getUint8(frame.start) >>> 4
    this.transmitAs(frame, mac, version === 4 ? EtherType.ipv4 : EtherType.ipv6)
  }

  /** Puts an Ethernet header of the given type in front and sends the frame. */
  transmitAs(frame: Frame, mac: Mac, etherType: number): void {
    if (this.closed) {
      this.env.release(frame)
      return
    }
    const at = frame.push(ETHERNET_LENGTH)
    setEthDst(frame.view, at, mac)
    setEthSrc(frame.view, at, this.config.mac)
    frame.view.setUint16(at + 12, etherType)
    this.counters.sent++
    this.env.send(frame)
  }

  #noRoute(frame: Frame, dst: Ip): void {
    this.env.dropped?.(`the answer finds no route to ${formatIp(dst)}`)
    this.env.release(frame)
  }

  #nextHop(dst: Ip): Neighbour | undefined {
    return typeof dst === 'number' ? this.#nextHop4(dst) : this.#nextHop6(dst)
  }

  #nextHop4(dst: Ip4): Neighbour | undefined {
    return this.#isOnLink(dst) ? this.neighbours.row(dst) : this.#gateway4
  }

  #nextHop6(dst: Ip6): Neighbour | undefined {
    const onLink = this.own6.length > 0 && (isOnEveryLink(dst) || this.#isOnLink(dst))
    return onLink ? this.neighbours.row(dst) : this.#gateway6
  }

  #sendFragments(frame: Frame, mtu: number, row: Neighbour): void {
    const pieces =
      frame.view.getUint8(frame.start) >>> 4 === 4
        ? fragment4(this.env, frame, mtu)
        : fragment6(this.env, frame, mtu)
    this.counters.fragmentsSent += pieces.length
    for (const piece of pieces) this.neighbours.send(row, piece)
    this.env.release(frame)
  }

  #isOnLink(dst: Ip): boolean {
    const { prefixes } = this.config
    for (let i = 0; i < prefixes.length; i++) if (contains(prefixes[i]!, dst)) return true
    return false
  }
}

/** True in fe80::/64, the route that Linux gives every link; the rest of fe80::/10 takes the way of any other address. */
function isOnEveryLink(ip: Ip6): boolean {
  return ip.w0 === 0xfe800000 && ip.w1 === 0
}

/** Bytes of the IP header of a packet to `dst`. */
export function headerLength(dst: Ip): number {
  return typeof dst === 'number' ? IPV4_LENGTH : IPV6_LENGTH
}
