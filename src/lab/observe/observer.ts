/**
 * Watches a running lab: says when it has come to rest, keeps what changed as log entries and forwarding states in the simulator's types,
 * and gives the databases as they are at any moment.
 *
 * A state's `resident` is what the Southbound says about gateway ports: who claims them. The switches' own view, which follows BFD a few
 * milliseconds earlier, is not read.
 */
import type { ChassisState, ForwardingState, LogicalView } from '../../model/forwarding.ts'
import type { Network, Node } from '../../model/network.ts'
import type { DatabasesSnapshot } from '../../model/tables.ts'
import { MILLISECOND, type Nanos } from '../../model/time.ts'
import type { LogEntry } from '../../model/trace.ts'
import type { Names } from '../names.ts'
import type { SbFlow } from '../trace/end.ts'
import { disturbs, joined, missing, type Patience, type Rest, rest } from './at-rest.ts'
import { logged } from './log.ts'
import { type Change, mapOf, type Row, textOf } from './ovsdb-client.ts'
import { type Origin, Replicas } from './replicas.ts'
import { tunnelsOf } from './tunnels.ts'
import { viewOf } from './view.ts'
/** Whether the daemons of a node run; the lab knows, because it is what starts and ends them. */
export interface Liveness {
  readonly vswitchd: boolean
  readonly controller: boolean
}

export interface ObserverOptions {
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number
  readonly liveness: (node: string) => Liveness
}

export class Observer {
  readonly log: LogEntry[] = []
  readonly states: ForwardingState[] = []
  readonly #network: Network
  readonly #options: ObserverOptions
  readonly #replicas: Replicas
  /** Views that still hold, by cluster. */
  readonly #views = new Map<string, LogicalView>()
  /** Logical flows by the beginning of their UUIDs, by cluster; forgotten when one of them changes. */
  readonly #flows = new Map<string, ReadonlyMap<string, Row>>()
  #zero: number | undefined
  #lastChange: number
  #due: NodeJS.Timeout | undefined
  #version = 0

  constructor(names: Names, network: Network, options: ObserverOptions) {
    this.#network = network
    this.#options = options
    this.#lastChange = options.now()
    this.#replicas = new Replicas(names, network, (origin, changes) => this.#changed(origin, changes))
  }

  /** All databases have been read once. */
  async ready(): Promise<void> {
    await Promise.all(this.#replicas.all.map((replica) => replica.ready))
  }

  /** Resolves as soon as the lab is at rest, or will not be. */
  async settled(patience: Patience): Promise<Rest> {
    const began = this.#options.now()
    for (;;) {
      const now = this.#options.now()
      const times = { waited: now - began, still: now - this.#lastChange }
      const lacking = missing(this.#replicas, (node) => this.#options.liveness(node).vswitchd)
      const found = rest(times, lacking, () => joined(this.#replicas, this.#network), patience)
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  /** From now on states are kept, and times count from here. */
  begin(): void {
    this.#zero = this.#options.now()
    for (const [i, entry] of this.log.entries())
      this.log[i] = { ...entry, at: entry.at - Math.round(this.#zero * MILLISECOND) }
    this.record()
  }

  /** Since `begin`; before it, on the raw clock. */
  get at(): Nanos {
    return Math.round((this.#options.now() - (this.#zero ?? 0)) * MILLISECOND)
  }

  /** Keeps the state as it is now. */
  record(): void {
    this.states.push(this.forwarding())
  }

  databases(): DatabasesSnapshot {
    return this.#replicas.snapshot(this.at)
  }

  /** What every chassis does now, as far as databases tell. */
  forwarding(): ForwardingState {
    const chassis = new Map<string, ChassisState>()
    for (const cluster of this.#network.clusters) {
      const { nb, sb } = this.#replicas.zones.get(cluster.id)!
      const view = this.#views.get(cluster.id) ?? viewOf(cluster.id, nb, sb, cluster.profile.ecmpHash)
      this.#views.set(cluster.id, view)
      for (const node of cluster.nodes) {
        const key = `${cluster.id}/${node.name}`
        chassis.set(key, this.#chassis(key, cluster.id, node, view))
      }
    }
    return { at: this.at, version: this.#version, chassis }
  }

  /** The logical flow whose UUID begins with eight digits; its datapath is left open, since it may stand for several. */
  logicalFlow(cluster: string, beginning: string): SbFlow | undefined {
    let flows = this.#flows.get(cluster)
    if (flows === undefined) {
      const rows = this.#replicas.zones.get(cluster)?.sb.rows('Logical_Flow') ?? []
      flows = new Map([...rows].map(([uuid, row]) => [uuid.slice(0, 8), row]))
      this.#flows.set(cluster, flows)
    }
    const row = flows.get(beginning)
    if (row === undefined) return undefined
    return {
      datapath: '',
      pipeline: textOf(row, 'pipeline') === 'egress' ? 'egress' : 'ingress',
      table: Number(textOf(row, 'table_id')),
      stage: mapOf(row, 'external_ids')['stage-name'] ?? '',
      priority: Number(textOf(row, 'priority')),
      match: textOf(row, 'match'),
      actions: textOf(row, 'actions'),
    }
  }

  /** Name of the interface on a node that is a logical port's, or the tunnel to an address. */
  interfaceOf(
    node: string,
    what: { readonly lsp: string } | { readonly remote: string },
  ): string | undefined {
    for (const row of this.#replicas.ovs.get(node)?.rows('Interface').values() ?? []) {
      const found =
        'lsp' in what
          ? mapOf(row, 'external_ids')['iface-id'] === what.lsp
          : mapOf(row, 'options').remote_ip === what.remote
      if (found) return textOf(row, 'name')
    }
    return undefined
  }

  close(): void {
    clearTimeout(this.#due)
    for (const replica of this.#replicas.all) replica.close()
  }

  #chassis(key: string, cluster: string, node: Node, view: LogicalView): ChassisState {
    const { vswitchd, controller } = this.#options.liveness(key)
    const resident = new Set<string>()
    const vifs = new Set<string>()
    for (const datapath of view.datapaths.values()) {
      if (datapath.kind === 'router') {
        for (const port of datapath.ports) if (port.gateway?.boundTo === node.chassis) resident.add(port.name)
      } else
        for (const port of datapath.ports)
          if (port.kind === 'vif' && port.chassis === node.chassis) vifs.add(port.name)
    }
    return {
      key,
      cluster,
      node: node.name,
      chassis: node.chassis,
      encapIp: node.encapIp,
      underlayMac: node.underlayMac,
      vswitchd,
      controller,
      view,
      resident,
      vifs,
      tunnels: tunnelsOf(this.#replicas.ovs.get(key)!),
    }
  }

  #changed(origin: Origin, changes: readonly Change[]): void {
    if (changes.some(disturbs)) this.#lastChange = this.#options.now()
    if (origin.kind === 'nb' || origin.kind === 'sb') this.#views.delete(origin.cluster)
    if (origin.kind === 'sb' && changes.some(({ table }) => table === 'Logical_Flow'))
      this.#flows.delete(origin.cluster)
    for (const change of changes) {
      const said = logged(this.#replicas, origin, change)
      if (said !== undefined) this.log.push({ at: this.at, ...said })
    }
    this.#version++
    if (this.#zero === undefined || this.#due !== undefined) return
    // What belongs together comes in several messages within a few milliseconds.
    this.#due = setTimeout(() => {
      this.#due = undefined
      this.record()
    }, 10)
  }
}
