// SM-UDP4800: the tunnel between nodes of one cluster.

import { place, type Rule } from '../rule.ts'

export const smUdp4800: Rule = {
  code: 'SM011',
  title: 'UDP 4800 is closed between nodes of a Submariner cluster',
  severity: 'error',
  explanation:
    'Nodes that are no gateways send what is for other clusters to the gateway in VXLAN, UDP port 4800. Where it is closed only pods on the gateway node itself reach other clusters. OVN-Kubernetes uses its own tunnels and needs it not.\n\nOpen udp/4800 between all nodes of each cluster.',
  basis: ['SM-UDP4800', 'submariner-semantics 2.11'],
  check(plan, report) {
    const closed = plan.firewall?.closed.find(({ value }) => value === 'udp/4800' || value === '4800/udp')
    if (closed === undefined) return
    for (const { id, nodes, nodeCount, cni } of plan.submariner) {
      if ((nodeCount?.value ?? nodes.length) < 2 || /^ovn-?kubernetes$/i.test(cni?.value ?? '')) continue
      report({
        severity: 'error',
        message: `udp/4800 is closed between the nodes of ${id}`,
        places: [place(closed.span, 'firewall')],
        effect:
          'Packets of pods on other nodes than the active gateway never reach it; they are lost in both directions.',
        hint: 'open udp/4800 between all nodes of a cluster',
        clusters: [id],
        subject: [id],
      })
    }
  },
}
