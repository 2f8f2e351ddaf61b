/**
 * A TCP client against an echo service: connects, sends `bytes` bytes, expects them back, closes. It tells apart what users mix up: no
 * connection at all, a connection that stalls (large segments vanish, MT-4), and one that works.
 */
import type { Nanos } from '../../model/time.ts'
import type { TcpTraffic, TrafficResult } from '../../model/traffic.ts'
import type { Host } from './host.ts'
import type { Done, Running } from './program.ts'
import type { TcpConnection } from './tcp-connection.ts'
import type { TcpApp, TcpError } from './tcp-types.ts'
import { TrafficRecord } from './traffic-record.ts'

/** Bytes handed to the connection at a time. */
const CHUNK = 16 * 1024

/** The client under way. */
export class TcpProbe implements Running, TcpApp {
  readonly #host: Host
  readonly #traffic: TcpTraffic
  readonly #done: Done
  readonly #record = new TrafficRecord()
  #connection: TcpConnection | undefined
  #connectTime: Nanos | undefined
  #written = 0
  #echoed = 0
  /** A byte came back that was not sent. */
  #corrupt = false
  #timer: number | undefined
  #result: TrafficResult | undefined

  constructor(host: Host, traffic: TcpTraffic, done: Done) {
    this.#host = host
    this.#traffic = traffic
    this.#done = done
    const { env, tcp, sockets, ip } = host
    host.programs.add(this)
    this.#record.sent(env.now())
    this.#timer = env.after(traffic.timeout, this.#complete, undefined)
    sockets.watchTcp(traffic.sourcePort, (error) => this.#record.icmpError(error))
    const address = ip.destinationOf(traffic.address)
    const connection = tcp.connect(address, traffic.destinationPort, traffic.sourcePort, this)
    if (typeof connection === 'string') {
      this.#record.localError(connection)
      // The caller has not got this object yet.
      env.cancel(this.#timer)
      this.#timer = env.after(0, this.#complete, undefined)
    } else this.#connection = connection
  }

  connected(connection: TcpConnection): void {
    this.#connectTime = this.#host.env.now() - this.#record.sentAt[0]!
    if (this.#traffic.bytes === 0) this.#succeed()
    else this.writable(connection)
  }

  writable(connection: TcpConnection): void {
    const { bytes } = this.#traffic
    while (connection.isOpen && this.#written < bytes && connection.room > 0) {
      const from = this.#written
      const length = Math.min(CHUNK, bytes - from, connection.room)
      // Counted before it is written: writing may call back.
      this.#written += length
      const data = new Uint8Array(length)
      for (let i = 0; i < length; i++) data[i] = patternAt(from + i)
      connection.write(data)
    }
  }

  readable(connection: TcpConnection): void {
    const data = connection.read(connection.readable)
    for (let i = 0; i < data.length; i++) if (data[i] !== patternAt(this.#echoed + i)) this.#corrupt = true
    this.#echoed += data.length
    if (this.#echoed === this.#traffic.bytes && !this.#corrupt) this.#succeed()
  }

  peerClosed(connection: TcpConnection): void {
    connection.close()
  }

  closed(_connection: TcpConnection, error: TcpError | undefined): void {
    if (this.#result !== undefined) return
    if (error !== undefined) this.#record.localError(error)
    // The connection may fail while it is being opened, before the caller has this object.
    if (this.#timer !== undefined) this.#host.env.cancel(this.#timer)
    this.#timer = this.#host.env.after(0, this.#complete, undefined)
  }

  finish(): TrafficResult {
    if (this.#result !== undefined) return this.#result
    const { env, sockets, programs } = this.#host
    programs.delete(this)
    if (this.#timer !== undefined) env.cancel(this.#timer)
    sockets.unwatchTcp(this.#traffic.sourcePort)
    const connectTime = this.#connectTime
    const tcp = { connected: connectTime !== undefined, echoed: this.#echoed, connectTime }
    this.#result = this.#record.result(this.#traffic, [], tcp)
    // What is still queued is sent on in the background, as after close(2).
    this.#connection?.close()
    return this.#result
  }

  #succeed(): void {
    this.#record.answer(1, this.#host.env.now())
    this.#complete()
  }

  readonly #complete = (): void => {
    if (this.#result === undefined) this.#done(this.finish())
  }
}

/** The byte at an offset of the stream. */
function patternAt(offset: number): number {
  return (offset % 251) & 0xff
}
