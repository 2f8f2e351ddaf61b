/**
 * The TCP of a host: which connection a segment belongs to, which ports listen, and the RST for everything else (RFC 9293 §3.10.7).
 * Connections are found by ports and remote address; ICMP errors find theirs by the quoted header (RFC 1122 §4.2.3.9).
 */
import { type Ip, ipKey } from '../../net/ip.ts'
import { IcmpType } from '../../wire/icmp.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { emitTcp, fillTcpChecksum, parseTcp, TCP_LENGTH, TcpFlag, tcpHeaderLength } from '../../wire/tcp.ts'
import { DEFAULT_TTL } from './host-env.ts'
import type { IcmpError } from './icmp.ts'
import { headerLength, type IpLayer } from './ip-layer.ts'
import { TcpConnection, tcpPseudo } from './tcp-connection.ts'
import type { Segment, TcpApp, TcpError } from './tcp-types.ts'

/** Connections of one host at a time; a SYN beyond that is dropped. */
export const CONNECTIONS_MAX = 4096

/** All TCP of one host. */
export class TcpLayer {
  readonly #ip: IpLayer
  readonly #listeners = new Map<number, () => TcpApp>()
  readonly #connections = new Map<string, TcpConnection>()

  constructor(ip: IpLayer) {
    this.#ip = ip
  }

  /** Connections that are remembered, those in TIME-WAIT included. */
  get size(): number {
    return this.#connections.size
  }

  /** Accepts connections to a port; `accept` makes the program for each. */
  listen(port: number, accept: () => TcpApp): void {
    this.#listeners.set(port, accept)
  }

  /** Opens a connection; an errno name where that fails at once. */
  connect(
    remote: Ip,
    remotePort: number,
    localPort: number,
    app: TcpApp,
  ): TcpConnection | 'EADDRINUSE' | 'ENETDOWN' | 'ENETUNREACH' {
    if (this.#ip.closed) return 'ENETDOWN'
    const local = this.#ip.sourceFor(remote)
    if (local === undefined) return 'ENETUNREACH'
    const key = keyOf(localPort, remote, remotePort)
    if (this.#connections.has(key) || this.#connections.size >= CONNECTIONS_MAX) return 'EADDRINUSE'
    const tuple = { local, localPort, remote, remotePort }
    const connection = new TcpConnection(this.#ip, tuple, app, false, () => this.#connections.delete(key))
    this.#connections.set(key, connection)
    connection.open()
    return connection
  }

  /** Takes the segment from `at` to `end`, whose checksum is right. Returns false when it is malformed. */
  receive(view: DataView, bytes: Uint8Array, at: number, end: number, src: Ip, dst: Ip): boolean {
    const header = parseTcp(view, at, end)
    if (header === undefined) return false
    const { srcPort, dstPort, flags, seq, ack, window, mss } = header
    const segment: Segment = {
      flags,
      seq,
      ack,
      window,
      mss,
      data: bytes.subarray(at + tcpHeaderLength(view, at), end),
    }
    const key = keyOf(dstPort, src, srcPort)
    const known = this.#connections.get(key)
    if (known !== undefined) {
      known.receive(segment)
      return true
    }
    const accept = this.#listeners.get(dstPort)
    const isSyn = (flags & (TcpFlag.syn | TcpFlag.ack | TcpFlag.rst)) === TcpFlag.syn
    if (accept === undefined || !isSyn) this.#refuse(segment, dst, dstPort, src, srcPort)
    else if (this.#connections.size < CONNECTIONS_MAX) {
      const tuple = { local: dst, localPort: dstPort, remote: src, remotePort: srcPort }
      const connection = new TcpConnection(this.#ip, tuple, accept(), true, () =>
        this.#connections.delete(key),
      )
      this.#connections.set(key, connection)
      connection.receive(segment)
    } else this.#ip.env.dropped?.(`${CONNECTIONS_MAX} TCP connections are open: no more are accepted`)
    return true
  }

  /** Takes an ICMP error about a segment of this host. */
  receiveError(error: IcmpError): void {
    const { view, at, about } = error
    const connection = this.#connections.get(keyOf(view.getUint16(at), about, view.getUint16(at + 2)))
    if (connection === undefined || !connection.isOutstanding(view.getUint32(at + 4))) return
    const errno = errnoOf(error)
    if (errno !== undefined && connection.isOpening) connection.fail(errno)
  }

  /** True when an ICMP error quotes a segment that is on its way: others must not change the path MTU (RFC 5927 §7). */
  believes(error: IcmpError): boolean {
    const { view, at, about } = error
    const connection = this.#connections.get(keyOf(view.getUint16(at), about, view.getUint16(at + 2)))
    return connection?.isOutstanding(view.getUint32(at + 4)) === true
  }

  /** Tells every connection to `remote` that its path MTU fell. */
  pathMtuFell(remote: Ip): void {
    const wanted = ipKey(remote)
    for (const connection of this.#connections.values()) {
      if (ipKey(connection.tuple.remote) === wanted) connection.pathMtuFell()
    }
  }

  /** Ends every connection at once, without a word to the other sides. */
  close(): void {
    for (const connection of [...this.#connections.values()]) connection.fail('ENETDOWN')
  }

  #refuse(segment: Segment, local: Ip, localPort: number, remote: Ip, remotePort: number): void {
    if ((segment.flags & TcpFlag.rst) !== 0) return
    const hasAck = (segment.flags & TcpFlag.ack) !== 0
    const numbers =
      ((segment.flags & TcpFlag.syn) === 0 ? 0 : 1) + ((segment.flags & TcpFlag.fin) === 0 ? 0 : 1)
    const frame = this.#ip.datagram(remote, TCP_LENGTH.bare)!
    const at = frame.start + headerLength(remote)
    emitTcp(frame.view, at, {
      srcPort: localPort,
      dstPort: remotePort,
      seq: hasAck ? segment.ack : 0,
      ack: hasAck ? 0 : (segment.seq + segment.data.length + numbers) >>> 0,
      flags: hasAck ? TcpFlag.rst : TcpFlag.rst | TcpFlag.ack,
      window: 0,
      urgent: 0,
      mss: undefined,
    })
    fillTcpChecksum(frame.view, at, frame.end, tcpPseudo(local, remote, TCP_LENGTH.bare))
    this.#ip.send(frame, local, remote, IpProtocol.tcp, { ttl: DEFAULT_TTL, tos: 0, df: 'want' }, 0)
  }
}

/** What an ICMP error means to a program that connects (icmp.c `icmp_err_convert`, ipv6/icmp.c `tab_unreach`). */
function errnoOf(error: IcmpError): TcpError | undefined {
  if (typeof error.about === 'number') {
    if (error.type !== IcmpType.unreachable || error.code === 4) return undefined
    if (error.code === 0) return 'ENETUNREACH'
    return error.code === 2 || error.code === 3 ? 'ECONNREFUSED' : 'EHOSTUNREACH'
  }
  if (error.type !== 1) return undefined
  if (error.code === 0) return 'ENETUNREACH'
  return error.code === 4 ? 'ECONNREFUSED' : 'EHOSTUNREACH'
}

function keyOf(localPort: number, remote: Ip, remotePort: number): string {
  return `${localPort} ${remotePort} ${ipKey(remote)}`
}
