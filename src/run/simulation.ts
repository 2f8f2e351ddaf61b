/**
 * One run in virtual time: control plane, data plane and the scenario's traffic and timeline on one clock. Bring-up happens before
 * time zero; times that leave this file count from zero.
 */
import { ControlPlane } from '../control/plane.ts'
import type { Running } from '../forward/host/program.ts'
import { serveTcpEcho, serveUdpEcho } from '../forward/host/services.ts'
import { startTraffic } from '../forward/host/traffic.ts'
import type { ControllerAct } from '../model/controller-act.ts'
import type { ForwardingState } from '../model/forwarding.ts'
import type { Cluster, Pod, Subnet } from '../model/network.ts'
import type { DropCount } from '../model/observation.ts'
import type { Scenario } from '../model/scenario.ts'
import type { DatabasesSnapshot } from '../model/tables.ts'
import { formatNanos, MILLISECOND, type Nanos, SECOND } from '../model/time.ts'
import type { TimedEvent } from '../model/timeline.ts'
import type { Drop, LogEntry } from '../model/trace.ts'
import type { Traffic, TrafficResult } from '../model/traffic.ts'
import { type Ip, isIp4 } from '../net/ip.ts'
import { contains } from '../net/prefix.ts'
import { Random } from '../net/random.ts'
import { Clock } from '../sim/clock.ts'
import type { UnderlayView } from '../sim/underlay.ts'
import { DataPlane } from './data-plane.ts'
import { nothingSeen, resultFromZero } from './traffic-results.ts'

/** The network counts as settled when nothing has changed for this long; BFD needs up to three seconds to come up. */
const QUIET: Nanos = 4 * SECOND
/** Distinct ends of packets that are kept apart. */
const DROPS_MAX = 1000

/** The longest period of a timer: at time zero those of a real network are anywhere in theirs. */
const REST_MAX: Nanos = SECOND

export interface SimulationOptions {
  readonly phase?: number
  readonly acted?: ((act: ControllerAct) => void) | undefined
}

export class Simulation {
  readonly scenario: Scenario
  readonly clock: Clock
  readonly control: ControlPlane
  readonly data: DataPlane
  /** Clock time of the scenario's zero; set by `bringUp`. */
  zero: Nanos = 0
  /** Whether the network came to rest before zero, and how long that took. */
  settled: { ok: boolean; after: Nanos } = { ok: true, after: 0 }
  readonly states: ForwardingState[] = []
  /** What the underlay let through when a state of `states` began. */
  readonly underlays = new WeakMap<ForwardingState, UnderlayView>()
  readonly snapshots = new Map<string, DatabasesSnapshot>()
  readonly #log: LogEntry[] = []
  readonly #drops = new Map<string, { drop: Drop; count: number; first: Nanos; last: Nanos }>()
  readonly #traffic: { readonly traffic: Traffic; running: Running | undefined }[] = []
  /** How long the network has been at rest when time zero comes. */
  readonly #rest: Nanos
  #lastChange: Nanos = 0
  #stateDue = false
  #zeroed = false

  /**
   * `phase` draws the timers of the daemons anew: see `SimulateOptions`. `acted` hears what Kube-OVN's controllers do, bring-up included; times
   * are the clock's.
   */
  constructor(scenario: Scenario, { phase = 0, acted }: SimulationOptions = {}) {
    const { network, limits } = scenario
    this.scenario = scenario
    this.clock = new Clock(0, limits.events)
    const random = new Random(network.seed)
    this.#rest = phase === 0 ? 0 : random.fork(`rest ${phase}`).below(REST_MAX)
    this.control = new ControlPlane(network, {
      clock: this.clock,
      random: random.fork(phase === 0 ? 'control' : `control ${phase}`),
      varied: phase > 0,
      log: (entry) => this.#log.push(entry),
      sendBfd: (key, remoteIp, message) => this.data.sendBfd(key, remoteIp, message),
      changed: () => this.#changed(),
      acted,
    })
    this.data = new DataPlane(network, this.clock, random.fork('data'), this.control, {
      packetsMax: limits.packets,
      dropped: (drop) => this.#dropped(drop),
    })
    for (const cluster of network.clusters) {
      for (const pod of cluster.pods) this.#addPod(cluster, pod, cluster.subnets)
      this.#addNodePorts(cluster)
    }
  }

