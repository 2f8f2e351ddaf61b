import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addRange, finishChecksum, pseudoSumAt4 } from '../../src/wire/checksum.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { intactFrameSum } from '../../src/wire/intact-sum.ts'
import { emitUdp, fillUdpChecksum } from '../../src/wire/udp.ts'
import { packetsOfEachKind } from './packets.ts'
import { fill, frame4, u16, u32 } from './support.ts'

function agrees(frame: Frame, end: number = frame.end): void {
  const known = finishChecksum(intactFrameSum(frame.view, frame.start, end))
  expect(known).toBe(finishChecksum(addRange(frame.view, frame.start, end)))
}

describe('sum of an intact frame', () => {
  for (const [name, frame] of packetsOfEachKind()) {
    it(`agrees with the bytes of ${name}`, () => agrees(frame))
  }

  it('does not read the payload of what a checksum covers', () => {
    for (const [name, frame] of packetsOfEachKind()) {
      if (!['echo request', 'udp', 'tcp data', 'echo request 6', 'udp 6'].includes(name)) continue
      const before = intactFrameSum(frame.view, frame.start, frame.end)
      frame.bytes[frame.end - 3]! ^= 0xff
      expect(intactFrameSum(frame.view, frame.start, frame.end)).toBe(before)
    }
  })

  it('reads it where nothing covers it: no UDP checksum, padding behind the packet, a shorter UDP length', () => {
    for (const [, frame] of packetsOfEachKind().filter(
      ([name]) => name === 'udp' || name === 'echo request',
    )) {
      frame.bytes.fill(0x77, frame.end, frame.end + 9)
      agrees(frame, frame.end + 9)
    }
    agrees(
      frame4({ protocol: 17 }, (f, at) => emitUdp(f.view, at, { srcPort: 1, dstPort: 2, payloadLength: 0 })),
    )
    agrees(
      frame4({ protocol: 17 }, (f, at, pseudo) => {
        const end = emitUdp(f.view, at, { srcPort: 1, dstPort: 2, payloadLength: 0 })
        fillUdpChecksum(f.view, at, end, pseudo(8))
        f.bytes.fill(0x55, end, end + 4)
        return end + 4
      }),
    )
  })

  it('reads fragments, whose checksum covers bytes that are elsewhere', () => {
    const icmp = { protocol: 1, dontFragment: false, payloadLength: 40 }
    agrees(frame4({ ...icmp, moreFragments: true }, (f, at) => fill(f, at, 40)))
    agrees(frame4({ ...icmp, fragmentOffset: 64 }, (f, at) => fill(f, at, 40)))
  })

  it('agrees for any addresses, ports and data', () => {
    fc.assert(
      fc.property(
        u32,
        u32,
        u16,
        u16,
        fc.uint8Array({ maxLength: 100 }),
        (src, dst, srcPort, dstPort, data) => {
          const frame = frame4({ src, dst, protocol: 17 }, (f, at) => {
            const from = emitUdp(f.view, at, { srcPort, dstPort, payloadLength: data.length })
            f.bytes.set(data, from)
            return from + data.length
          })
          const udpAt = frame.start + 34
          const pseudo = pseudoSumAt4(frame.view, frame.start + 14, frame.end - udpAt)
          fillUdpChecksum(frame.view, udpAt, frame.end, pseudo)
          agrees(frame)
        },
      ),
    )
  })
})
