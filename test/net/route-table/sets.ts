// Prefix sets for the tests of the structures: realistic ones, and those that structures trip over.

import { ip6 } from '../../../src/net/ip.ts'
import { laneMask, maskOf4 } from '../../../src/net/prefix.ts'
import type { Random } from '../../../src/net/random.ts'
import { type Entry4, type Entry6, MAX_VALUE } from '../../../src/net/route-table/lpm.ts'

/** An entry with its host bits cleared. */
export function entry4(address: number, length: number, value: number): Entry4 {
  return { address: (address & maskOf4(length)) >>> 0, length, value }
}

/** As `entry4`. */
export function entry6(w: readonly number[], length: number, value: number): Entry6 {
  const lane = (i: number): number => (w[i] ?? 0) & laneMask(length, i)
  return { address: ip6(lane(0), lane(1), lane(2), lane(3)), length, value }
}

/** Sets of IPv4 prefixes by what is special about them. Duplicates are left in. */
export const SETS4: Record<string, (random: Random) => Entry4[]> = {
  empty: () => [],
  'default only': () => [entry4(0, 0, 7)],
  'a default with holes': (random) => [
    entry4(0, 0, 1),
    ...Array.from({ length: 60 }, () => entry4(random.next(), 1 + random.below(32), 2 + random.below(5))),
  ],
  'one chain of all lengths': () =>
    Array.from({ length: 33 }, (_, length) => entry4(0x0a1b2c3d, length, length)),
  'chains that part at every bit': () =>
    Array.from({ length: 32 }, (_, i) => entry4(0x0a1b2c3d ^ (1 << (31 - i)), i + 1, i)),
  'a network full of hosts': (random) => [
    entry4(0x0a000000, 8, 300),
    entry4(0x0a000100, 24, 301),
    entry4(0x0a000100, 25, 302),
    ...Array.from({ length: 256 }, (_, i) => entry4(0x0a000100 + i, 32, random.below(3))),
  ],
  'halves that hide every network': () =>
    [16, 17, 20, 23, 24, 25, 27, 31].flatMap((length) => [
      entry4(0xc0a80000, length, length),
      entry4(0xc0a80000, length + 1, length + 40),
      entry4((0xc0a80000 | (1 << (31 - length))) >>> 0, length + 1, length + 80),
    ]),
  'the ends of the space': () =>
    [0, 1, 8, 15, 16, 17, 23, 24, 25, 31, 32].flatMap((length) => [
      entry4(0, length, length),
      entry4(0xffffffff, length, MAX_VALUE - length),
      entry4(0x80000000, length, 100 + length),
      entry4(0x7fffffff, length, 200 + length),
    ]),
  'clusters: a /16, its /24s, hosts': (random) =>
    Array.from({ length: 400 }, (_, i) => {
      const cluster = 0x0a100000 + (i % 3) * 0x10000
      const length = i < 3 ? 16 : i < 120 ? 24 : 32
      return entry4(cluster + random.below(0x4000), length, random.below(250))
    }),
  'nested at random': (random) =>
    Array.from({ length: 300 }, () => {
      const address = [0x0a000000, 0x0a010000, 0xac100000][random.below(3)]! + random.below(0x1000)
      return entry4(address, 8 + random.below(25), random.below(9))
    }),
  'an Internet of few networks': (random) => {
    const bases = Array.from({ length: 40 }, () => random.next())
    return Array.from({ length: 500 }, () =>
      entry4(bases[random.below(40)]! ^ random.below(0x20000), 12 + random.below(13), random.below(64)),
    )
  },
}

