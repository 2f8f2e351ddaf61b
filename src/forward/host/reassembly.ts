/**
 * Puts fragments together again (RFC 791 §3.2, RFC 8200 §4.5) as Linux does: 30 s for IPv4, 60 s for IPv6, overlapping fragments
 * spoil the whole packet, and a timeout is reported to the sender only when the first fragment had come (RFC 792, RFC 4443 §3.3).
 * A later fragment that arrives alone therefore vanishes without a sound (MT-4: what a too small link leaves of a large ping).
 */
import { SECOND } from '../../model/time.ts'
import { formatIp } from '../../net/ip.ts'
import { checksumOf } from '../../wire/checksum.ts'
import type { Frame } from '../../wire/frame.ts'
import { ip4Dst, ip4HeaderLength, ip4Src } from '../../wire/ipv4.ts'
import { IPV6_FRAGMENT_LENGTH, IPV6_LENGTH, ip6Dst, ip6Src } from '../../wire/ipv6.ts'
import type { HostCounters, HostEnv } from './host-env.ts'
import { IP_LENGTH_MAX } from './ip-layer.ts'

/** How long a packet may stay incomplete (`net.ipv4.ipfrag_time`, `net.ipv6.ip6frag_time`). */
export const REASSEMBLY_TIMEOUT = { ip4: 30 * SECOND, ip6: 60 * SECOND } as const

/** Bytes of fragments kept at most (`net.ipv4.ipfrag_high_thresh`); what comes beyond is dropped. */
export const REASSEMBLY_BYTES_MAX = 4 * 1024 * 1024

interface Piece {
  readonly frame: Frame
  /** Offset of the data in the frame, and where it belongs in the packet. */
  readonly at: number
  readonly from: number
  readonly to: number
}

interface Partial {
  readonly key: string
  readonly version: 4 | 6
  /** In the order of their place. */
  readonly pieces: Piece[]
  /** Length of the whole payload; undefined until the last fragment has come. */
  length: number | undefined
  timer: number
}

/** The packets of one host that are not complete yet. */
export class Reassembly {
  readonly #env: HostEnv
  readonly #counters: HostCounters
  readonly #timedOut: (first: Frame, version: 4 | 6) => void
  readonly #partials = new Map<string, Partial>()
  #bytes = 0

  /** `timedOut` is given the first fragment of a packet that stayed incomplete, for the ICMP error; it takes the frame over. */
  constructor(env: HostEnv, counters: HostCounters, timedOut: (first: Frame, version: 4 | 6) => void) {
    this.#env = env
    this.#counters = counters
    this.#timedOut = timedOut
  }

  /** Takes an IPv4 fragment that starts with its IP header and returns the whole packet once it is complete. */
  add4(frame: Frame): Frame | undefined {
    const { view, start } = frame
    const headerLength = ip4HeaderLength(view, start)
    const field = view.getUint16(start + 6)
    const key = `4 ${view.getUint32(start + 12)} ${view.getUint32(start + 16)} ${view.getUint16(start + 4)} ${view.getUint8(start + 9)}`
    return this.#add(key, 4, frame, start + headerLength, (field & 0x1fff) << 3, (field & 0x2000) !== 0)
  }

  /** The same for IPv6; `fragmentAt` is the offset of the fragment header, which follows the IPv6 header at once. */
  add6(frame: Frame, fragmentAt: number): Frame | undefined {
    const { view, start } = frame
    const field = view.getUint16(fragmentAt + 2)
    let key = `6 ${view.getUint32(fragmentAt + 4)}`
    for (let at = start + 8; at < start + IPV6_LENGTH; at += 4) key += ` ${view.getUint32(at)}`
    return this.#add(key, 6, frame, fragmentAt + IPV6_FRAGMENT_LENGTH, field & 0xfff8, (field & 1) !== 0)
  }

