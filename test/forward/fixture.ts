// Small forwarding states built by hand, with the MACs, addresses and tunnel keys of the lab's cases, and a driver that runs
// frames over all chassis at once and keeps what went over the underlay, what was delivered and what was dropped.

import type { VswitchOutput } from '../../src/forward/ovn/packet.ts'
import { decapsulate, encapsulate, tunnelMetadata, tunnelPath } from '../../src/forward/ovn/tunnel.ts'
import { Vswitch } from '../../src/forward/ovn/vswitch.ts'
import type {
  ChassisState,
  ForwardingState,
  LogicalDatapath,
  LogicalRouter,
  LogicalSwitch,
  LogicalView,
  PolicyFlow,
  RouteFlow,
  RouterPort,
  SwitchPort,
  Tunnel,
} from '../../src/model/forwarding.ts'
import type { Drop } from '../../src/model/trace.ts'
import { ip6, isIp4, linkLocalFromMac, parseIp } from '../../src/net/ip.ts'
import { formatMac, parseMac } from '../../src/net/mac.ts'
import { contains, masked, type Prefix, parsePrefix } from '../../src/net/prefix.ts'
import type { Frame } from '../../src/wire/frame.ts'

export interface SubnetSpec {
  readonly name: string
  readonly mac: string
  readonly gateways: readonly string[]
}

export interface PodSpec {
  readonly name: string
  readonly subnet: string
  readonly chassis: string
  readonly mac: string
  readonly ips: readonly string[]
}

export interface AzSpec {
  readonly name: string
  /** Name, underlay address. */
  readonly chassis: readonly (readonly [string, string])[]
  readonly subnets: readonly SubnetSpec[]
  readonly pods: readonly PodSpec[]
  /** The port on the transit switch `ts`; none for an AZ of its own. */
  readonly ts?: {
    readonly mac: string
    readonly networks: readonly string[]
    readonly gatewayMtu?: number
    readonly key: number
  }
  readonly gateways: readonly string[]
  /** Chassis that is active for the gateway port; the first gateway when absent. */
  readonly active?: string
  /** `datapath name` or `datapath name/port name` to tunnel key. */
  readonly keys: Readonly<Record<string, number>>
  readonly extraRoutes?: readonly RouteFlow[]
  readonly policies?: readonly PolicyFlow[]
  readonly ecmpHash?: LogicalView['ecmpHash']
}

export const TS_KEY = 16_711_682

export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text)
  if (parsed === undefined) throw new Error(`bad prefix ${text}`)
  return parsed
}

export function address(text: string) {
  const parsed = parseIp(text)
  if (parsed === undefined) throw new Error(`bad address ${text}`)
  return parsed
}

export function mac(text: string): number {
  const parsed = parseMac(text)
  if (parsed === undefined) throw new Error(`bad MAC ${text}`)
  return parsed
}

function networksOf(texts: readonly string[], of: number): Prefix[] {
  const networks = texts.map(prefix)
  if (networks.some(({ ip }) => !isIp4(ip))) networks.push({ ip: linkLocalFromMac(of), len: 64 })
  return networks
}

function routeTo(
  to: Prefix,
  via: string | undefined,
  port: RouterPort,
  origin: RouteFlow['origin'],
): RouteFlow {
  const four = isIp4(to.ip)
  const source = port.networks.find(({ ip }) => isIp4(ip) === four)!.ip
  const nexthop = via === undefined ? undefined : address(via)
  return {
    priority: to.len * 3 + 2,
    routeTable: undefined,
    kind: 'dst',
    prefix: masked(to),
    inport: undefined,
    origin,
    action: { kind: 'forward', member: { nexthop, source, outport: port.name } },
  }
}

