/**
 * Holds a run of the simulator against what the real OVN did. Every function returns differences as sentences; none is agreement.
 * What differs between two runs of the real thing (see case-format.ts) is compared by what is stable.
 */

import type { DatabasesSnapshot } from '../../src/model/tables.ts'
import { SECOND } from '../../src/model/time.ts'
import type { TrafficResult } from '../../src/model/traffic.ts'
import { isIp4, parseIp } from '../../src/net/ip.ts'
import { flowTexts } from '../../src/report/ovn/flow-text.ts'
import { icSbShow } from '../../src/report/ovn/ic-sb-show.ts'
import { lrRouteList } from '../../src/report/ovn/lr-route-list.ts'
import type { TruthAz, TruthCase, TruthHop, TruthProbe, TruthSnapshot } from './case-format.ts'
import type { Chain, Observed } from './observe.ts'

export type Difference = string

/** Names, gateways, keys and routes of the databases at every snapshot of the case. */
export function compareDatabases(truth: TruthCase, observed: Observed): Difference[] {
  const differences: Difference[] = []
  const first = truth.snapshots[0]!
  for (const snapshot of truth.snapshots) {
    const ours = observed.result.snapshots.get(snapshot.label)
    if (ours === undefined) {
      differences.push(`no snapshot ${snapshot.label}`)
      continue
    }
    const say = (text: string): void => void differences.push(`${snapshot.label}: ${text}`)
    const azs = snapshot.az === 'same' ? (first.az as Record<string, TruthAz>) : snapshot.az
    for (const [az, theirs] of Object.entries(azs)) compareAz(az, theirs, ours, observed, say)
    const icSb =
      snapshot.ic_sb === 'same' ? (first.ic_sb as Exclude<TruthSnapshot['ic_sb'], 'same'>) : snapshot.ic_sb
    // Null: nothing could be read, because the case had stopped the database.
    if (icSb.Route === null) continue
    compareIcSb(icSb, ours, say)
    const show = snapshot.ic_sb_show === 'same' ? first.ic_sb_show : snapshot.ic_sb_show
    if (icSbShow(ours.icSb) !== show)
      say(`ovn-ic-sbctl show\n--- real\n${show}--- model\n${icSbShow(ours.icSb)}`)
  }
  return differences
}

function compareAz(
  az: string,
  theirs: TruthAz,
  ours: DatabasesSnapshot,
  observed: Observed,
  say: (text: string) => void,
): void {
  const databases = ours.clusters.get(az)
  if (databases === undefined || theirs.lr_route_list === undefined) return
  const { nb, sb } = databases
  for (const [router, list] of Object.entries(theirs.lr_route_list)) {
    const text = lrRouteList(nb, router)
    if (!sameRouteList(list, text)) say(`${az} lr-route-list ${router}\n--- real\n${list}--- model\n${text}`)
  }
  const chassis = [...sb.tables.Chassis.values()].map(
    (row) =>
      `${row.name} ${row.hostname} ${row.other_config['is-remote'] === 'true'} ${row.other_config['is-interconn'] === 'true'}`,
  )
  set(
    say,
    `${az} chassis`,
    (theirs.chassis ?? []).map((c) => `${c.name} ${c.hostname} ${c.remote} ${c.interconn}`),
    chassis,
  )
  const bindings = [...sb.tables.Port_Binding.values()]
    .filter((row) => ['', 'remote', 'chassisredirect'].includes(row.type))
    .map(
      (row) =>
        `${row.logical_port} ${row.type} ${row.chassis === undefined ? null : (sb.tables.Chassis.get(row.chassis)?.name ?? null)}`,
    )
  set(
    say,
    `${az} bindings`,
    Object.entries(theirs.bindings ?? {}).map(([port, b]) => `${port} ${b.type} ${b.chassis}`),
    bindings,
  )
  const remote = [...nb.tables.Logical_Switch_Port.values()]
    .filter((row) => row.type === 'remote')
    .map((row) => `${row.name} ${row.addresses.join()}`)
  set(
    say,
    `${az} remote ports`,
    (theirs.remote_ports ?? []).map((p) => `${p.name} ${p.addresses}`),
    remote,
  )
  for (const [router, flows] of Object.entries(theirs.router_flows ?? {})) {
    // None: the daemons of the case were too busy to be asked.
    if (flows.length === 0) continue
    const state = observed.result.states.filter((one) => one.at <= ours.at).at(-1)
    const view = [...(state?.chassis.values() ?? [])].find(
      (one) => one.cluster === az && one.view !== undefined,
    )?.view
    const datapath = view?.byName.get(router)
    if (datapath?.kind !== 'router') {
      say(`${az} has no router ${router}`)
      continue
    }
    // Link-local routes (RT-4) were not written down with the cases.
    const routes = datapath.routes.filter((route) => route.inport === undefined)
    const macs = new Map(datapath.ports.map((port) => [port.name, port.mac]))
    const model = flowTexts(routes, datapath.policies, (port) => macs.get(port) ?? 0).map(
      (flow) => `${flow.stage} ${flow.priority} ${flow.match} => ${flow.actions}`,
    )
    set(
      say,
      `${az} flows of ${router}`,
      flows.map(([stage, priority, match, actions]) =>
        normalGroups(`${stage} ${priority} ${match} => ${actions}`),
      ),
      model.map(normalGroups),
    )
  }
}

