// The routing and policy stages of logical routers in the layout of `ovn-sbctl lflow-list` (ovn-sbctl(8)): what northd makes of
// routes and policies, priorities included. Only the stages that decide where a packet goes are listed.

import type { ForwardingState, LogicalRouter } from '../../model/forwarding.ts'
import { type FlowText, flowTexts } from './flow-text.ts'
import { compareText } from './text.ts'

/** Number of each stage in the router's ingress pipeline, OVN 23.03. */
const TABLES: Readonly<Record<FlowText['stage'], number>> = {
  lr_in_ip_routing: 13,
  lr_in_ip_routing_ecmp: 14,
  lr_in_policy: 15,
  lr_in_policy_ecmp: 16,
}

/** Routers of a cluster that some chassis has flows for, by name. */
export function routersOf(state: ForwardingState, cluster: string): LogicalRouter[] {
  for (const chassis of state.chassis.values()) {
    if (chassis.cluster !== cluster || chassis.view === undefined) continue
    return [...chassis.view.datapaths.values()]
      .filter((datapath) => datapath.kind === 'router')
      .sort((a, b) => compareText(a.name, b.name))
  }
  return []
}

/** The flows of one router: table ascending, priority descending, match in text order. */
export function lflowList(router: LogicalRouter): string {
  const macs = new Map(router.ports.map((port) => [port.name, port.mac]))
  const flows = flowTexts(router.routes, router.policies, (port) => macs.get(port) ?? 0)
  const lines = [...flows]
    .sort(
      (a, b) => TABLES[a.stage] - TABLES[b.stage] || b.priority - a.priority || compareText(a.match, b.match),
    )
    .map(
      ({ stage, priority, match, actions }) =>
        `  table=${TABLES[stage]}(${stage.padEnd(19)}), priority=${String(priority).padEnd(5)}, match=(${match}), action=(${actions})`,
    )
  return [`Datapath: "${router.name}"  Pipeline: ingress`, ...lines, ''].join('\n')
}
