/**
 * A pod's network stack as Linux behaves, in bytes: frames come in by `receive` and go out by `HostEnv.send`. It answers ARP and
 * neighbour solicitations (RFC 826, RFC 4861), echo requests, UDP and TCP, and lets programs (`traffic.ts`) send.
 * Surprise: an echo request becomes its own reply in the same buffer, so the usual packet of a run costs no allocation here.
 */
import { formatIp, type Ip, isLoopback, solicitedNode } from '../../net/ip.ts'
import { formatMac } from '../../net/mac.ts'
import { addRange, isIntact, pseudoSumAt4, pseudoSumAt6 } from '../../wire/checksum.ts'
import { ETHERNET_LENGTH, EtherType, ethDst, ethIsMulticast, ethType } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { IcmpType, IcmpUnreachable } from '../../wire/icmp.ts'
import { Icmpv6Type } from '../../wire/icmpv6.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { IPV4_LENGTH, ip4ChecksumOk, ip4HeaderLength, ip4IsFragment, ip4Src } from '../../wire/ipv4.ts'
import { IPV6_LENGTH, ip6Dst, ip6Src, ip6Upper } from '../../wire/ipv6.ts'
import { type HostConfig, type HostCounters, type HostEnv, newHostCounters } from './host-env.ts'
import * as icmp from './icmp.ts'
import { IpLayer } from './ip-layer.ts'
import { receiveArp, receiveNeighbour, solicit } from './neighbour-messages.ts'
import type { Running } from './program.ts'
import { Reassembly } from './reassembly.ts'
import { SocketTable } from './sockets.ts'
import { TcpLayer } from './tcp.ts'

/** One pod's interface and everything above it. */
export class Host {
  readonly config: HostConfig
  readonly env: HostEnv
  readonly counters: HostCounters = newHostCounters()
  /** The sending side: routes, neighbours, path MTUs. */
  readonly ip: IpLayer
  /** Programs that wait for echoes and UDP. */
  readonly sockets: SocketTable
  readonly tcp: TcpLayer
  /** Programs under way: they enter and leave by themselves. */
  readonly programs = new Set<Running>()
  readonly #reassembly: Reassembly
  /** Packets on their way to the host itself, and the timer that takes them in. */
  readonly #looped: Frame[] = []
  #loopTimer: number | undefined
  readonly #limit = new icmp.ErrorLimit()

