// What the property tests of the room draw from: addresses of both families, and prefixes that nest.

import fc from 'fast-check'
import { type Ip, type Ip6, ip6 } from '../../src/net/ip.ts'
import type { Prefix } from '../../src/net/prefix.ts'

/** Any 32-bit word, with the interesting ones more often than chance has them. */
export const word: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0xffff, 0x10000, 0x80000000, 0xffffffff),
)

export const anyIp6: fc.Arbitrary<Ip6> = fc.tuple(word, word, word, word).map((words) => ip6(...words))

export const anyIp: fc.Arbitrary<Ip> = fc.oneof(word, anyIp6)

export const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(
  fc.record({ ip: word, len: fc.integer({ min: 0, max: 32 }) }),
  fc.record({ ip: anyIp6, len: fc.integer({ min: 0, max: 128 }) }),
)

// Words of few values make addresses that share prefixes, so that tables really nest and really collide.
const fewWords = fc.constantFrom(0, 0x0a100000, 0x0a100001, 0x0a110000, 0x0a1100ff, 0x0a800000, 0xffffffff)

export const clusteredIp: fc.Arbitrary<Ip> = fc.oneof(
  fewWords,
  fc.tuple(fewWords, fewWords, fewWords, fewWords).map((words) => ip6(...words)),
)

export const clusteredPrefix: fc.Arbitrary<Prefix> = clusteredIp.chain((ip) =>
  fc.record({
    ip: fc.constant(ip),
    len:
      typeof ip === 'number'
        ? fc.constantFrom(0, 8, 12, 16, 24, 31, 32)
        : fc.constantFrom(0, 48, 64, 65, 128),
  }),
)