/** The view of one AZ in which every AZ's subnets were learned by every other over the one transit switch. */
export function viewOf(az: AzSpec, all: readonly AzSpec[]): LogicalView {
  const key = (name: string): number => {
    const found = az.keys[name]
    if (found === undefined) throw new Error(`no key for ${name}`)
    return found
  }
  const routerKey = key('ovn-cluster')
  const routerPorts: RouterPort[] = []
  const switches: LogicalSwitch[] = []
  for (const subnet of az.subnets) {
    const lrp = `ovn-cluster-${subnet.name}`
    const lsp = `${subnet.name}-ovn-cluster`
    const port: RouterPort = {
      name: lrp,
      key: key(`ovn-cluster/${lrp}`),
      mac: mac(subnet.mac),
      networks: networksOf(subnet.gateways, mac(subnet.mac)),
      peer: { datapath: key(subnet.name), port: lsp },
      routeTable: 0,
      gatewayMtu: undefined,
      gateway: undefined,
    }
    routerPorts.push(port)
    const ports: SwitchPort[] = [switchRouterPort(lsp, key(`${subnet.name}/${lsp}`), port, routerKey)]
    for (const pod of az.pods.filter((each) => each.subnet === subnet.name)) {
      ports.push({
        kind: 'vif',
        name: pod.name,
        key: key(`${subnet.name}/${pod.name}`),
        chassis: pod.chassis,
        mac: mac(pod.mac),
        ips: pod.ips.map(address),
        peer: undefined,
      })
    }
    switches.push(logicalSwitch(subnet.name, key(subnet.name), false, ports))
  }
  if (az.ts !== undefined) {
    const lrp = `${az.name}-ts`
    const port: RouterPort = {
      name: lrp,
      key: key(`ovn-cluster/${lrp}`),
      mac: mac(az.ts.mac),
      networks: networksOf(az.ts.networks, mac(az.ts.mac)),
      peer: { datapath: TS_KEY, port: `ts-${az.name}` },
      routeTable: 0,
      gatewayMtu: az.ts.gatewayMtu,
      gateway: {
        redirectPort: `cr-${lrp}`,
        redirectKey: key(`ovn-cluster/cr-${lrp}`),
        members: az.gateways.map((chassis, i) => ({ chassis, priority: 100 - i })),
        boundTo: az.active ?? az.gateways[0],
      },
    }
    routerPorts.push(port)
    const ports = all
      .filter((other) => other.ts !== undefined)
      .map((other): SwitchPort => {
        if (other === az) return switchRouterPort(`ts-${az.name}`, az.ts!.key, port, routerKey)
        const ts = other.ts!
        return {
          kind: 'remote',
          name: `ts-${other.name}`,
          key: ts.key,
          chassis: other.active ?? other.gateways[0],
          mac: mac(ts.mac),
          ips: ts.networks.map((text) => prefix(text).ip),
          peer: undefined,
        }
      })
    switches.push(logicalSwitch('ts', TS_KEY, true, ports))
  }
  const router = routerOf(az, all, routerKey, routerPorts)
  const datapaths: LogicalDatapath[] = [router, ...switches]
  const switchOfPort = new Map<string, number>()
  for (const each of switches) for (const port of each.ports) switchOfPort.set(port.name, each.key)
  return {
    cluster: az.name,
    datapaths: new Map(datapaths.map((each) => [each.key, each])),
    byName: new Map(datapaths.map((each) => [each.name, each])),
    switchOfPort,
    ecmpHash: az.ecmpHash ?? 'l4-symmetric',
  }
}

function routerOf(
  az: AzSpec,
  all: readonly AzSpec[],
  key: number,
  ports: readonly RouterPort[],
): LogicalRouter {
  const routes: RouteFlow[] = [...(az.extraRoutes ?? [])]
  for (const port of ports) {
    for (const network of port.networks) {
      const scoped = !isIp4(network.ip) && network.len === 64 && contains(prefix('fe80::/64'), network.ip)
      const route = routeTo(network, undefined, port, 'connected')
      routes.push(scoped ? { ...route, inport: port.name } : route)
    }
  }
  const own = ports.find(({ gateway }) => gateway !== undefined)
  for (const other of all) {
    if (other === az || other.ts === undefined || own === undefined) continue
    for (const text of other.subnets.flatMap(({ gateways }) => gateways)) {
      const to = prefix(text)
      const via = other.ts.networks.map(prefix).find(({ ip }) => isIp4(ip) === isIp4(to.ip))
      if (via !== undefined) routes.push(routeTo(to, undefined, own, 'learned'))
      const route = routes.at(-1)!
      if (via !== undefined && route.action.kind === 'forward') {
        routes[routes.length - 1] = {
          ...route,
          action: { kind: 'forward', member: { ...route.action.member, nexthop: via.ip } },
        }
      }
    }
  }
  return {
    kind: 'router',
    name: 'ovn-cluster',
    key,
    ports,
    portByKey: new Map(ports.map((port) => [port.key, port])),
    portByName: new Map(ports.map((port) => [port.name, port])),
    routes,
    policies: az.policies ?? [],
  }
}

function switchRouterPort(name: string, key: number, peer: RouterPort, datapath: number): SwitchPort {
  return {
    kind: 'router',
    name,
    key,
    chassis: undefined,
    mac: peer.mac,
    ips: peer.networks.map(({ ip }) => ip),
    peer: { datapath, port: peer.name },
  }
}

