// What has to be different is different: names, chassis, tunnel endpoints, MAC and IP addresses, networks of one router.
// Each finding points at the second and, as a related place, at the first. Where the real system accepts the mistake
// (and then misbehaves) the check can be waived with `allow`, so that its effect can be simulated.

import type { TransitPort, TransitSwitch } from '../model/network.ts'
import { formatIp, ipKey } from '../net/ip.ts'
import { formatMac, type Mac } from '../net/mac.ts'
import { formatPrefix, masked, overlaps } from '../net/prefix.ts'
import { checkFamilies } from './check-endpoints.ts'
import type { ClusterBuilder } from './complete-cluster.ts'
import type { Context, Waiver } from './context.ts'
import { DEFAULT_ROUTER } from './draft.ts'
import type { At } from './yaml-file.ts'

/** A cluster with its ports on transit switches. */
export interface Checked {
  readonly builder: ClusterBuilder
  readonly transitPorts: readonly TransitPort[]
}

/** Runs every check that looks at more than one thing. */
export function checkUnique(
  context: Context,
  clusters: readonly Checked[],
  switches: readonly TransitSwitch[],
): void {
  checkZones(context, clusters)
  checkNodes(context, clusters)
  checkFamilies(
    context,
    clusters.map((cluster) => cluster.builder),
  )
  for (const { builder, transitPorts } of clusters) {
    checkNetworks(context, builder)
    checkTransitNetworks(context, builder, transitPorts, switches)
    checkPods(context, builder)
    checkPortNames(context, builder)
  }
  checkTransitPorts(context, clusters)
}

interface Use {
  readonly at: At
  readonly atKey: boolean
  readonly local: Problem['local']
}

interface Problem {
  readonly code: string
  readonly waiver?: Waiver
  readonly atKey?: boolean
  readonly hint?: string
  /** A value that stays inside its cluster: equal ones of two such clusters are a warning, with a hint of its own. */
  readonly local?: { readonly cluster: string; readonly hint: string } | undefined
  readonly message: () => string
}

/** Finds what is there twice; the places are kept with their value. */
class Register {
  readonly #context: Context
  readonly #uses = new Map<string | number, Use[]>()

  constructor(context: Context) {
    this.#context = context
  }

  /** Reports the second and later of equal values. `message` is only made when it is needed. */
  add(value: string | number, at: At, problem: Problem): void {
    const { waiver, local, atKey = false } = problem
    const uses = this.#uses.get(value) ?? []
    const clash = uses.find((one) => !areApart(one.local, local))
    const before = clash ?? uses[0]
    this.#uses.set(value, uses)
    uses.push({ at, atKey, local })
    if (before === undefined || (waiver !== undefined && this.#context.waived.has(waiver))) return
    const waive =
      waiver === undefined ? undefined : `to see what the real system does with it, write allow: [${waiver}]`
    this.#context.diagnostics[clash === undefined ? 'warning' : 'error'](problem.code, problem.message(), {
      span: atKey ? at.key : at.span,
      hint:
        clash === undefined
          ? local?.hint
          : [problem.hint, waive].filter((one) => one !== undefined).join('\n') || undefined,
      related: [{ message: 'first used here', span: before.atKey ? before.at.key : before.at.span }],
    })
  }
}

function areApart(a: Problem['local'], b: Problem['local']): boolean {
  return a !== undefined && b !== undefined && a.cluster !== b.cluster
}

function checkZones(context: Context, clusters: readonly Checked[]): void {
  const zones = new Register(context)
  for (const { builder } of clusters) {
    const { draft, azName } = builder
    if (!draft.ic) continue
    zones.add(azName, draft.azName?.at ?? draft.at, {
      code: 'IN056',
      waiver: 'duplicate-az',
      atKey: draft.azName === undefined,
      message: () => `two clusters call their availability zone ${azName}`,
      hint: 'each deletes what the other publishes, for ever (AZ-2); give one another az',
    })
  }
}

