/**
 * One request of a lab as a trace, put together from what was seen of it: its answer, the tunnels it took, whether it got to the pod
 * that it was for. Where nothing came back, the switches have said where it ends (`lab/trace`), as far as the underlay carried it.
 */
import type { Inquired, LabObservations } from '../lab/lab.ts'
import type { Followed, Question } from '../lab/trace/follow.ts'
import { type Answer, type PodPacket, ttlOfRequest } from '../lab/traffic/result.ts'
import type { UnderlayPacket } from '../model/observation.ts'
import type { Scenario } from '../model/scenario.ts'
import type { Nanos } from '../model/time.ts'
import type { Disposition, Drop, Trace, TraceHop, TracePacket } from '../model/trace.ts'
import type { Traffic, TrafficResult } from '../model/traffic.ts'
import { formatIp, isIp4 } from '../net/ip.ts'
import type { PlacedPod } from '../verify/select.ts'
import type { Chain, Hop } from './conform/chains.ts'

/** A pair that asks, some times in a row. */
export interface Probe {
  readonly traffic: Traffic
  /** Index of the moment at which it begins, and how many there are. */
  readonly first: number
  readonly count: number
  readonly sender: PlacedPod
  /** Pod that has the address; where several have it, the one that is meant. */
  readonly owner: PlacedPod | undefined
  readonly owners: readonly PlacedPod[]
  readonly there: Question
  readonly back: Question | undefined
}

/** What a run showed of its packets. */
export interface Evidence {
  readonly scenario: Scenario
  readonly results: ReadonlyMap<string, TrafficResult>
  readonly answers: ReadonlyMap<string, readonly Answer[]>
  readonly chains: readonly Chain[]
  /** The packet that a hop of a chain is, by its bytes. */
  readonly sent: ReadonlyMap<Uint8Array, UnderlayPacket>
  /** Whether a packet got to the node it was sent to. */
  readonly arrived: (packet: UnderlayPacket) => boolean
  /** TTL with which a pod got a request; undefined when it did not get it. */
  readonly gotBy: (pod: PlacedPod, probe: Probe, seq: number) => number | undefined
}

/** What happened to a packet cannot be told from what was seen. */
export class Unseen extends Error {
  override readonly name = 'Unseen'
}

/** The evidence in what a lab has seen. */
export function evidenceOf(scenario: Scenario, seen: LabObservations, chains: readonly Chain[]): Evidence {
  const arrivals = new Set(seen.underlay.arrived.map(identity))
  const received = new Map<string, PodPacket[]>()
  for (const packet of seen.podPackets) {
    if (packet.outgoing) continue
    const known = received.get(packet.pod)
    if (known === undefined) received.set(packet.pod, [packet])
    else known.push(packet)
  }
  const results = new Map(seen.traffic.map((result) => [result.traffic.name, result]))
  return {
    scenario,
    results,
    answers: seen.answers,
    chains,
    sent: new Map(seen.underlay.sent.map((packet) => [packet.bytes, packet])),
    arrived: (packet) => arrivals.has(identity(packet)),
    gotBy: ({ cluster, pod }, { traffic, there }, seq) => {
      const times = seen.answers.get(traffic.name) ?? []
      const since = times[seq - 1]?.sentAt
      if (since === undefined) return undefined
      const request = { traffic, icmpId: results.get(traffic.name)?.icmpId, seq, source: there.source }
      const until = times[seq]?.sentAt ?? Number.POSITIVE_INFINITY
      return received
        .get(`${cluster}/${pod.name}`)
        ?.map(({ at, decoded }) => (at >= since && at < until ? ttlOfRequest(decoded, request) : undefined))
        .find((ttl) => ttl !== undefined)
    },
  }
}

function identity({ to, bytes }: UnderlayPacket): string {
  return `${to} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')}`
}

