// A plan while it is read: readers of every kind of document add to it, each in its own words. What several documents say about one
// cluster comes together here; what they contradict each other in stays, because that is for a rule to find.

import type { Diagnostics, Span } from '../../diag/diagnostic.ts'
import type {
  Plan,
  PlanCluster,
  PlanEdit,
  PlanFirewall,
  PlanFix,
  PlanIpPool,
  PlanMention,
  PlanMultus,
  PlanNetwork,
  PlanNode,
  PlanOvnIc,
  PlanPod,
  PlanPolicy,
  PlanRoute,
  PlanRouterPort,
  PlanSubmariner,
  PlanTransitPort,
  PlanTransitSwitch,
  PlanWan,
  PlanZoneRow,
  Written,
} from '../../model/plan.ts'
import { type Prefix, parsePrefix } from '../../net/prefix.ts'
import type { Context } from '../context.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A cluster that is still being read. */
export interface ClusterEntry extends Mutable<Omit<PlanCluster, 'ovnIc' | 'submariner'>> {
  ovnIc?: PlanOvnIc
  submariner?: Mutable<PlanSubmariner>
}

export class PlanDraft {
  readonly context: Context
  readonly networks: PlanNetwork[] = []
  readonly nodes: PlanNode[] = []
  readonly pods: PlanPod[] = []
  readonly multus: PlanMultus[] = []
  readonly ipPools: PlanIpPool[] = []
  readonly transitSwitches: PlanTransitSwitch[] = []
  readonly transitPorts: PlanTransitPort[] = []
  readonly routes: PlanRoute[] = []
  readonly policies: PlanPolicy[] = []
  readonly routerPorts: PlanRouterPort[] = []
  readonly zoneRows: PlanZoneRow[] = []
  readonly wans: PlanWan[] = []
  readonly edits: PlanEdit[] = []
  readonly mentions: PlanMention[] = []
  readonly icDbHosts: Written<string>[] = []
  readonly podRoutes: Plan['podRoutes'][number][] = []
  readonly shownAddresses: Plan['shownAddresses'][number][] = []
  readonly pings: Plan['pings'][number][] = []
  readonly complaints: Plan['complaints'][number][] = []
  underlayMtu: Written<number> | undefined
  firewall: PlanFirewall | undefined
  fix: PlanFix | undefined
  readonly #clusters = new Map<string, ClusterEntry>()

  constructor(diagnostics: Diagnostics) {
    this.context = { diagnostics, broken: new Set(), waived: new Set() }
  }

  get diagnostics(): Diagnostics {
    return this.context.diagnostics
  }

  /** The cluster of this name; made at its first mention. */
  cluster(id: string, span: Span): ClusterEntry {
    const known = this.#clusters.get(id)
    if (known !== undefined) return known
    const made: ClusterEntry = { id, span, kubeOvn: false, nodesKnown: false }
    this.#clusters.set(id, made)
    return made
  }

  get clusterCount(): number {
    return this.#clusters.size
  }

  /** What a cluster says about Submariner, to be added to. */
  submariner(id: string, span: Span): Mutable<PlanSubmariner> {
    const cluster = this.cluster(id, span)
    cluster.submariner ??= { span, shownAs: [] }
    return cluster.submariner
  }

  /** Adds a network, and the cluster that it belongs to. */
  network(network: PlanNetwork): void {
    if (network.cluster !== '') this.cluster(network.cluster, network.span)
    this.networks.push(network)
  }

  /** Ends the reading: what the software brings along without being told is added, marked as assumed. */
  finish(): Plan {
    this.#assume()
    return {
      clusters: [...this.#clusters.values()],
      networks: this.networks,
      nodes: this.nodes,
      pods: this.pods,
      multus: this.multus,
      ipPools: this.ipPools,
      transitSwitches: this.transitSwitches,
      transitPorts: this.transitPorts,
      routes: this.routes,
      policies: this.policies,
      routerPorts: this.routerPorts,
      zoneRows: this.zoneRows,
      wans: this.wans,
      edits: this.edits,
      mentions: this.mentions,
      icDbHosts: this.icDbHosts,
      podRoutes: this.podRoutes,
      shownAddresses: this.shownAddresses,
      pings: this.pings,
      complaints: this.complaints,
      ...(this.underlayMtu !== undefined && { underlayMtu: this.underlayMtu }),
      ...(this.firewall !== undefined && { firewall: this.firewall }),
      ...(this.fix !== undefined && { fix: this.fix }),
    }
  }

  /** KO-TS-1: transit switches have 169.254.(100+i).0/24; Kube-OVN's nodes have a join network even where nobody lists it. */
  #assume(): void {
    const joined = [...this.#clusters.values()].filter((one) => one.ovnIc?.enabled === true)
    const [first] = joined
    if (first?.ovnIc !== undefined && !this.networks.some((one) => one.role === 'transit')) {
      if (this.transitSwitches.length === 0)
        this.transitSwitches.push({ name: 'ts', span: first.ovnIc.span, written: false })
      for (const [i, { name, span }] of this.transitSwitches.entries()) {
        this.#assumed(
          '',
          'transit',
          name,
          `169.254.${100 + (i % 156)}.0/24`,
          span,
          "Kube-OVN's transit switch",
        )
      }
    }
    const withJoin = new Set(this.networks.filter((one) => one.role === 'join').map((one) => one.cluster))
    for (const cluster of this.#clusters.values()) {
      if (cluster.kubeOvn && !withJoin.has(cluster.id))
        this.#assumed(
          cluster.id,
          'join',
          'join',
          '100.64.0.0/16',
          cluster.ovnIc?.span ?? cluster.span,
          "Kube-OVN's default",
        )
    }
  }

  #assumed(
    cluster: string,
    role: PlanNetwork['role'],
    name: string,
    text: string,
    span: Span,
    assumed: string,
  ): void {
    this.network({ cluster, role, name, prefix: parsePrefix(text) as Prefix, span, assumed, exported: false })
  }
}
