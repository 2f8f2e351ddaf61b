// V12: single points of failure among gateways.

import { place, type Rule } from '../rule.ts'

export const singleGateway: Rule = {
  code: 'IC012',
  title: 'A gateway whose failure ends the interconnection',
  severity: 'warning',
  explanation:
    'With one gateway nothing takes over when it fails: the port stays bound to the dead node, without BFD, and packets are lost until it returns.\n\nTwo gateways do not help where they are the only nodes: a survivor must see some other node by BFD to believe that it is not itself cut off. When either of the two crashes, even the standby, the other releases the port and both directions stop. A third node with pods is enough.\n\nList two gateways or more, in clusters of at least three nodes.',
  basis: [
    'V12',
    'HA-3',
    'HA-6',
    'HA-7',
    'https://github.com/kubeovn/kube-ovn/issues/3847',
    'https://github.com/kubeovn/kube-ovn/issues/6285',
  ],
  check(plan, report) {
    for (const { id, ovnIc, nodes, nodesKnown } of plan.ovnIc) {
      const { gateways } = ovnIc
      const [only] = gateways
      if (gateways.length === 1 && only !== undefined)
        report({
          severity: 'warning',
          message: `${id} has a single gateway, ${only.value}`,
          places: [place(only.span, `the only gateway of ${id}`)],
          effect: `While ${only.value} is down every packet between ${id} and the other clusters is lost, in both directions.`,
          hint: 'list a second node in gw-nodes',
          clusters: [id],
          subject: [id, only.value],
        })
      else if (nodesKnown && gateways.length === 2 && nodes.length === 2)
        report({
          severity: 'warning',
          message: `the two gateways of ${id} are its only nodes`,
          places: gateways.map((gateway) => place(gateway.span, `gateway of ${id}`)),
          effect:
            'When either of them crashes the other sees no live peer, takes itself for cut off and releases the port: both directions stop.',
          hint: 'add a third node that runs pods',
          clusters: [id],
          subject: [id, 'two nodes'],
        })
    }
  },
}
