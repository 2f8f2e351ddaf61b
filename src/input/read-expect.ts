// `expect` to the model: the statement, when it must hold, and on which pods. Times may name the label of a snapshot.

import type { Expectation } from '../model/expectation.ts'
import type { TransitSwitch } from '../model/network.ts'
import type { Traffic } from '../model/traffic.ts'
import { type Context, reportUnknown } from './context.ts'
import { oneLine } from './one-line.ts'
import { type Course, readWhen } from './read-when.ts'
import {
  type Clusters,
  type PodDirectory,
  readCluster,
  readEnds,
  readNodeRef,
  readSelector,
} from './references.ts'
import type { RawExpectation } from './schema/expect.ts'
import { readDuration, readIp, readPrefix } from './values.ts'
import type { At } from './yaml-file.ts'

/** What expectations may refer to. */
export interface Known extends Course {
  readonly clusters: Clusters
  readonly pods: PodDirectory
  readonly traffic: readonly Traffic[]
  readonly switches: readonly TransitSwitch[]
}

/** Reads all expectations; entries with errors are reported and left out. */
export function readExpectations(
  context: Context,
  known: Known,
  raw: readonly RawExpectation[],
  at: At,
): Expectation[] {
  return raw.flatMap((entry, i) => {
    const place = at.in(i)
    const errors = context.diagnostics.count('error')
    const when = readWhen(context, known, entry, place)
    const statement = readStatement(context, known, entry, place)
    if (statement === undefined || when === undefined || context.diagnostics.count('error') > errors)
      return []
    const { file, line, column } = place.span
    return [{ ...statement, when, text: oneLine(entry), where: `${file}:${line}:${column}` }]
  })
}

type Statement = Expectation extends infer E
  ? E extends unknown
    ? Omit<E, 'when' | 'text' | 'where'>
    : never
  : never

function readStatement(context: Context, known: Known, raw: RawExpectation, at: At): Statement | undefined {
  const cluster = (name: string, key: string): string | undefined =>
    readCluster(context, known.clusters, name, at.in(key))?.draft.id
  const present = 'present' in raw ? (raw.present ?? true) : true
  if ('route' in raw) return readRoute(context, known, raw, raw.route, 'route', at)
  if ('noRoute' in raw) return readRoute(context, known, raw, raw.noRoute, 'noRoute', at)
  if ('reach' in raw) return readReach(context, known, raw, raw.reach, 'reach', at)
  if ('unreachable' in raw) return readReach(context, known, raw, raw.unreachable, 'unreachable', at)
  if ('loss' in raw) return readLoss(context, known, raw, at)
  if ('replyTtl' in raw) {
    const traffic = trafficNamed(context, known, raw.replyTtl, at.in('replyTtl'))
    return traffic === undefined ? undefined : { kind: 'reply-ttl', traffic: traffic.name, ttl: raw.ttl }
  }
  if ('icmpError' in raw) {
    const traffic = trafficNamed(context, known, raw.icmpError, at.in('icmpError'))
    if (raw.from !== undefined) readIp(context, raw.from, at.in('from'))
    return traffic === undefined
      ? undefined
      : { kind: 'icmp-error', traffic: traffic.name, ...given(raw, ['from', 'type', 'code', 'mtu']) }
  }
  if ('hops' in raw) return readHops(context, known, raw, at)
  if ('gateway' in raw) return readGateway(context, known, raw, at)
  if ('undefined' in raw) {
    const prefix = readPrefix(context, raw.prefix, at.in('prefix'))
    const id = cluster(raw.undefined, 'undefined')
    return id === undefined || prefix === undefined
      ? undefined
      : { kind: 'undefined-route', cluster: id, prefix, present }
  }
  if ('refused' in raw) {
    const id = cluster(raw.refused, 'refused')
    return id === undefined ? undefined : { kind: 'refused', cluster: id, present }
  }
  if ('policy' in raw) {
    const id = cluster(raw.policy, 'policy')
    return id === undefined
      ? undefined
      : { kind: 'policy', cluster: id, priority: raw.priority, present, ...given(raw, ['match']) }
  }
  // Any name may be asked for: that it is not there is the point of many questions.
  return { kind: 'az', name: raw.az, present }
}

