/** Traffic that pods send during a run, and what was seen of it. The lab sends the same with real ping, traceroute and nc. */
import type { Ip } from '../net/ip.ts'
import type { Nanos } from './time.ts'

/** `cluster/pod`. */
export interface PodRef {
  readonly cluster: string
  readonly pod: string
}

interface TrafficBase {
  /** Name for reports and expectations; generated from `from -> to` where the user gives none. */
  readonly name: string
  readonly at: Nanos
  readonly from: PodRef
  /** Undefined where the destination is a bare address. */
  readonly to: PodRef | undefined
  readonly address: Ip
}

/** Don't-fragment behaviour of the sending socket, as iputils' `ping -M`: `do` honours the path MTU, `probe` ignores it, `dont` clears DF. */
export type DfMode = 'do' | 'dont' | 'want' | 'probe'

export interface PingTraffic extends TrafficBase {
  readonly kind: 'ping'
  readonly count: number
  readonly interval: Nanos
  /** ICMP payload bytes (56 by default: an 84-byte packet). */
  readonly size: number
  readonly ttl: number
  readonly tos: number
  readonly df: DfMode
  /** How long after the last request a reply still counts. */
  readonly wait: Nanos
}

export interface TracerouteTraffic extends TrafficBase {
  readonly kind: 'traceroute'
  readonly mode: 'icmp' | 'udp'
  readonly maxTtl: number
  /** UDP mode: the probe with TTL n leaves from port `sourcePort + n`, to port 33434 + n. Chosen by the host where absent. */
  readonly sourcePort?: number
  readonly wait: Nanos
}

export interface UdpTraffic extends TrafficBase {
  readonly kind: 'udp'
  readonly count: number
  readonly interval: Nanos
  readonly size: number
  readonly sourcePort: number
  readonly destinationPort: number
  readonly wait: Nanos
}

export interface TcpTraffic extends TrafficBase {
  readonly kind: 'tcp'
  /** Bytes sent, and expected back from the echo service. */
  readonly bytes: number
  readonly sourcePort: number
  readonly destinationPort: number
  readonly timeout: Nanos
}

export type Traffic = PingTraffic | TracerouteTraffic | UdpTraffic | TcpTraffic

/** Requests `fromSeq`…`toSeq` (first is 1) went unanswered. */
export interface Gap {
  readonly fromSeq: number
  readonly toSeq: number
  /** When the first lost request was sent. */
  readonly from: Nanos
  /** When the first answered request after the gap was sent; undefined if nothing came back until the end. */
  readonly to: Nanos | undefined
}

export interface IcmpErrorSeen {
  readonly from: string
  readonly type: number
  readonly code: number
  /** TTL or hop limit of the error as it arrived. */
  readonly ttl: number
  readonly mtu: number | undefined
  /** Bytes of the original datagram that the error quotes, and the quoted TTL. */
  readonly quotedLength: number
  readonly quotedTtl: number
  readonly count: number
}

export interface TrafficResult {
  readonly traffic: Traffic
  readonly sent: number
  /** Identifier of the ICMP echo requests, to find them in a capture; undefined for other traffic. */
  readonly icmpId: number | undefined
  /** Sequence numbers answered, ascending; UDP likewise, TCP 1 if the whole exchange succeeded. */
  readonly received: readonly number[]
  readonly lost: readonly number[]
  /** Sending time by sequence number − 1. */
  readonly sentAt: readonly Nanos[]
  /** Round-trip times of `received`, same order. */
  readonly rtt: readonly Nanos[]
  /** Distinct TTLs of the replies, and distinct repliers. */
  readonly replyTtls: readonly number[]
  readonly repliers: readonly string[]
  readonly gaps: readonly Gap[]
  readonly icmpErrors: readonly IcmpErrorSeen[]
  /** Errors of the sending host itself: `EMSGSIZE`, `EHOSTUNREACH`; with counts. */
  readonly localErrors: readonly { readonly error: string; readonly count: number }[]
  /** Traceroute: index 0 is TTL 1; undefined for silence. */
  readonly hops: readonly (TracerouteHop | undefined)[]
  readonly tcp:
    | { readonly connected: boolean; readonly echoed: number; readonly connectTime: Nanos | undefined }
    | undefined
}

export interface TracerouteHop {
  readonly from: string
  readonly kind: 'time-exceeded' | 'unreachable' | 'reply'
  readonly ttl: number
  readonly rtt: Nanos
}
