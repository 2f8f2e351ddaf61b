// V22: a prefix of a peer that the own blacklist refuses.

import type { PlanNetwork } from '../../model/plan.ts'
import { covers, formatPrefix, overlaps, parsePrefix } from '../../net/prefix.ts'
import { handlesConflicts, type PlanIndex, routesAutomatically } from '../index.ts'
import { eachOverlap, facing } from '../overlap.ts'
import { place, type Report, type Rule } from '../rule.ts'
import { named, networkKey, networkName, networkPlace } from '../words.ts'

export const ownBlacklist: Rule = {
  code: 'IC022',
  title: "A cluster's own blacklist keeps it from learning a peer's subnet",
  severity: 'warning; error where the version is known to refuse what overlaps with any subnet of its own',
  explanation:
    "One list serves both directions: what a cluster does not announce it does not learn either. Kube-OVN puts on it every subnet with disableInterConnection, the join network and the addresses of nodes; a peer's subnet inside one of them is never learned there, although everybody else learns it.\n\nKube-OVN 1.17 compares what it learns with all its subnets, those of custom VPCs and others that are not announced included: whatever overlaps is deleted and put on the list. A tenant's 10.17.3.0/24 in a VPC of its own then costs the whole cluster the route to 10.17.0.0/16 of a peer.\n\nNarrow the withheld subnet, or renumber the one that shall be reached.",
  basis: ['V22', 'LRN-3', 'KO-BL-1', 'KO-RM-4'],
  check(plan, report) {
    const announced = new Map(
      plan.ovnIc.flatMap((cluster) => cluster.exported.map((one) => [one, cluster] as const)),
    )
    const joined = new Map(plan.ovnIc.map((cluster) => [cluster.id, cluster]))
    const listed = (one: PlanNetwork): boolean =>
      one.withheld === 'disableInterConnection' &&
      joined.has(one.cluster) &&
      routesAutomatically(joined.get(one.cluster)!)
    eachOverlap(
      plan,
      (one) => announced.has(one) || listed(one),
      (overlap) => {
        const [outer, inner] = facing(overlap)
        const list = outer.filter(listed)
        const wanted = inner.filter(
          (one) => announced.has(one) && list.some((other) => other.cluster !== one.cluster),
        )
        if (list.length === 0 || wanted.length === 0) return
        const learners = [...new Set(list.map(({ cluster }) => cluster))]
        report({
          severity: 'warning',
          message: `${named(learners)} will not learn ${formatPrefix(wanted[0]!.prefix)} of ${named([...new Set(wanted.map(({ cluster }) => cluster))])}, which lies in a subnet that it withholds`,
          places: [...wanted, ...list].map(networkPlace),
          addresses: [wanted[0]!.prefix],
          effect: `Packets from ${named(learners)} for these addresses stay at home; those of other clusters arrive, and answers to ${named(learners)} are lost.`,
          hint: 'renumber one of the two',
          clusters: [...list, ...wanted].map(({ cluster }) => cluster),
          subject: [...list.map(networkKey), ...wanted.map(networkKey)],
        })
      },
    )
    checkConflicts(plan, announced, report)
    for (const cluster of plan.ovnIc) {
      const option = cluster.ovnIc.options['ic-route-blacklist']
      for (const word of option?.value.split(',') ?? []) {
        const entry = parsePrefix(word.trim())
        if (entry === undefined || option === undefined) continue
        const wanted = [...announced].filter(
          ([one, owner]) => owner !== cluster && covers(entry, one.prefix) && overlaps(entry, one.prefix),
        )
        if (wanted.length === 0) continue
        report({
          severity: 'warning',
          message: `the ic-route-blacklist of ${cluster.id} holds ${word.trim()}, so it learns nothing in there`,
          places: [
            place(option.span, `blacklist of ${cluster.id}`),
            ...wanted.map(([one]) => networkPlace(one)),
          ],
          addresses: wanted.map(([one]) => one.prefix),
          effect: `Packets from ${cluster.id} for these addresses stay at home.`,
          hint: 'list only what the cluster itself withholds',
          clusters: [cluster.id, ...wanted.map(([one]) => one.cluster)],
          subject: [cluster.id, word.trim()],
        })
      }
    }
  },
}

/** KO-RM-4: subnets that are not announced, in conflict with what a peer announces. Those that are announced have IC001 and IC002. */
function checkConflicts(
  plan: PlanIndex,
  announced: ReadonlyMap<PlanNetwork, PlanIndex['ovnIc'][number]>,
  report: Report,
): void {
  const learning = new Map(
    plan.ovnIc
      .filter((one) => routesAutomatically(one) && handlesConflicts(one) !== false)
      .map((one) => [one.id, one]),
  )
  const refuses = ({ withheld, cluster }: PlanNetwork): boolean =>
    withheld !== undefined && learning.has(cluster)
  eachOverlap(
    plan,
    (one) => announced.has(one) || refuses(one),
    ({ outer, inner, equal }) => {
      const all = equal ? outer : [...outer, ...inner]
      const wanted = all.filter((one) => announced.has(one) && routesAutomatically(announced.get(one)!))
      for (const own of all.filter(refuses)) {
        const lost = wanted.filter(
          (one) => one.cluster !== own.cluster && (equal || inner.includes(one) !== inner.includes(own)),
        )
        const listed =
          own.withheld === 'disableInterConnection' && lost.every((one) => covers(own.prefix, one.prefix))
        if (lost.length === 0 || listed) continue
        const known = handlesConflicts(learning.get(own.cluster)!) === true
        const prefix = formatPrefix(lost[0]!.prefix)
        const homes = named([...new Set(lost.map(({ cluster }) => cluster))])
        report({
          severity: known ? 'error' : 'warning',
          message: `${own.cluster} will not learn ${prefix} of ${homes}, which overlaps with ${networkName(own)}, ${formatPrefix(own.prefix)}`,
          places: [own, ...lost].map(networkPlace),
          addresses: [lost[0]!.prefix],
          effect: `${known ? 'It' : 'Kube-OVN 1.17'} deletes the learned route, although the own subnet is not announced: no packet from ${own.cluster} reaches ${prefix} of ${homes}, and no answer either.`,
          hint: 'renumber one of the two',
          clusters: [own, ...lost].map(({ cluster }) => cluster),
          subject: ['own', networkKey(own), ...lost.map(networkKey)],
        })
      }
    },
  )
}
