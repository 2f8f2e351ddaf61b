// V16: manual routes without the policy that lets them count.

import { contains, covers, parsePrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'

export const manualPolicy: Rule = {
  code: 'IC016',
  title: 'A manual route that a gateway policy overrules',
  severity: 'error where the version is known to have policy routing, else warning',
  explanation:
    'From Kube-OVN 1.9 on policies send the packets of pods to their node, after the route was found: priority 29000 catches what leaves the cluster by its source address. For learned routes the controller adds policies of priority 29500 that let them be; for a route of `lr-route-add` it does not, because it knows them by their origin option. The route is in the table, and packets leave by the node with its address all the same.\n\nAdd the policy by hand: `kubectl ko nbctl lr-policy-add ovn-cluster 29500 "ip4.dst == 10.17.0.0/24" allow`.',
  basis: [
    'V16',
    'KO-POL-1',
    'KO-POL-2',
    'https://github.com/kubeovn/kube-ovn/issues/1589',
    'https://github.com/kubeovn/kube-ovn/issues/2180',
  ],
  check(plan, report) {
    const { transit } = plan
    for (const route of plan.joinedRoutes) {
      if (route.learned || route.policy === 'src-ip') continue
      const cluster = plan.cluster(route.cluster)
      if (cluster?.kubeOvn !== true || cluster.ovnIc?.enabled !== true) continue
      const prefix = parsePrefix(route.prefix.value)
      const hop = parsePrefix(route.nexthop.value)
      if (prefix === undefined || hop === undefined || !transit.some((one) => contains(one.prefix, hop.ip)))
        continue
      const allowed = plan.policies.some(
        ({ cluster: id, router, priority, match, action }) =>
          id === route.cluster &&
          router === 'ovn-cluster' &&
          action === 'allow' &&
          priority > 29_000 &&
          matchCovers(match.value, route.prefix.value),
      )
      if (allowed) continue
      report({
        severity: cluster.profile === undefined ? 'warning' : 'error',
        message: `no policy lets packets for ${route.prefix.value} use the manual route of ${route.cluster}`,
        places: [place(route.prefix.span, `manual route by ${route.nexthop.value}`)],
        addresses: [prefix],
        effect:
          'A packet from a pod finds the route and is then sent to its own node by the gateway policy: it leaves with the address of the node and finds no pod.',
        hint: `lr-policy-add ovn-cluster 29500 "ip${typeof prefix.ip === 'number' ? 4 : 6}.dst == ${route.prefix.value}" allow`,
        clusters: [route.cluster],
        subject: [route.cluster, route.prefix.value],
      })
    }
  },
}

/** True for `ip4.dst == P` or `ip4.dst == {P, …}` where a P holds the prefix. */
function matchCovers(match: string, text: string): boolean {
  const inner = parsePrefix(text)
  const found = /ip[46]\.dst\s*==\s*\{?([^}]*)\}?/.exec(match)?.[1]
  if (inner === undefined || found === undefined) return false
  return found.split(/[,\s]+/).some((word) => {
    const outer = parsePrefix(word)
    return outer !== undefined && covers(outer, inner)
  })
}
