/**
 * The ICMP half of a host: answers to echo requests, errors it sends, errors it reads (RFC 792, RFC 1122 §3.2.2, RFC 4443).
 * Answers are made in the frame of the request: two addresses change places and one checksum is corrected by its difference.
 * Surprise: Linux answers IPv4 echoes without DF whatever the request had, and its IPv4 errors carry TOS 0xc0 (icmp.c,
 * `IPTOS_PREC_INTERNETCONTROL`), its IPv6 errors class 0.
 */
import { type Nanos, SECOND } from '../../model/time.ts'
import { type Ip, type Ip6, ipKey, isMulticast, isUnspecified } from '../../net/ip.ts'
import { contains } from '../../net/prefix.ts'
import { pseudoSum6, updateChecksum } from '../../wire/checksum.ts'
import type { Frame } from '../../wire/frame.ts'
import { fillIcmpChecksum, ICMP_LENGTH, IcmpType, IcmpUnreachable } from '../../wire/icmp.ts'
import { fillIcmpv6Checksum, Icmpv6Type } from '../../wire/icmpv6.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { IPV4_LENGTH, ip4HeaderLength, ip4IsLaterFragment, ip4Protocol, ip4Src } from '../../wire/ipv4.ts'
import { IPV6_LENGTH, ip6Dst, ip6Src, ip6Upper } from '../../wire/ipv6.ts'
import { DEFAULT_TTL } from './host-env.ts'
import { writeIp4 } from './ip-fragments.ts'
import type { IpLayer } from './ip-layer.ts'

/** The longest IPv4 datagram with an error in it (RFC 1812 §4.3.2.3), and the longest IPv6 one (RFC 4443 §2.4 c). */
export const ERROR_LENGTH_MAX = { ip4: 576, ip6: 1280 } as const

/** Errors a destination may get at once; then one in every `ERROR_INTERVAL` (`XRLIM_BURST_FACTOR`). */
export const ERROR_BURST = 6

/** Time in which one more error to the same destination is allowed (`icmp_ratelimit`, `net.ipv6.icmp.ratelimit`). */
export const ERROR_INTERVAL: Nanos = SECOND

/** An ICMP error as a socket sees it. */
export interface IcmpError {
  readonly from: Ip
  readonly type: number
  readonly code: number
  /** TTL or hop limit as it arrived. */
  readonly ttl: number
  /** Next-hop MTU of "fragmentation needed" and "packet too big", else undefined. */
  readonly mtu: number | undefined
  /** Destination of the packet it is about. */
  readonly about: Ip
  readonly quotedLength: number
  readonly quotedTtl: number
  readonly protocol: number
  /** The quoted transport header: at least eight bytes from `at` in `view`; valid during the call only. */
  readonly view: DataView
  readonly at: number
}

/** Turns the IPv4 echo request in `frame` (starting with its IP header) into the reply and sends it. */
export function answerEcho4(ip: IpLayer, frame: Frame, icmpAt: number): void {
  const { view } = frame
  // Options are not echoed: the header of the answer stands right before the message.
  if (icmpAt - frame.start > IPV4_LENGTH) {
    const header = frame.bytes.subarray(frame.start, frame.start + IPV4_LENGTH)
    frame.pull(icmpAt - IPV4_LENGTH - frame.start)
    frame.bytes.set(header, frame.start)
  }
  const at = frame.start
  view.setUint16(icmpAt, IcmpType.echoReply << 8)
  view.setUint16(icmpAt + 2, updateChecksum(view.getUint16(icmpAt + 2), IcmpType.echoRequest << 8, 0))
  const dst = view.getUint32(at + 12)
  const tos = view.getUint8(at + 1)
  const id = ip.nextIdentification()
  writeIp4(frame, view.getUint32(at + 16), dst, IpProtocol.icmp, DEFAULT_TTL, tos, id, 0)
  ip.counters.echoesAnswered++
  ip.sendFinished4(frame)
}

/** Turns the IPv6 echo request in `frame` into the reply and sends it; `icmpAt` is right behind the IPv6 header. */
export function answerEcho6(ip: IpLayer, frame: Frame, icmpAt: number): void {
  const { view, start } = frame
  view.setUint16(icmpAt, Icmpv6Type.echoReply << 8)
  const before = Icmpv6Type.echoRequest << 8
  view.setUint16(icmpAt + 2, updateChecksum(view.getUint16(icmpAt + 2), before, Icmpv6Type.echoReply << 8))
  view.setUint8(start + 7, DEFAULT_TTL)
  // The flow label is the requester's; the class is kept.
  view.setUint32(start, (view.getUint32(start) & 0xfff00000) >>> 0)
  for (let lane = start + 8; lane < start + 24; lane += 4) {
    const src = view.getUint32(lane)
    view.setUint32(lane, view.getUint32(lane + 16))
    view.setUint32(lane + 16, src)
  }
  ip.counters.echoesAnswered++
  ip.sendFinished6(frame)
}

