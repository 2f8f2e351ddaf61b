// V1: equal subnets announced by two clusters.

import { formatPrefix } from '../../net/prefix.ts'
import { routesAutomatically } from '../index.ts'
import { eachOverlap } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkPlace } from '../words.ts'

export const equalSubnets: Rule = {
  code: 'IC001',
  title: 'Equal subnets in two clusters that OVN-IC joins',
  severity: 'error; warning where one of the clusters has automatic routes switched off',
  explanation:
    'With automatic routes each cluster announces its subnets and learns those of the others. A subnet that both have is then connected and learned at once: OVN before 25.03 makes two flows with the same match and the same priority, and which of them forwards a packet is undefined and may change with a restart of ovn-controller. From 25.03 on (Kube-OVN 1.15) the own subnet always wins, and every other cluster that learns both has two equal routes to different pods. Kube-OVN 1.17 notices, deletes the learned route and stops announcing both: then nobody loses packets, but the two subnets never see each other.\n\nWith manual routes nothing is announced; the subnets stay apart, and a manual route for this prefix must not be added.\n\nRenumber one of them, or set disableInterConnection on the one that need not be reached.',
  basis: ['V1', 'RT-5', 'RT-12', 'KO-RM-4', 'https://github.com/kubeovn/kube-ovn/issues/7264'],
  check(plan, report) {
    const announced = new Map(
      plan.ovnIc.flatMap((cluster) => cluster.exported.map((one) => [one, cluster] as const)),
    )
    eachOverlap(
      plan,
      (network) => announced.has(network),
      ({ outer, equal }) => {
        if (!equal) return
        const clusters = [...new Set(outer.map((one) => announced.get(one)!))]
        if (clusters.length < 2) return
        const automatic = clusters.filter(routesAutomatically)
        const prefix = outer[0]!.prefix
        const text = formatPrefix(prefix)
        const ids = clusters.map(({ id }) => id)
        const ownWins = automatic.every(
          ({ behaviour }) =>
            behaviour !== undefined &&
            behaviour.routePriorities.connected > behaviour.routePriorities.learnedConnected,
        )
        const withdraws = automatic.filter(({ behaviour }) => behaviour?.kubeOvn?.conflictHandling === true)
        report({
          severity: automatic.length > 1 ? 'error' : 'warning',
          message: `${named(ids)} ${ids.length === 2 ? 'both' : 'all'} have the subnet ${text}`,
          places: outer.map(networkPlace),
          addresses: [prefix],
          effect:
            automatic.length < 2
              ? `No route for ${text} is exchanged, because automatic routes are off; pods there cannot be reached from the other cluster.`
              : withdraws.length === automatic.length
                ? `Each cluster deletes the learned route and announces ${text} no longer: packets for it stay in the cluster that sends them.`
                : ownWins
                  ? `The own route wins in each: a packet for ${text} stays in the cluster that sends it; other clusters learn both and send packets to either.`
                  : `A packet for ${text} meets two equal routes, one to the own subnet and one to the transit switch; which one takes it is undefined.`,
          hint: 'give one of them another network, or set disableInterConnection on it',
          clusters: ids,
          subject: outer.map(networkKey).sort(),
        })
      },
    )
  },
}
