// Networks with fewer addresses than will be needed.

import type { PlanNetwork } from '../../model/plan.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { nodesPlanned, PODS_PER_NODE, usable } from '../capacity.ts'
import type { ClusterView, PlanIndex } from '../index.ts'
import { place, type Report, type Rule } from '../rule.ts'
import { counted, networkKey, networkName, networkPlace } from '../words.ts'

/** A network that is fuller than this will be a problem soon. */
const NEARLY_FULL = 0.9

export const capacity: Rule = {
  code: 'NP006',
  title: 'A network has too few addresses for what the plan puts there',
  severity:
    'error where it does not suffice, warning from 90 % on and where nodes could run more pods than there are addresses',
  explanation:
    'Counted are the addresses that can be given out: without the first and last of an IPv4 network, gateways and exclusions, or only the ranges of a pool. Against them stand the pods that the plan names (`pods`, replicas of workloads that ask for a pool), the nodes in the join network, and 110 pods for every node, all times the growth that the plan states.',
  basis: ['Kubernetes: node-cidr-mask-size, maxPods'],
  check(plan, report) {
    for (const cluster of plan.clusters) {
      for (const network of cluster.networks) checkNetwork(plan, cluster, network, report)
      checkNodes(cluster, report)
    }
  },
}

function checkNetwork(plan: PlanIndex, cluster: ClusterView, network: PlanNetwork, report: Report): void {
  const growth = cluster.growth?.value ?? 1
  const asking = network.role === 'pool' ? podsOf(plan, cluster, network) : []
  const replicas = asking.reduce((sum, pod) => sum + pod.replicas, 0)
  const wanted =
    network.wanted?.value ?? (network.role === 'join' ? nodesPlanned(cluster) / growth : replicas)
  if (wanted === 0) return
  const needed = Math.ceil(wanted * growth)
  const room = usable(network)
  if (needed <= room * NEARLY_FULL) return
  const full = needed > room
  report({
    severity: full ? 'error' : 'warning',
    message: `${networkName(network)}, ${formatPrefix(network.prefix)}, has ${room} usable addresses for ${needed}`,
    places: [
      networkPlace(network),
      place(network.wanted?.span, 'wanted'),
      place(cluster.growth?.span, 'growth'),
      ...asking.map((pod) => place(pod.name.span, counted(pod.replicas, 'replica'))),
    ],
    addresses: [network.prefix],
    effect: full
      ? network.role === 'join'
        ? 'Nodes beyond that number get no join address and cannot reach pods.'
        : 'Pods beyond that number get no address and do not start.'
      : 'The network is full after the next growth.',
    hint: roomier(network, room, needed),
    clusters: [cluster.id],
    subject: [networkKey(network), String(needed)],
  })
}

/** The longest prefix that is not nearly full. */
function roomier({ prefix, ranges = [] }: PlanNetwork, room: number, needed: number): string {
  if (ranges.length > 0) return 'add ranges to the pool'
  const bits = typeof prefix.ip === 'number' ? 32 : 128
  for (let len = prefix.len - 1; len > 0; len--) {
    const more = 2 ** (bits - len) - 2 ** (bits - prefix.len) + room
    if (needed <= more * NEARLY_FULL) return `a /${len} has ${more} usable addresses`
  }
  return 'use a shorter prefix'
}

/** Pods that ask for a configuration which draws from the pool. */
function podsOf(plan: PlanIndex, cluster: ClusterView, pool: PlanNetwork): PlanIndex['pods'] {
  const configs = plan.multus.filter(
    (one) => one.cluster === cluster.id && one.pools.some(({ value }) => value === pool.name),
  )
  const names = new Set(configs.flatMap((one) => [`${one.namespace}/${one.name.value}`, one.name.value]))
  return plan.pods.filter(
    (pod) => pod.cluster === cluster.id && pod.attachments.some(({ value }) => names.has(value)),
  )
}

/** All pods that the nodes could run against all addresses of the subnets that they share. */
function checkNodes(cluster: ClusterView, report: Report): void {
  const subnets = cluster.networks.filter(
    // Pods of custom VPCs and underlay networks ask for them by name.
    ({ role, prefix, withheld }) =>
      role === 'pods' && typeof prefix.ip === 'number' && withheld !== 'vpc' && withheld !== 'underlay',
  )
  const nodes = nodesPlanned(cluster)
  if (nodes === 0 || subnets.length === 0 || subnets.some(({ wanted }) => wanted !== undefined)) return
  const most = Math.max(0, ...cluster.nodes.map(({ maxPods }) => maxPods?.value ?? 0)) || PODS_PER_NODE
  const room = subnets.reduce((sum, one) => sum + usable(one), 0)
  if (nodes * most <= room) return
  report({
    severity: 'warning',
    message: `${counted(nodes, 'node')} of ${cluster.id} could run ${counted(nodes * most, 'pod')}, and its subnets have ${room} addresses`,
    places: [
      ...subnets.map(networkPlace),
      place(cluster.nodeCount?.span, 'nodes'),
      place(cluster.growth?.span, 'growth'),
    ],
    addresses: subnets.map(({ prefix }) => prefix),
    effect: `Pods beyond ${room} get no address and do not start, while the nodes have room for them.`,
    hint: 'use a shorter prefix, or limit the pods of a node (maxPods)',
    clusters: [cluster.id],
    subject: [cluster.id, String(nodes)],
  })
}
