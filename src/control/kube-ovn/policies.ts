// The router policies that kube-ovn-controller keeps on `ovn-cluster` (ovn-semantics 4.8): 31000 lets through what stays in the
// cluster, 30000 sends node addresses to the node, 29000 sends everything else that pods send out through a node's ovn0.
// 29500, which exempts learned routes from 29000, belongs to policy-sync.ts.

import type { Node, Subnet } from '../../model/network.ts'
import type { RouterPolicyRow } from '../../model/tables.ts'
import { familyOf, formatIp, type Ip } from '../../net/ip.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { addressSetName, VENDOR } from './names.ts'
import { type KubeObjects, subnetCidrs } from './objects.ts'

/** Within the cluster. */
export const SUBNET_PRIORITY = 31000
/** Node addresses, from pods. */
export const NODE_PRIORITY = 30000
/** KO-POL-1: learned prefixes. */
export const INTERCONNECTION_PRIORITY = 29500
/** The way out through a node. */
export const GATEWAY_PRIORITY = 29000

/** Policies of the default VPC, whose subnets are `subnets` (join included). */
export function clusterPolicies(objects: KubeObjects, subnets: readonly Subnet[]): RouterPolicyRow[] {
  const policies: RouterPolicyRow[] = []
  for (const subnet of subnets) {
    for (const cidr of subnetCidrs(subnet)) {
      const match = `${field(cidr.ip, 'dst')} == ${formatPrefix(cidr)}`
      policies.push(policy(SUBNET_PRIORITY, match, [], { subnet: subnet.name }))
    }
  }
  for (const node of objects.nodes) {
    for (const ip of node.internalIps) {
      const nexthops = joinAddresses([node], familyOf(ip))
      if (nexthops.length === 0) continue
      policies.push(
        policy(NODE_PRIORITY, `${field(ip, 'dst')} == ${formatIp(ip)}`, nexthops, { node: node.name }),
      )
    }
  }
  for (const subnet of subnets) if (!subnet.isJoin) policies.push(...gatewayPolicies(objects, subnet))
  return policies
}

/** 4.9: a policy a node for distributed subnets; one for the subnet, to the first gateway node, for centralized ones. */
function gatewayPolicies(objects: KubeObjects, subnet: Subnet): RouterPolicyRow[] {
  const policies: RouterPolicyRow[] = []
  for (const cidr of subnetCidrs(subnet)) {
    const family = familyOf(cidr.ip)
    const source = field(cidr.ip, 'src')
    if (subnet.gatewayType === 'centralized') {
      const gateways = subnet.gatewayNodes.flatMap((name) => objects.node(name) ?? [])
      const nexthops = joinAddresses(gateways, family).slice(0, 1)
      if (nexthops.length === 0) continue
      policies.push(
        policy(GATEWAY_PRIORITY, `${source} == ${formatPrefix(cidr)}`, nexthops, { subnet: subnet.name }),
      )
      continue
    }
    for (const node of objects.nodes) {
      const nexthops = joinAddresses([node], family)
      if (nexthops.length === 0) continue
      const match = `${source} == $${addressSetName(subnet.name, node.name, family)}`
      policies.push(policy(GATEWAY_PRIORITY, match, nexthops, { subnet: subnet.name, node: node.name }))
    }
  }
  return policies
}

function joinAddresses(nodes: readonly Node[], family: 4 | 6): string[] {
  return nodes.flatMap((node) =>
    node.joinIps
      .filter((ip) => familyOf(ip) === family)
      .slice(0, 1)
      .map(formatIp),
  )
}

function field(ip: Ip, end: 'src' | 'dst'): string {
  return `ip${familyOf(ip)}.${end}`
}

/** A reroute where there are nexthops, else an allow. */
function policy(
  priority: number,
  match: string,
  nexthops: readonly string[],
  ids: Readonly<Record<string, string>>,
): RouterPolicyRow {
  const action = nexthops.length === 0 ? 'allow' : 'reroute'
  return { priority, match, action, nexthops, external_ids: { ...VENDOR, ...ids } }
}
