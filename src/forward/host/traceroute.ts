/**
 * `traceroute`: one probe for each TTL, 60-byte packets over IPv4 and 80-byte ones over IPv6, ten probes a second, until the destination
 * has answered. In UDP mode the probe with TTL n goes from port base + n to port 33434 + n, which is closed where nobody listens.
 * Surprise: behind an OVN router port that is a gateway the "time exceeded" carries the destination's own address (IC4-7); only an echo
 * reply, a datagram or "unreachable" means that the destination was reached.
 */
import { MILLISECOND } from '../../model/time.ts'
import type { TracerouteHop, TracerouteTraffic, TrafficResult } from '../../model/traffic.ts'
import { formatIp, type Ip } from '../../net/ip.ts'
import { IcmpType } from '../../wire/icmp.ts'
import { Icmpv6Type } from '../../wire/icmpv6.ts'
import type { Host } from './host.ts'
import type { SendError } from './host-env.ts'
import type { IcmpError } from './icmp.ts'
import { sendEchoRequest } from './ping.ts'
import type { Done, Running } from './program.ts'
import type { EchoSocket, UdpSocket } from './sockets.ts'
import { TrafficRecord } from './traffic-record.ts'

/** Bytes behind the ICMP or UDP header. */
export const TRACEROUTE_PAYLOAD = 32

/** Destination port of the UDP probe with TTL 0; others follow. */
export const TRACEROUTE_PORT = 33_434

/** Time between two probes. */
export const TRACEROUTE_INTERVAL = 100 * MILLISECOND

/** A `traceroute` under way. */
export class Traceroute implements Running, EchoSocket {
  readonly #host: Host
  readonly #traffic: TracerouteTraffic
  readonly #done: Done
  readonly #record = new TrafficRecord()
  readonly #hops: (TracerouteHop | undefined)[] = []
  readonly #ports: number[] = []
  readonly #id: number
  readonly #basePort: number
  /** TTL of the first probe that reached the destination. */
  #reached = Number.MAX_SAFE_INTEGER
  #timer: number | undefined
  #result: TrafficResult | undefined

  constructor(host: Host, traffic: TracerouteTraffic, done: Done) {
    this.#host = host
    this.#traffic = traffic
    this.#done = done
    this.#id = host.sockets.openEcho(this)
    this.#record.icmpId = this.#id
    host.programs.add(this)
    // The ephemeral range of Linux begins at 32768; 256 ports behind the base are used.
    this.#basePort = traffic.sourcePort ?? 32_768 + (host.env.random() % 28_000)
    this.#tick()
  }

  reply(seq: number, ttl: number, from: Ip): void {
    this.#answer(seq, 'reply', ttl, from)
  }

  error(seq: number, error: IcmpError): void {
    this.#record.icmpError(error)
    const { type, ttl, from } = error
    const is4 = typeof error.about === 'number'
    if (type === (is4 ? IcmpType.timeExceeded : Icmpv6Type.timeExceeded))
      this.#answer(seq, 'time-exceeded', ttl, from)
    else if (type === (is4 ? IcmpType.unreachable : Icmpv6Type.unreachable))
      this.#answer(seq, 'unreachable', ttl, from)
  }

  finish(): TrafficResult {
    if (this.#result !== undefined) return this.#result
    const { env, sockets, programs } = this.#host
    programs.delete(this)
    if (this.#timer !== undefined) env.cancel(this.#timer)
    sockets.closeEcho(this.#id)
    for (const port of this.#ports) sockets.closeUdp(port)
    // Probes that were on their way when the destination answered tell nothing.
    this.#hops.length = Math.min(this.#record.count, this.#reached)
    this.#result = this.#record.result(this.#traffic, this.#hops)
    return this.#result
  }

  #answer(seq: number, kind: TracerouteHop['kind'], ttl: number, from: Ip): void {
    const now = this.#host.env.now()
    if (!this.#record.answer(seq, now)) return
    this.#record.replier(from, ttl)
    this.#hops[seq - 1] = { from: formatIp(from), kind, ttl, rtt: now - this.#record.sentAt[seq - 1]! }
    if (kind !== 'time-exceeded') this.#reached = Math.min(this.#reached, seq)
    const last = Math.min(this.#reached, this.#traffic.maxTtl)
    if (this.#record.count < last) return
    for (let ttl = 1; ttl <= last; ttl++) if (!this.#record.isAnswered(ttl)) return
    this.#complete()
  }

  readonly #tick = (): void => {
    const { maxTtl, mode, address, wait } = this.#traffic
    const { env } = this.#host
    this.#timer = undefined
    const sent = this.#record.count
    // Silent hops before the destination may still answer: the run waits for them.
    if (sent >= maxTtl || sent >= this.#reached) {
      this.#timer = env.after(Math.max(0, wait - TRACEROUTE_INTERVAL), this.#complete, undefined)
      return
    }
    const ttl = this.#record.sent(env.now())
    const dst = this.#host.ip.destinationOf(address)
    this.#hops.push(undefined)
    this.#timer = env.after(TRACEROUTE_INTERVAL, this.#tick, undefined)
    const error = mode === 'icmp' ? this.#sendEcho(dst, ttl) : this.#sendUdp(dst, ttl)
    if (error !== undefined) this.#record.localError(error)
  }

  #sendEcho(address: Ip, ttl: number): SendError | undefined {
    return sendEchoRequest(this.#host, address, this.#id, ttl, TRACEROUTE_PAYLOAD, {
      ttl,
      tos: 0,
      df: 'want',
    })
  }

  #sendUdp(address: Ip, ttl: number): SendError | 'EADDRINUSE' | undefined {
    const { sockets, ip } = this.#host
    const src = ip.sourceFor(address)
    if (src === undefined) return 'ENETUNREACH'
    const port = this.#basePort + ttl
    const socket: UdpSocket = {
      datagram: (_view, _at, _end, from, _fromPort, _to, replyTtl) => this.reply(ttl, replyTtl, from),
      error: (error) => this.error(ttl, error),
    }
    if (!sockets.openUdp(port, socket)) return 'EADDRINUSE'
    this.#ports.push(port)
    const data = Uint8Array.from({ length: TRACEROUTE_PAYLOAD }, (_, i) => 0x40 + i)
    return sockets.sendUdp(src, port, address, TRACEROUTE_PORT + ttl, data, { ttl, tos: 0, df: 'want' })
  }

  readonly #complete = (): void => {
    if (this.#result === undefined) this.#done(this.finish())
  }
}
