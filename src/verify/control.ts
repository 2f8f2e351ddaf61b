// Expectations about the control plane: which gateway is active, whether a transaction was refused, whether an
// availability zone is registered.

import type { Expectation } from '../model/expectation.ts'
import type { ChassisState, ForwardingState, RouterPort } from '../model/forwarding.ts'
import type { DatabasesSnapshot } from '../model/tables.ts'
import { formatNanos } from '../model/time.ts'
import type { LogEntry } from '../model/trace.ts'
import { type Extent, type Finding, intervalOf, notReached, reaches } from './moments.ts'
import { chassisOf, viewOf } from './views.ts'

type Of<K extends Expectation['kind']> = Extract<Expectation, { readonly kind: K }>

/** Nodes that forward for a cluster's port on a transit switch at one moment. */
export function judgeGateway(state: ForwardingState, wanted: Of<'gateway'>): Finding {
  const { cluster, transitSwitch, node } = wanted
  const port = gatewayPort(state, cluster, transitSwitch)
  if (port?.gateway === undefined)
    return { ok: node === undefined, fact: `${cluster} has no gateway port on ${transitSwitch}` }
  const redirect = port.gateway.redirectPort
  const active = chassisOf(state, cluster).filter((one) => forwards(one) && one.resident.has(port.name))
  const names = active.map((one) => one.node)
  const ok = node === undefined ? names.length === 0 : names.length === 1 && bare(node) === names[0]
  const fact =
    names.length === 0
      ? `no node is active for ${redirect}`
      : `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} active for ${redirect}`
  return { ok, fact }
}

/** Whether packets come to a chassis: a controller that ends gracefully takes the tunnels away and leaves the flows (HA-11). */
function forwards({ vswitchd, controller, tunnels }: ChassisState): boolean {
  return vswitchd && (controller || tunnels.size > 0)
}

function gatewayPort(state: ForwardingState, cluster: string, transitSwitch: string): RouterPort | undefined {
  const view = viewOf(state, cluster)
  const ts = view?.byName.get(transitSwitch)
  if (view === undefined || ts?.kind !== 'switch') return undefined
  for (const { peer } of ts.ports) {
    const router = peer === undefined ? undefined : view.datapaths.get(peer.datapath)
    const port = router?.kind === 'router' ? router.portByName.get(peer!.port) : undefined
    if (port !== undefined) return port
  }
  return undefined
}

/** Nodes may be written `cluster/node` or `node`. */
function bare(node: string): string {
  return node.slice(node.indexOf('/') + 1)
}

/** Whether a database refused a transaction of a cluster's daemons: at any time so far, or inside an interval. */
export function judgeRefused(log: readonly LogEntry[], wanted: Of<'refused'>, extent: Extent): Finding {
  if (extent.end === undefined) return notReached(extent)
  const [from, to] = intervalOf(wanted.when, extent.end)
  const since = wanted.when.kind === 'end' || wanted.when.kind === 'at' ? Number.NEGATIVE_INFINITY : from
  const refused = log.filter(
    (entry) => entry.kind === 'refused' && entry.at >= since && entry.at <= to && isOf(entry, wanted.cluster),
  )
  const [first] = refused
  // What was refused stays refused; that nothing was is only known at the end.
  if (first === undefined && !reaches(extent, to)) return notReached(extent)
  if (first === undefined)
    return { ok: !wanted.present, fact: `no transaction of ${wanted.cluster} was refused` }
  const more = refused.length > 1 ? ` (and ${refused.length - 1} more)` : ''
  return { ok: wanted.present, fact: `at ${formatNanos(first.at)} ${first.source}: ${first.text}${more}` }
}

/** The second word of a source is the cluster or `cluster/node`. */
function isOf(entry: LogEntry, cluster: string): boolean {
  return entry.source.split(' ').some((word) => word === cluster || word.startsWith(`${cluster}/`))
}

/** Whether the IC Southbound lists an availability zone; it is only seen at the start, the end and at snapshots. */
export function judgeAz(databases: DatabasesSnapshot, wanted: Of<'az'>): Finding {
  const names = [...databases.icSb.tables.Availability_Zone.values()].map((row) => row.name)
  const found = names.includes(wanted.name)
  return {
    ok: found === wanted.present,
    fact: `the IC Southbound ${found ? 'lists' : 'does not list'} ${wanted.name} (it has ${names.sort().join(', ') || 'none'})`,
  }
}
