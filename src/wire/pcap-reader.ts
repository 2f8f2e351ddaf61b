// Reads captures: classic pcap (IETF draft-ietf-opsawg-pcap; micro- and nanoseconds, either byte order) and pcapng (either
// byte order, several sections, enhanced, simple and obsolete packet blocks, interface options, names, comments).
// Surprises: a capture of real packets has nanoseconds since 1970, which exceed 2^53, so a time is a pair of seconds and
// nanoseconds. A file that is cut off or broken gives what was read before, and `problem` says where it ended.

import type { Ip } from '../net/ip.ts'
import { readIp6 } from './bytes.ts'
import type { CaptureDirection, CaptureName } from './pcapng.ts'

/** One packet of a capture. */
export interface CapturedPacket {
  /** Index into `Capture.interfaces`. */
  readonly interfaceId: number
  readonly seconds: number
  /** 0 … 999,999,999. */
  readonly nanos: number
  /** Captured bytes: a window into the file's. */
  readonly bytes: Uint8Array
  /** Length on the wire; larger than `bytes.length` when the capture cut the packet. */
  readonly originalLength: number
  readonly direction: CaptureDirection
  /** Empty when there is none; several are joined by line feeds. */
  readonly comment: string
}

/** A vantage point of a capture. Classic pcap has one without a name. */
export interface CapturedInterface {
  readonly name: string
  readonly description: string
  /** IANA-like LINKTYPE number, 1 for Ethernet. */
  readonly linkType: number
}

/** What a capture file holds. */
export interface Capture {
  readonly format: 'pcap' | 'pcapng'
  /** `shb_userappl` of the first section; empty when not given. */
  readonly application: string
  readonly interfaces: readonly CapturedInterface[]
  readonly names: readonly CaptureName[]
  readonly packets: readonly CapturedPacket[]
  /** Why reading stopped before the end of the file; undefined when it did not. */
  readonly problem: string | undefined
}

/** Time stamp units of an interface. */
interface Clock {
  /** Time stamp units in a second. */
  readonly perSecond: bigint
  readonly offsetSeconds: number
}

/** Reads a capture of either format; undefined when the bytes begin like neither. */
export function readCapture(bytes: Uint8Array): Capture | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12) return undefined
  switch (view.getUint32(0)) {
    case 0x0a0d0d0a:
      return readPcapng(bytes, view)
    case 0xa1b2c3d4:
      return readPcap(bytes, view, false, 1000)
    case 0xa1b23c4d:
      return readPcap(bytes, view, false, 1)
    case 0xd4c3b2a1:
      return readPcap(bytes, view, true, 1000)
    case 0x4d3cb2a1:
      return readPcap(bytes, view, true, 1)
    default:
      return undefined
  }
}

/** Nanoseconds of a packet's time as one number: exact below 2^53, which is 104 days. */
export function captureNanos(packet: Pick<CapturedPacket, 'seconds' | 'nanos'>): number {
  return packet.seconds * 1e9 + packet.nanos
}

function readPcap(bytes: Uint8Array, view: DataView, little: boolean, nanosPerUnit: number): Capture {
  const packets: CapturedPacket[] = []
  const linkType = bytes.length >= 24 ? view.getUint32(20, little) & 0xffff : 0
  let problem: string | undefined = bytes.length < 24 ? 'the file header is cut off' : undefined
  for (let at = 24; at < bytes.length; ) {
    const length = at + 16 <= bytes.length ? view.getUint32(at + 8, little) : bytes.length
    if (at + 16 + length > bytes.length) {
      problem = `the packet at byte ${at} is cut off`
      break
    }
    packets.push({
      interfaceId: 0,
      seconds: view.getUint32(at, little),
      nanos: view.getUint32(at + 4, little) * nanosPerUnit,
      bytes: bytes.subarray(at + 16, at + 16 + length),
      originalLength: view.getUint32(at + 12, little),
      direction: 0,
      comment: '',
    })
    at += 16 + length
  }
  const interfaces = [{ name: '', description: '', linkType }]
  return { format: 'pcap', application: '', interfaces, names: [], packets, problem }
}

/** State of reading a pcapng file. Interface numbers start again in each section. */
interface Reading {
  readonly bytes: Uint8Array
  readonly view: DataView
  little: boolean
  application: string
  sectionStart: number
  readonly interfaces: CapturedInterface[]
  readonly clocks: Clock[]
  readonly names: CaptureName[]
  readonly packets: CapturedPacket[]
}

function readPcapng(bytes: Uint8Array, view: DataView): Capture {
  const reading: Reading = {
    bytes,
    view,
    little: true,
    application: '',
    sectionStart: 0,
    interfaces: [],
    clocks: [],
    names: [],
    packets: [],
  }
  const problem = readBlocks(reading)
  const { application, interfaces, names, packets } = reading
  return { format: 'pcapng', application, interfaces, names, packets, problem }
}

