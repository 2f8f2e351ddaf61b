// The topology of a network as Mermaid or Graphviz text: a box a cluster with its routers, subnets and pods, transit
// switches between the boxes, gateway nodes on the links to them.

import type { Cluster, Network } from '../model/network.ts'
import { formatIp } from '../net/ip.ts'
import { formatPrefix, masked } from '../net/prefix.ts'

export type GraphFormat = 'mermaid' | 'dot'

interface Vertex {
  readonly id: string
  readonly label: readonly string[]
  readonly shape: 'router' | 'switch' | 'pod'
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly label: string
}

interface Graph {
  readonly groups: readonly {
    readonly id: string
    readonly label: string
    readonly vertices: readonly Vertex[]
  }[]
  /** Vertices outside all groups. */
  readonly shared: readonly Vertex[]
  readonly edges: readonly Edge[]
}

/** The graph with a final line end. Ids are numbered, so that any name is harmless. */
export function renderGraph(network: Network, format: GraphFormat): string {
  const graph = graphOf(network)
  return format === 'mermaid' ? mermaid(graph) : dot(graph, network.name)
}

function graphOf(network: Network): Graph {
  const ids = new Map<string, string>()
  const idOf = (key: string): string => {
    const id = ids.get(key) ?? `n${ids.size}`
    ids.set(key, id)
    return id
  }
  const edges: Edge[] = []
  const shared = network.interconnect.transitSwitches.map(
    ({ name, subnets }): Vertex => ({
      id: idOf(`ts ${name}`),
      label: [name, ...subnets.map(formatPrefix)],
      shape: 'switch',
    }),
  )
  const groups = network.clusters.map((cluster) => {
    const vertices: Vertex[] = []
    const routers = new Set([...cluster.subnets, ...cluster.transitPorts].map(({ router }) => router))
    for (const router of routers)
      vertices.push({ id: idOf(`router ${cluster.id} ${router}`), label: [router], shape: 'router' })
    for (const subnet of cluster.subnets) {
      const id = idOf(`subnet ${cluster.id} ${subnet.name}`)
      const networks = subnet.gateways.map((gateway) => formatPrefix(masked(gateway)))
      const local = subnet.disableInterConnection ? ['not interconnected'] : []
      vertices.push({ id, label: [subnet.name, ...networks, ...local], shape: 'switch' })
      edges.push({ from: idOf(`router ${cluster.id} ${subnet.router}`), to: id, label: '' })
    }
    for (const pod of cluster.pods) {
      const id = idOf(`pod ${cluster.id} ${pod.name}`)
      vertices.push({ id, label: [pod.name, ...pod.ips.map(formatIp), `on ${pod.node}`], shape: 'pod' })
      edges.push({ from: idOf(`subnet ${cluster.id} ${pod.subnet}`), to: id, label: '' })
    }
    edges.push(...transitEdges(network, cluster, idOf))
    return { id: idOf(`cluster ${cluster.id}`), label: cluster.id, vertices }
  })
  return { groups, shared, edges }
}

/** Pinned ports where there are any; otherwise Kube-OVN will join the first router to every transit switch. */
function transitEdges(network: Network, cluster: Cluster, idOf: (key: string) => string): Edge[] {
  if (cluster.transitPorts.length > 0)
    return cluster.transitPorts.map((port) => ({
      from: idOf(`router ${cluster.id} ${port.router}`),
      to: idOf(`ts ${port.transitSwitch}`),
      label: port.gateways.map(({ node }) => node).join(', '),
    }))
  const router = cluster.subnets[0]?.router
  if (router === undefined || cluster.ic?.enable !== true) return []
  return network.interconnect.transitSwitches.map(({ name }) => ({
    from: idOf(`router ${cluster.id} ${router}`),
    to: idOf(`ts ${name}`),
    label: (cluster.ic?.gatewayNodes ?? []).join(', '),
  }))
}

function mermaid({ groups, shared, edges }: Graph): string {
  const text = (lines: readonly string[]): string =>
    `"${lines.map((line) => line.replace(/[&<>"#\n]/g, (c) => `#${c.codePointAt(0)};`)).join('<br>')}"`
  const vertex = ({ id, label, shape }: Vertex): string =>
    shape === 'router'
      ? `${id}{{${text(label)}}}`
      : shape === 'switch'
        ? `${id}[${text(label)}]`
        : `${id}(${text(label)})`
  return `${[
    'flowchart TB',
    ...groups.flatMap((group) => [
      `  subgraph ${group.id}[${text([group.label])}]`,
      ...group.vertices.map((one) => `    ${vertex(one)}`),
      '  end',
    ]),
    ...shared.map((one) => `  ${vertex(one)}`),
    ...edges.map(({ from, to, label }) =>
      label === '' ? `  ${from} --- ${to}` : `  ${from} ---|${text([label])}| ${to}`,
    ),
  ].join('\n')}\n`
}

function dot({ groups, shared, edges }: Graph, name: string): string {
  const text = (lines: readonly string[]): string =>
    `"${lines.map((line) => line.replace(/["\\]/g, '\\$&').replaceAll('\n', ' ')).join('\\n')}"`
  const shapes = { router: 'hexagon', switch: 'box', pod: 'ellipse' }
  const vertex = ({ id, label, shape }: Vertex): string =>
    `${id} [label=${text(label)}, shape=${shapes[shape]}]`
  return `${[
    `graph ${text([name])} {`,
    ...groups.flatMap((group) => [
      `  subgraph cluster_${group.id} {`,
      `    label=${text([group.label])}`,
      ...group.vertices.map((one) => `    ${vertex(one)}`),
      '  }',
    ]),
    ...shared.map((one) => `  ${vertex(one)}`),
    ...edges.map(
      ({ from, to, label }) => `  ${from} -- ${to}${label === '' ? '' : ` [label=${text([label])}]`}`,
    ),
    '}',
  ].join('\n')}\n`
}
