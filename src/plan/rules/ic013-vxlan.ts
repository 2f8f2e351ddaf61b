// V13: VXLAN with interconnection.

import { place, type Rule } from '../rule.ts'

export const vxlan: Rule = {
  code: 'IC013',
  title: 'VXLAN tunnels with OVN-IC',
  severity: 'error for gateways, warning for other nodes',
  explanation:
    'A VXLAN header has 24 bits for what Geneve carries in 24 bits of network and 32 bits of ports. OVN splits them 12 to 12, and the number of a transit switch (from 0xFF0001 on) does not fit. Interconnection needs Geneve on every gateway, and ports of both ends must agree.',
  basis: ['V13', 'GE-6'],
  check(plan, report) {
    for (const { id, nodes, ovnIc } of plan.ovnIc) {
      for (const node of nodes) {
        if (node.encap === undefined || node.encap.value === 'geneve') continue
        const gateway = ovnIc.gateways.some((one) => one.value === node.name.value)
        report({
          severity: gateway ? 'error' : 'warning',
          message: `${id}/${node.name.value} uses ${node.encap.value} tunnels; OVN-IC needs geneve`,
          places: [place(node.encap.span, `${id} node ${node.name.value}`)],
          effect:
            'The key of the transit switch does not fit into the header: packets of this node never reach another cluster.',
          hint: 'set ovn-encap-type to geneve',
          clusters: [id],
          subject: [id, node.name.value],
        })
      }
    }
  },
}
