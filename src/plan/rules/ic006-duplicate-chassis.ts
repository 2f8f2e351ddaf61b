// V6: one chassis name or tunnel address in two clusters.

import type { PlanNode, Written } from '../../model/plan.ts'
import { formatIp } from '../../net/ip.ts'
import type { Problem, Report, Rule } from '../rule.ts'
import { place } from '../rule.ts'
import { hostPrefix, nodePlace } from '../words.ts'

export const duplicateChassis: Rule = {
  code: 'IC006',
  title: 'One chassis name or tunnel address in two clusters',
  severity: 'error; warning between nodes of which at most one is a gateway',
  explanation:
    'Gateways are published with their chassis name (`system-id`) and tunnel address, and both are unique over all clusters: the database refuses the second one, and with it everything else that this cluster wanted to publish in the same round. Cloned machines often share a system-id; clusters in separate data centres often share addresses.\n\nGive the node another address or `system-id` (/etc/openvswitch/system-id.conf) before it becomes a gateway.',
  basis: [
    'V6',
    'GW-4',
    'GW-5',
    'IC-3',
    'https://github.com/ovn-org/ovn-kubernetes/pull/3169',
    'https://github.com/kubeovn/kube-ovn/pull/3525',
  ],
  check(plan, report) {
    const gateways = new Set(
      plan.ovnIc.flatMap(({ nodes, ovnIc }) =>
        nodes.filter((node) => ovnIc.gateways.some((one) => one.value === node.name.value)),
      ),
    )
    const joined = plan.ovnIc.flatMap(({ nodes }) => nodes)
    const endpoints = new Map<string, PlanNode>()
    const chassis = new Map<string, PlanNode>()
    for (const node of joined) {
      const ip = node.ips[0]
      if (ip !== undefined) clash(endpoints, formatIp(ip.value), node, 'tunnel address')
      if (node.chassis !== undefined) clash(chassis, node.chassis.value, node, 'chassis name')
    }
    function clash(seen: Map<string, PlanNode>, key: string, node: PlanNode, what: string): void {
      const before = seen.get(key)
      if (before === undefined) {
        seen.set(key, node)
        return
      }
      if (before.cluster === node.cluster) return
      const both = gateways.has(before) && gateways.has(node)
      report({
        severity: both ? 'error' : 'warning',
        message: `${before.cluster}/${before.name.value} and ${node.cluster}/${node.name.value} have the same ${what}, ${key}`,
        places:
          what === 'chassis name'
            ? [chassisPlace(before), chassisPlace(node)]
            : [nodePlace(before), nodePlace(node)],
        addresses: what === 'chassis name' ? [] : [hostPrefix(node.ips[0]!.value)],
        effect: both
          ? 'The IC Southbound database refuses the second gateway and everything its cluster publishes with it: no peer learns a route of that cluster.'
          : 'Nothing yet; as soon as both are gateways the second one is refused with everything its cluster publishes.',
        hint:
          what === 'chassis name'
            ? 'give the clone a system-id of its own'
            : 'tunnel endpoints must be reachable from all clusters, so they need different addresses',
        clusters: [before.cluster, node.cluster],
        subject: [what, key, `${before.cluster}/${before.name.value}`, `${node.cluster}/${node.name.value}`],
      })
    }
    staleRows(plan.zoneRows, report)
  },
}

/** Rows of the IC databases that clash with each other. */
function staleRows(rows: Parameters<Rule['check']>[0]['zoneRows'], report: Report): void {
  const seen = new Map<string, { readonly zone: string; readonly at: Written<unknown> }>()
  for (const { name, gateways } of rows) {
    for (const { ip } of gateways) {
      if (ip === undefined) continue
      const key = formatIp(ip.value)
      const before = seen.get(key)
      if (before === undefined) seen.set(key, { zone: name.value, at: ip })
      else if (before.zone !== name.value)
        report({
          severity: 'error',
          message: `the zones ${before.zone} and ${name.value} have gateways with the same tunnel address, ${key}`,
          places: [
            place(before.at.span, `gateway of ${before.zone}`),
            place(ip.span, `gateway of ${name.value}`),
          ],
          addresses: [hostPrefix(ip.value)],
          effect: 'Packets for one of the two zones arrive at the other.',
          clusters: [],
          subject: [before.zone, name.value, key],
        } satisfies Problem)
    }
  }
}

function chassisPlace(node: PlanNode): ReturnType<typeof place> {
  return place(node.chassis?.span, `${node.cluster} node ${node.name.value}`)
}
