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
        const [left, right] = [byCluster(outer), byCluster(inner)]
        for (const [id, own] of right) {
          const others = left.get(id) ?? []
          const involved = new Set<PlanNetwork>()
          let worst: 'error' | 'warning' | undefined
          // Of many equal ones the first few tell the story.
          for (const [i, b] of own.slice(0, SEVERAL).entries()) {
            for (const a of equal ? own.slice(0, i) : others.slice(0, SEVERAL)) {
              const severity = judge(plan, a, b)
              if (severity === undefined) continue
              involved.add(a).add(b)
              if (worst !== 'error') worst = severity
            }
          }
          const [a, b] = involved
          if (worst === undefined || a === undefined || b === undefined) continue
          report({
            severity: worst,
            message: `${networkName(b)}, ${formatPrefix(b.prefix)}, overlaps with ${networkName(a)}, ${formatPrefix(a.prefix)}`,
            places: [...involved].map(networkPlace),
            addresses: [inner[0]!.prefix],
            effect: `A packet for ${formatPrefix(inner[0]!.prefix)} means two things in ${id}; which of them it reaches depends on the node and the rule that sees it first.`,
            hint: `choose a network for one of them outside ${formatPrefix(a.prefix)}`,
            clusters: [id],
            subject: [...involved].map(networkKey),
          })
        }
      },
    )
  },
}

/** More networks of one cluster with the same prefix than this are not compared with each other. */
const SEVERAL = 20

function byCluster(networks: readonly PlanNetwork[]): Map<string, PlanNetwork[]> {
  const groups = new Map<string, PlanNetwork[]>()
  for (const one of networks) {
    const list = groups.get(one.cluster)
    if (list === undefined) groups.set(one.cluster, [one])
    else list.push(one)
  }
  return groups
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
