/** What changed rows say about the daemons, as entries of a run's log in the simulator's words. */
import type { LogEntry } from '../../model/trace.ts'
import { type Change, mapOf, type Replica, type Row, textOf } from './ovsdb-client.ts'
import type { Origin, Replicas } from './replicas.ts'
import { bfdOf, peerOf } from './tunnels.ts'

type Said = Omit<LogEntry, 'at'>

/** The entry for one change; undefined for one that nobody needs to hear of. */
export function logged(replicas: Replicas, origin: Origin, change: Change): Said | undefined {
  switch (origin.kind) {
    case 'nb':
      return route(origin.cluster, change)
    case 'sb':
      return claim(origin.cluster, replicas.zones.get(origin.cluster)!.sb, change)
    case 'ic-sb':
      return zone(change)
    case 'ovs':
      return bfd(origin.node, replicas.ovs.get(origin.node)!, change)
    case 'ic-nb':
      return undefined
  }
}

function route(cluster: string, { table, before, after }: Change): Said | undefined {
  const row = after ?? before
  if (table !== 'Logical_Router_Static_Route' || row === undefined) return undefined
  if (before !== undefined && after !== undefined) return undefined
  if (mapOf(row, 'external_ids')['ic-learned-route'] === undefined) return undefined
  return {
    source: `ovn-ic ${cluster}`,
    kind: after === undefined ? 'withdraw' : 'learn',
    text: `${textOf(row, 'ip_prefix')} via ${textOf(row, 'nexthop')}`,
  }
}

/** In the words of ovn-controller's own log. */
function claim(cluster: string, sb: Replica, { table, before, after }: Change): Said | undefined {
  if (table !== 'Port_Binding' || after === undefined || textOf(after, 'type') !== 'chassisredirect')
    return undefined
  const [from, to] = [before, after].map((row) => chassisName(sb, row))
  if (from === to) return undefined
  const port = textOf(after, 'logical_port')
  const source = `ovn-controller ${cluster}/${to ?? from}`
  if (to === undefined) return { source, kind: 'release', text: `Releasing lport ${port} from this chassis.` }
  const text =
    from === undefined
      ? `Claiming lport ${port} for this chassis.`
      : `Changing chassis for lport ${port} from ${from} to ${to}.`
  return { source, kind: 'claim', text }
}

function chassisName(sb: Replica, row: Row | undefined): string | undefined {
  const chassis = row === undefined ? undefined : sb.rows('Chassis').get(textOf(row, 'chassis'))
  return chassis === undefined ? undefined : textOf(chassis, 'name')
}

function zone({ table, before, after }: Change): Said | undefined {
  const row = after ?? before
  if (table !== 'Availability_Zone' || row === undefined) return undefined
  const where = after === undefined ? 'gone from' : 'in'
  return { source: 'ovn-ic', kind: 'config', text: `${textOf(row, 'name')} is ${where} the IC Southbound` }
}

function bfd(node: string, ovs: Replica, { table, uuid, before, after }: Change): Said | undefined {
  if (table !== 'Interface' || after === undefined || before === undefined) return undefined
  const [was, is] = [bfdOf(before), bfdOf(after)]
  if (was === is || is === 'off' || was === 'off') return undefined
  const peer = peerOf(ovs, uuid) ?? mapOf(after, 'options').remote_ip
  return { source: `ovs-vswitchd ${node}`, kind: 'bfd', text: `BFD to ${peer} is ${is}` }
}
