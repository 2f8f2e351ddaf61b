// What people call the kinds of networks, in tables and lists.

import { NETWORK_ROLES, type NetworkRole } from '../../model/plan.ts'

/** The role of a word in a table or plan; undefined for none. */
export function roleOf(word: string): NetworkRole | 'node' | undefined {
  const name = word
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
    .replace(/-(?:networks?|subnets?|range)$/, '-cidr')
  if (name === 'node' || name === 'host') return 'node'
  return (
    NETWORK_ROLES.find((role) => role === name) ??
    (Object.hasOwn(SYNONYMS, name) ? SYNONYMS[name] : undefined)
  )
}

const SYNONYMS: Readonly<Record<string, NetworkRole>> = {
  pod: 'pods',
  'pod-cidr': 'pods',
  'pods-cidr': 'pods',
  podcidr: 'pods',
  subnet: 'pods',
  service: 'services',
  svc: 'services',
  'service-cidr': 'services',
  'services-cidr': 'services',
  'svc-cidr': 'services',
  servicecidr: 'services',
  clustercidr: 'cluster-cidr',
  'join-cidr': 'join',
  hosts: 'nodes',
  'node-cidr': 'nodes',
  'nodes-cidr': 'nodes',
  'transit-switch': 'transit',
  ts: 'transit',
  lb: 'load-balancer',
  metallb: 'load-balancer',
  loadbalancer: 'load-balancer',
  loadbalancers: 'load-balancer',
  'load-balancers': 'load-balancer',
  macvlan: 'underlay',
  ippool: 'pool',
  pools: 'pool',
  office: 'external',
  lan: 'external',
}
