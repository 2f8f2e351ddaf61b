// Kube-OVN of one cluster: kube-ovn-controller, the interconnection loop and kube-ovn-cni, driven by virtual time (ovn-semantics §4).
// `start` registers the process `kube-ovn-controller <cluster>` with the host; whoever ends, pauses or starts that process does it
// to all loops of it. Events change the objects in the API server, which outlive the process.
// Not modelled: leader election, chassis garbage collection (KO-RM-3), readiness of centralized gateways (4.9), u2o and egress gateways.

import type { Cluster, Network } from '../../model/network.ts'
import type { IcNbTables, IcSbTables, NbTables, SbTables } from '../../model/tables.ts'
import { type Nanos, SECOND } from '../../model/time.ts'
import type { TimelineEvent } from '../../model/timeline.ts'
import type { LogEntry } from '../../model/trace.ts'
import { Random } from '../../net/random.ts'
import type { Daemon, DaemonHost, Process } from '../daemon.ts'
import type { Database } from '../db/database.ts'
import { KUBE_CONTROLLER_RUN } from '../latencies.ts'
import { type Content, clusterContent } from './content.ts'
import { IcController } from './ic-controller.ts'
import { nodePortName } from './names.ts'
import { writeContent } from './nb-writer.ts'
import { KubeObjects } from './objects.ts'
import { applyPolicies, planPolicies } from './policy-sync.ts'

/** 4.4: the interconnection loop. */
const RESYNC_PERIOD: Nanos = SECOND
/** 4.4: the mirror of learned routes. */
const POLICY_PERIOD: Nanos = 5 * SECOND
/** How often kube-ovn-cni compares its node's label with `ovn-is-interconn` (pkg/daemon, runGateway). */
const CNI_PERIOD: Nanos = 3 * SECOND
/** How often a paused process is looked at. */
const PAUSE_PERIOD: Nanos = SECOND / 10
/** Nothing written for this long counts as rest: a whole interconnection loop has found nothing to do. */
const QUIET: Nanos = 2 * SECOND

/** What Kube-OVN does outside the databases. All must bear being called again with the same arguments. */
export interface KubeOvnHooks {
  /** `external_ids:ovn-is-interconn` of a node's OVS (GW-1). */
  setInterconn(node: string, on: boolean): void
  /** An interface with this `iface-id` exists on the node or is gone: pods, and ovn0 as `node-<name>`. */
  setVif(node: string, port: string, present: boolean): void
  /** `ovn-ctl start_ic`; nothing happens if it runs already. */
  startIc(): void
  /** `ovn-ctl stop_ic`, a graceful end. */
  stopIc(): void
}

export interface KubeOvnDeps {
  readonly network: Network
  readonly cluster: Cluster
  readonly nb: Database<NbTables>
  readonly sb: Database<SbTables>
  readonly icNb: Database<IcNbTables>
  readonly icSb: Database<IcSbTables>
  readonly host: DaemonHost
  readonly hooks: KubeOvnHooks
  log(entry: LogEntry): void
}

export class KubeOvn implements Daemon {
  /** Name of the process, and author of its transactions. */
  readonly name: string
  readonly #deps: KubeOvnDeps
  readonly #objects: KubeObjects
  readonly #ic: IcController
  readonly #policyOrigins: readonly string[]
  readonly #interconn = new Map<string, boolean>()
  #process: Process | undefined
  /** Grows whenever the process begins or ends, which makes loops of before stop. */
  #generation = 0
  #looping = false
  /** What is in the Northbound; kept over restarts in the place of the `vendor` marks by which Kube-OVN knows its rows. */
  #written: Content = new Map()
  #vifs: ReadonlyMap<string, string> = new Map()
  #changedAt: Nanos = 0
  #dirty = true

