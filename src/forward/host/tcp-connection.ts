/**
 * One TCP connection (RFC 9293): handshake with the MSS option, cumulative acknowledgements, FIN and RST; sending is `tcp-sender.ts`,
 * receiving `tcp-receiver.ts`.
 * No window scaling, SACK, timestamps or delayed acknowledgements.
 * Surprise: Linux probes for no smaller MTU by itself (`tcp_mtu_probing` = 0), so over a path that swallows large packets a connection
 * is made and then stalls (MT-4); an ICMP error that names an MTU makes the segments smaller.
 */
import { type Nanos, SECOND } from '../../model/time.ts'
import type { Ip } from '../../net/ip.ts'
import { pseudoSum4, pseudoSum6 } from '../../wire/checksum.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { emitTcp, fillTcpChecksum, TCP_LENGTH, TcpFlag } from '../../wire/tcp.ts'
import { DEFAULT_TTL } from './host-env.ts'
import { headerLength, type IpLayer } from './ip-layer.ts'
import { TcpReceiver } from './tcp-receiver.ts'
import { diff, QUEUE_MAX, TcpSender } from './tcp-sender.ts'
import type { Segment, TcpApp, TcpError, TcpTuple } from './tcp-types.ts'

/** Repetitions before a connection is given up (`tcp_syn_retries`, `tcp_synack_retries`, `tcp_retries2`). */
export const RETRIES = { syn: 6, synAck: 5, data: 15 } as const

/** How long the side that closed first remembers the connection (`TCP_TIMEWAIT_LEN`). */
export const TIME_WAIT: Nanos = 60 * SECOND

/** TCP sockets leave path MTU discovery at its default (`IP_PMTUDISC_WANT`). */
const SEND = { ttl: DEFAULT_TTL, tos: 0, df: 'want' } as const

type State = 'syn-sent' | 'syn-received' | 'open' | 'time-wait' | 'closed'

/** One end of a connection. */
export class TcpConnection {
  readonly tuple: TcpTuple
  readonly #ip: IpLayer
  readonly #app: TcpApp
  readonly #forget: () => void
  /** Bytes of IP and TCP header in front of the data. */
  readonly #headers: number
  readonly #iss: number
  readonly #sender: TcpSender
  readonly #receiver = new TcpReceiver()
  #state: State
  #peerMss: number
  /** This side closed before the other. */
  #closedFirst = false
  #peerFin = false
  /** A segment is being taken: what has to be told is told at its end. */
  #receiving = false
  /** The acknowledgement number sent last. */
  #ackSent = 0
  #identification: number
  #timeWait: number | undefined

