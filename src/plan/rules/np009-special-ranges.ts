// Networks in ranges that are no hosts' addresses.

import { formatPrefix, overlaps, type Prefix, parsePrefix } from '../../net/prefix.ts'
import type { Rule } from '../rule.ts'
import { networkKey, networkName, networkPlace } from '../words.ts'

const SPECIAL: readonly { readonly prefix: Prefix; readonly what: string }[] = [
  { prefix: parsePrefix('0.0.0.0/8')!, what: '"this network"' },
  { prefix: parsePrefix('127.0.0.0/8')!, what: 'loopback' },
  { prefix: parsePrefix('169.254.0.0/16')!, what: 'link-local' },
  { prefix: parsePrefix('224.0.0.0/4')!, what: 'multicast' },
  { prefix: parsePrefix('255.255.255.255/32')!, what: 'broadcast' },
  { prefix: parsePrefix('::/127')!, what: 'unspecified and loopback' },
  { prefix: parsePrefix('fe80::/10')!, what: 'link-local' },
  { prefix: parsePrefix('ff00::/8')!, what: 'multicast' },
]

/** Transit switches are link-local on purpose. */
const LEFT_OUT: ReadonlySet<string> = new Set(['transit', 'external'])

export const specialRanges: Rule = {
  code: 'NP009',
  title: 'A network in a range that hosts cannot use',
  severity: 'error',
  explanation:
    'Loopback, multicast, link-local and the like (RFC 6890, RFC 4291) are handled by every host itself and are not routed; OVN-IC never announces link-local prefixes. A prefix of length 0 is every address there is.',
  basis: ['ADV-3', 'RFC 6890'],
  check(plan, report) {
    for (const network of plan.networks) {
      if (LEFT_OUT.has(network.role)) continue
      const { prefix } = network
      const found = prefix.len === 0 ? undefined : SPECIAL.find((one) => overlaps(one.prefix, prefix))
      if (prefix.len !== 0 && found === undefined) continue
      report({
        severity: 'error',
        message:
          found === undefined
            ? `${networkName(network)} is ${formatPrefix(prefix)}, every address there is`
            : `${networkName(network)}, ${formatPrefix(prefix)}, holds ${found.what} addresses`,
        places: [networkPlace(network)],
        addresses: [found === undefined || found.prefix.len <= prefix.len ? prefix : found.prefix],
        effect: 'Hosts do not send packets for these addresses to a router, or drop them on arrival.',
        hint: 'use private addresses: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fd00::/8',
        clusters: [network.cluster],
        subject: [networkKey(network)],
      })
    }
  },
}
