// Who reaches whom, for programs.

import { formatPrefix } from '../../net/prefix.ts'
import { nameOf, type Summary } from '../../verify/reachability/summary.ts'
import { endText } from './words.ts'

/** Plain values for JSON and YAML; pairs that are not listed are reached. */
export function reachabilityData({ endpoints, from, to, count, pairs, oneWay, troubles }: Summary) {
  const pair = ({ from, to, verdict }: Summary['pairs'][number]) => ({
    from: nameOf(from),
    to: nameOf(to),
    verdict,
  })
  return {
    subnets: endpoints.map((one) => ({ name: nameOf(one), prefixes: one.prefixes.map(formatPrefix) })),
    pairs: count(from, to),
    notReached: pairs.map(pair),
    oneWay: oneWay.map(pair),
    troubles: troubles.map(({ fate, from, to, blocks, ends }) => ({
      fate,
      from: from.map(({ endpoint, blocks: some }) => ({
        subnet: nameOf(endpoint),
        ...(some !== undefined && { addresses: some.map(formatPrefix) }),
      })),
      to: to.map(nameOf),
      addresses: blocks.map(formatPrefix),
      ends: ends.map((end) => ({ ...end, text: endText(end) })),
    })),
  }
}
