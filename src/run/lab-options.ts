/**
 * What a lab needs besides the scenario. For plain OVN that is little; for Kube-OVN clusters no real controller runs, so the Northbound
 * that the modelled one has written when the simulator comes to rest is applied instead, with the nodes' own ports and flags.
 */

import type { LabOptions } from '../lab/lab.ts'
import type { Plug } from '../lab/plan/chassis.ts'
import { splitWords, stripLeader } from '../model/command-line.ts'
import type { Cluster } from '../model/network.ts'
import type { Profile } from '../model/profile.ts'
import { PROFILES } from '../model/profile-table.ts'
import type { Scenario } from '../model/scenario.ts'
import type { DatabaseSnapshot, NbTables } from '../model/tables.ts'
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
  talk: Pick<LabOptions, 'tell' | 'progress' | 'began'> = {},
): LabInput {
  const written = new Map<string, DatabaseSnapshot<NbTables>>()
  const nodePorts = new Map<string, Plug[]>()
  const words = (line: string): readonly string[] | undefined => {
    const split = splitWords(line)
    return split === undefined ? undefined : stripLeader(split).words
  }
  const { clusters } = scenario.network
  const options = { written, nodePorts, words, ...talk }
  if (clusters.every((cluster) => cluster.profile.kubeOvn === undefined)) return { scenario, options }
  const simulation = new Simulation(overPlainOvn(scenario))
  simulation.bringUp()
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
                mtu: scenario.network.underlay.mtu,
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
  const { interconnect } = scenario.network
  const transitSwitches = names.map(
    (name) => interconnect.transitSwitches.find((one) => one.name === name) ?? { name, subnets: [] },
  )
  return {
    scenario: {
      ...scenario,
      network: { ...scenario.network, clusters: settled, interconnect: { ...interconnect, transitSwitches } },
    },
    options,
  }
}
