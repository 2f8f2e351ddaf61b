import { endianness } from 'node:os'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captureNanos, readCapture } from '../../src/wire/pcap-reader.ts'
import { type CaptureDirection, Direction, PcapngWriter } from '../../src/wire/pcapng.ts'
import { bytesOf, hexOf, viewOf } from './support.ts'

/** A sink that keeps what it is given; the writer reuses its buffer, so the bytes are copied. */
function memorySink() {
  const chunks: Uint8Array[] = []
  return {
    write: (bytes: Uint8Array) => void chunks.push(bytes.slice()),
    bytes: () => Uint8Array.from(Buffer.concat(chunks)),
    chunks,
  }
}

function capture(write: (writer: PcapngWriter) => void): Uint8Array {
  const sink = memorySink()
  const writer = new PcapngWriter(sink, 'isthmus 0.1.0')
  write(writer)
  writer.flush()
  return sink.bytes()
}

const data = Uint8Array.from({ length: 98 }, (_, i) => i + 1)

describe('pcapng writer', () => {
  it.skipIf(endianness() === 'BE')('writes the bytes of the draft, field by field', () => {
    const bytes = capture((writer) => {
      const id = writer.addInterface({ name: 'eth0', description: 'on gw1' })
      writer.addNames([{ ip: 0xc0a8_2a0b, name: 'gw1' }])
      writer.packet(
        id,
        0x1_0000_0002,
        Uint8Array.of(0xde, 0xad, 0xbe, 0xef, 0x77),
        0,
        5,
        Direction.inbound,
        'hey',
      )
    })
    const section = '0a0d0d0a 34000000 4d3c2b1a 0100 0000 ffffffffffffffff'
    const application = `0400 0d00 ${Buffer.from('isthmus 0.1.0').toString('hex')}000000 00000000 34000000`
    const eth = '01000000 34000000 0100 0000 00000000 0200 0400 65746830 0300 0600 6f6e20677731 0000'
    const names = '04000000 1c000000 0100 0800 c0a82a0b 67773100 00000000 1c000000'
    const packet = '06000000 3c000000 00000000 01000000 02000000 05000000 05000000 deadbeef 77000000'
    const options = '0100 0300 68657900 0200 0400 01000000 00000000 3c000000'
    const resolution = '0900 0100 09000000 00000000 34000000'
    const all = [section, application, eth, resolution, names, packet, options].join('')
    expect(hexOf(bytes)).toBe(all.replaceAll(' ', ''))
  })

  it('is read back as it was written', () => {
    const packets = fc.array(
      fc.record({
        nanos: fc.oneof(fc.nat({ max: 2 ** 31 - 1 }), fc.maxSafeNat()),
        bytes: fc.uint8Array({ maxLength: 200 }),
        skip: fc.nat({ max: 5 }),
        interfaceId: fc.nat({ max: 1 }),
        direction: fc.constantFrom<CaptureDirection>(0, 1, 2),
        comment: fc.oneof(fc.constant(''), fc.string({ unit: 'binary', maxLength: 30 })),
      }),
    )
    fc.assert(
      fc.property(packets, (list) => {
        const file = capture((writer) => {
          writer.addInterface({ name: 'az1-gw1/eth0', description: 'underlay port' })
          writer.addInterface({ name: 'az1/web' })
          for (const { nanos, bytes, skip, interfaceId, direction, comment } of list) {
            writer.packet(
              interfaceId,
              nanos,
              bytes,
              Math.min(skip, bytes.length),
              bytes.length,
              direction,
              comment,
            )
          }
          expect(writer.packets).toBe(list.length)
        })
        const read = readCapture(file)!
        expect(read.problem).toBeUndefined()
        expect(read.application).toBe('isthmus 0.1.0')
        expect(read.interfaces).toEqual([
          { name: 'az1-gw1/eth0', description: 'underlay port', linkType: 1 },
          { name: 'az1/web', description: '', linkType: 1 },
        ])
        const seen = read.packets.map((packet) => ({
          nanos: captureNanos(packet),
          hex: hexOf(packet.bytes),
          interfaceId: packet.interfaceId,
          direction: packet.direction,
          comment: packet.comment,
        }))
        const sent = list.map(({ nanos, bytes, skip, interfaceId, direction, comment }) => ({
          nanos,
          hex: hexOf(bytes.subarray(skip)),
          interfaceId,
          direction,
          comment,
        }))
        expect(seen).toEqual(sent)
      }),
    )
  })

  it('fills buffers of a mebibyte and loses nothing between them', () => {
    const sink = memorySink()
    const writer = new PcapngWriter(sink, 'x')
    const id = writer.addInterface({ name: 'eth0' })
    for (let i = 0; i < 20_000; i++)
      writer.packet(id, i, data, 0, 98, Direction.outbound, `packet ${i % 100}`)
    writer.flush()
    writer.flush()
    expect(sink.chunks.length).toBe(Math.ceil(sink.bytes().length / (1 << 20)))
    expect(Math.max(...sink.chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(1 << 20)
    const read = readCapture(sink.bytes())!
    expect(read.packets.length).toBe(20_000)
    expect(
      read.packets.every((packet, i) => packet.nanos === i && packet.comment === `packet ${i % 100}`),
    ).toBe(true)
  })

  it('does not leave old bytes in the padding', () => {
    const dirty = new Uint8Array(1 << 20).fill(0xee)
    const bytes = capture((writer) => {
      const id = writer.addInterface({ name: 'eth0' })
      for (let i = 0; i < 40; i++) writer.packet(id, 0, dirty, 0, 60_000)
      writer.flush()
      writer.packet(id, 0, Uint8Array.of(1), 0, 1)
    })
    expect(hexOf(bytes.subarray(-8, -4))).toBe('01000000')
  })

  it('takes the largest packet, and cuts a comment too long for an option between two characters', () => {
    const comment = `${'x'.repeat(65_534)}ü and more`
    const bytes = capture((writer) => {
      const id = writer.addInterface({ name: 'eth0' })
      writer.packet(id, 1, new Uint8Array(65_663), 0, 65_663, Direction.inbound, comment)
    })
    const [packet] = readCapture(bytes)!.packets
    expect(packet?.bytes.length).toBe(65_663)
    expect(packet?.comment).toBe('x'.repeat(65_534))
  })

  it('writes many names in several blocks, of both families', () => {
    const names = Array.from({ length: 3000 }, (_, i) => ({ ip: 0x0a00_0000 + i, name: `pod-${i}` }))
    const six = { ip: { w0: 0xfd00_0010, w1: 0, w2: 0, w3: 10 }, name: 'web' }
    const read = readCapture(capture((writer) => writer.addNames([six, ...names])))!
    expect(read.names).toEqual([six, ...names])
  })

  it('writes the same bytes for the same calls', () => {
    const write = (writer: PcapngWriter) => {
      const id = writer.addInterface({ name: 'eth0' })
      writer.packet(id, 5, data, 0, 97, Direction.inbound, 'a')
    }
    expect(capture(write)).toEqual(capture(write))
  })
})

describe('capture reader', () => {
  const words = (little: boolean, ...values: number[]) => {
    const view = new DataView(new ArrayBuffer(values.length * 4))
    values.forEach((value, i) => {
      view.setUint32(i * 4, value, little)
    })
    return new Uint8Array(view.buffer)
  }
  const join = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts))

  for (const little of [true, false]) {
    for (const [magic, nanos] of [
      [0xa1b2c3d4, 123_000],
      [0xa1b23c4d, 123],
    ] as const) {
      it(`reads classic pcap, ${little ? 'little' : 'big'}-endian, magic ${magic.toString(16)}`, () => {
        const header = join(words(little, magic), new Uint8Array(4), words(little, 0, 0, 400, 276))
        const file = join(header, words(little, 1_700_000_000, 123, 4, 98), data.subarray(0, 4))
        expect(readCapture(file)).toMatchObject({
          format: 'pcap',
          interfaces: [{ linkType: 276 }],
          packets: [{ seconds: 1_700_000_000, nanos, originalLength: 98, bytes: data.slice(0, 4) }],
          problem: undefined,
        })
        expect(readCapture(file.subarray(0, -1))).toMatchObject({
          packets: [],
          problem: 'the packet at byte 24 is cut off',
        })
      })
    }
  }

  it('reads a big-endian section, microseconds, an offset, a simple and an obsolete packet block', () => {
    const section = words(false, 0x0a0d0d0a, 28, 0x1a2b3c4d, 0x0001_0000, 0xffff_ffff, 0xffff_ffff, 28)
    const plain = words(false, 1, 20, 0x0001_0000, 0, 20)
    const offset = words(false, 1, 36, 0x0001_0000, 0, 0x000e_0008, 0, 1000, 0, 36)
    const simple = join(words(false, 3, 20, 4), data.subarray(0, 4), words(false, 20))
    const stamp = 3_000_007
    const enhanced = join(words(false, 6, 36, 1, 0, stamp, 4, 60), data.subarray(0, 4), words(false, 36))
    const old = join(words(false, 2, 36, 0x0001_0000, 0, stamp, 4, 60), data.subarray(0, 4), words(false, 36))
    const unknown = words(false, 0xbad, 16, 7, 16)
    const read = readCapture(
      join(section, plain, offset, simple, unknown, enhanced, old, section, plain, simple),
    )!
    expect(read.problem).toBeUndefined()
    expect(read.packets.map((p) => [p.interfaceId, p.seconds, p.nanos, p.originalLength])).toEqual([
      [0, 0, 0, 4],
      [1, 1003, 7000, 60],
      [1, 1003, 7000, 60],
      [2, 0, 0, 4],
    ])
  })

  it('says where a broken file ends, and keeps what came before', () => {
    const good = capture((writer) => writer.packet(writer.addInterface({ name: 'e' }), 1, data, 0, 98))
    const at = good.length - 32 - 100
    const broken = (change: (view: DataView) => void) => {
      const copy = good.slice()
      change(viewOf(copy))
      return readCapture(copy)!.problem
    }
    expect(readCapture(good.subarray(0, -4))!.problem).toBe(`the block at byte ${at} is cut off`)
    expect(readCapture(good.subarray(0, -4))!.interfaces.length).toBe(1)
    const little = endianness() === 'LE'
    expect(broken((v) => v.setUint32(at + 4, 0, little))).toBe(
      `the block at byte ${at} has the impossible length 0`,
    )
    expect(broken((v) => v.setUint32(at + 8, 9, little))).toContain(
      'names interface 9, which is not described',
    )
    expect(broken((v) => v.setUint32(at + 20, 999, little))).toContain('holds a packet longer than itself')
    expect(broken((v) => v.setUint32(8, 1))).toBe('the section at byte 0 has no byte-order magic')
    expect(readCapture(bytesOf('00112233445566778899aabb'))).toBeUndefined()
    expect(readCapture(new Uint8Array(3))).toBeUndefined()
  })

  it('never throws', () => {
    const good = capture((writer) => {
      const id = writer.addInterface({ name: 'eth0', description: 'd' })
      writer.addNames([{ ip: 1, name: 'one' }])
      writer.packet(id, 1, data, 0, 98, Direction.inbound, 'comment')
    })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })), { maxLength: 8 }),
        (changes) => {
          const copy = good.slice()
          for (const [offset, value] of changes) if (offset < copy.length) copy[offset] = value
          readCapture(copy)
        },
      ),
      { numRuns: 1000 },
    )
  })
})