/** The token bucket of a host's ICMP errors, one per destination (inetpeer.c, `inet_peer_xrlim_allow`). */
export class ErrorLimit {
  readonly #tokens = new Map<number | string, { left: number; at: Nanos }>()

  /** True when one more error may go to `dst` now; it is then counted. `interval` is the time until the next one. */
  allow(dst: Ip, now: Nanos, interval: Nanos): boolean {
    const key = ipKey(dst)
    let bucket = this.#tokens.get(key)
    if (bucket === undefined) {
      bucket = { left: ERROR_BURST, at: now }
      this.#tokens.set(key, bucket)
    }
    bucket.left = Math.min(ERROR_BURST, bucket.left + (now - bucket.at) / interval)
    bucket.at = now
    if (bucket.left < 1) return false
    bucket.left--
    return true
  }
}

/** Linux halves the IPv6 interval for each 32 bits that the route to the destination is short of 128 (`icmpv6_xrlim_allow`). */
function errorInterval6(ip: IpLayer, dst: Ip6): Nanos {
  const route = ip.config.prefixes.find((prefix) => contains(prefix, dst))
  return ERROR_INTERVAL / 2 ** ((128 - (route?.len ?? 0)) >> 5)
}

/** Sends an IPv4 error about the packet in `frame`, which starts with its IP header and stays the caller's. */
export function sendError4(ip: IpLayer, limit: ErrorLimit, frame: Frame, type: number, code: number): void {
  const { view, start } = frame
  const dst = ip4Src(view, start)
  if (
    dst === 0 ||
    isMulticast(dst) ||
    ip4IsLaterFragment(view, start) ||
    isErrorMessage4(view, start, frame.end)
  )
    return
  const src = view.getUint32(start + 16)
  if (!limit.allow(dst, ip.env.now(), ERROR_INTERVAL)) {
    ip.counters.icmpErrorsLimited++
    return
  }
  const room = ERROR_LENGTH_MAX.ip4 - IPV4_LENGTH - ICMP_LENGTH
  const quoted = Math.min(frame.length, room)
  const error = ip.env.frame(IPV4_LENGTH + ICMP_LENGTH + quoted)
  const at = error.start + IPV4_LENGTH
  error.view.setUint32(at, (type << 24) | (code << 16))
  error.view.setUint32(at + 4, 0)
  error.bytes.set(frame.bytes.subarray(start, start + quoted), at + ICMP_LENGTH)
  fillIcmpChecksum(error.view, at, error.end)
  ip.counters.icmpErrorsSent++
  const tos = (view.getUint8(start + 1) & 0x1e) | 0xc0
  ip.send(error, src, dst, IpProtocol.icmp, { ttl: DEFAULT_TTL, tos, df: 'dont' })
}

/** Sends an IPv6 error about the packet in `frame`, which stays the caller's; `rest` is the second word of its header. */
export function sendError6(
  ip: IpLayer,
  limit: ErrorLimit,
  frame: Frame,
  type: number,
  code: number,
  rest = 0,
): void {
  const { view, start } = frame
  const dst = ip6Src(view, start)
  const src = ip6Dst(view, start)
  if (isUnspecified(dst) || isMulticast(dst) || isMulticast(src) || isErrorMessage6(view, start, frame.end))
    return
  if (!limit.allow(dst, ip.env.now(), errorInterval6(ip, dst))) {
    ip.counters.icmpErrorsLimited++
    return
  }
  const quoted = Math.min(frame.length, ERROR_LENGTH_MAX.ip6 - IPV6_LENGTH - ICMP_LENGTH)
  const error = ip.env.frame(IPV6_LENGTH + ICMP_LENGTH + quoted)
  const at = error.start + IPV6_LENGTH
  error.view.setUint32(at, (type << 24) | (code << 16))
  error.view.setUint32(at + 4, rest)
  error.bytes.set(frame.bytes.subarray(start, start + quoted), at + ICMP_LENGTH)
  const pseudo = pseudoSum6(src, dst, IpProtocol.icmpv6, ICMP_LENGTH + quoted)
  fillIcmpv6Checksum(error.view, at, error.end, pseudo)
  ip.counters.icmpErrorsSent++
  ip.send(error, src, dst, IpProtocol.icmpv6, { ttl: DEFAULT_TTL, tos: 0, df: 'want' })
}

/**
 * The error a host's own kernel reports when the next hop of the packet in `frame` stays silent: host unreachable from
 * itself. Undefined for packets that no error may be sent about.
 */
