// SP-ASYM: macvlan pods away from the gateway.

import { place, type Rule } from '../rule.ts'
import { gatewaysOf } from '../submariner.ts'

export const spAsymmetric: Rule = {
  code: 'SP007',
  title: 'macvlan pods on other nodes than the gateway get their packets by another way than they answer',
  severity: 'warning where Calico runs beside or a node has strict rp_filter, else info',
  explanation:
    'A packet from another cluster reaches a macvlan pod straight from the gateway over the underlay; its answer leaves through the node, which has not seen the question. Connection tracking there calls it invalid, and whether it passes depends on the order of rules: Submariner accepts it first, unless another agent (Calico) moves its own rules in front, or a strict reverse-path filter drops it.\n\nSet nf_conntrack_tcp_be_liberal=1 on the nodes and rp_filter to 0, or run such pods on the gateway.',
  basis: [
    'SP-ASYM',
    'submariner-semantics 6.5',
    'https://github.com/kubernetes/kubernetes/issues/94861',
    'https://github.com/submariner-io/submariner/issues/2541',
    'https://github.com/submariner-io/submariner/issues/1899',
  ],
  check(plan, report) {
    for (const cluster of plan.submariner) {
      const configs = plan.multus.filter((one) => one.cluster === cluster.id)
      if (configs.length === 0) continue
      const gateways = new Set(gatewaysOf(cluster))
      const workers = cluster.nodes.filter((node) => !gateways.has(node))
      if (cluster.nodes.length > 0 && workers.length === 0) continue
      const strict = workers.find((node) => node.strictRpFilter?.value === true)
      const calico = cluster.cni?.value.toLowerCase() === 'calico'
      report({
        severity: strict !== undefined || calico ? 'warning' : 'info',
        message: `macvlan pods of ${cluster.id} on other nodes than the active gateway answer by another way than they are asked`,
        places: [
          ...configs.map((one) => place(one.name.span, 'macvlan configuration')),
          place(strict?.strictRpFilter?.span, `strict rp_filter on ${strict?.name.value}`),
          place(calico ? cluster.cni?.span : undefined, 'Calico'),
        ],
        effect:
          'The answer passes a node that has not seen the question; it is dropped as invalid where another rule comes before that of Submariner.',
        hint: 'nf_conntrack_tcp_be_liberal=1 and rp_filter=0 on all nodes',
        clusters: [cluster.id],
        subject: [cluster.id],
      })
    }
  },
}