/** Sets of IPv6 prefixes by what is special about them. */
export const SETS6: Record<string, (random: Random) => Entry6[]> = {
  empty: () => [],
  'default only': () => [entry6([], 0, 7)],
  'one chain of all lengths': () =>
    Array.from({ length: 129 }, (_, length) =>
      entry6([0xfd001b2c, 0x3d4e5f60, 0x718293a4, 0xb5c6d7e8], length, length),
    ),
  'chains that part at every bit': () =>
    Array.from({ length: 128 }, (_, i) => {
      const words = [0xfd001b2c, 0x3d4e5f60, 0x718293a4, 0xb5c6d7e8]
      words[i >>> 5]! ^= 1 << (31 - (i & 31))
      return entry6(words, i + 1, i)
    }),
  'the ends of the space': () =>
    [0, 1, 16, 31, 32, 33, 63, 64, 65, 95, 96, 97, 127, 128].flatMap((length) => [
      entry6([], length, length),
      entry6([0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], length, MAX_VALUE - length),
      entry6([0xfd000000, 0xffffffff, 0, 0xffffffff], length, 300 + length),
    ]),
  'a default with holes, some twice': (random) => {
    const words = (): number[] => [random.next(), random.next(), random.next(), random.next()]
    const holes = Array.from({ length: 60 }, () =>
      entry6(words(), 1 + random.below(128), 2 + random.below(5)),
    )
    return [entry6([], 0, 1), ...holes, ...holes.slice(0, 20).map((hole) => ({ ...hole, value: 9 }))]
  },
  'halves that hide every network': () =>
    [0, 16, 17, 24, 31, 47, 48, 63, 64, 95, 112, 126, 127].flatMap((length) => {
      const words = [0xfd000010, 0x00160017, 0x00180019, 0x001a0000]
      const other = [...words]
      other[length >>> 5]! ^= 1 << (31 - (length & 31))
      return [
        entry6(words, length, length),
        entry6(words, length + 1, length + 200),
        entry6(other, length + 1, length + 400),
      ]
    }),
  'nested at random': (random) =>
    Array.from({ length: 300 }, () => {
      const words = [
        0x20010000 + random.below(2),
        random.below(4) << 14,
        random.below(3) << 30,
        random.below(99),
      ]
      return entry6(words, 16 + random.below(113), random.below(9))
    }),
  'one network of a thousand parts': (random) =>
    Array.from({ length: 1000 }, (_, i) =>
      entry6([0x20010db8, random.next()], i < 200 ? 40 + random.below(8) : 48, random.below(64)),
    ),
  'clusters: a /48, its /64s, hosts': (random) =>
    Array.from({ length: 400 }, (_, i) => {
      const length = i < 3 ? 48 : i < 120 ? 64 : 128
      return entry6(
        [0xfd000010 + (i % 3), 0x00160000 + random.below(64), 0, random.below(256)],
        length,
        random.below(250),
      )
    }),
  'a network full of hosts': (random) => [
    entry6([0xfd000010], 48, 300),
    entry6([0xfd000010], 120, 301),
    ...Array.from({ length: 256 }, (_, i) => entry6([0xfd000010, 0, 0, i], 128, random.below(3))),
  ],
  'an Internet of few networks': (random) => {
    const bases = Array.from({ length: 30 }, () => 0x20000000 + random.below(0x1000000) * 16)
    return Array.from({ length: 500 }, () =>
      entry6(
        [bases[random.below(30)]! + random.below(4), random.below(16) << 20, random.next()],
        19 + random.below(46),
        random.below(64),
      ),
    )
  },
}

/** Addresses in and around the prefixes, where answers change, and some from anywhere. */
export function probes4(entries: readonly Entry4[], random: Random, strays: number): Uint32Array {
  const around = entries.flatMap(({ address, length }) => {
    const last = (address | ~maskOf4(length)) >>> 0
    return [address, last, address - 1, last + 1, address + random.below(last - address + 1)]
  })
  return Uint32Array.from([...around, ...Array.from({ length: strays }, () => random.next())])
}

/** As `probes4`, four words an address. */
export function probes6(entries: readonly Entry6[], random: Random, strays: number): Uint32Array {
  const words: number[] = []
  for (const { address, length } of entries) {
    const first = [address.w0, address.w1, address.w2, address.w3]
    const host = (i: number): number => ~laneMask(length, i)
    words.push(...first)
    words.push(...first.map((word, i) => word | host(i)))
    words.push(...first.map((word, i) => word | (random.next() & host(i))))
    const bit = Math.max(0, length - 1)
    words.push(...first.map((word, i) => (i === bit >>> 5 ? word ^ (1 << (31 - (bit & 31))) : word)))
  }
  for (let i = 0; i < 4 * strays; i++) words.push(random.next())
  return Uint32Array.from(words)
}
