// `traffic` to the model: both ends looked up, the address chosen by family, names made where the user gave none.

import type { Pod } from '../model/network.ts'
import { MILLISECOND, type Nanos, SECOND } from '../model/time.ts'
import type { PodRef, Traffic } from '../model/traffic.ts'
import { familyOf, formatIp, type Ip, parseIp } from '../net/ip.ts'
import type { Context } from './context.ts'
import { type Clusters, type PodDirectory, readEnds, readPodRef } from './references.ts'
import type { RawTraffic } from './schema/events.ts'
import { readDuration, readIp, readSize } from './values.ts'
import type { At } from './yaml-file.ts'

/** First source port of generated UDP and TCP traffic. */
const FIRST_SOURCE_PORT = 40_000

/** RFC 862. */
const ECHO_PORT = 7

/** Reads all traffic; entries with errors are reported and left out. */
export function readTraffic(
  context: Context,
  clusters: Clusters,
  pods: PodDirectory,
  raw: readonly RawTraffic[],
  at: At,
): Traffic[] {
  const traffic: Traffic[] = []
  const named = new Map<string, At>()
  for (const [i, entry] of raw.entries()) {
    const place = at.in(i)
    const before = entry.as === undefined ? undefined : named.get(entry.as)
    if (before !== undefined) {
      context.diagnostics.error('IN059', `the name "${entry.as}" is given to two entries of traffic`, {
        span: place.in('as').span,
        related: [{ message: 'first given here', span: before.in('as').span }],
      })
    }
    if (entry.as !== undefined) named.set(entry.as, place)
    const one = readEntry(context, clusters, pods, entry, i, place)
    if (one !== undefined) traffic.push(one)
    else if (entry.as !== undefined) context.broken.add(`traffic ${entry.as}`)
    else context.broken.add('unnamed traffic')
  }
  return withUniqueNames(traffic, new Set(named.keys()))
}

interface Ends {
  readonly from: PodRef
  readonly to: PodRef | undefined
  readonly address: Ip
  readonly name: string
}

function readEntry(
  context: Context,
  clusters: Clusters,
  pods: PodDirectory,
  entry: RawTraffic,
  index: number,
  at: At,
): Traffic | undefined {
  const kind =
    'ping' in entry ? 'ping' : 'traceroute' in entry ? 'traceroute' : 'udp' in entry ? 'udp' : 'tcp'
  const time = (key: string, raw: string | number | undefined, otherwise: Nanos): Nanos =>
    raw === undefined ? otherwise : (readDuration(context, raw, at.in(key)) ?? otherwise)
  const bytes = (key: string, raw: string | number | undefined, otherwise: number): number =>
    raw === undefined ? otherwise : (readSize(context, raw, at.in(key)) ?? otherwise)
  const errors = context.diagnostics.count('error')
  const ends = readBothEnds(context, clusters, pods, entry, at.in(kind), at.in('family'))
  const start = time('at', entry.at, 0)
  const base = { at: start, name: entry.as ?? ends?.name ?? '' }
  let made: Traffic | undefined
  if ('ping' in entry) {
    const interval = time('interval', entry.interval, SECOND)
    checkInterval(context, interval, at.in('interval'))
    const figures = { interval, size: bytes('size', entry.size, 56), wait: time('wait', entry.wait, SECOND) }
    if (ends !== undefined) {
      made = {
        kind: 'ping',
        ...base,
        ...target(ends),
        count: entry.count ?? 5,
        ttl: entry.ttl ?? 64,
        tos: entry.tos ?? 0,
        df: entry.df ?? 'want',
        ...figures,
      }
    }
  } else if ('traceroute' in entry) {
    const wait = time('wait', entry.wait, SECOND)
    if (ends !== undefined)
      made = {
        kind: 'traceroute',
        ...base,
        ...target(ends),
        mode: entry.mode ?? 'udp',
        maxTtl: entry.maxTtl ?? 8,
        wait,
      }
  } else {
    const ports = {
      sourcePort: entry.sourcePort ?? FIRST_SOURCE_PORT + (index % 10_000),
      destinationPort: entry.port ?? ECHO_PORT,
    }
    if ('udp' in entry) {
      const interval = time('interval', entry.interval, SECOND)
      checkInterval(context, interval, at.in('interval'))
      const figures = {
        interval,
        size: bytes('size', entry.size, 56),
        wait: time('wait', entry.wait, SECOND),
      }
      if (ends !== undefined)
        made = { kind: 'udp', ...base, ...target(ends), count: entry.count ?? 5, ...ports, ...figures }
    } else {
      const figures = {
        bytes: bytes('bytes', entry.bytes, 1000),
        timeout: time('timeout', entry.timeout, 5 * SECOND),
      }
      if (ends !== undefined) made = { kind: 'tcp', ...base, ...target(ends), ...ports, ...figures }
    }
  }
  if (made !== undefined && trafficEnd(made) > Number.MAX_SAFE_INTEGER) {
    context.diagnostics.error('IN013', 'this traffic never ends', {
      span: at.in(kind).key,
      expected: 'at most 104 days from its start to its last answer',
    })
  }
  return context.diagnostics.count('error') > errors ? undefined : made
}