/** ECMP group numbers depend on the order of rows: only that there is a group matters. */
function normalGroups(flow: string): string {
  return flow
    .replace(/reg8\[0\.\.15\] = [1-9]\d*;/, 'reg8[0..15] = N;')
    .replace(/reg8\[0\.\.15\] == [1-9]\d*/, 'reg8[0..15] == N')
}

/** Rows of equal prefix come in the order of their rows' nexthops; that is compared as it stands. */
function sameRouteList(real: string, model: string): boolean {
  return real === model
}

function compareIcSb(
  theirs: Record<string, readonly unknown[] | null>,
  ours: DatabasesSnapshot,
  say: (text: string) => void,
): void {
  const { tables } = ours.icSb
  const zone = (id: number): string => tables.Availability_Zone.get(id)?.name ?? '?'
  set(
    say,
    'IC-SB zones',
    theirs.Availability_Zone as string[],
    [...tables.Availability_Zone.values()].map((row) => row.name),
  )
  set(
    say,
    'IC-SB routes',
    (theirs.Route as Record<string, string>[]).map((r) =>
      [r.transit_switch, r.availability_zone, r.route_table, r.ip_prefix, r.nexthop, r.origin].join(' '),
    ),
    [...tables.Route.values()].map((r) =>
      [r.transit_switch, zone(r.availability_zone), r.route_table, r.ip_prefix, r.nexthop, r.origin].join(
        ' ',
      ),
    ),
  )
  // Tunnel keys go to whoever comes first (PB-1, TS-3): compared as sets below.
  set(
    say,
    'IC-SB port bindings',
    (theirs.Port_Binding as Record<string, string>[]).map((p) =>
      [p.transit_switch, p.availability_zone, p.logical_port, p.gateway ?? '', p.address].join(' '),
    ),
    [...tables.Port_Binding.values()].map((p) =>
      [p.transit_switch, zone(p.availability_zone), p.logical_port, p.gateway, p.address].join(' '),
    ),
  )
  set(
    say,
    'IC-SB gateways',
    (theirs.Gateway as Record<string, string>[]).map((g) =>
      [g.name, g.availability_zone, g.hostname].join(' '),
    ),
    [...tables.Gateway.values()].map((g) => [g.name, zone(g.availability_zone), g.hostname].join(' ')),
  )
  set(
    say,
    'IC-SB encaps',
    (theirs.Encap as Record<string, string>[]).map((e) => [e.gateway_name, e.type, e.ip].join(' ')),
    [...tables.Encap.values()].map((e) => [e.gateway_name, e.type, e.ip].join(' ')),
  )
  // Which switch gets which key is a race (TS-3): the number of keys counts, and that they are of the range.
  const keys = [...tables.Datapath_Binding.values()].map((row) => row.tunnel_key)
  const real = theirs.Datapath_Binding as { tunnel_key: number }[]
  if (keys.length !== real.length || keys.some((key) => key < 16711682 || key > 16711690))
    say(`IC-SB datapath keys: ${real.map((d) => d.tunnel_key).join()}, model ${keys.join()}`)
}

