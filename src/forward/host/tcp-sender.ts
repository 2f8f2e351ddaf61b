/**
 * The sending half of a TCP connection: sequence numbers, windows, the retransmission timer, FIN (RFC 9293 §3.8, RFC 5681, RFC 6298).
 * Slow start from ten segments (RFC 6928); after a timeout or three equal acknowledgements it goes back to the first byte that is missing
 * (go-back-N), because the receiver here keeps nothing out of order.
 * Surprise: sequence numbers are unsigned 32-bit numbers that wrap, so they are compared by the sign of their 32-bit difference.
 */
import type { Nanos } from '../../model/time.ts'
import { TcpFlag } from '../../wire/tcp.ts'
import { ByteQueue } from './byte-queue.ts'
import type { HostEnv } from './host-env.ts'
import { RttEstimator } from './rtt.ts'

/** The largest window that can be told without the window scale option. */
export const WINDOW_MAX = 65_535

/** Bytes a connection queues before its program has to wait. */
export const QUEUE_MAX = 4 * WINDOW_MAX

/** Segments sent before the first acknowledgement (RFC 6928). */
export const INITIAL_WINDOW_SEGMENTS = 10

/** The connection around a sender. */
export interface SenderLink {
  /** Puts a segment with `size` bytes of the queue from `offset` on the wire. */
  emit(flags: number, seq: number, offset: number, size: number): void
  /** The timer ran out for the given time in a row; returns whether the sender shall repeat what is missing. */
  timedOut(times: number): boolean
  /** Something was sent again. */
  repeated(): void
}

/** The sending half of one connection. */
export class TcpSender {
  readonly queue = new ByteQueue()
  /** First unacknowledged and next sequence number, and the one behind the highest ever sent. */
  una: number
  nxt: number
  sentUpTo: number
  /** Largest segment in bytes of data. */
  mss: number
  peerWindow = 0
  /** The program has closed: FIN follows the last byte. */
  closing = false
  readonly #env: HostEnv
  readonly #link: SenderLink
  readonly #iss: number
  readonly #rtt = new RttEstimator()
  #open = false
  #cwnd = 0
  #ssthresh = Number.MAX_SAFE_INTEGER
  #duplicates = 0
  /** Behind the last short segment: only one may be on its way (RFC 896 as Minshall has it). */
  #smallEnd: number
  #finSeq: number | undefined
  #timedSeq: number | undefined
  #timedAt: Nanos = 0
  #timeouts = 0
  #timer: number | undefined
  #stopped = false

  constructor(env: HostEnv, iss: number, mss: number, link: SenderLink) {
    this.#env = env
    this.#link = link
    this.#iss = iss
    this.una = iss
    this.nxt = iss
    this.sentUpTo = iss
    this.#smallEnd = iss
    this.mss = mss
  }

  /** Bytes of sequence space on their way. */
  get inFlight(): number {
    return diff(this.nxt, this.una)
  }

  /** True when the FIN was sent and acknowledged. */
  get isFinAcked(): boolean {
    return this.#finSeq !== undefined && diff(this.una, this.#finSeq) > 0
  }

