// The topology of a network as a graph, and its single points of failure. A vertex is a router, a subnet, a pod, a gateway node
// or a transit switch; clusters are the compound vertices around them. A gateway node stands on the edge between its router and a
// transit switch, because that is where packets between clusters pass. Routers and switches are distributed over all nodes and
// cannot fail alone, so only nodes are asked whether clusters depend on them.

import { alg, Graph } from '@dagrejs/graphlib'
import type { Cluster, Network } from '../model/network.ts'
import { formatIp } from '../net/ip.ts'
import { formatPrefix, masked } from '../net/prefix.ts'

/** One vertex. Ids are numbered, so that names with any characters are harmless in every graph language. */
export interface Vertex {
  readonly kind: 'cluster' | 'router' | 'subnet' | 'pod' | 'node' | 'transit'
  /** The cluster it belongs to; undefined for transit switches. */
  readonly cluster: string | undefined
  /** Its name in the scenario. */
  readonly name: string
  readonly label: readonly string[]
}

/** Vertices with their clusters as parents; the label of an edge is text, often empty. */
export type Topology = Graph<string, Vertex, string>

/** A gateway node without which clusters lose each other. */
export interface SinglePoint {
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
    const parent = put(`cluster ${own}`, { kind: 'cluster', cluster: own, name: own, label: [own] })
    const router = (name: string): string =>
      put(`router ${own} ${name}`, { kind: 'router', cluster: own, name, label: [name] }, parent)
    for (const subnet of cluster.subnets) {
      const networks = subnet.gateways.map((gateway) => formatPrefix(masked(gateway)))
      const local = subnet.disableInterConnection ? ['not interconnected'] : []
      const label = [subnet.name, ...networks, ...local]
      const id = put(
        `subnet ${own} ${subnet.name}`,
        { kind: 'subnet', cluster: own, name: subnet.name, label },
        parent,
      )
      graph.setEdge(router(subnet.router), id, '')
    }
    for (const pod of cluster.pods) {
      const label = [pod.name, ...pod.ips.map(formatIp), `on ${pod.node}`]
      const id = put(`pod ${own} ${pod.name}`, { kind: 'pod', cluster: own, name: pod.name, label }, parent)
      const subnet = ids.get(`subnet ${own} ${pod.subnet}`)
      if (subnet !== undefined) graph.setEdge(subnet, id, '')
    }
    for (const link of transitLinks(network, cluster)) {
      const label = ['gateway node', link.node]
      const node = put(
        `node ${own} ${link.node}`,
        { kind: 'node', cluster: own, name: link.node, label },
        parent,
      )
      const networks = network.interconnect.transitSwitches.find(
        ({ name }) => name === link.transitSwitch,
      )?.subnets
      const transit = put(`transit ${link.transitSwitch}`, {
        kind: 'transit',
        cluster: undefined,
        name: link.transitSwitch,
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

/**
 * The gateway nodes that are cut vertices between clusters, in file order: without one of them, a router no longer reaches a router
 * of another cluster that it reached before.
 */
export function singlePoints(network: Network): SinglePoint[] {
  const paths = crossings(network)
  return network.clusters.flatMap((cluster): SinglePoint[] => {
    const links = transitLinks(network, cluster)
    const routers = [...new Set(links.map(({ router }) => router))]
    const before = routers.map((router) => reached(paths, cluster.id, router))
    return [...new Set(links.map(({ node }) => node))].flatMap((node): SinglePoint[] => {
      const ways = links.filter((link) => link.node === node).map((link) => wayOut(cluster.id, link))
      for (const [, gateway] of ways) paths.removeNode(gateway)
      const lost = routers.flatMap((router, i) => {
        const after = reached(paths, cluster.id, router)
        return [...before[i]!].filter((far) => !after.has(far))
      })
      for (const way of ways) paths.setPath([...way], '')
      const far = new Set(lost.map((id) => id.slice(0, id.indexOf(' '))))
      const cutOff = network.clusters.map(({ id }) => id).filter((id) => far.has(id))
      return cutOff.length === 0 ? [] : [{ cluster: cluster.id, node, cutOff }]
    })
  })
}

type Paths = Graph<string, undefined, string>

/**
 * How packets may cross, as a directed graph: router, gateway node for one switch, transit switch, router. It ends at the second
 * router, because ovn-ic does not advertise what it has learned: no cluster carries packets between two others. Which gateway node
 * they come in by does not matter to the cluster that they leave.
 */
function crossings(network: Network): Paths {
  const paths: Paths = new Graph<string, undefined, string>({ directed: true })
  for (const cluster of network.clusters)
    for (const link of transitLinks(network, cluster)) {
      paths.setPath([...wayOut(cluster.id, link)], '')
      paths.setEdge(`switch ${link.transitSwitch}`, `to ${cluster.id} ${link.router}`, '')
    }
  return paths
}

/** From a router through one gateway node to a transit switch. */
function wayOut(cluster: string, { router, node, transitSwitch }: TransitLink): [string, string, string] {
  return [
    `from ${cluster} ${router}`,
    `by ${cluster} ${router} ${transitSwitch} ${node}`,
    `switch ${transitSwitch}`,
  ]
}

/** The routers of other clusters, as `cluster router`, that packets of one router get to. */
function reached(paths: Paths, cluster: string, router: string): Set<string> {
  const seen = alg.preorder(paths as unknown as Graph, [`from ${cluster} ${router}`])
  return new Set(
    seen
      .filter((id) => id.startsWith('to ') && !id.startsWith(`to ${cluster} `))
      .map((id) => id.slice('to '.length)),
  )
}