/** The trace of one request, the first being 1. */ /** The trace of one request, the first being 1. */
export function traceOf(
  probe: Probe,
  seq: number,
  inquired: Inquired | undefined,
  evidence: Evidence,
): Trace {
  const result = evidence.results.get(probe.traffic.name)
  if (result === undefined) throw new Unseen(`${probe.traffic.name} was never sent`)
  const answer = evidence.answers.get(probe.traffic.name)?.[seq - 1]
  const chains = chainsOfRequest(probe, seq, evidence)
  const packet = packetOf(probe.there, probe)
  if (result.received.includes(seq)) return answered(probe, seq, packet, answer, chains.there, evidence)
  const ends = (followed: Followed | undefined, chain: readonly UnderlayPacket[]): Followed => {
    if (followed === undefined)
      throw new Unseen(`${packet.from} is not answered, and the switches were not asked where it ends`)
    return cut(followed, chain, evidence, probe)
  }
  if (answer?.error !== undefined && isFinal(answer.error, probe.there)) {
    const way = ends(inquired?.there, chains.there)
    return { packet, hops: way.hops, disposition: refusal(answer.error, way.disposition), reply: undefined }
  }
  const gotIt = probe.owners
    .map((owner) => ({ owner, ttl: evidence.gotBy(owner, probe, seq) }))
    .find(({ ttl }) => ttl !== undefined)
  if (gotIt === undefined) {
    const way = ends(inquired?.there, chains.there)
    const end = way.disposition
    if (end.kind === 'delivered' && probe.owners.length > 0)
      throw new Unseen(
        `${packet.from} -> ${packet.destination} got lost where the switches would have delivered it`,
      )
    return { packet, ...way, reply: undefined }
  }
  const { owner, ttl } = gotIt
  const hops = hopsOf(probe.sender, chains.there)
  const disposition: Disposition = { kind: 'delivered', port: owner.pod.lsp, ttl: ttl! }
  const way = probe.back === undefined ? undefined : ends(inquired?.back, chains.back)
  const reply =
    way === undefined ? undefined : { packet: packetOf(probe.back!, probe), ...way, reply: undefined }
  return { packet, hops, disposition, reply }
}

function answered(
  probe: Probe,
  seq: number,
  packet: TracePacket,
  answer: Answer | undefined,
  there: readonly UnderlayPacket[],
  { gotBy, results }: Evidence,
): Trace {
  const hops = hopsOf(probe.sender, there)
  const ttl = answer?.ttl ?? results.get(probe.traffic.name)?.replyTtls[0] ?? 0
  const got = probe.owners
    .map((owner) => ({ owner, ttl: gotBy(owner, probe, seq) }))
    .find((one) => one.ttl !== undefined)
  const disposition: Disposition =
    got === undefined
      ? { kind: 'answered', by: `the router that has ${packet.destination}`, ttl: packet.ttl }
      : { kind: 'delivered', port: got.owner.pod.lsp, ttl: got.ttl! }
  const reply: Trace = {
    packet: { ...packet, from: probe.traffic.name, source: packet.destination, destination: packet.source },
    hops: [hops[0]!],
    disposition: { kind: 'delivered', port: probe.sender.pod.lsp, ttl },
    reply: undefined,
  }
  return { packet, hops, disposition, reply }
}

/** Errors that say what a packet ended of; what a router refuses otherwise, the switches name better. */
function isFinal({ type, code }: NonNullable<Answer['error']>, { source }: Question): boolean {
  return isIp4(source) ? type === 11 || (type === 3 && code === 4) : type === 3 || type === 2
}

function refusal(error: NonNullable<Answer['error']>, end: Disposition): Drop {
  const { type, code, from, mtu } = error
  const tooBig = mtu !== undefined
  const where = end.kind === 'delivered' || end.kind === 'answered' ? undefined : end
  return {
    kind: tooBig ? 'mtu-exceeded' : 'ttl-exceeded',
    where: where?.where ?? from,
    datapath: where?.datapath ?? '',
    stage: where?.stage ?? '',
    reason: `${from} says so with ICMP type ${type} code ${code}${tooBig ? `, MTU ${mtu}` : ''}`,
    icmp: { type, code, from, ...(tooBig && { mtu }) },
  }
}

/** The tunnels that a request and its answer took, in order. */
function chainsOfRequest(
  probe: Probe,
  seq: number,
  { chains, sent, answers }: Evidence,
): { there: UnderlayPacket[]; back: UnderlayPacket[] } {
  const { name, from } = probe.traffic
  const own = chains
    .filter((chain) => chain.probe === name && chain.dir !== 'error')
    .map(({ dir, seq: number, hops }) => ({ dir, seq: number, hops: packetsOf(hops, sent) }))
    .filter(({ hops }) => hops.length > 0)
  const times = answers.get(name) ?? []
  const [since, until] = [times[seq - 1]?.sentAt ?? 0, times[seq]?.sentAt ?? Number.POSITIVE_INFINITY]
  // Datagrams and segments do not tell which request they are; their time does.
  const mine = own.filter(({ seq: number, hops }) =>
    number === undefined ? hops[0]!.at >= since && hops[0]!.at < until : number === seq,
  )
  const home = `${from.cluster}/${probe.sender.pod.node}`
  const isThere = (dir: Chain['dir'], first: UnderlayPacket): boolean =>
    dir === 'request' || (dir === 'tcp' && first.from === home)
  return {
    there: mine.find(({ dir, hops }) => isThere(dir, hops[0]!))?.hops ?? [],
    back: mine.find(({ dir, hops }) => !isThere(dir, hops[0]!))?.hops ?? [],
  }
}

function packetsOf(hops: readonly Hop[], sent: Evidence['sent']): UnderlayPacket[] {
  return hops.flatMap(({ bytes }) => sent.get(bytes) ?? [])
}

