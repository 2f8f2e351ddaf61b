// Pools of load balancers.

import { formatPrefix } from '../../net/prefix.ts'
import { nodesInside } from '../nodes-inside.ts'
import { eachOverlap } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { hostPrefix, named, networkKey, networkName, networkPlace, nodePlace } from '../words.ts'

export const loadBalancers: Rule = {
  code: 'NP004',
  title: 'A load-balancer pool over something else',
  severity: 'error; warning for pools of two clusters',
  explanation:
    'Addresses of a load balancer are given to services one by one and announced by ARP or BGP. A pool inside the network of the nodes is usual, as long as no node has one of its addresses. Two clusters with one pool give out the same address twice; on one wire both answer.',
  basis: ['MetalLB: address pools'],
  check(plan, report) {
    eachOverlap(
      plan,
      ({ role }) => role === 'load-balancer' || OTHERS.has(role),
      ({ outer, inner }) => {
        const all = [...new Set([...outer, ...inner])]
        const pools = all.filter(({ role }) => role === 'load-balancer')
        const others = all.filter(({ role }) => role !== 'load-balancer')
        const [first] = pools
        const clusters = new Set(pools.map(({ cluster }) => cluster))
        if (first === undefined || (others.length === 0 && clusters.size < 2)) return
        report({
          severity: others.length > 0 ? 'error' : 'warning',
          message:
            others.length > 0
              ? `${networkName(first)}, ${formatPrefix(first.prefix)}, overlaps with ${named(
                  others.map((one) => `${networkName(one)}, ${formatPrefix(one.prefix)}`),
                  3,
                )}`
              : `the load-balancer pools of ${named([...clusters])} overlap in ${formatPrefix(inner[0]!.prefix)}`,
          places: all.map(networkPlace),
          addresses: [inner[0]!.prefix],
          effect:
            others.length > 0
              ? 'A packet for a load-balanced service goes to the pod or service that has the address, or the other way round.'
              : 'Both clusters give the same address to services: on one network both answer, and connections go to either.',
          hint: 'give the pool addresses that nothing else has',
          clusters: all.map(({ cluster }) => cluster),
          subject: all.map(networkKey).sort(),
        })
      },
    )
    const pools = plan.networks.filter(({ role }) => role === 'load-balancer')
    if (pools.length === 0) return
    for (const { network, nodes } of nodesInside(pools, plan.nodes, ({ ips, interfaces }) => [
      ...ips,
      ...interfaces,
    ]))
      report({
        severity: 'error',
        message: `${named(nodes.map(({ node }) => `${node.cluster}/${node.name.value}`))} ${nodes.length === 1 ? 'has an address' : 'have addresses'} of ${networkName(network)}`,
        places: [networkPlace(network), ...nodes.map(({ node, ip }) => nodePlace(node, ip))],
        addresses: nodes.map(({ ip }) => hostPrefix(ip.value)),
        effect: 'When a service gets the address of a node, node and load balancer both answer for it.',
        hint: 'take the addresses of nodes out of the pool',
        clusters: [network.cluster, ...nodes.map(({ node }) => node.cluster)],
        subject: [networkKey(network)],
      })
  },
}

const OTHERS: ReadonlySet<string> = new Set(['pods', 'cluster-cidr', 'pool', 'services', 'join'])
