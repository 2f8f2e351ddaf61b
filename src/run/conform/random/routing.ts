/** Routes, policies and options of the clusters of a random scenario: what a person might write, sense and nonsense. */
import type { RawCluster, RawOptions, RawPolicy, RawStaticRoute } from '../../../input/schema/cluster.ts'
import { addToIp, familyOf, formatIp, type Ip, ip6 } from '../../../net/ip.ts'
import { formatPrefix, formatPrefixBare, hostLength, masked, type Prefix } from '../../../net/prefix.ts'
import type { Draw } from './draw.ts'
import {
  addressesLike,
  type ClusterPlan,
  drawHost,
  type Family,
  type Layout,
  MAIN_ROUTER,
  TABLES,
  transitAddress,
} from './layout.ts'

/** What one cluster says about routing. */
export type Routing = Pick<RawCluster, 'autoRoute' | 'options' | 'staticRoutes' | 'policies' | 'commands'>

export function drawRouting(draw: Draw, layout: Layout, cluster: ClusterPlan): Routing {
  const options = drawOptions(draw.fork('options'), layout, cluster)
  const routes = drawRoutes(draw.fork('routes'), layout, cluster)
  const policies = drawPolicies(draw.fork('policies'), layout, cluster)
  const commands = drawCommands(draw.fork('commands'), layout)
  return {
    ...options,
    ...(routes.length > 0 && { staticRoutes: routes }),
    ...(policies.length > 0 && { policies }),
    ...(commands.length > 0 && { commands }),
  }
}

function drawOptions(
  draw: Draw,
  layout: Layout,
  cluster: ClusterPlan,
): Pick<Routing, 'autoRoute' | 'options'> {
  const options: RawOptions = {}
  const autoRoute = draw.chance(0.75)
  if (!autoRoute && draw.chance(0.7)) {
    options['ic-route-adv'] = draw.chance(0.6)
    options['ic-route-learn'] = draw.chance(0.6)
  }
  if (draw.chance(0.2)) options['ic-route-adv-default'] = true
  if (draw.chance(0.2)) options['ic-route-learn-default'] = true
  if (draw.chance(0.25)) {
    const entries = draw
      .some(networksOf(layout), draw.between(1, 2))
      .map((network) => entryFor(draw, network))
    options['ic-route-blacklist'] = entries.join(',')
  }
  if (cluster.gateways.length > 1 && draw.chance(0.05)) options['bfd-min-rx'] = 300
  return { ...(autoRoute && { autoRoute }), ...(Object.keys(options).length > 0 && { options }) }
}

function networksOf({ clusters }: Layout): Prefix[] {
  return clusters.flatMap(({ subnets }) => subnets.flatMap(({ networks }) => networks))
}

/** An entry of a blacklist that has to do with a network: itself, around it, inside it, or an address of it. */
function entryFor(draw: Draw, network: Prefix): string {
  const kind = draw.pick(['equal', 'around', 'inside', 'address'] as const)
  if (kind === 'equal') return formatPrefix(network)
  if (kind === 'address') return formatIp(drawHost(draw, network))
  return formatPrefix(resized(draw, network, kind))
}

function resized(draw: Draw, { ip, len }: Prefix, kind: 'around' | 'inside'): Prefix {
  const most = hostLength(ip)
  return masked({
    ip,
    len: kind === 'around' ? Math.max(1, len - draw.between(1, 8)) : Math.min(most, len + draw.between(1, 8)),
  })
}

function drawRoutes(draw: Draw, layout: Layout, cluster: ClusterPlan): RawStaticRoute[] {
  const count = draw.weighted([
    [4, 0],
    [3, 1],
    [2, 2],
    [2, 4],
  ])
  const routes: RawStaticRoute[] = []
  for (let i = 0; i < count; i++) routes.push(...drawRoute(draw, layout, cluster))
  // The tool refuses what is there already; that is known, and says nothing about routing.
  const seen = new Set<string>()
  return routes.filter(({ prefix, policy, table, ecmp, nexthop }) => {
    const key = JSON.stringify([prefix, policy ?? '', table ?? '', ecmp ? nexthop : ''])
    return seen.has(key) ? false : seen.add(key)
  })
}

function drawRoute(draw: Draw, layout: Layout, cluster: ClusterPlan): RawStaticRoute[] {
  const family = draw.pick(layout.families)
  const bySource = draw.chance(0.15)
  const prefix = bySource ? sourcePrefix(draw, cluster, family) : destination(draw, layout, cluster, family)
  const used = cluster.subnets.filter(({ table }) => table !== '')
  const table =
    used.length > 0 && draw.chance(0.5) ? draw.pick(used).table : draw.chance(0.03) ? TABLES[0] : ''
  const more = {
    prefix,
    ...(bySource && { policy: 'src-ip' as const }),
    ...(table !== '' && { table }),
  }
  if (draw.chance(0.08)) return [{ ...more, nexthop: 'discard' }]
  const nexthops = [1, 2, 3].map(() => formatIp(nexthop(draw, layout, cluster, family)))
  if (draw.chance(0.15)) return [...new Set(nexthops)].map((one) => ({ ...more, nexthop: one, ecmp: true }))
  return [{ ...more, nexthop: nexthops[0]! }]
}

function sourcePrefix(draw: Draw, cluster: ClusterPlan, family: Family): string {
  const own = cluster.subnets.flatMap(({ networks }) => networks.filter(({ ip }) => familyOf(ip) === family))
  const pods = addressesLike(cluster, family)
  if (pods.length > 0 && draw.chance(0.5)) return formatIp(draw.pick(pods))
  return own.length > 0 ? formatPrefix(draw.pick(own)) : everything(family)
}