function readBlocks(r: Reading): string | undefined {
  const { view, bytes } = r
  for (let at = 0; at < bytes.length; ) {
    if (at + 12 > bytes.length) return `the block at byte ${at} is cut off`
    const isSection = view.getUint32(at) === 0x0a0d0d0a
    if (isSection) {
      const magic = view.getUint32(at + 8)
      if (magic !== 0x1a2b3c4d && magic !== 0x4d3c2b1a)
        return `the section at byte ${at} has no byte-order magic`
      r.little = magic === 0x4d3c2b1a
      r.sectionStart = r.interfaces.length
    }
    const type = view.getUint32(at, r.little)
    const length = view.getUint32(at + 4, r.little)
    if (length < 12 || (length & 3) !== 0)
      return `the block at byte ${at} has the impossible length ${length}`
    if (at + length > bytes.length) return `the block at byte ${at} is cut off`
    const problem = readBlock(r, isSection ? -1 : type, at + 8, at + length - 4)
    if (problem !== undefined) return `the block at byte ${at} ${problem}`
    at += length
  }
  return undefined
}

const TOO_SHORT = 'is too short for its type'

function readBlock(r: Reading, type: number, at: number, end: number): string | undefined {
  switch (type) {
    case -1:
      if (end - at < 16) return TOO_SHORT
      if (r.application === '') r.application = textOf(r, optionsOf(r, at + 16, end), 4)
      return undefined
    case 1:
      return readInterface(r, at, end)
    case 2:
    case 6:
      return readPacket(r, type, at, end)
    case 3:
      return readSimplePacket(r, at, end)
    case 4:
      readNames(r, at, end)
      return undefined
    default:
      return undefined
  }
}

/** Options by code: offsets of their values. */
interface Option {
  readonly code: number
  readonly at: number
  readonly length: number
}

function optionsOf(r: Reading, from: number, end: number): Option[] {
  const options: Option[] = []
  for (let at = from; at + 4 <= end; ) {
    const code = r.view.getUint16(at, r.little)
    const length = r.view.getUint16(at + 2, r.little)
    if (code === 0 || at + 4 + length > end) break
    options.push({ code, at: at + 4, length })
    at += 4 + ((length + 3) & ~3)
  }
  return options
}

const decoder = new TextDecoder()

function textOf(r: Reading, options: readonly Option[], code: number): string {
  const texts = options.filter((option) => option.code === code)
  return texts.map(({ at, length }) => decoder.decode(r.bytes.subarray(at, at + length))).join('\n')
}

function readInterface(r: Reading, at: number, end: number): string | undefined {
  if (end - at < 8) return TOO_SHORT
  const options = optionsOf(r, at + 8, end)
  const resolution = options.find((option) => option.code === 9 && option.length === 1)
  const offset = options.find((option) => option.code === 14 && option.length === 8)
  const power = resolution === undefined ? 6 : r.view.getUint8(resolution.at)
  const base = power >= 0x80 ? 2n : 10n
  r.interfaces.push({
    name: textOf(r, options, 2),
    description: textOf(r, options, 3),
    linkType: r.view.getUint16(at, r.little),
  })
  r.clocks.push({
    perSecond: base ** BigInt(power & 0x7f),
    offsetSeconds: offset === undefined ? 0 : Number(r.view.getBigInt64(offset.at, r.little)),
  })
  return undefined
}

function readPacket(r: Reading, type: 2 | 6, at: number, end: number): string | undefined {
  if (end - at < 20) return TOO_SHORT
  const { view, little } = r
  const id = type === 6 ? view.getUint32(at, little) : view.getUint16(at, little)
  const interfaceId = r.sectionStart + id
  const clock = r.clocks[interfaceId]
  if (clock === undefined) return `names interface ${id}, which is not described`
  const length = view.getUint32(at + 12, little)
  if (at + 20 + length > end) return 'holds a packet longer than itself'
  const stamp = (BigInt(view.getUint32(at + 4, little)) << 32n) | BigInt(view.getUint32(at + 8, little))
  const options = optionsOf(r, at + 20 + ((length + 3) & ~3), end)
  const flags = options.find((option) => option.code === 2 && option.length === 4)
  const direction = flags === undefined ? 0 : view.getUint32(flags.at, little) & 3
  r.packets.push({
    interfaceId,
    seconds: Number(stamp / clock.perSecond) + clock.offsetSeconds,
    nanos: Number(((stamp % clock.perSecond) * 1_000_000_000n) / clock.perSecond),
    bytes: r.bytes.subarray(at + 20, at + 20 + length),
    originalLength: view.getUint32(at + 16, little),
    direction: direction === 1 || direction === 2 ? direction : 0,
    comment: textOf(r, options, 1),
  })
  return undefined
}

function readSimplePacket(r: Reading, at: number, end: number): string | undefined {
  if (end - at < 4) return TOO_SHORT
  if (r.clocks[r.sectionStart] === undefined) return 'needs interface 0, which is not described'
  const originalLength = r.view.getUint32(at, r.little)
  const bytes = r.bytes.subarray(at + 4, Math.min(at + 4 + originalLength, end))
  const { sectionStart: interfaceId } = r
  r.packets.push({ interfaceId, seconds: 0, nanos: 0, bytes, originalLength, direction: 0, comment: '' })
  return undefined
}

function readNames(r: Reading, from: number, end: number): void {
  for (const { code, at, length } of optionsOf(r, from, end)) {
    const addressLength = code === 1 ? 4 : 16
    if ((code !== 1 && code !== 2) || length <= addressLength) continue
    const ip: Ip = code === 1 ? r.view.getUint32(at) : readIp6(r.view, at)
    const text = decoder.decode(r.bytes.subarray(at + addressLength, at + length))
    for (const name of text.split('\0')) if (name !== '') r.names.push({ ip, name })
  }
}