  /** Counts the SYN as sent, for the first or another time, and starts the timer. */
  synSent(): void {
    if (this.nxt === this.#iss) this.#advance(1)
    else {
      this.#timedSeq = undefined
      this.#link.repeated()
    }
    this.#arm(false)
  }

  /** The SYN was acknowledged: data may flow, in segments of `mss` bytes. */
  start(mss: number): void {
    this.#open = true
    this.mss = mss
    this.#cwnd = INITIAL_WINDOW_SEGMENTS * mss
  }

  /**
   * Takes over an acknowledgement and the window that came with it; `isBare` when the segment had no data. Returns whether
   * anything new was acknowledged.
   */
  acknowledge(ack: number, window: number, isBare: boolean): boolean {
    const fresh = diff(ack, this.una)
    if (diff(ack, this.sentUpTo) > 0 || fresh < 0) return false
    const sameWindow = window === this.peerWindow
    const wasClosed = this.peerWindow === 0
    this.peerWindow = window
    if (fresh === 0) {
      if (window === 0) {
        // RFC 9293 §3.8.6.1: whoever answers probes is alive, however long the window stays closed.
        this.#timeouts = 0
      } else if (wasClosed) {
        // The byte of the last probe was not taken, and what follows it is lost time.
        this.rewind()
        this.#rtt.progress()
        this.#arm(true)
      } else if (isBare && sameWindow && this.inFlight > 0 && ++this.#duplicates === 3) {
        this.#ssthresh = Math.max(this.inFlight >>> 1, 2 * this.mss)
        this.#cwnd = this.#ssthresh
        this.rewind()
      }
      return false
    }
    const synAcked = this.una === this.#iss
    this.una = ack
    if (diff(this.nxt, ack) < 0) this.nxt = ack
    this.queue.drop(fresh - (synAcked ? 1 : 0))
    this.#duplicates = 0
    this.#timeouts = 0
    if (this.#timedSeq !== undefined && diff(ack, this.#timedSeq) > 0) {
      this.#rtt.measure(this.#env.now() - this.#timedAt)
      this.#timedSeq = undefined
    }
    this.#rtt.progress()
    if (!synAcked) {
      const growth = this.#cwnd < this.#ssthresh ? fresh : Math.ceil((this.mss * this.mss) / this.#cwnd)
      this.#cwnd = Math.min(this.#cwnd + growth, WINDOW_MAX)
    }
    this.#arm(true)
    return true
  }

  /** Sends what the windows allow, then FIN if it is time. */
  pump(): void {
    if (!this.#open) return
    const queued = this.queue.length
    for (;;) {
      const offset = diff(this.nxt, this.una)
      const available = queued - offset
      if (available <= 0) break
      const window = Math.min(this.peerWindow, this.#cwnd) - offset
      const size = Math.min(this.mss, available, window)
      if (size <= 0 || (size < this.mss && size < available && offset > 0)) break
      if (size < this.mss && !this.closing && diff(this.#smallEnd, this.una) > 0) break
      this.#sendData(offset, size)
    }
    if (this.closing && !this.isFinAcked && diff(this.nxt, this.una) === queued) {
      this.#finSeq = this.nxt
      this.#advance(1)
      this.#link.emit(TcpFlag.fin | TcpFlag.ack, this.#finSeq, 0, 0)
    }
    this.#arm(false)
  }

  /** Goes back to the first unacknowledged byte. */
  rewind(): void {
    this.nxt = this.una
    this.#smallEnd = this.una
    // Karn's rule: an acknowledgement of something sent twice measures nothing.
    this.#timedSeq = undefined
  }

  /** Stops the timer for good. */
  stop(): void {
    this.#open = false
    this.#stopped = true
    if (this.#timer !== undefined) this.#env.cancel(this.#timer)
    this.#timer = undefined
  }

  #sendData(offset: number, size: number): void {
    const seq = this.nxt
    if (size < this.mss) this.#smallEnd = (seq + size) >>> 0
    this.#advance(size)
    const isLast = offset + size === this.queue.length
    this.#link.emit(TcpFlag.ack | (isLast ? TcpFlag.psh : 0), seq, offset, size)
  }

  #advance(count: number): void {
    const seq = this.nxt
    this.nxt = (seq + count) >>> 0
    if (seq !== this.sentUpTo) this.#link.repeated()
    else if (this.#timedSeq === undefined) {
      this.#timedSeq = seq
      this.#timedAt = this.#env.now()
    }
    if (diff(this.nxt, this.sentUpTo) > 0) this.sentUpTo = this.nxt
  }

  /** Runs the timer while something is unacknowledged or waits for a closed window. */
  #arm(restart: boolean): void {
    const wanted = !this.#stopped && (this.inFlight > 0 || this.queue.length > 0)
    if (this.#timer !== undefined && (restart || !wanted)) {
      this.#env.cancel(this.#timer)
      this.#timer = undefined
    }
    if (wanted && this.#timer === undefined) {
      this.#timer = this.#env.after(this.#rtt.timeout, this.#expire, undefined)
    }
  }

  readonly #expire = (): void => {
    this.#timer = undefined
    this.#rtt.backOff()
    if (!this.#link.timedOut(++this.#timeouts)) return
    const wasInFlight = this.inFlight
    this.rewind()
    if (this.peerWindow === 0 && this.queue.length > 0) {
      // A closed window is probed with one byte (RFC 9293 §3.8.6.1).
      this.#sendData(0, 1)
    } else {
      this.#ssthresh = Math.max(wasInFlight >>> 1, 2 * this.mss)
      this.#cwnd = this.mss
    }
    this.pump()
  }
}

/** Signed distance of two sequence numbers. */
export function diff(a: number, b: number): number {
  return (a - b) | 0
}
