// A cluster as far as it was said, from the scenario file or from manifests, with the place of everything that later
// checks may have to point at. complete-*.ts turns drafts into the model by filling in the defaults.

import type { EcmpOrder, IcConfig, Router } from '../model/network.ts'
import type { Profile } from '../model/profile.ts'
import type { Ip } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import type { Prefix } from '../net/prefix.ts'
import type { At } from './yaml-file.ts'

/** A value and where it was written. */
export interface Placed<T> {
  readonly value: T
  readonly at: At
}

export interface NodeDraft {
  readonly name: string
  readonly at: At
  readonly ip: Placed<Ip>
  readonly chassis?: Placed<string> | undefined
  readonly hostname?: string | undefined
  readonly encapType: 'geneve' | 'vxlan'
  readonly internalIps: readonly Ip[]
  readonly joinIps: readonly Ip[]
  readonly joinMac?: Mac | undefined
  readonly interconn?: boolean | undefined
  readonly mtu?: number | undefined
  readonly mac?: Mac | undefined
}

/** The router's address with its length, and where the network was written. */
export type NetworkDraft = Placed<Prefix>

export interface SubnetDraft {
  readonly name: string
  readonly at: At
  readonly gateways: readonly NetworkDraft[]
  readonly router: Placed<string>
  readonly mac?: Placed<Mac> | undefined
  readonly lrp?: string | undefined
  readonly lsp?: string | undefined
  readonly routeTable: string
  readonly disableInterConnection: boolean
  readonly join?: boolean | undefined
  readonly gatewayType: 'distributed' | 'centralized'
  readonly gatewayNodes: readonly Placed<string>[]
  readonly options: Readonly<Record<string, string>>
}

export interface PodDraft {
  readonly name: string
  readonly at: At
  readonly node?: Placed<string> | undefined
  readonly subnet?: Placed<string> | undefined
  readonly ips: readonly Placed<Ip>[]
  readonly mac?: Placed<Mac> | undefined
  readonly mtu?: number | undefined
  readonly lsp?: string | undefined
}

export interface GatewayDraft {
  readonly node: string
  readonly priority: number
  readonly at: At
}

export interface TransitPortDraft {
  readonly transitSwitch: string
  readonly at: At
  readonly ips: readonly Placed<Prefix>[]
  readonly mac?: Placed<Mac> | undefined
  readonly gateways?: readonly GatewayDraft[] | undefined
  readonly lrp?: string | undefined
  readonly lsp?: string | undefined
  readonly router: Placed<string>
  readonly routeTable: string
  readonly options: Readonly<Record<string, string>>
}

/** A ConfigMap `ovn-ic-config` (ovn-semantics 4.1); node names are checked when the cluster is complete. */
export interface ConfigMapDraft {
  readonly config: IcConfig
  readonly at: At
  readonly gateways: readonly GatewayDraft[]
}

export interface ClusterDraft {
  readonly id: string
  readonly at: At
  /** The place from which the cluster's number and its addresses derive, from 0. */
  readonly index: number
  azName: Placed<string> | undefined
  readonly profile: Profile
  readonly ic: boolean
  autoRoute: boolean | undefined
  readonly nodes: NodeDraft[]
  gateways: readonly GatewayDraft[] | undefined
  readonly subnets: SubnetDraft[]
  readonly pods: PodDraft[]
  readonly routers: Router[]
  readonly transitPorts: TransitPortDraft[]
  /** Transit switches on which the cluster has no port, as written. */
  readonly withoutPortOn: readonly string[]
  readonly options: Readonly<Record<string, string>>
  readonly commands: readonly string[]
  readonly ecmpOrder: EcmpOrder
  configMap: ConfigMapDraft | undefined
}

/** What a cluster needs to know about the rest of the scenario. */
export interface Surroundings {
  readonly seed: number
  readonly underlayMtu: number
  /** Overrides of `underlay.nodes`, by `cluster/node`. */
  readonly nodeMtu: Readonly<Record<string, number>>
  readonly dbHosts: readonly string[]
  /** MAC addresses that the user gave, in all clusters. */
  readonly givenMacs: readonly Mac[]
}

/** The router that every cluster has. */
export const DEFAULT_ROUTER = 'ovn-cluster'

/** Priorities of a list of gateways in order of preference: 100, 99, … (KO-EST, 4.3). */
export function priorityOf(index: number): number {
  return Math.max(0, 100 - index)
}
