/**
 * The whole lab as a plan: namespaces and underlay; databases and chassis side by side; northd, ovn-ic and the pods; ports on transit
 * switches; ovn-controller on every chassis. Waiting is done by OVN's own `wait-until`, never by time.
 */
import type { Cluster, Network, Node } from '../../model/network.ts'
import type { DatabaseSnapshot, NbTables } from '../../model/tables.ts'
import { manifestText } from '../manifest.ts'
import type { Names } from '../names.ts'
import { chassis, ovnController, type Plug, plug, podPlug } from './chassis.ts'
import { interconnectDatabases, northd, ovnIc, toolStep, zoneDatabases } from './databases.ts'
import { clusterCommands, routeCommands, transitSwitchPort } from './northbound.ts'
import { type Words, type WrittenNorthbound, writtenNorthbound } from './rows.ts'
import { inside, type Lane, type Phase, type Step } from './steps.ts'
import { underlay } from './underlay.ts'

/** What else a plan needs to know. */
export interface PlanOptions {
  /** Path and name of the scenario, for `lab status`. */
  readonly file: string
  readonly name: string
  /** Northbound databases as a modelled Kube-OVN controller left them, by cluster; no real one runs in a lab. */
  readonly written: ReadonlyMap<string, DatabaseSnapshot<NbTables>>
  /** Ports of nodes themselves (Kube-OVN's ovn0), by cluster. */
  readonly nodePorts: ReadonlyMap<string, readonly Plug[]>
  /** Splits a command line into words; undefined for one that cannot be read. */
  readonly words: (line: string) => readonly string[] | undefined
  /** The kernel offers netem, so latency and loss can be set. */
  readonly netem: boolean
}

/**
 * The longest wait for transit switches, chassis and ports, in seconds: far more than a busy machine needs, because some never come, such
 * as a switch with a misspelt name, or a chassis whose tunnel address a dead cluster holds.
 */
const PATIENCE = 20
/** The same for the tunnel key of one port, which a running ovn-ic gives within milliseconds. */
const KEY_PATIENCE = 5

/** The plan of a lab that is at rest before anything happens to it. */
export function labPlan(names: Names, network: Network, options: PlanOptions): Phase[] {
  const { clusters } = network
  const written = writtenOf(options)
  return [
    ...groundPhases(names, network, options),
    {
      title: 'northd, ovn-ic and pods',
      lanes: [
        ...clusters.map((cluster) => zoneDaemons(names, cluster)),
        ...podLanes(names, network, options),
      ],
    },
    {
      title: 'transit switches',
      lanes: [clusters.flatMap((cluster) => transitPorts(names, cluster, written.get(cluster.id)))],
    },
    { title: 'ovn-controller', lanes: controllerLanes(names, network) },
    { title: 'ports', lanes: clusters.map((cluster) => portsUp(names, cluster, options)) },
  ]
}

/** The plan of a lab whose daemons start at time zero: what is there before, and what is done then, all at once. */
export function coldPlan(
  names: Names,
  network: Network,
  options: PlanOptions,
): { readonly before: Phase[]; readonly atZero: Phase[] } {
  const { clusters } = network
  const written = writtenOf(options)
  return {
    before: [
      ...groundPhases(names, network, options),
      { title: 'pods', lanes: podLanes(names, network, options) },
    ],
    atZero: [
      {
        title: 'northd, ovn-ic and ovn-controller',
        lanes: [
          ...clusters.map((cluster) => [
            ...zoneDaemons(names, cluster),
            ...transitPorts(names, cluster, written.get(cluster.id)),
          ]),
          ...controllerLanes(names, network),
        ],
      },
    ],
  }
}

function writtenOf(options: PlanOptions): Map<string, WrittenNorthbound> {
  return new Map([...options.written].map(([id, nb]) => [id, writtenNorthbound(nb)]))
}

/** Namespaces, databases with what stands in them, switches without a controller. */
function groundPhases(names: Names, network: Network, options: PlanOptions): Phase[] {
  const { clusters } = network
  const written = writtenOf(options)
  for (const cluster of clusters) for (const { key } of plugs(cluster, options)) names.pod(key)
  return [
    {
      title: 'namespaces and underlay',
      lanes: [
        [
          {
            kind: 'file',
            path: `${names.folder}/manifest.json`,
            text: manifestText(names, network, options),
          },
          ...underlay(names, network, options.netem),
          podNamespaces(names),
        ],
      ],
    },
    {
      title: 'databases and switches',
      lanes: [
        interconnectDatabases(names, network, options.words),
        ...clusters.map((cluster) => [
          ...zoneDatabases(names, cluster),
          ...northbound(names, cluster, written.get(cluster.id), options),
        ]),
        ...nodesOf(network).map(({ cluster, node }) => chassis(names, network, cluster, node)),
      ],
    },
  ]
}

function nodesOf({ clusters }: Network): { readonly cluster: Cluster; readonly node: Node }[] {
  return clusters.flatMap((cluster) => cluster.nodes.map((node) => ({ cluster, node })))
}

