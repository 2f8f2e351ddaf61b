/**
 * Watches all databases of a running lab: says when it has come to rest, keeps what changed as log entries and forwarding states in the
 * simulator's types, and gives the databases as they are at any moment.
 *
 * A state's `resident` is what the Southbound says about gateway ports: who claims them. The switches' own view, which follows BFD a few
 * milliseconds earlier, is not read.
 */
import type { ChassisState, ForwardingState, LogicalView, Tunnel } from '../../model/forwarding.ts'
import type { Network, Node } from '../../model/network.ts'
import type { DatabasesSnapshot } from '../../model/tables.ts'
import { MILLISECOND, type Nanos } from '../../model/time.ts'
import type { LogEntry } from '../../model/trace.ts'
import { parseIp } from '../../net/ip.ts'
import type { Names } from '../names.ts'
import type { SbFlow } from '../trace/end.ts'
import {
  IC_NB_TABLES,
  IC_SB_TABLES,
  icNorthboundOf,
  icSouthboundOf,
  NB_TABLES,
  northboundOf,
  RowIds,
  SB_TABLES,
  southboundOf,
} from './databases.ts'
import { type Change, listOf, mapOf, Replica, type Row, textOf } from './ovsdb-client.ts'
import { viewOf } from './view.ts'

const OVS_TABLES = {
  Interface: ['name', 'type', 'options', 'external_ids', 'bfd', 'bfd_status'],
  Port: ['name', 'interfaces', 'external_ids'],
}

