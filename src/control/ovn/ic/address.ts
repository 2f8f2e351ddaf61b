// Addresses in the text forms that OVN's databases hold: port addresses `MAC ip[/len] …` (ovn-nb(5), Logical_Switch_Port
// addresses) and routes as prefix and nexthop (ovn-ic-sb(5), Route). Parsed once per text where they repeat.

import { formatIp, type Ip, type Ip6, linkLocalFromMac, parseIp } from '../../../net/ip.ts'
import { type Mac, parseMac } from '../../../net/mac.ts'
import { formatPrefix, hostLength, type Prefix, parsePrefix } from '../../../net/prefix.ts'

/** A port's MAC and its networks in written order. */
export interface PortAddress {
  readonly mac: Mac
  readonly networks: readonly Prefix[]
}

/** Reads `MAC ip[/len] …`; undefined for the empty text and for anything malformed. */
export function parsePortAddress(text: string): PortAddress | undefined {
  const [first, ...rest] = text.split(' ').filter((word) => word !== '')
  const mac = first === undefined ? undefined : parseMac(first)
  const networks = rest.map(parsePrefix)
  if (mac === undefined || networks.includes(undefined)) return undefined
  return { mac, networks: networks as Prefix[] }
}

/** A route's two addresses as numbers. */
export interface ParsedRoute {
  readonly prefix: Prefix
  readonly nexthop: Ip
}

/** ADV-6, LRN-3: undefined when a part is no address (`discard`, empty) or the nexthop is IPv6 link-local. */
export function parseRoute(prefixText: string, nexthopText: string): ParsedRoute | undefined {
  const prefix = parsePrefix(prefixText)
  const nexthop = parseNexthop(nexthopText)
  if (prefix === undefined || nexthop === undefined) return undefined
  if (typeof nexthop !== 'number' && isLinkLocalUnicast(nexthop)) return undefined
  return { prefix, nexthop }
}

/** LRN-7: what makes two routes the same, as text: prefix with its host bits, nexthop, origin, table. */
export function routeKey(route: ParsedRoute, origin: string, routeTable: string): string {
  return `${formatPrefix(route.prefix)} ${formatIp(route.nexthop)} ${origin} ${routeTable}`
}

/**
 * ADV-7: the nexthop under which a port's routes of one family are published: its first address of that family; for IPv6
 * without one the EUI-64 link-local (which the others then refuse); for IPv4 without one undefined.
 */
export function advertisedNexthop(port: PortAddress, family: 4 | 6): Ip | undefined {
  const own = port.networks.find(({ ip }) => (typeof ip === 'number') === (family === 4))
  if (own !== undefined) return own.ip
  return family === 6 ? linkLocalFromMac(port.mac) : undefined
}

/** A nexthop may be written with a mask, but only that of one host (RT-8). */
function parseNexthop(text: string): Ip | undefined {
  if (!text.includes('/')) return parseIp(text)
  const prefix = parsePrefix(text)
  return prefix !== undefined && prefix.len === hostLength(prefix.ip) ? prefix.ip : undefined
}

/** ADV-6, KO-TS-2: only fe80::/64 counts as link-local for a nexthop, so Kube-OVN's fe80:a9fe:…::/112 serves on transit switches. */
function isLinkLocalUnicast(ip: Ip6): boolean {
  return ip.w0 === 0xfe800000 && ip.w1 === 0
}