function target(ends: Ends): { from: PodRef; to: PodRef | undefined; address: Ip } {
  return { from: ends.from, to: ends.to, address: ends.address }
}

/** Below a microsecond nobody sends, and a typing error would fill the memory. */
function checkInterval(context: Context, interval: Nanos, at: At): void {
  if (interval >= 1000) return
  context.diagnostics.error('IN013', 'the interval is too short', { span: at.span, expected: 'at least 1us' })
}

function readBothEnds(
  context: Context,
  clusters: Clusters,
  pods: PodDirectory,
  entry: RawTraffic,
  at: At,
  familyAt: At,
): Ends | undefined {
  const raw =
    'ping' in entry
      ? entry.ping
      : 'traceroute' in entry
        ? entry.traceroute
        : 'udp' in entry
          ? entry.udp
          : entry.tcp
  const ends = readEnds(context, raw, at)
  if (ends === undefined) return undefined
  if (parseIp(ends.from) !== undefined) {
    context.diagnostics.error('IN048', `traffic starts at a pod, ${ends.from} is an address`, {
      span: ends.fromAt.span,
      expected: 'cluster/pod, such as az1/web',
    })
    return undefined
  }
  const from = readPodRef(context, clusters, pods, ends.from, ends.fromAt)
  const name = `${ends.from} -> ${ends.to}`
  if (!ends.to.includes('/')) {
    const address = readIp(context, ends.to, ends.toAt)
    if (from === undefined || address === undefined) return undefined
    if (!from.pod.ips.some((ip) => familyOf(ip) === familyOf(address))) {
      context.diagnostics.error(
        'IN036',
        `${ends.from} has no IPv${familyOf(address)} address to send to ${ends.to} from`,
        { span: ends.toAt.span },
      )
      return undefined
    }
    return { from: { cluster: from.cluster, pod: from.pod.name }, to: undefined, address, name }
  }
  const to = readPodRef(context, clusters, pods, ends.to, ends.toAt)
  if (from === undefined || to === undefined) return undefined
  const address = commonAddress(from.pod, to.pod, entry.family)
  if (address === undefined) {
    if (from.pod.ips.length > 0 && to.pod.ips.length > 0) {
      const wanted = entry.family === undefined ? 'of one family' : `of IPv${entry.family}`
      context.diagnostics.error('IN036', `${ends.from} and ${ends.to} have no addresses ${wanted}`, {
        span: entry.family === undefined ? at.span : familyAt.span,
        hint: `${ends.from} has ${from.pod.ips.map(formatIp).join(', ')}; ${ends.to} has ${to.pod.ips.map(formatIp).join(', ')}`,
      })
    }
    return undefined
  }
  return {
    from: { cluster: from.cluster, pod: from.pod.name },
    to: { cluster: to.cluster, pod: to.pod.name },
    address,
    name,
  }
}

/** The destination address of the family that both pods have, IPv4 first. */
function commonAddress(from: Pod, to: Pod, family: 4 | 6 | undefined): Ip | undefined {
  for (const wanted of family === undefined ? ([4, 6] as const) : [family]) {
    const has = (pod: Pod): Ip | undefined => pod.ips.find((ip) => familyOf(ip) === wanted)
    if (has(from) !== undefined && has(to) !== undefined) return has(to)
  }
  return undefined
}

/** Generated names that repeat get a number: `az1/web -> az2/web (2)`. */
function withUniqueNames(traffic: readonly Traffic[], given: ReadonlySet<string>): Traffic[] {
  const taken = new Set(given)
  const uses = new Map<string, number>()
  return traffic.map((one) => {
    if (given.has(one.name)) return one
    let number = (uses.get(one.name) ?? 0) + 1
    const named = (): string => (number === 1 ? one.name : `${one.name} (${number})`)
    while (taken.has(named())) number++
    uses.set(one.name, number)
    const name = named()
    taken.add(name)
    return name === one.name ? one : { ...one, name }
  })
}

/** When the last packet of an entry is sent, plus the time its answer is waited for. */
export function trafficEnd(traffic: Traffic): Nanos {
  if (traffic.kind === 'tcp') return traffic.at + traffic.timeout
  if (traffic.kind === 'traceroute') return traffic.at + traffic.wait + traffic.maxTtl * 50 * MILLISECOND
  return traffic.at + (traffic.count - 1) * traffic.interval + traffic.wait
}
