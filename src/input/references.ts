// Names that point into the network: `az1/web`, `az1/az1-gw1`, `a -> b`, `az1/* of subnet x`. One reader a kind, used by
// traffic, timeline and expectations; each reports what it cannot find, with the nearest name that exists.

import type { Selector } from '../model/expectation.ts'
import type { Pod } from '../model/network.ts'
import { parseIp } from '../net/ip.ts'
import type { ClusterBuilder } from './complete-cluster.ts'
import { type Context, reportUnknown } from './context.ts'
import type { RawEnds } from './schema/events.ts'
import { readIp } from './values.ts'
import type { At } from './yaml-file.ts'

/** The clusters by name, as far as they are complete. */
export type Clusters = ReadonlyMap<string, ClusterBuilder>

/** Finds a cluster. */
export function readCluster(
  context: Context,
  clusters: Clusters,
  name: string,
  at: At,
): ClusterBuilder | undefined {
  const found = clusters.get(name)
  if (found === undefined)
    reportUnknown(context, name, { code: 'IN041', what: 'cluster', names: clusters.keys() }, at)
  return found
}

/** Splits `cluster/name`; reports other forms. `names` are those that exist, in full. */
export function readPair(
  context: Context,
  text: string,
  what: string,
  names: readonly string[],
  at: At,
): readonly [string, string] | undefined {
  const parts = text.trim().split('/')
  const [cluster, name] = parts
  if (parts.length === 2 && cluster !== undefined && cluster !== '' && name !== undefined && name !== '')
    return [cluster, name]
  const meant = names.filter((one) => one.endsWith(`/${text.trim()}`))
  context.diagnostics.error('IN048', `"${text}" does not name a ${what}`, {
    span: at.span,
    expected: `cluster/${what}, such as ${names[0] ?? (what === 'node' ? 'az1/az1-gw1' : 'az1/web')}`,
    hint: meant.length === 0 ? undefined : `write ${meant.slice(0, 3).join(' or ')}`,
  })
  return undefined
}

/** Finds a node by `cluster/node`. */
export function readNodeRef(
  context: Context,
  clusters: Clusters,
  text: string,
  at: At,
): { cluster: string; node: string } | undefined {
  const all = [...clusters].flatMap(([id, builder]) => builder.nodes.map((node) => `${id}/${node.name}`))
  const pair = readPair(context, text, 'node', all, at)
  if (pair === undefined) return undefined
  const cluster = readCluster(context, clusters, pair[0], at)
  if (cluster === undefined) return undefined
  if (cluster.nodes.some((node) => node.name === pair[1])) return { cluster: pair[0], node: pair[1] }
  const names = cluster.nodes.map((node) => `${pair[0]}/${node.name}`)
  reportUnknown(context, text.trim(), { code: 'IN042', what: 'node', names }, at)
  return undefined
}

/** Pods that exist at some time: those of the network and those that the timeline adds. */
export interface PodDirectory {
  find(cluster: string, pod: string): Pod | undefined
  names(): string[]
}

/** Finds a pod by `cluster/pod`. */
export function readPodRef(
  context: Context,
  clusters: Clusters,
  pods: PodDirectory,
  text: string,
  at: At,
): { cluster: string; pod: Pod } | undefined {
  const pair = readPair(context, text, 'pod', pods.names(), at)
  if (pair === undefined) return undefined
  if (readCluster(context, clusters, pair[0], at) === undefined) return undefined
  const pod = pods.find(pair[0], pair[1])
  if (pod !== undefined) return { cluster: pair[0], pod }
  reportUnknown(context, text.trim(), { code: 'IN044', what: 'pod', names: pods.names() }, at)
  return undefined
}

/** Both ends of `a -> b` or `{ from, to }`, with the place of each as exactly as can be. */
export function readEnds(
  context: Context,
  raw: RawEnds,
  at: At,
): { from: string; to: string; fromAt: At; toAt: At } | undefined {
  if (typeof raw !== 'string')
    return { from: raw.from.trim(), to: raw.to.trim(), fromAt: at.in('from'), toAt: at.in('to') }
  const parts = raw.split(/\s*(?:->|→)\s*/)
  const [from, to] = parts.map((part) => part.trim())
  if (parts.length === 2 && from && to) {
    return { from, to, fromAt: at.part(0, from.length), toAt: at.part(raw.lastIndexOf(to), to.length) }
  }
  context.diagnostics.error('IN049', `"${raw}" does not say from where to where`, {
    span: at.span,
    expected: 'two ends with an arrow between them: az1/web -> az2/web',
    hint: /[^-]>|=>|\bto\b|>>/.test(raw) ? 'the arrow is written ->' : undefined,
  })
  return undefined
}

const SELECTOR = /^(?<cluster>[^/\s]+)\/(?<pod>\S+?)(?:\s+(?:of|in)\s+subnet\s+(?<subnet>\S+))?$/
const SPOKEN =
  /^(?:every|all|any|each)\s+pods?(?:\s+of\s+(?<cluster>\S+))?(?:\s+(?:of|in)\s+subnet\s+(?<subnet>\S+))?$/

/** Reads one end of an expectation: pods by name or by `*`, or one address. */
export function readSelector(
  context: Context,
  clusters: Clusters,
  pods: PodDirectory,
  text: string,
  at: At,
): Selector | undefined {
  if (text === '*') return { kind: 'pods', cluster: '*', pod: '*' }
  if (!text.includes('/')) {
    const spoken = SPOKEN.exec(text)
    if (spoken !== null)
      return readPodSet(context, clusters, spoken.groups?.cluster ?? '*', spoken.groups?.subnet, at)
    if (parseIp(text) === undefined && !/^[\d.:a-fA-F]+$/.test(text)) {
      context.diagnostics.error('IN048', `"${text}" does not name pods`, {
        span: at.span,
        expected: 'az1/web, az1/*, az1/* of subnet ovn-default, or an address',
        hint: clusters.has(text) ? `write ${text}/* for every pod of ${text}` : undefined,
      })
      return undefined
    }
    const address = readIp(context, text, at)
    return address === undefined ? undefined : { kind: 'address', address }
  }
  const found = SELECTOR.exec(text)?.groups
  const { cluster, pod } = found ?? {}
  if (cluster === undefined || pod === undefined) {
    context.diagnostics.error('IN048', `"${text}" does not name pods`, {
      span: at.span,
      expected: 'az1/web, az1/*, az1/* of subnet ovn-default, or an address',
    })
    return undefined
  }
  if (pod === '*') return readPodSet(context, clusters, cluster, found?.subnet, at)
  if (pod.startsWith('subnet:'))
    return readPodSet(context, clusters, cluster, pod.slice('subnet:'.length), at)
  const ref = readPodRef(context, clusters, pods, `${cluster}/${pod}`, at)
  return ref === undefined ? undefined : { kind: 'pods', cluster, pod }
}

function readPodSet(
  context: Context,
  clusters: Clusters,
  cluster: string,
  subnet: string | undefined,
  at: At,
): Selector | undefined {
  if (cluster !== '*') {
    const builder = readCluster(context, clusters, cluster, at)
    if (builder === undefined) return undefined
    const names = builder.subnets.map((one) => one.name)
    if (subnet !== undefined && !names.includes(subnet)) {
      reportUnknown(context, subnet, { code: 'IN043', what: 'subnet', cluster, names }, at)
      return undefined
    }
  }
  return { kind: 'pods', cluster, pod: '*', ...(subnet !== undefined && { subnet }) }
}
