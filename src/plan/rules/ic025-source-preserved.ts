// V25: peers see pods' own addresses.

import { covers, formatPrefix } from '../../net/prefix.ts'
import type { Rule } from '../rule.ts'
import { networkKey, networkPlace } from '../words.ts'

export const sourcePreserved: Rule = {
  code: 'IC025',
  title: "A peer's firewall or external network does not know foreign pods",
  severity: 'warning',
  explanation:
    'Packets cross the transit switch with the address of the pod that sent them; nothing translates it. Network policies and firewalls of the peer must allow the foreign pod networks, by address. Where an external network of the plan holds those addresses, its hosts and the foreign pods are the same to everybody behind it.',
  basis: ['V25', 'ovn-semantics 4.10'],
  check(plan, report) {
    const joined = new Set(plan.ovnIc.map(({ id }) => id))
    const externals = plan.networks.filter(
      ({ role, cluster }) => role === 'external' && (cluster === '' || joined.has(cluster)),
    )
    for (const external of externals) {
      const hit = plan.ovnIc.flatMap(({ exported }) =>
        exported.filter((one) => covers(external.prefix, one.prefix) || covers(one.prefix, external.prefix)),
      )
      if (hit.length === 0) continue
      report({
        severity: 'warning',
        message: `the external network ${formatPrefix(external.prefix)}${external.cluster === '' ? '' : ` of ${external.cluster}`} has the addresses of pods`,
        places: [external, ...hit].map(networkPlace),
        addresses: hit.map((one) => (covers(external.prefix, one.prefix) ? one.prefix : external.prefix)),
        effect:
          'Pods of other clusters keep their source address: answers and rules meant for them hit hosts of the external network, and the other way round.',
        hint: 'renumber the subnet',
        clusters: [external.cluster, ...hit.map(({ cluster }) => cluster)],
        subject: [networkKey(external), ...hit.map(networkKey).sort()],
      })
    }
  },
}
