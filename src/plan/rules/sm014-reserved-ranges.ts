// SM-240: networks in the ranges that Submariner takes for itself.

import { formatPrefix, overlaps, type Prefix, parsePrefix } from '../../net/prefix.ts'
import type { Rule } from '../rule.ts'
import { networkKey, networkName, networkPlace } from '../words.ts'

const RESERVED: readonly {
  readonly prefix: Prefix
  readonly use: string
  readonly role?: string
  readonly globalnet?: boolean
}[] = [
  { prefix: parsePrefix('240.0.0.0/8')!, use: "the tunnel between a cluster's nodes" },
  { prefix: parsePrefix('241.0.0.0/8')!, use: 'the VXLAN cable driver' },
  { prefix: parsePrefix('242.0.0.0/8')!, use: 'Globalnet', role: 'globalnet', globalnet: true },
  { prefix: parsePrefix('243.0.0.0/8')!, use: 'addresses of the clusterset' },
]

export const smReservedRanges: Rule = {
  code: 'SM014',
  title: 'A network in the ranges that Submariner takes for itself',
  severity: 'error',
  explanation:
    'Submariner makes up addresses in 240.0.0.0/8 for its tunnel inside a cluster and in 241.0.0.0/8 for its VXLAN cable; 242.0.0.0/8 belongs to Globalnet and 243.0.0.0/8 to addresses of the clusterset. Networks of the plan must keep out of them.',
  basis: ['SM-240', 'submariner-semantics 0.3'],
  check(plan, report) {
    if (plan.submariner.length === 0) return
    for (const network of plan.networks) {
      for (const { prefix, use, role, globalnet } of RESERVED) {
        if (!overlaps(prefix, network.prefix) || network.role === role) continue
        if (globalnet === true && !plan.globalnet) continue
        report({
          severity: 'error',
          message: `${networkName(network)}, ${formatPrefix(network.prefix)}, is in ${formatPrefix(prefix)}, which Submariner uses for ${use}`,
          places: [networkPlace(network)],
          addresses: [network.prefix.len > prefix.len ? network.prefix : prefix],
          effect:
            'Nodes have a route of Submariner for these addresses; packets for them never leave by the interface they should.',
          hint: 'use private addresses of RFC 1918',
          clusters: [network.cluster],
          subject: [networkKey(network)],
        })
      }
    }
  },
}
