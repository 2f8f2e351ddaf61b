/**
 * A plan: what a team is about to apply, as far as anybody wrote it down, with the place of every word that a finding may point at.
 * Unlike `Network` it is tolerant: nothing need be complete or possible. `input/plan/` makes it, `plan/` judges it, fixes patch it.
 */
import type { Span } from '../diag/diagnostic.ts'
import type { Ip } from '../net/ip.ts'
import type { Prefix } from '../net/prefix.ts'
import type { AddressRange } from '../net/range.ts'
import type { ProfileName } from './profile.ts'

/** A value and where it was written. */
export interface Written<T> {
  readonly value: T
  readonly span: Span
}

/** What the addresses of a network are for. */
export const NETWORK_ROLES = [
  'pods',
  'cluster-cidr',
  'pool',
  'services',
  'join',
  'nodes',
  'transit',
  'docker',
  'kind',
  'globalnet',
  'load-balancer',
  'underlay',
  'external',
] as const

/**
 * `pods`: a subnet that pods get addresses from; `cluster-cidr`: a range that a cluster declares as its pods' (kubeadm's podSubnet,
 * `--clustercidr`), which subnets lie in; `pool`: a SpiderIPPool; `underlay`: a network of the data centre that pods sit in directly;
 * `external`: anything else that must stay reachable, such as an office network.
 */
export type NetworkRole = (typeof NETWORK_ROLES)[number]

/** One network of the plan. A dual-stack subnet is two of them with one name. */
export interface PlanNetwork {
  /** Id of the cluster; empty for networks that belong to all, such as transit switches. */
  readonly cluster: string
  readonly role: NetworkRole
  readonly name: string
  /** Host bits are cleared. */
  readonly prefix: Prefix
  readonly span: Span
  /** Why the network is believed to exist although nobody wrote it: `Kube-OVN's default`. The span is then that of what implies it. */
  readonly assumed?: string
  /** False for what is never announced to other clusters: `disableInterConnection`, custom VPCs, underlay subnets without router port. */
  readonly exported: boolean
  /** Why it is not exported, for messages; absent where it is. */
  readonly withheld?: 'disableInterConnection' | 'vpc' | 'underlay'
  readonly vpc?: Written<string>
  readonly gateways?: readonly Written<Ip>[]
  readonly excludes?: readonly Written<AddressRange>[]
  /** The addresses that may be handed out, where that is not the whole network (SpiderIPPool `ips`). */
  readonly ranges?: readonly Written<AddressRange>[]
  /** How many addresses of it will be needed, as the plan says. */
  readonly wanted?: Written<number>
  /** Prefix length of each node's share of it (kubeadm `node-cidr-mask-size`). */
  readonly nodeLength?: Written<number>
}

/** A machine of a cluster. */
export interface PlanNode {
  readonly cluster: string
  readonly name: Written<string>
  /** InternalIP addresses, the tunnel endpoint first. */
  readonly ips: readonly Written<Ip>[]
  /** Further addresses of its interfaces. */
  readonly interfaces: readonly Written<Ip>[]
  readonly chassis?: Written<string>
  readonly hostname?: Written<string>
  readonly encap?: Written<string>
  readonly mtu?: Written<number>
  /** Labelled as a gateway of Submariner (`submariner.io/gateway`). */
  readonly submarinerGateway?: Written<boolean>
  readonly publicIp?: Written<string>
  readonly udpPort?: Written<number>
  readonly tcpClampMss?: Written<number>
  readonly podCidrs: readonly Written<Prefix>[]
  readonly maxPods?: Written<number>
  /** Host name of its region or zone does not matter; whether strict rp_filter is set does. */
  readonly strictRpFilter?: Written<boolean>
}

/** A pod, or a template of pods. */
export interface PlanPod {
  readonly cluster: string
  readonly name: Written<string>
  readonly namespace: string
  readonly node?: Written<string>
  readonly ips: readonly Written<Ip>[]
  readonly replicas: number
  /** `v1.multus-cni.io/default-network` and its kin: names of SpiderMultusConfigs, `namespace/name` or `name`. */
  readonly attachments: readonly Written<string>[]
  readonly mtu?: Written<number>
  /** Seen running, not planned. */
  readonly running?: boolean
}

