/**
 * The timeline on real programs: carrier taken away on the bridge's side, silent loss by taking the port off the bridge, daemons killed,
 * stopped, frozen and started again, commands of the OVN tools, pods and subnets that come and go, an AZ that leaves.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster, Network, Node, Pod, Subnet } from '../model/network.ts'
import type { Scenario } from '../model/scenario.ts'
import type { DaemonRef, TimelineEvent } from '../model/timeline.ts'
import { formatPrefix, masked } from '../net/prefix.ts'
import { isProcessOf } from './found.ts'
import type { Names } from './names.ts'
import type { Liveness, Observer } from './observe/observer.ts'
import { ovnController, ovsDatabase, plug, podPlug, unplug, vswitchd } from './plan/chassis.ts'
import { northd, ovnIc, serveDatabase, toolStep } from './plan/databases.ts'
import {
  podCommands,
  subnetCommands,
  subnetRemoval,
  transitRouterPort,
  transitSwitchPort,
  type Words,
} from './plan/northbound.ts'
import { nbctl } from './plan/plan.ts'
import { carryOutLane, inside, ipBatch, type Step } from './plan/steps.ts'
import { bridgeOfCluster } from './plan/underlay.ts'
import type { Processes } from './process.ts'

/** A process of the lab: where its pid file is, and what starts it. */
interface Daemon {
  readonly key: string
  readonly folder: string
  readonly name: string
  readonly start: () => readonly Step[]
}

export interface EventContext {
  readonly scenario: Scenario
  readonly names: Names
  readonly processes: Processes
  readonly observer: () => Observer
  readonly words: (line: string) => readonly string[] | undefined
  readonly complain: (text: string) => void
  /** Called when a pod has been added. */
  readonly podAdded: (key: string) => Promise<void>
}

/** Carries out events. */
export class LabEvents {
  readonly #context: EventContext
  readonly #dead = new Set<string>()
  readonly #ports = new Map<string, string>()
  readonly #subnets = new Map<string, Subnet>()
  readonly #pods = new Map<string, Pod>()
  #nextPort = 0

  constructor(context: EventContext) {
    this.#context = context
    for (const cluster of context.scenario.network.clusters) {
      for (const subnet of cluster.subnets) this.#subnets.set(`${cluster.id}/${subnet.name}`, subnet)
      cluster.pods.forEach((pod, i) => {
        this.#pods.set(`${cluster.id}/${pod.name}`, pod)
        this.#ports.set(`${cluster.id}/${pod.name}`, `v${i}`)
      })
    }
  }

  /** Which daemons of a node run, as far as events ended and started them. */
  readonly liveness = (node: string): Liveness => ({
    vswitchd: !this.#dead.has(`ovs-vswitchd ${node}`),
    controller: !this.#dead.has(`ovn-controller ${node}`),
  })

