// V19: a default route that is to cross clusters.

import { place, type Rule } from '../rule.ts'

export const defaultRoute: Rule = {
  code: 'IC019',
  title: 'A default route is announced on one side only',
  severity: 'warning',
  explanation:
    'A default route crosses only where `ic-route-adv-default` is true in the cluster that has it and `ic-route-learn-default` in those that shall use it, beside `ic-route-adv` and `ic-route-learn`. Kube-OVN sets neither.',
  basis: ['V19', 'ADV-2', 'LRN-3', 'KO-BL-2'],
  check(plan, report) {
    const on = (cluster: (typeof plan.ovnIc)[number], key: string) => {
      const option = cluster.ovnIc.options[key]
      return option?.value === 'true' ? option : undefined
    }
    const advertisers = plan.ovnIc.filter((one) => on(one, 'ic-route-adv-default'))
    const learners = plan.ovnIc.filter((one) => on(one, 'ic-route-learn-default'))
    const half = (clusters: typeof advertisers, key: string, missing: string, effect: string): void => {
      for (const cluster of clusters)
        report({
          severity: 'warning',
          message: `${cluster.id} has ${key}, and no other cluster has ${missing}`,
          places: [place(on(cluster, key)?.span, `option of ${cluster.id}`)],
          effect,
          hint: `set ${missing}=true in the clusters at the other end`,
          clusters: [cluster.id],
          subject: [cluster.id, key],
        })
    }
    if (!learners.some((one) => advertisers.some((other) => other !== one))) {
      half(
        advertisers,
        'ic-route-adv-default',
        'ic-route-learn-default',
        'The default route is announced and nobody takes it: packets to unknown addresses leave by the own cluster.',
      )
      half(
        learners,
        'ic-route-learn-default',
        'ic-route-adv-default',
        'No default route is announced: packets to unknown addresses leave by the own cluster.',
      )
    }
  },
}