function zoneDaemons(names: Names, cluster: Cluster): Step[] {
  return [northd(names, cluster.id), ...(cluster.icDaemon ? [ovnIc(names, cluster.id)] : [])]
}

function podLanes(names: Names, network: Network, options: PlanOptions): Lane[] {
  return nodesOf(network).map(({ cluster, node }) => podsOf(names, cluster, node.name, options))
}

function controllerLanes(names: Names, network: Network): Lane[] {
  return nodesOf(network).map(({ cluster, node }) => [ovnController(names, cluster.id, node)])
}

function podNamespaces(names: Names): Step {
  return {
    kind: 'run',
    argv: ['ip', '-batch', '-'],
    input: `${[...names.pods.values()].map((namespace) => `netns add ${namespace}`).join('\n')}\n`,
  }
}

/** Everything that is plugged into br-int of a cluster's nodes. */
function plugs(cluster: Cluster, options: PlanOptions): Plug[] {
  return [
    ...cluster.pods.map((pod) => podPlug(cluster.id, pod)),
    ...(options.nodePorts.get(cluster.id) ?? []),
  ]
}

function podsOf(names: Names, cluster: Cluster, node: string, options: PlanOptions): Lane {
  return plugs(cluster, options).flatMap((one, i) => {
    if (one.node !== node) return []
    const pod = cluster.pods.find(({ lsp }) => lsp === one.lsp)
    const subnet = cluster.subnets.find((candidate) =>
      pod === undefined ? candidate.isJoin : candidate.name === pod.subnet,
    )
    return plug(names, cluster, one, subnet, `v${i}`)
  })
}

function northbound(
  names: Names,
  cluster: Cluster,
  written: WrittenNorthbound | undefined,
  options: PlanOptions,
): Step[] {
  const first = written?.first ?? clusterCommands(cluster)
  const once = (words: Words): Step => toolStep(names, 'nbctl', cluster.id, words)
  const all = nbctl(names, cluster.id, [['init'], ...first])
  if (written !== undefined) return [all]
  return [
    all,
    ...routeCommands(cluster).map(once),
    ...cluster.commands.flatMap((line) => {
      const words = options.words(line)
      return words === undefined ? [] : [once(words)]
    }),
  ]
}

/** Several ovn-nbctl commands as one transaction, which may not fail. */
export function nbctl(
  names: Names,
  cluster: string,
  commands: readonly Words[],
): Extract<Step, { kind: 'run' }> {
  const words = commands.flatMap((command) => ['--', ...command])
  return inside(names.underlay, [
    'ovn-nbctl',
    '--timeout=60',
    `--db=unix:${names.zone(cluster).nb}`,
    ...words,
  ])
}

/**
 * Ports on transit switches, one cluster after the other as clusters join in reality, each until ovn-ic has given it a tunnel key.
 * Surprise: a port may have another key from its own northd before, and an ovn-controller 23.03 that has seen it keeps flows with it
 * for good; hence ovn-controller starts afterwards.
 */
function transitPorts(names: Names, cluster: Cluster, written: WrittenNorthbound | undefined): Step[] {
  if (!cluster.icDaemon) return []
  const waiting =
    written?.onTransitSwitches ??
    cluster.transitPorts.map((port) => ({
      transitSwitch: port.transitSwitch,
      lsps: [port.lsp],
      words: transitSwitchPort(port),
    }))
  // A switch that never comes (a misspelt name), or a port that ovn-ic cannot register, leaves the others alone, as in reality.
  const wait = (tool: 'ovn-nbctl' | 'ovn-ic-sbctl', db: string, seconds: number, words: string[]): Step =>
    inside(names.underlay, [tool, `--timeout=${seconds}`, `--db=${db}`, 'wait-until', ...words], {
      mayFail: true,
    })
  return waiting.flatMap(({ transitSwitch, lsps, words }) =>
    words.length === 0
      ? []
      : [
          wait('ovn-nbctl', `unix:${names.zone(cluster.id).nb}`, PATIENCE, ['Logical_Switch', transitSwitch]),
          { ...nbctl(names, cluster.id, words), mayFail: true },
          ...lsps.map((lsp) =>
            wait('ovn-nbctl', `unix:${names.zone(cluster.id).nb}`, KEY_PATIENCE, [
              'Logical_Switch_Port',
              lsp,
              'options:requested-tnl-key!=""',
            ]),
          ),
        ],
  )
}

/** Chassis registered, pods' ports claimed and their flows in place. */
function portsUp(names: Names, cluster: Cluster, options: PlanOptions): Step[] {
  const wait = (words: readonly string[]): Step =>
    inside(
      names.underlay,
      ['ovn-sbctl', `--timeout=${PATIENCE}`, `--db=unix:${names.zone(cluster.id).sb}`, ...words],
      { mayFail: true },
    )
  const chassisUp = cluster.nodes.flatMap((node) => ['--', 'wait-until', 'Chassis', node.chassis])
  const ports = plugs(cluster, options).flatMap(({ lsp }) => [
    '--',
    'wait-until',
    'Port_Binding',
    lsp,
    'up=true',
  ])
  return [wait(chassisUp), ...(ports.length === 0 ? [] : [wait(ports)])]
}
