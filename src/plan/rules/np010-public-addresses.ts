// Pods and services on addresses that belong to somebody.

import { covers, formatPrefix, overlaps, parsePrefix } from '../../net/prefix.ts'
import type { Rule } from '../rule.ts'
import { networkKey, networkName, networkPlace } from '../words.ts'

/** Private, shared, benchmarking, documentation and Submariner's own ranges, IPv6 unique local and documentation. */
const UNOWNED = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '198.18.0.0/15',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  'fc00::/7',
  '2001:db8::/32',
].map((text) => parsePrefix(text)!)
const SPECIAL = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  'fe80::/10',
  'ff00::/8',
  '::/127',
].map((text) => parsePrefix(text)!)

const ROLES: ReadonlySet<string> = new Set([
  'pods',
  'cluster-cidr',
  'pool',
  'services',
  'join',
  'docker',
  'kind',
])

export const publicAddresses: Rule = {
  code: 'NP010',
  title: 'Pods or services on public addresses',
  severity: 'warning',
  explanation:
    "Only 10.0.0.0/8, 172.16.0.0/12 (172.16 to 172.31), 192.168.0.0/16 and the shared range 100.64.0.0/10 are nobody's. Other addresses belong to somebody on the Internet, whom the cluster cannot reach any more, and packets that leave the tunnels by mistake are routed there. 172.110.0.0/16 of Spiderpool's example is such a network. Whoever owns the addresses may ignore this.",
  basis: ['RFC 1918', 'RFC 6598', 'RFC 4193'],
  check(plan, report) {
    for (const network of plan.networks) {
      const { prefix, role } = network
      // IPv6 pods commonly have global addresses of their own network.
      if (!ROLES.has(role) || typeof prefix.ip !== 'number' || prefix.len === 0) continue
      if (UNOWNED.some((one) => covers(one, prefix)) || SPECIAL.some((one) => overlaps(one, prefix))) continue
      report({
        severity: 'warning',
        message: `${networkName(network)}, ${formatPrefix(prefix)}, has public addresses`,
        places: [networkPlace(network)],
        addresses: [prefix],
        effect:
          'Pods cannot reach the owners of these addresses on the Internet; what misses the tunnel is sent to them.',
        hint: 'use a private network, unless these addresses are yours',
        clusters: [network.cluster],
        subject: [networkKey(network)],
      })
    }
  },
}
