/**
 * The truth cases: what was built with OVN 23.03.1 and OVS 3.1.0 (userspace datapath) in network namespaces, and what was seen,
 * reduced to what the model can be held against. One file a case in `cases/`.
 */

export interface TruthCase {
  readonly case: CaseInput
  readonly converged: boolean
  /** Local tunnel keys by AZ: datapaths by key, ports by `datapath/port`. */
  readonly keys: Record<string, { datapaths: Record<string, string>; ports: Record<string, string> }>
  readonly snapshots: readonly TruthSnapshot[]
  readonly probes: readonly TruthProbe[]
  readonly other_underlay: readonly { readonly n: number; readonly pkt: Record<string, unknown> }[]
}

export interface CaseInput {
  readonly name: string
  readonly description: string
  readonly azs: readonly CaseAz[]
  readonly transit: readonly { readonly name: string; readonly ports: readonly CasePort[] }[]
  readonly underlay?: { readonly mtu?: number }
  readonly pod_mtu?: number
  readonly events: readonly Record<string, unknown>[]
  readonly probes: readonly CaseProbe[]
  readonly icsb_pre?: readonly (readonly string[])[]
  readonly duration?: number
  readonly nondeterministic?: string
  readonly timing_tolerance_s?: number
  readonly seed?: number
}

export interface CaseAz {
  readonly id: string
  readonly name: string
  readonly options: Record<string, string>
  readonly chassis: readonly {
    readonly name: string
    readonly ip: string
    readonly gateway: boolean
    readonly mtu?: number
    readonly hostname?: string
  }[]
  readonly routers: readonly {
    readonly name: string
    readonly static_routes?: readonly {
      readonly prefix: string
      readonly nexthop: string
      readonly policy?: string
      readonly route_table?: string
      readonly output_port?: string
      readonly ecmp?: boolean
    }[]
    readonly policies?: readonly {
      readonly priority: number
      readonly match: string
      readonly action: string
      readonly nexthops?: readonly string[]
    }[]
  }[]
  readonly subnets: readonly CaseSubnet[]
  readonly pods: readonly {
    readonly name: string
    readonly subnet: string
    readonly chassis: string
    readonly mac: string
    readonly ips: readonly string[]
    readonly mtu?: number
  }[]
  readonly nbctl?: readonly (readonly string[])[]
  readonly ic?: boolean
}

export interface CaseSubnet {
  readonly name: string
  readonly router: string
  readonly lrp: string
  readonly lsp: string
  readonly mac: string
  readonly gateways: readonly string[]
  readonly route_table?: string
}

export interface CasePort {
  readonly az: string
  readonly router: string
  readonly lrp: string
  readonly lsp: string
  readonly mac: string
  readonly networks: readonly string[]
  readonly gateways: readonly (readonly [string, number])[]
  readonly route_table?: string
  readonly nbctl?: readonly (readonly string[])[]
}

export interface CaseProbe {
  readonly kind: 'ping' | 'traceroute' | 'udp' | 'tcp'
  readonly src: string
  readonly dst: string
  readonly at: number
  readonly count?: number
  readonly interval?: number
  readonly size?: number
  readonly ttl?: number
  readonly df?: string
  readonly tos?: number
  readonly family?: 4 | 6
  readonly wait?: number
  readonly max_ttl?: number
  readonly mode?: 'icmp' | 'udp'
  readonly sport?: number
  readonly dport?: number
  readonly bytes?: number
  readonly timeout?: number
}

export interface TruthSnapshot {
  readonly label: string
  readonly t: number | null
  readonly az: Record<string, TruthAz> | 'same'
  readonly ic_sb_show: string
  readonly ic_sb: Record<string, readonly unknown[] | null> | 'same'
}

export interface TruthAz {
  readonly lr_route_list?: Record<string, string>
  readonly nb_ls?: readonly string[]
  readonly remote_ports?: readonly { readonly name: string; readonly addresses: string }[]
  readonly chassis?: readonly {
    readonly name: string
    readonly hostname: string
    readonly remote: boolean
    readonly interconn: boolean
  }[]
  readonly bindings?: Record<string, { readonly type: string; readonly chassis: string | null }>
  /** [stage, priority, match, actions] by router. */
  readonly router_flows?: Record<string, readonly (readonly [string, number, string, string])[]>
}

export interface TruthProbe {
  readonly id: string
  readonly kind: 'ping' | 'traceroute' | 'udp' | 'tcp'
  readonly src: string
  readonly dst: string
  readonly at: number
  readonly dst_ip: string
  readonly sent: number
  /** Lost sequence numbers as ranges: `16-43,50`. */
  readonly lost?: string
  readonly reply_ttl?: readonly number[]
  readonly reply_from?: readonly string[]
  readonly gaps?: readonly { readonly from_seq: number; readonly to_seq: number; readonly gap_s: number }[]
  readonly icmp_errors: readonly {
    readonly from: string
    readonly type: number
    readonly code: number
    readonly ttl: number
    readonly mtu: number | null
    readonly orig_len: number
    readonly orig_ttl: number
    readonly seqs: string
  }[]
  readonly local_errors?: readonly { readonly seq: number; readonly errno: string }[]
  readonly hops?: readonly {
    readonly ttl: number
    readonly answers: readonly { readonly kind: string; readonly from: string; readonly ttl: number }[]
  }[]
  readonly tcp?: { readonly connected: boolean; readonly echoed?: number }
  readonly paths: readonly TruthPath[]
}

/** One list of underlay hops and the requests that took it; TCP segments are listed hop by hop. */
export type TruthPath =
  | { readonly dir: 'request' | 'reply' | 'error'; readonly seqs: string; readonly hops: readonly TruthHop[] }
  | { readonly dir: 'tcp'; readonly n: number; readonly hop: TruthHop }

/** A packet seen on the underlay. Outer TTL 64, TOS 0, DF, checksum, port 6081 and flags C=1 are left out where they hold. */
export interface TruthHop {
  readonly from: string
  readonly to: string
  readonly osrc: string
  readonly odst: string
  readonly ottl?: number
  readonly otos?: number
  readonly odf?: boolean
  readonly ucsum?: string
  readonly udport?: number
  readonly gflags?: number
  readonly usport: number
  readonly vni: number
  readonly opts: readonly string[]
  readonly names: { readonly dp: string; readonly in: string; readonly out: string }
  readonly esrc: string
  readonly edst: string
  readonly src: string
  readonly dst: string
  readonly ttl: number
  readonly df?: boolean
  readonly tos?: number
  readonly iplen?: number
  readonly kind: string
  readonly sport?: number
  readonly dport?: number
}
