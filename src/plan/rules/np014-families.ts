// Families that do not fit together.

import type { PlanNetwork } from '../../model/plan.ts'
import { POD_ROLES } from '../index.ts'
import type { Rule } from '../rule.ts'
import { named, networkPlace } from '../words.ts'

export const families: Rule = {
  code: 'NP014',
  title: 'IPv4 and IPv6 do not fit together',
  severity:
    'error between pods and services of one cluster, warning between clusters that share no family, info where one has a family more',
  explanation:
    'A service of a family needs pods of that family, and a packet crosses clusters in one family: pods with IPv6 only never reach pods with IPv4 only, since nothing on the way translates.',
  basis: ['KO-TS-1', 'submariner-semantics 0.2'],
  check(plan, report) {
    const familiesOf = (networks: readonly PlanNetwork[]): string[] =>
      [...new Set(networks.map(({ prefix }) => (typeof prefix.ip === 'number' ? 'IPv4' : 'IPv6')))].sort()
    for (const { id, networks } of plan.clusters) {
      const pods = networks.filter(({ role }) => POD_ROLES.has(role))
      const services = networks.filter(({ role, assumed }) => role === 'services' && assumed === undefined)
      const lacking = familiesOf(services).filter((family) => !familiesOf(pods).includes(family))
      if (pods.length > 0 && lacking.length > 0)
        report({
          severity: 'error',
          message: `services of ${id} have ${named(lacking)} addresses, and its pods have none`,
          places: [...services, ...pods].map(networkPlace),
          addresses: services.map(({ prefix }) => prefix),
          effect: `A packet for an ${lacking[0]} service finds no pod that it could be translated to.`,
          hint: `give pods ${named(lacking)} addresses too, or leave the service network out`,
          clusters: [id],
          subject: [id, ...lacking],
        })
    }
    const joined = plan.ovnIc.filter(({ exported }) => exported.length > 0)
    const groups = new Map<string, string[]>()
    for (const { id, exported } of joined) {
      const key = familiesOf(exported).join(' and ')
      groups.set(key, [...(groups.get(key) ?? []), id])
    }
    if (groups.size < 2) return
    const apart = groups.has('IPv4') && groups.has('IPv6')
    report({
      severity: apart ? 'warning' : 'info',
      message: [...groups]
        .map(([family, ids]) => `${named(ids)} ${ids.length === 1 ? 'has' : 'have'} ${family} subnets`)
        .join(', '),
      places: [...groups.values()].map(([id]) =>
        networkPlace(joined.find((one) => one.id === id)!.exported[0]!),
      ),
      effect: apart
        ? 'Pods of clusters that share no family cannot reach each other at all.'
        : 'Packets of the family that only some clusters have cross between those only.',
      hint: 'use the same families in all clusters',
      clusters: joined.map(({ id }) => id),
      subject: [...groups.keys()].sort(),
    })
  },
}
