/**
 * Random scenarios: a number becomes a scenario as data, in the shape of a scenario file. One number, one scenario, on every machine;
 * every part draws from a stream of its own, so that one part can change without the others.
 */
import type { RawCluster, RawTransitPort } from '../../../input/schema/cluster.ts'
import type { RawScenario } from '../../../input/schema/scenario.ts'
import { formatIp } from '../../../net/ip.ts'
import { formatPrefix } from '../../../net/prefix.ts'
import { Draw } from './draw.ts'
import { drawHappenings } from './happenings.ts'
import { type ClusterPlan, drawLayout, EDGE_ROUTER, type Layout, MAIN_ROUTER } from './layout.ts'
import { drawRouting } from './routing.ts'
import { drawProbes, drawTrains, ms } from './traffic.ts'

/** The scenario of a number from 0 to 4294967295. */
export function randomScenario(seed: number): RawScenario {
  const draw = new Draw(seed)
  const layout = drawLayout(draw.fork('layout'))
  const happenings = draw.fork('events?').chance(1 / 3)
    ? drawHappenings(draw.fork('events'), layout)
    : undefined
  const mtus = drawMtus(draw.fork('mtu'), layout)
  return {
    isthmus: 1,
    name: `Random scenario ${seed}`,
    profile: 'ovn-23.03',
    seed,
    interconnect: { 'ovn-ic': { hosts: ['192.168.65.3'], transitSwitches: layout.switches } },
    clusters: Object.fromEntries(
      layout.clusters.map((cluster) => [
        cluster.id,
        drawCluster(draw.fork(`cluster ${cluster.id}`), layout, cluster),
      ]),
    ),
    ...(mtus !== undefined && { underlay: { nodes: mtus } }),
    ...(happenings !== undefined && { duration: ms(happenings.rest + 500) }),
    traffic: [
      ...drawProbes(draw.fork('traffic'), layout, draw.fork('probes').between(5, 9)),
      ...(happenings === undefined ? [] : drawTrains(draw.fork('trains'), layout, happenings.rest + 500)),
    ],
    ...(happenings !== undefined && { timeline: [...happenings.events] }),
  }
}

function drawCluster(draw: Draw, layout: Layout, cluster: ClusterPlan): RawCluster {
  const { index, nodes, gateways, subnets, pods } = cluster
  const ports = drawTransitPorts(draw.fork('transit'), layout, cluster)
  const priorities = draw.fork('gateways')
  return {
    nodes: Object.fromEntries(nodes.map((name, i) => [name, `192.168.${42 + index}.${11 + i}`])),
    gateways: priorities.chance(0.15)
      ? Object.fromEntries(gateways.map((name) => [name, priorities.pick([10, 20, 30])]))
      : oneOrList(gateways),
    ...drawRouting(draw.fork('routing'), layout, cluster),
    ...(cluster.edge !== undefined && { routers: { [EDGE_ROUTER]: {} } }),
    subnets: Object.fromEntries(
      subnets.map(({ name, networks, router, table }) => [
        name,
        {
          cidr: oneOrList(networks.map(formatPrefix)),
          ...(router !== MAIN_ROUTER && { router }),
          ...(table !== '' && { routeTable: table }),
        },
      ]),
    ),
    pods: Object.fromEntries(
      pods.map(({ name, node, subnet, ips }) => [
        name,
        { node, subnet: subnet.name, ip: oneOrList(ips.map(formatIp)) },
      ]),
    ),
    ...(Object.keys(ports).length > 0 && { transitPorts: ports }),
  }
}

function drawTransitPorts(
  draw: Draw,
  { switches }: Layout,
  { switches: on, edge, subnets }: ClusterPlan,
): NonNullable<RawCluster['transitPorts']> {
  const ports: Record<string, false | RawTransitPort> = {}
  for (let i = 0; i < switches; i++) {
    const name = i === 0 ? 'ts' : `ts${i}`
    if (i === edge) ports[name] = { router: EDGE_ROUTER }
    else if (!on.includes(i)) ports[name] = false
    else {
      const tables = subnets.map(({ table }) => table).filter((table) => table !== '')
      const table = tables.length > 0 && draw.chance(0.5) ? { routeTable: draw.pick(tables) } : {}
      const options = draw.chance(0.08) ? { options: { gateway_mtu: draw.pick([1200, 1300]) } } : {}
      const port = { ...table, ...options }
      if (Object.keys(port).length > 0) ports[name] = port
    }
  }
  return ports
}

/** Nodes with links of a smaller MTU: tunnel packets vanish there without a word (MT-3). */
function drawMtus(draw: Draw, { clusters }: Layout): Record<string, { mtu: number }> | undefined {
  if (!draw.chance(0.1)) return undefined
  const { id, nodes } = draw.pick(clusters)
  return { [`${id}/${draw.pick(nodes)}`]: { mtu: draw.pick([1400, 1450]) } }
}

/** A list of one is written as the one, as people do. */
function oneOrList(texts: readonly string[]): string | string[] {
  return texts.length === 1 ? texts[0]! : [...texts]
}