function set(
  say: (text: string) => void,
  what: string,
  real: readonly string[],
  model: readonly string[],
): void {
  const missing = minus(real, model)
  const extra = minus(model, real)
  if (missing.length > 0) say(`${what}: only the real one has ${missing.join('; ')}`)
  if (extra.length > 0) say(`${what}: only the model has ${extra.join('; ')}`)
}

/** A name that the case could not tell (`null`) stands for any. */
function wildcard(real: string): RegExp | undefined {
  if (!real.includes(' null>')) return undefined
  const escaped = real.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replace(/ null>/g, ' \\S+>')}$`)
}

/** Items of `a` beyond those in `b`, as multisets. */
function minus(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const item of b) left.set(item, (left.get(item) ?? 0) + 1)
  return a.filter((item) => {
    const count = left.get(item) ?? 0
    if (count > 0) left.set(item, count - 1)
    return count === 0
  })
}

/** What the probes of the case got back. */
export function compareProbes(truth: TruthCase, observed: Observed): Difference[] {
  return truth.probes.flatMap((probe) => {
    const ours = observed.result.traffic.find((result) => result.traffic.name === probe.id)
    if (ours === undefined) return [`${probe.id}: not sent`]
    return compareProbe(truth, probe, ours).map(
      (text) => `${probe.id} (${probe.kind} ${probe.src} > ${probe.dst}): ${text}`,
    )
  })
}

function compareProbe(truth: TruthCase, probe: TruthProbe, ours: TrafficResult): Difference[] {
  const differences: Difference[] = []
  const say = (text: string): void => void differences.push(text)
  const tolerance = toleranceOf(truth)
  if (probe.kind === 'ping' || probe.kind === 'udp') {
    if (probe.sent !== ours.sent) say(`sent ${probe.sent}, model ${ours.sent}`)
    const lost = sequences(probe.lost ?? '')
    if (tolerance === undefined) {
      if (lost.join() !== ours.lost.join()) say(`lost ${probe.lost}, model ${ours.lost.join()}`)
    } else compareLoss(truth, probe, ours, tolerance, say)
    if (probe.kind === 'ping')
      set(say, 'reply TTL', (probe.reply_ttl ?? []).map(String), ours.replyTtls.map(String))
    set(say, 'answers from', probe.reply_from ?? [], ours.repliers)
    set(
      say,
      'local errors',
      (probe.local_errors ?? []).map((e) => e.errno),
      ours.localErrors.flatMap((e) => Array(e.count).fill(e.error)),
    )
  }
  if (probe.kind === 'traceroute') compareHops(probe, ours, say)
  else {
    const errors = probe.icmp_errors.map(
      (e) =>
        `${e.from} ${e.type}/${e.code} ttl ${e.ttl} mtu ${e.mtu ?? '-'} quotes ${e.orig_len} ttl ${e.orig_ttl}`,
    )
    const model = ours.icmpErrors.map(
      (e) =>
        `${e.from} ${e.type}/${e.code} ttl ${e.ttl} mtu ${e.mtu ?? '-'} quotes ${e.quotedLength} ttl ${e.quotedTtl}`,
    )
    set(say, 'ICMP errors', errors, model)
  }
  if (probe.tcp !== undefined) {
    if (probe.tcp.connected !== ours.tcp?.connected)
      say(`connected ${probe.tcp.connected}, model ${ours.tcp?.connected}`)
    const complete = probe.tcp.echoed === (truth.case.probes[Number(probe.id.slice(1))]?.bytes ?? 100)
    const modelComplete = ours.tcp?.echoed === (ours.traffic.kind === 'tcp' ? ours.traffic.bytes : -1)
    if (probe.tcp.connected && complete !== modelComplete)
      say(`echoed ${probe.tcp.echoed}, model ${ours.tcp?.echoed}`)
  }
  return differences
}

/** Seconds by which failover times may differ (README of the cases); undefined where nothing happens to the network. */
function toleranceOf(truth: TruthCase): number | undefined {
  const quiet = truth.case.events.every((event) => event.do === 'snapshot' || event.do === 'appctl')
  return quiet ? undefined : (truth.case.timing_tolerance_s ?? 1)
}

/** Sum of the gaps within the tolerance of the case; a loss that never ends must not end, and the reverse. */
function compareLoss(
  truth: TruthCase,
  probe: TruthProbe,
  ours: TrafficResult,
  tolerance: number,
  say: (text: string) => void,
): void {
  const interval = (truth.case.probes[Number(probe.id.slice(1))]?.interval ?? 0.2) * SECOND
  const real = (sequences(probe.lost ?? '').length * interval) / SECOND
  const model = (ours.lost.length * interval) / SECOND
  if (Math.abs(real - model) > tolerance) say(`lost for ${real.toFixed(2)} s, model ${model.toFixed(2)} s`)
}

/** A traceroute of ours stops at the destination, the harness went on: what both have is compared. */
function compareHops(probe: TruthProbe, ours: TrafficResult, say: (text: string) => void): void {
  for (const { ttl, answers } of (probe.hops ?? []).slice(0, ours.sent)) {
    const hop = ours.hops[ttl - 1]
    const kinds: Record<string, string> = { 'time-exceeded': 'error', unreachable: 'error', reply: 'reply' }
    const model = hop === undefined ? '*' : `${kinds[hop.kind]} ${hop.from} ttl ${hop.ttl}`
    const real =
      answers[0] === undefined ? '*' : `${answers[0].kind} ${answers[0].from} ttl ${answers[0].ttl}`
    if (model !== real) say(`TTL ${ttl}: ${real}, model ${model}`)
  }
}

/** `1-3,7` → [1, 2, 3, 7]. */
export function sequences(ranges: string): number[] {
  if (ranges === '') return []
  return ranges.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number) as [number, number?]
    return Array.from({ length: to! - from + 1 }, (_, i) => from + i)
  })
}

/**
 * Underlay hops: which ways packets took, header by header. Probes are compared as sets of hop lists a direction; where a case
 * has failures, only lists that at least five answered requests took, since the few in between depend on the millisecond.
 */
export function compareUnderlay(truth: TruthCase, observed: Observed): Difference[] {
  const hasFailures = toleranceOf(truth) !== undefined
  const differences = truth.probes.flatMap((probe) => {
    const ours = observed.result.traffic.find((result) => result.traffic.name === probe.id)
    if (ours === undefined) return []
    const chains = observed.chains.filter((chain) => chain.probe === probe.id)
    const [real, model] = hasFailures
      ? frequent(probe, ours, chains)
      : [listsOfTruth(probe, ours.sent), listsOfModel(chains)]
    const found: Difference[] = []
    const lists = [...new Set(model)]
    const named = [...new Set(real)].map((text) => {
      const pattern = wildcard(text)
      return pattern === undefined ? text : (lists.find((list) => pattern.test(list)) ?? text)
    })
    set(
      (text) => found.push(`${probe.id} (${probe.kind} ${probe.src} > ${probe.dst}) ${text}`),
      'underlay',
      named,
      lists,
    )
    return found
  })
  return differences
}

function listsOfTruth(probe: TruthProbe, sent: number): string[] {
  return probe.paths.flatMap((path) => {
    if (path.dir === 'tcp') return [`tcp ${hopOfTruth(path.hop)}`]
    const relevant = probe.kind !== 'traceroute' || sequences(path.seqs).some((seq) => seq <= sent)
    return relevant ? [`${path.dir}${path.hops.map((hop) => `\n    ${hopOfTruth(hop)}`).join('')}`] : []
  })
}

function listsOfModel(chains: readonly Chain[]): string[] {
  return chains.flatMap((chain) =>
    chain.dir === 'tcp'
      ? chain.hops.map((hop) => `tcp ${hop.text}`)
      : [`${chain.dir}${chain.hops.map((hop) => `\n    ${hop.text}`).join('')}`],
  )
}

const FREQUENT = 5

function frequent(probe: TruthProbe, ours: TrafficResult, chains: readonly Chain[]): [string[], string[]] {
  const lostReal = new Set(sequences(probe.lost ?? ''))
  const real = probe.paths.flatMap((path) => {
    if (path.dir === 'tcp') return []
    const answered = sequences(path.seqs).filter((seq) => !lostReal.has(seq))
    return answered.length >= FREQUENT
      ? [`${path.dir}${path.hops.map((hop) => `\n    ${hopOfTruth(hop)}`).join('')}`]
      : []
  })
  const lostModel = new Set(ours.lost)
  const counts = new Map<string, number>()
  for (const chain of chains) {
    if (chain.seq === undefined || lostModel.has(chain.seq)) continue
    const text = `${chain.dir}${chain.hops.map((hop) => `\n    ${hop.text}`).join('')}`
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [real, [...counts].filter(([, count]) => count >= FREQUENT).map(([text]) => text)]
}

/** The same line as `hopText` of observe.ts. */
function hopOfTruth(hop: TruthHop): string {
  const v6 = !isIp4(parseIp(hop.src) ?? 0)
  const traceroute = hop.kind === 'udp' && (hop.dport ?? 0) >= 33434 && (hop.dport ?? 0) < 33534
  const outer = [
    `${hop.from}>${hop.to}`,
    `${hop.osrc}>${hop.odst}`,
    `ttl ${hop.ottl ?? 64}`,
    `tos ${hop.otos ?? 0}`,
    (hop.odf ?? true) ? 'df' : '',
    `udp ${traceroute ? '*' : hop.usport}>${hop.udport ?? 6081}`,
    ((hop.gflags ?? 64) & 64) !== 0 ? 'C' : '',
    `${hop.names.dp} ${hop.names.in}>${hop.names.out}`,
  ]
  const transport =
    hop.kind === 'udp' && !traceroute
      ? `udp ${hop.sport}>${hop.dport}`
      : hop.kind === 'tcp'
        ? `tcp ${hop.sport}>${hop.dport}`
        : hop.kind
  const inner = [
    `${hop.src}>${hop.dst}`,
    `ttl ${hop.ttl}`,
    v6 ? '' : hop.df ? 'df' : 'nodf',
    `tos ${hop.tos ?? 0}`,
    hop.kind === 'tcp' ? '' : `len ${hop.iplen}`,
    transport,
  ]
  return `${outer.join(' ')} | ${hop.esrc}>${hop.edst} ${inner.filter((word) => word !== '').join(' ')}`
}

/** ARP requests and neighbour solicitations in tunnels (AR-2, AR-4): which, between whom; how many only where nothing happens meanwhile. */
export function compareNeighbours(truth: TruthCase, observed: Observed): Difference[] {
  const differences: Difference[] = []
  const real = truth.other_underlay.flatMap(({ n, pkt }) =>
    pkt.kind === 'arp' || pkt.kind === 'ns' ? Array<string>(n).fill(neighbourOfTruth(pkt)) : [],
  )
  const say = (text: string): void => void differences.push(text)
  if (toleranceOf(truth) === undefined) set(say, 'neighbour messages', real, observed.neighbourMessages)
  else set(say, 'neighbour messages', [...new Set(real)], [...new Set(observed.neighbourMessages)])
  return differences
}

function neighbourOfTruth(pkt: Record<string, unknown>): string {
  const { dp, in: inport, out } = pkt.names as Record<string, string>
  const what =
    pkt.kind === 'arp'
      ? `arp ${pkt.spa} asks for ${pkt.tpa}`
      : `ns ${pkt.src} > ${pkt.dst} asks for ${pkt.target}`
  return `${pkt.from}>${pkt.to} ${dp} ${inport}>${out} ${pkt.esrc}>${pkt.edst} ${what}`
}
