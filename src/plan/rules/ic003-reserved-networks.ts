// V3: an announced subnet over a join, service, node or transit network.

import type { Severity } from '../../diag/diagnostic.ts'
import type { PlanNetwork } from '../../model/plan.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { eachOverlap } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkName, networkPlace } from '../words.ts'

const OTHER_ROLES: ReadonlySet<string> = new Set(['join', 'services', 'nodes', 'transit'])

export const reservedNetworks: Rule = {
  code: 'IC003',
  title: 'A subnet over a join, service, node or transit network',
  severity: 'error; warning where the service network belongs to another cluster',
  explanation:
    "A subnet that is announced must keep clear of the networks that the routers themselves need, at home and in every peer: the join network between router and nodes, the service network that kube-proxy and OVN load balancers answer for, the nodes' own network, and the transit switch. Routes to the subnet would win over them, or they over the routes: a learned prefix over the join network cuts nodes from their pods, one over the nodes' network takes replies away.\n\nService networks do not span clusters under OVN-IC, so that of a peer only hides the subnet from pods which use services there.\n\nRenumber the subnet; join and service networks can only be chosen when a cluster is installed.",
  basis: [
    'V3',
    'https://github.com/kubeovn/kube-ovn/issues/5687',
    'https://github.com/kubeovn/kube-ovn/issues/993',
    'https://github.com/kubeovn/kube-ovn/issues/3627',
  ],
  check(plan, report) {
    const announced = new Set(plan.ovnIc.flatMap((cluster) => cluster.exported))
    const joined = new Set(plan.ovnIc.map(({ id }) => id))
    const concerned = (one: PlanNetwork): boolean =>
      announced.has(one) || (OTHER_ROLES.has(one.role) && (one.cluster === '' || joined.has(one.cluster)))
    eachOverlap(plan, concerned, ({ outer, inner, equal }) => {
      const pairs = equal ? [[outer, outer] as const] : [[outer, inner] as const, [inner, outer] as const]
      for (const [subnets, others] of pairs) {
        for (const subnet of subnets) {
          if (!announced.has(subnet)) continue
          const hit = others.filter((one) => !announced.has(one) && !tolerated(subnet, one))
          if (hit.length === 0) continue
          const narrow = inner[0]!.prefix
          const severity: Severity = hit.every(
            (one) => one.role === 'services' && one.cluster !== subnet.cluster,
          )
            ? 'warning'
            : 'error'
          report({
            severity,
            message: `${networkName(subnet)}, ${formatPrefix(subnet.prefix)}, overlaps with ${named(
              hit.map((one) => `${networkName(one)}, ${formatPrefix(one.prefix)}`),
              3,
            )}`,
            places: [subnet, ...hit].map(networkPlace),
            addresses: [narrow],
            effect: EFFECTS[hit[0]!.role]!(formatPrefix(narrow)),
            hint: `choose a network for ${subnet.name} that is outside ${named([...new Set(hit.map((one) => formatPrefix(one.prefix)))])}`,
            clusters: [subnet.cluster, ...hit.map((one) => one.cluster)],
            subject: [networkKey(subnet), ...hit.map(networkKey).sort()],
          })
        }
      }
    })
  },
}

/** Node networks that hold a subnet of underlay pods are their rightful place. */
function tolerated(subnet: PlanNetwork, other: PlanNetwork): boolean {
  return other.role === 'nodes' && subnet.role !== 'pods'
}

const EFFECTS: Readonly<Record<string, (text: string) => string>> = {
  join: (text) =>
    `Packets from nodes to pods and their answers pass ${text}; the router sends them to the subnet instead, and nodes lose their pods.`,
  services: (text) =>
    `A packet for ${text} is taken for a service where services are translated, and never reaches the pod.`,
  nodes: (text) =>
    `Packets for nodes in ${text} are routed to the subnet; tunnels and the API server lose their answers.`,
  transit: (text) =>
    `The router holds ${text} on two ports; next hops on the transit switch are looked for in the subnet, and no learned route works.`,
}