  /** `passive` for the side that was called; `forget` is called once when the connection is gone. */
  constructor(ip: IpLayer, tuple: TcpTuple, app: TcpApp, passive: boolean, forget: () => void) {
    this.#ip = ip
    this.tuple = tuple
    this.#app = app
    this.#forget = forget
    this.#headers = headerLength(tuple.remote) + TCP_LENGTH.bare
    this.#state = passive ? 'syn-received' : 'syn-sent'
    this.#iss = ip.env.random() * 0x10000 + ip.env.random()
    this.#identification = ip.env.random()
    // RFC 9293 §3.7.1: without the option the other side takes 536 bytes over IPv4 and 1220 over IPv6.
    this.#peerMss = typeof tuple.remote === 'number' ? 536 : 1220
    this.#sender = new TcpSender(ip.env, this.#iss, this.#peerMss, {
      emit: (flags, seq, offset, size) => this.#send(flags, seq, offset, size),
      timedOut: (times) => this.#timedOut(times),
      repeated: () => {
        ip.counters.tcpRetransmissions++
      },
    })
  }

  /** True between the handshake and the end. */
  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** True while an active opening waits for its answer: an ICMP error may end it then (RFC 1122 §4.2.3.9). */
  get isOpening(): boolean {
    return this.#state === 'syn-sent'
  }

  /** Bytes that may be queued now without asking too much. */
  get room(): number {
    return this.#sender.closing ? 0 : Math.max(0, QUEUE_MAX - this.#sender.queue.length)
  }

  /** Bytes that have come and were not read. */
  get readable(): number {
    return this.#receiver.length
  }

  /** True when the other side has closed and all it sent was read. */
  get atEnd(): boolean {
    return this.#peerFin && this.#receiver.length === 0
  }

  /** Takes up to `count` bytes that have come; the other side hears of the room where that helps it. */
  read(count: number): Uint8Array {
    const bytes = this.#receiver.read(count)
    if (!this.#receiving && this.#state === 'open' && this.#isWindowDue()) this.#sendAck()
    return bytes
  }

  /** True when `seq` was sent and is not acknowledged: a quoted segment that can be believed (RFC 5927 §4). */
  isOutstanding(seq: number): boolean {
    return diff(seq, this.#sender.una) >= 0 && diff(this.#sender.sentUpTo, seq) > 0
  }

  /** Sends the SYN of an active opening. */
  open(): void {
    this.#sendSyn()
  }

  /** Queues bytes and sends what the windows allow. Ignored after `close`. */
  write(data: Uint8Array): void {
    if (this.#sender.closing || this.#state === 'closed') return
    this.#sender.queue.append(data)
    if (this.#state === 'open') this.#sender.pump()
  }

  /** Sends FIN once everything queued is out. An active opening is given up. */
  close(): void {
    if (this.#sender.closing || this.#state === 'closed') return
    if (this.#state === 'syn-sent') {
      this.#end(undefined)
      return
    }
    this.#sender.closing = true
    this.#closedFirst = !this.#peerFin
    if (this.#state === 'open') this.#sender.pump()
  }

  /** Ends the connection because of something outside, such as an ICMP error. */
  fail(error: TcpError): void {
    if (this.#state !== 'closed') this.#end(error)
  }

  /** The path MTU fell: segments become smaller, and what is outstanding is sent again at once. */
  pathMtuFell(): void {
    if (this.#state !== 'open') return
    const before = this.#sender.mss
    this.#sender.mss = this.#segmentSize()
    if (this.#sender.mss >= before) return
    this.#sender.rewind()
    this.#sender.pump()
  }

  /** Takes a segment of this connection. */
  receive(segment: Segment): void {
    this.#receiving = true
    this.#process(segment)
    this.#receiving = false
  }

  #process(segment: Segment): void {
    const { flags, seq, ack } = segment
    if (this.#state === 'closed') return
    if (this.#state === 'syn-sent') {
      this.#receiveInSynSent(segment)
      return
    }
    if ((flags & TcpFlag.rst) !== 0) {
      // RFC 5961 §3: only a reset that hits the next expected number is believed.
      if (seq === this.#receiver.nxt) this.#end('ECONNRESET')
      return
    }
    if ((flags & TcpFlag.syn) !== 0) {
      this.#receiveSyn(segment)
      return
    }
    if ((flags & TcpFlag.ack) === 0) return
    if (this.#state === 'syn-received') {
      if (ack !== (this.#iss + 1) >>> 0) return
      this.#opened(segment)
    } else this.#acknowledge(segment)
    // A program may have ended the connection while it was told.
    if (this.#isGone()) return
    const before = this.#receiver.nxt
    const owed = this.#take(segment)
    if (this.#isGone()) return
    if (this.#state === 'open') this.#sender.pump()
    const { nxt } = this.#receiver
    // Data sent meanwhile has carried the acknowledgement, unless nothing new was taken: then the other side must hear it again.
    const isDue = owed && (nxt === before || this.#ackSent !== nxt)
    if (isDue || this.#isWindowDue()) this.#sendAck()
    this.#settle()
  }

  #receiveInSynSent(segment: Segment): void {
    const { flags, seq, ack } = segment
    const isAnswer = (flags & TcpFlag.ack) !== 0 && ack === (this.#iss + 1) >>> 0
    if (!isAnswer) return
    if ((flags & TcpFlag.rst) !== 0) {
      this.#end('ECONNREFUSED')
      return
    }
    if ((flags & TcpFlag.syn) === 0) return
    this.#receiver.start(seq)
    this.#peerMss = segment.mss ?? this.#peerMss
    this.#sender.acknowledge(ack, segment.window, true)
    this.#state = 'open'
    this.#sender.start(this.#segmentSize())
    this.#sendAck()
    this.#app.connected(this)
  }

  #receiveSyn(segment: Segment): void {
    if (this.#state === 'syn-received') {
      this.#receiver.start(segment.seq)
      this.#peerMss = segment.mss ?? this.#peerMss
      this.#sender.peerWindow = segment.window
      this.#sendSyn()
      // RFC 5961 §4: a SYN into an open connection is answered, never believed.
    } else this.#sendAck()
  }

  #opened(segment: Segment): void {
    this.#sender.acknowledge(segment.ack, segment.window, segment.data.length === 0)
    this.#state = 'open'
    this.#sender.start(this.#segmentSize())
    this.#app.connected(this)
  }

  #acknowledge(segment: Segment): void {
    const isNew = this.#sender.acknowledge(segment.ack, segment.window, segment.data.length === 0)
    if (isNew && this.room > 0) this.#app.writable(this)
  }

  /** Takes data and FIN in order; returns whether an acknowledgement is owed. */
  #take(segment: Segment): boolean {
    const { data, seq, flags } = segment
    const fin = (flags & TcpFlag.fin) !== 0
    if (data.length === 0 && !fin) return false
    if (this.#peerFin) return true
    const before = this.#receiver.nxt
    const isWhole = this.#receiver.take(seq, data)
    if (this.#receiver.nxt !== before) this.#app.readable(this)
    if (fin && isWhole && !this.#isGone()) {
      this.#receiver.nxt = (this.#receiver.nxt + 1) >>> 0
      this.#peerFin = true
      this.#app.peerClosed(this)
    }
    return true
  }

  /** Moves on when both sides have closed and know it. */
  #settle(): void {
    if (this.#state !== 'open' || !this.#sender.isFinAcked || !this.#peerFin) return
    if (!this.#closedFirst) {
      this.#end(undefined)
      return
    }
    this.#state = 'time-wait'
    this.#sender.stop()
    this.#timeWait = this.#ip.env.after(TIME_WAIT, () => this.#end(undefined), undefined)
    this.#app.closed(this, undefined)
  }

  #timedOut(times: number): boolean {
    const limit =
      this.#state === 'syn-sent'
        ? RETRIES.syn
        : this.#state === 'syn-received'
          ? RETRIES.synAck
          : RETRIES.data
    if (times > limit) {
      this.#end('ETIMEDOUT')
      return false
    }
    if (this.#state === 'open') return true
    this.#sendSyn()
    return false
  }

  #isWindowDue(): boolean {
    return !this.#peerFin && this.#receiver.isUpdateDue(this.#sender.mss)
  }

  #isGone(): boolean {
    return this.#state === 'closed'
  }

  #end(error: TcpError | undefined): void {
    const told = this.#state === 'time-wait'
    this.#state = 'closed'
    this.#sender.stop()
    if (this.#timeWait !== undefined) this.#ip.env.cancel(this.#timeWait)
    this.#forget()
    if (!told) this.#app.closed(this, error)
  }

  #sendSyn(): void {
    const flags = TcpFlag.syn | (this.#state === 'syn-received' ? TcpFlag.ack : 0)
    this.#sender.synSent()
    this.#send(flags, this.#iss, 0, 0)
  }

  #sendAck(): void {
    this.#send(TcpFlag.ack, this.#sender.nxt, 0, 0)
  }

  #send(flags: number, seq: number, offset: number, size: number): void {
    const { local, localPort, remote, remotePort } = this.tuple
    const isSyn = (flags & TcpFlag.syn) !== 0
    const length = (isSyn ? TCP_LENGTH.withMss : TCP_LENGTH.bare) + size
    const frame = this.#ip.datagram(remote, length)!
    const at = frame.start + headerLength(remote)
    const ack = (flags & TcpFlag.ack) === 0 ? 0 : this.#receiver.nxt
    this.#ackSent = ack
    const dataAt = emitTcp(frame.view, at, {
      srcPort: localPort,
      dstPort: remotePort,
      seq,
      ack,
      flags,
      window: this.#receiver.tellWindow(this.#sender.mss),
      urgent: 0,
      mss: isSyn ? this.#ip.config.mtu - this.#headers : undefined,
    })
    if (size > 0) this.#sender.queue.copyTo(frame.bytes, dataAt, offset, size)
    fillTcpChecksum(frame.view, at, frame.end, tcpPseudo(local, remote, length))
    // The answer to a SYN has identification 0 in Linux, everything else counts up from a random number.
    const isSynAck = isSyn && (flags & TcpFlag.ack) !== 0
    if (!isSynAck) this.#identification = (this.#identification + 1) & 0xffff
    const error = this.#ip.send(
      frame,
      local,
      remote,
      IpProtocol.tcp,
      SEND,
      isSynAck ? 0 : this.#identification,
    )
    if (error === 'ENETUNREACH') this.fail(error)
  }

  #segmentSize(): number {
    return Math.min(this.#peerMss, this.#ip.mtuFor(this.tuple.remote, 'want') - this.#headers)
  }
}

/** The pseudo header's sum of a segment of `length` bytes. */
export function tcpPseudo(local: Ip, remote: Ip, length: number): number {
  if (typeof local === 'number') return pseudoSum4(local, remote as number, IpProtocol.tcp, length)
  return pseudoSum6(local, remote as Exclude<Ip, number>, IpProtocol.tcp, length)
}
