import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cidrsOfRange, shortestCidrs, without } from '../../src/net/cidr-set.ts'
import { parseIp } from '../../src/net/ip.ts'
import { covers, formatPrefix, hostCount, masked, type Prefix, parsePrefix } from '../../src/net/prefix.ts'

const texts = (prefixes: readonly Prefix[]) => prefixes.map(formatPrefix)
const read = (...words: string[]) => words.map((word) => parsePrefix(word)!)

/** Prefixes of a space of 256 addresses, which can be written down as a set. */
const BASE = 0x0a100000
const small = fc
  .tuple(fc.nat({ max: 255 }), fc.integer({ min: 24, max: 32 }))
  .map(([n, len]) => masked({ ip: BASE + n, len }))
const membersOf = (prefixes: readonly Prefix[]) => {
  const set = new Set<number>()
  for (const p of prefixes) for (let i = 0; i < hostCount(p); i++) set.add((p.ip as number) + i)
  return set
}

describe('shortest CIDR lists', () => {
  it('join halves, drop what lies in another', () => {
    expect(
      texts(shortestCidrs(read('10.1.0.0/16', '10.0.0.0/16', '10.0.5.0/24', 'fd00::/9', 'fd80::/9'))),
    ).toEqual(['10.0.0.0/15', 'fd00::/8'])
    expect(texts(shortestCidrs(read('10.1.0.0/16', '10.2.0.0/16')))).toEqual(['10.1.0.0/16', '10.2.0.0/16'])
    expect(texts(shortestCidrs(read('0.0.0.0/1', '128.0.0.0/1')))).toEqual(['0.0.0.0/0'])
    expect(shortestCidrs([])).toEqual([])
  })

  it('hold the same addresses, and no shorter list does', () => {
    fc.assert(
      fc.property(fc.array(small, { maxLength: 12 }), (prefixes) => {
        const short = shortestCidrs(prefixes)
        const members = membersOf(prefixes)
        expect(membersOf(short)).toEqual(members)
        // Greedy from the largest block down is the least number: a maximal block cannot be made of fewer.
        let least = 0
        const covered = new Set<number>()
        for (let len = 24; len <= 32; len++)
          for (let n = 0; n < 256; n += 2 ** (32 - len)) {
            const block = membersOf([{ ip: BASE + n, len }])
            if ([...block].every((ip) => members.has(ip)) && ![...block].every((ip) => covered.has(ip))) {
              least++
              for (const ip of block) covered.add(ip)
            }
          }
        expect(short.length).toBe(least)
      }),
    )
  })

  it('of a range', () => {
    expect(texts(cidrsOfRange(parseIp('172.110.1.1')!, parseIp('172.110.1.6')!))).toEqual([
      '172.110.1.1/32',
      '172.110.1.2/31',
      '172.110.1.4/31',
      '172.110.1.6/32',
    ])
    expect(texts(cidrsOfRange(0, 0xffffffff))).toEqual(['0.0.0.0/0'])
    expect(texts(cidrsOfRange(parseIp('fd00::')!, parseIp('fd00::1:ffff')!))).toEqual(['fd00::/111'])
    expect(cidrsOfRange(5, 4)).toEqual([])
    fc.assert(
      fc.property(fc.nat({ max: 255 }), fc.nat({ max: 255 }), (a, b) => {
        const [first, last] = [BASE + Math.min(a, b), BASE + Math.max(a, b)]
        const list = cidrsOfRange(first, last)
        expect([...membersOf(list)].sort()).toEqual(
          Array.from({ length: last - first + 1 }, (_, i) => first + i),
        )
        expect(texts(shortestCidrs(list))).toEqual(texts(list))
      }),
    )
  })

  it('what is left of a block without another', () => {
    expect(texts(without(parsePrefix('10.0.0.0/14')!, parsePrefix('10.1.0.0/16')!))).toEqual([
      '10.0.0.0/16',
      '10.2.0.0/15',
    ])
    expect(texts(without(parsePrefix('fd00::/15')!, parsePrefix('fd01::/16')!))).toEqual(['fd00::/16'])
    expect(without(parsePrefix('10.0.0.0/8')!, parsePrefix('10.0.0.0/8')!)).toEqual([])
    fc.assert(
      fc.property(small, small, (a, b) => {
        fc.pre(covers(a, b))
        const rest = membersOf(without(a, b))
        const inner = membersOf([b])
        expect([...membersOf([a])].filter((ip) => !inner.has(ip))).toEqual([...rest].sort((x, y) => x - y))
      }),
    )
  })
})