  /** Throws a RangeError when the cluster's profile is not one of Kube-OVN. */
  constructor(deps: KubeOvnDeps) {
    const { network, cluster, hooks } = deps
    const behaviour = cluster.profile.kubeOvn
    if (behaviour === undefined) throw new RangeError(`profile ${cluster.profile.name} is not Kube-OVN`)
    this.name = `kube-ovn-controller ${cluster.id}`
    this.#deps = deps
    this.#objects = new KubeObjects(cluster)
    this.#policyOrigins = behaviour.policyOrigins
    for (const node of cluster.nodes) this.#interconn.set(node.name, node.isInterconn)
    this.#ic = new IcController({
      ...deps,
      name: this.name,
      behaviour,
      objects: this.#objects,
      random: new Random(network.seed).fork(this.name),
      pinned: cluster.transitPorts,
      startIc: () => hooks.startIc(),
      stopIc: () => hooks.stopIc(),
      log: (kind, text) => this.#say(kind, text),
    })
  }

  /** Starts the controller and kube-ovn-cni of all nodes; to be called once. */
  start(): void {
    const { host, nb } = this.#deps
    nb.onCommit((commit) => {
      if (commit.author === this.name) this.#changedAt = host.clock.now
    })
    this.#changedAt = host.clock.now
    this.#process = host.add(this, { watches: [], latency: KUBE_CONTROLLER_RUN })
    host.clock.after(CNI_PERIOD, this.#labelNodes, undefined)
  }

  /** Takes an event of the timeline; false when it is not Kube-OVN's business or another cluster's. */
  apply(event: TimelineEvent): boolean {
    const id = this.#deps.cluster.id
    if (event.kind === 'daemon') {
      if (event.daemon.kind !== 'kube-ovn-controller' || event.daemon.cluster !== id) return false
      this.#control(event.action)
      return true
    }
    if (!('cluster' in event) || event.cluster !== id || !this.#objects.apply(event)) return false
    this.#dirty = true
    this.#process?.wake()
    return true
  }

  /** True when, left alone, Kube-OVN would change nothing more; also when it is not running or cannot go on. */
  get settled(): boolean {
    if (this.#process?.state !== 'running') return true
    const { host, nb } = this.#deps
    if (this.#dirty || !this.#ic.settled || host.clock.now - this.#changedAt <= QUIET) return false
    if (this.#unlabelled().length > 0) return false
    const plan = planPolicies(nb, this.#policyOrigins)
    return plan.create.length === 0 && plan.remove.length === 0
  }

  /** Called by the host when the process starts. */
  started(): void {
    this.#generation++
    this.#looping = false
    this.#dirty = true
    this.#ic.forget()
  }

  /** Called by the host when the process ends: whatever was under way stops where it is. */
  ended(): void {
    this.#generation++
  }

  /** Called by the host after the start and after `apply`: brings the Northbound up to date, then lets the loops begin. */
  run(): void {
    if (this.#dirty) this.#sync()
    if (this.#looping || this.#dirty) return
    this.#looping = true
    this.#loop(RESYNC_PERIOD, () => this.#ic.resync())
    this.#loop(POLICY_PERIOD, () => {
      this.#syncPolicies()
      return undefined
    })
  }

  #control(action: 'kill' | 'stop' | 'pause' | 'resume' | 'start'): void {
    if (action === 'kill' || action === 'stop') this.#process?.end(action)
    else this.#process?.[action]()
  }

  #sync(): void {
    const { cluster, network, nb } = this.#deps
    const next = clusterContent(cluster, this.#objects, network.seed)
    const result = nb.transact(this.name, (tx) => writeContent(nb, tx, next, this.#written, !this.#looping))
    if (result.kind === 'refused') {
      this.#say('refused', result.message)
      this.#process?.wake(SECOND)
      return
    }
    this.#written = next
    this.#dirty = false
    this.#plugVifs()
  }

  #plugVifs(): void {
    const { hooks } = this.#deps
    const vifs = new Map<string, string>()
    for (const node of this.#objects.nodes)
      if (node.joinIps.length > 0) vifs.set(nodePortName(node.name), node.name)
    for (const pod of this.#objects.pods.values()) vifs.set(pod.lsp, pod.node)
    for (const [port, node] of this.#vifs) if (vifs.get(port) !== node) hooks.setVif(node, port, false)
    for (const [port, node] of vifs) if (this.#vifs.get(port) !== node) hooks.setVif(node, port, true)
    this.#vifs = vifs
  }

  #syncPolicies(): void {
    const plan = planPolicies(this.#deps.nb, this.#policyOrigins)
    if (plan.create.length === 0 && plan.remove.length === 0) return
    const error = applyPolicies(this.#deps.nb, this.name, plan)
    if (error !== undefined) {
      this.#say('refused', error)
      return
    }
    for (const { priority, match, action } of plan.create)
      this.#say('policy', `${priority} ${match} ${action} added`)
    if (plan.remove.length > 0)
      this.#say('policy', `${plan.remove.length} policies of withdrawn routes removed`)
  }

  /** Runs `body` now and again `period` after each end, until the process ends; a pause holds it where it is. */
  #loop(period: Nanos, body: () => Generator<Nanos, void> | undefined): void {
    const { clock } = this.#deps.host
    const generation = this.#generation
    const step = (begun: Generator<Nanos, void> | undefined): void => {
      if (generation !== this.#generation) return
      if (this.#process?.state === 'paused') {
        clock.after(PAUSE_PERIOD, step, begun)
        return
      }
      const current = begun ?? body()
      const next = current?.next()
      if (next === undefined || next.done) clock.after(period, step, undefined)
      else clock.after(next.value, step, current)
    }
    step(undefined)
  }

  /** kube-ovn-cni of every node. */
  readonly #labelNodes = (): void => {
    const { host, hooks } = this.#deps
    for (const node of this.#unlabelled()) {
      const on = this.#objects.gatewayLabels.has(node)
      this.#interconn.set(node, on)
      this.#changedAt = host.clock.now
      hooks.setInterconn(node, on)
    }
    host.clock.after(CNI_PERIOD, this.#labelNodes, undefined)
  }

  /** Nodes whose `ovn-is-interconn` does not follow the label yet. */
  #unlabelled(): string[] {
    const differs = ([node, on]: [string, boolean]): boolean => on !== this.#objects.gatewayLabels.has(node)
    return [...this.#interconn].filter(differs).map(([node]) => node)
  }

  #say(kind: LogEntry['kind'], text: string): void {
    this.#deps.log({ at: this.#deps.host.clock.now, source: this.name, kind, text })
  }
}
