/**
 * The underlay: a bridge in a namespace of its own, one port a node. Where the scenario gives figures for the WAN between clusters,
 * every cluster has a bridge of its own and each pair a link between them; those links are isolated from each other on the bridges, so
 * that the full mesh has no loops.
 */
import type { Network } from '../../model/network.ts'
import type { Names } from '../names.ts'
import { hasWan, type LinkSettings, largestMtu, linkSettings, netemSteps, wanPort } from './links.ts'
import { inside, ipBatch, type Step } from './steps.ts'

/** Creates all namespaces of nodes with their link to the underlay; latency and loss only where the kernel offers `netem`. */
export function underlay(names: Names, network: Network, netem: boolean): Step[] {
  const nodes = [...names.nodes.values()]
  const settings = linkSettings(names, network)
  const wan = hasWan(network)
  const lines = ['link set lo up']
  for (const bridge of wan ? network.clusters.map((_, i) => bridgeOf(i)) : [bridgeOf(0)]) {
    // Nobody queries for multicast groups here: snooping would only cost.
    lines.push(`link add ${bridge} mtu ${largestMtu(network)} type bridge stp_state 0 mcast_snooping 0`)
    lines.push(`link set ${bridge} up`)
  }
  const mtuOf = (device: string): number =>
    settings.find((one) => one.device === device && one.namespace === names.underlay)!.mtu
  network.clusters.forEach((cluster, i) => {
    for (const node of cluster.nodes) {
      const { namespace, port } = names.node(cluster, node)
      const mtu = mtuOf(port)
      lines.push(`link add ${port} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${namespace}`)
      lines.push(`link set ${port} master ${bridgeOf(wan ? i : 0)}`)
      lines.push(`link set ${port} up`)
    }
  })
  if (wan)
    for (const i of network.clusters.keys())
      for (const j of network.clusters.keys()) {
        if (j <= i) continue
        const [here, there] = [wanPort(i, j), wanPort(j, i)]
        lines.push(`link add ${here} mtu ${mtuOf(here)} type veth peer name ${there} mtu ${mtuOf(there)}`)
        for (const [port, bridge] of [
          [here, bridgeOf(i)],
          [there, bridgeOf(j)],
        ]) {
          lines.push(`link set ${port} master ${bridge}`)
          lines.push(`link set ${port} type bridge_slave isolated on`)
          lines.push(`link set ${port} up`)
        }
      }
  const nothing: LinkSettings[] = []
  return [
    ipBatch(
      undefined,
      [names.underlay, ...nodes.map(({ namespace }) => namespace)].map(
        (namespace) => `netns add ${namespace}`,
      ),
    ),
    // No IPv6 chatter of bridges and ports on the wire.
    inside(names.underlay, ['sysctl', '-q', '-w', 'net.ipv6.conf.default.disable_ipv6=1']),
    ipBatch(names.underlay, lines),
    ...(netem ? netemSteps(nothing, settings) : []),
  ]
}

/** The bridge that the nodes of a cluster are on. */
export function bridgeOf(index: number): string {
  return `br${index}`
}

/** The bridge of one cluster by id. */
export function bridgeOfCluster(network: Network, cluster: string): string {
  return bridgeOf(hasWan(network) ? network.clusters.findIndex(({ id }) => id === cluster) : 0)
}
