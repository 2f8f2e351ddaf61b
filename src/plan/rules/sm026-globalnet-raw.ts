// SM-GN-RAW: Globalnet, and a plan that wants pods' own addresses.

import { place, type Rule } from '../rule.ts'

export const smGlobalnetRaw: Rule = {
  code: 'SM026',
  title: 'Globalnet hides the addresses that the plan counts on',
  severity: 'error',
  explanation:
    "With Globalnet pods of other clusters are reached by the global addresses of exported services only, and they see the global address of the sender's cluster. Traffic to pod addresses does not cross, and the source is never preserved.",
  basis: ['SM-GN-RAW', 'submariner-semantics 4.4', 'https://github.com/submariner-io/submariner/issues/2305'],
  check(plan, report) {
    if (!plan.globalnet) return
    for (const { id, submariner } of plan.submariner) {
      if (submariner?.sourcePreserved?.value !== true) continue
      report({
        severity: 'error',
        message: `${id} counts on pods' own addresses, which Globalnet replaces`,
        places: [
          place(submariner.sourcePreserved.span, 'wanted here'),
          place(submariner.globalnet?.span, 'Globalnet'),
        ],
        effect:
          'A packet to a pod address of another cluster is sent to the default gateway; one to an exported service arrives with a global address as its source.',
        hint: 'renumber the clusters and do without Globalnet, or use exported services only',
        clusters: [id],
        subject: [id],
      })
    }
  },
}