export function neighbourError(frame: Frame): IcmpError | undefined {
  const { view, start, end } = frame
  if (view.getUint8(start) >>> 4 === 4) {
    if (ip4IsLaterFragment(view, start)) return undefined
    const quotedLength = Math.min(frame.length, ERROR_LENGTH_MAX.ip4 - IPV4_LENGTH - ICMP_LENGTH)
    const type = IcmpType.unreachable
    return quote4(
      view,
      start,
      end,
      quotedLength,
      ip4Src(view, start),
      type,
      IcmpUnreachable.host,
      DEFAULT_TTL,
      undefined,
    )
  }
  const quotedLength = Math.min(frame.length, ERROR_LENGTH_MAX.ip6 - IPV6_LENGTH - ICMP_LENGTH)
  return quote6(
    view,
    start,
    end,
    quotedLength,
    ip6Src(view, start),
    Icmpv6Type.unreachable,
    3,
    DEFAULT_TTL,
    undefined,
  )
}

/** Reads the IPv4 error message at `at`; undefined when what it quotes is too short or cannot be the host's. */
export function readError4(ip: IpLayer, frame: Frame, at: number): IcmpError | undefined {
  const { view, start, end } = frame
  const quotedAt = at + ICMP_LENGTH
  const type = view.getUint8(at)
  const code = view.getUint8(at + 1)
  const tooLong = type === IcmpType.unreachable && code === IcmpUnreachable.fragmentationNeeded
  if (end - quotedAt < IPV4_LENGTH + 8 || !ip.isLocal(ip4Src(view, quotedAt))) return undefined
  const mtu = tooLong ? view.getUint16(at + 6) : undefined
  return quote4(
    view,
    quotedAt,
    end,
    end - quotedAt,
    ip4Src(view, start),
    type,
    code,
    view.getUint8(start + 8),
    mtu,
  )
}

/** Reads the IPv6 error message at `at`; undefined when what it quotes is too short or cannot be the host's. */
export function readError6(ip: IpLayer, frame: Frame, at: number): IcmpError | undefined {
  const { view, start, end } = frame
  const quotedAt = at + ICMP_LENGTH
  const type = view.getUint8(at)
  const code = view.getUint8(at + 1)
  if (end - quotedAt < IPV6_LENGTH + 8 || !ip.isLocal(ip6Src(view, quotedAt))) return undefined
  const mtu = type === Icmpv6Type.packetTooBig ? view.getUint32(at + 4) : undefined
  return quote6(
    view,
    quotedAt,
    end,
    end - quotedAt,
    ip6Src(view, start),
    type,
    code,
    view.getUint8(start + 7),
    mtu,
  )
}

function quote4(
  view: DataView,
  at: number,
  end: number,
  quotedLength: number,
  from: Ip,
  type: number,
  code: number,
  ttl: number,
  mtu: number | undefined,
): IcmpError | undefined {
  const transportAt = at + ip4HeaderLength(view, at)
  if (transportAt + 8 > end || ip4IsLaterFragment(view, at)) return undefined
  const about = view.getUint32(at + 16)
  const quotedTtl = view.getUint8(at + 8)
  const protocol = ip4Protocol(view, at)
  return { from, type, code, ttl, mtu, about, quotedLength, quotedTtl, protocol, view, at: transportAt }
}

function quote6(
  view: DataView,
  at: number,
  end: number,
  quotedLength: number,
  from: Ip6,
  type: number,
  code: number,
  ttl: number,
  mtu: number | undefined,
): IcmpError | undefined {
  const upper = ip6Upper(view, at, end)
  const isLater =
    upper !== undefined && upper.fragmentAt >= 0 && (view.getUint16(upper.fragmentAt + 2) & 0xfff8) !== 0
  if (upper === undefined || isLater || upper.at + 8 > end) return undefined
  const about = ip6Dst(view, at)
  const quotedTtl = view.getUint8(at + 7)
  const { protocol } = upper
  return { from, type, code, ttl, mtu, about, quotedLength, quotedTtl, protocol, view, at: upper.at }
}

/** RFC 1122 §3.2.2: no error about an error. */
function isErrorMessage4(view: DataView, at: number, end: number): boolean {
  const icmpAt = at + ip4HeaderLength(view, at)
  if (ip4Protocol(view, at) !== IpProtocol.icmp || icmpAt >= end) return false
  const type = view.getUint8(icmpAt)
  return type !== IcmpType.echoRequest && type !== IcmpType.echoReply
}

/** RFC 4443 §2.4 (e): ICMPv6 errors have types below 128. */
function isErrorMessage6(view: DataView, at: number, end: number): boolean {
  const upper = ip6Upper(view, at, end)
  return (
    upper !== undefined &&
    upper.protocol === IpProtocol.icmpv6 &&
    upper.at < end &&
    view.getUint8(upper.at) < 128
  )
}
