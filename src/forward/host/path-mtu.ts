/**
 * Path MTUs by destination, learned from ICMP "fragmentation needed" and ICMPv6 "packet too big" (RFC 1191, RFC 8201).
 * As in Linux a report only ever lowers the value, a value lives ten minutes, and it has a floor: 552 for IPv4, 1280 for IPv6.
 * Surprise: an IPv4 report below the floor "locks" the path: packets go out at 552 bytes and without DF (route.c, `ip_rt_min_pmtu`).
 */
import { type Nanos, SECOND } from '../../model/time.ts'
import { type Ip, ipKey } from '../../net/ip.ts'

/** The smallest IPv4 path MTU believed (`net.ipv4.route.min_pmtu`). */
export const PATH_MTU_MIN_4 = 552

/** The smallest IPv6 path MTU there can be (RFC 8200 §5). */
export const PATH_MTU_MIN_6 = 1280

/** How long a learned value holds (`net.ipv4.route.mtu_expires`, `net.ipv6.route.mtu_expires`). */
export const PATH_MTU_LIFETIME: Nanos = 600 * SECOND

/** A learned value. */
export interface PathMtu {
  readonly mtu: number
  /** IPv4: the reported value was below the floor, so routers have to fragment. */
  readonly locked: boolean
  readonly expires: Nanos
}

/** Learned path MTUs of one host. */
export class PathMtuTable {
  readonly #deviceMtu: number
  readonly #learned = new Map<number | string, PathMtu>()

  constructor(deviceMtu: number) {
    this.#deviceMtu = deviceMtu
  }

  /** The path MTU to a destination in bytes: the learned value, else the interface's MTU. */
  to(dst: Ip, now: Nanos): number {
    return this.lookup(dst, now)?.mtu ?? this.#deviceMtu
  }

  /** The learned value for a destination, if one holds at `now`. */
  lookup(dst: Ip, now: Nanos): PathMtu | undefined {
    // Nearly every host learns nothing: no key is made then.
    if (this.#learned.size === 0) return undefined
    const key = ipKey(dst)
    const known = this.#learned.get(key)
    if (known === undefined || known.expires > now) return known
    this.#learned.delete(key)
    return undefined
  }

  /** Takes over a reported next-hop MTU and returns whether the path MTU became smaller. */
  learn(dst: Ip, reported: number, now: Nanos): boolean {
    const before = this.to(dst, now)
    const floor = typeof dst === 'number' ? PATH_MTU_MIN_4 : PATH_MTU_MIN_6
    const locked = typeof dst === 'number' && reported < floor
    const mtu = locked ? Math.min(before, floor) : Math.max(reported, floor)
    if (mtu > before || (mtu === before && !locked)) return false
    this.#learned.set(ipKey(dst), { mtu, locked, expires: now + PATH_MTU_LIFETIME })
    return mtu < before
  }
}
