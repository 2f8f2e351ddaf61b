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
    'error for pods with pods, services, nodes or external networks; warning for services with services and the join network with services or nodes; info for join networks; one less for clusters of which one is joined to others and one is not yet, and info where OVN-IC is switched off in that one',
  explanation:
    'Nothing in the plan says how these clusters are joined, so the rule of any routed network holds: an address leads to one place. Under OVN-IC and Submariner the rules IC001 to IC003 and SM001 say in detail what happens; services and join networks may overlap under OVN-IC, and services may not under Submariner. Subnets of custom VPCs are left out: no route leads there from other clusters.\n\nSay `technology: ovn-ic` or `technology: submariner` in the plan to have it judged by that.',
  basis: ['V1', 'V2', 'SM-OVERLAP'],
  check(plan, report) {
    const classOf = classifier(plan)
    const related = ({ cluster, role, withheld }: PlanNetwork): boolean =>
      cluster !== '' && KINDS[role] !== undefined && withheld !== 'vpc'
    eachOverlap(plan, related, (overlap) => {
      const [outer, inner] = facing(overlap)
      const left = classes(outer, classOf)
      const right = overlap.equal ? left : classes(inner, classOf)
      let worst: Severity | undefined
      let apart = true
      const concerned = new Set<PlanNetwork>()
      for (const [a, mine] of left) {
        for (const [b, theirs] of right) {
          const severity = severityOf(a, b)
          if (severity === undefined || !acrossTwo(mine, theirs)) continue
          for (const one of [...mine, ...theirs]) concerned.add(one)
          apart &&= isApart(a, b)
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
          apart && worst !== 'info'
            ? `Nothing while ${named(ids)} are not joined to each other; then a packet for these addresses goes to one of them and never to the other.`
            : worst === 'info'
              ? `Nothing while ${named(ids)} are not joined to each other, or only pods talk.`
              : overlap.equal
                ? `${named(ids)} have these addresses themselves: a packet for them stays in the cluster that sends it.`
                : `A packet for these addresses goes to one of ${named(ids)}, by the longest prefix, and never to the other.`,
        hint: 'give one of them another network before they are joined',
        clusters: ids,
        subject: all.map(networkKey).sort(),
      })
    })
  },
}

const ORDER: readonly Severity[] = ['error', 'warning', 'info']

type Kind = 'pod' | 'service' | 'join' | 'node' | 'external'

/** Which kinds are compared here; pools, docker, kind, global and load-balancer networks have rules of their own. */
const KINDS: Partial<Record<NetworkRole, Kind>> = {
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

/** All that a severity depends on: few of them stand for any number of networks. */
interface Class {
  readonly kind: Kind
  readonly assumed: boolean
  readonly ovnIc: boolean
  /** OVN-IC is configured and switched off: apart on purpose. */
  readonly off: boolean
  readonly submariner: boolean
}

function classifier(plan: PlanIndex): (network: PlanNetwork) => Class {
  const known = new Map<string, Class>()
  return ({ cluster, role, assumed }) => {
    const view = plan.cluster(cluster)
    const one: Class = {
      kind: KINDS[role]!,
      assumed: assumed !== undefined,
      ovnIc: view?.ovnIc?.enabled === true,
      off: view?.ovnIc?.enabled === false,
      submariner: view?.submariner !== undefined,
    }
    const key = `${one.kind} ${one.assumed} ${one.ovnIc} ${one.off} ${one.submariner}`
    const before = known.get(key)
    if (before === undefined) known.set(key, one)
    return before ?? one
  }
}

function classes(
  networks: readonly PlanNetwork[],
  classOf: (network: PlanNetwork) => Class,
): Map<Class, PlanNetwork[]> {
  const found = new Map<Class, PlanNetwork[]>()
  for (const network of networks) {
    const one = classOf(network)
    const list = found.get(one)
    if (list === undefined) found.set(one, [network])
    else list.push(network)
  }
  return found
}

/** True unless all networks of both lists belong to one cluster. */
function acrossTwo(a: readonly PlanNetwork[], b: readonly PlanNetwork[]): boolean {
  const first = a[0]!.cluster
  return a.some(({ cluster }) => cluster !== first) || b.some(({ cluster }) => cluster !== first)
}

function severityOf(a: Class, b: Class): Severity | undefined {
  // Two defaults that nobody wrote are no news.
  if (a.assumed && b.assumed && a.kind === 'join') return undefined
  // Both joined by one technology: its own rules have spoken.
  if ((a.ovnIc && b.ovnIc) || (a.submariner && b.submariner)) return undefined
  const severity = SEVERITIES[[a.kind, b.kind].sort().join(' ')]
  if (severity === undefined || !isApart(a, b)) return severity
  return severity === 'error' && !a.off && !b.off ? 'warning' : 'info'
}

/** One is joined to others, and the other is not; what lies outside the clusters is joined to all of them. */
function isApart(a: Class, b: Class): boolean {
  const outside = a.kind === 'external' || b.kind === 'external'
  return !outside && (a.ovnIc || b.ovnIc || a.submariner || b.submariner)
}
