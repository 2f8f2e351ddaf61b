/**
 * One cluster's control plane: its two databases, northd and ovn-ic, an ovn-controller and an ovs-vswitchd per node, and whoever
 * writes the Northbound: the scenario itself (`ovn/cms.ts`) or Kube-OVN's controllers (`kube-ovn/`).
 */
import type { Act } from '../model/controller-act.ts'
import type { ChassisState } from '../model/forwarding.ts'
import type { Cluster, Network } from '../model/network.ts'
import type { IcNbTables, IcSbTables, NbTables, SbTables } from '../model/tables.ts'
import { MILLISECOND, SECOND } from '../model/time.ts'
import type { DaemonRef, TimelineEvent } from '../model/timeline.ts'
import type { LogEntry } from '../model/trace.ts'
import { Random } from '../net/random.ts'
import type { DaemonHost, Process } from './daemon.ts'
import { Database } from './db/database.ts'
import { NB_SCHEMA, SB_SCHEMA } from './db/schemas.ts'
import { tellCommits, tellingHooks } from './kube-ovn/acts.ts'
import { KubeOvn, type KubeOvnHooks } from './kube-ovn/kube-ovn.ts'
import { DB_NOTIFICATION, NORTHD_RUN } from './latencies.ts'
import { Cms, type Complaints } from './ovn/cms.ts'
import { applyLine } from './ovn/commands/apply.ts'
import { OvnController, startController } from './ovn/controller.ts'
import { ChassisSwitch, type SwitchSurroundings } from './ovn/controller-switch.ts'
import { addIcDaemon } from './ovn/ic/daemon.ts'
import { Northd } from './ovn/northd/northd.ts'
import { ViewSource } from './ovn/view.ts'

export interface ZoneSurroundings {
  readonly network: Network
  readonly host: DaemonHost
  readonly icNb: Database<IcNbTables>
  readonly icSb: Database<IcSbTables>
  /** For the nodes' vswitches. */
  readonly around: SwitchSurroundings
  log(entry: LogEntry): void
  /** Hears what Kube-OVN's controllers do. */
  readonly acted: ((cluster: string, act: Act) => void) | undefined
}

/** How long each step of leaving waits for ovn-ic to have seen the one before. */
const LEAVE_STEP = 100 * MILLISECOND

interface NodePart {
  readonly vswitch: ChassisSwitch
  readonly controller: OvnController
  readonly process: Process
}

export class AvailabilityZone {
  readonly cluster: Cluster
  readonly nb: Database<NbTables>
  readonly sb: Database<SbTables>
  readonly #around: ZoneSurroundings
  readonly #northd: Process
  readonly #ic: Process
  readonly #nodes = new Map<string, NodePart>()
  /** Who writes the Northbound. */
  readonly #writer:
    | { readonly kind: 'scenario'; readonly cms: Cms }
    | { readonly kind: 'kube-ovn'; readonly controllers: KubeOvn }
  /** Where each pod runs, for events that name only the pod. */
  readonly #pods = new Map<string, { readonly node: string; readonly lsp: string }>()