  /** Carries out one event; what the tools refuse is complained of, as in reality. */
  async apply(event: TimelineEvent): Promise<void> {
    const { names, processes, complain } = this.#context
    const steps = (lane: readonly Step[]): Promise<void> => carryOutLane(lane, processes, complain)
    switch (event.kind) {
      case 'link':
        return steps([this.#link(event.cluster, event.node, event.up, event.silent)])
      case 'node':
        return this.#node(event.cluster, event.node, event.up)
      case 'daemon':
        for (const daemon of this.#daemons(event.daemon)) await this.#act(daemon, event.action)
        return
      case 'nbctl':
      case 'sbctl':
      case 'ic-nbctl':
      case 'ic-sbctl': {
        const words = this.#context.words(event.command)
        if (words === undefined) return complain(`${event.command}: a quote is not closed`)
        return steps([toolStep(names, event.kind, 'cluster' in event ? event.cluster : undefined, words)])
      }
      case 'interconn': {
        const { namespace, ovs } = names.node(event.cluster, event.node)
        return steps([
          inside(namespace, [
            'ovs-vsctl',
            `--db=unix:${ovs}`,
            '--no-wait',
            'set',
            'Open_vSwitch',
            '.',
            `external-ids:ovn-is-interconn=${event.on}`,
          ]),
        ])
      }
      case 'subnet-add':
        this.#subnets.set(`${event.cluster}/${event.subnet.name}`, event.subnet)
        return steps([this.#nbctl(event.cluster, subnetCommands(event.subnet))])
      case 'subnet-delete': {
        const subnet = this.#subnets.get(`${event.cluster}/${event.subnet}`)
        return subnet === undefined
          ? complain(`${event.subnet}: no such subnet`)
          : steps([this.#nbctl(event.cluster, subnetRemoval(subnet))])
      }
      case 'subnet-interconnection':
        return steps(this.#interconnection(event.cluster, event.subnet, event.disable))
      case 'pod-add':
        return this.#addPod(event.cluster, event.pod)
      case 'pod-delete':
        return this.#deletePod(event.cluster, event.pod)
      case 'transit-port-add': {
        const { port } = event
        const db = `--db=unix:${names.zone(event.cluster).nb}`
        return steps([
          this.#nbctl(event.cluster, transitRouterPort(this.#cluster(event.cluster), port)),
          inside(
            names.underlay,
            ['ovn-nbctl', '--timeout=20', db, 'wait-until', 'Logical_Switch', port.transitSwitch],
            { mayFail: true },
          ),
          this.#nbctl(event.cluster, transitSwitchPort(port)),
        ])
      }
      case 'leave':
        return event.clean ? this.#leave(event.cluster) : this.#die(event.cluster)
      case 'underlay':
        return steps(this.#figures(event.scope, event.figures.mtu))
      case 'snapshot':
      case 'ic-config':
        return
    }
  }

  #link(cluster: string, node: string, up: boolean, silent: boolean): Step {
    const { names, scenario } = this.#context
    const { port } = names.node(cluster, node)
    const master = up ? `master ${bridgeOfCluster(scenario.network, cluster)}` : 'nomaster'
    return ipBatch(names.underlay, [
      silent ? `link set ${port} ${master}` : `link set ${port} ${up ? 'up' : 'down'}`,
    ])
  }

  async #node(cluster: string, node: string, up: boolean): Promise<void> {
    const { processes, complain } = this.#context
    const daemons = [
      ...this.#daemons({ kind: 'ovn-controller', cluster, node }),
      ...this.#daemons({ kind: 'ovs-vswitchd', cluster, node }),
      this.#database(cluster, node),
    ]
    if (!up) {
      for (const daemon of daemons) await this.#act(daemon, 'kill')
      return carryOutLane([this.#link(cluster, node, false, false)], processes, complain)
    }
    await carryOutLane([this.#link(cluster, node, true, false)], processes, complain)
    for (const daemon of daemons.reverse()) await this.#act(daemon, 'start')
  }

  async #act(daemon: Daemon, action: 'kill' | 'stop' | 'pause' | 'resume' | 'start'): Promise<void> {
    const { processes, complain } = this.#context
    if (action === 'start') {
      await carryOutLane(daemon.start(), processes, complain)
      this.#dead.delete(daemon.key)
      return
    }
    const pid = pidOf(daemon, this.#context.names.id)
    if (pid === undefined) return complain(`${daemon.key} does not run`)
    if (action === 'pause') return signal(pid, 'SIGSTOP')
    if (action === 'resume') return signal(pid, 'SIGCONT')
    this.#dead.add(daemon.key)
    if (action === 'kill') signal(pid, 'SIGKILL')
    else
      await processes.run({
        argv: ['ovs-appctl', '--timeout=60', '-t', controlSocket(daemon, pid), 'exit'],
        mayFail: true,
      })
    await gone(pid)
  }

  #daemons(ref: DaemonRef): Daemon[] {
    const { names, scenario } = this.#context
    switch (ref.kind) {
      case 'ovn-controller':
      case 'ovs-vswitchd': {
        const { folder } = names.node(ref.cluster, ref.node)
        const node = this.#nodeOf(ref.cluster, ref.node)
        const start = (): readonly Step[] =>
          ref.kind === 'ovn-controller'
            ? [ovnController(names, ref.cluster, node)]
            : vswitchd(names, scenario.network, ref.cluster, node)
        return [{ key: `${ref.kind} ${ref.cluster}/${node.name}`, folder, name: ref.kind, start }]
      }
      case 'ovn-ic':
      case 'ovn-northd':
        return [
          {
            key: `${ref.kind} ${ref.cluster}`,
            folder: names.zone(ref.cluster).folder,
            name: ref.kind,
            start: () => [ref.kind === 'ovn-ic' ? ovnIc(names, ref.cluster) : northd(names, ref.cluster)],
          },
        ]
      case 'ic-nb':
      case 'ic-sb': {
        const one = ref.host === undefined ? undefined : names.ic.get(ref.host)
        const name = ref.kind === 'ic-nb' ? 'nb' : 'sb'
        const members = one === undefined ? [...names.ic.values()] : [one]
        return members.map(({ folder }) => ({
          key: `${ref.kind} ${folder}`,
          folder,
          name,
          start: () => [serveDatabase(names, folder, name)],
        }))
      }
      case 'kube-ovn-controller':
        return []
    }
  }

  #database(cluster: string, node: string): Daemon {
    const { names } = this.#context
    const { folder } = names.node(cluster, node)
    return {
      key: `ovsdb-server ${cluster}/${node}`,
      folder,
      name: 'ovsdb-server',
      start: () => [ovsDatabase(names, cluster, this.#nodeOf(cluster, node))],
    }
  }

  #interconnection(cluster: string, name: string, disable: boolean): Step[] {
    const subnet = this.#subnets.get(`${cluster}/${name}`)
    if (subnet === undefined) return []
    const networks = subnet.gateways.map((gateway) => formatPrefix(masked(gateway)))
    const nb = this.#context.observer().databases().clusters.get(cluster)?.nb
    const [row] = nb?.tables.NB_Global.values() ?? []
    const others = (row?.options['ic-route-blacklist'] ?? '')
      .split(',')
      .filter((entry) => entry !== '' && !networks.includes(entry))
    const wanted = disable ? [...others, ...networks] : others
    const option = 'ic-route-blacklist'
    return [
      this.#nbctl(cluster, [
        wanted.length === 0
          ? ['remove', 'NB_Global', '.', 'options', option]
          : ['set', 'NB_Global', '.', `options:${option}=${JSON.stringify(wanted.join(','))}`],
      ]),
    ]
  }

  async #addPod(cluster: string, pod: Pod): Promise<void> {
    const { names, processes, complain } = this.#context
    const key = `${cluster}/${pod.name}`
    const port = `w${this.#nextPort++}`
    this.#pods.set(key, pod)
    this.#ports.set(key, port)
    const subnet = this.#subnets.get(`${cluster}/${pod.subnet}`)
    await carryOutLane(
      [
        this.#nbctl(cluster, podCommands(pod)),
        ipBatch(undefined, [`netns add ${names.pod(key)}`]),
        ...plug(names, this.#cluster(cluster), podPlug(cluster, pod), subnet, port),
      ],
      processes,
      complain,
    )
    await this.#context.podAdded(key)
  }

  async #deletePod(cluster: string, name: string): Promise<void> {
    const { names, processes, complain } = this.#context
    const key = `${cluster}/${name}`
    const pod = this.#pods.get(key)
    if (pod === undefined) return complain(`${name}: no such pod`)
    this.#pods.delete(key)
    await carryOutLane(
      [
        this.#nbctl(cluster, [['lsp-del', pod.lsp]]),
        ...unplug(names, cluster, key, pod.node, this.#ports.get(key) ?? ''),
      ],
      processes,
      complain,
    )
  }

  /** Publish nothing, then take the ports off the transit switches, then the chassis, then the name: each when the one before is seen. */
  async #leave(cluster: string): Promise<void> {
    const { names, processes, complain } = this.#context
    const observer = this.#context.observer()
    const azName = this.#cluster(cluster).azName
    const icSb = () => observer.databases().icSb.tables
    const zone = (): number | undefined =>
      [...icSb().Availability_Zone].find(([, row]) => row.name === azName)?.[0]
    const steps = (lane: readonly Step[]): Promise<void> => carryOutLane(lane, processes, complain)
    await steps([this.#nbctl(cluster, [['set', 'NB_Global', '.', 'options:ic-route-adv=false']])])
    await until(() => ![...icSb().Route.values()].some((row) => row.availability_zone === zone()))
    const { tables } = observer.databases().clusters.get(cluster)!.nb
    const removals = [...tables.Logical_Switch.values()].flatMap((on): Words[] =>
      on.other_config['interconn-ts'] === undefined
        ? []
        : on.ports.flatMap((id): Words[] => {
            const lsp = tables.Logical_Switch_Port.get(id)
            if (lsp?.type !== 'router') return []
            const lrp = lsp.options['router-port']
            return [['lsp-del', lsp.name], ...(lrp === undefined ? [] : [['--if-exists', 'lrp-del', lrp]])]
          }),
    )
    if (removals.length > 0) await steps([this.#nbctl(cluster, removals)])
    await until(() => ![...icSb().Port_Binding.values()].some((row) => row.availability_zone === zone()))
    for (const node of this.#cluster(cluster).nodes)
      for (const daemon of this.#daemons({ kind: 'ovn-controller', cluster, node: node.name }))
        await this.#act(daemon, 'stop')
    await until(() => ![...icSb().Gateway.values()].some((row) => row.availability_zone === zone()))
    await steps([toolStep(names, 'nbctl', cluster, ['set', 'NB_Global', '.', 'name=""'])])
  }

  async #die(cluster: string): Promise<void> {
    for (const ref of ['ovn-ic', 'ovn-northd'] as const)
      for (const daemon of this.#daemons({ kind: ref, cluster })) await this.#act(daemon, 'kill')
    for (const node of this.#cluster(cluster).nodes) await this.#node(cluster, node.name, false)
  }

  /** MTU of all links or of one node's. */
  #figures(scope: string | undefined, mtu: number | undefined): Step[] {
    const { names } = this.#context
    if (mtu === undefined) return []
    const nodes = [...names.nodes].filter(
      ([key]) => scope === undefined || key === scope || key.endsWith(`/${scope}`),
    )
    return nodes.flatMap(([, { port, namespace }]) => [
      ipBatch(names.underlay, [`link set ${port} mtu ${mtu}`]),
      ipBatch(namespace, [`link set eth0 mtu ${mtu}`]),
    ])
  }

  #nbctl(cluster: string, commands: readonly Words[]): Step {
    return {
      ...nbctl(this.#context.names, cluster, commands),
      mayFail: true,
    }
  }

  #cluster(id: string): Cluster {
    return this.#network.clusters.find((cluster) => cluster.id === id)!
  }

  #nodeOf(cluster: string, name: string): Node {
    const bare = name.slice(name.indexOf('/') + 1)
    return this.#cluster(cluster).nodes.find((node) => node.name === bare)!
  }

  get #network(): Network {
    return this.#context.scenario.network
  }
}

/** What of a scenario a lab cannot carry out, each a sentence; such a scenario is not run at all. */
export function unsupported(scenario: Scenario): string[] {
  const sentences: string[] = []
  const kubeOvn = new Set(
    scenario.network.clusters.filter((cluster) => cluster.profile.kubeOvn !== undefined).map(({ id }) => id),
  )
  for (const { event, text } of scenario.timeline) {
    if (
      event.kind === 'ic-config' ||
      (event.kind === 'daemon' && event.daemon.kind === 'kube-ovn-controller')
    )
      sentences.push(`${text}: no Kube-OVN controller runs in a lab`)
    else if ('cluster' in event && kubeOvn.has(event.cluster) && NEEDS_CONTROLLER.has(event.kind))
      sentences.push(
        `${text}: on a Kube-OVN cluster its controller would have to act, and none runs in a lab`,
      )
    else if (event.kind === 'underlay' && (event.figures.loss ?? 0) > 0)
      sentences.push(`${text}: random loss needs netem, which the lab does not use`)
    else if (event.kind === 'underlay' && event.scope?.includes('|') === true)
      sentences.push(`${text}: figures between two clusters cannot change during a lab`)
  }
  if (scenario.start === 'cold')
    sentences.push('start: cold: a lab counts from the moment it has come to rest')
  if (scenario.network.interconnect.icSbResidue.length > 0 && kubeOvn.size > 0)
    sentences.push('residue in the IC Southbound of Kube-OVN clusters')
  return sentences
}

const NEEDS_CONTROLLER = new Set<TimelineEvent['kind']>([
  'subnet-add',
  'subnet-delete',
  'subnet-interconnection',
  'pod-add',
  'pod-delete',
  'transit-port-add',
  'leave',
])

function pidOf({ folder, name }: Daemon, id: string): number | undefined {
  const path = join(folder, `${name}.pid`)
  const pid = existsSync(path) ? Number(readFileSync(path, 'utf8').trim()) : 0
  return pid > 1 && isProcessOf(id, pid) ? pid : undefined
}

/** Where a daemon takes orders; ovn-controller has no option for it. */
function controlSocket({ folder, name }: Daemon, pid: number): string {
  return join(folder, name === 'ovn-controller' ? `ovn-controller.${pid}.ctl` : `${name}.ctl`)
}

function signal(pid: number, name: NodeJS.Signals): void {
  process.kill(pid, name)
}

/** Resolves when a process has gone. */
async function gone(pid: number): Promise<void> {
  await until(
    () => !existsSync(`/proc/${pid}`) || /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1')),
  )
}

/** Waits for a condition, thirty seconds at most: what does not come in reality does not come here. */
async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 30_000
  while (!holds() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10))
}
