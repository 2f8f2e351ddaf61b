/**
 * `reach` expectations asked of a real network: what is sent for them and when, and how it is judged. At one moment a pair sends one
 * ping, datagram or connection; over a span it does so again and again, and every sending is a moment for the time operators of
 * `verify/`. With each goes a question to the switches, so that it is known where a packet ends that nobody answers.
 */
import type { Inquiry, LabObservations } from '../lab/lab.ts'
import type { Question } from '../lab/trace/follow.ts'
import type { Expectation, ExpectationResult } from '../model/expectation.ts'
import type { ForwardingState } from '../model/forwarding.ts'
import type { Scenario } from '../model/scenario.ts'
import { formatNanos, MILLISECOND, type Nanos, SECOND } from '../model/time.ts'
import type { PodRef, Traffic } from '../model/traffic.ts'
import { equalIp, formatIp, type Ip, isIp4 } from '../net/ip.ts'
import { judge, type Observed } from '../verify/expectations.ts'
import type { TraceSpec } from '../verify/reach.ts'
import { type PlacedPod, pairs, populationAt, senders, targets } from '../verify/select.ts'
import { type Evidence, type Probe, traceOf, Unseen } from './lab-trace.ts'

type Reach = Extract<Expectation, { readonly kind: 'reach' }>
type Pair = ReturnType<typeof pairs>[number]

/** Pairs that are asked at one moment; more would disturb what is being watched. */
const PAIRS_MAX = 100
/** Requests that one expectation may send. */
const REQUESTS_MAX = 1000
/** How often a pair asks over a span; a connection is a program of its own, a ping only a packet. */
const CADENCE: Readonly<Record<Reach['protocol'], Nanos>> = {
  icmp: 100 * MILLISECOND,
  udp: 100 * MILLISECOND,
  tcp: 500 * MILLISECOND,
}
/** Ports as a trace has them; senders' own are counted up from here. */
const PORTS = { icmp: 0, tcp: 80, udp: 9000 }
const FIRST_SOURCE_PORT = 20_000
/** Above it hosts choose ports by themselves. */
const LAST_SOURCE_PORT = 32_767

/** Shorter than the second after which Linux sends a SYN again: one attempt answers for one moment. */
const CONNECT_TIMEOUT: Nanos = 900 * MILLISECOND

/** An expectation with all that is sent for it. */
export interface Asked {
  readonly wanted: Reach
  /** When pairs ask, as planned. */
  readonly moments: readonly Nanos[]
  /** Undefined for one moment. */
  readonly every: Nanos | undefined
  readonly probes: readonly Probe[]
  readonly inquiries: readonly Inquiry[]
}

/** Why something was not asked. */
export interface NotAsked {
  readonly reason: string
}

/** Plans what is sent for the `reach` expectations of a scenario; undefined in the places of others. */
export function planReaches(scenario: Scenario): (Asked | NotAsked | undefined)[] {
  const ports = portsFrom(FIRST_SOURCE_PORT)
  return scenario.expectations.map((wanted, i) =>
    wanted.kind === 'reach' ? planReach(wanted, i, scenario, ports) : undefined,
  )
}

/** Ports in a row: two probes with the same ones could not be told apart in captures. */
function portsFrom(first: number): () => number {
  let next = first
  return () => (next = next === LAST_SOURCE_PORT ? first : next + 1)
}

/** Plans what is sent for one expectation; `index` makes names unique among all expectations. */
export function planReach(
  wanted: Reach,
  index: number,
  scenario: Scenario,
  nextPort = portsFrom(FIRST_SOURCE_PORT),
): Asked | NotAsked {
  if (wanted.disposition === 'undefined')
    return { reason: 'a real network does one thing or the other, and does not say that it might not' }
  const [from, to] = spanOf(wanted, scenario.duration)
  const most = Math.max(...[from, to].map((at) => pairsAt(wanted, scenario, at).length))
  if (most > PAIRS_MAX) return { reason: `${most} pairs, and the lab asks at most ${PAIRS_MAX} at once` }
  const every = from === to ? undefined : cadence(wanted.protocol, to - from, most)
  const moments: Nanos[] = from > scenario.duration ? [] : [from]
  // The end of a span is not asked: what happens at that very moment is not to be told from what was before.
  if (every !== undefined) for (let at = from + every; at < to; at += every) moments.push(at)
  const probes = probesOf(wanted, index, scenario, moments, every ?? SECOND, nextPort)
  const inquiries = probes.flatMap((probe) =>
    Array.from({ length: probe.count }, (_, i) => inquiryOf(probe, i + 1, moments[probe.first + i]!)),
  )
  return { wanted, moments, every, probes, inquiries }
}

function spanOf({ when }: Reach, duration: Nanos): [from: Nanos, to: Nanos] {
  if (when.kind === 'end') return [duration, duration]
  if (when.kind === 'at') return [when.at, when.at]
  return [when.from, Math.max(when.from, Math.min(when.to, duration))]
}

function cadence(protocol: Reach['protocol'], span: Nanos, count: number): Nanos {
  const least = (span * Math.max(1, count)) / REQUESTS_MAX
  const step = CADENCE[protocol]
  return step * Math.max(1, Math.ceil(least / step))
}

function pairsAt(wanted: Reach, scenario: Scenario, at: Nanos): Pair[] {
  const population = populationAt(scenario, at)
  return pairs(senders(population, wanted.from), targets(population, wanted.to))
}

