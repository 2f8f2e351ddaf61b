/**
 * What a probe got back, in the simulator's type: what the sending program said (which requests were answered, which sends failed),
 * and the rest from the packets at the pod's own port: times, TTLs, who answered, ICMP errors with what they quote.
 */
import type { Pod } from '../../model/network.ts'
import type { Nanos } from '../../model/time.ts'
import type { Gap, IcmpErrorSeen, TracerouteHop, Traffic, TrafficResult } from '../../model/traffic.ts'
import { equalIp, formatIp, type Ip, linkLocalFromMac } from '../../net/ip.ts'
import { decodeFrame } from '../../wire/decode.ts'
import type { DecodedLayer, DecodedPacket } from '../../wire/decoded.ts'
import { header4, header6, ipOf, quotedLength, transportOf } from './headers.ts'

/** One packet at a pod's port. */
export interface PodPacket {
  readonly at: Nanos
  readonly decoded: DecodedPacket
  readonly bytes: Uint8Array
}

/** What a sending program said. */
export interface Said {
  readonly sent: number
  readonly received: readonly number[]
  readonly localErrors: readonly { readonly error: string; readonly count: number }[]
  readonly tcp: TrafficResult['tcp']
}

/** Takes a captured frame apart. */
export function podPacket(at: Nanos, bytes: Uint8Array): PodPacket {
  return {
    at,
    bytes,
    decoded: decodeFrame(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length),
  }
}

/** The result of one probe. */
export function resultOf(
  traffic: Traffic,
  pod: Pod,
  said: Said,
  icmpId: number | undefined,
  packets: readonly PodPacket[],
): TrafficResult {
  const seen = new Seen(traffic, pod, icmpId)
  for (const packet of packets) seen.packet(packet)
  return traffic.kind === 'traceroute' ? seen.traceroute(icmpId) : seen.probe(said, icmpId)
}

/** What came back for one request. */
export interface Answer {
  /** When the request left its pod; undefined when it never did. */
  readonly sentAt: Nanos | undefined
  /** TTL of the reply on arrival; undefined when there was none. */
  readonly ttl: number | undefined
  /** The ICMP error about it. */
  readonly error: Omit<IcmpErrorSeen, 'count'> | undefined
}

/** What came back for each request of a probe, by sequence number − 1. */
export function answersOf(
  traffic: Traffic,
  pod: Pod,
  icmpId: number | undefined,
  packets: readonly PodPacket[],
): Answer[] {
  const seen = new Seen(traffic, pod, icmpId)
  for (const packet of packets) seen.packet(packet)
  return seen.answers()
}

/** TTL of a packet that is this request, at whatever port it was seen; undefined for all others. */
export function ttlOfRequest(
  { layers, quoted }: DecodedPacket,
  request: {
    readonly traffic: Traffic
    readonly icmpId: number | undefined
    readonly seq: number
    readonly source: Ip
  },
): number | undefined {
  const { traffic, icmpId, seq, source } = request
  const ip = ipOf(layers)
  if (quoted !== undefined || ip === undefined || !equalIp(ip.repr.src, source)) return undefined
  if (!equalIp(ip.repr.dst, traffic.address)) return undefined
  const transport = transportOf(layers)
  const isIt =
    transport?.kind === 'icmp' || transport?.kind === 'icmpv6'
      ? 'id' in transport.repr && transport.repr.id === icmpId && transport.repr.seq === seq
      : (transport?.kind === 'udp' || transport?.kind === 'tcp') &&
        'destinationPort' in traffic &&
        transport.repr.srcPort === traffic.sourcePort &&
        transport.repr.dstPort === traffic.destinationPort
  if (!isIt) return undefined
  return ip.kind === 'ipv4' ? ip.repr.ttl : ip.repr.hopLimit
}

/** Goes through the packets of a pod and keeps what belongs to one probe. */
class Seen {
  readonly #traffic: Traffic
  readonly #own: readonly Ip[]
  readonly #id: number | undefined
  readonly #sentAt: (Nanos | undefined)[] = []
  readonly #repliedAt: (Nanos | undefined)[] = []
  readonly #ttls: number[] = []
  readonly #ttlOf: number[] = []
  readonly #errorOf: Omit<IcmpErrorSeen, 'count'>[] = []
  readonly #repliers: string[] = []
  readonly #errors = new Map<string, IcmpErrorSeen>()
  readonly #hops: (TracerouteHop | undefined)[] = []
  /** TTL of a traceroute's echo request by its data: ping puts the time into it, and the reply brings it back. */
  readonly #ttlByData = new Map<string, number>()

  constructor(traffic: Traffic, pod: Pod, icmpId: number | undefined) {
    this.#traffic = traffic
    // To a link-local destination a pod's kernel sends from its own link-local address.
    this.#own = [...pod.ips, linkLocalFromMac(pod.mac)]
    this.#id = icmpId
  }

