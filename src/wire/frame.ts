// One packet in one fixed buffer, and a pool of such buffers.
// A frame starts behind a headroom, so that a tunnel header is written in front of a packet without moving it, as
// sk_buff (Linux) and dp_packet (OVS) do. The outer headers of Geneve take 58 bytes over IPv4 and 78 over IPv6.
// Surprise: `start` stays even. Every header here has an even length, and the checksum code relies on 16-bit words
// that begin at even distances from each other.

/** Bytes kept free in front of a new frame. */
export const FRAME_HEADROOM = 128

/** Size of a frame's buffer in bytes when nothing else is asked for, headroom included. */
export const FRAME_CAPACITY = 2048

/** The longest packet a frame may hold: the largest value of a 16-bit IP length field. */
export const FRAME_LENGTH_MAX = 65_535

/**
 * One packet: the bytes from `start` to `end` of a fixed buffer. All wire functions take `view` and an absolute offset
 * into it, so `parseEthernet(frame.view, frame.start, frame.end)` reads the outermost header.
 */
export class Frame {
  /** The whole buffer, headroom included. */
  readonly bytes: Uint8Array
  /** The same buffer for multi-byte access. */
  readonly view: DataView
  /** Offset of the first byte of the packet; always even. */
  start: number
  /** Offset behind the last byte of the packet. */
  end: number

  /** Makes an empty frame; `capacity` counts the headroom. Throws a RangeError when it exceeds the largest packet. */
  constructor(capacity: number = FRAME_CAPACITY) {
    if (!(capacity >= FRAME_HEADROOM && capacity <= FRAME_LENGTH_MAX + FRAME_HEADROOM)) {
      throw new RangeError(`a frame of ${capacity} bytes is outside ${FRAME_HEADROOM} … 65663`)
    }
    this.bytes = new Uint8Array(capacity)
    this.view = new DataView(this.bytes.buffer)
    this.start = FRAME_HEADROOM
    this.end = FRAME_HEADROOM
  }

  /** Length of the packet in bytes. */
  get length(): number {
    return this.end - this.start
  }

  /** Size of the buffer in bytes, headroom included. */
  get capacity(): number {
    return this.bytes.length
  }

  /** Empties the frame and gives it back its whole headroom; `length` bytes of old content become the packet. */
  reset(length: number = 0): void {
    this.start = FRAME_HEADROOM
    this.end = FRAME_HEADROOM
    this.append(length)
  }

  /** Makes room for `count` bytes in front and returns their offset. `count` is even; throws when headroom is short. */
  push(count: number): number {
    if ((count & 1) !== 0 || count < 0 || count > this.start) {
      throw new RangeError(`cannot push ${count} bytes into a headroom of ${this.start}`)
    }
    this.start -= count
    return this.start
  }

  /** Cuts `count` bytes off the front and returns the new start. `count` is even; throws beyond the packet's end. */
  pull(count: number): number {
    if ((count & 1) !== 0 || count < 0 || count > this.end - this.start) {
      throw new RangeError(`cannot pull ${count} bytes from a packet of ${this.length}`)
    }
    this.start += count
    return this.start
  }

  /** Makes room for `count` bytes behind the packet and returns their offset; throws when the buffer is full. */
  append(count: number): number {
    const at = this.end
    if (count < 0 || at + count > this.bytes.length) {
      throw new RangeError(
        `cannot append ${count} bytes to ${this.length} in a frame of ${this.bytes.length}`,
      )
    }
    this.end = at + count
    return at
  }

  /** Makes `bytes` from `from` to `to` the packet, behind a full headroom; throws when they do not fit. */
  copyFrom(bytes: Uint8Array, from: number = 0, to: number = bytes.length): void {
    this.reset(to - from)
    this.bytes.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.start)
  }

  /** The packet's bytes as a window into the buffer: valid until the frame changes or goes back to its pool. */
  payload(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  /** An independent frame with the same bytes at the same offsets. */
  clone(): Frame {
    const copy = new Frame(this.bytes.length)
    copy.copyPacket(this)
    return copy
  }

  /** Takes over the packet of `other` at the same offsets; throws when this buffer is too small for it. */
  copyPacket(other: Frame): void {
    if (other.end > this.bytes.length) {
      throw new RangeError(`a packet that ends at ${other.end} does not fit a frame of ${this.bytes.length}`)
    }
    this.bytes.set(other.bytes.subarray(other.start, other.end), other.start)
    this.start = other.start
    this.end = other.end
  }
}

/** A new frame that holds `bytes`, in a buffer of the default size, or larger when they need it. */
export function frameOf(bytes: Uint8Array): Frame {
  const frame = new Frame(Math.max(FRAME_CAPACITY, bytes.length + FRAME_HEADROOM))
  frame.copyFrom(bytes)
  return frame
}

/** A free list of frames. It keeps at most `limit` frames of the default size; larger ones are left to the collector. */
export class FramePool {
  /** The most frames kept for reuse. */
  readonly limit: number
  /** Frames handed out and not given back. */
  outstanding = 0
  private readonly free: Frame[] = []

  constructor(limit: number = 4096) {
    this.limit = limit
  }

  /** An empty frame with room for `length` bytes behind a full headroom. Its old content is not cleared. */
  take(length: number = 0): Frame {
    this.outstanding++
    if (length > FRAME_CAPACITY - FRAME_HEADROOM) return new Frame(length + FRAME_HEADROOM)
    const frame = this.free.pop()
    if (frame === undefined) return new Frame()
    frame.reset()
    return frame
  }

  /** A frame of this pool with the same packet at the same offsets as `frame`. */
  copy(frame: Frame): Frame {
    const copy = this.take(Math.max(0, frame.end - FRAME_HEADROOM))
    copy.copyPacket(frame)
    return copy
  }

  /** Gives a frame back. The caller must not touch it afterwards, and must not give it back twice. */
  give(frame: Frame): void {
    this.outstanding--
    if (frame.bytes.length === FRAME_CAPACITY && this.free.length < this.limit) this.free.push(frame)
  }
}
