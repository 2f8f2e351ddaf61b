// Documents that disagree about one cluster.

import type { NetworkRole, PlanNetwork } from '../../model/plan.ts'
import { covers, formatPrefix, samePrefix } from '../../net/prefix.ts'
import type { Rule } from '../rule.ts'
import { named, networkKey, networkName, networkPlace } from '../words.ts'

/** What a cluster has one of, in each family. */
const SINGLE: readonly NetworkRole[] = ['services', 'join']

export const contradictions: Rule = {
  code: 'NP012',
  title: 'Documents contradict each other about a cluster',
  severity: 'warning; error for two service networks',
  explanation:
    "A cluster has one service network and one join network in each family, a subnet of a name has one CIDR in each family, and its subnets lie in the range that it declares for pods (kubeadm's podSubnet, Submariner's --clustercidr). Two documents that disagree mean that one is out of date, or that files of two clusters were taken for one.",
  basis: ['submariner-semantics 7.4', 'RT-7'],
  check(plan, report) {
    for (const cluster of plan.clusters) {
      for (const role of SINGLE) {
        const all = cluster.networks.filter((one) => one.role === role && one.assumed === undefined)
        for (const family of ['number', 'object']) {
          const own = all.filter(({ prefix }) => typeof prefix.ip === family)
          const other = own.find(({ prefix }) => !samePrefix(prefix, own[0]!.prefix))
          if (other === undefined) continue
          report({
            severity: role === 'services' ? 'error' : 'warning',
            message: `${cluster.id} has two ${role === 'services' ? 'service' : 'join'} networks, ${formatPrefix(own[0]!.prefix)} and ${formatPrefix(other.prefix)}`,
            places: own.map(networkPlace),
            addresses: [own[0]!.prefix, other.prefix],
            effect:
              'One of the two documents is out of date: what was announced or exempted for the wrong network is lost for the right one.',
            hint: 'correct the one that does not match the cluster',
            clusters: [cluster.id],
            subject: own.map(networkKey).sort(),
          })
        }
      }
      for (const [first, ...others] of subnetsByName(cluster.networks)) {
        const other = others.find(
          ({ prefix, span }) => !samePrefix(prefix, first!.prefix) && span.file !== first!.span.file,
        )
        if (other === undefined) continue
        report({
          severity: 'warning',
          message: `the subnet ${first!.name} of ${cluster.id} is ${formatPrefix(first!.prefix)} in one file and ${formatPrefix(other.prefix)} in another`,
          places: [first!, ...others].map(networkPlace),
          addresses: [first!.prefix, other.prefix],
          effect: 'One of the two files is out of date, and what is judged by it is not what will be there.',
          hint: 'correct the one that does not match the cluster',
          clusters: [cluster.id],
          subject: [first!, ...others].map(networkKey).sort(),
        })
      }
      const ranges = cluster.networks.filter(
        ({ role, assumed }) => role === 'cluster-cidr' && assumed === undefined,
      )
      // Where Submariner is told a range, SM009 says what that does to packets.
      if (cluster.submariner !== undefined || ranges.length === 0) continue
      for (const subnet of cluster.networks) {
        if (subnet.role !== 'pods' || !isDefault(subnet)) continue
        const same = ranges.filter(({ prefix }) => typeof prefix.ip === typeof subnet.prefix.ip)
        if (same.length === 0 || same.some(({ prefix }) => covers(prefix, subnet.prefix))) continue
        report({
          severity: 'warning',
          message: `${networkName(subnet)}, ${formatPrefix(subnet.prefix)}, is not in the pod range ${named(same.map(({ prefix }) => formatPrefix(prefix)))}`,
          places: [subnet, ...same].map(networkPlace),
          addresses: [subnet.prefix],
          effect:
            'kube-proxy takes packets of these pods for traffic from outside and masquerades them on the way to services.',
          hint: 'make podSubnet (and --cluster-cidr of kube-proxy) hold the default subnet',
          clusters: [cluster.id],
          subject: [networkKey(subnet)],
        })
      }
    }
  },
}

/** Subnets of one name and family; a name is a cluster's own, and `pods` is none. */
function subnetsByName(networks: readonly PlanNetwork[]): PlanNetwork[][] {
  const groups = new Map<string, PlanNetwork[]>()
  for (const network of networks) {
    const { role, name, prefix, assumed } = network
    if (role !== 'pods' || name === 'pods' || assumed !== undefined) continue
    const key = `${typeof prefix.ip} ${name}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [network])
    else group.push(network)
  }
  return [...groups.values()].filter(({ length }) => length > 1)
}

/** Subnets of other VPCs and further subnets are made on purpose. */
function isDefault({ name, vpc }: PlanNetwork): boolean {
  return (name === 'ovn-default' || name === 'pods') && (vpc === undefined || vpc.value === 'ovn-cluster')
}
