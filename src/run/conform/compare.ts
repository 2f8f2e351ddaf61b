/**
 * Holds a run of the simulator against a run of the lab, aspect by aspect. What two runs of the real thing also differ in is compared by
 * what is stable: tunnel keys as names, ECMP members as sets, and where something happens to the network, losses by their length and
 * ways by those that enough answered requests took.
 */
import type { LogicalRouter, RouteFlow, RouteMember } from '../../model/forwarding.ts'
import type { RunResult } from '../../model/observation.ts'
import type { DatabaseSnapshot, DatabasesSnapshot, IcSbTables, NbTables } from '../../model/tables.ts'
import { formatNanos, MILLISECOND, type Nanos } from '../../model/time.ts'
import type { TrafficResult } from '../../model/traffic.ts'
import { formatIp } from '../../net/ip.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { gapLength } from '../../verify/traffic.ts'
import type { LabRun } from '../lab-run.ts'
import type { Chain, Crossed } from './chains.ts'

/** How an aspect came out. `undefined`: the real system's answer is unspecified there, so nothing is compared. */
export type Verdict = 'agree' | 'differ' | 'undefined'

/** One row of the table. */
export interface Comparison {
  readonly aspect: 'routes' | 'flows' | 'IC-SB' | 'bindings' | 'probe' | 'underlay' | 'neighbours'
  /** `start az1 ovn-cluster`, or the probe's name. */
  readonly what: string
  /** Both sides in a few words. */
  readonly real: string
  readonly model: string
  readonly verdict: Verdict
  /** Every difference, a line or more each; empty for agreement. */
  readonly differences: readonly string[]
}

/** The two runs, and what is needed to compare them. */
export interface Sides {
  readonly real: LabRun
  readonly model: RunResult
  readonly realCrossed: Crossed
  readonly modelCrossed: Crossed
  /** `lr-route-list` of a modelled Northbound. */
  readonly routeList: (nb: DatabaseSnapshot<NbTables>, router: string) => string
  /** By how much losses may differ in length. */
  readonly tolerance: Nanos
}

/** All comparisons in the order of the table. */
export function compareAll(sides: Sides): Comparison[] {
  return [
    ...compareRoutes(sides),
    ...compareFlows(sides),
    ...compareIcSb(sides),
    ...compareBindings(sides),
    ...compareProbes(sides),
    ...compareUnderlay(sides),
    compareNeighbours(sides),
  ]
}

function row(
  aspect: Comparison['aspect'],
  what: string,
  real: string,
  model: string,
  differences: readonly string[],
): Comparison {
  return { aspect, what, real, model, verdict: differences.length === 0 ? 'agree' : 'differ', differences }
}

/** Route tables as the real ovn-nbctl prints them, against the same text from the model's Northbound. */
function compareRoutes({ real, model, routeList }: Sides): Comparison[] {
  return [...real.routeLists].map(([where, list]) => {
    const [label = '', cluster = '', router = ''] = where.split('\t')
    const nb = model.snapshots.get(label)?.clusters.get(cluster)?.nb
    const text = nb === undefined ? '' : routeList(nb, router)
    const lines = (one: string): string =>
      `${one.split('\n').filter((line) => /^ +[\da-f]/.test(line)).length} rows`
    const differences =
      list.trimEnd() === text.trimEnd() ? [] : [`OVN:\n${list.trimEnd()}\nmodel:\n${text.trimEnd()}`]
    return row('routes', `${label} ${cluster} ${router}`, lines(list), lines(text), differences)
  })
}

/** Routes and policies that northd made flows of, at the beginning. */
function compareFlows({ real, model }: Sides): Comparison[] {
  return [...routersAtStart(real.result)].map(([where, router]) => {
    const [theirs, ours] = [router, routersAtStart(model).get(where)].map((one) =>
      one === undefined ? [] : flowTexts(one),
    )
    return row(
      'flows',
      where,
      `${theirs!.length} flows`,
      `${ours!.length} flows`,
      setDifferences(theirs!, ours!),
    )
  })
}

function routersAtStart({ states }: RunResult): Map<string, LogicalRouter> {
  const routers = new Map<string, LogicalRouter>()
  for (const chassis of states[0]?.chassis.values() ?? [])
    for (const datapath of chassis.view?.datapaths.values() ?? [])
      if (datapath.kind === 'router') routers.set(`start ${chassis.cluster} ${datapath.name}`, datapath)
  return routers
}

function flowTexts({ routes, policies }: LogicalRouter): string[] {
  return [
    ...routes.map(
      (flow) =>
        `${flow.priority} ${flow.inport ?? ''} table ${flow.routeTable ?? 'any'} ${flow.kind} ${formatPrefix(flow.prefix)} ${actionText(flow)}`,
    ),
    ...policies.map((flow) =>
      `policy ${flow.priority} ${flow.text} ${flow.action.kind} ${flow.action.kind === 'reroute' ? membersText(flow.action.members) : ''}`.trimEnd(),
    ),
  ]
}

