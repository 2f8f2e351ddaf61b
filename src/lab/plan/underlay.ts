/**
 * The underlay: a bridge in a namespace of its own, one port a node. Where the scenario gives figures for the WAN between clusters,
 * every cluster has a bridge of its own and each pair a link between them; those links are isolated from each other on the bridges, so
 * that the full mesh has no loops. Offered: MTU. Latency and random loss need netem, which many kernels lack: the caller says so.
 */
import type { Network } from '../../model/network.ts'
import type { Names } from '../names.ts'
import { inside, ipBatch, type Step } from './steps.ts'

/** Creates all namespaces of nodes with their link to the underlay. */
export function underlay(names: Names, network: Network): Step[] {
  const nodes = [...names.nodes.values()]
  const figures = network.underlay
  const hasWan = Object.values(figures.wan).some(({ mtu }) => mtu !== undefined)
  const lines = ['link set lo up']
  for (const bridge of hasWan ? network.clusters.map((_, i) => bridgeOf(i)) : [bridgeOf(0)]) {
    // Nobody queries for multicast groups here: snooping would only cost.
    lines.push(`link add ${bridge} mtu ${largestMtu(network)} type bridge stp_state 0 mcast_snooping 0`)
    lines.push(`link set ${bridge} up`)
  }
  network.clusters.forEach((cluster, i) => {
    for (const node of cluster.nodes) {
      const { namespace, port } = names.node(cluster, node)
      const mtu =
        figures.nodes[`${cluster.id}/${node.name}`]?.mtu ?? figures.nodes[node.name]?.mtu ?? figures.mtu
      lines.push(`link add ${port} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${namespace}`)
      lines.push(`link set ${port} master ${bridgeOf(hasWan ? i : 0)}`)
      lines.push(`link set ${port} up`)
    }
  })
  if (hasWan)
    for (const [i, a] of network.clusters.entries())
      for (const [j, b] of network.clusters.entries()) {
        if (j <= i) continue
        const mtu = (figures.wan[`${a.id}|${b.id}`] ?? figures.wan[`${b.id}|${a.id}`])?.mtu ?? figures.mtu
        const [here, there] = [wanPort(i, j), wanPort(j, i)]
        lines.push(`link add ${here} mtu ${mtu} type veth peer name ${there} mtu ${mtu}`)
        for (const [port, bridge] of [
          [here, bridgeOf(i)],
          [there, bridgeOf(j)],
        ]) {
          lines.push(`link set ${port} master ${bridge}`)
          lines.push(`link set ${port} type bridge_slave isolated on`)
          lines.push(`link set ${port} up`)
        }
      }
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
  ]
}

/** The bridge that the nodes of a cluster are on. */
export function bridgeOf(index: number): string {
  return `br${index}`
}

/** The bridge of one cluster by id. */
export function bridgeOfCluster(network: Network, cluster: string): string {
  const hasWan = Object.values(network.underlay.wan).some(({ mtu }) => mtu !== undefined)
  return bridgeOf(hasWan ? network.clusters.findIndex(({ id }) => id === cluster) : 0)
}

function wanPort(from: number, to: number): string {
  return `wan${from}-${to}`
}

function largestMtu({ underlay: { mtu, nodes, wan } }: Network): number {
  const all = [...Object.values(nodes), ...Object.values(wan)].flatMap((figures) => figures.mtu ?? [])
  return Math.max(mtu, ...all)
}

/** What of the underlay's figures the lab does not offer, each a clause. */
export function notOffered({ underlay: figures }: Network): string[] {
  const parts: string[] = []
  const all = [figures, ...Object.values(figures.nodes), ...Object.values(figures.wan)]
  if (all.some(({ loss }) => loss !== undefined && loss > 0)) parts.push('random loss')
  return parts
}