  constructor(config: HostConfig, env: HostEnv) {
    this.config = config
    this.env = env
    this.ip = new IpLayer(config, env, this.counters, {
      solicit: (ip) => solicit(this.ip, ip),
      unreachable: (frame) => this.#neighbourSilent(frame),
      loopback: (frame) => {
        // Not at once: the sender has not finished yet.
        this.#looped.push(frame)
        this.#loopTimer ??= env.after(0, this.#receiveLooped, undefined)
      },
    })
    this.sockets = new SocketTable(this.ip)
    this.tcp = new TcpLayer(this.ip)
    this.#reassembly = new Reassembly(env, this.counters, (first, version) =>
      this.#reassemblyTimedOut(first, version),
    )
  }

  /** Takes a frame from the cable, Ethernet header first. The frame is the host's from then on. */
  receive(frame: Frame): void {
    if (this.ip.closed) {
      this.env.release(frame)
      return
    }
    const { view, start } = frame
    this.counters.received++
    if (frame.end - start < ETHERNET_LENGTH) {
      this.#malformed(frame, 'an Ethernet frame')
      return
    }
    if (ethDst(view, start) !== this.config.mac && !ethIsMulticast(view, start)) {
      this.counters.notForMe++
      this.env.dropped?.(`the MAC address ${formatMac(ethDst(view, start))} is not the interface's`)
      this.env.release(frame)
      return
    }
    const type = ethType(view, start)
    frame.pull(ETHERNET_LENGTH)
    if (type === EtherType.ipv4) this.#receive4(frame, false)
    else if (type === EtherType.ipv6) this.#receive6(frame, false)
    else if (type === EtherType.arp) {
      receiveArp(this.ip, frame)
      this.env.release(frame)
    } else this.env.release(frame)
  }

  /**
   * Ends the host for good: running programs are finished and keep their results, connections and waiting packets are forgotten without
   * a word, no timer is left, and nothing is sent any more. Frames that still arrive are given back. May be called again.
   */
  close(): void {
    if (this.ip.closed) return
    this.ip.closed = true
    for (const program of [...this.programs]) program.finish()
    this.tcp.close()
    this.ip.neighbours.close()
    this.#reassembly.close()
    if (this.#loopTimer !== undefined) this.env.cancel(this.#loopTimer)
    this.#loopTimer = undefined
    for (const frame of this.#looped.splice(0)) this.env.release(frame)
  }

  readonly #receiveLooped = (): void => {
    this.#loopTimer = undefined
    for (const frame of this.#looped.splice(0)) {
      // One of them may have ended the host.
      if (this.ip.closed) this.env.release(frame)
      else if (frame.view.getUint8(frame.start) >>> 4 === 4) this.#receive4(frame, true)
      else this.#receive6(frame, true)
    }
  }

  #malformed(frame: Frame, what: string): void {
    this.counters.malformed++
    this.env.dropped?.(`${what} is malformed`)
    this.env.release(frame)
  }

  #badChecksum(frame: Frame, what: string, src: Ip): void {
    this.counters.badChecksum++
    this.env.dropped?.(`the checksum of ${what} from ${formatIp(src)} is wrong`)
    this.env.release(frame)
  }

  #notForMe(frame: Frame, dst: Ip): void {
    this.counters.notForMe++
    this.env.dropped?.(`${formatIp(dst)} is none of the host's addresses`)
    this.env.release(frame)
  }

  #receive4(frame: Frame, looped: boolean): void {
    const { view, start } = frame
    const available = frame.end - start
    const headerLength = available < IPV4_LENGTH ? 0 : ip4HeaderLength(view, start)
    const total = available < IPV4_LENGTH ? 0 : view.getUint16(start + 2)
    if (
      headerLength < IPV4_LENGTH ||
      total < headerLength ||
      total > available ||
      view.getUint8(start) >>> 4 !== 4
    ) {
      this.#malformed(frame, 'an IPv4 header')
      return
    }
    if (!ip4ChecksumOk(view, start)) {
      this.#badChecksum(frame, 'an IPv4 header', ip4Src(view, start))
      return
    }
    // What follows is padding of a short Ethernet frame.
    frame.end = start + total
    const dst = view.getUint32(start + 16)
    if (!this.ip.own4.includes(dst) && !(looped && isLoopback(dst))) {
      this.#notForMe(frame, dst)
      return
    }
    if (!ip4IsFragment(view, start)) {
      this.#deliver4(frame, start + headerLength)
      return
    }
    const whole = this.#reassembly.add4(frame)
    if (whole !== undefined) this.#deliver4(whole, whole.start + ip4HeaderLength(whole.view, whole.start))
  }

  #deliver4(frame: Frame, at: number): void {
    const { view, start, end } = frame
    const protocol = view.getUint8(start + 9)
    const length = end - at
    if (protocol === IpProtocol.icmp) {
      this.#receiveIcmp4(frame, at)
    } else if (protocol === IpProtocol.udp || protocol === IpProtocol.tcp) {
      const pseudo = pseudoSumAt4(view, start, length)
      this.#receiveTransport(frame, protocol, at, pseudo, ip4Src(view, start), view.getUint32(start + 16))
    } else {
      icmp.sendError4(this.ip, this.#limit, frame, IcmpType.unreachable, IcmpUnreachable.protocol)
      this.env.release(frame)
    }
  }

  #receiveIcmp4(frame: Frame, at: number): void {
    const { view, start, end } = frame
    if (end - at < 8) {
      this.#malformed(frame, 'an ICMP message')
      return
    }
    if (!isIntact(addRange(view, at, end))) {
      this.#badChecksum(frame, 'an ICMP message', ip4Src(view, start))
      return
    }
    const type = view.getUint8(at)
    if (type === IcmpType.echoRequest) {
      icmp.answerEcho4(this.ip, frame, at)
      return
    }
    if (type === IcmpType.echoReply) {
      const ttl = view.getUint8(start + 8)
      this.sockets.echoReply(view.getUint16(at + 4), view.getUint16(at + 6), ttl, ip4Src(view, start))
    } else if (type === IcmpType.unreachable || type === IcmpType.timeExceeded) {
      const error = icmp.readError4(this.ip, frame, at)
      if (error !== undefined) this.#receiveError(error)
    }
    this.env.release(frame)
  }

  #receive6(frame: Frame, looped: boolean): void {
    const { view, start } = frame
    const total = frame.end - start < IPV6_LENGTH ? 0 : IPV6_LENGTH + view.getUint16(start + 4)
    if (total === 0 || start + total > frame.end || view.getUint8(start) >>> 4 !== 6) {
      this.#malformed(frame, 'an IPv6 header')
      return
    }
    frame.end = start + total
    const isGroup = view.getUint8(start + 24) === 0xff
    if (isGroup) {
      if (!this.#isOwnGroup(view, start + 24)) {
        // Groups are flooded: that others get them too is nothing to tell.
        this.counters.notForMe++
        this.env.release(frame)
        return
      }
    } else if (!this.ip.isOwn6At(view, start + 24)) {
      const dst = ip6Dst(view, start)
      if (!looped || !isLoopback(dst)) {
        this.#notForMe(frame, dst)
        return
      }
    }
    const next = view.getUint8(start + 6)
    if (next === IpProtocol.icmpv6 || next === IpProtocol.udp || next === IpProtocol.tcp) {
      this.#deliver6(frame, next, start + IPV6_LENGTH)
      return
    }
    if (next === IpProtocol.fragment && total >= IPV6_LENGTH + 8) {
      const whole = this.#reassembly.add6(frame, start + IPV6_LENGTH)
      if (whole !== undefined)
        this.#deliver6(whole, whole.view.getUint8(whole.start + 6), whole.start + IPV6_LENGTH)
      return
    }
    const upper = ip6Upper(view, start, frame.end)
    if (upper === undefined || upper.fragmentAt >= 0) this.#malformed(frame, 'an IPv6 extension header')
    else this.#deliver6(frame, upper.protocol, upper.at)
  }

  #deliver6(frame: Frame, protocol: number, at: number): void {
    const { view, start, end } = frame
    const pseudo = pseudoSumAt6(view, start, protocol, end - at)
    if (protocol === IpProtocol.icmpv6) {
      this.#receiveIcmp6(frame, at, pseudo)
    } else if (protocol === IpProtocol.udp || protocol === IpProtocol.tcp) {
      this.#receiveTransport(frame, protocol, at, pseudo, ip6Src(view, start), ip6Dst(view, start))
    } else {
      // Parameter problem, unrecognised next header, with the offset of the field (RFC 4443 §3.4).
      if (protocol !== IpProtocol.noNext) icmp.sendError6(this.ip, this.#limit, frame, 4, 1, 6)
      this.env.release(frame)
    }
  }

  #receiveIcmp6(frame: Frame, at: number, pseudo: number): void {
    const { view, start, end } = frame
    if (end - at < 8) {
      this.#malformed(frame, 'an ICMPv6 message')
      return
    }
    if (!isIntact(addRange(view, at, end, pseudo))) {
      this.#badChecksum(frame, 'an ICMPv6 message', ip6Src(view, start))
      return
    }
    const type = view.getUint8(at)
    const isGroup = view.getUint8(start + 24) === 0xff
    if (type === Icmpv6Type.echoRequest && at === start + IPV6_LENGTH && !isGroup) {
      icmp.answerEcho6(this.ip, frame, at)
      return
    }
    if (type === Icmpv6Type.echoReply) {
      const ttl = view.getUint8(start + 7)
      this.sockets.echoReply(view.getUint16(at + 4), view.getUint16(at + 6), ttl, ip6Src(view, start))
    } else if (type === Icmpv6Type.neighbourSolicitation || type === Icmpv6Type.neighbourAdvertisement) {
      receiveNeighbour(this.ip, frame, at)
    } else if (type < Icmpv6Type.echoRequest) {
      const error = icmp.readError6(this.ip, frame, at)
      if (error !== undefined) this.#receiveError(error)
    }
    this.env.release(frame)
  }

  #receiveTransport(frame: Frame, protocol: number, at: number, pseudo: number, src: Ip, dst: Ip): void {
    const { view, bytes, start, end } = frame
    const isUdp = protocol === IpProtocol.udp
    const unchecked = isUdp && end - at >= 8 && view.getUint16(at + 6) === 0 && typeof src === 'number'
    if (end - at < (isUdp ? 8 : 20) || (isUdp && view.getUint16(at + 4) !== end - at)) {
      this.#malformed(frame, isUdp ? 'a UDP header' : 'a TCP header')
      return
    }
    if (!unchecked && !isIntact(addRange(view, at, end, pseudo))) {
      this.#badChecksum(frame, isUdp ? 'a UDP datagram' : 'a TCP segment', src)
      return
    }
    if (!isUdp) {
      if (!this.tcp.receive(view, bytes, at, end, src, dst)) {
        this.#malformed(frame, 'a TCP header')
        return
      }
    } else if (
      !this.sockets.datagram(frame, at, src, dst, view.getUint8(start + (typeof src === 'number' ? 8 : 7)))
    ) {
      if (typeof src === 'number') {
        icmp.sendError4(this.ip, this.#limit, frame, IcmpType.unreachable, IcmpUnreachable.port)
      } else icmp.sendError6(this.ip, this.#limit, frame, Icmpv6Type.unreachable, 4)
    }
    this.env.release(frame)
  }

  #receiveError(error: icmp.IcmpError): void {
    this.counters.icmpErrorsReceived++
    const isTcp = error.protocol === IpProtocol.tcp
    const believed = !isTcp || this.tcp.believes(error)
    if (error.mtu !== undefined && error.mtu > 0 && believed) {
      const fell = this.ip.pathMtu.learn(error.about, error.mtu, this.env.now())
      if (fell) this.tcp.pathMtuFell(error.about)
    }
    if (isTcp) this.tcp.receiveError(error)
    this.sockets.error(error)
  }

  #neighbourSilent(frame: Frame): void {
    const error = icmp.neighbourError(frame)
    if (error !== undefined) this.#receiveError(error)
    this.env.release(frame)
  }

  #reassemblyTimedOut(first: Frame, version: 4 | 6): void {
    if (version === 4) icmp.sendError4(this.ip, this.#limit, first, IcmpType.timeExceeded, 1)
    else icmp.sendError6(this.ip, this.#limit, first, Icmpv6Type.timeExceeded, 1)
    this.env.release(first)
  }

  /** All nodes, and the solicited-node groups of the own addresses; the first lane is known to start with ff. */
  #isOwnGroup(view: DataView, at: number): boolean {
    if (view.getUint32(at) !== 0xff020000 || view.getUint32(at + 4) !== 0) return false
    const w2 = view.getUint32(at + 8)
    const w3 = view.getUint32(at + 12)
    return (w2 === 0 && w3 === 1) || (w2 === 1 && this.ip.own6.some((own) => solicitedNode(own).w3 === w3))
  }
}
