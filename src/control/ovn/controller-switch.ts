// ovs-vswitchd of one chassis together with its Open_vSwitch database: the interfaces, tunnels and BFD settings that outlive
// the process, the flows and BFD sessions that do not. It owns the chassis' `ChassisState` and replaces it on every change.
// Surprise: the state of a tunnel's BFD session acts on packets at once (the active-backup bundle of HA-8), while
// ovn-controller hears of it and reprograms only some milliseconds later.

import type { ChassisState, LogicalView, Tunnel } from '../../model/forwarding.ts'
import type { LogEntry } from '../../model/trace.ts'
import type { Ip } from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import type { Random } from '../../net/random.ts'
import type { Clock, Timer } from '../../sim/clock.ts'
import { VSWITCHD_START } from '../latencies.ts'
import { BFD_DEFAULTS, BFD_DIAGNOSTIC, type BfdMessage, type BfdParameters, BfdSpeaker } from './bfd.ts'

/** What never changes about a chassis. */
export interface ChassisIdentity {
  /** `cluster/node`. */
  readonly key: string
  readonly cluster: string
  readonly node: string
  /** OVN's chassis name (system-id). */
  readonly chassis: string
  readonly hostname: string
  readonly encapIp: Ip
  readonly encapType: 'geneve' | 'vxlan'
  readonly underlayMac: Mac
}

/** Carries BFD messages between chassis; they arrive by `ChassisSwitch.receiveBfd`, or do not. */
export interface BfdTransport {
  /** `from` is a key (`cluster/node`), `to` the chassis name at the other end of the tunnel, which ends at `remoteIp`. */
  send(from: string, to: string, remoteIp: Ip, message: BfdMessage): void
}

export interface SwitchSurroundings {
  readonly clock: Clock
  readonly random: Random
  readonly transport: BfdTransport
  readonly log: (entry: LogEntry) => void
  /** The chassis' state is another value now. */
  changed(chassisKey: string): void
}

/** What ovn-controller configures about tunnels. */
export interface TunnelSettings {
  /** Addresses of the far ends by chassis name. */
  readonly tunnels: ReadonlyMap<string, Ip>
  /** Chassis to which BFD shall run; those without a tunnel are ignored. */
  readonly bfdPeers: ReadonlySet<string>
  readonly bfd: BfdParameters
}

const NOTHING: TunnelSettings = { tunnels: new Map(), bfdPeers: new Set(), bfd: BFD_DEFAULTS }

export class ChassisSwitch {
  readonly identity: ChassisIdentity
  /** What is told to ovn-controller: BFD changes, interfaces, a restart. */
  onEvent: (event: 'bfd' | 'interfaces' | 'stopped' | 'restarted') => void = () => {}
  readonly #around: SwitchSurroundings
  readonly #bfd: BfdSpeaker
  #settings = NOTHING
  /** BFD states as the database shows them; a dead process leaves the last ones standing. */
  #bfdUp: ReadonlySet<string> = new Set()
  #state: ChassisState
  #paused = false
  /** It has been started and is not there yet. */
  #starting: Timer | undefined
  /** Peers to which a new process has not sent yet. */
  readonly #unresolved = new Set<string>()

