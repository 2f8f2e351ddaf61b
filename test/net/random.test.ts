import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareUuid, hash32, mix32, Random, uuidFrom } from '../../src/net/random.ts'
import { sfc32 } from '../golden/sfc32.ts'
import { word } from './arbitraries.ts'

const take = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next())

describe('Random', () => {
  it('is sfc32 from any state', () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(take(new Random(0, [a, b, c]), 50)).toEqual(sfc32([a, b, c], 50))
      }),
    )
  })

  it('never changes: these numbers are in every recorded run', () => {
    expect(take(new Random(1), 4)).toMatchInlineSnapshot(`
      [
        792534090,
        3215351813,
        160231488,
        1151041103,
      ]
    `)
    expect(take(new Random(1).fork('underlay'), 2)).toMatchInlineSnapshot(`
      [
        3221100315,
        3788926375,
      ]
    `)
  })

  it('gives a fork the same numbers whatever its parent has drawn', () => {
    const parent = new Random(7)
    const early = take(parent.fork('loss'), 5)
    take(parent, 100)
    expect(take(parent.fork('loss'), 5)).toEqual(early)
  })

  it('gives other labels, other seeds and nested labels other numbers', () => {
    const streams = [
      new Random(7),
      new Random(8),
      new Random(7).fork('loss'),
      new Random(7).fork('jitter'),
      new Random(8).fork('loss'),
      new Random(7).fork('loss').fork('loss'),
      new Random(7).fork('a').fork('b'),
      new Random(7).fork('b').fork('a'),
    ]
    expect(new Set(streams.map((stream) => take(stream, 2).join())).size).toBe(streams.length)
  })

  it('draws below n, evenly', () => {
    const random = new Random(3)
    const seen = new Array<number>(6).fill(0)
    for (let i = 0; i < 60_000; i++) seen[random.below(6)]!++
    for (const count of seen) expect(Math.abs(count - 10_000)).toBeLessThan(500)
    expect(random.below(1)).toBe(0)
    expect(random.below(2 ** 32)).toBeLessThan(2 ** 32)
  })

  it.each([0, -1, 1.5, Number.NaN, 2 ** 32 + 1])('refuses below(%d)', (n) => {
    expect(() => new Random(1).below(n)).toThrow(RangeError)
  })

  it('keeps float in [0, 1)', () => {
    const random = new Random(4)
    const floats = Array.from({ length: 1000 }, () => random.float())
    expect(floats.every((x) => x >= 0 && x < 1)).toBe(true)
    expect(floats.reduce((sum, x) => sum + x) / 1000).toBeCloseTo(0.5, 1)
  })
})

describe('hashes', () => {
  it('mix32 is the finaliser of MurmurHash3', () => {
    // MurmurHash3_x86_32 of no bytes is the finaliser of the seed: published values for seeds 1 and 0xffffffff.
    expect(mix32(0)).toBe(0)
    expect(mix32(1)).toBe(0x514e28b7)
    expect(mix32(0xffffffff)).toBe(0x81f16f39)
  })

  it('hash32 tells texts, seeds and bytes of a unit apart', () => {
    const texts = ['', 'a', 'b', 'ab', 'ba', 'a\0', '\u0100', '\u0001', 'az1/web', 'az1/wec']
    const hashes = texts.flatMap((text) => [hash32(text), hash32(text, 1)])
    expect(new Set(hashes).size).toBe(hashes.length)
  })

  it('hash32 is spread: 50 000 names meet about as often as chance has it', () => {
    const hashes = new Set(Array.from({ length: 50_000 }, (_, i) => hash32(`pod-${i}`)))
    // The birthday bound expects 0.3 collisions.
    expect(hashes.size).toBeGreaterThanOrEqual(49_996)
  })
})

describe('UUIDs', () => {
  it('RFC 9562 §5.4: version 4, variant 10, lower case', () => {
    for (let n = 0; n < 200; n++) {
      expect(uuidFrom(1, 'lr', n)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      )
    }
  })

  it('depends on seed, label and number, and on nothing else', () => {
    const all = [
      uuidFrom(1, 'a', 1),
      uuidFrom(2, 'a', 1),
      uuidFrom(1, 'b', 1),
      uuidFrom(1, 'a', 2),
      uuidFrom(1, 'a', 11),
    ]
    expect(new Set(all).size).toBe(5)
    expect(uuidFrom(1, 'a', 1)).toBe(all[0])
  })

  it('orders as 128-bit numbers', () => {
    const uuids = Array.from({ length: 100 }, (_, n) => uuidFrom(5, 'order', n))
    const number = (uuid: string): bigint => BigInt(`0x${uuid.replaceAll('-', '')}`)
    const byNumber = [...uuids].sort((a, b) => (number(a) < number(b) ? -1 : 1))
    expect([...uuids].sort(compareUuid)).toEqual(byNumber)
    expect(compareUuid(uuids[0]!, uuids[0]!)).toBe(0)
  })
})
