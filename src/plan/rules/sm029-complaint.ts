// A gateway's log that speaks of another network than was declared.

import { formatPrefix, samePrefix } from '../../net/prefix.ts'
import { place, type Rule } from '../rule.ts'
import { podCidrsOf } from '../submariner.ts'
import { named, networkPlace } from '../words.ts'

export const smComplaint: Rule = {
  code: 'SM029',
  title: 'A gateway looks for an address in a network that was not declared',
  severity: 'warning',
  explanation:
    'The gateway\'s complaint "unable to find CNI Interface on the host which has IP from [...]" names the cluster CIDR that it was started with. Where that is not the one in the plan, the cluster was joined with another, perhaps mistyped: 172.100.0.0/16 in the text of Spiderpool\'s page, whose clusters have 172.110.0.0/16 and 172.111.0.0/16.',
  basis: [
    'submariner-semantics 3.1',
    'submariner-semantics 6.3',
    "Spiderpool's documentation: multi-cluster networking with Submariner",
  ],
  check(plan, report) {
    for (const { cluster: id, cidr } of plan.complaints) {
      const cluster = plan.cluster(id)
      const declared = cluster === undefined ? [] : podCidrsOf(cluster)
      if (declared.length === 0 || declared.some(({ prefix }) => samePrefix(prefix, cidr.value))) continue
      report({
        severity: 'warning',
        message: `a gateway of ${id} looks for an address in ${formatPrefix(cidr.value)}, and the plan declares ${named(declared.map(({ prefix }) => formatPrefix(prefix)))}`,
        places: [place(cidr.span, 'in the log'), ...declared.map(networkPlace)],
        addresses: [cidr.value],
        effect:
          'Submariner carries the network it was started with: packets of the pods in the plan match no tunnel.',
        hint: 'join again with the right --clustercidr',
        clusters: [id],
        subject: [id, formatPrefix(cidr.value)],
      })
    }
  },
}
