/**
 * What a lab needs besides the scenario. For plain OVN that is little; for Kube-OVN clusters no real controller runs, so the scenario is
 * simulated first: the Northbound that the modelled controller has written when the simulator comes to rest is what the lab begins with,
 * with the nodes' own ports and flags, and what it does from then on is the journal that the lab follows.
 */

import type { LabOptions } from '../lab/build.ts'
import type { Plug } from '../lab/plan/chassis.ts'
import { splitWords, stripLeader } from '../model/command-line.ts'
import type { ControllerAct } from '../model/controller-act.ts'
import type { Cluster, Network } from '../model/network.ts'
import type { Profile } from '../model/profile.ts'
import { PROFILES } from '../model/profile-table.ts'
import type { Scenario } from '../model/scenario.ts'
import type { DatabaseSnapshot, NbTables } from '../model/tables.ts'
import { SECOND } from '../model/time.ts'
import type { TimedEvent } from '../model/timeline.ts'
import { Simulation } from './simulation.ts'

/** A scenario as a lab takes it, and what goes with it. */
export interface LabInput {
  readonly scenario: Scenario
  readonly options: LabOptions
}

/**
 * The scenario as it is over the OVN that a lab has: what a Kube-OVN release changes in northd and ovn-ic is not there, what its
 * controller does is.
 */
export function overPlainOvn(scenario: Scenario): Scenario {
  const { network } = scenario
  const plain = (profile: Profile): Profile =>
    profile.kubeOvn === undefined
      ? profile
      : { ...PROFILES['ovn-23.03'], name: profile.name, kubeOvn: profile.kubeOvn }
  const clusters = network.clusters.map((cluster) => ({ ...cluster, profile: plain(cluster.profile) }))
  return { ...scenario, network: { ...network, profile: plain(network.profile), clusters } }
}

/** Makes a scenario ready for a lab. */
export function labInput(
  scenario: Scenario,
  talk: Pick<LabOptions, 'tell' | 'progress' | 'began'> & { readonly netem?: boolean } = {},
): LabInput {
  const written = new Map<string, DatabaseSnapshot<NbTables>>()
  const nodePorts = new Map<string, Plug[]>()
  const words = (line: string): readonly string[] | undefined => {
    const split = splitWords(line)
    return split === undefined ? undefined : stripLeader(split).words
  }
  const network = withScopes(scenario)
  const { clusters } = network
  const journal: ControllerAct[] = []
  const options = { written, nodePorts, words, journal, netem: true, ...talk }
  if (clusters.every((cluster) => cluster.profile.kubeOvn === undefined))
    return { scenario: { ...scenario, network }, options }
  const simulation = new Simulation(overPlainOvn({ ...scenario, traffic: [] }), {
    acted: (act) => journal.push(act),
  })
  simulation.bringUp()
  // Until here it is in the databases.
  journal.length = 0
  const databases = simulation.databases()
  const settled = clusters.map((cluster): Cluster => {
    if (cluster.profile.kubeOvn === undefined) return cluster
    const { nb, sb } = databases.clusters.get(cluster.id)!
    written.set(cluster.id, nb)
    nodePorts.set(
      cluster.id,
      cluster.nodes.flatMap((node): Plug[] =>
        node.joinIps.length === 0
          ? []
          : [
              {
                key: `${cluster.id}/node-${node.name}`,
                node: node.name,
                lsp: `node-${node.name}`,
                mac: simulation.control.nodePortMac(cluster.id, node.name),
                ips: node.joinIps,
                mtu: network.underlay.mtu,
              },
            ],
      ),
    )
    const flags = new Map(
      [...sb.tables.Chassis.values()].map((row) => [row.name, row.other_config['is-interconn'] === 'true']),
    )
    const [zone] = nb.tables.NB_Global.values()
    const icDaemon = (zone?.name ?? '') !== ''
    return {
      ...cluster,
      icDaemon,
      nodes: cluster.nodes.map((node) => ({
        ...node,
        isInterconn: flags.get(node.chassis) ?? node.isInterconn,
      })),
    }
  })
  const names = [...databases.icNb.tables.Transit_Switch.values()].map(({ name }) => name)
  const { interconnect } = network
  const transitSwitches = names.map(
    (name) => interconnect.transitSwitches.find((one) => one.name === name) ?? { name, subnets: [] },
  )
  simulation.runUntil(scenario.duration)
  for (const [i, act] of journal.entries()) journal[i] = { ...act, at: act.at - simulation.zero }
  return {
    scenario: {
      ...scenario,
      timeline: [...lateCommands(scenario), ...scenario.timeline],
      network: { ...network, clusters: settled, interconnect: { ...interconnect, transitSwitches } },
    },
    options,
  }
}

/** The network with every pair of clusters whose figures change on the way, so that the lab builds a WAN between them. */
function withScopes({ network, timeline }: Scenario): Network {
  const pairs = timeline.flatMap(({ event }) =>
    event.kind === 'underlay' && event.scope?.includes('|') === true ? [[event.scope, {}] as const] : [],
  )
  const { underlay } = network
  return { ...network, underlay: { ...underlay, wan: { ...Object.fromEntries(pairs), ...underlay.wan } } }
}

/** Where the daemons start at time zero, command lines of Kube-OVN clusters wait for the controller, as in the simulator. */
function lateCommands({ start, network }: Scenario): TimedEvent[] {
  if (start !== 'cold') return []
  return network.clusters.flatMap((cluster) =>
    cluster.profile.kubeOvn === undefined
      ? []
      : cluster.commands.map((command): TimedEvent => {
          const event = { kind: 'nbctl', cluster: cluster.id, command } as const
          return { at: SECOND, event, text: command }
        }),
  )
}
