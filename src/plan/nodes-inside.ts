// Which addresses lie in which networks, for many of both: the addresses are nested into the networks as prefixes of host length.

import type { PlanNetwork, PlanNode, Written } from '../model/plan.ts'
import type { Ip } from '../net/ip.ts'
import { nest } from '../net/nesting.ts'
import { hostLength } from '../net/prefix.ts'
import { addPrefix, prefixTable } from '../net/prefix-columns.ts'

export interface Inside {
  readonly network: PlanNetwork
  readonly nodes: readonly { readonly node: PlanNode; readonly ip: Written<Ip> }[]
}

/** Networks that hold addresses of nodes, with these nodes. */
export function nodesInside(
  networks: readonly PlanNetwork[],
  nodes: readonly PlanNode[],
  addresses: (node: PlanNode) => readonly Written<Ip>[],
): Inside[] {
  const hosts = nodes.flatMap((node) => addresses(node).map((ip) => ({ node, ip })))
  const table = prefixTable(Math.max(16, networks.length + hosts.length))
  for (const [i, { prefix }] of networks.entries()) addPrefix(table, prefix, i)
  for (const [i, { ip }] of hosts.entries())
    addPrefix(table, { ip: ip.value, len: hostLength(ip.value) }, networks.length + i)
  const found = new Map<number, { node: PlanNode; ip: Written<Ip> }[]>()
  for (const columns of [table.v4, table.v6]) {
    const { order, parent } = nest(columns)
    for (let at = 0; at < order.length; at++) {
      const id = columns.id[order[at]!]!
      if (id < networks.length) continue
      for (let above = parent[at]!; above >= 0; above = parent[above]!) {
        const outer = columns.id[order[above]!]!
        if (outer >= networks.length) continue
        const list = found.get(outer) ?? []
        if (list.length === 0) found.set(outer, list)
        list.push(hosts[id - networks.length]!)
      }
    }
  }
  return [...found].sort(([a], [b]) => a - b).map(([i, inside]) => ({ network: networks[i]!, nodes: inside }))
}
