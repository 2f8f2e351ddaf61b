// Writes capture files in pcapng (IETF draft-ietf-opsawg-pcapng): one section, one interface a vantage point, names of
// hosts, packets with nanosecond time, direction and a comment.
// Blocks are made in place in one buffer of 1 MiB and handed to the sink when it is full: larger buffers fall out of the
// processor's cache and are slower. Every block and every field a word long is 4-byte aligned, so headers are written as
// words in the machine's own byte order, which the section header announces.
// Surprise: time stamps up to 2^53 ns are split without bigint; a comment's UTF-8 bytes are cached by its text.

import type { Ip } from '../net/ip.ts'

/** Where the bytes go. The array is a window into a buffer that is used again: take the bytes before returning. */
export interface ByteSink {
  write(bytes: Uint8Array): void
}

/** A vantage point: one network port of one host. */
export interface CaptureInterface {
  /** Short unique name, such as `az1-gw1/eth0`. */
  readonly name: string
  /** What is seen there, in words. */
  readonly description?: string
}

/** A name for an address. */
export interface CaptureName {
  readonly ip: Ip
  readonly name: string
}

/** Direction of a packet as seen at its vantage point, in the coding of `epb_flags`: 0 unknown, 1 in, 2 out. */
export type CaptureDirection = 0 | 1 | 2

/** Directions by name. */
export const Direction = { unknown: 0, inbound: 1, outbound: 2 } as const

const BUFFER_BYTES = 1 << 20
const OPTION_BYTES_MAX = 65_535
const COMMENTS_CACHED_MAX = 65_536

const SECTION_HEADER = 0x0a0d0d0a
const INTERFACE_DESCRIPTION = 1
const NAME_RESOLUTION = 4
const ENHANCED_PACKET = 6
const LINKTYPE_ETHERNET = 1

const OPT_END = 0
const OPT_COMMENT = 1
const SHB_USERAPPL = 4
const IF_NAME = 2
const IF_DESCRIPTION = 3
const IF_TSRESOL = 9
const EPB_FLAGS = 2
const NRB_IPV4 = 1
const NRB_IPV6 = 2

/** Writes one pcapng section. Interfaces and names may be added at any time before the packets that need them. */
export class PcapngWriter {
  /** Packets written. */
  packets = 0
  private readonly sink: ByteSink
  private readonly bytes = new Uint8Array(BUFFER_BYTES)
  private readonly words = new Uint32Array(this.bytes.buffer)
  private readonly halves = new Uint16Array(this.bytes.buffer)
  private readonly encoder = new TextEncoder()
  private readonly comments = new Map<string, Uint8Array>()
  private at = 0
  private interfaces = 0

  /** Begins a section; `application` names the writing program and its version (`shb_userappl`). */
  constructor(sink: ByteSink, application: string) {
    this.sink = sink
    const start = this.begin(SECTION_HEADER)
    this.word(0x1a2b3c4d)
    this.half(1)
    this.half(0)
    // Section length −1: not given.
    this.word(0xffff_ffff)
    this.word(0xffff_ffff)
    this.textOption(SHB_USERAPPL, this.encoder.encode(application))
    this.word(OPT_END)
    this.finish(start)
  }

  /** Declares a vantage point and returns its number for `packet`. */
  addInterface(description: CaptureInterface): number {
    const name = this.encoder.encode(description.name)
    const words = this.encoder.encode(description.description ?? '')
    this.room(64 + name.length + words.length)
    const start = this.begin(INTERFACE_DESCRIPTION)
    this.half(LINKTYPE_ETHERNET)
    this.half(0)
    this.word(0)
    this.textOption(IF_NAME, name)
    if (words.length > 0) this.textOption(IF_DESCRIPTION, words)
    this.half(IF_TSRESOL)
    this.half(1)
    this.bytes.fill(0, this.at, this.at + 4)
    // Negative power of ten.
    this.bytes[this.at] = 9
    this.at += 4
    this.word(OPT_END)
    this.finish(start)
    return this.interfaces++
  }

  /** Declares names of addresses (a Name Resolution Block, or several when they are many). */
  addNames(names: readonly CaptureName[]): void {
    for (let from = 0; from < names.length; from += 1024) this.nameBlock(names.slice(from, from + 1024))
  }