/** `ovn-ic-config`, or what another form of plan says in its place. */
export interface PlanOvnIc {
  readonly span: Span
  readonly enabled: boolean
  /** True where ovn-ic-config itself was read: what it leaves out is left out, and not only untold. */
  readonly isConfigMap?: boolean
  readonly azName: Written<string>
  readonly dbHosts: readonly Written<string>[]
  readonly nbPort?: Written<number>
  readonly sbPort?: Written<number>
  /** In order of preference. */
  readonly gateways: readonly Written<string>[]
  /** True for `auto-route: "true"`; undefined where the plan does not say. */
  readonly autoRoute: Written<boolean> | undefined
  /** `NB_Global.options` that are set by hand, such as `ic-route-adv-default`. */
  readonly options: Readonly<Record<string, Written<string>>>
  /** Keys of the ConfigMap whose text is neither "true" nor "false". */
  readonly oddities: readonly Written<{ readonly key: string; readonly text: string }>[]
}

/** Submariner as a cluster joins it. */
export interface PlanSubmariner {
  readonly span: Span
  readonly clusterId?: Written<string>
  readonly version?: Written<string>
  readonly globalnet?: Written<boolean>
  readonly cableDriver?: Written<string>
  readonly natt?: Written<boolean>
  readonly forceUdpEncaps?: Written<boolean>
  readonly healthCheck?: Written<boolean>
  readonly airGapped?: Written<boolean>
  readonly udpPort?: Written<number>
  /** Address or name of the broker, and the clusterset's pre-shared key. */
  readonly broker?: Written<string>
  readonly psk?: Written<string>
  /** `true` where the plan expects peers to see pods' own addresses. */
  readonly sourcePreserved?: Written<boolean>
  /** Where encryption between clusters is demanded. */
  readonly encryption?: Written<boolean>
  /** What `subctl show` of the same cluster called it, if that was pasted. */
  readonly shownAs: readonly Written<string>[]
}

/** A SpiderMultusConfig. */
export interface PlanMultus {
  readonly cluster: string
  readonly name: Written<string>
  readonly namespace: string
  readonly cniType?: Written<string>
  readonly masters: readonly Written<string>[]
  readonly pools: readonly Written<string>[]
  /** Absent where the coordinator's default 169.254.0.0/16 holds. */
  readonly hijack?: readonly Written<Prefix>[]
  readonly span: Span
}

/** One cluster. */
export interface PlanCluster {
  readonly id: string
  /** Where it first appears. */
  readonly span: Span
  readonly profile?: Written<ProfileName>
  /** True where something says that Kube-OVN runs there. */
  readonly kubeOvn: boolean
  readonly ovnIc?: PlanOvnIc
  readonly submariner?: PlanSubmariner
  readonly cni?: Written<string>
  readonly kubeProxy?: Written<string>
  readonly kubernetes?: Written<string>
  /** MTU of pods' interfaces. */
  readonly podMtu?: Written<number>
  /** Largest UDP payload that applications send, where the plan says. */
  readonly udpPayload?: Written<number>
  /** How much the cluster will grow, as a factor: 1.5 for half as much again. */
  readonly growth?: Written<number>
  readonly nodeCount?: Written<number>
  /** Node-local DNS is in use (a link-local address that pods ask). */
  readonly nodeLocalDns?: Written<boolean>
  /** True when nodes were listed, so that a name that is none of them is a mistake. */
  readonly nodesKnown: boolean
}

/** An IPPool of Kube-OVN: addresses of a subnet set aside for some pods. */
export interface PlanIpPool {
  readonly cluster: string
  readonly name: string
  readonly subnet: Written<string>
  readonly ranges: readonly Written<AddressRange>[]
}

/** A transit switch. */
export interface PlanTransitSwitch {
  readonly name: string
  readonly span: Span
  /** True when the databases or the plan show it, not only the defaults. */
  readonly written: boolean
}

/** A port on a transit switch, planned or printed by `ovn-nbctl show` and `ovn-ic-sbctl show`. */
export interface PlanTransitPort {
  /** Name of the availability zone that the port belongs to. */
  readonly az: string
  /** The cluster whose output shows it; empty for the IC databases. */
  readonly seenIn: string
  readonly transitSwitch: string
  readonly name: Written<string>
  readonly router?: string
  readonly mac?: Written<string>
  readonly networks: readonly Written<Prefix>[]
}

/** A static route of a logical router. */
export interface PlanRoute {
  readonly cluster: string
  readonly router: string
  readonly prefix: Written<string>
  readonly nexthop: Written<string>
  readonly policy: 'dst-ip' | 'src-ip'
  readonly port?: string
  readonly learned: boolean
}

