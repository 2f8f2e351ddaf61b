/**
 * What happened to one packet: hops (one chassis each), steps (one OVN stage each), and one disposition. Three renderings
 * (detailed, summary, minimal) are three prunings of it, as in ovn-trace(8).
 */
import type { Nanos } from './time.ts'

/** The packet a trace starts with, readable. */
export interface TracePacket {
  readonly from: string
  readonly source: string
  readonly destination: string
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly sourcePort: number | undefined
  readonly destinationPort: number | undefined
  readonly ttl: number
  /** Bytes of the IP packet that was followed. */
  readonly length: number
  /** Set where the sender had to fragment: length of the whole packet. What was followed is its first fragment. */
  readonly fragmentOf?: number
}

export interface Trace {
  readonly packet: TracePacket
  readonly hops: readonly TraceHop[]
  readonly disposition: Disposition
  /** The answer's own trace: present if and only if the packet was delivered or answered and an answer was sent. */
  readonly reply: Trace | undefined
}

/** One chassis: from where the packet came in until it left or ended. */
export interface TraceHop {
  /** `cluster/node`. */
  readonly chassis: string
  readonly entered:
    | { readonly kind: 'vif'; readonly port: string }
    | ({ readonly kind: 'tunnel' } & TunnelHeader)
  readonly steps: readonly TraceStep[]
  readonly left: readonly (
    | ({ readonly kind: 'tunnel' } & TunnelHeader)
    | { readonly kind: 'vif'; readonly port: string }
  )[]
}

export interface TunnelHeader {
  readonly from: string
  readonly to: string
  readonly outerSource: string
  readonly outerDestination: string
  readonly udpSource: number
  readonly vni: number
  readonly ingressKey: number
  readonly egressKey: number
  /** Names of the datapath and ports that vni and keys stand for. */
  readonly datapath: string
  readonly ingressPort: string
  readonly egressPort: string
}

export interface TraceStep {
  readonly datapath: string
  readonly pipeline: 'ingress' | 'egress'
  /** The stage's place in its pipeline and its OVN name: 13, `lr_in_ip_routing`. */
  readonly table: number
  readonly stage: string
  readonly inport: string
  readonly outport: string
  readonly priority: number | undefined
  readonly match: string
  readonly actions: readonly string[]
  /** A sentence for people: `10.17.0.0/16 via 169.254.100.42 (learned)`. */
  readonly note: string | undefined
}

/** How a packet ended; a closed set. `stage` names where. */
export type Disposition =
  | { readonly kind: 'delivered'; readonly port: string; readonly ttl: number }
  /** The router (or a switch, for ARP/ND) made an answer itself: echo reply, ARP reply. */
  | { readonly kind: 'answered'; readonly by: string; readonly ttl: number }
  | Drop

export type DropKind =
  | 'no-route'
  | 'ttl-exceeded'
  | 'mtu-exceeded'
  /** Addressed to a gateway port's MAC on a chassis that is not active for it (LR-1, PA-4). */
  | 'not-resident'
  /** Every tunnel that could carry it is down, missing or not known. */
  | 'tunnel-down'
  /** The output port is bound to no chassis (PB-4, HA-9). */
  | 'unbound'
  | 'policy'
  | 'discard-route'
  /** The nexthop has no known MAC; an ARP or ND request goes out and this packet is dropped (AR-4). */
  | 'unknown-neighbour'
  /** No port of the switch has this destination MAC. */
  | 'unknown-destination'
  /** Addressed to a router's own address that nothing answers there (LR-2, IC4-4). */
  | 'own-address'
  /** Admission control: wrong MAC, bad source (LR-1, LR-2). */
  | 'admission'
  /** RT-12: two flows of equal match and priority disagree; the real system's choice is unspecified. */
  | 'undefined'
  | 'loop'
  | 'link-down'
  | 'link-loss'
  | 'chassis-down'
  | 'malformed'
  /** The network stack of a pod or node threw it away; in runs only, a trace ends at the port. */
  | 'host'

export interface Drop {
  readonly kind: DropKind
  /** `cluster/node`, or the link. */
  readonly where: string
  readonly datapath: string
  readonly stage: string
  /** One sentence with the facts: which route, which port, which MTU. */
  readonly reason: string
  /** For `undefined`: the candidates in words. */
  readonly candidates?: readonly string[]
  /** The ICMP error that was sent because of it, if any. */
  readonly icmp?: {
    readonly type: number
    readonly code: number
    readonly from: string
    readonly mtu?: number
  }
}

/** One change or act worth a line in the timeline report. */
export interface LogEntry {
  readonly at: Nanos
  /** `ovn-ic az1`, `ovn-controller az1/gw1`, `timeline`. */
  readonly source: string
  readonly kind:
    | 'event'
    | 'learn'
    | 'withdraw'
    | 'claim'
    | 'release'
    | 'bfd'
    | 'refused'
    | 'binding'
    | 'policy'
    | 'config'
    | 'daemon'
    | 'warning'
  readonly text: string
}
