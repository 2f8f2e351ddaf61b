/** Takes away what refers to things that are no longer there, so that a scenario that has lost a part can be run again. */
import type { RawCluster } from '../../../input/schema/cluster.ts'
import type { RawScenario } from '../../../input/schema/scenario.ts'

/** `after`, which has lost parts of `before`, without what refers to the lost parts. */
export function repaired(before: RawScenario, after: RawScenario): RawScenario {
  const { interconnect, clusters = {}, traffic, timeline, underlay } = after
  const switches = interconnect?.['ovn-ic']?.transitSwitches
  const kept = Object.fromEntries(
    Object.entries(clusters).map(([id, cluster]) => [
      id,
      repairedCluster(cluster, typeof switches === 'number' ? switches : undefined),
    ]),
  )
  const left = namesOf(kept, timeline)
  const lost = new Set([...namesOf(before.clusters, before.timeline)].filter((name) => !left.has(name)))
  const stands = (entry: unknown): boolean =>
    !JSON.stringify(entry)
      .split(/[\s",{}[\]]+/)
      .some((word) => lost.has(word))
  // An event of which only its time is left is none.
  const events = timeline?.filter((entry) => Object.keys(entry).length > 1 && stands(entry)) ?? []
  const nodes = Object.entries(underlay?.nodes ?? {}).filter(([name]) => left.has(name))
  const { underlay: _, timeline: __, ...rest } = after
  return {
    ...rest,
    clusters: kept,
    ...(nodes.length > 0 && { underlay: { ...underlay, nodes: Object.fromEntries(nodes) } }),
    ...(traffic !== undefined && { traffic: traffic.filter(stands) }),
    ...(events.length > 0 && { timeline: events }),
  }
}

function repairedCluster(cluster: RawCluster, switches: number | undefined): RawCluster {
  const { nodes = {}, subnets = {} } = cluster
  const nets = withoutEmpty(subnets, 'cidr')
  const parts: RawCluster = {
    ...cluster,
    ...(cluster.subnets !== undefined && { subnets: nets }),
    ...(cluster.gateways !== undefined && { gateways: gatewaysIn(cluster.gateways, nodes) }),
    ...(cluster.pods !== undefined && { pods: podsIn(cluster.pods, nodes, nets) }),
    ...(cluster.transitPorts !== undefined && {
      transitPorts: Object.fromEntries(
        Object.entries(cluster.transitPorts).filter(
          ([name]) => switches === undefined || numberOf(name) < switches,
        ),
      ),
    }),
  }
  const isEmpty = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && Object.keys(value).length === 0
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => !isEmpty(value)))
}

function podsIn(
  pods: NonNullable<RawCluster['pods']>,
  nodes: NonNullable<RawCluster['nodes']>,
  subnets: NonNullable<RawCluster['subnets']>,
): NonNullable<RawCluster['pods']> {
  return Object.fromEntries(
    Object.entries(pods).flatMap(([name, pod]): [string, typeof pod][] => {
      if (typeof pod === 'string') return nodes[pod] === undefined ? [] : [[name, pod]]
      if (pod.subnet !== undefined && subnets[pod.subnet] === undefined) return []
      // A pod that has lost its node or its last address gets another.
      const left = Object.entries(pod).filter(
        ([key, value]) =>
          !(key === 'node' && nodes[String(value)] === undefined) &&
          !(Array.isArray(value) && value.length === 0),
      )
      return [[name, Object.fromEntries(left)]]
    }),
  )
}

/** `ts` is number 0, `ts2` number 2. */
function numberOf(name: string): number {
  return Number(name.slice(2))
}

function gatewaysIn(
  gateways: NonNullable<RawCluster['gateways']>,
  nodes: NonNullable<RawCluster['nodes']>,
): NonNullable<RawCluster['gateways']> {
  if (typeof gateways === 'string') return gateways
  if (Array.isArray(gateways)) return gateways.filter((name) => nodes[name] !== undefined)
  return Object.fromEntries(Object.entries(gateways).filter(([name]) => nodes[name] !== undefined))
}

/** Subnets without those that have lost their last network. */
function withoutEmpty<T>(all: Record<string, T>, key: string): Record<string, T> {
  const left = Object.entries(all).filter(([, value]) => {
    const list =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
    return !(Array.isArray(list) && list.length === 0)
  })
  return left.length === Object.keys(all).length ? all : Object.fromEntries(left)
}

/** All that entries name: clusters and, as `cluster/name`, their parts; also what events add. */
function namesOf(
  clusters: Record<string, RawCluster>,
  timeline: RawScenario['timeline'] | undefined,
): Set<string> {
  const names = new Set<string>()
  const add = (id: string, parts: readonly (object | undefined)[]): void => {
    for (const part of parts) for (const name of Object.keys(part ?? {})) names.add(`${id}/${name}`)
  }
  for (const [id, { nodes, pods, subnets }] of Object.entries(clusters)) {
    names.add(id)
    add(id, [nodes, pods, subnets])
  }
  for (const entry of timeline ?? [])
    if ('add' in entry) add(entry.add.cluster, [entry.add.pods, entry.add.subnets])
  return names
}
