/**
 * `ping` (iputils): echo requests at a fixed interval, one identifier a run, numbers from 1. The payload is iputils' too: the sending
 * time as a 16-byte `struct timeval` (little endian), then bytes that count up; shorter payloads only count.
 * Surprise: the run ends when every request is answered, else `wait` after the last request.
 */
import { MICROSECOND, SECOND } from '../../model/time.ts'
import type { DfMode, PingTraffic, TrafficResult } from '../../model/traffic.ts'
import type { Ip } from '../../net/ip.ts'
import { pseudoSum6 } from '../../wire/checksum.ts'
import type { Frame } from '../../wire/frame.ts'
import { fillIcmpChecksum, ICMP_LENGTH, IcmpType } from '../../wire/icmp.ts'
import { fillIcmpv6Checksum, Icmpv6Type } from '../../wire/icmpv6.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { Host } from './host.ts'
import type { SendError } from './host-env.ts'
import type { IcmpError } from './icmp.ts'
import { headerLength } from './ip-layer.ts'
import type { Done, Running } from './program.ts'
import type { EchoSocket } from './sockets.ts'
import { fullSequence, TrafficRecord } from './traffic-record.ts'

/** Bytes of the time at the front of the payload. */
const TIME_LENGTH = 16

/** Builds and sends one echo request; returns the errno name of a request that did not leave. */
export function sendEchoRequest(
  host: Host,
  dst: Ip,
  id: number,
  seq: number,
  size: number,
  options: { readonly ttl: number; readonly tos: number; readonly df: DfMode },
): SendError | undefined {
  const src = host.ip.sourceFor(dst)
  if (src === undefined) return 'ENETUNREACH'
  const frame = host.ip.datagram(dst, ICMP_LENGTH + size)
  if (frame === undefined) return 'EMSGSIZE'
  const { view } = frame
  const at = frame.start + headerLength(dst)
  const is4 = typeof dst === 'number'
  view.setUint16(at, (is4 ? IcmpType.echoRequest : Icmpv6Type.echoRequest) << 8)
  view.setUint16(at + 4, id)
  view.setUint16(at + 6, seq & 0xffff)
  writePayload(frame, at + ICMP_LENGTH, size, host.env.now())
  if (is4) fillIcmpChecksum(view, at, frame.end)
  else {
    const pseudo = pseudoSum6(src as Exclude<Ip, number>, dst, IpProtocol.icmpv6, ICMP_LENGTH + size)
    fillIcmpv6Checksum(view, at, frame.end, pseudo)
  }
  return host.ip.send(frame, src, dst, is4 ? IpProtocol.icmp : IpProtocol.icmpv6, options)
}

/** The payload without a time: bytes that count up, as far as IP reaches. */
const COUNTING = Uint8Array.from({ length: 65_536 }, (_, i) => i & 0xff)

function writePayload(frame: Frame, at: number, size: number, now: number): void {
  const { view } = frame
  frame.bytes.set(COUNTING.subarray(0, size), at)
  if (size < TIME_LENGTH) return
  const seconds = Math.floor(now / SECOND)
  view.setUint32(at, seconds, true)
  view.setInt32(at + 4, Math.floor(seconds / 2 ** 32), true)
  view.setUint32(at + 8, Math.floor((now - seconds * SECOND) / MICROSECOND), true)
  view.setUint32(at + 12, 0, true)
}

/** A `ping` under way. */
export class Ping implements Running, EchoSocket {
  readonly #host: Host
  readonly #traffic: PingTraffic
  readonly #done: Done
  readonly #record = new TrafficRecord()
  readonly #id: number
  readonly #started: number
  #timer: number | undefined
  #result: TrafficResult | undefined

  constructor(host: Host, traffic: PingTraffic, done: Done) {
    this.#host = host
    this.#traffic = traffic
    this.#done = done
    this.#started = host.env.now()
    this.#id = host.sockets.openEcho(this)
    this.#record.icmpId = this.#id
    host.programs.add(this)
    this.#tick()
  }

  reply(wire: number, ttl: number, from: Ip): void {
    const seq = fullSequence(wire, this.#record.count)
    if (!this.#record.answer(seq, this.#host.env.now())) return
    this.#record.replier(from, ttl)
    if (this.#record.answered === this.#traffic.count) this.#complete()
  }

  error(_wire: number, error: IcmpError): void {
    this.#record.icmpError(error)
  }

  finish(): TrafficResult {
    if (this.#result !== undefined) return this.#result
    if (this.#timer !== undefined) this.#host.env.cancel(this.#timer)
    this.#host.sockets.closeEcho(this.#id)
    this.#host.programs.delete(this)
    this.#result = this.#record.result(this.#traffic)
    return this.#result
  }

  readonly #tick = (): void => {
    const { address, size, count, interval, wait } = this.#traffic
    const { env } = this.#host
    this.#timer = undefined
    const dst = this.#host.ip.destinationOf(address)
    if (this.#record.count < count) {
      const seq = this.#record.sent(env.now())
      // The next one first: an answer that comes at once must find the run in order.
      const last = seq === count
      const delay = last ? wait : this.#started + seq * interval - env.now()
      this.#timer = env.after(delay, last ? this.#complete : this.#tick, undefined)
      const error = sendEchoRequest(this.#host, dst, this.#id, seq, size, this.#traffic)
      if (error !== undefined) this.#record.localError(error)
    } else this.#complete()
  }

  readonly #complete = (): void => {
    if (this.#result === undefined) this.#done(this.finish())
  }
}
