/** What switches and routers do with destination addresses, as rules of a sweep. */
import { peerOf, routerIndex, switchOf } from '../../forward/ovn/lookup.ts'
import type {
  LogicalRouter,
  LogicalView,
  RouteAction,
  RouteMember,
  SwitchPort,
} from '../../model/forwarding.ts'
import { equalIp, familyOf, type Ip, ip6, ipKey } from '../../net/ip.ts'
import { contains, lastAddress, parsePrefix } from '../../net/prefix.ts'
import { type AddressRange, justOne, rangeOf, wholeSpace } from '../../net/range.ts'
import { asksSource, classesOf, destinationsIn, type PacketKind, sourcesIn } from './classes-of-match.ts'
import type { Cuts } from './cuts.ts'
import { type Fabric, isLinkLocalRoute, type RouterDevice, type SwitchDevice } from './fabric.ts'
import { type Action, ALLOW, Layer, type Rules, toDevice } from './rules.ts'

/** No router takes packets to these (LR-2): "this network", loopback, groups, broadcast. */
const REFUSED = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '224.0.0.0/4',
  '255.255.255.255/32',
  'ff00::/8',
  'fe80::/10',
].map((text) => rangeOf(parsePrefix(text)!))

/** fe80::/10, which pods take to be on their link. */
export const LINK_LOCAL: AddressRange = {
  first: ip6(0xfe800000, 0, 0, 0),
  last: ip6(0xfebfffff, 0xffffffff, 0xffffffff, 0xffffffff),
}

/** Whatever rules of these devices name in a family. */
export function* cutsOf({ routers, switches }: Fabric, family: 4 | 6): Generator<AddressRange> {
  yield* REFUSED
  yield LINK_LOCAL
  const seen = new Set<LogicalRouter>()
  for (const { router } of routers) {
    if (seen.has(router)) continue
    seen.add(router)
    for (const { networks } of router.ports)
      for (const network of networks) {
        yield justOne(network.ip)
        yield rangeOf(network)
      }
    for (const { kind, prefix } of router.routes)
      if (kind === 'dst' && familyOf(prefix.ip) === family)
        yield { first: prefix.ip, last: lastAddress(prefix) }
    for (const { match } of router.policies) yield* destinationsIn(match)
  }
  for (const { logicalSwitch, view } of switches)
    for (const port of logicalSwitch.ports)
      if (port.kind !== 'vif') for (const ip of addressesOn(view, port)) yield justOne(ip)
}

/** Source ranges that some router treats differently from others. */
export function questionsAboutSources(fabric: Fabric): AddressRange[] {
  const routers = new Set(fabric.routers.map(({ router }) => router))
  return [...routers].flatMap((router) => [
    ...router.routes.flatMap(({ kind, prefix }) => (kind === 'src' ? [rangeOf(prefix)] : [])),
    ...router.policies.flatMap(({ match }) => sourcesIn(match)),
    ...[...spoofedOf(router).values()].map(justOne),
  ])
}

/** Addresses from which a router takes no packet: its own and, for IPv4, the broadcast addresses of its networks (LR-2); by their key. */
export function spoofedOf(router: LogicalRouter): ReadonlyMap<number | string, Ip> {
  let found = spoofed.get(router)
  if (found === undefined) {
    const index = routerIndex(router)
    found = new Map()
    for (const ip of index.spoofed) found.set(ip, ip)
    for (const { networks } of index.own.values())
      for (const { ip } of networks) if (typeof ip !== 'number') found.set(ipKey(ip), ip)
    spoofed.set(router, found)
  }
  return found
}

const spoofed = new WeakMap<LogicalRouter, Map<number | string, Ip>>()

/** What a switch does with addresses of its subnets: hands them to routers that have them, otherwise to whoever has them. */
export function addSwitchRules(
  rules: Rules,
  fabric: Fabric,
  device: SwitchDevice,
  cuts: Cuts,
  family: 4 | 6,
): void {
  const { cluster, logicalSwitch, view } = device
  const at = `${cluster} ${logicalSwitch.name}`
  const rest = logicalSwitch.transit
    ? fabric.drop('unknown-neighbour', at)
    : fabric.outcomes.single({ kind: 'subnet', cluster, subnet: logicalSwitch.name })
  rules.add(device.device, Layer.route, [0, cuts.classes], 0, rest)
  for (const port of logicalSwitch.ports) {
    if (port.kind === 'vif') continue
    const action = fabric.toPort(cluster, view, logicalSwitch, port, undefined)
    for (const ip of addressesOn(view, port))
      if (familyOf(ip) === family && !isLinkLocalRoute(ip))
        rules.add(device.device, Layer.route, cuts.classesIn(justOne(ip)), 1, action, rules.saying(port.name))
  }
}

/**
 * What a router does. `source` is an address of the senders, all of which it treats alike; undefined leaves out everything that asks
 * about sources.
 */
