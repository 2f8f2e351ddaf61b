// V2: a subnet of one cluster inside one of another.

import { without } from '../../net/cidr-set.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { routesAutomatically } from '../index.ts'
import { eachOverlap, facing } from '../overlap.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkName, networkPlace } from '../words.ts'

export const containedSubnets: Rule = {
  code: 'IC002',
  title: 'A subnet inside a subnet of another cluster that OVN-IC joins',
  severity: 'error; warning where one of the clusters has automatic routes switched off',
  explanation:
    'The longer prefix wins. Where the wider subnet is at home, packets for the addresses of the narrower one leave the cluster as soon as they pass the router: from other subnets, and everything that comes in. Packets inside the subnet are switched and stay. From everywhere else the narrower subnet is reached, and of the wider one only what is left.\n\nPods of the wider subnet that have one of these addresses are lost for everybody who comes over a router. Renumber one of the two, or keep the narrower range out of the wider subnet with excludeIps: then nothing is captured, and only the rest is shared.',
  basis: ['V2', 'RT-14', 'KO-RM-4', 'https://github.com/kubeovn/kube-ovn/pull/7265'],
  check(plan, report) {
    const announced = new Map(
      plan.ovnIc.flatMap((cluster) => cluster.exported.map((one) => [one, cluster] as const)),
    )
    eachOverlap(
      plan,
      (network) => announced.has(network),
      (overlap) => {
        if (overlap.equal) return
        const [outer, inner] = facing(overlap)
        const [wide] = outer
        const [narrow] = inner
        if (wide === undefined || narrow === undefined) return
        const all = [...outer, ...inner]
        const clusters = all.map((one) => announced.get(one)!)
        const automatic = [outer, inner].every((side) =>
          side.some((one) => routesAutomatically(announced.get(one)!)),
        )
        const [holder, taken] = [formatPrefix(wide.prefix), formatPrefix(narrow.prefix)]
        const home = named([...new Set(outer.map(({ cluster }) => cluster))])
        const rest = without(wide.prefix, narrow.prefix)
        report({
          severity: automatic ? 'error' : 'warning',
          message: `${networkName(narrow)}, ${taken}, lies in ${networkName(wide)}, ${holder}`,
          places: all.map(networkPlace),
          addresses: [narrow.prefix],
          effect: automatic
            ? `In ${home} packets for ${taken} that pass the router go to ${named([...new Set(inner.map(({ cluster }) => cluster))])} instead of the own pods; of ${holder} ${rest.length === 1 ? `only ${formatPrefix(rest[0]!)} is` : `${rest.length} other blocks are`} safe.`
            : `Nothing is announced while automatic routes are off; a manual route for ${taken} would take these addresses away from ${home}.`,
          hint: `renumber one of them, or exclude ${taken} from ${wide.name} and do not use it there`,
          clusters: clusters.map(({ id }) => id),
          subject: [networkKey(wide), networkKey(narrow)],
        })
      },
    )
  },
}
