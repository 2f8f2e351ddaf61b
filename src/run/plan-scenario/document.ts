// A plan in the words of a scenario file, so that everything a scenario may leave out is completed by one hand.

import type { Span } from '../../diag/diagnostic.ts'
import { WAIVERS } from '../../input/context.ts'
import { parseMatch } from '../../model/match-parser.ts'
import type { Plan, PlanCluster, PlanNetwork, PlanNode } from '../../model/plan.ts'
import type { ProfileName } from '../../model/profile.ts'
import { formatIp } from '../../net/ip.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { FreeAddresses } from './free-addresses.ts'
import { type NextHops, nextHopPods } from './next-hops.ts'

/** A mapping of the document. */
export type Json = Record<string, unknown>

/** Where the plan says what a part of the document holds. */
export interface Place {
  readonly path: readonly string[]
  readonly span: Span
}

export interface NetworkDocument {
  /** Undefined where the plan holds no network that can be joined. */
  readonly document?: Json
  readonly reason?: string
  readonly places: readonly Place[]
  readonly assumed: readonly string[]
}

/** Versions that are modelled where the plan names none. */
const DEFAULT_KUBE_OVN: ProfileName = 'kube-ovn-1.17'
const DEFAULT_OVN: ProfileName = 'ovn-23.03'

const DEFAULT_ROUTER = 'ovn-cluster'

export function networkDocument(plan: Plan, name: string, profile: ProfileName | undefined): NetworkDocument {
  return new Writing(plan, profile).write(name)
}

class Writing {
  readonly #plan: Plan
  readonly #profile: ProfileName | undefined
  readonly #free: FreeAddresses
  readonly #assumed: string[] = []
  readonly #places: Place[] = []
  /** Clusters by what was assumed of each of them alike. */
  readonly #alike = new Map<string, string[]>()

  constructor(plan: Plan, profile: ProfileName | undefined) {
    this.#plan = plan
    this.#profile = profile
    this.#free = new FreeAddresses(plan)
  }