  constructor(cluster: Cluster, around: ZoneSurroundings) {
    const { network, host, icNb, icSb } = around
    const { clock } = host
    const log = (entry: LogEntry): void => around.log(entry)
    this.cluster = cluster
    this.#around = around
    this.nb = new Database(NB_SCHEMA, `${cluster.id} OVN_Northbound`, network.seed)
    this.sb = new Database(SB_SCHEMA, `${cluster.id} OVN_Southbound`, network.seed)
    const { nb, sb } = this
    const northd = new Northd({ cluster: cluster.id, nb, sb, clock, log })
    this.#northd = host.add(northd, { watches: [nb, sb], latency: DB_NOTIFICATION + NORTHD_RUN })
    const views = new ViewSource(
      {
        cluster: cluster.id,
        priorities: cluster.profile.routePriorities,
        ecmpHash: cluster.profile.ecmpHash,
        ecmpOrder: cluster.ecmpOrder,
      },
      sb,
      northd.flows,
    )
    const isKubeOvn = cluster.profile.kubeOvn !== undefined
    const random = new Random(network.seed).fork(`ovn-ic ${cluster.id}`)
    const remotes = (): number[] => shuffled(Math.max(1, network.interconnect.dbHosts.length), random)
    const context = { cluster: cluster.id, profile: cluster.profile, clock, nb, sb, icNb, icSb, remotes, log }
    this.#ic = addIcDaemon(host, context, cluster.icDaemon && !isKubeOvn)
    for (const node of cluster.nodes) {
      const key = `${cluster.id}/${node.name}`
      const vswitch = new ChassisSwitch(
        {
          key,
          cluster: cluster.id,
          node: node.name,
          chassis: node.chassis,
          hostname: node.hostname,
          encapIp: node.encapIp,
          encapType: node.encapType,
          underlayMac: node.underlayMac,
        },
        around.around,
      )
      const controller = new OvnController({
        switch: vswitch,
        sb,
        flows: northd.flows,
        views,
        clock,
        log,
        isInterconn: node.isInterconn,
      })
      this.#nodes.set(node.name, { vswitch, controller, process: startController(host, controller) })
    }
    this.#writer = isKubeOvn
      ? { kind: 'kube-ovn', controllers: this.#kubeOvn() }
      : { kind: 'scenario', cms: new Cms(cluster, nb, (text) => this.#complain([text])) }
    for (const pod of cluster.pods) this.#pods.set(pod.name, pod)
  }

  /** Writes the Northbound for the first time and plugs in the pods. */
  start(): void {
    const { host } = this.#around
    const writer = this.#writer
    if (writer.kind === 'kube-ovn') {
      writer.controllers.start()
      if (this.cluster.commands.length > 0) host.clock.after(SECOND, this.#runCommands, undefined)
      return
    }
    this.#complain(writer.cms.setUp())
    host.add(writer.cms, { watches: [this.nb], latency: DB_NOTIFICATION })
    for (const { node, lsp } of this.cluster.pods) this.#setVif(node, lsp, true)
  }

  /** False while something is still under way that the network would do by itself. */
  get settled(): boolean {
    return this.#writer.kind === 'scenario' || this.#writer.controllers.settled
  }

  vswitch(node: string): ChassisSwitch | undefined {
    return this.#nodes.get(node)?.vswitch
  }

  states(): ChassisState[] {
    return [...this.#nodes.values()].map((node) => node.vswitch.state)
  }

  /** Carries out an event of this cluster. */
  apply(event: TimelineEvent): void {
    switch (event.kind) {
      case 'node':
        return this.#node(event.node, event.up)
      case 'daemon':
        return this.#daemon(event.daemon, event.action, event)
      case 'nbctl':
        return this.#run(event.command, 'nbctl')
      case 'sbctl':
        return this.#run(event.command, 'sbctl')
      case 'leave':
        return event.clean ? this.#leave() : this.#die()
      case 'interconn':
        this.#nodes.get(event.node)?.controller.setInterconn(event.on)
    }
    const writer = this.#writer
    if (writer.kind === 'kube-ovn') writer.controllers.apply(event)
    else this.#write(writer.cms, event)
  }

  /** Changes of configuration on plain OVN. */
  #write(cms: Cms, event: TimelineEvent): void {
    switch (event.kind) {
      case 'subnet-add':
        return this.#complain(cms.addSubnet(event.subnet))
      case 'subnet-delete':
        return this.#complain(cms.deleteSubnet(event.subnet))
      case 'subnet-interconnection':
        return this.#complain(cms.setInterconnection(event.subnet, event.disable))
      case 'transit-port-add':
        return this.#complain(cms.addTransitPort(event.port))
      case 'pod-add':
        this.#pods.set(event.pod.name, event.pod)
        this.#complain(cms.addPod(event.pod))
        return this.#setVif(event.pod.node, event.pod.lsp, true)
      case 'pod-delete': {
        const pod = this.#pods.get(event.pod)
        this.#complain(cms.deletePod(event.pod))
        if (pod !== undefined) this.#setVif(pod.node, pod.lsp, false)
        return
      }
    }
  }

  #kubeOvn(): KubeOvn {
    const { network, host, icNb, icSb, acted } = this.#around
    const { cluster, nb, sb } = this
    const hooks: KubeOvnHooks = {
      setInterconn: (node, on) => this.#nodes.get(node)?.controller.setInterconn(on),
      setVif: (node, port, present) => this.#setVif(node, port, present),
      startIc: () => {
        if (this.cluster.icDaemon) this.#ic.start()
      },
      stopIc: () => this.#ic.end('stop'),
    }
    const told = (act: Act): void => acted?.(cluster.id, act)
    const controllers = new KubeOvn({
      network,
      cluster,
      nb,
      sb,
      icNb,
      icSb,
      host,
      log: (entry) => this.#around.log(entry),
      hooks: acted === undefined ? hooks : tellingHooks(hooks, told),
    })
    if (acted !== undefined) tellCommits({ nb, icSb }, controllers.name, told)
    return controllers
  }

  readonly #runCommands = (): void => {
    for (const command of this.cluster.commands) this.#run(command, 'nbctl')
  }

  #setVif(node: string, port: string, present: boolean): void {
    this.#nodes.get(node)?.vswitch.setVif(port, present)
  }

  /** A node dies with everything on it, or boots: ovs-vswitchd first, then ovn-controller. */
  #node(name: string, up: boolean): void {
    const node = this.#nodes.get(name)
    if (node === undefined) return
    if (up) {
      node.vswitch.start()
      node.process.start()
    } else {
      node.process.end('kill')
      node.vswitch.stop()
    }
  }

