/**
 * What can be taken away from a scenario, each with everything that hangs on it: half of a list, one entry, one key, one family of
 * addresses, one transit switch.
 */
import type { RawScenario } from '../../../input/schema/scenario.ts'
import { repaired } from './repair.ts'

type Tree = unknown
type Step = string | number
type Path = readonly Step[]

/** Keys that are no part of what a scenario shows: what it is called, and what makes it last longer when it is not there. */
const KEPT = new Set(['isthmus', 'name', 'profile', 'seed', 'interval', 'wait', 'timeout', 'at', 'as'])

/** Lists of which halves are tried before entries. */
const LONG = 3

/** Smaller scenarios, from much smaller to a little smaller; not all of them can be run. */
export function reductions(scenario: RawScenario): RawScenario[] {
  const paths = pathsOf(scenario)
  const groups: (readonly Path[])[] = [
    ...halves(scenario, ['timeline']),
    ...halves(scenario, ['traffic']),
    ...paths.filter(({ length }) => length <= 2).map((path) => [path]),
    ...familyGroups(scenario),
    ...bulk(scenario, paths),
    ...paths.filter(({ length }) => length === 3).flatMap((path) => [...halves(scenario, path), [path]]),
    ...paths.filter(({ length }) => length > 3).map((path) => [path]),
  ]
  const removed = groups.map((group) => repaired(scenario, without(scenario, group)))
  return [...removed.slice(0, 1), ...fewerSwitches(scenario), ...removed.slice(1), ...fewerPackets(scenario)]
}

/** Parts of all clusters that most disagreements need not: each would cost a run of its own. */
function bulk(scenario: RawScenario, paths: readonly Path[]): Path[][] {
  const named = JSON.stringify([scenario.traffic, scenario.timeline])
  const inClusters = (length: number, part: string): Path[] =>
    paths.filter((path) => path[0] === 'clusters' && path.length === length && path[2] === part)
  const idle = (part: string): Path[] =>
    inClusters(4, part).filter(([, cluster, , name]) => !named.includes(`${cluster}/${name}`))
  const details = (key: string): Path[] => inClusters(5, 'pods').filter((path) => path[4] === key)
  const groups = [
    idle('pods'),
    ...['staticRoutes', 'policies', 'commands', 'options', 'transitPorts'].map((part) => inClusters(3, part)),
    inClusters(4, 'subnets').filter(([, cluster, , name]) => !hasPods(scenario, cluster, name)),
    inClusters(4, 'nodes').filter(([, cluster, , name]) => !isGateway(scenario, cluster, name)),
    details('node'),
    details('ip'),
    details('subnet'),
  ]
  return groups.filter(({ length }) => length > 1)
}

function hasPods({ clusters }: RawScenario, cluster: Step = '', subnet: Step = ''): boolean {
  return Object.values(clusters[cluster]?.pods ?? {}).some(
    (pod) => typeof pod === 'object' && (pod.subnet === undefined || pod.subnet === subnet),
  )
}

function isGateway({ clusters }: RawScenario, cluster: Step = '', node: Step = ''): boolean {
  return JSON.stringify(clusters[cluster]?.gateways ?? '').includes(`"${node}"`)
}

/** Paths of all entries and keys that can go, those near the root first. */
function pathsOf(root: Tree): Path[] {
  const paths: Path[] = []
  const waiting: { tree: Tree; path: Path }[] = [{ tree: root, path: [] }]
  for (const { tree, path } of waiting) {
    if (typeof tree !== 'object' || tree === null) continue
    for (const [key, value] of Object.entries(tree)) {
      const step = Array.isArray(tree) ? Number(key) : key
      if (KEPT.has(key)) continue
      paths.push([...path, step])
      waiting.push({ tree: value, path: [...path, step] })
    }
  }
  return paths
}

/** A list in halves, quarters and so on, down to parts of two: each part as the paths of its entries. */
function halves(root: Tree, path: Path): Path[][] {
  const list = valueAt(root, path)
  if (!Array.isArray(list) || list.length < LONG) return []
  const parts: Path[][] = []
  for (let size = Math.ceil(list.length / 2); size >= 2; size = Math.ceil(size / 2)) {
    for (let from = 0; from < list.length; from += size)
      parts.push(Array.from({ length: Math.min(size, list.length - from) }, (_, i) => [...path, from + i]))
    if (size === 2) break
  }
  return parts
}

/** All that is IPv6, and all that is IPv4: addresses and networks, and the routes, policies and probes that name them. */
function familyGroups(root: Tree): Path[][] {
  const texts = [/^[\da-f]*:[\da-f:.]*(\/\d+)?$/i, /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/]
  return texts.flatMap((address, i) => {
    const other = texts[1 - i]!
    const group = pathsOf(root).flatMap((path): Path[] => {
      const value = valueAt(root, path)
      const [section, , part] = path
      if (section === 'clusters' && path.length === 6 && typeof value === 'string' && address.test(value))
        return part === 'subnets' || part === 'pods' ? [path] : []
      if (path.length === 4 && (part === 'staticRoutes' || part === 'policies'))
        return mentions(value, address) && !mentions(value, other) ? [path] : []
      if (section === 'traffic' && path.length === 2)
        return mentions(value, address) || (value as { family?: number }).family === [6, 4][i] ? [path] : []
      return []
    })
    return group.length > 1 ? [group] : []
  })
}

function mentions(value: Tree, address: RegExp): boolean {
  return (JSON.stringify(value) ?? '').split(/[\s"{},=]+/).some((word) => address.test(word))
}

/** One transit switch fewer: the last one goes. */
function fewerSwitches(scenario: RawScenario): RawScenario[] {
  const { interconnect } = scenario
  const ic = interconnect?.['ovn-ic']
  if (typeof ic?.transitSwitches !== 'number' || ic.transitSwitches < 2) return []
  const fewer = { ...ic, transitSwitches: ic.transitSwitches - 1 }
  return [repaired(scenario, { ...scenario, interconnect: { ...interconnect, 'ovn-ic': fewer } })]
}

/** One packet in place of several. */
function fewerPackets(scenario: RawScenario): RawScenario[] {
  return (scenario.traffic ?? []).flatMap((entry, i) =>
    'count' in entry && entry.count !== undefined && entry.count > 1
      ? [
          {
            ...scenario,
            traffic: (scenario.traffic ?? []).map((one, j) => (i === j ? { ...entry, count: 1 } : one)),
          },
        ]
      : [],
  )
}

function valueAt(root: Tree, path: Path): Tree {
  return path.reduce<Tree>((tree, step) => (tree as Record<string | number, Tree> | undefined)?.[step], root)
}

/** The tree without what stands at the paths; lists close up. */
function without(root: RawScenario, paths: readonly Path[]): RawScenario {
  const gone = new Set(paths.map((path) => JSON.stringify(path)))
  const copy = (tree: Tree, path: Path): Tree => {
    if (typeof tree !== 'object' || tree === null) return tree
    const entries = Object.entries(tree).flatMap(([key, value]) => {
      const at = [...path, Array.isArray(tree) ? Number(key) : key]
      return gone.has(JSON.stringify(at)) ? [] : [[key, copy(value, at)] as const]
    })
    return Array.isArray(tree) ? entries.map(([, value]) => value) : Object.fromEntries(entries)
  }
  return copy(root, []) as RawScenario
}