  packet({ at, decoded, bytes }: PodPacket): void {
    const ip = ipOf(decoded.layers)
    if (ip === undefined) return
    const transport = transportOf(decoded.layers)
    const outgoing = this.#own.some((own) => equalIp(own, ip.repr.src))
    const ttl = ip.kind === 'ipv4' ? ip.repr.ttl : ip.repr.hopLimit
    if (decoded.quoted !== undefined) {
      if (!outgoing) this.#error(at, decoded, formatIp(ip.repr.src), ttl)
      return
    }
    const seq = this.#sequence(transport, outgoing, ttl, bytes)
    if (seq === undefined) return
    if (outgoing) {
      if (equalIp(ip.repr.dst, this.#traffic.address)) this.#sentAt[seq - 1] ??= at
      return
    }
    if (this.#repliedAt[seq - 1] !== undefined) return
    this.#repliedAt[seq - 1] = at
    this.#ttlOf[seq - 1] = ttl
    if (this.#traffic.kind !== 'tcp') this.#replier(formatIp(ip.repr.src), ttl)
    this.#hop(seq, {
      from: formatIp(ip.repr.src),
      kind: 'reply',
      ttl,
      rtt: at - (this.#sentAt[seq - 1] ?? at),
    })
  }

  /** Which request a packet is, or answers; undefined for packets of others. */
  #sequence(
    transport: DecodedLayer | undefined,
    outgoing: boolean,
    ttl: number,
    bytes: Uint8Array,
  ): number | undefined {
    const { kind } = this.#traffic
    const traffic = this.#traffic
    if (transport?.kind === 'icmp' || transport?.kind === 'icmpv6') {
      const { repr } = transport
      if (this.#id === undefined || !('id' in repr) || repr.id !== this.#id) return undefined
      if (kind !== 'traceroute') return repr.seq
      const data = Buffer.from(bytes.subarray(transport.at + 8)).toString('latin1')
      if (!outgoing) return this.#ttlByData.get(data)
      this.#ttlByData.set(data, ttl)
      return ttl
    }
    if (transport?.kind === 'udp') {
      const [near, far] = outgoing
        ? [transport.repr.srcPort, transport.repr.dstPort]
        : [transport.repr.dstPort, transport.repr.srcPort]
      if (traffic.kind === 'traceroute')
        return traffic.mode === 'udp' && far > 33_434 && far <= 33_434 + traffic.maxTtl
          ? far - 33_434
          : undefined
      if (traffic.kind !== 'udp' || near !== traffic.sourcePort || far !== traffic.destinationPort)
        return undefined
      return outgoing ? this.#sentAt.length + 1 : this.#firstUnanswered()
    }
    if (transport?.kind === 'tcp' && traffic.kind === 'tcp') {
      const [near, far] = outgoing
        ? [transport.repr.srcPort, transport.repr.dstPort]
        : [transport.repr.dstPort, transport.repr.srcPort]
      return near === traffic.sourcePort && far === traffic.destinationPort ? 1 : undefined
    }
    return undefined
  }

  #firstUnanswered(): number | undefined {
    for (let seq = 1; seq <= this.#sentAt.length; seq++)
      if (
        this.#sentAt[seq - 1] !== undefined &&
        this.#repliedAt[seq - 1] === undefined &&
        this.#hops[seq - 1] === undefined
      )
        return seq
    return undefined
  }

  #error(at: Nanos, decoded: DecodedPacket, from: string, ttl: number): void {
    const quoted = decoded.quoted!
    const about = ipOf(quoted.layers)
    const icmp = decoded.layers.find((layer) => layer.kind === 'icmp' || layer.kind === 'icmpv6')
    if (about === undefined || icmp === undefined || !equalIp(about.repr.dst, this.#traffic.address)) return
    const inner = transportOf(quoted.layers)
    const quotedTtl = about.kind === 'ipv4' ? about.repr.ttl : about.repr.hopLimit
    const seq = this.#quotedSequence(inner, at)
    if (seq === undefined) return
    const header = icmp.kind === 'icmp' ? header4(icmp.repr) : header6(icmp.repr)
    const error: Omit<IcmpErrorSeen, 'count'> = {
      from,
      type: header.type,
      code: header.code,
      ttl,
      mtu: header.mtu,
      quotedLength: quotedLength(decoded),
      quotedTtl,
    }
    this.#errorOf[seq - 1] ??= error
    const key = JSON.stringify(error)
    this.#errors.set(key, { ...error, count: (this.#errors.get(key)?.count ?? 0) + 1 })
    if (this.#traffic.kind !== 'traceroute') return
    const kind = header.type === (icmp.kind === 'icmp' ? 11 : 3) ? 'time-exceeded' : 'unreachable'
    this.#replier(from, ttl)
    this.#hop(seq, { from, kind, ttl, rtt: at - (this.#sentAt[seq - 1] ?? at) })
  }

  #quotedSequence(inner: DecodedLayer | undefined, at: Nanos): number | undefined {
    const traffic = this.#traffic
    if (inner?.kind === 'icmp' || inner?.kind === 'icmpv6') {
      if (!('id' in inner.repr) || inner.repr.id !== this.#id) return undefined
      return traffic.kind === 'traceroute' ? this.#latestBefore(at) : inner.repr.seq
    }
    if (inner?.kind === 'udp') {
      if (traffic.kind === 'traceroute') return inner.repr.dstPort - 33_434
      return traffic.kind === 'udp' &&
        inner.repr.srcPort === traffic.sourcePort &&
        inner.repr.dstPort === traffic.destinationPort
        ? 1
        : undefined
    }
    return inner?.kind === 'tcp' && traffic.kind === 'tcp' && inner.repr.srcPort === traffic.sourcePort
      ? 1
      : undefined
  }

  /** The probe sent last: they leave a tenth of a second apart, and the network answers within that. */
  #latestBefore(at: Nanos): number | undefined {
    let latest: number | undefined
    this.#sentAt.forEach((sent, i) => {
      if (sent !== undefined && sent <= at && this.#hops[i] === undefined) latest = i + 1
    })
    return latest
  }

  #replier(from: string, ttl: number): void {
    if (!this.#ttls.includes(ttl)) this.#ttls.push(ttl)
    if (!this.#repliers.includes(from)) this.#repliers.push(from)
  }

  #hop(seq: number, hop: TracerouteHop): void {
    if (this.#traffic.kind === 'traceroute') this.#hops[seq - 1] ??= hop
  }

  traceroute(icmpId: number | undefined): TrafficResult {
    const reached = this.#hops.findIndex((hop) => hop !== undefined && hop.kind !== 'time-exceeded')
    // All TTLs are tried where nobody answers, though nothing leaves a pod whose own kernel finds no neighbour.
    const sent =
      reached < 0 && this.#traffic.kind === 'traceroute' ? this.#traffic.maxTtl : this.#sentAt.length
    const hops = Array.from({ length: reached < 0 ? sent : reached + 1 }, (_, i) => this.#hops[i])
    const all = Array.from({ length: sent }, (_, i) => i + 1)
    return {
      ...this.#common(icmpId, sent),
      received: all.filter((seq) => this.#hops[seq - 1] !== undefined),
      lost: all.filter((seq) => this.#hops[seq - 1] === undefined),
      rtt: this.#hops.flatMap((hop) => (hop === undefined ? [] : [hop.rtt])),
      gaps: [],
      localErrors: [],
      hops,
      tcp: undefined,
    }
  }

  answers(): Answer[] {
    const count = Math.max(this.#sentAt.length, this.#ttlOf.length, this.#errorOf.length)
    return Array.from({ length: count }, (_, i) => ({
      sentAt: this.#sentAt[i],
      ttl: this.#ttlOf[i],
      error: this.#errorOf[i],
    }))
  }

  probe({ sent, received, localErrors, tcp }: Said, icmpId: number | undefined): TrafficResult {
    const answered = new Set(received)
    const lost = Array.from({ length: sent }, (_, i) => i + 1).filter((seq) => !answered.has(seq))
    const common = this.#common(icmpId, sent)
    return {
      ...common,
      received,
      lost,
      rtt: received.map((seq) => (this.#repliedAt[seq - 1] ?? 0) - (this.#sentAt[seq - 1] ?? 0)),
      gaps: gapsOf(lost, common.sentAt),
      localErrors,
      hops: [],
      tcp,
    }
  }

  #common(icmpId: number | undefined, sent: number) {
    return {
      traffic: this.#traffic,
      sent,
      icmpId,
      sentAt: this.#times(sent),
      replyTtls: this.#ttls,
      repliers: this.#repliers,
      icmpErrors: [...this.#errors.values()],
    }
  }

  /** A request that never left the host (too long for its link) is put where it was due. */
  #times(sent: number): Nanos[] {
    const interval = 'interval' in this.#traffic ? this.#traffic.interval : 0
    let last = this.#traffic.at - interval
    return Array.from({ length: sent }, (_, i) => {
      last = this.#sentAt[i] ?? last + interval
      return last
    })
  }
}

/** Runs of lost requests. */
function gapsOf(lost: readonly number[], sentAt: readonly Nanos[]): Gap[] {
  const gaps: Gap[] = []
  for (let i = 0; i < lost.length; ) {
    const fromSeq = lost[i]!
    let toSeq = fromSeq
    while (lost[++i] === toSeq + 1) toSeq++
    gaps.push({ fromSeq, toSeq, from: sentAt[fromSeq - 1] ?? 0, to: sentAt[toSeq] })
  }
  return gaps
}