  /** A controller under SIGSTOP answers no packet-ins, though its flows stay. */
  #controller(name: string, action: 'kill' | 'stop' | 'pause' | 'resume' | 'start'): void {
    const node = this.#nodes.get(name)
    if (node === undefined) return
    const paused = node.process.state === 'paused'
    control(node.process, action)
    if (action === 'pause' && node.process.state === 'paused') node.vswitch.setController(false)
    if (action === 'resume' && paused) node.vswitch.setController(true)
  }

  #daemon(
    daemon: DaemonRef,
    action: 'kill' | 'stop' | 'pause' | 'resume' | 'start',
    event: TimelineEvent,
  ): void {
    switch (daemon.kind) {
      case 'ovn-controller':
        this.#controller(daemon.node, action)
        return
      case 'ovs-vswitchd': {
        const vswitch = this.#nodes.get(daemon.node)?.vswitch
        vswitch?.[action === 'kill' ? 'stop' : action]()
        return
      }
      case 'ovn-ic':
        control(this.#ic, action)
        return
      case 'ovn-northd':
        control(this.#northd, action)
        return
      case 'kube-ovn-controller':
        if (this.#writer.kind === 'kube-ovn') this.#writer.controllers.apply(event)
        return
    }
  }

  /**
   * Leaves nothing behind. Kube-OVN: the ConfigMap is deleted. Otherwise what works by hand (probed): advertising off first, then
   * ports, chassis and name, each after ovn-ic has seen the one before.
   */
  #leave(): void {
    const writer = this.#writer
    if (writer.kind === 'kube-ovn') {
      writer.controllers.apply({ kind: 'ic-config', cluster: this.cluster.id, config: undefined })
      return
    }
    const { clock } = this.#around.host
    const steps: readonly (() => void)[] = [
      () => this.#complain(writer.cms.withdrawRoutes()),
      () => this.#complain(writer.cms.removeTransitPorts()),
      () => {
        for (const { process } of this.#nodes.values()) process.end('stop')
      },
      () => this.#complain(writer.cms.clearName()),
    ]
    for (const [index, step] of steps.entries()) clock.after(index * LEAVE_STEP, step, undefined)
  }

  #die(): void {
    this.#ic.end('kill')
    this.#northd.end('kill')
    if (this.#writer.kind === 'kube-ovn') this.#around.host.get(this.#writer.controllers.name)?.end('kill')
    for (const name of this.#nodes.keys()) this.#node(name, false)
  }

  #run(command: string, tool: 'nbctl' | 'sbctl'): void {
    const error = applyLine({ nb: this.nb, sb: this.sb }, command, tool)
    if (error !== undefined) this.#complain([`${tool} ${command}: ${error}`])
  }

  #complain(complaints: Complaints): void {
    const { clock } = this.#around.host
    for (const text of complaints)
      this.#around.log({ at: clock.now, source: `timeline ${this.cluster.id}`, kind: 'refused', text })
  }
}

function control(process: Process | undefined, action: 'kill' | 'stop' | 'pause' | 'resume' | 'start'): void {
  if (action === 'kill' || action === 'stop') process?.end(action)
  else process?.[action]()
}

/** The numbers below `count` in random order. */
function shuffled(count: number, random: Random): number[] {
  const numbers = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[numbers[i], numbers[j]] = [numbers[j]!, numbers[i]!]
  }
  return numbers
}