  #add(
    key: string,
    version: 4 | 6,
    frame: Frame,
    at: number,
    from: number,
    more: boolean,
  ): Frame | undefined {
    this.#counters.fragmentsReceived++
    const length = frame.end - at
    const to = from + length
    const known = this.#partials.get(key)
    // All fragments but the last carry a multiple of eight bytes; nothing may reach beyond an IP packet. An IPv6 length does not
    // count the header, but a frame holds no more than 65,535 bytes in all.
    const headerLength = version === 4 ? at - frame.start : IPV6_LENGTH
    const bad = length <= 0 || (more && (length & 7) !== 0) || headerLength + to > IP_LENGTH_MAX
    if (bad) return this.#fail(frame, version, 'does not end where a fragment may end')
    if (known === undefined && this.#bytes + length > REASSEMBLY_BYTES_MAX) {
      return this.#fail(frame, version, `finds no room: fragments may take ${REASSEMBLY_BYTES_MAX} bytes`)
    }
    const partial = known ?? this.#open(key, version)
    const { pieces } = partial
    let place = pieces.length
    while (place > 0 && pieces[place - 1]!.from >= to) place--
    const before = pieces[place - 1]
    if (before !== undefined && before.from === from && before.to === to) {
      this.#env.release(frame)
      return undefined
    }
    const pastEnd = partial.length !== undefined && (more ? to > partial.length : to !== partial.length)
    const lastPiece = pieces[pieces.length - 1]
    const tooShort = !more && lastPiece !== undefined && lastPiece.to > to
    if ((before !== undefined && before.to > from) || pastEnd || tooShort) {
      this.#close(partial)
      return this.#fail(frame, version, 'contradicts another one of its packet, which is given up')
    }
    pieces.splice(place, 0, { frame, at, from, to })
    this.#bytes += length
    if (!more) partial.length = to
    return this.#isComplete(partial) ? this.#join(partial) : undefined
  }

  #isComplete(partial: Partial): boolean {
    if (partial.length === undefined) return false
    let reached = 0
    for (const piece of partial.pieces) {
      if (piece.from !== reached) return false
      reached = piece.to
    }
    return reached === partial.length
  }

  #join(partial: Partial): Frame | undefined {
    const first = partial.pieces[0]!
    const payloadLength = partial.length!
    const { view, start } = first.frame
    const headerLength = partial.version === 4 ? ip4HeaderLength(view, start) : IPV6_LENGTH
    // Options of the first fragment may make the packet longer than the later ones could know.
    if (headerLength + payloadLength > IP_LENGTH_MAX) {
      partial.pieces.shift()
      this.#bytes -= first.to - first.from
      this.#close(partial)
      return this.#fail(first.frame, partial.version, 'makes its packet longer than IP allows')
    }
    const whole = this.#env.frame(headerLength + payloadLength)
    const at = whole.start
    whole.bytes.set(first.frame.bytes.subarray(start, start + headerLength), at)
    if (partial.version === 4) {
      whole.view.setUint16(at + 2, headerLength + payloadLength)
      whole.view.setUint16(at + 6, 0)
      whole.view.setUint16(at + 10, 0)
      whole.view.setUint16(at + 10, checksumOf(whole.view, at, at + headerLength))
    } else {
      whole.view.setUint16(at + 4, payloadLength)
      whole.view.setUint8(at + 6, view.getUint8(start + IPV6_LENGTH))
    }
    for (const piece of partial.pieces) {
      const data = piece.frame.bytes.subarray(piece.at, piece.at + piece.to - piece.from)
      whole.bytes.set(data, at + headerLength + piece.from)
    }
    this.#counters.reassembled++
    this.#close(partial)
    return whole
  }

  #open(key: string, version: 4 | 6): Partial {
    const partial: Partial = { key, version, pieces: [], length: undefined, timer: 0 }
    const timeout = version === 4 ? REASSEMBLY_TIMEOUT.ip4 : REASSEMBLY_TIMEOUT.ip6
    partial.timer = this.#env.after(timeout, this.#expire, partial)
    this.#partials.set(key, partial)
    return partial
  }

  readonly #expire = (partial: Partial): void => {
    this.#counters.reassemblyFailures++
    // There is no partial without a piece.
    const first = partial.pieces[0]!
    const { version } = partial
    const seconds = (version === 4 ? REASSEMBLY_TIMEOUT.ip4 : REASSEMBLY_TIMEOUT.ip6) / SECOND
    this.#env.dropped?.(`fragments of ${describe(first.frame, version)} stayed incomplete for ${seconds} s`)
    if (first.from === 0) {
      partial.pieces.shift()
      this.#bytes -= first.to - first.from
      this.#timedOut(first.frame, partial.version)
    }
    this.#close(partial)
  }

  /** Drops everything and stops waiting. */
  close(): void {
    for (const partial of this.#partials.values()) this.#close(partial)
  }

  #fail(frame: Frame, version: 4 | 6, what: string): undefined {
    this.#counters.reassemblyFailures++
    this.#env.dropped?.(`a fragment of ${describe(frame, version)} ${what}`)
    this.#env.release(frame)
    return undefined
  }

  #close(partial: Partial): void {
    this.#env.cancel(partial.timer)
    this.#partials.delete(partial.key)
    for (const piece of partial.pieces) {
      this.#bytes -= piece.to - piece.from
      this.#env.release(piece.frame)
    }
  }
}

/** `a packet from 10.0.0.1 to 10.0.0.2` */
function describe({ view, start }: Frame, version: 4 | 6): string {
  const [src, dst] =
    version === 4 ? [ip4Src(view, start), ip4Dst(view, start)] : [ip6Src(view, start), ip6Dst(view, start)]
  return `a packet from ${formatIp(src)} to ${formatIp(dst)}`
}
