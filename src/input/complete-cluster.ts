// From a cluster's draft to the model: every default filled in, every name looked up. Also used for what a timeline
// adds later, so that a pod added at 5 s gets its addresses by the same rules as one that was there from the start.

import type { Cluster, IcConfig, Node, Pod, Subnet } from '../model/network.ts'
import type { Ip } from '../net/ip.ts'
import { contains, formatPrefix, masked, parsePrefix } from '../net/prefix.ts'
import { uuidFrom } from '../net/random.ts'
import { AddressPool, hostRange, MacPool } from './addresses.ts'
import { type Context, reportUnknown } from './context.ts'
import {
  type ClusterDraft,
  DEFAULT_ROUTER,
  type NodeDraft,
  type PodDraft,
  type SubnetDraft,
  type Surroundings,
} from './draft.ts'
import { checkPodAddress, defaultPodMtu } from './pod-address.ts'
import { PodPools } from './pod-pools.ts'
import { checkGateways } from './read-cluster.ts'

/** Grows while a cluster is completed and, later, while the timeline adds to it. */
export class ClusterBuilder {
  readonly draft: ClusterDraft
  readonly #context: Context
  readonly #surroundings: Surroundings
  readonly macs: MacPool
  readonly nodes: Node[] = []
  readonly subnets: Subnet[] = []
  readonly pods: Pod[] = []
  readonly #pools = new PodPools()
  readonly #subnetDrafts = new Map<string, SubnetDraft>()

  constructor(context: Context, draft: ClusterDraft, surroundings: Surroundings) {
    this.#context = context
    this.draft = draft
    this.#surroundings = surroundings
    this.macs = new MacPool(draft.index, surroundings.givenMacs)
  }

  get azName(): string {
    return this.draft.azName?.value ?? this.draft.id
  }