/** Chassis that packets on the underlay passed; without any, the sender's own. */
function hopsOf({ cluster, pod }: PlacedPod, chain: readonly UnderlayPacket[]): TraceHop[] {
  const entered = { kind: 'vif' as const, port: pod.lsp }
  const hops = chain.map(
    ({ from, to }): TraceHop => ({ chassis: from, entered, steps: [], left: [tunnel(from, to)] }),
  )
  const last = chain.at(-1)?.to ?? `${cluster}/${pod.node}`
  return [...hops, { chassis: last, entered, steps: [], left: [{ kind: 'vif', port: '' }] }]
}

function tunnel(from: string, to: string): TraceHop['left'][number] {
  const unknown = { udpSource: 0, vni: 0, ingressKey: 0, egressKey: 0 }
  const names = { outerSource: '', outerDestination: '', datapath: '', ingressPort: '', egressPort: '' }
  return { kind: 'tunnel', from, to, ...unknown, ...names }
}

/** The switches do not know what the underlay does to a packet: where it was not carried on, it ended. */
function cut(
  { hops, disposition }: Followed,
  chain: readonly UnderlayPacket[],
  { scenario, arrived }: Evidence,
  { there, traffic }: Probe,
): Followed {
  for (const [i, hop] of hops.entries()) {
    if (hop.left[0]?.kind !== 'tunnel') break
    const next = hops[i + 1]
    if (next === undefined) break
    const packet = chain[i]
    if (packet !== undefined && arrived(packet)) continue
    const length =
      packet === undefined ? there.length + overhead(hop.left[0].outerSource) : packet.bytes.length - 14
    const mtu = underlayMtu(scenario, traffic.at, hop.chassis, next.chassis)
    const where = `${hop.chassis} > ${next.chassis}`
    const seen = packet === undefined ? 'nothing was seen on the wire' : 'it was sent and did not arrive'
    const end: Drop =
      length > mtu
        ? drop(
            'mtu-exceeded',
            where,
            `the tunnel packet has ${length} bytes, the underlay takes ${mtu}; ${seen}`,
          )
        : drop(packet !== undefined && hasLoss(scenario) ? 'link-loss' : 'link-down', where, seen)
    return { hops: hops.slice(0, i + 1), disposition: end }
  }
  return { hops, disposition }
}

/** Bytes that Geneve with OVN's option puts around an IP packet: outer IP and UDP, Geneve and option, inner Ethernet. */
function overhead(outerSource: string): number {
  return (outerSource.includes(':') ? 40 : 20) + 8 + 16 + 14
}

function hasLoss({ network: { underlay }, timeline }: Scenario): boolean {
  const all = [underlay, ...Object.values(underlay.nodes), ...Object.values(underlay.wan)]
  const changed = timeline.flatMap(({ event }) => (event.kind === 'underlay' ? [event.figures] : []))
  return [...all, ...changed].some(({ loss }) => (loss ?? 0) > 0)
}

function drop(kind: Drop['kind'], where: string, reason: string): Drop {
  return { kind, where, datapath: '', stage: 'underlay', reason }
}

/** Longest IP packet that the underlay takes between two nodes (`cluster/node`) at a time, as the scenario has it. */
export function underlayMtu({ network, timeline }: Scenario, at: Nanos, from: string, to: string): number {
  const { underlay } = network
  const changed = timeline.flatMap(({ at: time, event }) =>
    event.kind === 'underlay' && time <= at && event.figures.mtu !== undefined
      ? [{ scope: event.scope, mtu: event.figures.mtu }]
      : [],
  )
  const ofNode = (key: string): number => {
    const name = key.slice(key.indexOf('/') + 1)
    const last = changed.findLast(({ scope }) => scope === undefined || scope === key || scope === name)
    return last?.mtu ?? underlay.nodes[key]?.mtu ?? underlay.nodes[name]?.mtu ?? underlay.mtu
  }
  const [a, b] = [from, to].map((key) => key.slice(0, key.indexOf('/')))
  const wan =
    a === b
      ? undefined
      : (changed.findLast(({ scope }) => scope === `${a}|${b}` || scope === `${b}|${a}`) ??
        underlay.wan[`${a}|${b}`] ??
        underlay.wan[`${b}|${a}`])
  return Math.min(ofNode(from), ofNode(to), wan?.mtu ?? Number.POSITIVE_INFINITY)
}

function packetOf(question: Question, { traffic }: Probe): TracePacket {
  const { source, destination, protocol, sourcePort, destinationPort, ttl, length, reply } = question
  const ports = protocol === 'icmp' ? undefined : { sourcePort, destinationPort }
  return {
    from: reply ? `${question.cluster}/${question.lsp}` : `${traffic.from.cluster}/${traffic.from.pod}`,
    source: formatIp(source),
    destination: formatIp(destination),
    protocol,
    sourcePort: ports?.sourcePort,
    destinationPort: ports?.destinationPort,
    ttl,
    length,
  }
}