function actionText({ action }: RouteFlow): string {
  if (action.kind === 'drop') return 'drop'
  return action.kind === 'forward' ? membersText([action.member]) : `ecmp ${membersText(action.members)}`
}

/** The order of ECMP members is that of rows' UUIDs, hence by chance. */
function membersText(members: readonly RouteMember[]): string {
  return members
    .map(
      ({ nexthop, source, outport }) =>
        `${nexthop === undefined ? 'connected' : formatIp(nexthop)} from ${formatIp(source)} by ${outport}`,
    )
    .sort()
    .join(', ')
}

/** Rows of the IC Southbound at every snapshot that both have. */
function compareIcSb({ real, model }: Sides): Comparison[] {
  return labels(real.result, model).map(([label, theirs, ours]) => {
    const [a, b] = [icSbTexts(theirs.icSb), icSbTexts(ours.icSb)]
    return row('IC-SB', label, `${a.length} rows`, `${b.length} rows`, setDifferences(a, b))
  })
}

function icSbTexts({ tables }: DatabaseSnapshot<IcSbTables>): string[] {
  const zone = (id: number): string => tables.Availability_Zone.get(id)?.name ?? '?'
  return [
    ...[...tables.Availability_Zone.values()].map(({ name }) => `Availability_Zone ${name}`),
    ...[...tables.Gateway.values()].map(
      (one) => `Gateway ${one.name} ${zone(one.availability_zone)} ${one.hostname}`,
    ),
    ...[...tables.Encap.values()].map((one) => `Encap ${one.gateway_name} ${one.type} ${one.ip}`),
    // Which switch gets which key is a race (TS-3).
    ...[...tables.Datapath_Binding.values()].map((one) => `Datapath_Binding ${one.transit_switch}`),
    ...[...tables.Port_Binding.values()].map(
      (one) =>
        `Port_Binding ${one.transit_switch} ${zone(one.availability_zone)} ${one.logical_port} ${one.gateway} ${one.address}`,
    ),
    ...[...tables.Route.values()].map(
      (one) =>
        `Route ${one.transit_switch} ${zone(one.availability_zone)} ${one.route_table} ${one.ip_prefix} ${one.nexthop} ${one.origin}`,
    ),
  ]
}

/** Chassis, and where ports are bound, of every cluster. */
function compareBindings({ real, model }: Sides): Comparison[] {
  return labels(real.result, model).flatMap(([label, theirs, ours]) =>
    [...theirs.clusters.keys()].map((cluster) => {
      const [a, b] = [theirs, ours].map((side) => bindingTexts(side, cluster))
      return row(
        'bindings',
        `${label} ${cluster}`,
        `${a!.length} rows`,
        `${b!.length} rows`,
        setDifferences(a!, b!),
      )
    }),
  )
}

function bindingTexts(databases: DatabasesSnapshot, cluster: string): string[] {
  const tables = databases.clusters.get(cluster)?.sb.tables
  if (tables === undefined) return []
  return [
    ...[...tables.Chassis.values()].map(
      (one) =>
        `Chassis ${one.name} ${one.hostname} remote ${one.other_config['is-remote'] === 'true'} interconn ${one.other_config['is-interconn'] === 'true'}`,
    ),
    ...[...tables.Port_Binding.values()].flatMap((one) =>
      ['', 'remote', 'chassisredirect'].includes(one.type)
        ? [
            `Port_Binding ${one.logical_port} ${one.type} on ${one.chassis === undefined ? 'none' : (tables.Chassis.get(one.chassis)?.name ?? 'none')}`,
          ]
        : [],
    ),
  ]
}

function labels(real: RunResult, model: RunResult): [string, DatabasesSnapshot, DatabasesSnapshot][] {
  return [...real.snapshots].flatMap(([label, theirs]) => {
    const ours = model.snapshots.get(label)
    return ours === undefined ? [] : [[label, theirs, ours]]
  })
}

/** When something first happens to the network. */
function disturbedAt({ scenario }: RunResult): Nanos {
  return Math.min(...scenario.timeline.flatMap(({ at, event }) => (event.kind === 'snapshot' ? [] : [at])))
}

/** Whether nothing happens to the network while a probe is under way, so that every single packet can be compared. */
function isQuiet(run: RunResult, ...probes: readonly TrafficResult[]): boolean {
  const disturbed = disturbedAt(run)
  if (disturbed === Number.POSITIVE_INFINITY) return true
  return probes.length > 0 && probes.every(({ sentAt }) => (sentAt.at(-1) ?? disturbed) + SETTLE < disturbed)
}