  get #kube(): boolean {
    return this.draft.profile.kubeOvn !== undefined
  }

  /** Everything but the ports on transit switches, which need all clusters. */
  complete(): Omit<Cluster, 'transitPorts'> {
    const { draft } = this
    for (const subnet of draft.subnets) this.addSubnet(subnet)
    if (this.#kube) this.#addJoinSubnet()
    this.#addNodes()
    this.#addPods(draft.pods)
    const gateways = this.gateways
    checkGateways(this.#context, draft.id, gateways, [...draft.nodes.map((node) => node.name)])
    return {
      id: draft.id,
      azName: this.azName,
      profile: draft.profile,
      icDaemon: draft.ic,
      nodes: this.nodes,
      ic: this.icConfig,
      options: this.#options(),
      routers: draft.routers,
      subnets: this.subnets,
      pods: this.pods,
      commands: draft.commands,
      ecmpOrder: draft.ecmpOrder,
    }
  }

  /** The gateways of the file, else those of the ConfigMap, by descending priority. */
  get gateways(): ClusterDraft['gateways'] & object {
    const { configMap } = this.draft
    // For plain OVN `enable-ic: "false"` is the same as no gateways; a Kube-OVN controller reads the key itself.
    const fromConfigMap =
      configMap === undefined || (!this.#kube && !configMap.config.enable) ? [] : configMap.gateways
    const gateways = this.draft.gateways ?? fromConfigMap
    return [...gateways].sort((a, b) => b.priority - a.priority)
  }

  /** The ConfigMap from the start; undefined for plain OVN and where nothing says that the cluster takes part. */
  get icConfig(): IcConfig | undefined {
    const { draft } = this
    if (!this.#kube || !draft.ic || (draft.gateways === undefined && draft.configMap === undefined))
      return undefined
    const base = draft.configMap?.config
    return {
      enable: base?.enable ?? true,
      azName: this.azName,
      dbHosts: base === undefined || base.dbHosts.length === 0 ? this.#surroundings.dbHosts : base.dbHosts,
      nbPort: base?.nbPort ?? 6645,
      sbPort: base?.sbPort ?? 6646,
      gatewayNodes: this.gateways.map((gateway) => gateway.node),
      autoRoute: draft.autoRoute ?? base?.autoRoute ?? false,
    }
  }

  /** Plain OVN has no ConfigMap: `autoRoute` and the blacklist are the options that Kube-OVN would set (4.6). */
  #options(): Record<string, string> {
    const { draft } = this
    const auto = draft.autoRoute ?? draft.configMap?.config.autoRoute ?? false
    if (this.#kube || !auto) return { ...draft.options }
    const listed = draft.subnets.filter((subnet) => subnet.disableInterConnection || subnet.name === 'join')
    const blacklist = listed.flatMap((subnet) =>
      subnet.gateways.map((gateway) => formatPrefix(masked(gateway.value))),
    )
    return {
      'ic-route-adv': 'true',
      'ic-route-learn': 'true',
      ...(blacklist.length > 0 && { 'ic-route-blacklist': blacklist.join(',') }),
      ...draft.options,
    }
  }

  /** Adds a subnet; reports a router that does not exist. */
  addSubnet(draft: SubnetDraft): Subnet {
    const { name, router } = draft
    const routers = this.draft.routers.map((one) => one.name)
    if (!routers.includes(router.value)) {
      reportUnknown(
        this.#context,
        router.value,
        { code: 'IN045', what: 'router', cluster: this.draft.id, names: routers },
        router.at,
      )
    }
    const subnet: Subnet = {
      name,
      router: router.value,
      lrp: draft.lrp ?? `${router.value}-${name}`,
      lsp: draft.lsp ?? `${name}-${router.value}`,
      mac: draft.mac?.value ?? this.macs.take('subnet', this.subnets.length),
      gateways: draft.gateways.map((gateway) => gateway.value),
      routeTable: draft.routeTable,
      disableInterConnection: draft.disableInterConnection,
      isJoin: draft.join ?? (this.#kube && name === 'join'),
      gatewayType: draft.gatewayType,
      gatewayNodes: draft.gatewayNodes.map((node) => node.value),
      lrpOptions: draft.options,
    }
    const nodes = this.draft.nodes.map((node) => node.name)
    for (const node of draft.gatewayNodes) {
      if (!nodes.includes(node.value))
        reportUnknown(
          this.#context,
          node.value,
          { code: 'IN042', what: 'node', cluster: this.draft.id, names: nodes },
          node.at,
        )
    }
    this.subnets.push(subnet)
    this.#subnetDrafts.set(name, draft)
    return subnet
  }

  /** Kube-OVN's join subnet 100.64.0.0/16 (fd00:100:64::/112 as well where the cluster is dual stack). */
  #addJoinSubnet(): void {
    const { draft } = this
    if (this.subnets.some((subnet) => subnet.isJoin) || this.#context.broken.has(`subnet ${draft.id}/join`))
      return
    const gateways = this.subnets.flatMap((subnet) => subnet.gateways)
    const families = [
      gateways.some((one) => typeof one.ip === 'number') || gateways.length === 0,
      gateways.some((one) => typeof one.ip !== 'number'),
    ]
    const texts = ['100.64.0.1/16', 'fd00:100:64::1/112'].filter((_, i) => families[i])
    this.addSubnet({
      name: 'join',
      at: draft.at,
      gateways: texts.map((text) => ({ value: parsePrefix(text)!, at: draft.at })),
      router: { value: DEFAULT_ROUTER, at: draft.at },
      routeTable: '',
      disableInterConnection: false,
      join: true,
      gatewayType: 'distributed',
      gatewayNodes: [],
      options: {},
    })
  }

  #addNodes(): void {
    const join = this.subnets.find((subnet) => subnet.isJoin)
    const given = this.draft.nodes.flatMap((node) => node.joinIps)
    const pools = join?.gateways.map((gateway) => new AddressPool(gateway, [gateway.ip, ...given], 2)) ?? []
    const gateways = new Set(this.gateways.map((gateway) => gateway.node))
    for (const [i, node] of this.draft.nodes.entries()) {
      const joinIps = node.joinIps.length > 0 ? node.joinIps : pools.flatMap((pool) => pool.take() ?? [])
      this.nodes.push(this.#node(node, i, joinIps, gateways.has(node.name)))
    }
  }

  #node(draft: NodeDraft, index: number, joinIps: readonly Ip[], isGateway: boolean): Node {
    return {
      name: draft.name,
      chassis:
        draft.chassis?.value ??
        (this.#kube
          ? uuidFrom(this.#surroundings.seed, `chassis/${this.draft.id}/${draft.name}`, 0)
          : draft.name),
      hostname: draft.hostname ?? draft.name,
      encapIp: draft.ip.value,
      encapType: draft.encapType,
      internalIps: draft.internalIps,
      joinIps,
      ...(draft.joinMac !== undefined && { joinMac: draft.joinMac }),
      isInterconn: draft.interconn ?? (!this.#kube && isGateway),
      underlayMac: draft.mac ?? this.macs.take('node', index),
    }
  }

  /** Pods that give their addresses come first, so that defaults never take what somebody wrote further down. */
  #addPods(drafts: readonly PodDraft[]): void {
    const made = new Map<PodDraft, Pod | undefined>()
    for (const [i, draft] of drafts.entries())
      if (draft.ips.length > 0) made.set(draft, this.makePod(draft, i))
    for (const pod of made.values()) if (pod !== undefined) this.pods.push(pod)
    for (const [i, draft] of drafts.entries()) {
      if (made.has(draft)) continue
      const pod = this.makePod(draft, i)
      made.set(draft, pod)
      if (pod !== undefined) this.pods.push(pod)
    }
    this.pods.splice(0, this.pods.length, ...drafts.flatMap((draft) => made.get(draft) ?? []))
  }

  /** A pod with its defaults; undefined after an error. The caller adds it to `pods`. */
  makePod(draft: PodDraft, index: number): Pod | undefined {
    const subnet = this.#subnetOf(draft)
    const node = this.#nodeOf(draft)
    if (subnet === undefined || node === undefined) {
      this.#context.broken.add(`pod ${this.draft.id}/${draft.name}`)
      return undefined
    }
    for (const ip of draft.ips)
      checkPodAddress(this.#context, draft, ip, subnet, this.#subnetDrafts.get(subnet.name))
    const ips = draft.ips.length > 0 ? draft.ips.map((ip) => ip.value) : this.#freeAddresses(draft, subnet)
    this.#pools.reserve(subnet, ips)
    if (ips.length === 0) this.#context.broken.add(`pod ${this.draft.id}/${draft.name}`)
    return {
      name: draft.name,
      subnet: subnet.name,
      node: node.name,
      mac: draft.mac?.value ?? this.macs.take('pod', index),
      ips,
      mtu: draft.mtu ?? defaultPodMtu(node, this.#kube ? this.#linkMtu(node) : undefined),
      lsp: draft.lsp ?? (this.#kube ? `${draft.name}.default` : draft.name),
    }
  }

  #subnetOf(draft: PodDraft): Subnet | undefined {
    const { id } = this.draft
    const wanted = draft.subnet
    if (wanted !== undefined) {
      const found = this.subnets.find((subnet) => subnet.name === wanted.value)
      if (found === undefined) {
        reportUnknown(
          this.#context,
          wanted.value,
          { code: 'IN043', what: 'subnet', cluster: id, names: this.subnets.map((subnet) => subnet.name) },
          wanted.at,
        )
      }
      return found
    }
    const first = draft.ips[0]?.value
    const own = this.subnets.filter((subnet) => !subnet.isJoin)
    const found =
      (first === undefined
        ? undefined
        : own.find((subnet) => subnet.gateways.some((gateway) => contains(gateway, first)))) ??
      own.find((subnet) => subnet.name === 'ovn-default') ??
      own[0]
    const silent =
      this.#context.broken.has(`subnets of ${id}`) ||
      [...this.#context.broken].some((one) => one.startsWith(`subnet ${id}/`))
    if (found === undefined && !silent) {
      this.#context.diagnostics.error('IN043', `the cluster ${id} has no subnet for the pod ${draft.name}`, {
        span: draft.at.key,
        hint: 'add subnets: { ovn-default: 10.16.0.0/16 } to the cluster',
      })
    }
    return found
  }

  #nodeOf(draft: PodDraft): Node | undefined {
    const { id } = this.draft
    const wanted = draft.node
    if (wanted !== undefined) {
      const found = this.nodes.find((node) => node.name === wanted.value)
      if (found === undefined) {
        reportUnknown(
          this.#context,
          wanted.value,
          { code: 'IN042', what: 'node', cluster: id, names: this.nodes.map((node) => node.name) },
          wanted.at,
        )
      }
      return found
    }
    const gateways = new Set(this.gateways.map((gateway) => gateway.node))
    const found = this.nodes.find((node) => !gateways.has(node.name)) ?? this.nodes[0]
    const silent =
      this.#context.broken.has(`nodes of ${id}`) ||
      [...this.#context.broken].some((one) => one.startsWith(`node ${id}/`))
    if (found === undefined && !silent) {
      this.#context.diagnostics.error('IN042', `the cluster ${id} has no node for the pod ${draft.name}`, {
        span: draft.at.key,
        hint: `add nodes: { ${id}-w1: 192.168.42.13 } to the cluster`,
      })
    }
    return found
  }

  #freeAddresses(draft: PodDraft, subnet: Subnet): Ip[] {
    return subnet.gateways.flatMap((gateway) => {
      const ip = this.#pools.take(subnet, gateway, this.pods)
      if (ip === undefined)
        this.#context.diagnostics.error(
          'IN061',
          `the subnet ${subnet.name} has no free address for the pod ${draft.name}`,
          {
            span: draft.at.key,
            hint: `${formatPrefix(masked(gateway))} has the hosts ${hostRange(gateway)}`,
          },
        )
      return ip === undefined ? [] : [ip]
    })
  }

  #linkMtu(node: Node): number {
    const draft = this.draft.nodes.find((one) => one.name === node.name)
    const { nodeMtu, underlayMtu } = this.#surroundings
    return draft?.mtu ?? nodeMtu[`${this.draft.id}/${node.name}`] ?? underlayMtu
  }
}
