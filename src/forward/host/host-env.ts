/**
 * What a host needs from outside, how it is configured and what it counts. The host itself is pure mechanism: time, chance, the cable
 * and the buffers all come through `HostEnv`, so a test drives one with a handful of functions and a run drives thousands with a clock.
 * Surprise: frames change hands. Whoever is given one (`Host.receive`, `HostEnv.send`, `HostEnv.release`) owns it from then on.
 */
import type { Nanos } from '../../model/time.ts'
import type { Ip, Ip4, Ip6 } from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import type { Prefix } from '../../net/prefix.ts'
import type { Frame } from '../../wire/frame.ts'

/** A network interface with its addresses, as a CNI plugin leaves it in a pod. */
export interface HostConfig {
  readonly name: string
  readonly mac: Mac
  /** The host's own addresses; the first of a family is the source where no address shares a subnet with the destination. */
  readonly ips: readonly Ip[]
  /** Addresses with the length of their subnet: what lies inside is reached without the gateway. */
  readonly prefixes: readonly Prefix[]
  /** Default gateways; undefined where a family has none. */
  readonly gateways: { readonly ip4: Ip4 | undefined; readonly ip6: Ip6 | undefined }
  /** Largest IP packet of the interface in bytes, Ethernet header not counted. */
  readonly mtu: number
}

/** The world around a host. */
export interface HostEnv {
  now(): Nanos
  /** Runs `handler(arg)` once after `delay` nanoseconds and returns a number for `cancel`. */
  after<A>(delay: Nanos, handler: (arg: A) => void, arg: A): number
  /** Forgets a scheduled call; a call that has run already is ignored. */
  cancel(timer: number): void
  /** Puts a frame with its Ethernet header on the cable; the frame is no longer the host's. */
  send(frame: Frame): void
  /** A frame whose packet is `length` bytes of old content behind a full headroom. */
  frame(length: number): Frame
  /** Gives a frame back. */
  release(frame: Frame): void
  /** Told in one sentence why a packet ended here, where nobody else hears of it; the frame is given back by itself. */
  dropped?(reason: string): void
  /** A random number, uniform in 0 … 65535, from the scenario's seed. */
  random(): number
}

/** What a host counts, like the lines of `nstat`. */
export interface HostCounters {
  /** Frames taken from the cable, and frames put on it. */
  received: number
  sent: number
  /** Frames for another MAC address, and packets for another IP address. */
  notForMe: number
  malformed: number
  badChecksum: number
  fragmentsSent: number
  fragmentsReceived: number
  reassembled: number
  reassemblyFailures: number
  echoesAnswered: number
  icmpErrorsSent: number
  /** ICMP errors not sent because of the limit per destination. */
  icmpErrorsLimited: number
  icmpErrorsReceived: number
  /** Packets given up because their neighbour did not answer, or because too many waited for it. */
  neighbourDrops: number
  tcpRetransmissions: number
}

/** Counters at zero. */
export function newHostCounters(): HostCounters {
  return {
    received: 0,
    sent: 0,
    notForMe: 0,
    malformed: 0,
    badChecksum: 0,
    fragmentsSent: 0,
    fragmentsReceived: 0,
    reassembled: 0,
    reassemblyFailures: 0,
    echoesAnswered: 0,
    icmpErrorsSent: 0,
    icmpErrorsLimited: 0,
    icmpErrorsReceived: 0,
    neighbourDrops: 0,
    tcpRetransmissions: 0,
  }
}

/** Why a packet did not leave, by its errno name. */
export type SendError = 'EMSGSIZE' | 'ENETDOWN' | 'ENETUNREACH'

/** TTL and hop limit of everything a host sends unless a program asks otherwise (`net.ipv4.ip_default_ttl`). */
export const DEFAULT_TTL = 64
