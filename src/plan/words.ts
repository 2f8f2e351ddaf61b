// How findings call things, so that all rules speak alike.

import type { FindingPlace } from '../model/finding.ts'
import type { NetworkRole, PlanNetwork, PlanNode, Written } from '../model/plan.ts'
import { formatIp, type Ip } from '../net/ip.ts'
import { formatPrefix, type Prefix } from '../net/prefix.ts'

const ROLE_WORDS: Readonly<Record<NetworkRole, string>> = {
  pods: 'pod network',
  'cluster-cidr': 'pod range',
  pool: 'IP pool',
  services: 'service network',
  join: 'join network',
  nodes: 'node network',
  transit: 'transit switch',
  docker: 'docker network',
  kind: 'kind network',
  globalnet: 'global CIDR',
  'load-balancer': 'load-balancer pool',
  underlay: 'underlay network',
  external: 'external network',
}

/** `service network`. */
export function roleWord(role: NetworkRole): string {
  return ROLE_WORDS[role]
}

/** `the pod network ovn-default of az1`, `the transit switch ts`. */
export function networkName({ cluster, role, name }: PlanNetwork): string {
  const own = name === role || GENERIC.has(name) ? '' : ` ${name}`
  return `the ${roleWord(role)}${own}${cluster === '' ? '' : ` of ${cluster}`}`
}

/** Names that only repeat the role: flags and keys under which a document holds the network. */
const GENERIC = new Set([
  'podSubnet',
  'serviceSubnet',
  'clustercidr',
  'servicecidr',
  'globalnet-cidr',
  'clusterCIDR',
  'serviceCIDR',
  'globalCIDR',
  'clusterCidr',
  'serviceCidr',
  'globalCidr',
  'join',
  'nodes',
])

/** A network as a place: `az1 pod network ovn-default 10.16.0.0/16 (Kube-OVN's default)`. */
export function networkPlace(network: PlanNetwork): FindingPlace {
  const { cluster, role, name, prefix, span, assumed } = network
  const own = name === role || GENERIC.has(name) ? '' : name
  const words = [
    cluster,
    roleWord(role),
    own,
    formatPrefix(prefix),
    assumed === undefined ? '' : `(${assumed})`,
  ]
  return { span, label: words.filter((word) => word !== '').join(' ') }
}

/** What a network is called in a fingerprint. */
export function networkKey({ cluster, role, name, prefix }: PlanNetwork): string {
  return `${cluster}/${role}/${name}=${formatPrefix(prefix)}`
}

/** A node's address as a place. */
export function nodePlace(node: PlanNode, ip?: Written<Ip>): FindingPlace {
  const address = ip ?? node.ips[0]
  return {
    span: address?.span ?? node.name.span,
    label: `${node.cluster} node ${node.name.value}${address === undefined ? '' : ` ${formatIp(address.value)}`}`,
  }
}

/** `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function named(words: readonly string[], most = 6): string {
  if (words.length <= 1) return words[0] ?? ''
  if (words.length > most) return `${words.slice(0, most).join(', ')} and ${words.length - most} more`
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** `1 node`, `3 nodes`. */
export function counted(n: number, noun: string): string {
  return `${n.toLocaleString('en').replaceAll(',', ' ')} ${noun}${n === 1 ? '' : 's'}`
}

/** A prefix that holds one address as the address. */
export function hostPrefix(ip: Ip): Prefix {
  return { ip, len: typeof ip === 'number' ? 32 : 128 }
}
