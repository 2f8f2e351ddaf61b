// What tells microflows apart and what is done with the packets of one: the entry of the flow cache (`flow-cache.ts`).
// Surprise: an IPv4 key is nine fields of the entry rather than an array, because comparing them with what was just read
// from the packet is the inner loop of the data plane.

import type { Tunnel } from '../../model/forwarding.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'

// A key: three words of MACs, two of entry, protocol, ports, then addresses: two words of IPv4, eight of IPv6.
/** Words of a key of IPv4. */
export const WORDS4 = 9

/** Words of a key of IPv6. */
export const WORDS6 = 15

/** What is done with every packet of a microflow. Words are signed 32-bit numbers. */
export interface Microflow {
  readonly words: number
  readonly hash: number
  /** The key's first nine words, which are all of an IPv4 key. */
  readonly k0: number
  readonly k1: number
  readonly k2: number
  readonly k3: number
  readonly k4: number
  readonly k5: number
  readonly k6: number
  readonly k7: number
  readonly k8: number
  /** The words of IPv6 addresses behind them. */
  readonly rest: Int32Array | undefined
  /** Delivered to this port; undefined: sent into the tunnel. */
  readonly port: string | undefined
  readonly tunnel: Tunnel | undefined
  readonly vni: number
  readonly ingressKey: number
  readonly egressKey: number
  readonly sourcePort: number
  /** Routers on the way: what the TTL loses. */
  readonly hops: number
  readonly maxLength: number
  /** Destination and source MAC after rewriting. */
  readonly mac0: number
  readonly mac1: number
  readonly mac2: number
  /** What the sum of the frame changes by, modulo 0xffff, TTL included. */
  readonly sumDelta: number
}

/** True when the flow is the one of a key. */
export function hasKey(flow: Microflow, key: Int32Array, words: number): boolean {
  const { rest } = flow
  return (
    flow.words === words &&
    flow.k0 === key[0] &&
    flow.k1 === key[1] &&
    flow.k2 === key[2] &&
    flow.k3 === key[3] &&
    flow.k4 === key[4] &&
    flow.k5 === key[5] &&
    flow.k6 === key[6] &&
    flow.k7 === key[7] &&
    flow.k8 === key[8] &&
    (rest === undefined || rest.every((word, i) => word === key[WORDS4 + i]))
  )
}

/** Protocols whose flows are told apart by the first word behind the IP header. */
export function hasPorts(protocol: number): boolean {
  return (
    protocol === IpProtocol.tcp ||
    protocol === IpProtocol.udp ||
    protocol === IpProtocol.icmp ||
    protocol === IpProtocol.icmpv6
  )
}

/** Ports, or ICMP type and code, of that word. */
export function portsOf(word: number, protocol: number): number {
  return protocol === IpProtocol.tcp || protocol === IpProtocol.udp ? word : word >>> 16
}

/** One word into a hash. */
export function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x9e37_79b1)
  return h ^ (h >>> 15)
}

/** The two halves of a word, as the internet checksum adds them. */
export function wordSum(word: number): number {
  return (word >>> 16) + (word & 0xffff)
}