export function addRouterRules(
  rules: Rules,
  fabric: Fabric,
  device: RouterDevice,
  cuts: Cuts,
  kind: PacketKind,
  source: Ip | undefined,
): void {
  const { cluster, router, inport } = device
  const at = `${cluster} ${router.name}`
  const { family } = kind
  const add = (layer: Layer, range: AddressRange, priority: number, action: Action): void => {
    rules.add(device.device, layer, cuts.classesIn(range), priority, action)
  }
  const ofFamily = (ip: Ip): boolean => familyOf(ip) === family
  const refused = fabric.drop('admission', at)
  for (const range of REFUSED) if (ofFamily(range.first)) add(Layer.input, range, 2, refused)
  if (source !== undefined && spoofedOf(router).has(ipKey(source)))
    add(Layer.input, wholeSpace(family), 2, refused)
  const answers = fabric.outcomes.single({ kind: 'router', cluster, router: router.name })
  for (const port of router.ports)
    for (const { ip } of port.networks)
      if (ofFamily(ip) && !isLinkLocalRoute(ip)) add(Layer.input, justOne(ip), 1, answers)
  const ways = new Ways(rules, fabric, device)
  for (const flow of router.routes) {
    if (!ofFamily(flow.prefix.ip) || isLinkLocalRoute(flow.prefix.ip)) continue
    if (flow.routeTable !== undefined && flow.routeTable !== inport.routeTable) continue
    if (flow.inport !== undefined && flow.inport !== inport.name) continue
    if (flow.kind === 'src' && (source === undefined || !contains(flow.prefix, source))) continue
    const classes = cuts.classesIn(
      flow.kind === 'src' ? wholeSpace(family) : { first: flow.prefix.ip, last: lastAddress(flow.prefix) },
    )
    const { does, says } = ways.of(flow.action)
    rules.add(device.device, Layer.route, classes, flow.priority, does, says)
  }
  for (const { match, priority, action } of router.policies) {
    if (source === undefined && asksSource(match)) continue
    const does =
      action.kind === 'allow'
        ? ALLOW
        : action.kind === 'drop' || action.members.length === 0
          ? fabric.drop('policy', at)
          : rules.oneOf(action.members.map((member) => memberAction(fabric, device, member)))
    const saying = rules.saying(action.kind === 'reroute' ? saysMembers(action.members) : action.kind)
    for (const classes of classesOf(match, kind, source, inport.name, cuts))
      rules.add(device.device, Layer.policy, classes, priority, does, saying)
  }
}

/** What routes of a router do and say; the many that have one nexthop are worked out once. */
class Ways {
  readonly #rules: Rules
  readonly #fabric: Fabric
  readonly #device: RouterDevice
  /** By output port, then by nexthop. */
  readonly #known = new Map<string, Map<number | string, { source: Ip; does: Action; says: number }>>()

  constructor(rules: Rules, fabric: Fabric, device: RouterDevice) {
    this.#rules = rules
    this.#fabric = fabric
    this.#device = device
  }

  of(action: RouteAction): { readonly does: Action; readonly says: number } {
    switch (action.kind) {
      case 'drop': {
        const { cluster, router } = this.#device
        return {
          does: this.#fabric.drop('discard-route', `${cluster} ${router.name}`),
          says: this.#rules.saying('drop'),
        }
      }
      case 'forward':
        return this.#ofMember(action.member)
      case 'ecmp':
        return {
          does: this.#rules.oneOf(action.members.map((member) => this.#ofMember(member).does)),
          says: this.#rules.saying(saysMembers(action.members)),
        }
    }
  }

  #ofMember(member: RouteMember): { readonly does: Action; readonly says: number } {
    const { nexthop, outport, source } = member
    let byNexthop = this.#known.get(outport)
    if (byNexthop === undefined) {
      byNexthop = new Map()
      this.#known.set(outport, byNexthop)
    }
    const key = nexthop === undefined ? '' : ipKey(nexthop)
    const known = byNexthop.get(key)
    if (known !== undefined && equalIp(known.source, source)) return known
    const way = {
      source,
      does: memberAction(this.#fabric, this.#device, member),
      says: this.#rules.saying(saysMembers([member])),
    }
    byNexthop.set(key, way)
    return way
  }
}

/** A connected route leaves it to the switch who has the address; others name who gets the packet. */
function memberAction(fabric: Fabric, device: RouterDevice, { nexthop, outport }: RouteMember): Action {
  const port = device.router.portByName.get(outport)
  if (port === undefined) return fabric.drop('unbound', `${device.cluster} ${device.router.name}`)
  if (nexthop !== undefined) return fabric.handOver(device, port, nexthop)
  const behind = switchOf(device.view, port)
  if (behind === undefined) return fabric.drop('unbound', `${device.cluster} ${device.router.name}`)
  return toDevice(fabric.switchDevice(device.cluster, behind.logicalSwitch.name).device)
}

function saysMembers(members: readonly RouteMember[]): string {
  return members
    .map(
      ({ nexthop, source, outport }) =>
        `${nexthop === undefined ? '' : ipKey(nexthop)} ${ipKey(source)} ${outport}`,
    )
    .join('|')
}

/** Addresses of a port that is not a pod's. */
function addressesOn(view: LogicalView, port: SwitchPort): readonly Ip[] {
  const peer = port.kind === 'router' ? peerOf(view, port) : undefined
  return peer === undefined ? port.ips : peer.port.networks.map(({ ip }) => ip)
}
