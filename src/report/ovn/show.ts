// `isthmus show TOPIC`: one layout of the OVN tools for one or several clusters. A single block is printed as it is, so that
// it can be diffed against the output of the real command; several get a line `# command (cluster)` each.

import type { ForwardingState } from '../../model/forwarding.ts'
import type { DatabaseSnapshot, DatabasesSnapshot, NbTables } from '../../model/tables.ts'
import { lrpGetGatewayChassis } from './gateway-chassis.ts'
import { icSbShow } from './ic-sb-show.ts'
import { lflowList, routersOf } from './lflow-list.ts'
import { lrPolicyList } from './lr-policy-list.ts'
import { lrRouteList } from './lr-route-list.ts'
import { nbShow } from './nb-show.ts'
import { sbShow } from './sb-show.ts'
import { compareText, namesOf } from './text.ts'

/** What can be shown. */
export const SHOW_TOPICS = ['routes', 'ic-sb', 'nb', 'sb', 'gateways', 'policies', 'flows'] as const
export type ShowTopic = (typeof SHOW_TOPICS)[number]

/** Which part; everything unless given. */
export interface ShowFilter {
  readonly cluster?: string
  readonly router?: string
}

interface Block {
  readonly command: string
  readonly text: string
}

/** The text of a topic with a final line end; empty where the real command would print nothing. `state` is of the same moment. */
export function renderShow(
  databases: DatabasesSnapshot,
  state: ForwardingState,
  topic: ShowTopic,
  filter: ShowFilter = {},
): string {
  if (topic === 'ic-sb') return icSbShow(databases.icSb)
  const blocks: Block[] = []
  for (const [cluster, { nb, sb }] of databases.clusters) {
    if (filter.cluster !== undefined && filter.cluster !== cluster) continue
    const routers = namesOf(nb.tables.Logical_Router).filter((name) => (filter.router ?? name) === name)
    const add = (command: string, text: string): number =>
      blocks.push({ command: `${command} (${cluster})`, text })
    if (topic === 'nb') add('ovn-nbctl show', nbShow(nb))
    else if (topic === 'sb') add('ovn-sbctl show', sbShow(sb))
    else if (topic === 'gateways')
      for (const lrp of gatewayPorts(nb, routers))
        add(`ovn-nbctl lrp-get-gateway-chassis ${lrp}`, lrpGetGatewayChassis(nb, lrp))
    else if (topic === 'flows') {
      for (const router of routersOf(state, cluster))
        if (routers.includes(router.name)) add(`ovn-sbctl lflow-list ${router.name}`, lflowList(router))
    } else
      for (const router of routers) {
        if (topic === 'routes') add(`ovn-nbctl lr-route-list ${router}`, lrRouteList(nb, router))
        else add(`ovn-nbctl lr-policy-list ${router}`, lrPolicyList(nb, router))
      }
  }
  const [only] = blocks
  if (blocks.length === 1 && only !== undefined) return only.text
  return blocks.map(({ command, text }) => `# ${command}\n${text}`).join('\n')
}

/** Router ports with gateway chassis, by name. */
function gatewayPorts(nb: DatabaseSnapshot<NbTables>, routers: readonly string[]): string[] {
  const ports = [...nb.tables.Logical_Router.values()]
    .filter((router) => routers.includes(router.name))
    .flatMap((router) => router.ports)
  return ports
    .flatMap((id) => {
      const port = nb.tables.Logical_Router_Port.get(id)
      return port === undefined || port.gateway_chassis.length === 0 ? [] : [port.name]
    })
    .sort(compareText)
}
