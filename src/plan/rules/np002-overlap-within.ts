// Overlaps inside one cluster.

import type { PlanNetwork } from '../../model/plan.ts'
import { formatPrefix } from '../../net/prefix.ts'
import type { PlanIndex } from '../index.ts'
import { eachOverlap } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { networkKey, networkName, networkPlace } from '../words.ts'

export const overlapWithin: Rule = {
  code: 'NP002',
  title: 'Two networks of one cluster overlap',
  severity: 'error; warning for a pod network inside the network of the nodes',
  explanation:
    "Pods, services, join network and nodes of a cluster are told apart by address alone. Two subnets on one router give it two connected routes for the same addresses. Subnets of different VPCs may overlap, and subnets lie inside the range that the cluster declares as its pods'; both are left alone.",
  basis: [
    'RT-12',
    'SM-OVERLAP-SELF',
    'https://github.com/kubeovn/kube-ovn/issues/3627',
    'https://github.com/kubeovn/kube-ovn/issues/993',
  ],
  check(plan, report) {
    eachOverlap(
      plan,
      ({ cluster, role }) => cluster !== '' && ROLES.has(role),
      ({ outer, inner, equal }) => {
        const byCluster = new Map<string, PlanNetwork[]>()
        for (const one of outer) byCluster.set(one.cluster, [...(byCluster.get(one.cluster) ?? []), one])
        for (const [i, b] of inner.entries()) {
          const others = byCluster.get(b.cluster) ?? []
          for (const a of others) {
            if (a === b || (equal && outer.indexOf(a) >= i)) continue
            const severity = judge(plan, a, b)
            if (severity === undefined) continue
            report({
              severity,
              message: `${networkName(b)}, ${formatPrefix(b.prefix)}, overlaps with ${networkName(a)}, ${formatPrefix(a.prefix)}`,
              places: [a, b].map(networkPlace),
              addresses: [b.prefix],
              effect: `A packet for ${formatPrefix(b.prefix)} means two things in ${b.cluster}; which of them it reaches depends on the node and the rule that sees it first.`,
              hint: `choose a network for one of them outside ${formatPrefix(a.prefix)}`,
              clusters: [b.cluster],
              subject: [networkKey(a), networkKey(b)],
            })
          }
        }
      },
    )
  },
}

const ROLES: ReadonlySet<string> = new Set(['pods', 'cluster-cidr', 'services', 'join', 'nodes', 'external'])

function judge(plan: PlanIndex, a: PlanNetwork, b: PlanNetwork): 'error' | 'warning' | undefined {
  const roles = [a.role, b.role].sort().join(' ')
  const cluster = plan.cluster(a.cluster)
  const joined = cluster?.ovnIc?.enabled === true
  const announced = (one: PlanNetwork): boolean => joined && cluster?.exported.includes(one) === true
  if (roles === 'pods pods')
    return (a.vpc?.value ?? 'ovn-cluster') === (b.vpc?.value ?? 'ovn-cluster') ? 'error' : undefined
  if (roles === 'cluster-cidr pods' || roles === 'cluster-cidr cluster-cidr' || a.role === b.role)
    return undefined
  // IC003 and SM002 say more about these.
  if (announced(a) || announced(b))
    return a.role === 'external' || b.role === 'external' ? 'error' : undefined
  const podServices = roles === 'pods services' || roles === 'cluster-cidr services'
  if (podServices && cluster?.submariner !== undefined) return undefined
  // Submariner's guide for Kube-OVN declares the join network as one of the pods'.
  if (roles === 'cluster-cidr join') return undefined
  if (roles === 'nodes pods' || roles === 'cluster-cidr nodes') return 'warning'
  return 'error'
}
