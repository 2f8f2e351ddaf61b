import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addRange,
  checksumOf,
  finishChecksum,
  foldSum,
  isIntact,
  pseudoSum4,
  pseudoSum6,
  updateChecksum,
  updateChecksum32,
} from '../../src/wire/checksum.ts'
import { internetChecksum } from '../golden/internet-checksum.ts'
import { bytesOf, ip6Arbitrary, u8, u16, u32, viewOf } from './support.ts'

const someBytes = fc.uint8Array({ maxLength: 200 })

describe('internet checksum', () => {
  it('RFC 1071 §3: the numerical example sums to ddf2', () => {
    const view = viewOf(bytesOf('0001 f203 f4f5 f6f7'))
    expect(foldSum(addRange(view, 0, 8))).toBe(0xddf2)
    expect(checksumOf(view, 0, 8)).toBe(0x220d)
  })

  it('agrees with the slow twin at every length and offset', () => {
    fc.assert(
      fc.property(someBytes, fc.nat({ max: 20 }), (bytes, from) => {
        const start = Math.min(from, bytes.length)
        expect(checksumOf(viewOf(bytes), start, bytes.length)).toBe(
          internetChecksum([...bytes.subarray(start)]),
        )
      }),
    )
  })

  it('adds up from parts of even length', () => {
    fc.assert(
      fc.property(someBytes, fc.nat({ max: 100 }), (bytes, half) => {
        const cut = Math.min(half * 2, bytes.length & ~1)
        const view = viewOf(bytes)
        const sum = addRange(view, cut, bytes.length, addRange(view, 0, cut))
        expect(finishChecksum(sum)).toBe(checksumOf(view, 0, bytes.length))
      }),
    )
  })

  it('stays exact for the longest packet and for sums beyond 32 bits', () => {
    const bytes = new Uint8Array(65_535).fill(0xff)
    expect(checksumOf(viewOf(bytes), 0, bytes.length)).toBe(internetChecksum([...bytes]))
    const sum = addRange(viewOf(bytes), 0, bytes.length, 0xffff * 2 ** 30)
    expect(finishChecksum(sum)).toBe(internetChecksum([...bytes]))
  })

  it('sums pseudo headers as the bytes they stand for', () => {
    fc.assert(
      fc.property(u32, u32, u8, u16, (src, dst, protocol, length) => {
        const bytes = new Uint8Array(12)
        const view = viewOf(bytes)
        view.setUint32(0, src)
        view.setUint32(4, dst)
        view.setUint16(8, protocol)
        view.setUint16(10, length)
        expect(finishChecksum(pseudoSum4(src, dst, protocol, length))).toBe(internetChecksum([...bytes]))
      }),
    )
    fc.assert(
      fc.property(ip6Arbitrary, ip6Arbitrary, u8, u16, (src, dst, protocol, length) => {
        const lanes = [src.w0, src.w1, src.w2, src.w3, dst.w0, dst.w1, dst.w2, dst.w3, length, protocol]
        const view = new DataView(new ArrayBuffer(40))
        lanes.forEach((lane, i) => {
          view.setUint32(i * 4, lane)
        })
        const bytes = [...new Uint8Array(view.buffer)]
        expect(finishChecksum(pseudoSum6(src, dst, protocol, length))).toBe(internetChecksum(bytes))
      }),
    )
  })

  it('RFC 1624 §4: the example with a checksum that becomes zero', () => {
    expect(updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000)
  })

  it('is updated to what a new computation gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 22, maxLength: 60 }), u32, (bytes, value) => {
        const view = viewOf(bytes)
        // A first byte that is never zero, so that the sum is not the all-zero special case.
        bytes[0] = 0x45
        const before32 = view.getUint32(12)
        const checksum = checksumOf(view, 0, bytes.length)
        view.setUint32(12, value)
        const updated = updateChecksum32(checksum, before32, value)
        expect(updated).toBe(checksumOf(view, 0, bytes.length))
        const before16 = view.getUint16(8)
        view.setUint16(8, value & 0xffff)
        expect(updateChecksum(updated, before16, value & 0xffff)).toBe(checksumOf(view, 0, bytes.length))
      }),
    )
  })

  it('recognizes an intact message, and one with a flipped bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 80 }), fc.nat(), (bytes, flip) => {
        const view = viewOf(bytes)
        view.setUint16(2, 0)
        bytes[0] = 1
        view.setUint16(2, checksumOf(view, 0, bytes.length))
        expect(isIntact(addRange(view, 0, bytes.length))).toBe(true)
        const bit = flip % (bytes.length * 8)
        bytes[bit >> 3]! ^= 1 << (bit & 7)
        expect(isIntact(addRange(view, 0, bytes.length))).toBe(false)
      }),
    )
  })
})