function logicalSwitch(
  name: string,
  key: number,
  transit: boolean,
  ports: readonly SwitchPort[],
): LogicalSwitch {
  return {
    kind: 'switch',
    name,
    key,
    transit,
    ports,
    portByKey: new Map(ports.map((port) => [port.key, port])),
    portByName: new Map(ports.map((port) => [port.name, port])),
  }
}

/** All chassis of all AZs: tunnels to the own AZ's chassis and between the gateways of different AZs. */
export function stateOf(
  azs: readonly AzSpec[],
  change: (chassis: ChassisState) => ChassisState = (same) => same,
): ForwardingState {
  const chassis = new Map<string, ChassisState>()
  for (const az of azs) {
    const view = viewOf(az, azs)
    for (const [name, ip] of az.chassis) {
      const tunnels = new Map<string, Tunnel>()
      for (const other of azs) {
        for (const [peer, remote] of other.chassis) {
          const near = other === az && peer !== name
          const far = other !== az && az.gateways.includes(name) && other.gateways.includes(peer)
          if (near || far)
            tunnels.set(peer, { chassis: peer, remoteIp: address(remote), bfd: near ? 'up' : 'off' })
        }
      }
      const encapIp = address(ip)
      const last = typeof encapIp === 'number' ? encapIp & 0xff : encapIp.w3 & 0xff
      const state: ChassisState = {
        key: `${az.name}/${name}`,
        cluster: az.name,
        node: name,
        chassis: name,
        encapIp,
        underlayMac: 0x02_0000_0000_00 + last,
        vswitchd: true,
        controller: true,
        view,
        resident: new Set((az.active ?? az.gateways[0]) === name ? [`${az.name}-ts`] : []),
        vifs: new Set(az.pods.filter((pod) => pod.chassis === name).map((pod) => pod.name)),
        tunnels,
      }
      chassis.set(state.key, change(state))
    }
  }
  return { at: 0, version: 1, chassis }
}

/** Two AZs as in the lab's case basic-2az, dual stack addresses as in ttl-dual. */
export function twoAzs(
  change: { readonly az1?: Partial<AzSpec>; readonly az2?: Partial<AzSpec> } = {},
): AzSpec[] {
  const az1: AzSpec = {
    name: 'az1',
    chassis: [
      ['az1-gw1', '192.168.42.11'],
      ['az1-gw2', '192.168.42.12'],
      ['az1-w1', '192.168.42.13'],
    ],
    subnets: [
      { name: 'ovn-default', mac: '00:00:00:01:00:01', gateways: ['10.16.0.1/16', 'fd00:10:16::1/112'] },
    ],
    pods: [
      {
        name: 'pod1',
        subnet: 'ovn-default',
        chassis: 'az1-w1',
        mac: '00:00:00:01:01:0a',
        ips: ['10.16.0.10', 'fd00:10:16::a'],
      },
    ],
    ts: { mac: '00:00:00:50:00:81', networks: ['169.254.100.41/24', 'fe80:a9fe:64::29/112'], key: 1 },
    gateways: ['az1-gw1', 'az1-gw2'],
    keys: {
      'ovn-default': 1,
      'ovn-cluster': 2,
      'ovn-default/pod1': 1,
      'ovn-default/ovn-default-ovn-cluster': 2,
      'ovn-cluster/ovn-cluster-ovn-default': 1,
      'ovn-cluster/az1-ts': 2,
      'ovn-cluster/cr-az1-ts': 3,
    },
    ...change.az1,
  }
  const az2: AzSpec = {
    name: 'az2',
    chassis: [
      ['az2-gw1', '192.168.42.21'],
      ['az2-gw2', '192.168.42.22'],
      ['az2-w1', '192.168.42.23'],
    ],
    subnets: [
      { name: 'ovn-default', mac: '00:00:00:02:00:01', gateways: ['10.17.0.1/16', 'fd00:10:17::1/112'] },
    ],
    pods: [
      {
        name: 'pod2',
        subnet: 'ovn-default',
        chassis: 'az2-w1',
        mac: '00:00:00:02:01:0a',
        ips: ['10.17.0.10', 'fd00:10:17::a'],
      },
    ],
    ts: { mac: '00:00:00:50:00:82', networks: ['169.254.100.42/24', 'fe80:a9fe:64::2a/112'], key: 2 },
    gateways: ['az2-gw1', 'az2-gw2'],
    keys: {
      'ovn-default': 1,
      'ovn-cluster': 2,
      'ovn-default/ovn-default-ovn-cluster': 1,
      'ovn-default/pod2': 2,
      'ovn-cluster/ovn-cluster-ovn-default': 1,
      'ovn-cluster/az2-ts': 2,
      'ovn-cluster/cr-az2-ts': 3,
    },
    ...change.az2,
  }
  return [az1, az2]
}

