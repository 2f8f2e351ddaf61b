// SM-NODE-IN-CIDR: node addresses inside pod or service networks.

import { formatPrefix } from '../../net/prefix.ts'
import { nodesInside } from '../nodes-inside.ts'
import type { Rule } from '../rule.ts'
import { counted, hostPrefix, networkKey, networkPlace, nodePlace } from '../words.ts'

export const smNodeInCidr: Rule = {
  code: 'SM003',
  title: 'Addresses of nodes inside pod or service networks that Submariner carries',
  severity: 'error; warning for nodes inside the underlay network of their own cluster',
  explanation:
    "What lies in a carried network is sent into the tunnel. If the remote gateway itself has such an address, the tunnel's own packets go into the tunnel, round and round. In the own cluster a node address inside the pod network is needed with macvlan, because the health check looks for it; remote nodes never may be there.",
  basis: [
    'SM-NODE-IN-CIDR',
    'https://github.com/submariner-io/submariner/issues/1106',
    'https://github.com/submariner-io/submariner/pull/1122',
  ],
  check(plan, report) {
    const carried = plan.submariner.flatMap((cluster) => cluster.carried)
    const nodes = plan.submariner.flatMap((cluster) => cluster.nodes)
    for (const { network, nodes: inside } of nodesInside(carried, nodes, (node) => node.ips)) {
      const remote = inside.filter(({ node }) => node.cluster !== network.cluster)
      const own = inside.filter(({ node }) => node.cluster === network.cluster)
      const underlay = plan.multus.some(({ cluster }) => cluster === network.cluster)
      for (const group of [remote, own]) {
        const first = group[0]
        if (first === undefined) continue
        const local = group === own
        report({
          severity: local && (underlay || network.role !== 'services') ? 'warning' : 'error',
          message: `${counted(group.length, 'node')} of ${first.node.cluster} ${group.length === 1 ? 'has an address' : 'have addresses'} in ${formatPrefix(network.prefix)}, which Submariner carries to ${network.cluster}`,
          places: [networkPlace(network), ...group.map(({ node, ip }) => nodePlace(node, ip))],
          addresses: group.map(({ ip }) => hostPrefix(ip.value)),
          effect: local
            ? 'Other clusters send what they mean for these nodes into the tunnel; the nodes must be reached by other addresses for the cables.'
            : `Packets for these nodes go into the tunnel to ${network.cluster}; if one is the gateway, the tunnel carries itself and nothing arrives.`,
          hint:
            local && underlay
              ? 'fine for the health check; gateways need another address for their cables'
              : 'keep nodes out of pod and service networks',
          clusters: [network.cluster, first.node.cluster],
          subject: [networkKey(network), first.node.cluster],
        })
      }
    }
  },
}
