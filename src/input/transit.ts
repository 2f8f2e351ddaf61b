// The interconnection: transit switches with their networks (KO-TS-1) and, for plain OVN, the ports of the clusters on
// them, which Kube-OVN's controller would otherwise make (4.4): LRP `<az>-<ts>`, LSP `<ts>-<az>`, gateways rotated by
// the number of the switch. With Kube-OVN profiles only what the scenario pins is left, because the modelled controller
// makes the rest.

import type { TransitPort, TransitSwitch } from '../model/network.ts'
import type { Profile } from '../model/profile.ts'
import { addToIp, formatIp, ip6 } from '../net/ip.ts'
import { contains, formatPrefix, hostCount, masked, overlaps, type Prefix } from '../net/prefix.ts'
import type { ClusterBuilder } from './complete-cluster.ts'
import { type Context, reportUnknown } from './context.ts'
import type { ClusterDraft, GatewayDraft, TransitPortDraft } from './draft.ts'
import { checkGateways } from './read-cluster.ts'
import { reservedRole } from './read-subnet.ts'
import type { RawScenario } from './schema/scenario.ts'
import { placedTexts } from './texts.ts'
import { readNetwork } from './values.ts'
import type { At } from './yaml-file.ts'

type RawOvnIc = NonNullable<NonNullable<RawScenario['interconnect']>['ovn-ic']>

/** The host number of the first cluster on a transit switch: 169.254.100.41. */
const FIRST_HOST = 41

/** Kube-OVN's TS_NUM where the release can use several. */
const SWITCHES_KUBE_OVN = 3

/** The transit switches as configured; `at` is the place of `interconnect.ovn-ic`. */
export function transitSwitches(
  context: Context,
  raw: RawOvnIc | undefined,
  profile: Profile,
  drafts: readonly ClusterDraft[],
  at: At,
): TransitSwitch[] {
  const wanted = raw?.transitSwitches ?? (profile.kubeOvn?.severalTransitSwitches ? SWITCHES_KUBE_OVN : 1)
  const families = familiesOf(profile, drafts)
  if (typeof wanted === 'number') {
    return Array.from({ length: wanted }, (_, i) => ({
      name: switchName(i),
      subnets: defaultSubnets(i, families),
    }))
  }
  const place = at.in('transitSwitches')
  const made: { readonly made: TransitSwitch; readonly at: At }[] = []
  for (const [i, one] of wanted.entries()) {
    const name = typeof one === 'string' ? one : one.name
    const nameAt = typeof one === 'string' ? place.in(i) : place.in(i, 'name')
    const given = typeof one === 'string' ? undefined : one.subnets
    const networks = placedTexts(given, place.in(i, 'subnets')).flatMap(
      ({ value, at: networkAt }) => readNetwork(context, value, networkAt) ?? [],
    )
    const before = made.find((other) => other.made.name === name)
    if (before !== undefined) {
      context.diagnostics.error('IN059', `the transit switch ${name} is listed twice`, {
        span: nameAt.span,
        related: [{ message: 'first listed here', span: before.at.span }],
      })
      continue
    }
    made.push({
      made: { name, subnets: given === undefined ? defaultSubnets(i, families) : networks },
      at: nameAt,
    })
  }
  return made.map((one) => one.made)
}

/** `ts`, `ts1`, `ts2`, … (KO-TS-1). */
function switchName(index: number): string {
  return index === 0 ? 'ts' : `ts${index}`
}

function defaultSubnets(index: number, families: { readonly v4: boolean; readonly v6: boolean }): Prefix[] {
  const number = 100 + index
  const v4: Prefix = { ip: (0xa9fe0000 + ((number & 0xff) << 8)) >>> 0, len: 24 }
  const v6: Prefix = { ip: ip6(0xfe80a9fe, (number << 16) >>> 0, 0, 0), len: 112 }
  return [...(families.v4 ? [v4] : []), ...(families.v6 ? [v6] : [])]
}

function familiesOf(profile: Profile, drafts: readonly ClusterDraft[]): { v4: boolean; v6: boolean } {
  const gateways = drafts.flatMap((draft) => draft.subnets.flatMap((subnet) => subnet.gateways))
  const v6 =
    gateways.some((gateway) => typeof gateway.value.ip !== 'number') && (profile.kubeOvn?.dualStack ?? true)
  return { v4: !v6 || gateways.some((gateway) => typeof gateway.value.ip === 'number'), v6 }
}

/** The ports of one cluster on the transit switches. */
export function transitPorts(
  context: Context,
  builder: ClusterBuilder,
  switches: readonly TransitSwitch[],
): TransitPort[] {
  const { draft } = builder
  const names = switches.map((one) => one.name)
  for (const name of draft.withoutPortOn) {
    if (!names.includes(name))
      reportUnknown(
        context,
        name,
        { code: 'IN046', what: 'transit switch', names },
        draft.at.in('transitPorts', name).onKey(),
      )
  }
  const ports: TransitPort[] = []
  for (const [i, transit] of switches.entries()) {
    const pinned = draft.transitPorts.filter((port) => port.transitSwitch === transit.name)
    const automatic =
      draft.profile.kubeOvn === undefined &&
      draft.ic &&
      builder.gateways.length > 0 &&
      !draft.withoutPortOn.includes(transit.name)
    const wanted: (TransitPortDraft | undefined)[] = pinned.length > 0 ? pinned : automatic ? [undefined] : []
    for (const pin of wanted) {
      const port = transitPort(context, builder, transit, i, pin)
      if (port !== undefined) ports.push(port)
    }
  }
  for (const pin of draft.transitPorts) {
    if (!names.includes(pin.transitSwitch))
      reportUnknown(
        context,
        pin.transitSwitch,
        { code: 'IN046', what: 'transit switch', names },
        pin.at.onKey(),
      )
  }
  return ports
}

