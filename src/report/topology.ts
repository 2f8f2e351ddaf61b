// The topology of a network as a graph, and its single points of failure. A vertex is a router, a subnet, a pod, a gateway node
// or a transit switch; clusters are the compound vertices around them. A gateway node stands on the edge between its router and a
// transit switch, because that is where packets between clusters pass. Routers and switches are distributed over all nodes and
// cannot fail alone, so only nodes are asked whether they are cut vertices.

import { alg, Graph } from '@dagrejs/graphlib'
import type { Cluster, Network } from '../model/network.ts'
import { formatIp } from '../net/ip.ts'
import { formatPrefix, masked } from '../net/prefix.ts'

/** One vertex. Ids are numbered, so that names with any characters are harmless in every graph language. */
export interface Vertex {
  readonly kind: 'cluster' | 'router' | 'subnet' | 'pod' | 'node' | 'transit'
  /** The cluster it belongs to; undefined for transit switches. */
  readonly cluster: string | undefined
  readonly label: readonly string[]
}

/** Vertices with their clusters as parents; the label of an edge is text, often empty. */
export type Topology = Graph<string, Vertex, string>

/** A gateway node without which clusters lose each other. */
export interface SinglePoint {
  readonly vertex: string
  readonly cluster: string
  readonly node: string
  /** Clusters that its own cluster can no longer reach, in file order. */
  readonly cutOff: readonly string[]
}

/** The graph of a network as its scenario wants it, before anything fails. */
export function topologyOf(network: Network): Topology {
  const graph: Topology = new Graph<string, Vertex, string>({ directed: false, compound: true })
  const ids = new Map<string, string>()
  const put = (key: string, vertex: Vertex, parent?: string): string => {
    const id = ids.get(key) ?? `n${ids.size}`
    if (ids.has(key)) return id
    ids.set(key, id)
    graph.setNode(id, vertex)
    if (parent !== undefined) graph.setParent(id, parent)
    return id
  }
  for (const cluster of network.clusters) {
    const own = cluster.id
    const parent = put(`cluster ${own}`, { kind: 'cluster', cluster: own, label: [own] })
    const router = (name: string): string =>
      put(`router ${own} ${name}`, { kind: 'router', cluster: own, label: [name] }, parent)
    for (const subnet of cluster.subnets) {
      const networks = subnet.gateways.map((gateway) => formatPrefix(masked(gateway)))
      const local = subnet.disableInterConnection ? ['not interconnected'] : []
      const label = [subnet.name, ...networks, ...local]
      const id = put(`subnet ${own} ${subnet.name}`, { kind: 'subnet', cluster: own, label }, parent)
      graph.setEdge(router(subnet.router), id, '')
    }
    for (const pod of cluster.pods) {
      const label = [pod.name, ...pod.ips.map(formatIp), `on ${pod.node}`]
      const id = put(`pod ${own} ${pod.name}`, { kind: 'pod', cluster: own, label }, parent)
      const subnet = ids.get(`subnet ${own} ${pod.subnet}`)
      if (subnet !== undefined) graph.setEdge(subnet, id, '')
    }
    for (const link of transitLinks(network, cluster)) {
      const label = ['gateway node', link.node]
      const node = put(`node ${own} ${link.node}`, { kind: 'node', cluster: own, label }, parent)
      const networks = network.interconnect.transitSwitches.find(
        ({ name }) => name === link.transitSwitch,
      )?.subnets
      const transit = put(`transit ${link.transitSwitch}`, {
        kind: 'transit',
        cluster: undefined,
        label: [link.transitSwitch, ...(networks ?? []).map(formatPrefix)],
      })
      graph.setEdge(router(link.router), node, '')
      graph.setEdge(node, transit, link.label)
    }
  }
  return graph
}

/** One edge, from the router outwards. */
export interface Link {
  readonly from: string
  readonly to: string
  readonly label: string
}

const DISTANCE: Readonly<Record<Vertex['kind'], number>> = {
  cluster: 0,
  router: 0,
  subnet: 1,
  node: 1,
  pod: 2,
  transit: 2,
}

/** The edges with routers first and pods and transit switches last: undirected edges have no order of their own. */
export function linksOf(graph: Topology): Link[] {
  const distance = (id: string): number => DISTANCE[graph.node(id).kind]
  return graph.edges().map((edge) => {
    const [from, to] = distance(edge.v) <= distance(edge.w) ? [edge.v, edge.w] : [edge.w, edge.v]
    return { from, to, label: graph.edge(edge) }
  })
}

interface TransitLink {
  readonly router: string
  readonly node: string
  readonly transitSwitch: string
  readonly label: string
}

/** Pinned ports where there are any; otherwise Kube-OVN will join the first router to every transit switch through `gw-nodes`. */
function transitLinks(network: Network, cluster: Cluster): TransitLink[] {
  if (cluster.transitPorts.length > 0)
    return cluster.transitPorts.flatMap(({ router, transitSwitch, gateways }) =>
      gateways.map(({ node, priority }) => ({ router, node, transitSwitch, label: `priority ${priority}` })),
    )
  const router = cluster.subnets[0]?.router
  if (router === undefined || cluster.ic?.enable !== true) return []
  return network.interconnect.transitSwitches.flatMap(({ name }) =>
    (cluster.ic?.gatewayNodes ?? []).map((node) => ({ router, node, transitSwitch: name, label: '' })),
  )
}

/** The gateway nodes that are cut vertices between clusters, in file order: without one of them, routers lose each other. */
export function singlePoints(graph: Topology): SinglePoint[] {
  const before = partsOf(graph)
  return graph.nodes().flatMap((vertex): SinglePoint[] => {
    const { kind, cluster, label } = graph.node(vertex)
    if (kind !== 'node' || cluster === undefined) return []
    const after = partsOf(graph.filterNodes((id) => id !== vertex))
    const lost = new Set<string>()
    for (const [mine, part] of before) {
      if (graph.node(mine).cluster !== cluster) continue
      for (const [theirs, other] of before) {
        const far = graph.node(theirs).cluster
        if (part === other && far !== undefined && far !== cluster && after.get(mine) !== after.get(theirs))
          lost.add(far)
      }
    }
    return lost.size === 0 ? [] : [{ vertex, cluster, node: label[1] ?? '', cutOff: [...lost] }]
  })
}

/** The number of the connected component of every router. Compound vertices have no edges and are components of their own. */
function partsOf(graph: Topology): Map<string, number> {
  const parts = new Map<string, number>()
  for (const [number, part] of alg.components(graph as unknown as Graph).entries())
    for (const id of part) if (graph.node(id).kind === 'router') parts.set(id, number)
  return new Map(graph.nodes().flatMap((id) => (parts.has(id) ? [[id, parts.get(id)!]] : [])))
}
