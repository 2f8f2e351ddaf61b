/**
 * A queue of bytes in one growing buffer: what a TCP connection has been given to send and has not had acknowledged.
 * Reading does not remove; acknowledged bytes are dropped from the front.
 */

/** Bytes in order, appended behind and dropped in front. */
export class ByteQueue {
  #buffer = new Uint8Array(4096)
  #head = 0
  #length = 0

  /** Bytes in the queue. */
  get length(): number {
    return this.#length
  }

  /** Appends `bytes`. */
  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#head + this.#length)
    this.#length += bytes.length
  }

  /** Forgets the first `count` bytes, or all when there are fewer. */
  drop(count: number): void {
    const dropped = Math.min(count, this.#length)
    this.#head += dropped
    this.#length -= dropped
    if (this.#length === 0) this.#head = 0
  }

  /** Copies `count` bytes from `offset` on to `at` in `target`; throws a RangeError when the queue holds fewer. */
  copyTo(target: Uint8Array, at: number, offset: number, count: number): void {
    if (offset < 0 || offset + count > this.#length)
      throw new RangeError(`${offset}+${count} of ${this.#length} bytes`)
    const from = this.#head + offset
    target.set(this.#buffer.subarray(from, from + count), at)
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (this.#head + needed <= this.#buffer.length) return
    const live = this.#buffer.subarray(this.#head, this.#head + this.#length)
    // Half empty is moved to the front, anything fuller goes into a buffer twice the size.
    const roomy = needed * 2 <= this.#buffer.length
    const next = roomy ? this.#buffer : new Uint8Array(Math.max(needed * 2, this.#buffer.length))
    next.set(live, 0)
    this.#buffer = next
    this.#head = 0
  }
}
