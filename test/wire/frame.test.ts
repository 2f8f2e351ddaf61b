import { describe, expect, it } from 'vitest'
import { FRAME_CAPACITY, FRAME_HEADROOM, Frame, FramePool, frameOf } from '../../src/wire/frame.ts'

const bytes = Uint8Array.from({ length: 98 }, (_, i) => i)

describe('Frame', () => {
  it('puts a header in front of a packet without moving it', () => {
    const frame = frameOf(bytes)
    expect(frame.start).toBe(FRAME_HEADROOM)
    expect(frame.push(58)).toBe(FRAME_HEADROOM - 58)
    expect(frame.length).toBe(98 + 58)
    expect(frame.bytes[FRAME_HEADROOM + 7]).toBe(7)
    expect(frame.pull(58)).toBe(FRAME_HEADROOM)
    expect([...frame.payload()]).toEqual([...bytes])
  })

  it('keeps its start even and inside the buffer', () => {
    const frame = frameOf(bytes)
    expect(() => frame.push(7)).toThrow(RangeError)
    expect(() => frame.push(-2)).toThrow(RangeError)
    expect(() => frame.push(FRAME_HEADROOM + 2)).toThrow(RangeError)
    expect(() => frame.pull(1)).toThrow(RangeError)
    expect(() => frame.pull(100)).toThrow(RangeError)
    expect(() => frame.append(FRAME_CAPACITY)).toThrow(RangeError)
    expect(frame.length).toBe(98)
  })

  it('copies a part of an array', () => {
    const frame = new Frame()
    frame.copyFrom(bytes, 10, 14)
    expect([...frame.payload()]).toEqual([10, 11, 12, 13])
  })

  it('clones into a buffer of its own', () => {
    const frame = frameOf(bytes)
    frame.push(14)
    const copy = frame.clone()
    expect([copy.start, copy.end]).toEqual([frame.start, frame.end])
    copy.bytes[copy.start + 20] = 99
    expect(frame.bytes[frame.start + 20]).toBe(6)
  })

  it('grows for a jumbo packet and refuses one longer than an IP length field can say', () => {
    expect(frameOf(new Uint8Array(65_535)).length).toBe(65_535)
    expect(() => frameOf(new Uint8Array(65_536))).toThrow(RangeError)
    expect(() => new Frame(FRAME_HEADROOM - 2)).toThrow(RangeError)
    expect(() => new Frame().copyFrom(new Uint8Array(4000))).toThrow(RangeError)
    expect(() => new Frame().copyPacket(frameOf(new Uint8Array(4000)))).toThrow(RangeError)
  })
})

describe('FramePool', () => {
  it('hands the same frame out again, empty and with its whole headroom', () => {
    const pool = new FramePool()
    const frame = pool.take()
    frame.copyFrom(bytes)
    frame.push(58)
    pool.give(frame)
    const again = pool.take()
    expect(again).toBe(frame)
    expect([again.start, again.length]).toEqual([FRAME_HEADROOM, 0])
  })

  it('keeps no more than its limit, and no large frames', () => {
    const pool = new FramePool(1)
    const [a, b, large] = [pool.take(), pool.take(), pool.take(9000)]
    expect(pool.outstanding).toBe(3)
    expect(large.capacity).toBeGreaterThanOrEqual(9000 + FRAME_HEADROOM)
    pool.give(large)
    pool.give(a)
    pool.give(b)
    expect(pool.outstanding).toBe(0)
    expect(pool.take()).toBe(a)
    expect(pool.take()).not.toBe(b)
  })

  it('copies a packet at the same offsets', () => {
    const pool = new FramePool()
    const frame = frameOf(new Uint8Array(5000).fill(7))
    frame.push(14)
    const copy = pool.copy(frame)
    expect(copy.start).toBe(frame.start)
    expect(copy.payload()).toEqual(frame.payload())
  })
})
