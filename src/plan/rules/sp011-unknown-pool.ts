// A SpiderMultusConfig that names no pool, or one that is not there.

import { didYouMean } from '../../diag/suggest.ts'
import { place, type Rule } from '../rule.ts'

export const spUnknownPool: Rule = {
  code: 'SP011',
  title: 'A SpiderMultusConfig names an IPPool that does not exist',
  severity: 'error',
  explanation:
    'Pods of the network get their addresses from the pools that its `ippools` names. A name that is no SpiderIPPool leaves them without.',
  basis: ['submariner-semantics 6.1'],
  check(plan, report) {
    for (const config of plan.multus) {
      const pools = plan.cluster(config.cluster)?.networks.filter(({ role }) => role === 'pool') ?? []
      const names = pools.map(({ name }) => name)
      if (names.length === 0) continue
      for (const { value, span } of config.pools) {
        // Patterns are allowed there.
        if (names.includes(value) || value.includes('*')) continue
        report({
          severity: 'error',
          message: `${config.name.value} of ${config.cluster} takes addresses from ${value}, which is no SpiderIPPool`,
          places: [place(span, `ippools of ${config.name.value}`)],
          effect: 'Pods of this network get no address and do not start.',
          hint: didYouMean(value, names) ?? `pools are ${names.join(', ')}`,
          clusters: [config.cluster],
          subject: [config.cluster, config.name.value, value],
        })
      }
    }
  },
}
