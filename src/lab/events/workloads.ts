/**
 * Pods, subnets and transit ports that come and go. On plain OVN the lab writes the Northbound as a person would; on a Kube-OVN cluster
 * the controller does, so that here only the pod itself is made or taken away.
 */
import type { Pod, Subnet, TransitPort } from '../../model/network.ts'
import { formatPrefix, masked } from '../../net/prefix.ts'
import { plug, podPlug, unplug } from '../plan/chassis.ts'
import {
  podCommands,
  subnetCommands,
  subnetRemoval,
  transitRouterPort,
  transitSwitchPort,
} from '../plan/northbound.ts'
import type { Words } from '../plan/rows.ts'
import { inside, ipBatch } from '../plan/steps.ts'
import { carryOutSteps, clusterOf, type EventContext, edit, isKubeOvn } from './context.ts'

export class Workloads {
  readonly #context: EventContext
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

  async addSubnet(cluster: string, subnet: Subnet): Promise<void> {
    this.#subnets.set(`${cluster}/${subnet.name}`, subnet)
    await this.#write(cluster, subnetCommands(subnet))
  }

  async deleteSubnet(cluster: string, name: string): Promise<void> {
    const subnet = this.#subnets.get(`${cluster}/${name}`)
    if (subnet === undefined) return this.#context.complain(`${name}: no such subnet`)
    await this.#write(cluster, subnetRemoval(subnet))
  }

  /** On plain OVN: the subnet's networks on the blacklist or off it. */
  async setInterconnection(cluster: string, name: string, disable: boolean): Promise<void> {
    const subnet = this.#subnets.get(`${cluster}/${name}`)
    if (subnet === undefined) return
    const networks = subnet.gateways.map((gateway) => formatPrefix(masked(gateway)))
    const nb = this.#context.observer().databases().clusters.get(cluster)?.nb
    const [row] = nb?.tables.NB_Global.values() ?? []
    const others = (row?.options['ic-route-blacklist'] ?? '')
      .split(',')
      .filter((entry) => entry !== '' && !networks.includes(entry))
    const wanted = disable ? [...others, ...networks] : others
    const option = 'ic-route-blacklist'
    await this.#write(cluster, [
      wanted.length === 0
        ? ['remove', 'NB_Global', '.', 'options', option]
        : ['set', 'NB_Global', '.', `options:${option}=${JSON.stringify(wanted.join(','))}`],
    ])
  }

  /** The switch's side waits for the switch. */
  async addTransitPort(cluster: string, port: TransitPort): Promise<void> {
    const { names } = this.#context
    if (isKubeOvn(this.#context, cluster)) return
    const db = `--db=unix:${names.zone(cluster).nb}`
    await carryOutSteps(this.#context, [
      edit(this.#context, cluster, transitRouterPort(clusterOf(this.#context, cluster), port)),
      inside(
        names.underlay,
        ['ovn-nbctl', '--timeout=20', db, 'wait-until', 'Logical_Switch', port.transitSwitch],
        { mayFail: true },
      ),
      edit(this.#context, cluster, transitSwitchPort(port)),
    ])
  }

  async addPod(cluster: string, pod: Pod): Promise<void> {
    const { names } = this.#context
    const key = `${cluster}/${pod.name}`
    const port = `w${this.#nextPort++}`
    this.#pods.set(key, pod)
    this.#ports.set(key, port)
    const subnet = this.#subnets.get(`${cluster}/${pod.subnet}`)
    await this.#write(cluster, podCommands(pod))
    await carryOutSteps(this.#context, [
      ipBatch(undefined, [`netns add ${names.pod(key)}`]),
      ...plug(names, clusterOf(this.#context, cluster), podPlug(cluster, pod), subnet, port),
    ])
    await this.#context.podAdded(key)
  }

  async deletePod(cluster: string, name: string): Promise<void> {
    const { names, complain } = this.#context
    const key = `${cluster}/${name}`
    const pod = this.#pods.get(key)
    if (pod === undefined) return complain(`${name}: no such pod`)
    this.#pods.delete(key)
    await this.#write(cluster, [['lsp-del', pod.lsp]])
    await carryOutSteps(this.#context, unplug(names, cluster, key, pod.node, this.#ports.get(key) ?? ''))
  }

  /** What the scenario itself writes into a Northbound; on a Kube-OVN cluster that is the controller's. */
  async #write(cluster: string, commands: readonly Words[]): Promise<void> {
    if (isKubeOvn(this.#context, cluster)) return
    await carryOutSteps(this.#context, [edit(this.#context, cluster, commands)])
  }
}
