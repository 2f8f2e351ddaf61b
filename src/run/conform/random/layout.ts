/**
 * The layout of a random scenario: which clusters there are, on which transit switches, with which networks and pods. What is drawn
 * later (routes, traffic, events) refers to it.
 */
import { addToIp, equalIp, familyOf, type Ip, ip6 } from '../../../net/ip.ts'
import { contains, hostCount, masked, overlaps, type Prefix } from '../../../net/prefix.ts'
import type { Draw } from './draw.ts'

export type Family = 4 | 6

export interface SubnetPlan {
  readonly name: string
  readonly router: string
  /** One a family, without host bits. */
  readonly networks: readonly Prefix[]
  /** `route_table` of the router port; empty is the main one. */
  readonly table: string
}

export interface PodPlan {
  readonly name: string
  readonly node: string
  readonly subnet: SubnetPlan
  readonly ips: readonly Ip[]
}

export interface ClusterPlan {
  readonly id: string
  /** Place among the clusters, from 0; it decides the addresses on transit switches. */
  readonly index: number
  readonly nodes: readonly string[]
  readonly gateways: readonly string[]
  readonly subnets: readonly SubnetPlan[]
  readonly pods: readonly PodPlan[]
  /** Numbers of the transit switches where `ovn-cluster` has a port. */
  readonly switches: readonly number[]
  /** A second router with a transit switch of its own. */
  readonly edge: number | undefined
}

export interface Layout {
  readonly families: readonly Family[]
  readonly switches: number
  readonly clusters: readonly ClusterPlan[]
}

export const MAIN_ROUTER = 'ovn-cluster'
export const EDGE_ROUTER = 'edge'

/** Nodes of all clusters together: a lab starts three daemons for each. */
const NODES_MAX = 9
/** Route tables that ports are put into. */
export const TABLES = ['blue', 'green'] as const

export function drawLayout(draw: Draw): Layout {
  const families = draw.weighted<readonly Family[]>([
    [6, [4]],
    [1, [6]],
    [3, [4, 6]],
  ])
  const switches = draw.weighted([
    [5, 1],
    [3, 2],
    [1, 3],
  ])
  const count = draw.weighted([
    [5, 2],
    [3, 3],
    [1, 4],
  ])
  const tables = draw.chance(0.2)
  const clusters: ClusterPlan[] = []
  for (let index = 0; index < count; index++)
    clusters.push(drawCluster(draw.fork(`cluster ${index}`), { families, switches, tables, count, clusters }))
  return { families, switches, clusters }
}

interface Surroundings {
  readonly families: readonly Family[]
  readonly switches: number
  readonly tables: boolean
  readonly count: number
  readonly clusters: readonly ClusterPlan[]
}

function drawCluster(draw: Draw, around: Surroundings): ClusterPlan {
  const index = around.clusters.length
  const id = `az${index + 1}`
  const room = Math.floor(NODES_MAX / around.count)
  const gatewayCount = draw.between(1, Math.min(3, room))
  const workers = draw.between(0, Math.min(2, room - gatewayCount))
  const gateways = Array.from({ length: gatewayCount }, (_, i) => `${id}-gw${i + 1}`)
  const nodes = [...gateways, ...Array.from({ length: workers }, (_, i) => `${id}-w${i + 1}`)]
  const all = Array.from({ length: around.switches }, (_, i) => i)
  // Every cluster is on the first switch, so that all have something to do with each other.
  const on = all.filter((i) => i === 0 || draw.chance(0.85))
  const last = around.switches - 1
  const edge = around.switches > 1 && draw.chance(0.2) ? last : undefined
  const subnets: SubnetPlan[] = []
  const subnetCount = draw.between(1, 3)
  for (let i = 0; i < subnetCount; i++) subnets.push(drawSubnet(draw, around, index, i, subnets))
  if (edge !== undefined)
    subnets.push({
      ...drawSubnet(draw, around, index, 3, subnets),
      name: 'outer',
      router: EDGE_ROUTER,
      table: '',
    })
  const pods: PodPlan[] = []
  for (const subnet of subnets) {
    const podCount = draw.between(1, 2)
    for (let i = 0; i < podCount; i++) {
      const ips = subnet.networks.map((network) => drawHost(draw, network))
      const taken = pods.some((pod) => pod.ips.some((ip) => ips.some((mine) => equalIp(ip, mine))))
      if (!taken) pods.push({ name: `p${pods.length}`, node: draw.pick(nodes), subnet, ips })
    }
  }
  return { id, index, nodes, gateways, subnets, pods, switches: on.filter((i) => i !== edge), edge }
}

