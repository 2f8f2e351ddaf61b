/**
 * What a probe writes down while it runs, and the `TrafficResult` that becomes of it. One record a run: sequence numbers start at 1,
 * a second answer to the same number is ignored, equal ICMP errors are counted together.
 */
import type { Nanos } from '../../model/time.ts'
import type { Gap, IcmpErrorSeen, TracerouteHop, Traffic, TrafficResult } from '../../model/traffic.ts'
import { equalIp, formatIp, type Ip } from '../../net/ip.ts'
import type { IcmpError } from './icmp.ts'

/** The notes of one probe. */
export class TrafficRecord {
  readonly sentAt: Nanos[] = []
  /** Identifier of the echo requests, where that is what is sent. */
  icmpId: number | undefined
  /** Requests answered so far. */
  answered = 0
  readonly #rtt: (Nanos | undefined)[] = []
  readonly #ttls: number[] = []
  readonly #repliers: Ip[] = []
  readonly #errors = new Map<string, IcmpErrorSeen>()
  readonly #localErrors = new Map<string, number>()

  /** Notes a request; returns its sequence number. */
  sent(now: Nanos): number {
    this.#rtt.push(undefined)
    return this.sentAt.push(now)
  }

  /** Requests sent so far. */
  get count(): number {
    return this.sentAt.length
  }

  /** Notes an answer; false when the request was never sent or has been answered before. */
  answer(seq: number, now: Nanos): boolean {
    if (seq < 1 || seq > this.sentAt.length || this.#rtt[seq - 1] !== undefined) return false
    this.#rtt[seq - 1] = now - this.sentAt[seq - 1]!
    this.answered++
    return true
  }

  /** True when this request was answered. */
  isAnswered(seq: number): boolean {
    return this.#rtt[seq - 1] !== undefined
  }

  /** Notes from whom and with which TTL an answer came. */
  replier(from: Ip, ttl: number): void {
    if (!this.#ttls.includes(ttl)) this.#ttls.push(ttl)
    // Addresses of the same answerer are mostly the same as the last: text is made at the end.
    if (!this.#repliers.some((known) => equalIp(known, from))) this.#repliers.push(from)
  }

  /** Notes an ICMP error. */
  icmpError(error: IcmpError): void {
    const { type, code, ttl, mtu, quotedLength, quotedTtl } = error
    const from = formatIp(error.from)
    const key = `${from} ${type} ${code} ${ttl} ${mtu} ${quotedLength} ${quotedTtl}`
    const count = (this.#errors.get(key)?.count ?? 0) + 1
    this.#errors.set(key, { from, type, code, ttl, mtu, quotedLength, quotedTtl, count })
  }

  /** Notes an error of the sending host itself. */
  localError(error: string): void {
    this.#localErrors.set(error, (this.#localErrors.get(error) ?? 0) + 1)
  }

  /** The result as it stands. */
  result(
    traffic: Traffic,
    hops: readonly (TracerouteHop | undefined)[] = [],
    tcp: TrafficResult['tcp'] = undefined,
  ): TrafficResult {
    const received: number[] = []
    const lost: number[] = []
    const rtt: Nanos[] = []
    this.#rtt.forEach((time, index) => {
      if (time === undefined) lost.push(index + 1)
      else {
        received.push(index + 1)
        rtt.push(time)
      }
    })
    return {
      traffic,
      sent: this.sentAt.length,
      icmpId: this.icmpId,
      received,
      lost,
      sentAt: this.sentAt,
      rtt,
      replyTtls: this.#ttls,
      repliers: this.#repliers.map(formatIp),
      gaps: gapsOf(lost, this.sentAt),
      icmpErrors: [...this.#errors.values()],
      localErrors: [...this.#localErrors].map(([error, count]) => ({ error, count })),
      hops,
      tcp,
    }
  }
}

/** Runs of lost requests; `lost` is ascending, `sentAt` holds the sending time of every request. */
export function gapsOf(lost: readonly number[], sentAt: readonly Nanos[]): Gap[] {
  const gaps: Gap[] = []
  for (let i = 0; i < lost.length; ) {
    const fromSeq = lost[i]!
    let toSeq = fromSeq
    while (lost[++i] === toSeq + 1) toSeq++
    // The request after the run was answered, if there was one.
    gaps.push({ fromSeq, toSeq, from: sentAt[fromSeq - 1]!, to: sentAt[toSeq] })
  }
  return gaps
}

/** The full sequence number behind the 16 bits of the wire: the latest one sent that ends in them. */
export function fullSequence(wire: number, sent: number): number {
  return sent - ((sent - wire) & 0xffff)
}