/** How long after its last packet a probe may still be under way. */
const SETTLE: Nanos = 300 * MILLISECOND

/** What every probe got back. */
function compareProbes({ real, model, tolerance }: Sides): Comparison[] {
  const hasUndefined = model.drops.some(({ drop }) => drop.kind === 'undefined')
  return real.result.traffic.map((theirs) => {
    const { name } = theirs.traffic
    const ours = model.traffic.find((one) => one.traffic.name === name)
    if (ours === undefined)
      return row('probe', name, probeText(theirs), 'not sent', ['the model did not send it'])
    const differences = probeDifferences(
      theirs,
      ours,
      isQuiet(model, theirs, ours) ? undefined : tolerance,
      addressesOf(model, theirs),
    )
    const compared = row('probe', name, probeText(theirs), probeText(ours), differences)
    return hasUndefined && differences.length > 0 ? { ...compared, verdict: 'undefined' } : compared
  })
}

/** Addresses of the pod that sends. */
function addressesOf({ scenario }: RunResult, { traffic: { from } }: TrafficResult): string[] {
  const cluster = scenario.network.clusters.find(({ id }) => id === from.cluster)
  return cluster?.pods.find(({ name }) => name === from.pod)?.ips.map(formatIp) ?? []
}

function probeText(result: TrafficResult): string {
  const { traffic, sent, received, replyTtls, hops, tcp } = result
  if (traffic.kind === 'traceroute') return hops.map((hop) => hop?.from ?? '*').join(' ')
  if (tcp !== undefined) return tcp.connected ? `${tcp.echoed} bytes back` : 'not connected'
  const gaps = result.gaps.map((gap) => formatNanos(Math.round(gapLength(result, gap) / 1e6) * 1e6))
  return `${received.length}/${sent}${replyTtls.length === 0 ? '' : ` ttl ${replyTtls.join()}`}${gaps.length === 0 ? '' : ` gaps ${gaps.join(' ')}`}`
}

function probeDifferences(
  theirs: TrafficResult,
  ours: TrafficResult,
  tolerance: Nanos | undefined,
  own: readonly string[],
): string[] {
  const differences: string[] = []
  const same = (what: string, real: string, model: string): void => {
    if (real !== model) differences.push(`${what}: OVN ${real || 'none'}, model ${model || 'none'}`)
  }
  const { traffic } = theirs
  if (traffic.kind === 'traceroute') {
    const text = (result: TrafficResult): string =>
      result.hops
        .map((hop) => (hop === undefined ? '*' : `${hop.from} ${hop.kind} ttl ${hop.ttl}`))
        .join(', ')
    same('hops', text(theirs), text(ours))
    return differences
  }
  const sorted = (values: readonly (string | number)[]): string => [...values].map(String).sort().join(' ')
  if (traffic.kind === 'tcp') {
    same('connected', String(theirs.tcp?.connected), String(ours.tcp?.connected))
    if (tolerance === undefined) same('bytes echoed', echoText(theirs), echoText(ours))
  } else {
    same('sent', String(theirs.sent), String(ours.sent))
    if (tolerance === undefined) same('lost', theirs.lost.join(' '), ours.lost.join(' '))
    else {
      const [real, model] = [theirs, ours].map((result) => result.lost.length * traffic.interval)
      if (Math.abs(real! - model!) > tolerance)
        differences.push(
          `lost for ${formatNanos(real!)}, model ${formatNanos(model!)}: more than ${formatNanos(tolerance)} apart`,
        )
    }
    if (theirs.received.length > 0 || ours.received.length > 0)
      same('reply TTLs', sorted(theirs.replyTtls), sorted(ours.replyTtls))
    same('answers from', sorted(theirs.repliers), sorted(ours.repliers))
    const local = (result: TrafficResult): string => sorted(result.localErrors.map(({ error }) => error))
    same('local errors', local(theirs), local(ours))
  }
  // What the sender's own kernel tells it crosses no wire, so no capture has it.
  const errors = (result: TrafficResult): string[] =>
    result.icmpErrors
      .filter(({ from }) => !own.includes(from))
      .map(
        (one) =>
          `${one.from} type ${one.type} code ${one.code} ttl ${one.ttl} mtu ${one.mtu ?? '-'} quotes ${result.traffic.kind === 'tcp' ? 'a packet' : `${one.quotedLength} bytes`} with ttl ${one.quotedTtl}`,
      )
  differences.push(
    ...setDifferences([...new Set(errors(theirs))], [...new Set(errors(ours))]).map(
      (text) => `ICMP errors: ${text}`,
    ),
  )
  return differences
}

/** Whether all bytes came back; how many of a stalled connection is a matter of timers. */
function echoText({ traffic, tcp }: TrafficResult): string {
  return traffic.kind === 'tcp' && tcp?.echoed === traffic.bytes ? 'all' : 'not all'
}