/** The listed keys of an object, without those that are absent. */
function given<T extends object, K extends keyof T>(
  raw: T,
  keys: readonly K[],
): { [P in K]?: NonNullable<T[P]> } {
  return Object.fromEntries(keys.filter((key) => raw[key] !== undefined).map((key) => [key, raw[key]])) as {
    [P in K]?: NonNullable<T[P]>
  }
}

type RawRoute = Extract<RawExpectation, { route: string }> | Extract<RawExpectation, { noRoute: string }>

function readRoute(
  context: Context,
  known: Known,
  raw: RawRoute,
  name: string,
  verb: 'route' | 'noRoute',
  at: At,
): Statement | undefined {
  const prefix = readPrefix(context, raw.prefix, at.in('prefix'))
  const cluster = readCluster(context, known.clusters, name, at.in(verb))
  if (raw.nexthop !== undefined && raw.nexthop !== 'discard') readIp(context, raw.nexthop, at.in('nexthop'))
  if (cluster === undefined || prefix === undefined) return undefined
  const routers = cluster.draft.routers.map((router) => router.name)
  if (raw.router !== undefined && !routers.includes(raw.router)) {
    reportUnknown(
      context,
      raw.router,
      { code: 'IN045', what: 'router', cluster: name, names: routers },
      at.in('router'),
    )
  }
  return {
    kind: 'route',
    cluster: cluster.draft.id,
    prefix,
    present: verb === 'route',
    ...given(raw, ['router', 'learned', 'nexthop', 'ecmp']),
    ...(raw.table !== undefined && { routeTable: raw.table }),
  }
}

type RawReach = Extract<RawExpectation, { reach: string }> | Extract<RawExpectation, { unreachable: string }>

function readReach(
  context: Context,
  known: Known,
  raw: RawReach,
  text: string,
  verb: 'reach' | 'unreachable',
  at: At,
): Statement | undefined {
  const ends = readEnds(context, text, at.in(verb))
  const via = raw.via === undefined ? undefined : readNodeRef(context, known.clusters, raw.via, at.in('via'))
  if (ends === undefined) return undefined
  const from = readSelector(context, known.clusters, known.pods, ends.from, ends.fromAt)
  const to = readSelector(context, known.clusters, known.pods, ends.to, ends.toAt)
  if (from?.kind === 'address') {
    context.diagnostics.error('IN048', `packets start at a pod, ${ends.from} is an address`, {
      span: ends.fromAt.span,
      expected: 'az1/web, az1/* or az1/* of subnet ovn-default',
    })
    return undefined
  }
  if (from === undefined || to === undefined) return undefined
  return {
    kind: 'reach',
    from,
    to,
    quantifier: raw.some === true ? 'some' : 'every',
    reachable: verb === 'reach',
    protocol: raw.protocol ?? 'icmp',
    ...given(raw, ['tunnels', 'size']),
    ...('ttl' in raw && raw.ttl !== undefined && { ttl: raw.ttl }),
    ...(raw.ends !== undefined && { disposition: raw.ends }),
    ...(via !== undefined && { via: `${via.cluster}/${via.node}` }),
  }
}

function trafficNamed(context: Context, known: Known, name: string, at: At): Traffic | undefined {
  const found = known.traffic.find((one) => one.name === name)
  const unsure = context.broken.has('unnamed traffic') && name.includes('->')
  if (found === undefined && !unsure)
    reportUnknown(
      context,
      name,
      { code: 'IN047', what: 'traffic', names: known.traffic.map((one) => one.name) },
      at,
    )
  return found
}

