// Tunnel endpoints of one network are of one family: OVN builds a tunnel to the remote chassis' address from the local
// `ovn-encap-ip`, and Open vSwitch has no tunnel from an IPv4 address to an IPv6 one. Checked within each cluster, and
// between the clusters that are joined.

import type { Ip } from '../net/ip.ts'
import type { ClusterBuilder } from './complete-cluster.ts'
import type { Context } from './context.ts'
import type { Placed } from './draft.ts'

interface Endpoint {
  /** `cluster/node`. */
  readonly name: string
  readonly ip: Placed<Ip>
}

/** Reports endpoints of another family than the first of their cluster, and clusters of another than the first joined one. */
export function checkFamilies(context: Context, builders: readonly ClusterBuilder[]): void {
  let joined: Endpoint | undefined
  for (const { draft } of builders) {
    const [first, ...others] = draft.nodes.map(({ name, ip }) => ({ name: `${draft.id}/${name}`, ip }))
    if (first === undefined) continue
    const odd = others.filter((other) => familyOf(other) !== familyOf(first))
    for (const other of odd) report(context, first, other)
    if (!draft.ic) continue
    // In a mixed cluster there is no telling which family is meant.
    if (joined !== undefined && odd.length === 0 && familyOf(joined) !== familyOf(first))
      report(context, joined, first)
    joined ??= first
  }
}

function familyOf({ ip }: Endpoint): 'IPv4' | 'IPv6' {
  return typeof ip.value === 'number' ? 'IPv4' : 'IPv6'
}

function report(context: Context, first: Endpoint, other: Endpoint): void {
  context.diagnostics.error(
    'IN036',
    `the tunnel endpoint of ${other.name} is ${familyOf(other)}, that of ${first.name} ${familyOf(first)}`,
    {
      span: other.ip.at.span,
      expected: `an ${familyOf(first)} address: OVN builds no tunnel between the families`,
      related: [{ message: `${familyOf(first)} here`, span: first.ip.at.span }],
    },
  )
}
