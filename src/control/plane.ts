/**
 * The control plane of a whole network: the two global databases of OVN-IC and an `AvailabilityZone` per cluster, on one clock.
 * It takes events of the timeline and shows what every chassis would do now.
 */
import type { ControllerAct } from '../model/controller-act.ts'
import type { ChassisState, ForwardingState } from '../model/forwarding.ts'
import type { Network } from '../model/network.ts'
import type { DatabasesSnapshot, IcNbTables, IcSbTables } from '../model/tables.ts'
import type { Nanos } from '../model/time.ts'
import type { TimelineEvent } from '../model/timeline.ts'
import type { LogEntry } from '../model/trace.ts'
import type { Ip } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import type { Random } from '../net/random.ts'
import type { Clock } from '../sim/clock.ts'
import { AvailabilityZone } from './availability-zone.ts'
import { DaemonHost } from './daemon.ts'
import { Database } from './db/database.ts'
import { IC_NB_SCHEMA, IC_SB_SCHEMA } from './db/schemas.ts'
import { type Led, Servers } from './db/servers.ts'
import { nodePortMac } from './kube-ovn/content.ts'
import { createTransitSwitches } from './kube-ovn/ic-server.ts'
import { SLOWNESS } from './latencies.ts'
import type { BfdMessage } from './ovn/bfd.ts'
import { setUpInterconnect } from './ovn/cms.ts'
import { applyLine } from './ovn/commands/apply.ts'
import type { ChassisSwitch } from './ovn/controller-switch.ts'

export interface ControlSurroundings {
  readonly clock: Clock
  readonly random: Random
  /** Whether daemons take now less and now more time for what they do, as `SLOWNESS` says; else all take what `latencies.ts` says. */
  readonly varied?: boolean
  log(entry: LogEntry): void
  /** Puts a BFD message on the tunnel from a chassis (`cluster/node`) to an endpoint; it may get lost. */
  sendBfd(key: string, remoteIp: Ip, message: BfdMessage): void
  /** Some chassis does something else now. */
  changed(): void
  /** Hears what Kube-OVN's controllers do, at the clock's time. */
  readonly acted?: ((act: ControllerAct) => void) | undefined
}

export class ControlPlane {
  readonly #network: Network
  readonly #around: ControlSurroundings
  readonly #host: DaemonHost
  readonly #icNb: Database<IcNbTables>
  readonly #icSb: Database<IcSbTables>
  readonly #zones = new Map<string, AvailabilityZone>()
  readonly #servers: Readonly<Record<'ic-nb' | 'ic-sb', Servers>>
  #version = 0

