// V11: gw-nodes that are no nodes, or none at all.

import { didYouMean } from '../../diag/suggest.ts'
import { place, type Rule } from '../rule.ts'

export const gatewayNodes: Rule = {
  code: 'IC011',
  title: 'gw-nodes is empty, or names something that is no node',
  severity: 'error',
  explanation:
    'Kube-OVN looks for a node and its chassis by each name in gw-nodes and tries again for ever when there is none: no port on the transit switch is made, not even for the names that are right. Names are compared literally. Without any gateway there is nothing to tunnel to.',
  basis: ['V11', 'ovn-semantics 4.3', 'ovn-semantics 4.4', 'https://github.com/kubeovn/kube-ovn/issues/1086'],
  check(plan, report) {
    for (const { id, ovnIc, nodes, nodesKnown, submariner } of plan.ovnIc) {
      const names = nodes.map(({ name }) => name.value)
      if (ovnIc.gateways.length === 0) {
        // A bare plan about networks only says nothing of nodes at all.
        if ((ovnIc.isConfigMap === true && submariner === undefined) || nodesKnown)
          report({
            severity: 'error',
            message: `${id} names no gateway nodes`,
            places: [place(ovnIc.span, `interconnection of ${id}`)],
            effect:
              'The cluster gets no port on the transit switch; nothing is announced and nothing learned.',
            hint: 'list two nodes or more in gw-nodes',
            clusters: [id],
            subject: [id],
          })
        continue
      }
      const seen = new Set<string>()
      for (const gateway of ovnIc.gateways) {
        const { value, span } = gateway
        if (seen.has(value))
          report({
            severity: 'error',
            message: `${id} lists the gateway ${value} twice`,
            places: [place(span, `gateway of ${id}`)],
            effect: 'The database refuses two gateways of one name for a port, and the port is not made.',
            clusters: [id],
            subject: [id, value, 'twice'],
          })
        seen.add(value)
        if (!nodesKnown || names.includes(value)) continue
        report({
          severity: 'error',
          message: `the gateway ${value} of ${id} is none of its nodes`,
          places: [place(span, `gateway of ${id}`)],
          effect:
            'The controller waits for a chassis of this name and makes no port on the transit switch; the cluster stays alone.',
          hint: didYouMean(value, names) ?? `its nodes are ${names.slice(0, 8).join(', ')}`,
          clusters: [id],
          subject: [id, value],
        })
      }
    }
  },
}
