// Matches of router policies, against ovn-sb(5) "Expressions" and what the real lexer does with host bits.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Match } from '../../src/model/match.ts'
import { parseMatch } from '../../src/model/match-parser.ts'
import { formatPrefix } from '../../src/net/prefix.ts'

function match(text: string): Match {
  const parsed = parseMatch(text)
  if (parsed.kind === 'error') throw new Error(`${parsed.message} at ${parsed.offset}`)
  return parsed.match
}

/** Writes a match in one canonical form, fully parenthesised. */
function write(one: Match): string {
  switch (one.kind) {
    case 'and':
    case 'or':
      return `(${one.terms.map(write).join(one.kind === 'and' ? ' && ' : ' || ')})`
    case 'not':
      return `!(${write(one.term)})`
    case 'const':
      return one.value ? '1' : '0'
    case 'protocol':
      return one.name
    case 'address':
      return `${one.field} ${one.equal ? '==' : '!='} {${one.prefixes.map(formatPrefix).join(', ')}}`
    case 'port':
      return `inport ${one.equal ? '==' : '!='} {${one.names.map((name) => JSON.stringify(name)).join(', ')}}`
    case 'number':
      return `${one.field} ${one.equal ? '==' : '!='} {${one.values.join(', ')}}`
  }
}

describe('matches', () => {
  it('PL-5: constants with host bits are masked', () => {
    expect(write(match('ip4.dst == 10.17.0.1/16'))).toBe('ip4.dst == {10.17.0.0/16}')
  })

  it.each([
    ['ip4.src == 10.16.0.0/16', 'ip4.src == {10.16.0.0/16}'],
    ['ip4.src==10.16.0.9', 'ip4.src == {10.16.0.9/32}'],
    ['ip4.src == {10.16.0.1, 10.16.0.2}', 'ip4.src == {10.16.0.1/32, 10.16.0.2/32}'],
    ['ip4.src == {10.16.0.1 10.16.0.2,}', 'ip4.src == {10.16.0.1/32, 10.16.0.2/32}'],
    ['ip6.dst == fd00:10:17::/112', 'ip6.dst == {fd00:10:17::/112}'],
    ['ip4.src == 10.0.0.0/255.0.0.0', 'ip4.src == {10.0.0.0/8}'],
    ['10.16.0.0/16 == ip4.src', 'ip4.src == {10.16.0.0/16}'],
    ['{10.16.0.1, 10.16.0.2} != ip4.src', 'ip4.src != {10.16.0.1/32, 10.16.0.2/32}'],
    ['ip4 && (tcp || udp) && !icmp', '(ip4 && (tcp || udp) && !(icmp))'],
    [
      'ip4.dst != 10.0.0.0/8 && inport == "ovn-cluster-ovn-default"',
      '(ip4.dst != {10.0.0.0/8} && inport == {"ovn-cluster-ovn-default"})',
    ],
    ['tcp.dst == {80, 443} || ip.ttl != 1', '(tcp.dst == {80, 443} || ip.ttl != {1})'],
    ['ip.proto == 0x11', 'ip.proto == {17}'],
    ['!(ip4.src == 1.2.3.4)', '!(ip4.src == {1.2.3.4/32})'],
    ['1', '1'],
    ['((ip4))', 'ip4'],
  ])('%s', (text, wanted) => {
    expect(write(match(text))).toBe(wanted)
  })

  it.each([
    ['', 'the expression ends too early', 0],
    ['ip4 && tcp || udp', '&& and || are mixed', 11],
    ['ip4.dst = 10.0.0.0/8', '"=" does not belong here', 8],
    ['ip4.dst == fd00::1', 'ip4.dst is compared with an IPv6 address', 11],
    ['ip4.dst == 10.0.0.0/33', '"10.0.0.0/33" is not an address or CIDR', 11],
    ['ip4.dst == $set', '$set is an address set or port group, which is not supported', 11],
    ['(ip4', 'a closing parenthesis is missing', 4],
    ['ip4)', '")" comes after the end of the expression', 3],
    ['tcp.dst == 65536', '"65536" is not a number from 0 to 65535', 11],
    ['tcp.dst < 5', '< is not supported here', 8],
    ['inport == x', 'the name of a port needs quotation marks', 10],
    ['eth.src == 00:00:00:00:00:01', '"eth.src" is not a field that router policies can use here', 0],
    ['ip4.src', '== or != is missing after ip4.src', 7],
    ['inport == "x', 'a quotation mark is never closed', 10],
    ['ip4.src == {', 'a value is missing', 12],
  ])('%j is refused: %s', (text, message, offset) => {
    expect(parseMatch(text)).toMatchObject({ kind: 'error', message, offset })
  })

  it('reading what was written changes nothing', () => {
    const leaf = fc.constantFrom(
      'ip4',
      'tcp',
      '1',
      'ip4.src == {10.0.0.0/8}',
      'ip6.dst != {fd00::/64}',
      'udp.dst == {53, 54}',
      'inport == {"a b"}',
    )
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(${a} && ${b})`),
        fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(${a} || ${b})`),
        tie('tree').map((a) => `!(${a})`),
      ),
    }))
    fc.assert(
      fc.property(tree, (text) => {
        expect(write(match(text))).toBe(text)
      }),
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            'ip4',
            '.src',
            ' ',
            '==',
            '&&',
            '||',
            '!',
            '(',
            ')',
            '{',
            '}',
            '10.0.0.1',
            '/8',
            '"',
            'x',
            '$',
            '[',
          ),
        }),
        (text) => {
          const parsed = parseMatch(text)
          if (parsed.kind === 'error') expect(parsed.offset).toBeLessThanOrEqual(text.length)
        },
      ),
    )
    expect(parseMatch('('.repeat(100_000)).kind).toBe('error')
    expect(parseMatch('!'.repeat(100_000)).kind).toBe('error')
  })
})
