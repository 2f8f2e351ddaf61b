// SM-PSK: clusters of one set with different brokers or keys.

import { place, type Rule } from '../rule.ts'

export const smBroker: Rule = {
  code: 'SM024',
  title: 'Clusters that join different brokers, or with different keys',
  severity: 'error',
  explanation:
    'Clusters learn of each other through one broker and trust each other by one pre-shared key, both of which broker-info.subm carries. With two brokers they never hear of each other; with two keys IKE fails.',
  basis: ['SM-PSK', 'submariner-semantics 2.5'],
  check(plan, report) {
    for (const [key, what] of [
      ['broker', 'broker'],
      ['psk', 'pre-shared key'],
    ] as const) {
      const given = plan.submariner.filter(({ submariner }) => submariner?.[key] !== undefined)
      const [first, ...others] = given
      for (const other of others) {
        const [a, b] = [first!.submariner![key]!, other.submariner![key]!]
        if (a.value === b.value) continue
        report({
          severity: 'error',
          message: `${first!.id} and ${other.id} have different ${what}s`,
          places: [place(a.span, `${what} of ${first!.id}`), place(b.span, `${what} of ${other.id}`)],
          effect:
            key === 'broker'
              ? 'Neither learns of the other; no cable is made.'
              : 'IKE is refused; the connection stays in "connecting" and no packet crosses.',
          hint: 'join both with the same broker-info.subm',
          clusters: [first!.id, other.id],
          subject: [first!.id, other.id, key],
        })
      }
    }
  },
}
