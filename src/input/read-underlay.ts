// `underlay`: one layer-2 segment with figures for all, for single nodes and for pairs of clusters. Pairs may be written
// `az1|az2`, `az1 az2` or `az1 <-> az2`; the model keys them in the order of the file.

import type { LinkFigures, Underlay } from '../model/network.ts'
import { micros } from '../model/time.ts'
import type { Context } from './context.ts'
import type { ClusterDraft } from './draft.ts'
import { type Clusters, readCluster, readNodeRef } from './references.ts'
import type { RawUnderlay } from './schema/events.ts'
import { readDuration, readFraction } from './values.ts'
import type { At } from './yaml-file.ts'

/** Figures that count where nothing is said. */
export const DEFAULT_UNDERLAY = { mtu: 1500, latency: micros(200), loss: 0 } as const

type RawFigures = NonNullable<RawUnderlay['nodes']>[string]

/** Reads MTU, latency and loss; keys that are absent stay absent. */
export function readFigures(context: Context, raw: RawFigures, at: At): LinkFigures {
  const latency = raw.latency === undefined ? undefined : readDuration(context, raw.latency, at.in('latency'))
  const loss = raw.loss === undefined ? undefined : readFraction(context, raw.loss, at.in('loss'))
  return {
    ...(raw.mtu !== undefined && { mtu: raw.mtu }),
    ...(latency !== undefined && { latency }),
    ...(loss !== undefined && { loss }),
  }
}

/** The underlay from the start, with the MTUs that nodes give themselves. */
export function readUnderlay(
  context: Context,
  clusters: Clusters,
  drafts: readonly ClusterDraft[],
  raw: RawUnderlay | undefined,
  at: At,
): Underlay {
  const scopes = raw === undefined ? [] : readScopes(context, clusters, raw, at)
  const nodes: Record<string, LinkFigures> = {}
  for (const draft of drafts) {
    for (const node of draft.nodes)
      if (node.mtu !== undefined) nodes[`${draft.id}/${node.name}`] = { mtu: node.mtu }
  }
  const wan: Record<string, LinkFigures> = {}
  for (const { scope, figures } of scopes) {
    const into = scope.includes('|') ? wan : nodes
    into[scope] = { ...into[scope], ...figures }
  }
  return {
    ...DEFAULT_UNDERLAY,
    ...(raw === undefined ? {} : readFigures(context, withoutScopes(raw), at)),
    nodes,
    wan,
  }
}

/** MTUs by node, which pods' defaults need before names can be checked. */
export function nodeMtus(raw: RawUnderlay | undefined): Record<string, number> {
  return Object.fromEntries(
    Object.entries(raw?.nodes ?? {}).flatMap(([node, figures]) =>
      figures.mtu === undefined ? [] : [[node, figures.mtu]],
    ),
  )
}

/** Only the figures for all. */
export function withoutScopes(raw: RawUnderlay): RawFigures {
  const { nodes: _nodes, wan: _wan, ...figures } = raw
  return figures
}

/** Figures of nodes (`az1/az1-gw1`) and of pairs of clusters (`az1|az2`). */
export function readScopes(
  context: Context,
  clusters: Clusters,
  raw: RawUnderlay,
  at: At,
): { scope: string; figures: LinkFigures }[] {
  const nodes = Object.entries(raw.nodes ?? {}).flatMap(([text, figures]) => {
    const place = at.in('nodes', text)
    const ref = readNodeRef(context, clusters, text, place.onKey())
    const read = readFigures(context, figures, place)
    return ref === undefined ? [] : [{ scope: `${ref.cluster}/${ref.node}`, figures: read }]
  })
  const first = new Map<string, At>()
  const wan = Object.entries(raw.wan ?? {}).flatMap(([text, figures]) => {
    const place = at.in('wan', text)
    const scope = readWan(context, clusters, text, place)
    const read = readFigures(context, figures, place)
    const before = scope === undefined ? undefined : first.get(scope)
    if (before !== undefined) {
      context.diagnostics.error('IN008', `the pair ${scope} is given twice`, {
        span: place.key,
        hint: 'a pair of clusters is the same in either order; write all its figures in one place',
        related: [{ message: 'first given here', span: before.key }],
      })
    } else if (scope !== undefined) first.set(scope, place)
    return scope === undefined ? [] : [{ scope, figures: read }]
  })
  return [...nodes, ...wan]
}

function readWan(context: Context, clusters: Clusters, text: string, at: At): string | undefined {
  const names = text.split(/\s*(?:\||<->|--|,|\s)\s*/).filter((name) => name !== '')
  const [a, b] = names
  if (names.length !== 2 || a === undefined || b === undefined || a === b) {
    context.diagnostics.error('IN048', `"${text}" does not name two clusters`, {
      span: at.key,
      expected: 'two clusters with a bar between them: az1|az2',
    })
    return undefined
  }
  const found = [a, b].map((name) => readCluster(context, clusters, name, at.onKey()))
  if (found.includes(undefined)) return undefined
  const order = [...clusters.keys()]
  return order.indexOf(a) < order.indexOf(b) ? `${a}|${b}` : `${b}|${a}`
}
