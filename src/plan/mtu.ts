// What encapsulations cost, and the narrowest link between two clusters.

import type { PlanNode, Written } from '../model/plan.ts'
import type { ClusterView, PlanIndex } from './index.ts'

/** MT-3: outer IPv4 20 (IPv6 40), UDP 8, Geneve 8, OVN's option 8, inner Ethernet 14. */
export function geneveOverhead(six: boolean): number {
  return six ? 78 : 58
}

/** What Kube-OVN takes off the interface's MTU when it is not told (MT-2). */
export const KUBE_OVN_MARGIN = 100

/** A link with a known MTU. */
export interface Leg {
  readonly mtu: Written<number>
  readonly what: string
  /** True for the WAN between the two clusters. */
  readonly wan: boolean
}

/** Answers for pairs of clusters; what belongs to one cluster is looked up once. */
export interface Legs {
  /** The narrowest link on the way between two clusters: WAN, nodes of both, underlay; undefined where no MTU is known. */
  readonly narrowest: (a: ClusterView, b: ClusterView) => Leg | undefined
  /** The WAN alone. */
  readonly wan: (a: ClusterView, b: ClusterView) => Leg | undefined
  /** True when no MTU is known anywhere. */
  readonly none: boolean
}

export function legsOf(plan: PlanIndex): Legs {
  const wans = new Map<string, Leg>()
  for (const { a, b, mtu } of plan.wans) {
    const leg = { mtu, what: `the link between ${a} and ${b}`, wan: true }
    wans.set(`${a}|${b}`, leg)
    wans.set(`${b}|${a}`, leg)
  }
  const own = new Map<string, Leg>()
  for (const { id, nodes } of plan.clusters) {
    for (const node of nodes) {
      const before = own.get(id)
      if (node.mtu !== undefined && (before === undefined || node.mtu.value < before.mtu.value))
        own.set(id, { mtu: node.mtu, what: `the link of ${id}/${node.name.value}`, wan: false })
    }
  }
  const underlay: Leg | undefined =
    plan.underlayMtu === undefined ? undefined : { mtu: plan.underlayMtu, what: 'the underlay', wan: false }
  const wan = (a: ClusterView, b: ClusterView): Leg | undefined => wans.get(`${a.id}|${b.id}`)
  return {
    wan,
    narrowest: (a, b) => least([wan(a, b), own.get(a.id), own.get(b.id), underlay]),
    none: wans.size === 0 && own.size === 0 && underlay === undefined,
  }
}

function least(legs: readonly (Leg | undefined)[]): Leg | undefined {
  let found: Leg | undefined
  for (const leg of legs)
    if (leg !== undefined && (found === undefined || leg.mtu.value < found.mtu.value)) found = leg
  return found
}

/** True when the tunnels of a cluster run over IPv6. */
export function tunnelsOverSix(nodes: readonly PlanNode[]): boolean {
  const ip = nodes.find((node) => node.ips.length > 0)?.ips[0]
  return ip !== undefined && typeof ip.value !== 'number'
}

/** Kernel's `xfrm_state_mtu` for AES-GCM: what fits into an ESP packet of this size (submariner 2.6). */
export function espInner(mtu: number, inUdp: boolean): number {
  const header = 20 + 8 + 8 + (inUdp ? 8 : 0)
  return Math.floor((mtu - header - 16) / 4) * 4 - 2
}

/** What a cable leaves of a link's MTU for the packets of pods. */
export function cableInner(driver: string, mtu: number, inUdp: boolean): number {
  if (driver === 'wireguard') return mtu - 80
  return driver === 'vxlan' ? mtu - 50 : espInner(mtu, inUdp)
}
