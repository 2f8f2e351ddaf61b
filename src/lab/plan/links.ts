/**
 * The links of the underlay with their MTU, latency and loss, as settings of devices: a node's link has two ends (`eth0` in its namespace,
 * its port of the bridge), so has the link between the bridges of two clusters. Latency and random loss are netem's (tc-netem(8)), which
 * works on what a device sends.
 *
 * The scenario's rules (`sim/underlay.ts`): the slower end of a path counts, the WAN's latency is added; a packet may be lost at the
 * sender's link, on the WAN, at the receiver's link. Settings of devices can only add up, so between two nodes that are both slower
 * than the rest the latency is a sum, which docs/lab.md says.
 */
import type { LinkFigures, Network, Underlay } from '../../model/network.ts'
import { MICROSECOND, MILLISECOND, type Nanos } from '../../model/time.ts'
import type { Names } from '../names.ts'
import { ipBatch, type Step } from './steps.ts'

/** What one device of a link is set to. */
export interface LinkSettings {
  readonly namespace: string
  readonly device: string
  readonly mtu: number
  /** Of what the device sends. */
  readonly latency: Nanos
  /** Share of what the device sends, 0 to 1. */
  readonly loss: number
}

/** Latencies below this are not asked of netem: bridge and switches take about as long by themselves. */
export const LATENCY_MIN: Nanos = MILLISECOND
/** Packets that one device may hold back: netem drops what comes beyond, after 1000 unless told otherwise. */
const QUEUE = 100_000

/** Whether clusters have bridges of their own, with a link between each two. */
export function hasWan({ underlay }: Network): boolean {
  return Object.keys(underlay.wan).length > 0
}

/** The figures of a pair of clusters, in either order. */
export function wanFigures({ wan }: Underlay, a: string, b: string): LinkFigures {
  return wan[`${a}|${b}`] ?? wan[`${b}|${a}`] ?? {}
}

/** Both ends of all links. */
export function linkSettings(names: Names, network: Network): LinkSettings[] {
  const { underlay, clusters } = network
  const settings: LinkSettings[] = clusters.flatMap((cluster) =>
    cluster.nodes.flatMap((node): LinkSettings[] => {
      const own = underlay.nodes[`${cluster.id}/${node.name}`] ?? {}
      const { namespace, port } = names.node(cluster, node)
      const mtu = own.mtu ?? underlay.mtu
      const extra = Math.max(0, (own.latency ?? underlay.latency) - underlay.latency)
      return [
        { namespace, device: 'eth0', mtu, latency: extra, loss: own.loss ?? underlay.loss },
        {
          namespace: names.underlay,
          device: port,
          mtu,
          latency: underlay.latency + extra,
          loss: own.loss ?? 0,
        },
      ]
    }),
  )
  if (!hasWan(network)) return settings
  for (const [i, a] of clusters.entries())
    for (const [j, b] of clusters.entries()) {
      if (i === j) continue
      const { mtu = largestMtu(network), latency = 0, loss = 0 } = wanFigures(underlay, a.id, b.id)
      settings.push({ namespace: names.underlay, device: wanPort(i, j), mtu, latency, loss })
    }
  return settings
}

/** The largest MTU of any link: where nothing smaller is said, none is in the way. */
export function largestMtu({ underlay: { mtu, nodes, wan } }: Network): number {
  const all = [...Object.values(nodes), ...Object.values(wan)].flatMap((figures) => figures.mtu ?? [])
  return Math.max(mtu, ...all)
}

/** The port of a cluster's bridge that leads to another cluster, both by their place. */
export function wanPort(from: number, to: number): string {
  return `wan${from}-${to}`
}

/** Whether netem has something to do on a device. */
export function needsNetem({ latency, loss }: Pick<LinkSettings, 'latency' | 'loss'>): boolean {
  return latency >= LATENCY_MIN || loss > 0
}

/** Sets MTUs that differ from before. */
export function mtuSteps(before: readonly LinkSettings[], now: readonly LinkSettings[]): Step[] {
  return now.flatMap(({ namespace, device, mtu }, i) =>
    before[i]?.mtu === mtu ? [] : [ipBatch(namespace, [`link set ${device} mtu ${mtu}`])],
  )
}

/** Sets latency and loss where they differ from before; with nothing before, where there are any. */
export function netemSteps(before: readonly LinkSettings[], now: readonly LinkSettings[]): Step[] {
  return now.flatMap((one, i): Step[] => {
    const was = before[i]
    if (was?.latency === one.latency && was.loss === one.loss) return []
    const [had, has] = [was !== undefined && needsNetem(was), needsNetem(one)]
    if (!had && !has) return []
    return [{ kind: 'run', argv: netemArgv(one, has), mayFail: true }]
  })
}

/** `tc qdisc replace … netem limit N delay TIME loss random P%`, or the qdisc taken away. */
function netemArgv({ namespace, device, latency, loss }: LinkSettings, on: boolean): [string, ...string[]] {
  const tc: [string, ...string[]] = ['tc', '-n', namespace, 'qdisc']
  if (!on) return [...tc, 'del', 'dev', device, 'root']
  const netem = ['root', 'netem', 'limit', String(QUEUE)]
  return [
    ...tc,
    'replace',
    'dev',
    device,
    ...netem,
    ...(latency >= LATENCY_MIN ? ['delay', `${Math.round(latency / MICROSECOND)}us`] : []),
    // Never an exponent; netem keeps 32 bits.
    ...(loss > 0 ? ['loss', 'random', `${(loss * 100).toFixed(7).replace(/\.?0+$/, '')}%`] : []),
  ]
}

/** The underlay after figures of a scope (a node, a pair of clusters, everything) have changed. */
export function withFigures(underlay: Underlay, scope: string | undefined, figures: LinkFigures): Underlay {
  if (scope === undefined) return { ...underlay, ...figures }
  const place = scope.includes('|') ? 'wan' : 'nodes'
  return { ...underlay, [place]: { ...underlay[place], [scope]: { ...underlay[place][scope], ...figures } } }
}
