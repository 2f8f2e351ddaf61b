/**
 * The sockets of a host that are not TCP: who waits for echo replies with an identifier, who owns a UDP port, and who hears of the
 * ICMP errors about what they sent (ip(7) IP_RECVERR). The echo service (RFC 862) is a UDP port like any other.
 */
import { type Ip, ipKey } from '../../net/ip.ts'
import { pseudoSum4, pseudoSum6 } from '../../wire/checksum.ts'
import type { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { fillUdpChecksum, UDP_LENGTH } from '../../wire/udp.ts'
import { DEFAULT_TTL, type SendError } from './host-env.ts'
import type { IcmpError } from './icmp.ts'
import { headerLength, type IpLayer, type SendOptions } from './ip-layer.ts'

/** A program that sends echo requests. */
export interface EchoSocket {
  reply(seq: number, ttl: number, from: Ip): void
  /** An error about a request with this sequence number. */
  error(seq: number, error: IcmpError): void
}

/** A program that owns a UDP port. */
export interface UdpSocket {
  /** A datagram whose data lies from `at` to `end` in `view`; valid during the call only. `ttl` as it arrived. */
  datagram(view: DataView, at: number, end: number, from: Ip, fromPort: number, to: Ip, ttl: number): void
  /** An error about a datagram sent from this port. */
  error(error: IcmpError): void
}

/** The other end of a connected UDP socket. */
export interface UdpPeer {
  readonly ip: Ip
  readonly port: number
}

function udpKey(port: number, peer: UdpPeer | undefined): number | string {
  return peer === undefined ? port : `${port} ${ipKey(peer.ip)} ${peer.port}`
}

/** UDP sockets leave path MTU discovery at its default (`IP_PMTUDISC_WANT`). */
export const UDP_SEND: SendOptions = { ttl: DEFAULT_TTL, tos: 0, df: 'want' }

/** Echo identifiers and UDP ports of one host. */
export class SocketTable {
  readonly #ip: IpLayer
  readonly #echo = new Map<number, EchoSocket>()
  /** By port; connected sockets by port and peer (see `udpKey`). */
  readonly #udp = new Map<number | string, UdpSocket>()
  readonly #tcpErrors = new Map<number, (error: IcmpError) => void>()

  constructor(ip: IpLayer) {
    this.#ip = ip
  }

  /** Takes a free random identifier for echo requests. */
  openEcho(socket: EchoSocket): number {
    let id = this.#ip.env.random()
    while (this.#echo.has(id)) id = (id + 1) & 0xffff
    this.#echo.set(id, socket)
    return id
  }

  closeEcho(id: number): void {
    this.#echo.delete(id)
  }

  /**
   * Takes a UDP port, for one peer only where that is given (a connected socket): such sockets share a port with others.
   * False when the same is taken already.
   */
  openUdp(port: number, socket: UdpSocket, peer?: UdpPeer): boolean {
    const key = udpKey(port, peer)
    if (this.#udp.has(key)) return false
    this.#udp.set(key, socket)
    return true
  }

  closeUdp(port: number, peer?: UdpPeer): void {
    this.#udp.delete(udpKey(port, peer))
  }

  /** Lets a TCP client hear of ICMP errors about segments from its port. */
  watchTcp(port: number, listener: (error: IcmpError) => void): void {
    this.#tcpErrors.set(port, listener)
  }

  unwatchTcp(port: number): void {
    this.#tcpErrors.delete(port)
  }

  /** Answers every datagram to a port with its own data. */
  serveEcho(port: number): void {
    this.openUdp(port, {
      datagram: (view, at, end, from, fromPort, to) => {
        const data = new Uint8Array(view.buffer, view.byteOffset + at, end - at)
        this.sendUdp(to, port, from, fromPort, data, UDP_SEND)
      },
      error: () => {},
    })
  }

  /** Sends a datagram. */
  sendUdp(
    src: Ip,
    srcPort: number,
    dst: Ip,
    dstPort: number,
    data: Uint8Array,
    options: SendOptions,
  ): SendError | undefined {
    const length = UDP_LENGTH + data.length
    const frame = this.#ip.datagram(dst, length)
    if (frame === undefined) return 'EMSGSIZE'
    const at = frame.start + headerLength(dst)
    const { view, bytes } = frame
    view.setUint16(at, srcPort)
    view.setUint16(at + 2, dstPort)
    view.setUint16(at + 4, length)
    bytes.set(data, at + UDP_LENGTH)
    const pseudo =
      typeof src === 'number'
        ? pseudoSum4(src, dst as number, IpProtocol.udp, length)
        : pseudoSum6(src, dst as Exclude<Ip, number>, IpProtocol.udp, length)
    fillUdpChecksum(view, at, frame.end, pseudo)
    return this.#ip.send(frame, src, dst, IpProtocol.udp, options)
  }

  /** Hands an echo reply to its program; replies nobody waits for are ignored. */
  echoReply(id: number, seq: number, ttl: number, from: Ip): void {
    this.#echo.get(id)?.reply(seq, ttl, from)
  }

  /** Hands a datagram to its program; false when the port is closed. */
  datagram(frame: Frame, at: number, src: Ip, dst: Ip, ttl: number): boolean {
    const { view, end } = frame
    const port = view.getUint16(at + 2)
    const socket = this.#udp.get(udpKey(port, { ip: src, port: view.getUint16(at) })) ?? this.#udp.get(port)
    socket?.datagram(view, at + UDP_LENGTH, end, src, view.getUint16(at), dst, ttl)
    return socket !== undefined
  }

  /** Hands an ICMP error to the program whose packet it quotes. */
  error(error: IcmpError): void {
    const { view, at, protocol } = error
    const isEcho = protocol === IpProtocol.icmp ? 8 : protocol === IpProtocol.icmpv6 ? 128 : undefined
    if (isEcho !== undefined) {
      if (view.getUint8(at) === isEcho)
        this.#echo.get(view.getUint16(at + 4))?.error(view.getUint16(at + 6), error)
    } else if (protocol === IpProtocol.udp) {
      const port = view.getUint16(at)
      const peer = { ip: error.about, port: view.getUint16(at + 2) }
      const socket = this.#udp.get(udpKey(port, peer)) ?? this.#udp.get(port)
      socket?.error(error)
    } else if (protocol === IpProtocol.tcp) this.#tcpErrors.get(view.getUint16(at))?.(error)
  }
}
