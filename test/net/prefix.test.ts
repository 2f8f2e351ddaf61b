import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareIp, formatIp, parseIp } from '../../src/net/ip.ts'
import {
  comparePrefix,
  contains,
  covers,
  formatPrefix,
  formatPrefixBare,
  hasHostBits,
  hostCount,
  lastAddress,
  masked,
  maskOf4,
  overlaps,
  type Prefix,
  parsePrefix,
  samePrefix,
} from '../../src/net/prefix.ts'
import { digitsOf, digitsOfPrefix } from '../golden/naive-route-table.ts'
import { anyIp, anyPrefix, clusteredIp, clusteredPrefix } from './arbitraries.ts'

const at = (text: string): Prefix => {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(`not a prefix: ${text}`)
  return prefix
}
const family = (prefix: Prefix): string => typeof prefix.ip

describe('prefix text', () => {
  it('ADV-8: keeps host bits as written', () => {
    expect(formatPrefix(at('10.16.0.1/16'))).toBe('10.16.0.1/16')
    expect(formatPrefix(masked(at('10.16.0.1/16')))).toBe('10.16.0.0/16')
  })

  it('takes a bare address as one host', () => {
    expect(at('10.0.0.1').len).toBe(32)
    expect(at('fd00::1').len).toBe(128)
  })

  it('prints host length as OVN does', () => {
    expect(formatPrefixBare(at('10.0.0.1/32'))).toBe('10.0.0.1')
    expect(formatPrefixBare(at('10.0.0.1/31'))).toBe('10.0.0.1/31')
    expect(formatPrefixBare(at('fd00::/128'))).toBe('fd00::')
    expect(formatPrefixBare(at('fd00::/32'))).toBe('fd00::/32')
  })

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/+8',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    'fd00::/129',
    '/8',
    '10.0.0/8',
    '10.0.0.0/ 8',
    '10.0.0.0/1e1',
  ])('refuses %j', (text) => {
    expect(parsePrefix(text)).toBeUndefined()
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        expect(parsePrefix(formatPrefix(prefix))).toEqual(prefix)
        expect(parsePrefix(formatPrefixBare(prefix))).toEqual(prefix)
      }),
    )
  })
})

describe('prefix relations against strings of binary digits', () => {
  const prefixes = fc.oneof(anyPrefix, clusteredPrefix)

  it('contains', () => {
    fc.assert(
      fc.property(prefixes, fc.oneof(anyIp, clusteredIp), (prefix, ip) => {
        const expected = typeof ip === family(prefix) && digitsOf(ip).startsWith(digitsOfPrefix(prefix))
        expect(contains(prefix, ip)).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('covers, overlaps, samePrefix, comparePrefix', () => {
    fc.assert(
      fc.property(clusteredPrefix, prefixes, (a, b) => {
        const alike = family(a) === family(b)
        const [x, y] = [digitsOfPrefix(a), digitsOfPrefix(b)]
        expect(covers(a, b)).toBe(alike && y.startsWith(x))
        expect(overlaps(a, b)).toBe(alike && (y.startsWith(x) || x.startsWith(y)))
        expect(samePrefix(a, b)).toBe(alike && x === y)
        expect(comparePrefix(a, b) === 0).toBe(alike && x === y)
        expect(Math.sign(comparePrefix(a, b))).toBe(-Math.sign(comparePrefix(b, a)) + 0)
      }),
      { numRuns: 500 },
    )
  })

  it('masked and lastAddress are the ends of the block', () => {
    fc.assert(
      fc.property(anyPrefix, (prefix) => {
        const bits = typeof prefix.ip === 'number' ? 32 : 128
        const digits = digitsOfPrefix(prefix)
        expect(digitsOf(masked(prefix).ip)).toBe(digits.padEnd(bits, '0'))
        expect(digitsOf(lastAddress(prefix))).toBe(digits.padEnd(bits, '1'))
        expect(hasHostBits(prefix)).toBe(compareIp(prefix.ip, masked(prefix).ip) !== 0)
        expect(hostCount(prefix)).toBe(Number(2n ** BigInt(bits - prefix.len)))
      }),
    )
  })
})

describe('prefix order and masks', () => {
  it('orders by family, network, then length', () => {
    const order = [
      '0.0.0.0/0',
      '10.0.0.0/8',
      '10.0.0.1/16',
      '10.0.0.0/24',
      '10.1.0.0/16',
      '::/0',
      'fd00::/8',
      'fd00::/48',
    ]
    const shuffled = [5, 2, 7, 0, 6, 3, 1, 4].map((i) => at(order[i]!))
    expect(shuffled.sort(comparePrefix).map(formatPrefix)).toEqual(order)
  })

  it('makes every mask', () => {
    expect([0, 1, 8, 31, 32].map((len) => formatIp(maskOf4(len)))).toEqual([
      '0.0.0.0',
      '128.0.0.0',
      '255.0.0.0',
      '255.255.255.254',
      '255.255.255.255',
    ])
  })

  it('gives a prefix without host bits back as it is', () => {
    const prefix = at('fd00:10:16::/64')
    expect(masked(prefix)).toBe(prefix)
    expect(contains(prefix, parseIp('fd00:10:16::ffff')!)).toBe(true)
    expect(contains(prefix, parseIp('fd00:10:16:1::')!)).toBe(false)
  })
})
