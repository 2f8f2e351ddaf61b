/**
 * A UDP client against an echo service: datagrams at a fixed interval, each with its number in the first four bytes (fewer where the
 * payload is shorter: then the oldest open number that fits is meant).
 */
import type { TrafficResult, UdpTraffic } from '../../model/traffic.ts'
import type { Ip } from '../../net/ip.ts'
import type { Host } from './host.ts'
import type { IcmpError } from './icmp.ts'
import type { Done, Running } from './program.ts'
import { UDP_SEND, type UdpPeer, type UdpSocket } from './sockets.ts'
import { TrafficRecord } from './traffic-record.ts'

/** The client under way. */
export class UdpProbe implements Running, UdpSocket {
  readonly #host: Host
  readonly #traffic: UdpTraffic
  readonly #done: Done
  readonly #record = new TrafficRecord()
  readonly #started: number
  readonly #owner: boolean
  readonly #peer: UdpPeer
  #timer: number | undefined
  #result: TrafficResult | undefined

  constructor(host: Host, traffic: UdpTraffic, done: Done) {
    this.#host = host
    this.#traffic = traffic
    this.#done = done
    this.#started = host.env.now()
    this.#peer = { ip: host.ip.destinationOf(traffic.address), port: traffic.destinationPort }
    this.#owner = host.sockets.openUdp(traffic.sourcePort, this, this.#peer)
    host.programs.add(this)
    this.#tick()
  }

  datagram(view: DataView, at: number, end: number, from: Ip, _port: number, _to: Ip, ttl: number): void {
    const digits = Math.min(4, end - at)
    let number = 0
    for (let i = 0; i < digits; i++) number = number * 256 + view.getUint8(at + i)
    const step = 256 ** digits
    let seq = number
    while (seq < 1 || (digits < 4 && this.#record.isAnswered(seq))) seq += step
    if (!this.#record.answer(seq, this.#host.env.now())) return
    this.#record.replier(from, ttl)
    if (this.#record.answered === this.#traffic.count) this.#complete()
  }

  error(error: IcmpError): void {
    this.#record.icmpError(error)
  }

  finish(): TrafficResult {
    if (this.#result !== undefined) return this.#result
    if (this.#timer !== undefined) this.#host.env.cancel(this.#timer)
    this.#host.programs.delete(this)
    if (this.#owner) this.#host.sockets.closeUdp(this.#traffic.sourcePort, this.#peer)
    this.#result = this.#record.result(this.#traffic)
    return this.#result
  }

  readonly #tick = (): void => {
    const { count, interval, wait } = this.#traffic
    const { env } = this.#host
    this.#timer = undefined
    if (this.#record.count >= count) {
      this.#complete()
      return
    }
    const seq = this.#record.sent(env.now())
    const last = seq === count
    const delay = last ? wait : this.#started + seq * interval - env.now()
    this.#timer = env.after(delay, last ? this.#complete : this.#tick, undefined)
    const error = this.#send(seq)
    if (error !== undefined) this.#record.localError(error)
  }

  #send(seq: number): string | undefined {
    const { sourcePort, destinationPort, size } = this.#traffic
    const address = this.#peer.ip
    if (!this.#owner) return 'EADDRINUSE'
    const src = this.#host.ip.sourceFor(address)
    if (src === undefined) return 'ENETUNREACH'
    const data = Uint8Array.from({ length: size }, (_, i) => i & 0xff)
    const digits = Math.min(4, size)
    for (let i = 0; i < digits; i++) data[i] = Math.floor(seq / 256 ** (digits - 1 - i)) & 0xff
    return this.#host.sockets.sendUdp(src, sourcePort, address, destinationPort, data, UDP_SEND)
  }

  readonly #complete = (): void => {
    if (this.#result === undefined) this.#done(this.finish())
  }
}