/** One port with its defaults; also for ports that the timeline adds. */
export function transitPort(
  context: Context,
  builder: ClusterBuilder,
  transit: TransitSwitch,
  index: number,
  pin: TransitPortDraft | undefined,
): TransitPort | undefined {
  const { draft, azName } = builder
  const networks =
    pin === undefined || pin.ips.length === 0
      ? defaultNetworks(context, draft, transit)
      : pinnedNetworks(context, pin, transit)
  if (networks === undefined) return undefined
  if (pin?.gateways !== undefined)
    checkGateways(
      context,
      draft.id,
      pin.gateways,
      draft.nodes.map((node) => node.name),
    )
  const routers = draft.routers.map((router) => router.name)
  if (pin !== undefined && !routers.includes(pin.router.value)) {
    reportUnknown(
      context,
      pin.router.value,
      { code: 'IN045', what: 'router', cluster: draft.id, names: routers },
      pin.router.at,
    )
  }
  return {
    transitSwitch: transit.name,
    router: pin?.router.value ?? 'ovn-cluster',
    lrp: pin?.lrp ?? `${azName}-${transit.name}`,
    lsp: pin?.lsp ?? `${transit.name}-${azName}`,
    mac: pin?.mac?.value ?? builder.macs.take('transit', index),
    networks,
    gateways: (pin?.gateways ?? rotated(builder.gateways, index)).map(({ node, priority }) => ({
      node,
      priority,
    })),
    routeTable: pin?.routeTable ?? '',
    lrpOptions: pin?.options ?? {},
  }
}

/** 4.4: switch i prefers gateway i mod n; the priorities stay in their places. */
function rotated(gateways: readonly GatewayDraft[], by: number): GatewayDraft[] {
  const n = gateways.length
  return gateways.map((slot, i) => ({ ...gateways[(i + by) % n]!, priority: slot.priority }))
}

function defaultNetworks(
  context: Context,
  draft: ClusterDraft,
  transit: TransitSwitch,
): Prefix[] | undefined {
  const networks: Prefix[] = []
  for (const subnet of transit.subnets) {
    const hosts = hostCount(subnet) - (typeof subnet.ip === 'number' ? 2 : 1)
    if (draft.index >= hosts) {
      context.diagnostics.error(
        'IN064',
        `the transit switch ${transit.name} has no address left for the cluster ${draft.id}`,
        {
          span: draft.at.key,
          expected: `at most ${Math.max(0, hosts)} clusters on ${formatPrefix(subnet)}`,
          hint: 'give the switch a larger network under interconnect.ovn-ic.transitSwitches, such as { name: ts, subnets: 169.254.0.0/16 }',
        },
      )
      return undefined
    }
    const host = ((FIRST_HOST - 1 + draft.index) % hosts) + 1
    networks.push({ ip: addToIp(subnet.ip, host), len: subnet.len })
  }
  return networks
}

function pinnedNetworks(context: Context, pin: TransitPortDraft, transit: TransitSwitch): Prefix[] {
  return pin.ips.map(({ value, at }) => {
    const subnet = transit.subnets.find((one) => contains(one, value.ip))
    const len =
      value.len >= 0
        ? value.len
        : (subnet?.len ?? transit.subnets.find((one) => typeof one.ip === typeof value.ip)?.len ?? 24)
    const role = subnet === undefined ? undefined : reservedRole(value.ip, subnet)
    // Outside the switch's network is possible in OVN and sometimes the point; without a length it is a slip.
    if (subnet === undefined && value.len < 0 && transit.subnets.length > 0) {
      context.diagnostics.error(
        'IN060',
        `${formatIp(value.ip)} is not in the network of the transit switch ${transit.name}`,
        {
          span: at.span,
          expected: `an address of ${transit.subnets.map(formatPrefix).join(' or ')}`,
          hint: 'write the address with a length if another network is meant',
        },
      )
    } else if (role !== undefined) {
      context.diagnostics.error(
        'IN063',
        `${formatIp(value.ip)} is the ${role} address of ${formatPrefix(subnet!)}`,
        { span: at.span, expected: 'the address of a host' },
      )
    }
    return { ip: value.ip, len }
  })
}

/** Reports two transit switches with overlapping networks as a warning: nexthops become ambiguous (RT-7). */
export function checkSwitches(context: Context, switches: readonly TransitSwitch[], at: At): void {
  for (const [i, one] of switches.entries()) {
    for (const other of switches.slice(i + 1)) {
      const clash = one.subnets.find((a) => other.subnets.some((b) => overlaps(a, b)))
      if (clash === undefined) continue
      context.diagnostics.warning(
        'IN050',
        `the transit switches ${one.name} and ${other.name} share ${formatPrefix(masked(clash))}`,
        {
          span: at.in('transitSwitches').span,
          hint: 'next hops in a shared network are ambiguous: OVN takes the first router port that holds them',
        },
      )
    }
  }
}

/** Database hosts: the scenario's, else those of the ConfigMaps, else one that nobody named. */
export function databaseHosts(raw: RawOvnIc | undefined, drafts: readonly ClusterDraft[]): string[] {
  const hosts = typeof raw?.hosts === 'string' ? raw.hosts.split(',').map((host) => host.trim()) : raw?.hosts
  return (
    hosts ?? [
      ...(drafts.find((draft) => draft.configMap !== undefined)?.configMap?.config.dbHosts ?? ['ic-db']),
    ]
  )
}
