// Subnets as written, from the scenario file or from a Subnet manifest: networks and the router's address in each. The
// model keeps `gateway/length`, because that is what the router port has and what is advertised (ADV-8).

import { addToIp, equalIp, formatIp, type Ip } from '../net/ip.ts'
import { contains, formatPrefix, hostLength, lastAddress, masked, type Prefix } from '../net/prefix.ts'
import type { Context } from './context.ts'
import { DEFAULT_ROUTER, type NetworkDraft, type Placed, type SubnetDraft } from './draft.ts'
import { checkPodNetwork } from './reserved.ts'
import type { RawSubnet } from './schema/cluster.ts'
import { optionTexts, placedTexts } from './texts.ts'
import { readIp, readMac, readNetwork, readPrefix } from './values.ts'
import type { At } from './yaml-file.ts'

/** Reads a subnet in its short form (`name: cidr`) or its long one. */
export function readSubnet(
  context: Context,
  name: string,
  raw: string | RawSubnet,
  at: At,
): SubnetDraft | undefined {
  const long: RawSubnet = typeof raw === 'string' ? { cidr: raw } : raw
  const cidrAt = typeof raw === 'string' ? at : at.in('cidr')
  const gatewayKey = long.gateway === undefined ? 'gateways' : 'gateway'
  const gateways = readGatewayAddresses(
    context,
    placedTexts(long.cidr, cidrAt),
    placedTexts(long.gateway ?? long.gateways, at.in(gatewayKey)),
  )
  const mac = long.mac === undefined ? undefined : readMac(context, long.mac, at.in('mac'))
  if (gateways === undefined) return undefined
  if (gateways.length === 0) {
    context.diagnostics.error('IN011', `the subnet ${name} has no network`, {
      span: at.key,
      expected: 'cidr, such as 10.16.0.0/16',
    })
    return undefined
  }
  return {
    name,
    at,
    gateways,
    router: { value: long.router ?? DEFAULT_ROUTER, at: at.in('router') },
    mac: mac === undefined ? undefined : { value: mac, at: at.in('mac') },
    lrp: long.lrp,
    lsp: long.lsp,
    routeTable: long.routeTable ?? '',
    disableInterConnection: long.disableInterConnection ?? false,
    join: long.join,
    gatewayType: long.gatewayType ?? 'distributed',
    gatewayNodes: placedTexts(long.gatewayNodes, at.in('gatewayNodes')),
    options: optionTexts(long.options),
  }
}

/** The router's addresses with their lengths; undefined when a network or an address could not be read. */
export function readGatewayAddresses(
  context: Context,
  cidrs: readonly Placed<string>[],
  gateways: readonly Placed<string>[],
): NetworkDraft[] | undefined {
  let broken = false
  const networks = cidrs.flatMap(({ value, at }) => {
    const network = readNetwork(context, value, at)
    broken ||= network === undefined
    return network === undefined ? [] : [{ value: network, at }]
  })
  const given = new Map<NetworkDraft, NetworkDraft[]>()
  const alone: NetworkDraft[] = []
  for (const { value, at } of gateways) {
    const withLength = value.includes('/') ? readPrefix(context, value, at) : undefined
    const ip = value.includes('/') ? withLength?.ip : readIp(context, value, at)
    if (ip === undefined) {
      broken = true
      continue
    }
    const network = networks.find((one) => contains(one.value, ip))
    if (network !== undefined) {
      if (!usable(context, ip, network.value, at)) broken = true
      given.set(network, [
        ...(given.get(network) ?? []),
        { value: { ip, len: withLength?.len ?? network.value.len }, at: network.at },
      ])
    } else if (withLength !== undefined && cidrs.length === 0) alone.push({ value: withLength, at })
    else {
      broken = true
      if (networks.length === cidrs.length) reportOutside(context, ip, networks, at)
    }
  }
  for (const network of networks) if (!checkPodNetwork(context, network)) broken = true
  for (const { value, at } of alone)
    if (!checkPodNetwork(context, { value: masked(value), at })) broken = true
  if (broken) return undefined
  return [
    ...networks.flatMap(
      (network) => given.get(network) ?? [{ value: firstHost(network.value), at: network.at }],
    ),
    ...alone,
  ]
}

function reportOutside(context: Context, ip: Ip, networks: readonly NetworkDraft[], at: At): void {
  const where = networks.map((one) => formatPrefix(one.value)).join(' or ')
  context.diagnostics.error(
    'IN060',
    where === ''
      ? `the gateway ${formatIp(ip)} has no network`
      : `the gateway ${formatIp(ip)} is not in ${where}`,
    {
      span: at.span,
      expected:
        networks.length === 0
          ? 'a gateway with a length, such as 10.16.0.1/16, or a cidr beside it'
          : `an address of the subnet, such as ${formatIp(firstHost(networks[0]!.value).ip)}`,
      related: networks.map((one) => ({ message: 'the network of the subnet', span: one.at.span })),
    },
  )
}

function usable(context: Context, ip: Ip, network: Prefix, at: At): boolean {
  const reserved = reservedRole(ip, network)
  if (reserved === undefined) return true
  context.diagnostics.error(
    'IN063',
    `${formatIp(ip)} is the ${reserved} address of ${formatPrefix(masked(network))}`,
    { span: at.span, expected: 'the address of a host' },
  )
  return false
}

/** `network` or `broadcast` for the two addresses of an IPv4 network that no host may have. */
export function reservedRole(ip: Ip, network: Prefix): 'network' | 'broadcast' | undefined {
  if (typeof ip !== 'number' || network.len > 30) return undefined
  if (equalIp(ip, masked(network).ip)) return 'network'
  return equalIp(ip, lastAddress(network)) ? 'broadcast' : undefined
}

/** The first address a host may have, with the length of the network. */
export function firstHost(network: Prefix): Prefix {
  const base = masked(network)
  return network.len >= hostLength(network.ip) - 1 ? base : { ip: addToIp(base.ip, 1), len: base.len }
}
