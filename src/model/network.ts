/**
 * The network that is wanted: clusters, their nodes, subnets and pods, what joins them, and the underlay below.
 * Immutable; `input/` makes it from scenario files and manifests with every default filled in, `control/` realises it.
 */
import type { Ip } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import type { Prefix } from '../net/prefix.ts'
import type { Profile } from './profile.ts'
import type { Nanos } from './time.ts'

export interface Network {
  readonly name: string
  readonly profile: Profile
  /** Seed of everything random: row UUIDs (hence ECMP order), Kube-OVN's port addresses, BFD jitter, packet loss. */
  readonly seed: number
  readonly interconnect: Interconnect
  readonly clusters: readonly Cluster[]
  readonly underlay: Underlay
}

/** OVN-IC's global part: where the two IC databases live and which transit switches exist. */
export interface Interconnect {
  /** Hosts of the IC databases: one, or three and more as a Raft cluster that needs a majority. */
  readonly dbHosts: readonly string[]
  readonly transitSwitches: readonly TransitSwitch[]
  /** `ovn-ic-sbctl` command lines applied before any AZ starts (residue of clusters long gone). */
  readonly icSbResidue: readonly string[]
}

export interface TransitSwitch {
  readonly name: string
  /** Networks of the switch, IPv4 and/or IPv6 (KO-TS-1: 169.254.(100+i).0/24). */
  readonly subnets: readonly Prefix[]
}

export interface Cluster {
  /** The key in the scenario file: how pods and events refer to it. */
  readonly id: string
  /** `NB_Global.name`. Differs from `id` only where the user says so (AZ-2: two clusters may share it by mistake). */
  readonly azName: string
  readonly profile: Profile
  /** False: no ovn-ic daemon runs in this cluster. */
  readonly icDaemon: boolean
  readonly nodes: readonly Node[]
  /** Interconnection as configured: for Kube-OVN the ConfigMap `ovn-ic-config`; absent ConfigMap is `undefined`. */
  readonly ic: IcConfig | undefined
  /** `NB_Global.options` set from the start, as written (plain OVN profiles). */
  readonly options: Readonly<Record<string, string>>
  readonly routers: readonly Router[]
  readonly subnets: readonly Subnet[]
  readonly pods: readonly Pod[]
  /** Ports on transit switches that the scenario pins; Kube-OVN profiles create the missing ones themselves (4.4, 4.5). */
  readonly transitPorts: readonly TransitPort[]
  /** `ovn-nbctl` command lines run once the cluster is set up (manual `lr-route-add`, `lr-policy-add`, …). */
  readonly commands: readonly string[]
  /** Order of ECMP members, where a real cluster's is to be reproduced (EC-1). */
  readonly ecmpOrder: EcmpOrder
}

/** Nexthops in the order that ECMP groups shall have, by prefix (masked, as text); under the empty key for all other prefixes. */
export type EcmpOrder = Readonly<Record<string, readonly string[]>>

/** The seven keys of `ovn-ic-config` (ovn-semantics 4.1), parsed. */
export interface IcConfig {
  readonly enable: boolean
  readonly azName: string
  readonly dbHosts: readonly string[]
  readonly nbPort: number
  readonly sbPort: number
  /** Node names; order is priority. */
  readonly gatewayNodes: readonly string[]
  readonly autoRoute: boolean
}

export interface Node {
  readonly name: string
  /** OVN's chassis name, `external_ids:system-id`. */
  readonly chassis: string
  readonly hostname: string
  /** Tunnel endpoint (`ovn-encap-ip`). */
  readonly encapIp: Ip
  readonly encapType: 'geneve' | 'vxlan'
  /** Kubernetes InternalIP addresses (blacklisted by Kube-OVN, KO-BL-3). */
  readonly internalIps: readonly Ip[]
  /** Address of the node's ovn0 port in the join subnet (Kube-OVN), by family. */
  readonly joinIps: readonly Ip[]
  /** MAC address of ovn0 where the node's annotation gives it; otherwise Kube-OVN makes one up. */
  readonly joinMac?: Mac
  /** `external_ids:ovn-is-interconn` (GW-1); Kube-OVN's daemon sets it from the node label. */
  readonly isInterconn: boolean
  /** MAC address of the underlay interface. */
  readonly underlayMac: Mac
}

export interface Router {
  readonly name: string
  readonly staticRoutes: readonly StaticRoute[]
  readonly policies: readonly RouterPolicy[]
}

export interface StaticRoute {
  /** As written: host bits and a missing length are kept (ADV-8). */
  readonly prefix: string
  /** An address, or `discard`. */
  readonly nexthop: string
  readonly policy: 'dst-ip' | 'src-ip'
  readonly routeTable: string
  readonly outputPort?: string
  readonly ecmp: boolean
}

export interface RouterPolicy {
  readonly priority: number
  readonly match: string
  readonly action: 'allow' | 'drop' | 'reroute'
  readonly nexthops: readonly string[]
}

export interface Subnet {
  readonly name: string
  readonly router: string
  /** Name of the logical router port, its peer on the switch, and the router port's MAC. */
  readonly lrp: string
  readonly lsp: string
  readonly mac: Mac
  /** The router's addresses in this subnet with the subnet's length: `10.16.0.1/16`, `fd00::1/112`. */
  readonly gateways: readonly Prefix[]
  /** `options:route_table` of the router port; empty is the main table. */
  readonly routeTable: string
  readonly disableInterConnection: boolean
  /** True for Kube-OVN's join subnet, whose ports are the nodes' ovn0. */
  readonly isJoin: boolean
  /** Kube-OVN's `spec.gatewayType` (4.8, 4.9). */
  readonly gatewayType: 'distributed' | 'centralized'
  readonly gatewayNodes: readonly string[]
  /** `NB … options` of the router port beyond route_table, e.g. gateway_mtu. */
  readonly lrpOptions: Readonly<Record<string, string>>
}

export interface Pod {
  readonly name: string
  readonly subnet: string
  readonly node: string
  readonly mac: Mac
  readonly ips: readonly Ip[]
  readonly mtu: number
  /** Name of the logical switch port; Kube-OVN uses `<pod>.<namespace>`. */
  readonly lsp: string
}

export interface TransitPort {
  readonly transitSwitch: string
  readonly router: string
  readonly lrp: string
  readonly lsp: string
  readonly mac: Mac
  readonly networks: readonly Prefix[]
  /** Chassis by node name with priority. */
  readonly gateways: readonly { readonly node: string; readonly priority: number }[]
  readonly routeTable: string
  readonly lrpOptions: Readonly<Record<string, string>>
}

/** One layer-2 segment that joins every node; figures may differ per node and per pair of clusters. */
export interface Underlay {
  readonly mtu: number
  readonly latency: Nanos
  /** Fraction of packets lost at random, 0 to 1. */
  readonly loss: number
  readonly nodes: Readonly<Record<string, LinkFigures>>
  /** Keyed `az1|az2` (ids in file order): the WAN between two clusters. */
  readonly wan: Readonly<Record<string, LinkFigures>>
}

export interface LinkFigures {
  readonly mtu?: number
  readonly latency?: Nanos
  readonly loss?: number
}
