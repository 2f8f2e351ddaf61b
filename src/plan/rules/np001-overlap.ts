// Overlaps between clusters that no technology's own rule speaks of.

import type { Severity } from '../../diag/diagnostic.ts'
import type { NetworkRole, PlanNetwork } from '../../model/plan.ts'
import { formatPrefix } from '../../net/prefix.ts'
import type { PlanIndex } from '../index.ts'
import { eachOverlap, facing } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkName, networkPlace } from '../words.ts'

export const overlapAcross: Rule = {
  code: 'NP001',
  title: 'Networks of two clusters overlap',
  severity:
    'error for pods with pods, services, nodes or external networks; warning for services with services and the join network with services or nodes; info for join networks, and for clusters of which one is joined to others and one is not',
  explanation:
    'Nothing in the plan says how these clusters are joined, so the rule of any routed network holds: an address leads to one place. Under OVN-IC and Submariner the rules IC001 to IC003 and SM001 say in detail what happens; services and join networks may overlap under OVN-IC, and services may not under Submariner.\n\nSay `technology: ovn-ic` or `technology: submariner` in the plan to have it judged by that.',
  basis: ['V1', 'V2', 'SM-OVERLAP'],
  check(plan, report) {
    const related = (one: PlanNetwork): boolean => one.cluster !== '' && RANKS[one.role] !== undefined
    eachOverlap(plan, related, (overlap) => {
      const [outer, inner] = facing(overlap)
      let worst: Severity | undefined
      const concerned = new Set<PlanNetwork>()
      for (const a of outer) {
        for (const b of inner) {
          const severity = severityOf(plan, a, b)
          if (severity === undefined || concerned.size > 200) continue
          concerned.add(a).add(b)
          if (worst === undefined || ORDER.indexOf(severity) < ORDER.indexOf(worst)) worst = severity
        }
      }
      if (worst === undefined) return
      const all = [...concerned]
      const [a, b] = [all[0]!, all.find(({ cluster }) => cluster !== all[0]!.cluster)!]
      const ids = [...new Set(all.map(({ cluster }) => cluster))]
      report({
        severity: worst,
        message: overlap.equal
          ? `${named(all.map(networkName), 3)} ${all.length > 2 ? 'are all' : 'are both'} ${formatPrefix(a.prefix)}`
          : `${networkName(b)}, ${formatPrefix(b.prefix)}, overlaps with ${networkName(a)}, ${formatPrefix(a.prefix)}`,
        places: all.map(networkPlace),
        addresses: [overlap.inner[0]!.prefix],
        effect:
          worst === 'info'
            ? `Nothing while ${named(ids)} are not joined to each other, or only pods talk.`
            : `A packet for these addresses goes to one of ${named(ids)}, by the longest prefix, and never to the other.`,
        hint: 'give one of them another network before they are joined',
        clusters: ids,
        subject: all.map(networkKey).sort(),
      })
    })
  },
}

const ORDER: readonly Severity[] = ['error', 'warning', 'info']

/** Which kinds are compared here; pools, docker, kind, global and load-balancer networks have rules of their own. */
const RANKS: Partial<Record<NetworkRole, 'pod' | 'service' | 'join' | 'node' | 'external'>> = {
  pods: 'pod',
  'cluster-cidr': 'pod',
  underlay: 'pod',
  services: 'service',
  join: 'join',
  nodes: 'node',
  external: 'external',
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  'pod pod': 'error',
  'pod service': 'error',
  'node pod': 'error',
  'external pod': 'error',
  'join pod': 'error',
  'node service': 'error',
  'external service': 'error',
  'external join': 'warning',
  'service service': 'warning',
  'join service': 'warning',
  'join node': 'warning',
  'join join': 'info',
}

function severityOf(plan: PlanIndex, a: PlanNetwork, b: PlanNetwork): Severity | undefined {
  if (a.cluster === b.cluster) return undefined
  // Two defaults that nobody wrote are no news, and one inside the other is judged by what was written.
  if (a.assumed !== undefined && b.assumed !== undefined && a.role === 'join') return undefined
  const [x, y] = [plan.cluster(a.cluster), plan.cluster(b.cluster)]
  if (x === undefined || y === undefined) return undefined
  const severity = SEVERITIES[[RANKS[a.role]!, RANKS[b.role]!].sort().join(' ')]
  const [icX, icY] = [x.ovnIc?.enabled === true, y.ovnIc?.enabled === true]
  const [smX, smY] = [x.submariner !== undefined, y.submariner !== undefined]
  // Both joined by one technology: its own rules have spoken.
  if ((icX && icY) || (smX && smY)) return undefined
  const joined = icX || icY || smX || smY
  return severity !== undefined && joined ? 'info' : severity
}
