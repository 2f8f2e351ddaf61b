// One address for two nodes or two pods.

import type { PlanNode, PlanPod } from '../../model/plan.ts'
import { formatIp, ipKey } from '../../net/ip.ts'
import { place, type Rule } from '../rule.ts'
import { hostPrefix, nodePlace } from '../words.ts'

export const duplicateAddresses: Rule = {
  code: 'NP011',
  title: 'Two nodes or two pods with one address, or two nodes with one name',
  severity:
    'error in one cluster; warning for nodes of two clusters (between gateways of OVN-IC it is IC006)',
  explanation:
    'An address leads to one machine. Nodes of separate clusters may only share one where nothing ever connects the two.',
  basis: ['GW-5', 'RFC 5227'],
  check(plan, report) {
    const nodes = new Map<number | string, PlanNode>()
    const names = new Map<string, PlanNode>()
    for (const node of plan.nodes) {
      for (const ip of node.ips) {
        const before = nodes.get(ipKey(ip.value))
        if (before === undefined) nodes.set(ipKey(ip.value), node)
        else if (
          before !== node &&
          !(before.cluster === node.cluster && before.name.value === node.name.value)
        ) {
          const same = before.cluster === node.cluster
          const both = [before, node].every(({ cluster }) => plan.cluster(cluster)?.ovnIc?.enabled === true)
          if (!same && both) continue
          report({
            severity: same ? 'error' : 'warning',
            message: `${before.cluster}/${before.name.value} and ${node.cluster}/${node.name.value} have the address ${formatIp(ip.value)}`,
            places: [nodePlace(before), nodePlace(node, ip)],
            addresses: [hostPrefix(ip.value)],
            effect: 'Packets for one of the nodes, tunnels among them, reach the other.',
            hint: 'correct one of the addresses',
            clusters: [before.cluster, node.cluster],
            subject: [formatIp(ip.value), before.name.value, node.name.value],
          })
        }
      }
      const key = `${node.cluster}/${node.name.value}`
      const twin = names.get(key)
      if (twin === undefined) names.set(key, node)
      else if (twin.ips.length > 0 && node.ips.length > 0)
        report({
          severity: 'error',
          message: `${node.cluster} has two nodes named ${node.name.value}`,
          places: [nodePlace(twin), nodePlace(node)],
          effect: 'Only one of them can be a node of the cluster; which files are out of date is not told.',
          hint: 'is one of them of another cluster? Give each cluster a folder',
          clusters: [node.cluster],
          subject: [key],
        })
    }
    const pods = new Map<string, PlanPod>()
    for (const pod of plan.pods) {
      for (const ip of pod.ips) {
        const key = `${pod.cluster} ${formatIp(ip.value)}`
        const before = pods.get(key)
        if (before === undefined) pods.set(key, pod)
        else if (
          before !== pod &&
          !(before.name.value === pod.name.value && before.namespace === pod.namespace)
        )
          report({
            severity: 'error',
            message: `the pods ${before.name.value} and ${pod.name.value} of ${pod.cluster} have the address ${formatIp(ip.value)}`,
            places: [place(before.name.span, before.name.value), place(ip.span, pod.name.value)],
            addresses: [hostPrefix(ip.value)],
            effect: 'Each of the two gets packets of the other.',
            clusters: [pod.cluster],
            subject: [key],
          })
      }
    }
  },
}
