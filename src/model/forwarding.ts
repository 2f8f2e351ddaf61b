/**
 * What every chassis would do with a packet now: the one value in which control plane and data plane meet. `control/` makes a new
 * one when anything changes (sharing all that did not), `forward/` reads it and never changes it.
 *
 * Two layers, as in OVN: a `LogicalView` is one AZ's Southbound content turned into forwarding terms, shared by all chassis whose
 * ovn-controller has caught up with it; a `ChassisState` is what one node knows beyond it (tunnels, BFD, which gateway ports it is active for).
 */
import type { Ip } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import type { Prefix } from '../net/prefix.ts'
import type { Match } from './match.ts'
import type { Nanos } from './time.ts'

export interface ForwardingState {
  readonly at: Nanos
  /** Grows by one with every change. */
  readonly version: number
  /** By `cluster/node`. */
  readonly chassis: ReadonlyMap<string, ChassisState>
}

export interface ChassisState {
  /** `cluster/node`. */
  readonly key: string
  readonly cluster: string
  readonly node: string
  /** OVN's chassis name (system-id). */
  readonly chassis: string
  readonly encapIp: Ip
  readonly underlayMac: Mac
  /** ovs-vswitchd runs: packets are switched, BFD is spoken. */
  readonly vswitchd: boolean
  /** ovn-controller runs: packet-ins (ICMP errors, ARP/ND generation) are answered. */
  readonly controller: boolean
  /** What ovn-controller programmed last; undefined before its first run (br-int is fail-secure: everything is dropped). */
  readonly view: LogicalView | undefined
  /** Names of the gateway router ports for which `is_chassis_resident("cr-…")` held when flows were last programmed (HA-6, HA-9). */
  readonly resident: ReadonlySet<string>
  /** Logical switch ports whose interface is on this node. */
  readonly vifs: ReadonlySet<string>
  /** By chassis name of the other end (GW-6 says which exist). */
  readonly tunnels: ReadonlyMap<string, Tunnel>
}

export interface Tunnel {
  readonly chassis: string
  readonly remoteIp: Ip
  /** `off`: no BFD session, hence taken as alive (HA-8). */
  readonly bfd: 'off' | 'up' | 'down'
}

/** One AZ's logical network. Datapath and port keys are OVN's tunnel keys, hence what stands in a Geneve header. */
export interface LogicalView {
  readonly cluster: string
  readonly datapaths: ReadonlyMap<number, LogicalDatapath>
  readonly byName: ReadonlyMap<string, LogicalDatapath>
  /** Datapath key of the switch a logical switch port belongs to. */
  readonly switchOfPort: ReadonlyMap<string, number>
  /** EC-4: which fields choose an ECMP member. */
  readonly ecmpHash: 'l4-symmetric' | 'source-ip'
}

export type LogicalDatapath = LogicalSwitch | LogicalRouter

export interface LogicalSwitch {
  readonly kind: 'switch'
  readonly name: string
  readonly key: number
  /** Transit switch: its key and its port keys are global (TS-3, PB-1). */
  readonly transit: boolean
  readonly ports: readonly SwitchPort[]
  readonly portByKey: ReadonlyMap<number, SwitchPort>
  readonly portByName: ReadonlyMap<string, SwitchPort>
}

export interface SwitchPort {
  readonly kind: 'vif' | 'router' | 'remote'
  readonly name: string
  readonly key: number
  /** VIF and remote: the chassis it is bound to (PB-4); undefined where unbound, and for `router`. */
  readonly chassis: string | undefined
  /** VIF and remote: from `addresses`; router: the peer's MAC and addresses. Undefined for a port without addresses (PB-6). */
  readonly mac: Mac | undefined
  readonly ips: readonly Ip[]
  /** `router`: the peer, if that router port exists. */
  readonly peer: PortRef | undefined
}

/** A port of another datapath: the other end of a patch. */
export interface PortRef {
  readonly datapath: number
  readonly port: string
}

export interface LogicalRouter {
  readonly kind: 'router'
  readonly name: string
  readonly key: number
  readonly ports: readonly RouterPort[]
  readonly portByKey: ReadonlyMap<number, RouterPort>
  readonly portByName: ReadonlyMap<string, RouterPort>
  /** Flows of `lr_in_ip_routing`, northd's priorities; built when first asked for. Order is northd's, not priority's. */
  readonly routes: readonly RouteFlow[]
  /** Flows of `lr_in_policy` in descending priority. */
  readonly policies: readonly PolicyFlow[]
}

export interface RouterPort {
  readonly name: string
  readonly key: number
  readonly mac: Mac
  /** Addresses with length as configured, then the EUI-64 link-local that northd gives every port, IPv6 or not (last). */
  readonly networks: readonly Prefix[]
  /** The switch port on the other side. */
  readonly peer: PortRef | undefined
  /** PL-1: number of `options:route_table`, 0 for the main table. */
  readonly routeTable: number
  /** IC4-5: `options:gateway_mtu`. */
  readonly gatewayMtu: number | undefined
  /** Set where the port is a distributed gateway port (LR-1, GR-1). */
  readonly gateway: GatewayPort | undefined
}

/** The `chassisredirect` side of a distributed gateway port. */
export interface GatewayPort {
  /** `cr-<lrp>` and its tunnel key. */
  readonly redirectPort: string
  readonly redirectKey: number
  /** In the order of HA-2. */
  readonly members: readonly { readonly chassis: string; readonly priority: number }[]
  /** SB `Port_Binding.chassis` of the redirect port: decides alone where there is one member (HA-3). */
  readonly boundTo: string | undefined
}

export interface RouteFlow {
  readonly priority: number
  /** RT-3: the `reg7 ==` term; undefined matches in every route table. */
  readonly routeTable: number | undefined
  readonly kind: 'dst' | 'src'
  /** Masked. */
  readonly prefix: Prefix
  /** RT-4: connected link-local routes hold for one input port only. */
  readonly inport: string | undefined
  readonly origin: 'connected' | 'static' | 'learned'
  readonly action: RouteAction
}

export type RouteAction =
  | { readonly kind: 'drop' }
  | { readonly kind: 'forward'; readonly member: RouteMember }
  /** EC-2; at least two members, in group order. */
  | { readonly kind: 'ecmp'; readonly group: number; readonly members: readonly RouteMember[] }

export interface RouteMember {
  /** Undefined for a connected route: the nexthop is the destination. */
  readonly nexthop: Ip | undefined
  /** The router's own address on the output port (reg1/xxreg1). */
  readonly source: Ip
  readonly outport: string
}

export interface PolicyFlow {
  readonly priority: number
  readonly match: Match
  readonly text: string
  readonly action:
    | { readonly kind: 'allow' }
    | { readonly kind: 'drop' }
    | { readonly kind: 'reroute'; readonly members: readonly RouteMember[] }
}
