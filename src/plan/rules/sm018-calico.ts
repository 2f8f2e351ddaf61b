// SM-CALICO: Calico without VXLAN, or without pools for the remote networks.

import { formatPrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { named } from '../words.ts'

export const smCalico: Rule = {
  code: 'SM018',
  title: 'Calico needs an IPPool for every remote network',
  severity: 'warning',
  explanation:
    'Calico translates the source of packets that leave its pools. Remote networks must be pools that are disabled and have natOutgoing: false; Submariner makes them itself from 0.16 on where the Calico API server runs. The own pool must be encapsulated in VXLAN, or pods on other nodes than the gateway cannot talk.',
  basis: ['SM-CALICO', 'submariner-semantics 2.2', 'https://github.com/submariner-io/submariner/issues/3110'],
  check(plan, report) {
    for (const cluster of plan.submariner) {
      if (cluster.cni?.value.toLowerCase() !== 'calico') continue
      const remote = plan.submariner.filter((one) => one !== cluster).flatMap(({ carried }) => carried)
      const covered = new Set(
        cluster.networks.filter(({ role }) => role === 'external').map(({ prefix }) => formatPrefix(prefix)),
      )
      const missing = remote.filter(({ prefix }) => !covered.has(formatPrefix(prefix)))
      if (missing.length === 0) continue
      const texts = missing.map(({ prefix }) => formatPrefix(prefix))
      report({
        severity: 'warning',
        message: `Calico of ${cluster.id} needs disabled IPPools without NAT for ${named(texts)}`,
        places: [place(cluster.cni.span, `network plugin of ${cluster.id}`)],
        addresses: missing.map(({ prefix }) => prefix),
        effect:
          'Without them packets to these networks leave with the address of the node, and no tunnel takes them.',
        hint: 'create the IPPools, or use Submariner 0.16 or newer with the Calico API server; list them as external in the plan',
        clusters: [cluster.id],
        subject: [cluster.id, ...texts],
      })
    }
  },
}
