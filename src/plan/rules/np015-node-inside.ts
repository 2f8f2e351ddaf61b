// Nodes with addresses of pods, services or the join network.

import { formatPrefix } from '../../net/prefix.ts'
import { nodesInside } from '../nodes-inside.ts'
import type { Rule } from '../rule.ts'
import { hostPrefix, named, networkKey, networkName, networkPlace, nodePlace } from '../words.ts'

const ROLES: ReadonlySet<string> = new Set(['pods', 'cluster-cidr', 'services', 'join'])

export const nodeInside: Rule = {
  code: 'NP015',
  title: 'A node has an address of pods, services or the join network',
  severity: 'error; info where the two clusters are not joined',
  explanation:
    'A router that has a route to the pod network sends packets for the node there: tunnels, the API server and the kubelet lose their answers. It does not matter whose pods they are, once the clusters are joined. Networks that Submariner carries are judged by SM003.',
  basis: ['V3', 'https://github.com/kubeovn/kube-ovn/issues/993', 'SM-NODE-IN-CIDR'],
  check(plan, report) {
    const carried = new Set(plan.submariner.flatMap((one) => one.carried))
    const networks = plan.networks.filter((one) => ROLES.has(one.role) && !carried.has(one))
    for (const { network, nodes } of nodesInside(networks, plan.nodes, ({ ips }) => ips)) {
      const home = plan.cluster(network.cluster)
      const macvlan = plan.multus.some(({ cluster }) => cluster === network.cluster)
      const hit = nodes.filter(({ node }) => !(macvlan && node.cluster === network.cluster))
      const bad = hit.filter(({ node }) => {
        const other = plan.cluster(node.cluster)
        return (
          other === home ||
          (home?.ovnIc?.enabled === true && other?.ovnIc?.enabled === true && home.exported.includes(network))
        )
      })
      const told = plan.ovnIc.length > 0 || plan.submariner.length > 0
      const list = bad.length > 0 ? bad : told && network.role !== 'pods' ? [] : hit
      if (list.length === 0) continue
      report({
        severity: bad.length > 0 || !told ? 'error' : 'info',
        message: `${named(
          list.map(({ node }) => `${node.cluster}/${node.name.value}`),
          3,
        )} ${list.length === 1 ? 'has an address' : 'have addresses'} in ${networkName(network)}, ${formatPrefix(network.prefix)}`,
        places: [networkPlace(network), ...list.map(({ node, ip }) => nodePlace(node, ip))],
        addresses: list.map(({ ip }) => hostPrefix(ip.value)),
        effect:
          'Packets for the node are sent to the pods or services instead: it cannot be reached from there.',
        hint: 'renumber the network',
        clusters: [network.cluster, ...list.map(({ node }) => node.cluster)],
        subject: [networkKey(network)],
      })
    }
  },
}