/** Answered requests that have to have taken a way before it counts, where something happens to the network. */
const FREQUENT = 5

/** The ways of every probe's packets, header by header. */
function compareUnderlay({ real, model, realCrossed, modelCrossed }: Sides): Comparison[] {
  const hasUndefined = model.drops.some(({ drop }) => drop.kind === 'undefined')
  return real.result.traffic.flatMap((theirs) => {
    const { name } = theirs.traffic
    const ours = model.traffic.find((one) => one.traffic.name === name)
    if (ours === undefined) return []
    const quiet = isQuiet(model, theirs, ours)
    const [a, b] = [
      { result: theirs, chains: realCrossed.chains },
      { result: ours, chains: modelCrossed.chains },
    ].map(({ result, chains }) =>
      waysOf(
        chains.filter((chain) => chain.probe === name),
        result,
        quiet,
      ),
    )
    const hops = (ways: Map<string, Chain>): string =>
      `${ways.size} ways, ${[...ways.values()].reduce((sum, { hops }) => sum + hops.length, 0)} hops`
    const compared = row('underlay', name, hops(a!), hops(b!), wayDifferences(a!, b!))
    return [
      hasUndefined && compared.verdict === 'differ'
        ? { ...compared, verdict: 'undefined' as const }
        : compared,
    ]
  })
}

/** Distinct ways as texts, each with one packet that took it. */
function waysOf(chains: readonly Chain[], result: TrafficResult, quiet: boolean): Map<string, Chain> {
  const lost = new Set(result.lost)
  const ways = new Map<string, { chain: Chain; count: number }>()
  // A router has taken one off before a packet is on the wire; only in one subnet, one hop away, none has.
  const limit =
    result.traffic.kind === 'traceroute' ? Math.max(1, result.hops.length - 1) : Number.POSITIVE_INFINITY
  for (const chain of chains) {
    // Probes beyond the destination are a matter of how fast the answer comes.
    if (
      result.traffic.kind === 'traceroute' &&
      Number(/ ttl (\d+)/.exec(chain.hops[0]?.text.split(' | ')[1] ?? '')?.[1]) > limit &&
      chain.dir === 'request'
    )
      continue
    if (!quiet && chain.seq !== undefined && lost.has(chain.seq)) continue
    for (const text of wayTexts(chain, result)) {
      const known = ways.get(text)
      if (known === undefined) ways.set(text, { chain, count: 1 })
      else known.count++
    }
  }
  return new Map(
    [...ways].flatMap(([text, { chain, count }]) =>
      quiet || count >= FREQUENT ? [[text, chain] as const] : [],
    ),
  )
}

/** A connection's packets, and errors about them, are compared one by one: which of them were sent twice is a matter of timers. */
function wayTexts(chain: Chain, { traffic }: TrafficResult): string[] {
  if (traffic.kind === 'tcp') return chain.hops.map(({ text }) => `${chain.dir}\n  ${text}`)
  return [`${chain.dir}${chain.hops.map(({ text }) => `\n  ${text}`).join('')}`]
}

function wayDifferences(real: Map<string, Chain>, model: Map<string, Chain>): string[] {
  return [
    ...[...real.keys()].filter((text) => !model.has(text)).map((text) => `only OVN: ${text}`),
    ...[...model.keys()].filter((text) => !real.has(text)).map((text) => `only the model: ${text}`),
  ]
}

/** ARP and neighbour discovery inside tunnels; how often is compared only where nothing happens meanwhile. */
function compareNeighbours({ model, realCrossed, modelCrossed }: Sides): Comparison {
  const [a, b] = [realCrossed, modelCrossed].map(({ neighbourMessages }) => [...new Set(neighbourMessages)])
  const differences = isQuiet(model) ? setDifferences(a!, b!) : []
  const compared = row(
    'neighbours',
    'ARP and ND in tunnels',
    `${a!.length} kinds`,
    `${b!.length} kinds`,
    differences,
  )
  // Who is asked for follows the ways packets take.
  const hasUndefined = model.drops.some(({ drop }) => drop.kind === 'undefined')
  return hasUndefined && differences.length > 0 ? { ...compared, verdict: 'undefined' } : compared
}

/** What only one of two multisets has. */
function setDifferences(real: readonly string[], model: readonly string[]): string[] {
  return [
    ...minus(real, model).map((text) => `only OVN: ${text}`),
    ...minus(model, real).map((text) => `only the model: ${text}`),
  ]
}

function minus(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const item of b) left.set(item, (left.get(item) ?? 0) + 1)
  return a.filter((item) => {
    const count = left.get(item) ?? 0
    if (count > 0) left.set(item, count - 1)
    return count === 0
  })
}