function checkNodes(context: Context, clusters: readonly Checked[]): void {
  const encaps = new Register(context)
  const chassis = new Register(context)
  const macs = new Register(context)
  for (const { builder } of clusters) {
    const { id } = builder.draft
    for (const node of builder.nodes) {
      const draft = builder.draft.nodes.find((one) => one.name === node.name)!
      const name = `${id}/${node.name}`
      const other =
        draft.chassis !== undefined && node.name.startsWith(`${id}-`) ? node.name : `${id}-${node.name}`
      encaps.add(`${node.encapType} ${formatIp(node.encapIp)}`, draft.ip.at, {
        code: 'IN057',
        waiver: 'duplicate-encap',
        message: () => `the tunnel endpoint ${formatIp(node.encapIp)} of ${name} is taken`,
        hint: 'tunnel endpoints are unique over all clusters (GW-5)',
      })
      chassis.add(node.chassis, draft.chassis?.at ?? draft.at, {
        code: 'IN058',
        waiver: 'duplicate-chassis',
        atKey: draft.chassis === undefined,
        message: () => `the chassis name ${node.chassis} of ${name} is taken`,
        hint: `names of chassis are unique over all clusters (GW-4); write chassis: ${other} at the node`,
        // Only gateways are published, so two workers of plain OVN meet nowhere as long as they stay workers.
        local:
          builder.draft.profile.kubeOvn === undefined && !node.isInterconn
            ? {
                cluster: id,
                hint: `it does harm once one of them is a gateway (GW-4); write chassis: ${other} at the node`,
              }
            : undefined,
      })
      macs.add(node.underlayMac, draft.at.in('mac'), {
        code: 'IN054',
        waiver: 'duplicate-mac',
        message: () => `the MAC address ${formatMac(node.underlayMac)} of ${name} is taken`,
      })
    }
  }
}

/** Networks of one router may not overlap: OVN takes the first port that fits (RT-7), and routes of equal length clash. */
function checkNetworks(context: Context, { draft, subnets }: ClusterBuilder): void {
  const networks = subnets.flatMap((subnet) => subnet.gateways.map((network) => ({ subnet, network })))
  if (context.waived.has('overlapping-subnets')) return
  for (const [i, one] of networks.entries()) {
    const before = networks
      .slice(0, i)
      .find(
        (other) =>
          other.subnet.router === one.subnet.router &&
          other.subnet.name !== one.subnet.name &&
          overlaps(other.network, one.network),
      )
    if (before === undefined) continue
    const at = placeOf(draft, one.subnet.name)
    const firstAt = placeOf(draft, before.subnet.name)
    // The join subnet that Kube-OVN adds by itself stands nowhere in the file: then the other one is the culprit.
    const culprit = at ?? firstAt
    context.diagnostics.error(
      'IN050',
      `the subnets ${before.subnet.name} (${formatPrefix(masked(before.network))}) and ${one.subnet.name} (${formatPrefix(masked(one.network))}) of ${draft.id} overlap`,
      {
        span: (culprit ?? draft.at).span,
        hint: `${at === undefined || firstAt === undefined ? 'join is the subnet that Kube-OVN makes for its nodes; give another under subnets: { join: … }' : 'subnets on one router must be apart; different clusters may overlap'}\nto see what the real system does with it, write allow: [overlapping-subnets]`,
        related:
          at === undefined || firstAt === undefined
            ? []
            : [{ message: `${before.subnet.name} is defined here`, span: firstAt.span }],
      },
    )
  }
}

/**
 * V3: a subnet on a router with a port on a transit switch is apart from that switch's networks; otherwise the router has two
 * connected routes for the next hops of all learned routes (RT-7). Kube-OVN makes the ports itself, on the default router.
 */
function checkTransitNetworks(
  context: Context,
  { draft, subnets }: ClusterBuilder,
  ports: readonly TransitPort[],
  switches: readonly TransitSwitch[],
): void {
  if (context.waived.has('overlapping-subnets')) return
  const automatic = draft.ic && draft.profile.kubeOvn !== undefined
  for (const subnet of subnets) {
    const clash = switches
      .filter(
        (transit) =>
          (automatic && subnet.router === DEFAULT_ROUTER) ||
          ports.some((port) => port.transitSwitch === transit.name && port.router === subnet.router),
      )
      .flatMap((transit) => transit.subnets.map((network) => ({ transit, network })))
      .find(({ network }) => subnet.gateways.some((gateway) => overlaps(gateway, network)))
    if (clash === undefined) continue
    const written = draft.subnets.find((one) => one.name === subnet.name)?.gateways
    const culprit = written?.find((gateway) => overlaps(gateway.value, clash.network))
    context.diagnostics.error(
      'IN050',
      `the subnet ${subnet.name} of ${draft.id} overlaps ${formatPrefix(masked(clash.network))}, the network of the transit switch ${clash.transit.name}`,
      {
        span: (culprit?.at ?? draft.at).span,
        hint: 'give the subnet another cidr, or the switch another under interconnect.ovn-ic.transitSwitches\nto see what the real system does with it, write allow: [overlapping-subnets]',
      },
    )
  }
}

