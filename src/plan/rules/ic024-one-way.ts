// V24: routes in one direction only, or in none.

import { contains, covers, parsePrefix } from '../../net/prefix.ts'
import { type JoinedCluster, type PlanIndex, routesAutomatically } from '../index.ts'
import { place, type Rule } from '../rule.ts'
import { named } from '../words.ts'

export const oneWay: Rule = {
  code: 'IC024',
  title: 'Only one direction has a route, or none has',
  severity:
    'error for one direction; warning for none, where one cluster has automatic routes and another has not',
  explanation:
    'A conversation needs a route each way. With a manual route on one side only, or with announcing and learning switched on one by one (ic-route-adv, ic-route-learn), packets arrive and answers do not. `auto-route` switches both together, so a cluster that has it off neither announces to those that have it on nor learns from them: between them only manual routes work, on both sides.',
  basis: ['V24', 'LRN-10', 'ovn-semantics 4.6'],
  check(plan, report) {
    const manual = manualRoutes(plan)
    const flags = plan.ovnIc.map((cluster) => ({
      cluster,
      adv: option(cluster, 'ic-route-adv'),
      learn: option(cluster, 'ic-route-learn'),
    }))
    for (const [i, a] of flags.entries()) {
      const oneWayTo: JoinedCluster[] = []
      const oneWayFrom: JoinedCluster[] = []
      const neither: JoinedCluster[] = []
      for (const [j, b] of flags.entries()) {
        if (i === j) continue
        const there = (a.learn && b.adv) || manual(a.cluster, b.cluster)
        const back = (b.learn && a.adv) || manual(b.cluster, a.cluster)
        if (there && !back && j > i) oneWayTo.push(b.cluster)
        else if (!there && back && j > i) oneWayFrom.push(b.cluster)
        else if (!there && !back && !a.adv && !a.learn && b.adv && b.learn) neither.push(b.cluster)
      }
      for (const other of oneWayTo) report(halfway(a.cluster, other))
      for (const other of oneWayFrom) report(halfway(other, a.cluster))
      if (neither.length > 0) {
        const ids = neither.map(({ id }) => id)
        report({
          severity: 'warning',
          message: `${a.cluster.id} has automatic routes off, and ${named(ids)} on: no route is exchanged between them`,
          places: [a.cluster, ...neither].map(({ ovnIc, id }) =>
            place(ovnIc.autoRoute?.span ?? ovnIc.span, `auto-route of ${id}`),
          ),
          addresses: a.cluster.exported.map(({ prefix }) => prefix),
          effect: `Packets between ${a.cluster.id} and ${named(ids)} leave by the nodes and find no pod.`,
          hint: 'set auto-route to "true" in all of them, or add manual routes on both sides',
          clusters: [a.cluster.id, ...ids],
          subject: [a.cluster.id, 'off'],
        })
      }
    }
  },
}

function halfway(from: JoinedCluster, to: JoinedCluster): Parameters<Parameters<Rule['check']>[1]>[0] {
  return {
    severity: 'error',
    message: `${from.id} has a route to ${to.id}, and none leads back`,
    places: [
      place(to.ovnIc.autoRoute?.span ?? to.ovnIc.span, `${to.id} has no route to ${from.id}`),
      place(from.ovnIc.autoRoute?.span ?? from.ovnIc.span, `interconnection of ${from.id}`),
    ],
    addresses: from.exported.map(({ prefix }) => prefix),
    effect: `Packets from ${from.id} arrive in ${to.id}; the answers leave ${to.id} by its nodes and are lost.`,
    hint: `let ${to.id} learn the routes of ${from.id}, or add a manual route there`,
    clusters: [from.id, to.id],
    subject: [from.id, to.id],
  }
}

function option({ ovnIc, ...cluster }: JoinedCluster, key: string): boolean {
  const given = ovnIc.options[key]
  return given === undefined ? routesAutomatically({ ...cluster, ovnIc }) : given.value === 'true'
}

/** Whether a cluster has a manual route over a transit switch to a subnet of another. */
function manualRoutes(plan: PlanIndex): (a: JoinedCluster, b: JoinedCluster) => boolean {
  const byCluster = new Map<string, NonNullable<ReturnType<typeof parsePrefix>>[]>()
  for (const { cluster, prefix, nexthop, learned } of plan.joinedRoutes) {
    const [to, hop] = [parsePrefix(prefix.value), parsePrefix(nexthop.value)]
    if (
      learned ||
      to === undefined ||
      hop === undefined ||
      !plan.transit.some((one) => contains(one.prefix, hop.ip))
    )
      continue
    byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), to])
  }
  return (a, b) =>
    byCluster
      .get(a.id)
      ?.some((to) => b.exported.some((one) => covers(to, one.prefix) || covers(one.prefix, to))) ?? false
}
