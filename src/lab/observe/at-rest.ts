/** When a lab has come to rest: BFD is up everywhere, the clusters have found each other, and nothing changes any more. */
import type { Network } from '../../model/network.ts'
import { type Change, listOf, mapOf, textOf } from './ovsdb-client.ts'
import type { Replicas } from './replicas.ts'
import { bfdOf } from './tunnels.ts'

/** How long is waited, all in milliseconds. */
export interface Patience {
  /** Without any change, where clusters have found each other. */
  readonly quiet: number
  /** The same where they have not: some never do, and daemons that connect again pause for seconds. */
  readonly long: number
  /** Without any change while something is missing: a lab on a busy machine is slow, but goes on. */
  readonly stuck: number
  /** In all: some scenarios never come to rest. */
  readonly most: number
}

/** What came of the waiting; `missing` is a clause. */
export interface Rest {
  readonly ok: boolean
  readonly missing: string
}

/** Whether it is decided, `waited` milliseconds after the beginning and `still` after the last change. */
export function rest(
  { waited, still }: { readonly waited: number; readonly still: number },
  missing: string,
  joined: () => boolean,
  { quiet, long, stuck, most }: Patience,
): Rest | undefined {
  if (missing === '' && still >= quiet && (still >= long || joined())) return { ok: true, missing }
  if (missing !== '' && still >= stuck) return { ok: false, missing }
  if (waited >= most) return { ok: false, missing: missing === '' ? 'the databases keep changing' : missing }
  return undefined
}

/** Whether a change keeps a lab from being at rest. northd rewrites hashes and hints of flows without any effect. */
export function disturbs({ table, before, after }: Change): boolean {
  return table !== 'Logical_Flow' || before === undefined || after === undefined
}

/** What a lab lacks to be at rest, as a clause; empty when nothing. Nodes without a running switch are not asked. */
export function missing({ ovs }: Replicas, switches: (node: string) => boolean): string {
  for (const [node, replica] of ovs) {
    if (!switches(node)) continue
    for (const face of replica.rows('Interface').values())
      if (bfdOf(face) === 'down') return `BFD of ${textOf(face, 'name')} on ${node} is not up`
  }
  return ''
}

/** Whether every cluster is registered, with its gateways and ports, and every other one knows them and has bound them. */
export function joined({ zones, icSb }: Replicas, { clusters }: Network): boolean {
  const names = (table: string, column: string): Set<string> =>
    new Set([...icSb.rows(table).values()].map((row) => textOf(row, column)))
  const [known, gateways, ports] = [
    names('Availability_Zone', 'name'),
    names('Gateway', 'name'),
    names('Port_Binding', 'logical_port'),
  ]
  return clusters.every((cluster) => {
    const { nb, sb } = zones.get(cluster.id)!
    if (cluster.icDaemon && cluster.azName !== '' && !known.has(cluster.azName)) return false
    if (
      cluster.icDaemon &&
      cluster.nodes.some(({ isInterconn, chassis }) => isInterconn && !gateways.has(chassis))
    )
      return false
    const bound = [...sb.rows('Port_Binding').values()].every(
      (row) => !['chassisredirect', 'remote'].includes(textOf(row, 'type')) || textOf(row, 'chassis') !== '',
    )
    const transit = [...nb.rows('Logical_Switch').values()].filter(
      (row) => mapOf(row, 'other_config')['interconn-ts'] !== undefined,
    )
    const own = new Set(
      transit.flatMap((row) =>
        listOf(row, 'ports').map((uuid) => textOf(nb.rows('Logical_Switch_Port').get(uuid) ?? {}, 'name')),
      ),
    )
    return (
      bound &&
      (transit.length === 0 ||
        ([...own].every((name) => ports.has(name)) &&
          [...ports].every((name) => own.has(name)) &&
          own.size >= cluster.transitPorts.length))
    )
  })
}
