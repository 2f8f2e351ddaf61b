/** What the pods of a random scenario send. */
import type { RawTraffic } from '../../../input/schema/events.ts'
import { familyOf, formatIp, type Ip } from '../../../net/ip.ts'
import type { Draw } from './draw.ts'
import {
  type ClusterPlan,
  drawHost,
  type Family,
  type Layout,
  type PodPlan,
  routerAddress,
  transitAddress,
} from './layout.ts'
import { unknownNetwork } from './routing.ts'

/** Milliseconds between the starts of two probes, so that it is clear which packets belong to which. */
const APART = 150

interface Ends {
  readonly from: string
  readonly to: string
  readonly family: Family
}

/** Short probes of all kinds, the first at zero. */
export function drawProbes(draw: Draw, layout: Layout, count: number): RawTraffic[] {
  return Array.from({ length: count }, (_, i) => drawProbe(draw.fork(`probe ${i}`), layout, i))
}

/** Pings that are under way while something happens, and enough of them afterwards to see what has changed. */
export function drawTrains(draw: Draw, layout: Layout, until: number): RawTraffic[] {
  return Array.from({ length: 2 }, (_, i) => ({
    ping: endsText(drawEnds(draw, layout)),
    as: `train ${i}`,
    at: ms(1000 + 17 * i),
    count: Math.floor((until - 1500) / 100),
    interval: '100ms',
  }))
}

function drawProbe(draw: Draw, layout: Layout, i: number): RawTraffic {
  const ends = drawEnds(draw, layout)
  const family = ends.to.includes('/') && draw.chance(0.5) ? { family: ends.family } : {}
  const common = {
    as: `probe ${i}`,
    at: ms(APART * i),
    ...(ends.to.includes('/') && ends.family === 6 ? { family: 6 as const } : family),
  }
  const kind = draw.weighted([
    [6, 'ping'],
    [2, 'traceroute'],
    [2, 'udp'],
    [2, 'tcp'],
  ] as const)
  switch (kind) {
    case 'ping': {
      const size = draw.chance(0.35)
        ? draw.pick([0, 8, 600, 1272, 1300, 1352, 1372, 1400, 2000, 3000])
        : undefined
      return {
        ping: endsText(ends),
        ...common,
        count: draw.between(1, 3),
        interval: '100ms',
        ...(size !== undefined && { size: `${size}B` }),
        ...(draw.chance(0.2) && { ttl: draw.pick([1, 2, 3, 4, 255]) }),
        ...(draw.chance(0.1) && { tos: draw.pick([0x10, 0xb8]) }),
        ...(size !== undefined && draw.chance(0.3) && { df: draw.pick(['do', 'dont'] as const) }),
      }
    }
    case 'traceroute':
      return {
        traceroute: endsText(ends),
        ...common,
        mode: draw.pick(['icmp', 'udp'] as const),
        maxTtl: draw.between(3, 5),
        wait: '600ms',
      }
    case 'udp':
      return {
        udp: endsText(ends),
        ...common,
        count: draw.between(1, 3),
        interval: '100ms',
        ...(draw.chance(0.3) && { size: `${draw.pick([0, 1, 1200, 1372])}B` }),
      }
    case 'tcp':
      return { tcp: endsText(ends), ...common, bytes: `${draw.pick([1, 1000, 20_000])}B`, timeout: '2s' }
  }
}

function endsText({ from, to }: Ends): string {
  return `${from} -> ${to}`
}

/** Mostly from pod to pod over clusters; sometimes at home, to a router, or to nobody. */
function drawEnds(draw: Draw, layout: Layout): Ends {
  const cluster = draw.pick(layout.clusters)
  const pod = draw.pick(cluster.pods)
  const family = familyOf(draw.pick(pod.ips))
  const from = `${cluster.id}/${pod.name}`
  const others = layout.clusters.filter((one) => one !== cluster)
  const kind = draw.weighted([
    [12, 'remote pod'],
    [2, 'own pod'],
    [2, 'absent'],
    [2, 'router'],
    [1, 'transit'],
    [2, 'unknown'],
  ] as const)
  const podsOf = (clusters: readonly ClusterPlan[]): { name: string; pod: PodPlan }[] =>
    clusters.flatMap(({ id, pods }) =>
      pods.flatMap((one) =>
        one !== pod && one.ips.some((ip) => familyOf(ip) === family)
          ? [{ name: `${id}/${one.name}`, pod: one }]
          : [],
      ),
    )
  const address = (ip: Ip): Ends => ({ from, to: formatIp(ip), family })
  const targets = podsOf(kind === 'own pod' ? [cluster] : others)
  if ((kind === 'remote pod' || kind === 'own pod') && targets.length > 0)
    return { from, to: draw.pick(targets).name, family }
  const networks = draw
    .pick(layout.clusters)
    .subnets.flatMap((subnet) => subnet.networks.filter(({ ip }) => familyOf(ip) === family))
  if (kind === 'absent' && networks.length > 0) return address(drawHost(draw, draw.pick(networks)))
  if (kind === 'router' && networks.length > 0) return address(routerAddress(draw.pick(networks)))
  // Transit switches have link-local networks for IPv6, and nobody sends there without saying on which link.
  if (kind === 'transit' && family === 4)
    return address(transitAddress(draw.pick(layout.clusters).index, draw.pick(cluster.switches), family))
  return address(unknownNetwork(draw, family).ip)
}

export function ms(time: number): string {
  return time % 1000 === 0 ? `${time / 1000}s` : `${time}ms`
}