function readLoss(
  context: Context,
  known: Known,
  raw: Extract<RawExpectation, { loss: string }>,
  at: At,
): Statement | undefined {
  const traffic = trafficNamed(context, known, raw.loss, at.in('loss'))
  const most = raw.atMost === undefined ? undefined : readLimit(context, raw.atMost, at.in('atMost'))
  const least = raw.atLeast === undefined ? undefined : readLimit(context, raw.atLeast, at.in('atLeast'))
  if (raw.atMost === undefined && raw.atLeast === undefined) {
    context.diagnostics.error('IN011', 'this expectation sets no limit on the loss', {
      span: at.in('loss').key,
      expected: 'atMost or atLeast, such as atMost: 3.1s or atMost: 5 packets',
    })
  }
  if (traffic === undefined) return undefined
  return {
    kind: 'loss',
    traffic: traffic.name,
    ...(most?.kind === 'time' && { atMost: most.value }),
    ...(most?.kind === 'packets' && { packetsAtMost: most.value }),
    ...(least?.kind === 'time' && { atLeast: least.value }),
    ...(least?.kind === 'packets' && { packetsAtLeast: least.value }),
  }
}

/** A duration, or a number of packets; 0 means that nothing may be lost. */
function readLimit(
  context: Context,
  raw: string | number,
  at: At,
): { kind: 'time' | 'packets'; value: number } | undefined {
  const [, packets] = /^(\d+)\s*packets?$/.exec(String(raw).trim()) ?? []
  if (packets !== undefined) return { kind: 'packets', value: Number(packets) }
  if (String(raw).trim() === '0') return { kind: 'packets', value: 0 }
  if (/^\d+$/.test(String(raw).trim())) {
    context.diagnostics.error('IN020', `the limit ${raw} has no unit`, {
      span: at.span,
      expected: 'a duration such as 3.1s, or a number of packets',
      hint: `write ${raw}s or ${raw} packets`,
    })
    return undefined
  }
  const value = readDuration(context, raw, at)
  return value === undefined ? undefined : { kind: 'time', value }
}

function readHops(
  context: Context,
  known: Known,
  raw: Extract<RawExpectation, { hops: string }>,
  at: At,
): Statement | undefined {
  const traffic = trafficNamed(context, known, raw.hops, at.in('hops'))
  if (traffic !== undefined && traffic.kind !== 'traceroute') {
    context.diagnostics.error('IN047', `"${raw.hops}" is a ${traffic.kind}, hops are seen by a traceroute`, {
      span: at.in('hops').span,
    })
  }
  const hops = raw.path.map((hop, i) => {
    if (hop === '*') return undefined
    readIp(context, hop, at.in('path', i))
    return hop
  })
  return traffic === undefined ? undefined : { kind: 'hops', traffic: traffic.name, hops }
}

function readGateway(
  context: Context,
  known: Known,
  raw: Extract<RawExpectation, { gateway: string }>,
  at: At,
): Statement | undefined {
  const cluster = readCluster(context, known.clusters, raw.gateway, at.in('gateway'))
  const names = known.switches.map((one) => one.name)
  const transitSwitch = raw.ts ?? names[0]
  if (transitSwitch === undefined || !names.includes(transitSwitch)) {
    reportUnknown(
      context,
      raw.ts ?? 'ts',
      { code: 'IN046', what: 'transit switch', names },
      raw.ts === undefined ? at : at.in('ts'),
    )
    return undefined
  }
  if (cluster === undefined) return undefined
  const node = raw.node.replace(`${cluster.draft.id}/`, '')
  const nodes = cluster.nodes.map((one) => one.name)
  if (node !== 'none' && !nodes.includes(node)) {
    reportUnknown(
      context,
      node,
      { code: 'IN042', what: 'node', cluster: cluster.draft.id, names: nodes },
      at.in('node'),
    )
  }
  return {
    kind: 'gateway',
    cluster: cluster.draft.id,
    transitSwitch,
    node: node === 'none' ? undefined : node,
  }
}
