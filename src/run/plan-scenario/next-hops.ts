// Pods to which routes and policies of a plan hand packets: a firewall or a VPN that stands in a subnet. Other pods change nothing of
// who reaches whom.

import type { Plan, PlanPod } from '../../model/plan.ts'
import { equalIp, formatIp, type Ip, parseIp } from '../../net/ip.ts'
import { contains, parsePrefix } from '../../net/prefix.ts'

/** A subnet of the document: its name and its networks in text. */
export interface NamedSubnet {
  readonly name: string
  readonly cidrs: readonly string[]
}

export interface NextHops {
  /** Pods of a document, by name. */
  readonly pods: Readonly<Record<string, unknown>>
  /** Next hops inside subnets that belong to no pod of the plan. */
  readonly nobodys: readonly string[]
}

/** Looks up who has the next hops of one cluster; pods whose node is not among those given are on the first. */
export function nextHopPods(
  plan: Plan,
  cluster: string,
  subnets: readonly NamedSubnet[],
  nodes: ReadonlySet<string>,
): NextHops {
  const [node = ''] = nodes
  const gateways = plan.networks.flatMap(({ gateways: own = [] }) => own.map(({ value }) => value))
  const pods: Record<string, unknown> = {}
  const nobodys = new Set<string>()
  for (const hop of hopsOf(plan, cluster)) {
    const subnet = subnets.find(({ cidrs }) => cidrs.some((text) => contains(parsePrefix(text)!, hop)))
    if (subnet === undefined || gateways.some((one) => equalIp(one, hop))) continue
    const owner = plan.pods.find((pod) => pod.cluster === cluster && has(pod, hop))
    if (owner === undefined) {
      nobodys.add(formatIp(hop))
      continue
    }
    const inside = owner.ips.filter(({ value }) =>
      subnet.cidrs.some((text) => contains(parsePrefix(text)!, value)),
    )
    pods[owner.name.value] = {
      subnet: subnet.name,
      ip: inside.map(({ value }) => formatIp(value)),
      node: owner.node !== undefined && nodes.has(owner.node.value) ? owner.node.value : node,
    }
  }
  return { pods, nobodys: [...nobodys] }
}

function has({ ips }: PlanPod, hop: Ip): boolean {
  return ips.some(({ value }) => equalIp(value, hop))
}

function hopsOf({ routes, policies }: Plan, cluster: string): Ip[] {
  const words = [
    ...routes.flatMap((route) => (route.cluster === cluster && !route.learned ? [route.nexthop.value] : [])),
    ...policies.flatMap((policy) =>
      policy.cluster === cluster ? policy.nexthops.map(({ value }) => value) : [],
    ),
  ]
  return words.flatMap((word) => parseIp(word) ?? [])
}
