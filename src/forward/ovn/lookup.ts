// What stages look up by address, made once for every switch and router when a packet first needs it: who has this MAC,
// who has this IP address, is this address the router's own. Kept in WeakMaps beside the immutable view, so that a view
// that nobody sends through costs nothing and an old one goes with its index.
// Surprise: the addresses of a router port are taken from the router, not from the switch port: the link-local one counts.

import type {
  LogicalRouter,
  LogicalSwitch,
  LogicalView,
  RouterPort,
  SwitchPort,
} from '../../model/forwarding.ts'
import { type Ip, ipKey } from '../../net/ip.ts'
import type { Mac } from '../../net/mac.ts'
import { contains, lastAddress } from '../../net/prefix.ts'

/** The owner of an address on a switch. */
export interface Neighbour {
  readonly port: SwitchPort
  readonly mac: Mac
}

/** What a switch knows about its ports. */
export interface SwitchIndex {
  /** Ports by their MAC; more than one where addresses were given out twice. */
  readonly byMac: ReadonlyMap<Mac, readonly SwitchPort[]>
  /** Owners by address; more than one where it was given out twice. */
  readonly byIp: ReadonlyMap<number | string, readonly Neighbour[]>
}

/** What a router knows about itself. */
export interface RouterIndex {
  /** Own addresses, link-local ones included. */
  readonly own: ReadonlyMap<number | string, RouterPort>
  /** Own IPv4 addresses and the broadcast addresses of its networks: no packet may come from them (LR-2). */
  readonly spoofed: ReadonlySet<number>
  /** The router has a distributed gateway port (IC4-4). */
  readonly hasGateway: boolean
  /** Gateway ports by the key of their `cr-` side. */
  readonly byRedirectKey: ReadonlyMap<number, RouterPort>
  /** Own MACs as seen by switches (ARP requests that a router makes). */
  readonly macs: ReadonlySet<Mac>
}

const switches = new WeakMap<LogicalSwitch, SwitchIndex>()
const routers = new WeakMap<LogicalRouter, RouterIndex>()

/** The router port behind a switch port of kind `router`, and its router; undefined when the peer is missing. */
export function peerOf(
  view: LogicalView,
  port: SwitchPort,
): { readonly router: LogicalRouter; readonly port: RouterPort } | undefined {
  if (port.peer === undefined) return undefined
  const router = view.datapaths.get(port.peer.datapath)
  if (router?.kind !== 'router') return undefined
  const peer = router.portByName.get(port.peer.port)
  return peer === undefined ? undefined : { router, port: peer }
}

/** The switch port behind a router port, and its switch; undefined when the port is not attached. */
export function switchOf(
  view: LogicalView,
  port: RouterPort,
): { readonly logicalSwitch: LogicalSwitch; readonly port: SwitchPort } | undefined {
  if (port.peer === undefined) return undefined
  const logicalSwitch = view.datapaths.get(port.peer.datapath)
  if (logicalSwitch?.kind !== 'switch') return undefined
  const peer = logicalSwitch.portByName.get(port.peer.port)
  return peer === undefined ? undefined : { logicalSwitch, port: peer }
}

/** The index of a switch. A switch belongs to one view, so the view is only needed when the index is made. */
export function switchIndex(view: LogicalView, logicalSwitch: LogicalSwitch): SwitchIndex {
  let index = switches.get(logicalSwitch)
  if (index === undefined) {
    index = indexSwitch(view, logicalSwitch)
    switches.set(logicalSwitch, index)
  }
  return index
}

function indexSwitch(view: LogicalView, logicalSwitch: LogicalSwitch): SwitchIndex {
  const byMac = new Map<Mac, SwitchPort[]>()
  const byIp = new Map<number | string, Neighbour[]>()
  for (const port of logicalSwitch.ports) {
    const peer = port.kind === 'router' ? peerOf(view, port)?.port : undefined
    const mac = peer?.mac ?? port.mac
    if (mac === undefined || (port.kind === 'router' && peer === undefined)) continue
    const sharing = byMac.get(mac)
    if (sharing === undefined) byMac.set(mac, [port])
    else sharing.push(port)
    const ips: readonly Ip[] = peer === undefined ? port.ips : peer.networks.map((network) => network.ip)
    for (const ip of ips) {
      const key = ipKey(ip)
      const owners = byIp.get(key)
      if (owners === undefined) byIp.set(key, [{ port, mac }])
      else owners.push({ port, mac })
    }
  }
  return { byMac, byIp }
}

const NOBODY: readonly Neighbour[] = []

/**
 * Who has an address on a switch, the asking port left out: two AZs that gave one address to their transit ports still reach
 * each other, because each sees the other's port (probes V10). More than one answer means that OVN's is not specified.
 */
export function neighboursOf(
  view: LogicalView,
  logicalSwitch: LogicalSwitch,
  ip: Ip,
  except: SwitchPort | undefined,
): readonly Neighbour[] {
  const owners = switchIndex(view, logicalSwitch).byIp.get(ipKey(ip)) ?? NOBODY
  return owners.length === 1 && owners[0]!.port !== except
    ? owners
    : owners.filter(({ port }) => port !== except)
}

/** The index of a router. */
export function routerIndex(router: LogicalRouter): RouterIndex {
  let index = routers.get(router)
  if (index === undefined) {
    index = indexRouter(router)
    routers.set(router, index)
  }
  return index
}

function indexRouter(router: LogicalRouter): RouterIndex {
  const own = new Map<number | string, RouterPort>()
  const spoofed = new Set<number>()
  const byRedirectKey = new Map<number, RouterPort>()
  const macs = new Set<Mac>()
  for (const port of router.ports) {
    macs.add(port.mac)
    if (port.gateway !== undefined) byRedirectKey.set(port.gateway.redirectKey, port)
    for (const network of port.networks) {
      const { ip } = network
      own.set(ipKey(ip), port)
      if (typeof ip !== 'number') continue
      spoofed.add(ip)
      if (network.len < 31) spoofed.add(lastAddress(network) as number)
    }
  }
  return { own, spoofed, hasGateway: byRedirectKey.size > 0, byRedirectKey, macs }
}

/** The first address of a port in the given family, which is the source of its ICMP errors; no link-local of IPv6. */
export function firstAddress(port: RouterPort, family: 4 | 6): Ip | undefined {
  return port.networks.find(({ ip }) => (typeof ip === 'number') === (family === 4) && !isEui64(ip))?.ip
}

/** The address of a port in whose network `ip` lies, link-local networks aside (IC6-1). */
export function addressFacing(port: RouterPort, ip: Ip): Ip | undefined {
  return port.networks.find((network) => !isEui64(network.ip) && contains(network, ip))?.ip
}

/** fe80::/64 with the ff:fe in the middle: the address a port gets by itself, not one that was configured. */
function isEui64(ip: Ip): boolean {
  return (
    typeof ip !== 'number' &&
    ip.w0 === 0xfe80_0000 &&
    ip.w1 === 0 &&
    (ip.w2 & 0xff) === 0xff &&
    ip.w3 >>> 24 === 0xfe
  )
}
