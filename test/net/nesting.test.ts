import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCidrText } from '../../src/net/cidr-text.ts'
import { formatIp, type Ip, ip6 } from '../../src/net/ip.ts'
import { eachPair, nest } from '../../src/net/nesting.ts'
import { formatPrefix, hasHostBits, masked, type Prefix, parsePrefix } from '../../src/net/prefix.ts'
import { addPrefix, prefixTable } from '../../src/net/prefix-columns.ts'
import { overlappingPairs } from '../golden/pairs.ts'

/** Addresses from few bits, so that much overlaps. */
const ip4 = fc.nat({ max: 0xffff }).map((n): Ip => (0x0a000000 | ((n & 0xff) << 16) | (n >>> 8)) >>> 0)
const ip6s = fc
  .tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 0xffff }))
  .map(([a, b, c, d]): Ip => ip6(0xfd000000 + a, b << 30, c, d))
const prefix = fc.oneof(
  fc.tuple(ip4, fc.integer({ min: 0, max: 32 })).map(([ip, len]): Prefix => ({ ip, len })),
  fc.tuple(ip6s, fc.integer({ min: 0, max: 128 })).map(([ip, len]): Prefix => ({ ip, len })),
)

function pairsOf(prefixes: readonly Prefix[]): [number, number][] {
  const table = prefixTable(1)
  for (const [i, one] of prefixes.entries()) addPrefix(table, one, i)
  const pairs: [number, number][] = []
  for (const columns of [table.v4, table.v6]) {
    const nesting = nest(columns)
    const named = eachPair(columns, nesting, Number.POSITIVE_INFINITY, (a, b) => pairs.push([a, b]))
    expect(named).toBe(nesting.pairs)
  }
  return pairs
}

const ordered = (pairs: readonly (readonly [number, number])[]) => pairs.map(([a, b]) => `${a} ${b}`).sort()

describe('overlapping pairs', () => {
  it('are those of comparing everything with everything', () => {
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 60 }), (prefixes) => {
        expect(ordered(pairsOf(prefixes))).toEqual(ordered(overlappingPairs(prefixes)))
      }),
    )
  })

  it('equal ones: the one that came first covers the other', () => {
    const p = parsePrefix('10.16.0.0/16')!
    expect(pairsOf([p, p, p])).toEqual([
      [0, 1],
      [1, 2],
      [0, 2],
    ])
  })

  it('are counted whole and named up to a limit', () => {
    const table = prefixTable()
    for (let i = 0; i < 100; i++) addPrefix(table, parsePrefix('10.0.0.0/8')!, i)
    const nesting = nest(table.v4)
    expect(nesting.pairs).toBe(4950)
    expect(eachPair(table.v4, nesting, 10, () => undefined)).toBe(10)
  })

  it('the whole space covers everything, host routes cover themselves', () => {
    expect(
      pairsOf(['0.0.0.0/0', '255.255.255.255/32', '::/0', '::1/128'].map((one) => parsePrefix(one)!)),
    ).toEqual([
      [0, 1],
      [2, 3],
    ])
  })
})

describe('CIDRs out of text', () => {
  const encode = (text: string) => new TextEncoder().encode(text)
  const rowsOf = (text: string) => {
    const { table, refused, hostBits } = readCidrText(encode(text))
    const rows = [table.v4, table.v6].flatMap((columns) =>
      Array.from({ length: columns.count }, (_, row) => ({
        line: columns.id[row]!,
        text: formatPrefix(columns.prefixAt(row)),
      })),
    )
    return { rows: rows.sort((a, b) => a.line - b.line), refused, hostBits }
  }

  it('lines may have names, comments and either line end', () => {
    expect(rowsOf('10.0.0.0/8 az1\r\n\n# no\n  fd00::/8,az2\n10.1.0.5\n')).toEqual({
      rows: [
        { line: 0, text: '10.0.0.0/8' },
        { line: 3, text: 'fd00::/8' },
        { line: 4, text: '10.1.0.5/32' },
      ],
      refused: [],
      hostBits: [],
    })
  })

  const word = fc.oneof(
    prefix.map(formatPrefix),
    prefix.map((p) => formatIp(p.ip)),
    fc.stringMatching(/^[0-9a-f.:/]{1,24}$/),
    fc.stringMatching(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,3}$/),
    fc.stringMatching(/^[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,8}(\/\d{1,3})?$/),
    fc.constantFrom(
      '010.1.2.0/24',
      '10.1/16',
      '10.0.0.0/08',
      '::ffff:10.0.0.1/96',
      '1::2::3',
      ':1::',
      '1:',
      '::/129',
    ),
  )

  it('reads what parsePrefix reads and refuses the rest', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const { rows, refused, hostBits } = rowsOf(words.join('\n'))
        const parsed = words.map(parsePrefix)
        expect(rows).toEqual(
          parsed.flatMap((p, line) => (p === undefined ? [] : [{ line, text: formatPrefix(masked(p)) }])),
        )
        expect(refused).toEqual(parsed.flatMap((p, line) => (p === undefined ? [line] : [])))
        expect(hostBits.every((line) => hasHostBits(parsed[line]!))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