/** A routing policy of a logical router. */
export interface PlanPolicy {
  readonly cluster: string
  readonly router: string
  readonly priority: number
  readonly match: Written<string>
  readonly action: string
  /** Where a reroute sends packets; empty for other actions, and where nobody says. */
  readonly nexthops: readonly Written<string>[]
}

/** An address set on a router port, as `ovn-nbctl show` prints it. */
export interface PlanRouterPort {
  readonly cluster: string
  readonly router: string
  readonly name: Written<string>
  readonly networks: readonly Written<Prefix>[]
  /** A manifest asks for it (`vpcPeerings` of a Vpc), which says nothing of the router's other ports. */
  readonly wanted?: true
}

/** What the IC Southbound database shows of an availability zone, or a residue that a scenario states. */
export interface PlanZoneRow {
  readonly name: Written<string>
  readonly gateways: readonly {
    readonly chassis: Written<string>
    readonly hostname?: Written<string>
    readonly ip?: Written<Ip>
  }[]
}

/** The MTU between two clusters. */
export interface PlanWan {
  readonly a: string
  readonly b: string
  readonly mtu: Written<number>
}

/** A change that a plan makes to a running `ovn-ic-config`. */
export interface PlanEdit {
  readonly cluster: string
  readonly key: Written<string>
}

/** Traffic that may pass between the clusters' gateways: `udp/6081`, `esp`. */
export interface PlanFirewall {
  /** Where it is given, everything else is closed. */
  readonly open?: { readonly span: Span; readonly entries: readonly Written<string>[] }
  readonly closed: readonly Written<string>[]
}

/** One line of `ip route` inside a pod. */
export interface PlanPodRoute {
  /** A CIDR, an address or `default`. */
  readonly to: Written<string>
  readonly via?: Written<string>
  readonly device: string
  readonly source?: Written<string>
}

/** A value that holds addresses and that no rule judges; a renumbering must follow them. */
export interface PlanMention {
  /** The cluster whose document it is; empty where it belongs to several. */
  readonly cluster: string
  /** Where it stands, as the keys that lead there: `status.podIP`. */
  readonly what: string
  /**
   * Whose addresses they are: of the cluster itself (`own`; `pods` and `nodes` of it where that is known), of another cluster if one
   * has them (`other`), or of whoever has them (`any`).
   */
  readonly whose: 'own' | 'pods' | 'nodes' | 'other' | 'any'
  readonly span: Span
}

/** What a plan says about how it may be fixed, in the words of the options of `isthmus check --fix-plan`. */
export interface PlanFix {
  /** `az1`, `az1/ovn-default`. */
  readonly pin: readonly Written<string>[]
  readonly reserve: readonly Written<string>[]
  readonly within: readonly Written<string>[]
  /** `az1/ovn-default=500`. */
  readonly cost: readonly Written<string>[]
  readonly growth?: Written<number>
}

/** Everything that was read. */
export interface Plan {
  readonly clusters: readonly PlanCluster[]
  readonly networks: readonly PlanNetwork[]
  readonly nodes: readonly PlanNode[]
  readonly pods: readonly PlanPod[]
  readonly multus: readonly PlanMultus[]
  readonly ipPools: readonly PlanIpPool[]
  readonly transitSwitches: readonly PlanTransitSwitch[]
  readonly transitPorts: readonly PlanTransitPort[]
  readonly routes: readonly PlanRoute[]
  readonly policies: readonly PlanPolicy[]
  readonly routerPorts: readonly PlanRouterPort[]
  readonly zoneRows: readonly PlanZoneRow[]
  readonly wans: readonly PlanWan[]
  readonly edits: readonly PlanEdit[]
  readonly underlayMtu?: Written<number>
  readonly firewall?: PlanFirewall
  /** What a running cluster shows: routes inside pods, addresses of its own endpoints, networks that its gateways complain about. */
  readonly podRoutes: readonly {
    readonly cluster: string
    readonly span: Span
    readonly routes: readonly PlanPodRoute[]
  }[]
  readonly shownAddresses: readonly { readonly cluster: string; readonly ip: Written<Ip> }[]
  /** Pings in pasted output: from a pod of the cluster to an address. */
  readonly pings: readonly { readonly cluster: string; readonly target: Written<Ip> }[]
  readonly complaints: readonly { readonly cluster: string; readonly cidr: Written<Prefix> }[]
  readonly fix?: PlanFix
  /** Read only for a fix, see `LoadPlanOptions.mentions`; empty otherwise. */
  readonly mentions: readonly PlanMention[]
  /** Hosts of the IC databases where the plan lists them apart from a ConfigMap. */
  readonly icDbHosts: readonly Written<string>[]
}