function everything(family: Family): string {
  return family === 4 ? '0.0.0.0/0' : '::/0'
}

/** Destinations of all lengths: unknown networks, the default, networks and pods of others and own, and what is inside and around them. */
function destination(draw: Draw, layout: Layout, cluster: ClusterPlan, family: Family): string {
  const like = (one: ClusterPlan): Prefix[] =>
    one.subnets.flatMap(({ networks }) => networks.filter(({ ip }) => familyOf(ip) === family))
  const others = layout.clusters.filter((one) => one !== cluster)
  const remote = others.flatMap(like)
  const remotePods = others.flatMap((one) => addressesLike(one, family))
  const own = like(cluster)
  const near = [...remote, ...own]
  const kind = draw.weighted([
    [4, 'unknown'],
    [2, 'default'],
    [2, 'remote'],
    [2, 'remote pod'],
    [2, 'inside'],
    [2, 'around'],
    [1, 'own'],
  ] as const)
  if (kind === 'default') return everything(family)
  if (kind === 'remote' && remote.length > 0) return formatPrefix(draw.pick(remote))
  if (kind === 'remote pod' && remotePods.length > 0)
    return formatPrefixBare({ ip: draw.pick(remotePods), len: family === 4 ? 32 : 128 })
  if ((kind === 'inside' || kind === 'around') && near.length > 0)
    return formatPrefix(resized(draw, draw.pick(near), kind))
  if (kind === 'own' && own.length > 0) return formatPrefix(draw.pick(own))
  return formatPrefix(unknownNetwork(draw, family))
}

/** Networks that no cluster has: 172.20.0.0/16 and fd20::/32 and what is inside them. */
export function unknownNetwork(draw: Draw, family: Family): Prefix {
  return family === 4
    ? masked({ ip: addToIp(0xac140000, draw.between(0, 0xffff)), len: draw.pick([14, 16, 17, 24, 28, 32]) })
    : masked({ ip: ip6(0xfd200000, 0, 0, draw.between(0, 0xffff)), len: draw.pick([32, 64, 112, 128]) })
}

/** A pod or nobody in an own network, another cluster's router or nobody on a transit switch, or out of reach. */
function nexthop(draw: Draw, layout: Layout, cluster: ClusterPlan, family: Family): Ip {
  const kind = draw.weighted([
    [4, 'transit'],
    [3, 'pod'],
    [2, 'nobody'],
    [1, 'nobody on transit'],
    [1, 'out of reach'],
  ] as const)
  const others = layout.clusters.filter((one) => one !== cluster)
  const on = draw.pick(cluster.switches)
  if (kind === 'transit') return transitAddress(draw.pick(others).index, on, family)
  if (kind === 'nobody on transit') return transitAddress(150, on, family)
  const pods = addressesLike(cluster, family)
  if (kind === 'pod' && pods.length > 0) return draw.pick(pods)
  const own = cluster.subnets.flatMap(({ networks }) => networks.filter(({ ip }) => familyOf(ip) === family))
  if (kind === 'nobody' && own.length > 0) return drawHost(draw, draw.pick(own))
  return family === 4 ? addToIp(0xc0000200, 7) : ip6(0x20010db8, 0, 0, 7)
}

function drawPolicies(draw: Draw, layout: Layout, cluster: ClusterPlan): RawPolicy[] {
  const count = draw.weighted([
    [6, 0],
    [2, 1],
    [1, 2],
  ])
  const priorities = draw.some([100, 1000, 29000, 29500, 31000], count)
  return priorities.map((priority) => {
    const family = draw.pick(layout.families)
    const match = drawMatch(draw, layout, cluster, family)
    const action = draw.pick(['allow', 'drop', 'reroute'] as const)
    if (action !== 'reroute') return { priority, match, action }
    const nexthops = [...new Set([1, 2].map(() => formatIp(nexthop(draw, layout, cluster, family))))]
    return { priority, match, action, nexthop: draw.chance(0.3) ? nexthops : nexthops[0]! }
  })
}

function drawMatch(draw: Draw, layout: Layout, cluster: ClusterPlan, family: Family): string {
  const ip = `ip${family}`
  const all = networksOf(layout).filter((network) => familyOf(network.ip) === family)
  const where = all.length === 0 ? everything(family) : formatPrefix(draw.pick(all))
  const pods = layout.clusters.flatMap((one) => addressesLike(one, family))
  const pod = pods.length === 0 ? where : formatIp(draw.pick(pods))
  return draw.pick([
    `${ip}.dst == ${where}`,
    `${ip}.src == ${where}`,
    `${ip}.dst == ${pod}`,
    `${ip}.src == ${pod} && ${family === 4 ? 'icmp4' : 'icmp6'}`,
    `${ip}.dst == ${where} && udp`,
    `inport == "${MAIN_ROUTER}-${draw.pick(cluster.subnets).name}" && ${ip}`,
    `${ip}.dst == {${where}, ${pod}}`,
    `${ip} && ${ip}.dst != ${where}`,
  ])
}

/** What the keys of scenario files do not say: a row whose prefix keeps its host bits (ADV-8). */
function drawCommands(draw: Draw, layout: Layout): string[] {
  if (!draw.chance(0.08) || !layout.families.includes(4)) return []
  const prefix = `172.${draw.between(21, 29)}.0.1/16`
  return [
    `ovn-nbctl --id=@r create Logical_Router_Static_Route ip_prefix=${prefix} nexthop=${formatIp(transitAddress(150, 0, 4))} -- add Logical_Router ${MAIN_ROUTER} static_routes @r`,
  ]
}
