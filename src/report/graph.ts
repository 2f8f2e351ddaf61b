// The topology as Mermaid or Graphviz text: a box a cluster, transit switches between the boxes, gateway nodes on the links to
// them. Nodes whose loss parts clusters are drawn in red and say so.

import type { Network } from '../model/network.ts'
import {
  linksOf,
  type SinglePoint,
  singlePoints,
  type Topology,
  topologyOf,
  type Vertex,
} from './topology.ts'

export type GraphFormat = 'mermaid' | 'dot'

/** The text of a graph, with a final line end, and what a reader should be told about it. */
export interface GraphText {
  readonly text: string
  readonly singlePoints: readonly SinglePoint[]
}

/** Draws a network in one of the two languages. */
export function renderGraph(network: Network, format: GraphFormat): GraphText {
  const graph = topologyOf(network)
  const points = singlePoints(network)
  const names = new Set(points.map(({ cluster, node }) => `${cluster}/${node}`))
  const marked = new Set(
    graph.nodes().filter((id) => {
      const { kind, cluster, name } = graph.node(id)
      return kind === 'node' && names.has(`${cluster}/${name}`)
    }),
  )
  const lines = format === 'mermaid' ? mermaid(graph, marked) : dot(graph, marked, network.name)
  return { text: `${lines.join('\n')}\n`, singlePoints: points }
}

/** `az1/gw1 is a single point of failure between az1 and az2, az3`. */
export function singlePointText({ cluster, node, cutOff }: SinglePoint): string {
  return `${cluster}/${node} is a single point of failure between ${cluster} and ${cutOff.join(', ')}`
}

/** Vertices drawn in red. */
type Marked = ReadonlySet<string>

/** What a vertex says: its own lines, and that clusters depend on it. */
function labelOf(graph: Topology, id: string, marked: Marked): readonly string[] {
  return [...graph.node(id).label, ...(marked.has(id) ? ['single point of failure'] : [])]
}

/** Vertices in the order they were put in, clusters with what is inside them. */
function outline(graph: Topology): { readonly id: string; readonly inside: readonly string[] | undefined }[] {
  return graph
    .children()
    .map((id) => ({ id, inside: graph.node(id).kind === 'cluster' ? graph.children(id) : undefined }))
    .sort((a, b) => Number(a.inside === undefined) - Number(b.inside === undefined))
}

const BRACKETS: Readonly<Record<Vertex['kind'], readonly [string, string]>> = {
  cluster: ['[', ']'],
  router: ['{{', '}}'],
  subnet: ['[', ']'],
  transit: ['[', ']'],
  node: ['([', '])'],
  pod: ['(', ')'],
}

function mermaid(graph: Topology, marked: Marked): string[] {
  const text = (lines: readonly string[]): string =>
    `"${lines.map((line) => line.replace(/[&<>"#\n]/g, (c) => `#${c.codePointAt(0)};`)).join('<br>')}"`
  const vertex = (id: string): string => {
    const [open, close] = BRACKETS[graph.node(id).kind]
    return `${id}${open}${text(labelOf(graph, id, marked))}${close}`
  }
  return [
    'flowchart TB',
    ...outline(graph).flatMap(({ id, inside }) =>
      inside === undefined
        ? [`  ${vertex(id)}`]
        : [`  subgraph ${vertex(id)}`, ...inside.map((one) => `    ${vertex(one)}`), '  end'],
    ),
    ...linksOf(graph).map(
      ({ from, to, label }) => `  ${from} ---${label === '' ? '' : `|${text([label])}|`} ${to}`,
    ),
    ...(marked.size === 0
      ? []
      : ['  classDef single stroke:#c00,stroke-width:3px', `  class ${[...marked].join(',')} single`]),
  ]
}

const SHAPES: Readonly<Record<Vertex['kind'], string>> = {
  cluster: 'box',
  router: 'hexagon',
  subnet: 'box',
  transit: 'box',
  node: 'house',
  pod: 'ellipse',
}

function dot(graph: Topology, marked: Marked, name: string): string[] {
  const text = (lines: readonly string[]): string =>
    `"${lines.map((line) => line.replace(/["\\]/g, '\\$&').replaceAll('\n', ' ')).join('\\n')}"`
  const vertex = (id: string): string => {
    const red = marked.has(id) ? ', color=red, penwidth=3' : ''
    return `${id} [label=${text(labelOf(graph, id, marked))}, shape=${SHAPES[graph.node(id).kind]}${red}]`
  }
  return [
    `graph ${text([name])} {`,
    ...outline(graph).flatMap(({ id, inside }) =>
      inside === undefined
        ? [`  ${vertex(id)}`]
        : [
            `  subgraph cluster_${id} {`,
            `    label=${text(graph.node(id).label)}`,
            ...inside.map((one) => `    ${vertex(one)}`),
            '  }',
          ],
    ),
    ...linksOf(graph).map(
      ({ from, to, label }) => `  ${from} -- ${to}${label === '' ? '' : ` [label=${text([label])}]`}`,
    ),
    '}',
  ]
}