function placeOf(draft: ClusterBuilder['draft'], subnet: string): At | undefined {
  return draft.subnets.find((one) => one.name === subnet)?.gateways[0]?.at
}

function checkPods(context: Context, { draft, subnets, pods }: ClusterBuilder): void {
  const ips = new Register(context)
  const macs = new Register(context)
  for (const subnet of subnets) {
    const at = draft.subnets.find((one) => one.name === subnet.name)?.mac?.at
    if (at !== undefined) macs.add(subnet.mac, at, macProblem(subnet.mac, `the subnet ${subnet.name}`))
  }
  for (const pod of pods) {
    const written = draft.pods.find((one) => one.name === pod.name)
    if (written === undefined) continue
    for (const { value, at } of written.ips) {
      ips.add(`${pod.subnet} ${ipKey(value)}`, at, {
        code: 'IN055',
        waiver: 'duplicate-ip',
        message: () => `the address ${formatIp(value)} of the pod ${pod.name} is taken`,
      })
    }
    if (written.mac !== undefined)
      macs.add(pod.mac, written.mac.at, macProblem(pod.mac, `the pod ${pod.name}`))
  }
}

function macProblem(mac: Mac, owner: string): { code: string; waiver: Waiver; message: () => string } {
  return {
    code: 'IN054',
    waiver: 'duplicate-mac',
    message: () => `the MAC address ${formatMac(mac)} of ${owner} is taken`,
  }
}

/** Names of logical ports are unique in a cluster's northbound database. */
function checkPortNames(context: Context, { draft, subnets, pods }: ClusterBuilder): void {
  const lrps = new Register(context)
  const lsps = new Register(context)
  for (const subnet of subnets) {
    const at = draft.subnets.find((one) => one.name === subnet.name)?.at ?? draft.at
    lrps.add(subnet.lrp, at.in('lrp'), {
      code: 'IN059',
      message: () => `the router port name ${subnet.lrp} is taken in ${draft.id}`,
    })
    lsps.add(subnet.lsp, at.in('lsp'), {
      code: 'IN059',
      message: () => `the switch port name ${subnet.lsp} is taken in ${draft.id}`,
    })
  }
  for (const pod of pods) {
    const at = draft.pods.find((one) => one.name === pod.name)?.at ?? draft.at
    lsps.add(pod.lsp, at.in('lsp'), {
      code: 'IN059',
      message: () => `the switch port name ${pod.lsp} is taken in ${draft.id}`,
    })
  }
}

function checkTransitPorts(context: Context, clusters: readonly Checked[]): void {
  const macs = new Register(context)
  const lsps = new Register(context)
  for (const { builder, transitPorts } of clusters) {
    for (const port of transitPorts) {
      const pin = builder.draft.transitPorts.find(
        (one) =>
          one.transitSwitch === port.transitSwitch &&
          (one.lsp === undefined || one.lsp === port.lsp) &&
          one.router.value === port.router,
      )
      const at = pin?.at ?? builder.draft.at
      if (pin?.mac !== undefined)
        macs.add(
          `${port.transitSwitch} ${port.mac}`,
          pin.mac.at,
          macProblem(port.mac, `the port ${port.lsp}`),
        )
      // Two clusters with one AZ name make equal port names by default; that mistake is reported as such, once.
      const sameZone = clusters.some(
        (other) => other.builder !== builder && other.builder.azName === builder.azName,
      )
      if (sameZone && pin?.lsp === undefined) continue
      lsps.add(port.lsp, pin?.lsp === undefined ? at : at.in('lsp'), {
        code: 'IN059',
        atKey: pin?.lsp === undefined,
        message: () => `the port name ${port.lsp} is taken on the transit switches`,
        hint: 'names of these ports are unique over all switches and clusters (PB-1, PB-8)',
      })
    }
  }
}