  private nameBlock(names: readonly CaptureName[]): void {
    const records = names.map(({ ip, name }) => ({ ip, text: utf8Prefix(this.encoder.encode(name), 255) }))
    this.room(32 + records.length * (4 + 16 + 256))
    const start = this.begin(NAME_RESOLUTION)
    for (const { ip, text } of records) {
      const addressLength = typeof ip === 'number' ? 4 : 16
      this.half(typeof ip === 'number' ? NRB_IPV4 : NRB_IPV6)
      this.half(addressLength + text.length + 1)
      const valueAt = this.at
      for (const lane of typeof ip === 'number' ? [ip] : [ip.w0, ip.w1, ip.w2, ip.w3]) this.networkWord(lane)
      this.bytes.set(text, this.at)
      this.at += text.length
      this.bytes[this.at++] = 0
      this.pad(valueAt)
    }
    this.word(0)
    this.finish(start)
  }

  /**
   * Writes the packet in `bytes` from `from` to `to`, seen at vantage `interfaceId` at `nanos` (0 … 2^53). At most 65,663
   * bytes. The comment is what happened to the packet; the same text is encoded once.
   */
  packet(
    interfaceId: number,
    nanos: number,
    bytes: Uint8Array,
    from: number,
    to: number,
    direction: CaptureDirection = 0,
    comment: string = '',
  ): void {
    const length = to - from
    const padded = (length + 3) & ~3
    const text = comment === '' ? undefined : this.commentBytes(comment)
    // 28 bytes before the data, 8 of flags, 4 of end, 4 of the second length; with comment its header and padding.
    const total =
      32 + padded + (direction === 0 ? 0 : 8) + (text === undefined ? 0 : 4 + ((text.length + 3) & ~3))
    const hasOptions = direction !== 0 || text !== undefined
    const blockLength = hasOptions ? total + 4 : total
    if (this.at + blockLength > BUFFER_BYTES) this.flush()
    const { words } = this
    let word = this.at >>> 2
    const high = Math.floor(nanos / 0x1_0000_0000)
    words[word] = ENHANCED_PACKET
    words[word + 1] = blockLength
    words[word + 2] = interfaceId
    words[word + 3] = high
    words[word + 4] = nanos - high * 0x1_0000_0000
    words[word + 5] = length
    words[word + 6] = length
    word += 7
    // Clears the padding; the data then covers the rest of this word.
    if (padded !== 0) words[word + (padded >>> 2) - 1] = 0
    this.bytes.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), word << 2)
    word += padded >>> 2
    if (hasOptions) {
      this.at = word << 2
      if (text !== undefined) this.textOption(OPT_COMMENT, text)
      if (direction !== 0) {
        this.half(EPB_FLAGS)
        this.half(4)
        this.word(direction)
      }
      this.word(OPT_END)
      word = this.at >>> 2
    }
    words[word] = blockLength
    this.at = (word + 1) << 2
    this.packets++
  }

  /** Hands everything written so far to the sink. Call it at the end. */
  flush(): void {
    if (this.at === 0) return
    this.sink.write(this.bytes.subarray(0, this.at))
    this.at = 0
  }

  private commentBytes(comment: string): Uint8Array {
    let text = this.comments.get(comment)
    if (text === undefined) {
      text = utf8Prefix(this.encoder.encode(comment), OPTION_BYTES_MAX)
      if (this.comments.size >= COMMENTS_CACHED_MAX) this.comments.clear()
      this.comments.set(comment, text)
    }
    return text
  }

  private room(bytes: number): void {
    if (this.at + bytes > BUFFER_BYTES) this.flush()
  }

  private begin(type: number): number {
    const start = this.at
    this.word(type)
    this.word(0)
    return start
  }

  private finish(start: number): void {
    const length = this.at + 4 - start
    this.word(length)
    this.words[(start >>> 2) + 1] = length
  }

  private word(value: number): void {
    this.words[this.at >>> 2] = value
    this.at += 4
  }

  private half(value: number): void {
    this.halves[this.at >>> 1] = value
    this.at += 2
  }

  private networkWord(value: number): void {
    this.bytes[this.at++] = value >>> 24
    this.bytes[this.at++] = value >>> 16
    this.bytes[this.at++] = value >>> 8
    this.bytes[this.at++] = value
  }

  private textOption(code: number, text: Uint8Array): void {
    const value = utf8Prefix(text, OPTION_BYTES_MAX)
    this.half(code)
    this.half(value.length)
    const valueAt = this.at
    this.bytes.set(value, valueAt)
    this.at += value.length
    this.pad(valueAt)
  }

  private pad(valueAt: number): void {
    while (((this.at - valueAt) & 3) !== 0) this.bytes[this.at++] = 0
  }
}

/** The longest beginning of at most `limit` bytes that does not cut a character in two. */
function utf8Prefix(text: Uint8Array, limit: number): Uint8Array {
  if (text.length <= limit) return text
  let end = limit
  while (end > 0 && (text[end]! & 0xc0) === 0x80) end--
  return text.subarray(0, end)
}