  /** Starts everything and, unless the scenario starts cold, runs until nothing changes any more. */
  bringUp(): void {
    this.control.start()
    try {
      if (this.scenario.start === 'converged') {
        this.#settle()
        this.clock.runUntil(this.clock.now + this.#rest)
      }
    } finally {
      // A limit during bring-up ends the run at zero: nothing of the scenario's own time has passed.
      this.zero = this.clock.now
    }
    this.#zeroed = true
    this.snapshots.set('start', this.#databases())
    this.#pushState()
    this.#schedule()
  }

  /** Runs up to `time`, counted from zero. */
  runUntil(time: Nanos): void {
    this.clock.runUntil(this.zero + time)
  }

  /** Databases as they are now. */
  databases(): DatabasesSnapshot {
    return this.#databases()
  }

  /** What every chassis would do now. */
  forwarding(): ForwardingState {
    return this.#forwarding()
  }

  /** Ends what is still under way and says what was seen. */
  trafficResults(): TrafficResult[] {
    return this.#traffic.map(({ traffic, running }) =>
      resultFromZero(running?.finish() ?? nothingSeen(traffic), this.zero),
    )
  }

  /** The control plane's acts and the timeline, bring-up included (negative times). */
  log(): LogEntry[] {
    return this.#log.map((entry) => ({ ...entry, at: entry.at - this.zero }))
  }

  drops(): DropCount[] {
    return [...this.#drops.values()]
  }

  #settle(): void {
    const { settle } = this.scenario.limits
    const step = 250 * MILLISECOND
    for (;;) {
      this.clock.runUntil(Math.min(this.clock.now + step, settle))
      const quietFor = this.clock.now - this.#lastChange
      if (quietFor >= QUIET && this.control.settled) {
        this.settled = { ok: true, after: this.#lastChange }
        return
      }
      if (this.clock.now >= settle) {
        this.settled = { ok: false, after: this.clock.now }
        return
      }
    }
  }

  #schedule(): void {
    const at = <A>(time: Nanos, handler: (arg: A) => void, arg: A): void => {
      this.clock.at(this.zero + time, handler, arg)
    }
    for (const event of this.scenario.timeline) at(event.at, this.#apply, event)
    for (const traffic of this.scenario.traffic) {
      const entry = { traffic, running: undefined as Running | undefined }
      this.#traffic.push(entry)
      at(traffic.at, this.#startTraffic, entry)
    }
  }

  readonly #startTraffic = (entry: { traffic: Traffic; running: Running | undefined }): void => {
    const { from } = entry.traffic
    const host = this.data.host(`${from.cluster}/${from.pod}`)
    if (host !== undefined) entry.running = startTraffic(host, entry.traffic, () => {})
  }

  /** Every pod answers on the ports that traffic to it names. */
  #openServices(cluster: string, pod: string): void {
    const host = this.data.host(`${cluster}/${pod}`)
    if (host === undefined) return
    for (const traffic of this.scenario.traffic) {
      if (traffic.to?.cluster !== cluster || traffic.to.pod !== pod) continue
      if (traffic.kind === 'udp') serveUdpEcho(host, traffic.destinationPort)
      else if (traffic.kind === 'tcp') serveTcpEcho(host, traffic.destinationPort)
    }
  }

  /** What a pod sends ends with the pod. */
  #deletePod(cluster: string, pod: string): void {
    for (const { traffic, running } of this.#traffic)
      if (traffic.from.cluster === cluster && traffic.from.pod === pod) running?.finish()
    this.data.removeHost(`${cluster}/${pod}`)
  }

  /** One entry of a scenario may come as several events, such as both databases of `ic-db`; it is told once. */
  #tell(text: string): void {
    const at = this.clock.now
    const told = this.#log.some((one) => one.at === at && one.source === 'timeline' && one.text === text)
    if (!told) this.#log.push({ at, source: 'timeline', kind: 'event', text })
  }