  write(name: string): NetworkDocument {
    const { clusters } = this.#plan
    const untold = clusters.every(({ ovnIc, submariner }) => ovnIc === undefined && submariner === undefined)
    const simulated = clusters.filter(
      ({ ovnIc, submariner }) => submariner === undefined || ovnIc !== undefined,
    )
    const others = clusters.filter((cluster) => !simulated.includes(cluster)).map(({ id }) => id)
    if (others.length > 0)
      this.#assumed.push(`${listOf(others)}: joined by Submariner, which is not simulated; left out`)
    const members = simulated.filter(({ id }) => this.#podNetworks(id).length > 0)
    if (members.length === 0) return { reason: this.#lack(others), places: [], assumed: [] }
    if (untold && members.length > 1)
      this.#assumed.push(
        'the clusters are joined by OVN-IC with automatic routes (the plan does not say how; technology: ovn-ic says so)',
      )
    const document: Json = {
      isthmus: 1,
      name,
      allow: [...WAIVERS],
      interconnect: { 'ovn-ic': this.#interconnect() },
      clusters: Object.fromEntries(
        members.map((cluster) => [cluster.id, this.#cluster(cluster, untold && members.length > 1)]),
      ),
    }
    for (const [what, ids] of this.#alike) this.#assumed.push(`${listOf(ids)}: ${what}`)
    if (this.#free.used !== undefined)
      this.#assumed.push(`nodes that the plan does not list have addresses of ${this.#free.used}`)
    return { document, places: this.#places, assumed: this.#assumed }
  }

  /** Why there is nothing to simulate. */
  #lack(joinedOtherwise: readonly string[]): string {
    const { clusters, networks } = this.#plan
    if (clusters.length > 0 && joinedOtherwise.length === clusters.length)
      return `${listOf(joinedOtherwise)}: joined by Submariner, which is not simulated, and no cluster by OVN-IC`
    const flat = networks.filter(({ role }) => role === 'pool' || role === 'underlay')
    const ids = [...new Set(flat.map(({ cluster }) => cluster))]
    return ids.length === 0
      ? 'the plan names no networks of pods'
      : `${listOf(ids)}: pods have addresses of IP pools or underlay networks, which are not simulated, and no cluster has subnets of OVN`
  }

  #say(cluster: string, what: string): void {
    this.#alike.set(what, [...(this.#alike.get(what) ?? []), cluster])
  }

  #place(span: Span, ...path: string[]): void {
    this.#places.push({ path, span })
  }

  #interconnect(): Json {
    const { transitSwitches, networks } = this.#plan
    if (!transitSwitches.some(({ written }) => written)) {
      const transit = networks.filter(({ role, assumed }) => role === 'transit' && assumed === undefined)
      if (transit.length === 0) return {}
      return { transitSwitches: [...byName(transit)].map(([name, list]) => this.#transit(name, list)) }
    }
    const names = [...new Set(transitSwitches.map(({ name }) => name))]
    const of = byName(networks.filter(({ role, assumed }) => role === 'transit' && assumed === undefined))
    return { transitSwitches: names.map((name) => this.#transit(name, of.get(name) ?? [])) }
  }

  #transit(name: string, networks: readonly PlanNetwork[]): Json {
    const subnets = networks.map(({ prefix }) => formatPrefix(prefix))
    return { name, ...(subnets.length > 0 && { subnets }) }
  }

  #cluster(cluster: PlanCluster, untold: boolean): Json {
    const { id, span, ovnIc, kubeOvn } = cluster
    this.#place(span, 'clusters', id)
    const profile = this.#profile ?? cluster.profile?.value ?? (kubeOvn ? DEFAULT_KUBE_OVN : DEFAULT_OVN)
    if (this.#profile === undefined && cluster.profile === undefined) this.#say(id, `version ${profile}`)
    const joined = untold || ovnIc?.enabled === true
    const nodes = this.#nodes(id)
    const gateways = joined ? this.#gateways(cluster, nodes) : []
    // Somebody has to be there for the pods.
    if (nodes.size === 0) {
      nodes.set(`${id}-node`, this.#node(id, `${id}-node`))
      this.#say(id, 'one node')
    }
    const autoRoute = joined && (ovnIc?.autoRoute?.value ?? ovnIc?.options['ic-route-adv'] === undefined)
    if (joined && !untold && ovnIc?.autoRoute === undefined && autoRoute)
      this.#say(id, 'routes are automatic')
    if (ovnIc !== undefined) this.#place(ovnIc.span, 'clusters', id, 'gateways')
    const zone = ovnIc?.azName
    if (zone !== undefined) this.#place(zone.span, 'clusters', id, 'az')
    const options = Object.entries(ovnIc?.options ?? {}).map(([key, { value }]) => [key, value])
    const ports = this.#transitPorts(zone?.value ?? id)
    const subnets = this.#subnets(id)
    const pods = this.#pods(id, subnets, nodes)
    return {
      ...(zone !== undefined && zone.value !== '' && { az: zone.value }),
      profile,
      // Without a gateway there is no port on the transit switch, and nothing else takes part.
      ic: gateways.length > 0,
      nodes: Object.fromEntries(nodes),
      gateways,
      autoRoute,
      subnets,
      ...(Object.keys(pods).length > 0 && { pods }),
      ...this.#routing(id),
      ...(options.length > 0 && { options: Object.fromEntries(options) }),
      ...(gateways.length > 0 && Object.keys(ports).length > 0 && { transitPorts: ports }),
    }
  }

  #nodes(id: string): Map<string, Json> {
    const nodes = new Map<string, Json>()
    for (const node of this.#plan.nodes) {
      if (node.cluster !== id || nodes.has(node.name.value)) continue
      this.#place(node.name.span, 'clusters', id, 'nodes', node.name.value)
      nodes.set(node.name.value, this.#node(id, node.name.value, node))
    }
    return nodes
  }

  #node(id: string, name: string, node?: PlanNode): Json {
    const [ip, ...more] = node?.ips.map(({ value }) => formatIp(value)) ?? []
    const encap = node?.encap?.value
    return {
      ip: ip ?? this.#free.take() ?? '0.0.0.0',
      // Kube-OVN draws names of chassis, so that equal names of nodes do no harm; what is written counts.
      chassis: node?.chassis?.value ?? `${id}-${name}`,
      ...(ip !== undefined && more.length > 0 && { internalIPs: [ip, ...more] }),
      ...(node?.hostname !== undefined && { hostname: node.hostname.value }),
      ...((encap === 'vxlan' || encap === 'geneve') && { encap }),
    }
  }

  /** Gateways as the plan lists them; nodes are added where they belong to no list. */
  #gateways({ id, ovnIc, nodesKnown }: PlanCluster, nodes: Map<string, Json>): string[] {
    const listed = [...new Set(ovnIc?.gateways.map(({ value }) => value) ?? [])]
    if (listed.length === 0) {
      if (ovnIc?.isConfigMap === true || (nodesKnown && ovnIc !== undefined)) {
        this.#say(id, 'no gateway nodes, hence no port on the transit switch (IC011)')
        return []
      }
      const [first] = nodes.keys()
      const gateway = first ?? `${id}-gw`
      if (first === undefined) nodes.set(gateway, this.#node(id, gateway))
      this.#say(id, first === undefined ? 'one gateway node' : 'its first node is the gateway')
      return [gateway]
    }
    const unknown = listed.filter((name) => !nodes.has(name))
    if (unknown.length > 0 && nodesKnown) {
      this.#say(
        id,
        `gw-nodes names ${listOf(unknown)}, no node of it, hence no port on the transit switch (IC011)`,
      )
      return []
    }
    for (const name of unknown) nodes.set(name, this.#node(id, name))
    return listed
  }

  #podNetworks(id: string): PlanNetwork[] {
    const own = this.#plan.networks.filter(({ cluster }) => cluster === id)
    const subnets = own.filter(({ role, withheld }) => role === 'pods' && withheld !== 'underlay')
    return subnets.length > 0 ? subnets : own.filter(({ role }) => role === 'cluster-cidr')
  }

  #subnets(id: string): Json {
    const joins = this.#plan.networks.filter(({ cluster, role }) => cluster === id && role === 'join')
    const subnets: Json = {}
    for (const [name, list] of byName(this.#podNetworks(id)))
      for (const [i, pair] of pairs(list).entries())
        subnets[i === 0 ? name : `${name}-${i + 1}`] = this.#subnet(
          id,
          i === 0 ? name : `${name}-${i + 1}`,
          pair,
        )
    const join = joins.filter(({ assumed }) => assumed === undefined)
    if (join.length > 0) subnets.join = { ...this.#subnet(id, 'join', pairs(join)[0]!), join: true }
    return subnets
  }

  /** Pods that are next hops. */
  #pods(id: string, subnets: Json, nodes: ReadonlyMap<string, Json>): NextHops['pods'] {
    const named = Object.entries(subnets).map(([name, subnet]) => ({
      name,
      cidrs: (subnet as { readonly cidr: readonly string[] }).cidr,
    }))
    const { pods, nobodys } = nextHopPods(this.#plan, id, named, new Set(nodes.keys()))
    if (nobodys.length > 0)
      this.#say(id, `no pod of the plan has the next hop ${listOf(nobodys)}, and what is sent there is lost`)
    return pods
  }

  #subnet(id: string, name: string, networks: readonly PlanNetwork[]): Json {
    const [first] = networks
    this.#place(first!.span, 'clusters', id, 'subnets', name)
    const gateways = networks.flatMap(({ gateways: list }) => list?.slice(0, 1) ?? [])
    const given = gateways.length === networks.length ? gateways.map(({ value }) => formatIp(value)) : []
    const vpc = first!.vpc?.value
    return {
      cidr: networks.map(({ prefix }) => formatPrefix(prefix)),
      ...(given.length > 0 && { gateway: given }),
      ...(vpc !== undefined && vpc !== DEFAULT_ROUTER && { router: vpc }),
      ...(first!.withheld === 'disableInterConnection' && { disableInterConnection: true }),
    }
  }

  #routing(id: string): Json {
    const routers = new Map<string, { staticRoutes: Json[]; policies: Json[] }>()
    const of = (name: string) => {
      const found = routers.get(name) ?? { staticRoutes: [], policies: [] }
      routers.set(name, found)
      return found
    }
    // A Subnet names its VPC, which may be in no file that was given.
    for (const { cluster, vpc } of this.#plan.networks)
      if (cluster === id && vpc !== undefined && vpc.value !== DEFAULT_ROUTER) of(vpc.value)
    for (const { cluster, router, prefix, nexthop, policy, port, learned } of this.#plan.routes) {
      if (cluster !== id || learned) continue
      of(router === '' ? DEFAULT_ROUTER : router).staticRoutes.push({
        prefix: prefix.value,
        nexthop: nexthop.value,
        ...(policy === 'src-ip' && { policy }),
        ...(port !== undefined && { port }),
      })
    }
    for (const { cluster, router, priority, match, action, nexthops } of this.#plan.policies) {
      if (cluster !== id) continue
      const leftOut = policyObstacle(match.value, action, nexthops.length)
      if (leftOut !== undefined) this.#say(id, `the policy "${match.value}" is left out: ${leftOut}`)
      else
        of(router === '' ? DEFAULT_ROUTER : router).policies.push({
          priority,
          match: match.value,
          action,
          ...(action === 'reroute' && { nexthop: nexthops.map(({ value }) => value) }),
        })
    }
    return routers.size === 0 ? {} : { routers: Object.fromEntries(routers) }
  }

  /** Ports that the plan pins or a database shows, once each. */
  #transitPorts(az: string): Json {
    const ports: Json = {}
    for (const { az: owner, transitSwitch, name, router, mac, networks } of this.#plan.transitPorts) {
      if (owner !== az || networks.length === 0 || transitSwitch in ports) continue
      ports[transitSwitch] = {
        ip: networks.map(({ value }) => formatPrefix(value)),
        lsp: name.value,
        ...(mac !== undefined && { mac: mac.value }),
        ...(router !== undefined && router !== '' && { router }),
      }
    }
    return ports
  }
}

/** Why a policy cannot be part of the network; undefined where it can. */
function policyObstacle(match: string, action: string, nexthops: number): string | undefined {
  if (action !== 'allow' && action !== 'drop' && action !== 'reroute')
    return action === '' ? 'it has no action' : `the action ${action} is not known`
  if (action === 'reroute' && nexthops === 0) return 'it does not say where it sends packets'
  const parsed = parseMatch(match)
  return parsed.kind === 'error' ? `its match is not modelled (${parsed.message})` : undefined
}

function byName(networks: readonly PlanNetwork[]): Map<string, PlanNetwork[]> {
  const groups = new Map<string, PlanNetwork[]>()
  for (const network of networks) groups.set(network.name, [...(groups.get(network.name) ?? []), network])
  return groups
}

/** Networks of one name as subnets: a dual-stack subnet is two of different families, anything else one each. */
function pairs(networks: readonly PlanNetwork[]): PlanNetwork[][] {
  const four = networks.filter(({ prefix }) => typeof prefix.ip === 'number')
  const six = networks.filter(({ prefix }) => typeof prefix.ip !== 'number')
  return four.length === 1 && six.length === 1 ? [[four[0]!, six[0]!]] : networks.map((one) => [one])
}

/** `az1, az2 and 3 more`. */
function listOf(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 4} more` : names.join(', ')
}
