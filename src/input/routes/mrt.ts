// MRT, the format in which RouteViews and RIPE RIS publish the routes of the Internet (RFC 6396; RFC 8050 for several paths a peer):
//
//     0        4      6        8        12
//     | time   | type | subtype | length | message, `length` bytes
//
// A dump of a RIB has a table of its peers and then a record a prefix, or (TABLE_DUMP, before 2008) a record a prefix and peer.
// Read in pieces as they come from the disk or out of gzip: a RIB of all peers of RIS has gigabytes.

import type { Diagnostics } from '../../diag/diagnostic.ts'
import type { RouteCollector } from './collector.ts'
import { type RibPeers, readPeers, readRib, readTableDump, V2 } from './mrt-rib.ts'

const HEADER = 12
/** Longest message we believe; that of a prefix with all peers of RIS has less than a megabyte. */
const MESSAGE_MAX = 2 ** 24

const TABLE_DUMP = 12
const TABLE_DUMP_V2 = 13
/** What the other types are called (RFC 6396 §4): updates and states of protocols, no tables. */
const OTHERS: Readonly<Record<number, string>> = {
  11: 'OSPFv2 message',
  16: 'BGP message',
  17: 'BGP message',
  32: 'IS-IS message',
  33: 'IS-IS message',
  48: 'OSPFv3 message',
  49: 'OSPFv3 message',
}

/** Reads one file; problems carry the byte at which a record begins. */
export class MrtReader {
  readonly #file: string
  readonly #routes: RouteCollector
  readonly #diagnostics: Diagnostics
  #left: Uint8Array = new Uint8Array()
  /** Offset in the file of `#left`. */
  #offset = 0
  #peers: RibPeers | undefined
  #lost = false

  constructor(file: string, routes: RouteCollector, diagnostics: Diagnostics) {
    this.#file = file
    this.#routes = routes
    this.#diagnostics = diagnostics
  }

  /** Whether the records cannot be followed any further. */
  get lost(): boolean {
    return this.#lost
  }

  /** The next bytes of the file; they must not change afterwards. */
  push(bytes: Uint8Array): void {
    if (this.#lost) return
    const all = this.#left.length === 0 ? bytes : joined(this.#left, bytes)
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength)
    let at = 0
    while (!this.#lost && at + HEADER <= all.length) {
      const type = view.getUint16(at + 4)
      const subtype = view.getUint16(at + 6)
      const length = view.getUint32(at + 8)
      if (!isMrtType(type)) {
        this.#lose(at, `has type ${type}, which MRT does not have`)
        break
      }
      if (length > MESSAGE_MAX) {
        this.#lose(at, `claims ${length.toLocaleString('en')} bytes`)
        break
      }
      if (at + HEADER + length > all.length) break
      const problem = this.#message(type, subtype, all.subarray(at + HEADER, at + HEADER + length))
      if (problem !== undefined)
        this.#diagnostics.error('RF012', this.#sentence(at, problem), {
          expected: 'lengths, counts and peers that agree with each other, as in RFC 6396 and RFC 8050',
          hint: '`bgpdump -m FILE` is a second opinion',
        })
      at += HEADER + length
    }
    this.#left = all.subarray(at)
    this.#offset += at
  }

  /** After the last bytes. */
  end(): void {
    if (this.#lost || this.#left.length === 0) return
    const view = new DataView(this.#left.buffer, this.#left.byteOffset, this.#left.byteLength)
    const has = this.#left.length
    const wanted = has < HEADER ? HEADER : HEADER + view.getUint32(8)
    this.#diagnostics.error('RF011', this.#sentence(0, `is cut off: ${has} of ${wanted} bytes are there`), {
      expected: `${(wanted - has).toLocaleString('en')} bytes more`,
      hint: 'was a download interrupted?',
    })
  }

  /** A message of a record; what is wrong with it, if anything is. */
  #message(type: number, subtype: number, bytes: Uint8Array): string | undefined {
    const other = OTHERS[type]
    if (other !== undefined) {
      this.#routes.leaveOut(other)
      return undefined
    }
    if (type === TABLE_DUMP) return readTableDump(subtype, bytes, this.#routes)
    if (subtype !== V2.peers) return readRib(subtype, bytes, this.#peers, this.#routes)
    const peers = readPeers(bytes)
    if (typeof peers === 'string') return peers
    this.#peers = peers
    return undefined
  }

  #lose(at: number, problem: string): void {
    this.#lost = true
    this.#diagnostics.error('RF011', this.#sentence(at, problem), {
      expected: 'a record of RFC 6396',
      hint: 'what follows cannot be found: the length of this record or of the one before it is wrong',
    })
  }

  #sentence(at: number, problem: string): string {
    return `${this.#file}: the record at byte ${this.#offset + at} ${problem}`
  }
}

function isMrtType(type: number): boolean {
  return type === TABLE_DUMP || type === TABLE_DUMP_V2 || OTHERS[type] !== undefined
}

/** True for bytes that begin like a record. */
export function looksLikeMrt(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return isMrtType(view.getUint16(4)) && view.getUint16(6) < 64 && view.getUint32(8) <= MESSAGE_MAX
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