  constructor(identity: ChassisIdentity, around: SwitchSurroundings) {
    const { key, cluster, node, chassis, encapIp, underlayMac } = identity
    this.identity = identity
    this.#around = around
    this.#state = {
      ...{ key, cluster, node, chassis, encapIp, underlayMac },
      vswitchd: true,
      controller: false,
      view: undefined,
      resident: new Set(),
      vifs: new Set(),
      tunnels: new Map(),
    }
    this.#bfd = new BfdSpeaker({
      clock: around.clock,
      random: around.random.fork(`bfd ${key}`),
      send: (peer, message) => {
        const remote = this.#settings.tunnels.get(peer)
        // A new process knows no way to anybody yet: the first packet of each session is lost for want of a route or a neighbour, and
        // the peer hears of the session an interval later (seen in every lab in which ovs-vswitchd was started again).
        if (this.#unresolved.delete(peer)) return
        if (remote !== undefined) around.transport.send(key, peer, remote, message)
      },
      changed: (peer, up, diagnostic) => this.#onBfd(peer, up, diagnostic),
    })
  }

  /** The present state, a new value after every change. */
  get state(): ChassisState {
    return this.#state
  }

  /** True while the process runs and is not stopped by SIGSTOP. */
  get running(): boolean {
    return this.#state.vswitchd
  }

  /** Chassis to which BFD is up, as ovn-controller reads it. */
  get bfdUp(): ReadonlySet<string> {
    return this.#bfdUp
  }

  /** A BFD packet came out of the tunnel of a chassis. */
  receiveBfd(from: string, message: BfdMessage): void {
    if (this.running) this.#bfd.receive(from, message)
  }

  /** A pod's interface appears on the node, or goes. */
  setVif(port: string, present: boolean): void {
    if (this.#state.vifs.has(port) === present) return
    const vifs = new Set(this.#state.vifs)
    if (present) vifs.add(port)
    else vifs.delete(port)
    this.#replace({ vifs })
    this.onEvent('interfaces')
  }

  /** ovn-controller sets tunnels and where BFD runs. */
  configure(settings: TunnelSettings): void {
    if (sameSettings(settings, this.#settings)) return
    this.#settings = settings
    if (this.running) this.#applyBfd()
    this.#refreshTunnels()
  }

  /** ovn-controller's flows take effect; without the process there is nobody to take them. */
  install(view: LogicalView, resident: ReadonlySet<string>): void {
    if (this.running && (view !== this.#state.view || !sameSet(resident, this.#state.resident))) {
      this.#replace({ view, resident })
    }
  }

  /** A new ovn-controller takes away the flows that the one before it has left. */
  clear(): void {
    if (this.#state.view !== undefined) this.#replace({ view: undefined })
  }

  /** Whether ovn-controller answers packet-ins. */
  setController(controller: boolean): void {
    if (controller !== this.#state.controller) this.#replace({ controller })
  }

  /** The process ends, gracefully or not: flows and BFD sessions are gone, the settings stay. */
  stop(): void {
    if (this.#starting !== undefined) this.#around.clock.cancel(this.#starting)
    this.#starting = undefined
    if (!this.running && !this.#paused) return
    this.#paused = false
    this.#bfd.reset()
    this.#replace({ vswitchd: false, view: undefined, resident: new Set() })
    this.#refreshTunnels()
    this.onEvent('stopped')
  }

  /** The process starts with the settings in its database; flows come when ovn-controller has noticed. */
  start(): void {
    if (this.running || this.#paused || this.#starting !== undefined) return
    this.#starting = this.#around.clock.after(VSWITCHD_START, this.#started, undefined)
  }

  readonly #started = (): void => {
    this.#starting = undefined
    this.#bfdUp = new Set()
    this.#replace({ vswitchd: true })
    for (const peer of this.#settings.bfdPeers) this.#unresolved.add(peer)
    this.#applyBfd()
    this.#refreshTunnels()
    this.onEvent('restarted')
  }

  /** SIGSTOP: nothing is forwarded and no BFD sent, but flows and sessions stay in memory. */
  pause(): void {
    if (!this.running) return
    this.#paused = true
    this.#bfd.pause()
    this.#replace({ vswitchd: false })
  }

  /** SIGCONT. */
  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#replace({ vswitchd: true })
    this.#bfd.resume()
    this.onEvent('interfaces')
    this.#refreshTunnels()
  }

  #applyBfd(): void {
    const { tunnels, bfdPeers, bfd } = this.#settings
    this.#bfd.configure(
      [...bfdPeers].filter((peer) => tunnels.has(peer)),
      bfd,
    )
  }

  #onBfd(peer: string, up: boolean, diagnostic: number): void {
    const why =
      diagnostic === BFD_DIAGNOSTIC.detectionTimeExpired
        ? 'detection time expired'
        : diagnostic === BFD_DIAGNOSTIC.neighbourSignaledDown
          ? 'the other end says it is down'
          : 'no longer configured'
    this.#around.log({
      at: this.#around.clock.now,
      source: `ovs-vswitchd ${this.identity.key}`,
      kind: 'bfd',
      text: up ? `BFD to ${peer} is up` : `BFD to ${peer} is down: ${why}`,
    })
    this.#refreshTunnels()
    this.onEvent('bfd')
  }

  #refreshTunnels(): void {
    const { tunnels } = this.#settings
    const now = new Map<string, Tunnel>()
    for (const [chassis, remoteIp] of tunnels) {
      const bfd = !this.#bfd.has(chassis) ? 'off' : this.#bfd.isUp(chassis) ? 'up' : 'down'
      const before = this.#state.tunnels.get(chassis)
      const same = before !== undefined && before.bfd === bfd && before.remoteIp === remoteIp
      now.set(chassis, same ? before : { chassis, remoteIp, bfd })
    }
    if (this.running) this.#bfdUp = this.#bfd.up()
    const { tunnels: old } = this.#state
    if (old.size !== now.size || [...now].some(([chassis, tunnel]) => old.get(chassis) !== tunnel)) {
      this.#replace({ tunnels: now })
    }
  }

  #replace(change: Partial<ChassisState>): void {
    this.#state = { ...this.#state, ...change }
    this.#around.changed(this.identity.key)
  }
}

function sameSettings(a: TunnelSettings, b: TunnelSettings): boolean {
  return a.tunnels === b.tunnels && a.bfd === b.bfd && sameSet(a.bfdPeers, b.bfdPeers)
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((item) => b.has(item))
}