  constructor(network: Network, around: ControlSurroundings) {
    this.#network = network
    this.#around = around
    const log = (entry: LogEntry): void => around.log(entry)
    const chance = around.random.fork('slowness')
    const [least, most] = SLOWNESS
    this.#host = new DaemonHost(around.clock, log, () =>
      around.varied === true ? least * (most / least) ** (chance.float() * chance.float()) : 1,
    )
    this.#icNb = new Database(IC_NB_SCHEMA, 'OVN_IC_Northbound', network.seed)
    this.#icSb = new Database(IC_SB_SCHEMA, 'OVN_IC_Southbound', network.seed)
    const members = Math.max(1, network.interconnect.dbHosts.length)
    const servers = (database: Led, name: string): Servers =>
      new Servers(members, database, around.clock, around.random.fork(name))
    this.#servers = { 'ic-nb': servers(this.#icNb, 'ic-nb'), 'ic-sb': servers(this.#icSb, 'ic-sb') }
    for (const cluster of network.clusters) {
      const zone = new AvailabilityZone(cluster, {
        network,
        host: this.#host,
        icNb: this.#icNb,
        icSb: this.#icSb,
        log,
        acted:
          around.acted === undefined
            ? undefined
            : (id, act) => around.acted?.({ at: around.clock.now, cluster: id, act }),
        around: {
          clock: around.clock,
          random: around.random,
          log,
          transport: { send: (from, _to, remoteIp, message) => around.sendBfd(from, remoteIp, message) },
          changed: () => {
            this.#version++
            around.changed()
          },
        },
      })
      this.#zones.set(cluster.id, zone)
    }
  }

  /** Residue and transit switches first, then every cluster. */
  start(): void {
    const { interconnect, clusters } = this.#network
    const isKubeOvn = clusters.some((cluster) => cluster.profile.kubeOvn !== undefined)
    const transitSwitches = isKubeOvn ? [] : interconnect.transitSwitches
    for (const error of setUpInterconnect(this.#icNb, this.#icSb, { ...interconnect, transitSwitches }))
      this.#report(error)
    if (isKubeOvn) this.#report(createTransitSwitches(this.#icNb, interconnect.transitSwitches))
    for (const zone of this.#zones.values()) zone.start()
  }

  /** Nothing is due because of a change, and no controller is on its way to something. */
  get settled(): boolean {
    if (this.#host.busy) return false
    for (const zone of this.#zones.values()) if (!zone.settled) return false
    return true
  }

  /** By `cluster/node`. */
  chassis(key: string): ChassisSwitch | undefined {
    const slash = key.indexOf('/')
    return this.#zones.get(key.slice(0, slash))?.vswitch(key.slice(slash + 1))
  }

  /** A BFD message came out of the tunnel from the chassis `peer` at `key`. */
  receiveBfd(key: string, peer: string, message: BfdMessage): void {
    this.chassis(key)?.receiveBfd(peer, message)
  }

  /** What every chassis would do now. */
  forwarding(): ForwardingState {
    const chassis = new Map<string, ChassisState>()
    for (const zone of this.#zones.values()) for (const state of zone.states()) chassis.set(state.key, state)
    return { at: this.#around.clock.now, version: this.#version, chassis }
  }

  /** All databases as they are now; `at` is what the snapshot says about its time. */
  databases(at: Nanos): DatabasesSnapshot {
    const clusters = new Map(
      [...this.#zones].map(([id, { nb, sb }]) => [id, { nb: nb.snapshot(), sb: sb.snapshot() }]),
    )
    return { at, clusters, icNb: this.#icNb.snapshot(), icSb: this.#icSb.snapshot() }
  }

  /** MAC address of ovn0 on a node of a Kube-OVN cluster. */
  nodePortMac(cluster: string, node: string): Mac {
    const nodes = this.#network.clusters.find((one) => one.id === cluster)?.nodes
    return nodePortMac(this.#network.seed, cluster, nodes?.find((one) => one.name === node) ?? { name: node })
  }

  /** Carries out an event; those of the underlay are not the control plane's. */
  apply(event: TimelineEvent): void {
    if (event.kind === 'ic-nbctl') this.#report(applyLine({ icNb: this.#icNb }, event.command, 'ic-nbctl'))
    else if (event.kind === 'ic-sbctl')
      this.#report(applyLine({ icSb: this.#icSb }, event.command, 'ic-sbctl'))
    else if (event.kind === 'daemon' && (event.daemon.kind === 'ic-nb' || event.daemon.kind === 'ic-sb'))
      this.#icServer(
        event.daemon.kind,
        event.daemon.host,
        event.action === 'start' || event.action === 'resume',
      )
    else if (event.kind === 'daemon' && 'cluster' in event.daemon)
      this.#zones.get(event.daemon.cluster)?.apply(event)
    else if ('cluster' in event) this.#zones.get(event.cluster)?.apply(event)
  }

  /** The databases of several hosts are a Raft cluster, available while a majority runs and agrees on a leader. */
  #icServer(kind: 'ic-nb' | 'ic-sb', host: string | undefined, up: boolean): void {
    const hosts = this.#network.interconnect.dbHosts
    const all = hosts.length === 0 ? [0] : [...hosts.keys()]
    for (const member of host === undefined ? all : [hosts.indexOf(host)].filter((i) => i >= 0))
      this.#servers[kind].set(member, up)
  }

  #report(error: string | undefined): void {
    if (error !== undefined)
      this.#around.log({ at: this.#around.clock.now, source: 'timeline', kind: 'refused', text: error })
  }
}
