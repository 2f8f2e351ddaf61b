// Pod ranges that are cut into a share a node.

import { formatPrefix, hostLength } from '../../net/prefix.ts'
import { nodesPlanned, PODS_PER_NODE } from '../capacity.ts'
import { place, type Rule } from '../rule.ts'
import { counted, networkKey, networkPlace } from '../words.ts'

export const nodeShares: Rule = {
  code: 'NP005',
  title: 'The pod range has too few shares for the nodes, or shares too small for their pods',
  severity: 'error where a node gets no share, warning where a share is smaller than the pods of a node',
  explanation:
    'kube-controller-manager gives each node a share of podSubnet, of the length node-cidr-mask-size (24 for IPv4 unless said otherwise). A /16 has 256 of them; the 257th node stays without pods. A share smaller than the number of pods a node may run (110 by default) stops pods although the node has room. Judged where the plan states the length, because not every CNI uses the shares.',
  basis: ['Kubernetes: node-cidr-mask-size, maxPods'],
  check(plan, report) {
    for (const cluster of plan.clusters) {
      for (const network of cluster.networks) {
        const { nodeLength, prefix } = network
        if (nodeLength === undefined) continue
        const shares = nodeLength.value < prefix.len ? 0 : 2 ** (nodeLength.value - prefix.len)
        const nodes = nodesPlanned(cluster)
        const each = Math.max(0, 2 ** (hostLength(prefix.ip) - nodeLength.value) - 2)
        const most = Math.max(0, ...cluster.nodes.map(({ maxPods }) => maxPods?.value ?? 0)) || PODS_PER_NODE
        const places = [networkPlace(network), place(nodeLength.span, 'length of a share')]
        if (shares < Math.max(1, nodes))
          report({
            severity: 'error',
            message: `${formatPrefix(prefix)} has ${counted(shares, 'share')} of /${nodeLength.value} for ${counted(nodes, 'node')} of ${cluster.id}`,
            places: [
              ...places,
              place(cluster.nodeCount?.span, 'nodes'),
              place(cluster.growth?.span, 'growth'),
            ],
            addresses: [prefix],
            effect: 'Nodes beyond that number get no addresses: their pods do not start.',
            hint: 'use a larger pod range or a longer share',
            clusters: [cluster.id],
            subject: [networkKey(network), 'shares'],
          })
        if (each < most)
          report({
            severity: 'warning',
            message: `a share of /${nodeLength.value} has ${each} addresses for up to ${most} pods of a node`,
            places,
            addresses: [prefix],
            effect: `The pods of a node beyond ${each} stay without address.`,
            hint: `use shares of /${Math.floor(hostLength(prefix.ip) - Math.log2(most + 2))}, or set maxPods to ${each}`,
            clusters: [cluster.id],
            subject: [networkKey(network), 'size'],
          })
      }
    }
  },
}