/** Networks by cluster and place, some of them equal to, inside or around one of an earlier cluster. */
function drawSubnet(
  draw: Draw,
  { families, tables, clusters }: Surroundings,
  index: number,
  place: number,
  own: readonly SubnetPlan[],
): SubnetPlan {
  const several = families.length > 1 && draw.chance(0.4) ? [draw.pick(families)] : families
  const others = clusters.flatMap((cluster) => cluster.subnets.flatMap(({ networks }) => networks))
  const networks = several.map((family) => {
    const near = others.filter(({ ip }) => familyOf(ip) === family)
    const overlapping =
      near.length > 0 && draw.chance(0.15) ? drawOverlapping(draw, draw.pick(near)) : undefined
    const clashes = own.some(
      (subnet) => overlapping !== undefined && subnet.networks.some((one) => overlaps(one, overlapping)),
    )
    return overlapping === undefined || clashes ? drawNetwork(draw, family, index, place) : overlapping
  })
  const table = tables && draw.chance(0.4) ? draw.pick(TABLES) : ''
  const clash = own.some((subnet) =>
    subnet.networks.some((one) => networks.some((mine) => overlaps(one, mine))),
  )
  return {
    name: place === 0 ? 'ovn-default' : `net${place}`,
    router: MAIN_ROUTER,
    networks: clash ? several.map((family) => drawNetwork(draw, family, index, place)) : networks,
    table,
  }
}

/** A network of a cluster's own: 10.16.0.0/16 to 10.79.255.0/29, or fd00:10:10::/64 and its kin. */
function drawNetwork(draw: Draw, family: Family, index: number, place: number): Prefix {
  const second = 16 + index + 16 * place
  if (family === 6) return { ip: ip6(0xfd000010, second << 16, 0, 0), len: draw.pick([64, 96, 112, 120]) }
  const len = draw.weighted([
    [4, 16],
    [1, 20],
    [1, 22],
    [3, 24],
    [1, 26],
    [1, 29],
  ])
  return masked({ ip: ((10 << 24) | (second << 16) | (draw.between(0, 255) << 8)) >>> 0, len })
}

/** A network that is equal to another (seldom: then nobody can say where packets go), inside it or around it. */
function drawOverlapping(draw: Draw, { ip, len }: Prefix): Prefix {
  const shift = draw.weighted([
    [1, 0],
    [4, draw.between(1, 6)],
    [3, -draw.between(1, 4)],
  ])
  const longest = familyOf(ip) === 4 ? 29 : 124
  return masked({ ip, len: Math.min(longest, Math.max(12, len + shift)) })
}

/** The address of a host: neither the network's own, nor the router's, nor broadcast. */
export function drawHost(draw: Draw, network: Prefix): Ip {
  return addToIp(network.ip, draw.between(2, Math.min(hostCount(network) - 2, 250)))
}

/** Where a cluster's router is on a transit switch, as the defaults of scenario files have it: host 41 for the first cluster. */
export function transitAddress(index: number, number: number, family: Family): Ip {
  return family === 4
    ? (0xa9fe0000 + ((100 + number) << 8) + 41 + index) >>> 0
    : ip6(0xfe80a9fe, (100 + number) << 16, 0, 41 + index)
}

/** Addresses of a cluster in the family of another address, where it has any. */
export function addressesLike(cluster: ClusterPlan, family: Family): Ip[] {
  return cluster.pods.flatMap(({ ips }) => ips.filter((ip) => familyOf(ip) === family))
}

/** The router's address in a network: the first host. */
export function routerAddress(network: Prefix): Ip {
  return addToIp(network.ip, 1)
}

/** Whether an address lies in any network of the layout. */
export function isKnown({ clusters }: Layout, ip: Ip): boolean {
  return clusters.some(({ subnets }) =>
    subnets.some(({ networks }) => networks.some((network) => contains(network, ip))),
  )
}