/** One packet seen on the underlay. */
export interface Hop {
  readonly from: string
  readonly to: string
  readonly usport: number
  readonly vni: number
  /** OVN's option data, eight hex digits. */
  readonly opt: string
  readonly esrc: string
  readonly edst: string
  /** Inner TTL; undefined for ARP. */
  readonly ttl: number | undefined
  /** The bytes on the wire, outer Ethernet included. */
  readonly bytes: Uint8Array
}

/** Everything that became of one frame. */
export interface Outcome {
  readonly hops: readonly Hop[]
  readonly delivered: readonly { readonly port: string; readonly frame: Frame }[]
  readonly drops: readonly Drop[]
}

/** Runs frames over all chassis; nothing is answered by pods. */
export class Fabric implements VswitchOutput {
  readonly #state: ForwardingState
  readonly #vswitches = new Map<string, Vswitch>()
  readonly #options: { readonly cache?: boolean; readonly reuseSums?: boolean }
  #hops: Hop[] = []
  #delivered: { port: string; frame: Frame }[] = []
  #drops: Drop[] = []
  #queue: (() => void)[] = []

  constructor(
    state: ForwardingState,
    options: { readonly cache?: boolean; readonly reuseSums?: boolean } = { cache: false },
  ) {
    this.#state = state
    this.#options = options
  }

  /** Lets the interface of `port` send a frame and answers all that became of it. */
  send(port: string, frame: Frame): Outcome {
    this.#hops = []
    this.#delivered = []
    this.#drops = []
    const chassis = [...this.#state.chassis.values()].find(({ vifs }) => vifs.has(port))!
    this.#vswitch(chassis).receiveFromVif(chassis, port, frame)
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next()
    return { hops: this.#hops, delivered: this.#delivered, drops: this.#drops }
  }

  #vswitch(chassis: ChassisState): Vswitch {
    let vswitch = this.#vswitches.get(chassis.key)
    if (vswitch === undefined) {
      vswitch = new Vswitch(this, this.#options.cache === undefined ? {} : { cache: this.#options.cache })
      this.#vswitches.set(chassis.key, vswitch)
    }
    return vswitch
  }

  toVif(_chassis: ChassisState, port: string, frame: Frame): void {
    this.#delivered.push({ port, frame })
  }

  toTunnel(
    chassis: ChassisState,
    tunnel: Tunnel,
    vni: number,
    ingressKey: number,
    egressKey: number,
    frame: Frame,
    sourcePort: number,
    innerSum: number,
  ): void {
    const to = [...this.#state.chassis.values()].find(({ chassis: name }) => name === tunnel.chassis)!
    const { view, start } = frame
    const etherType = view.getUint16(start + 12)
    const ttl =
      etherType === 0x0800
        ? view.getUint8(start + 22)
        : etherType === 0x86dd
          ? view.getUint8(start + 21)
          : undefined
    const esrc = formatMac(view.getUint16(start + 6) * 2 ** 32 + view.getUint32(start + 8))
    const edst = formatMac(view.getUint16(start) * 2 ** 32 + view.getUint32(start + 2))
    const opt = ((ingressKey << 16) | egressKey).toString(16).padStart(8, '0')
    const path = tunnelPath(chassis.encapIp, chassis.underlayMac, tunnel.remoteIp, to.underlayMac)
    encapsulate(
      frame,
      path,
      vni,
      ingressKey,
      egressKey,
      sourcePort,
      this.#options.reuseSums === true ? innerSum : -1,
    )
    this.#hops.push({
      from: chassis.node,
      to: to.node,
      usport: sourcePort,
      vni,
      opt,
      esrc,
      edst,
      ttl,
      bytes: frame.payload().slice(),
    })
    this.#queue.push(() => {
      const metadata = tunnelMetadata()
      if (!decapsulate(frame, metadata, true)) throw new Error('does not decapsulate')
      const sum = this.#options.reuseSums === true ? metadata.innerSum : -1
      this.#vswitch(to).receiveFromTunnel(
        to,
        metadata.vni,
        metadata.ingressKey,
        metadata.egressKey,
        frame,
        undefined,
        sum,
      )
    })
  }

  dropped(drop: Drop, _frame: Frame): void {
    this.#drops.push(drop)
  }
}

/** An IPv6 address that no test uses otherwise. */
export const ELSEWHERE6 = ip6(0x20010db8, 0, 0, 1)