  readonly #apply = ({ event, text }: TimedEvent): void => {
    this.#tell(text)
    const { underlay } = this.data
    switch (event.kind) {
      case 'snapshot':
        this.snapshots.set(event.label, this.#databases())
        return
      case 'underlay':
        underlay.setFigures(event.scope, event.figures)
        this.#changed()
        return
      case 'link':
        underlay.setLink(`${event.cluster}/${event.node}`, event.up, event.silent)
        this.#changed()
        return
      case 'node':
        underlay.setLink(`${event.cluster}/${event.node}`, event.up, false)
        break
      case 'leave':
        if (!event.clean)
          for (const node of this.#cluster(event.cluster).nodes)
            underlay.setLink(`${event.cluster}/${node.name}`, false, false)
        break
      case 'subnet-add':
        this.#added.push({ cluster: event.cluster, subnet: event.subnet })
        break
      case 'pod-add':
        this.#addPod(this.#cluster(event.cluster), event.pod, this.#subnets(event.cluster))
        break
      case 'pod-delete':
        this.#deletePod(event.cluster, event.pod)
        break
    }
    this.control.apply(event)
  }

  readonly #added: { readonly cluster: string; readonly subnet: Subnet }[] = []

  #subnets(cluster: string): Subnet[] {
    const added = this.#added.filter((entry) => entry.cluster === cluster).map((entry) => entry.subnet)
    return [...this.#cluster(cluster).subnets, ...added]
  }

  #cluster(id: string): Cluster {
    const cluster = this.scenario.network.clusters.find((candidate) => candidate.id === id)
    if (cluster === undefined) throw new RangeError(`no cluster ${id}`)
    return cluster
  }

  #addPod(cluster: Cluster, pod: Pod, subnets: readonly Subnet[]): void {
    const subnet = subnets.find((candidate) => candidate.name === pod.subnet)
    this.#deletePod(cluster.id, pod.name)
    this.data.addHost(cluster.id, pod.node, pod.lsp, `${cluster.id}/${pod.name}`, {
      name: pod.name,
      mac: pod.mac,
      mtu: pod.mtu,
      ...addressing(pod.ips, subnet),
    })
    this.#openServices(cluster.id, pod.name)
  }

  /** Kube-OVN: every node has a port in the join subnet, ovn0, through which hijacked traffic leaves (KO-POL-1). */
  #addNodePorts(cluster: Cluster): void {
    if (cluster.profile.kubeOvn === undefined) return
    const join = cluster.subnets.find((subnet) => subnet.isJoin)
    for (const node of cluster.nodes) {
      if (node.joinIps.length === 0) continue
      const lsp = `node-${node.name}`
      this.data.addHost(cluster.id, node.name, lsp, `${cluster.id}/${lsp}`, {
        name: lsp,
        mac: this.control.nodePortMac(cluster.id, node.name),
        mtu: this.scenario.network.underlay.mtu,
        ...addressing(node.joinIps, join),
      })
    }
  }

  #changed(): void {
    this.#lastChange = this.clock.now
    if (!this.#zeroed || this.#stateDue) return
    this.#stateDue = true
    this.clock.at(this.clock.now, this.#recordState, undefined)
  }

  readonly #recordState = (): void => {
    this.#stateDue = false
    this.#pushState()
  }

  #pushState(): void {
    const state = this.#forwarding()
    this.states.push(state)
    this.underlays.set(state, this.data.underlay.view())
  }

  #dropped(drop: Drop): void {
    if (!this.#zeroed) return
    const at = this.clock.now - this.zero
    const key = `${drop.kind} ${drop.where} ${drop.datapath} ${drop.stage} ${drop.reason}`
    const known = this.#drops.get(key)
    if (known !== undefined) {
      known.count++
      known.last = at
    } else if (this.#drops.size < DROPS_MAX) this.#drops.set(key, { drop, count: 1, first: at, last: at })
  }

  #forwarding(): ForwardingState {
    return { ...this.control.forwarding(), at: this.clock.now - this.zero }
  }

  #databases(): DatabasesSnapshot {
    return this.control.databases(this.clock.now - this.zero)
  }
}

/** Addresses of a network stack in a subnet: with the subnet's length where it holds them, and its router as gateway. */
function addressing(ips: readonly Ip[], subnet: Subnet | undefined) {
  const gateways = subnet?.gateways ?? []
  const gateway4 = gateways.map((gateway) => gateway.ip).find(isIp4)
  const gateway6 = gateways.map((gateway) => gateway.ip).find((ip) => !isIp4(ip))
  return {
    ips,
    prefixes: ips.flatMap((ip) => {
      const home = gateways.find((gateway) => contains(gateway, ip))
      return home === undefined ? [] : [{ ip, len: home.len }]
    }),
    gateways: { ip4: gateway4, ip6: gateway6 as Exclude<Ip, number> | undefined },
  }
}

/** `did not settle within 60s`, for reports. */
export function settledText(settled: { ok: boolean; after: Nanos }): string {
  return settled.ok
    ? `settled after ${formatNanos(settled.after)}`
    : `did not settle within ${formatNanos(settled.after)}`
}