/** One probe for each pair as long as it exists without a break; connections one by one. */
function probesOf(
  wanted: Reach,
  index: number,
  scenario: Scenario,
  moments: readonly Nanos[],
  every: Nanos,
  nextPort: () => number,
): Probe[] {
  const probes: Probe[] = []
  const open = new Map<string, Draft>()
  const close = (draft: Draft): void => {
    probes.push(probeOf(wanted, `reach ${index} ${probes.length}`, draft, every, nextPort()))
  }
  for (const [k, at] of moments.entries()) {
    const { pods } = populationAt(scenario, at)
    const now = new Map(
      pairsAt(wanted, scenario, at).map((pair) => [keyOf(refOf(pair), pair.to.address), pair]),
    )
    for (const [key, draft] of open) {
      if (now.has(key) && wanted.protocol !== 'tcp') continue
      close(draft)
      open.delete(key)
    }
    for (const [key, pair] of now) {
      const draft = open.get(key)
      if (draft !== undefined) draft.count++
      else open.set(key, { pair, first: k, at, count: 1, owners: ownersOf(pods, pair.to.address) })
    }
  }
  for (const draft of open.values()) close(draft)
  return probes
}

interface Draft {
  readonly pair: Pair
  readonly first: number
  readonly at: Nanos
  readonly owners: readonly PlacedPod[]
  count: number
}

function probeOf(
  { protocol, size = 56 }: Reach,
  name: string,
  { pair, first, at, count, owners }: Draft,
  every: Nanos,
  sourcePort: number,
): Probe {
  const { address } = pair.to
  const owner = owners.find(({ cluster, pod }) => `${cluster}/${pod.name}` === pair.to.name) ?? owners[0]
  const to = owner === undefined ? undefined : { cluster: owner.cluster, pod: owner.pod.name }
  const base = { name, at, from: refOf(pair), to, address }
  const ports = { sourcePort, destinationPort: PORTS[protocol] }
  const series = { count, interval: every, size, wait: SECOND }
  const traffic: Traffic =
    protocol === 'icmp'
      ? { kind: 'ping', ...base, ...series, ttl: 64, tos: 0, df: 'want' }
      : protocol === 'udp'
        ? { kind: 'udp', ...base, ...series, ...ports }
        : { kind: 'tcp', ...base, ...ports, bytes: 0, timeout: CONNECT_TIMEOUT }
  const source = pair.from.pod.ips.find((ip) => isIp4(ip) === isIp4(address))!
  const header = isIp4(address) ? 20 : 40
  const there: Question = {
    cluster: pair.from.cluster,
    lsp: pair.from.pod.lsp,
    source,
    destination: address,
    protocol,
    reply: false,
    ...ports,
    ttl: 64,
    length: protocol === 'tcp' ? header + 40 : Math.min(header + 8 + size, pair.from.pod.mtu),
  }
  const back: Question | undefined =
    owner === undefined
      ? undefined
      : {
          ...there,
          cluster: owner.cluster,
          lsp: owner.pod.lsp,
          source: address,
          destination: source,
          reply: true,
          sourcePort: ports.destinationPort,
          destinationPort: ports.sourcePort,
        }
  return { traffic, first, count, sender: pair.from, owner, owners, there, back }
}

function ownersOf(pods: readonly PlacedPod[], address: Ip): PlacedPod[] {
  return pods.filter(({ pod }) => pod.ips.some((ip) => equalIp(ip, address)))
}

function inquiryOf({ traffic, there, back }: Probe, seq: number, at: Nanos): Inquiry {
  return { name: inquiryName(traffic.name, seq), at, there, back }
}

/** Name of the question to the switches that goes with a request. */
export function inquiryName(probe: string, seq: number): string {
  return `${probe} ${seq}`
}

function refOf({ from }: Pair): PodRef {
  return { cluster: from.cluster, pod: from.pod.name }
}

function keyOf({ cluster, pod }: PodRef, address: Ip): string {
  return `${cluster}/${pod} ${formatIp(address)}`
}

/** Judges what was seen, with the judge of all runs: each moment stands in the place of a forwarding state. */
export function judgeReachOfLab(
  asked: Asked,
  observed: Observed,
  seen: LabObservations,
  evidence: Evidence,
): ExpectationResult | NotAsked {
  const { wanted, moments, every, probes } = asked
  const byKey = new Map<string, Probe>()
  for (const probe of probes)
    for (let i = 0; i < probe.count; i++)
      byKey.set(`${probe.first + i} ${keyOf(probe.traffic.from, probe.traffic.address)}`, probe)
  const states = moments.map((at, version): ForwardingState => ({ at, version, chassis: new Map() }))
  const trace = (state: ForwardingState, { from, to }: TraceSpec) => {
    const probe = byKey.get(`${state.version} ${keyOf(from, to)}`)
    if (probe === undefined) throw new Unseen(`${from.cluster}/${from.pod} did not ask ${formatIp(to)}`)
    const seq = state.version - probe.first + 1
    return traceOf(probe, seq, seen.inquired.get(inquiryName(probe.traffic.name, seq)), evidence)
  }
  // The last moment of a run is before its end by the time that the real network took.
  const run = { ...observed, states: states.length === 0 ? observed.states : states }
  try {
    const [result] = judge(run, [wanted], trace)
    const tool = { icmp: 'ping', udp: 'datagrams', tcp: 'connections' }[wanted.protocol]
    const often = every === undefined ? '' : ` every ${formatNanos(every)}`
    const detail = result!.detail.replace(/\.$/, '')
    return result!.notReached === true
      ? result!
      : { ...result!, detail: `${detail} (asked with ${tool}${often}).` }
  } catch (error) {
    if (error instanceof Unseen) return { reason: error.message }
    throw error
  }
}
