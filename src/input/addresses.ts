// Default MAC and pod addresses. They derive from the place in the file only, so the same file gives the same addresses:
// MACs are 00:00:CC:CC:NN:NN with the number of the cluster (from 1) and of the port; nodes' underlay interfaces use
// 52:54 in front. Addresses that the user gave anywhere are never handed out.

import { addToIp, formatIp, type Ip, ipKey } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import { contains, hostLength, lastAddress, masked, type Prefix } from '../net/prefix.ts'
import { reservedRole } from './read-subnet.ts'

/** Where the numbers of the kinds of ports begin, in the last two octets. */
const FIRST_NUMBER = { subnet: 0x0001, pod: 0x0100, transit: 0xff01, node: 0x0001 } as const

/** Hands out MAC addresses of one cluster. */
export class MacPool {
  readonly #cluster: number
  readonly #taken: Set<Mac>

  /** `taken` are the addresses that the user gave, in all clusters. */
  constructor(clusterIndex: number, taken: Iterable<Mac>) {
    this.#cluster = clusterIndex + 1
    this.#taken = new Set(taken)
  }

  /** The MAC of the n-th port (from 0) of a kind, or the next one that is free. */
  take(kind: keyof typeof FIRST_NUMBER, n: number): Mac {
    const base = (kind === 'node' ? 0x5254 * 2 ** 32 : 0) + this.#cluster * 2 ** 16
    let number = FIRST_NUMBER[kind] + n
    while (this.#taken.has(base + number)) number++
    this.#taken.add(base + number)
    return base + number
  }
}

/** Hands out host addresses of one subnet. */
export class AddressPool {
  readonly #network: Prefix
  readonly #taken: Set<number | string>
  #next: number

  /** Starts at host number `first`, or at 1 where the network is too small for it. */
  constructor(network: Prefix, taken: Iterable<Ip>, first: number) {
    this.#network = masked(network)
    this.#taken = new Set([...taken].map(ipKey))
    this.#next = contains(this.#network, addToIp(this.#network.ip, first)) ? first : 1
  }

  /** Says that addresses are in use from now on. */
  reserve(ips: readonly Ip[]): void {
    for (const ip of ips) this.#taken.add(ipKey(ip))
  }

  /** The next free address; undefined when the network is full (or 65,536 addresses in a row are taken). */
  take(): Ip | undefined {
    for (let tries = 0; tries < 65_536; tries++) {
      const ip = addToIp(this.#network.ip, this.#next)
      if (!contains(this.#network, ip) || this.#next >= 2 ** Math.min(52, hostLength(ip) - this.#network.len))
        return undefined
      this.#next++
      const free = !this.#taken.has(ipKey(ip)) && reservedRole(ip, this.#network) === undefined
      if (free) {
        this.#taken.add(ipKey(ip))
        return ip
      }
    }
    return undefined
  }
}

/** `10.16.0.1 to 10.16.255.254`, for messages. */
export function hostRange(network: Prefix): string {
  const base = masked(network)
  if (base.len >= hostLength(base.ip) - 1) return `${formatIp(base.ip)} to ${formatIp(lastAddress(base))}`
  const last = typeof base.ip === 'number' ? addToIp(lastAddress(base), -1) : lastAddress(base)
  return `${formatIp(addToIp(base.ip, 1))} to ${formatIp(last)}`
}
