/**
 * The receiving half of a TCP connection: what has come in order and the program has not read, and the window that follows from the room
 * left (RFC 9293 §3.8.6). Nothing is kept out of order.
 * Surprise: the right edge of the window moves in steps of a segment (RFC 9293 §3.8.6.2.2, silly window syndrome), so the window told may
 * be smaller than the room there is; it never moves back.
 */
import { ByteQueue } from './byte-queue.ts'
import { diff, WINDOW_MAX } from './tcp-sender.ts'

/** Bytes kept for a program that does not read. */
export const RECEIVE_MAX = WINDOW_MAX

/** The receiving half of one connection. */
export class TcpReceiver {
  /** The sequence number expected next. */
  nxt = 0
  readonly #queue = new ByteQueue()
  /** Behind the last byte that the other side was told it may send. */
  #edge = RECEIVE_MAX

  /** Takes over the other side's initial sequence number, that of its SYN. */
  start(irs: number): void {
    this.nxt = (irs + 1) >>> 0
    this.#edge = (this.nxt + RECEIVE_MAX) >>> 0
  }

  /** Bytes that can be read. */
  get length(): number {
    return this.#queue.length
  }

  /** Takes of `data`, which begins at `seq`, what is new and fits; true when nothing up to its end is missing. */
  take(seq: number, data: Uint8Array): boolean {
    const skip = diff(this.nxt, seq)
    if (skip < 0 || skip > data.length) return false
    const count = Math.min(data.length - skip, this.#room)
    this.#queue.append(data.subarray(skip, skip + count))
    this.nxt = (this.nxt + count) >>> 0
    return skip + count === data.length
  }

  /** Removes and returns up to `count` bytes. */
  read(count: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(count, this.#queue.length))
    this.#queue.copyTo(bytes, 0, 0, bytes.length)
    this.#queue.drop(bytes.length)
    return bytes
  }

  /** The window to tell now, given the segment size; from then on the other side may use it. */
  tellWindow(mss: number): number {
    if (this.#queue.length === 0 || this.#growth >= step(mss)) this.#edge = (this.nxt + this.#room) >>> 0
    return this.#told
  }

  /** True when the window has grown so much since it was told that the other side should hear it at once: doubled, as in Linux. */
  isUpdateDue(mss: number): boolean {
    return this.#growth >= step(mss) && this.#room >= 2 * this.#told
  }

  get #room(): number {
    return RECEIVE_MAX - this.#queue.length
  }

  /** What is left of the window told; the byte of a probe and FIN may lie beyond it. */
  get #told(): number {
    return Math.max(0, diff(this.#edge, this.nxt))
  }

  get #growth(): number {
    return this.#room - this.#told
  }
}

function step(mss: number): number {
  return Math.min(mss, RECEIVE_MAX >>> 1)
}