interface Zone {
  readonly nb: Replica
  readonly sb: Replica
  readonly nbIds: RowIds
  readonly sbIds: RowIds
  view: LogicalView | undefined
  /** Logical flows by the beginning of their UUIDs; undefined after a change. */
  flows: Map<string, Row> | undefined
}

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
  readonly #zones = new Map<string, Zone>()
  readonly #ovs = new Map<string, Replica>()
  readonly #icNb: Replica
  readonly #icSb: Replica
  readonly #icNbIds = new RowIds()
  readonly #icSbIds = new RowIds()
  #zero: number | undefined
  #lastChange: number
  #due: NodeJS.Timeout | undefined
  #version = 0

  constructor(names: Names, network: Network, options: ObserverOptions) {
    this.#network = network
    this.#options = options
    this.#lastChange = options.now()
    const ic = [...names.ic.values()]
    this.#icNb = this.#watch(
      new Replica(
        ic.map(({ nb }) => nb),
        'OVN_IC_Northbound',
        IC_NB_TABLES,
      ),
      () => {},
    )
    this.#icSb = this.#watch(
      new Replica(
        ic.map(({ sb }) => sb),
        'OVN_IC_Southbound',
        IC_SB_TABLES,
      ),
      (change) => this.#icChange(change),
    )
    for (const cluster of network.clusters) {
      const paths = names.zone(cluster.id)
      const nb = this.#watch(new Replica(paths.nb, 'OVN_Northbound', NB_TABLES), (change) =>
        this.#nbChange(cluster.id, change),
      )
      const sb = this.#watch(new Replica(paths.sb, 'OVN_Southbound', SB_TABLES), (change) =>
        this.#sbChange(cluster.id, change),
      )
      this.#zones.set(cluster.id, {
        nb,
        sb,
        nbIds: new RowIds(),
        sbIds: new RowIds(),
        view: undefined,
        flows: undefined,
      })
      for (const node of cluster.nodes) {
        const key = `${cluster.id}/${node.name}`
        this.#ovs.set(
          key,
          this.#watch(new Replica(names.node(cluster, node).ovs, 'Open_vSwitch', OVS_TABLES), (change) =>
            this.#ovsChange(key, change),
          ),
        )
      }
    }
  }

  /** All databases have been read once. */
  async ready(): Promise<void> {
    await Promise.all(this.#replicas().map((replica) => replica.ready))
  }

  /**
   * Resolves as soon as BFD is up everywhere and nothing has changed for `quiet` milliseconds, or for `long` where clusters have not
   * found each other: some never do, and daemons that connect again pause for seconds. Says what is missing after `patience`.
   */
  async settled(
    quiet: number,
    long: number,
    patience: number,
  ): Promise<{ readonly ok: boolean; readonly missing: string }> {
    const began = this.#options.now()
    for (;;) {
      const waited = this.#options.now() - this.#lastChange
      const missing = this.#missing()
      if (missing === '' && waited >= (this.#joined() ? quiet : long)) return { ok: true, missing }
      if (this.#options.now() - began > patience)
        return { ok: false, missing: missing === '' ? 'the databases keep changing' : missing }
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
    return {
      at: this.at,
      clusters: new Map(
        [...this.#zones].map(([id, { nb, sb, nbIds, sbIds }]) => [
          id,
          { nb: northboundOf(nb, nbIds), sb: southboundOf(sb, sbIds) },
        ]),
      ),
      icNb: icNorthboundOf(this.#icNb, this.#icNbIds),
      icSb: icSouthboundOf(this.#icSb, this.#icSbIds),
    }
  }

  /** What every chassis does now, as far as databases tell. */
  forwarding(): ForwardingState {
    const chassis = new Map<string, ChassisState>()
    for (const cluster of this.#network.clusters) {
      const zone = this.#zones.get(cluster.id)!
      zone.view ??= viewOf(cluster.id, zone.nb, zone.sb, cluster.profile.ecmpHash)
      for (const node of cluster.nodes) {
        const key = `${cluster.id}/${node.name}`
        chassis.set(key, this.#chassis(key, cluster.id, node, zone.view))
      }
    }
    return { at: this.at, version: this.#version, chassis }
  }

  /** The logical flow whose UUID begins with eight digits; its datapath is left open, since it may stand for several. */
  logicalFlow(cluster: string, beginning: string): SbFlow | undefined {
    const zone = this.#zones.get(cluster)
    if (zone === undefined) return undefined
    zone.flows ??= new Map([...zone.sb.rows('Logical_Flow')].map(([uuid, row]) => [uuid.slice(0, 8), row]))
    const row = zone.flows.get(beginning)
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
    for (const row of this.#ovs.get(node)?.rows('Interface').values() ?? []) {
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
    for (const replica of this.#replicas()) replica.close()
  }

  #replicas(): Replica[] {
    return [
      this.#icNb,
      this.#icSb,
      ...[...this.#zones.values()].flatMap(({ nb, sb }) => [nb, sb]),
      ...this.#ovs.values(),
    ]
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
      tunnels: this.#tunnels(key),
    }
  }

  #tunnels(key: string): Map<string, Tunnel> {
    const tunnels = new Map<string, Tunnel>()
    const replica = this.#ovs.get(key)!
    for (const port of replica.rows('Port').values()) {
      const chassis = mapOf(port, 'external_ids')['ovn-chassis-id']?.split('@')[0]
      const face = replica.rows('Interface').get(listOf(port, 'interfaces')[0] ?? '')
      const remoteIp = face === undefined ? undefined : parseIp(mapOf(face, 'options').remote_ip ?? '')
      if (chassis === undefined || face === undefined || remoteIp === undefined) continue
      tunnels.set(chassis, { chassis, remoteIp, bfd: bfdOf(face) })
    }
    return tunnels
  }

  /** What keeps the lab from being at rest, as a clause; empty when nothing does. */
  #missing(): string {
    for (const [key, replica] of this.#ovs) {
      if (!this.#options.liveness(key).vswitchd) continue
      for (const face of replica.rows('Interface').values())
        if (bfdOf(face) === 'down') return `BFD of ${textOf(face, 'name')} on ${key} is not up`
    }
    return ''
  }

  /** Whether every cluster is registered, with its gateways and ports, and every other one knows them and has bound them. */
  #joined(): boolean {
    const names = (table: string, column: string): Set<string> =>
      new Set([...this.#icSb.rows(table).values()].map((row) => textOf(row, column)))
    const [zones, gateways, ports] = [
      names('Availability_Zone', 'name'),
      names('Gateway', 'name'),
      names('Port_Binding', 'logical_port'),
    ]
    return this.#network.clusters.every((cluster) => {
      const { nb, sb } = this.#zones.get(cluster.id)!
      if (cluster.icDaemon && cluster.azName !== '' && !zones.has(cluster.azName)) return false
      if (
        cluster.icDaemon &&
        cluster.nodes.some(({ isInterconn, chassis }) => isInterconn && !gateways.has(chassis))
      )
        return false
      const bound = [...sb.rows('Port_Binding').values()].every(
        (row) =>
          !['chassisredirect', 'remote'].includes(textOf(row, 'type')) || textOf(row, 'chassis') !== '',
      )
      const transit = [...nb.rows('Logical_Switch').values()].filter(
        (row) => mapOf(row, 'other_config')['interconn-ts'] !== undefined,
      )
      const own = new Set(
        transit.flatMap((row) =>
          listOf(row, 'ports').map((uuid) => textOf(nb.rows('Logical_Switch_Port').get(uuid) ?? {}, 'name')),
        ),
      )
      return (
        bound &&
        (transit.length === 0 ||
          ([...own].every((name) => ports.has(name)) &&
            [...ports].every((name) => own.has(name)) &&
            own.size >= cluster.transitPorts.length))
      )
    })
  }

  #watch(replica: Replica, change: (change: Change) => void): Replica {
    replica.onChange = (changes) => {
      const relevant = changes.filter(
        (one) => one.table !== 'Logical_Flow' || one.before === undefined || one.after === undefined,
      )
      if (relevant.length > 0) this.#lastChange = this.#options.now()
      for (const one of changes) change(one)
      this.#version++
      if (this.#zero === undefined || this.#due !== undefined) return
      // What belongs together comes in several messages within a few milliseconds.
      this.#due = setTimeout(() => {
        this.#due = undefined
        this.record()
      }, 10)
    }
    return replica
  }

  #say(source: string, kind: LogEntry['kind'], text: string): void {
    this.log.push({ at: this.at, source, kind, text })
  }

  #nbChange(cluster: string, { table, before, after }: Change): void {
    const zone = this.#zones.get(cluster)
    if (zone === undefined) return
    zone.view = undefined
    if (table !== 'Logical_Router_Static_Route') return
    const row = after ?? before
    if (
      row === undefined ||
      (before !== undefined && after !== undefined) ||
      mapOf(row, 'external_ids')['ic-learned-route'] === undefined
    )
      return
    this.#say(
      `ovn-ic ${cluster}`,
      after === undefined ? 'withdraw' : 'learn',
      `${textOf(row, 'ip_prefix')} via ${textOf(row, 'nexthop')}`,
    )
  }

  #sbChange(cluster: string, { table, before, after }: Change): void {
    const zone = this.#zones.get(cluster)
    if (zone === undefined) return
    zone.view = undefined
    if (table === 'Logical_Flow') zone.flows = undefined
    if (table !== 'Port_Binding' || after === undefined || textOf(after, 'type') !== 'chassisredirect') return
    const [from, to] = [before, after].map((row) => this.#chassisName(zone, row))
    if (from === to) return
    const port = textOf(after, 'logical_port')
    // In the words of ovn-controller's own log.
    if (to === undefined)
      this.#say(`ovn-controller ${cluster}/${from}`, 'release', `Releasing lport ${port} from this chassis.`)
    else if (from === undefined)
      this.#say(`ovn-controller ${cluster}/${to}`, 'claim', `Claiming lport ${port} for this chassis.`)
    else
      this.#say(
        `ovn-controller ${cluster}/${to}`,
        'claim',
        `Changing chassis for lport ${port} from ${from} to ${to}.`,
      )
  }

  #chassisName(zone: Zone, row: Row | undefined): string | undefined {
    const chassis = row === undefined ? undefined : zone.sb.rows('Chassis').get(textOf(row, 'chassis'))
    return chassis === undefined ? undefined : textOf(chassis, 'name')
  }

  #icChange({ table, before, after }: Change): void {
    const row = after ?? before
    if (table !== 'Availability_Zone' || row === undefined) return
    this.#say(
      'ovn-ic',
      'config',
      `${textOf(row, 'name')} is ${after === undefined ? 'gone from' : 'in'} the IC Southbound`,
    )
  }

  /** Chassis at the other end of a tunnel's interface. */
  #peer(key: string, face: string): string | undefined {
    for (const port of this.#ovs.get(key)?.rows('Port').values() ?? [])
      if (listOf(port, 'interfaces').includes(face))
        return mapOf(port, 'external_ids')['ovn-chassis-id']?.split('@')[0]
    return undefined
  }

  #ovsChange(key: string, { table, uuid, before, after }: Change): void {
    if (table !== 'Interface' || after === undefined || before === undefined) return
    const [was, is] = [bfdOf(before), bfdOf(after)]
    if (was === is || is === 'off' || was === 'off') return
    this.#say(
      `ovs-vswitchd ${key}`,
      'bfd',
      `BFD to ${this.#peer(key, uuid) ?? mapOf(after, 'options').remote_ip} is ${is}`,
    )
  }
}

function bfdOf(face: Row): Tunnel['bfd'] {
  if (mapOf(face, 'bfd').enable !== 'true') return 'off'
  return mapOf(face, 'bfd_status').state === 'up' ? 'up' : 'down'
}
