import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addToIp,
  compareIp,
  equalIp,
  familyOf,
  formatIp,
  formatIp6,
  type Ip,
  type Ip6,
  ip6,
  ipKey,
  isBroadcast,
  isIp4,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isUnspecified,
  linkLocalFromMac,
  multicastMac,
  parseIp,
  parseIp4,
  parseIp6,
  solicitedNode,
} from '../../src/net/ip.ts'
import { formatMac, parseMac } from '../../src/net/mac.ts'
import { anyIp, anyIp6, word } from './arbitraries.ts'

const at = (text: string): Ip => {
  const ip = parseIp(text)
  if (ip === undefined) throw new Error(`not an address: ${text}`)
  return ip
}
const at6 = (text: string): Ip6 => at(text) as Ip6

/** The address as one integer: the slow witness for order and addition. */
const asInteger = (ip: Ip): bigint =>
  typeof ip === 'number'
    ? BigInt(ip)
    : (BigInt(ip.w0) << 96n) | (BigInt(ip.w1) << 64n) | (BigInt(ip.w2) << 32n) | BigInt(ip.w3)

describe('IPv4 text', () => {
  it('reads the ends of the space as unsigned numbers', () => {
    expect(parseIp4('0.0.0.0')).toBe(0)
    expect(parseIp4('255.255.255.255')).toBe(0xffffffff)
    expect(parseIp4('10.16.0.1')).toBe(0x0a100001)
  })

  it.each([
    ['', 'nothing'],
    ['10.0.0', 'three parts'],
    ['10.0.0.0.1', 'five parts'],
    ['10..0.1', 'an empty part'],
    ['10.0.0.', 'an empty last part'],
    ['.10.0.0', 'an empty first part'],
    ['010.0.0.1', 'a leading zero'],
    ['10.0.0.00', 'a double zero'],
    ['10.0.0.256', 'a part too large'],
    ['10.0.0.1111111111111111', 'a long part'],
    ['10.0.0.-1', 'a sign'],
    ['10.0.0.0x1', 'hexadecimal'],
    [' 10.0.0.1', 'a space'],
    ['10.0.0.1/8', 'a length'],
    ['١0.0.0.1', 'a digit of another script'],
  ])('refuses %j: %s', (text) => {
    expect(parseIp4(text)).toBeUndefined()
    expect(parseIp(text)).toBeUndefined()
  })
})

describe('IPv6 text', () => {
  it('reads every form of RFC 4291 §2.2', () => {
    expect(at('2001:DB8:0:0:8:800:200C:417A')).toEqual(ip6(0x20010db8, 0, 0x00080800, 0x200c417a))
    expect(at('FF01::101')).toEqual(ip6(0xff010000, 0, 0, 0x101))
    expect(at('::')).toEqual(ip6(0, 0, 0, 0))
    expect(at('::1')).toEqual(ip6(0, 0, 0, 1))
    expect(at('fe80::')).toEqual(ip6(0xfe800000, 0, 0, 0))
    expect(at('::ffff:129.144.52.38')).toEqual(ip6(0, 0, 0xffff, 0x81903426))
    expect(at('64:ff9b::192.0.2.33')).toEqual(ip6(0x0064ff9b, 0, 0, 0xc0000221))
    expect(at('1:2:3:4:5:6:1.2.3.4')).toEqual(ip6(0x00010002, 0x00030004, 0x00050006, 0x01020304))
    expect(at('1:2:3:4:5:6:7::')).toEqual(ip6(0x00010002, 0x00030004, 0x00050006, 0x00070000))
  })

  it.each([
    ['1:2:3:4:5:6:7', 'seven groups'],
    ['1:2:3:4:5:6:7:8:9', 'nine groups'],
    ['1::2::3', 'two gaps'],
    [':::', 'three colons'],
    ['1:::2', 'three colons inside'],
    ['1:2:3:4::5:6:7:8', 'a gap that stands for nothing'],
    [':1:2:3:4:5:6:7', 'a leading colon'],
    ['1:2:3:4:5:6:7:', 'a trailing colon'],
    ['12345::', 'five digits'],
    ['fe80::1%eth0', 'a zone'],
    ['::g', 'a letter beyond f'],
    ['::1.2.3', 'a broken IPv4 tail'],
    ['1.2.3.4::', 'IPv4 in front'],
    ['::1.2.3.4:5', 'IPv4 inside'],
    ['1:2:3:4:5:6:7:1.2.3.4', 'a tail that does not fit'],
    ['[::1]', 'brackets'],
    ['::1 ', 'a space'],
  ])('refuses %j: %s', (text) => {
    expect(parseIp(text)).toBeUndefined()
  })

  it.each([
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::AbCd', '2001:db8::abcd'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['::ffff:c000:0201', '::ffff:192.0.2.1'],
    ['::1:2', '::1:2'],
  ])('RFC 5952 §4: %s is written %s', (text, canonical) => {
    expect(formatIp(at(text))).toBe(canonical)
  })

  it('agrees with the URL standard on the canonical text, IPv4-mapped addresses aside', () => {
    fc.assert(
      fc.property(anyIp6, (ip) => {
        fc.pre(!(ip.w0 === 0 && ip.w1 === 0 && ip.w2 === 0xffff))
        const long = [ip.w0, ip.w1, ip.w2, ip.w3].map(
          (lane) => `${(lane >>> 16).toString(16)}:${(lane & 0xffff).toString(16)}`,
        )
        expect(formatIp6(ip)).toBe(new URL(`http://[${long.join(':')}]/`).hostname.slice(1, -1))
      }),
    )
  })

  it('accepts what Node accepts and nothing else', () => {
    const scrap = fc.constantFrom(
      '::',
      ':',
      '0',
      '1',
      'ff',
      '1234',
      '12345',
      '.',
      '10',
      '256',
      '1.2.3.4',
      '00',
      '%',
      'g',
    )
    fc.assert(
      fc.property(fc.array(scrap, { maxLength: 16 }), (scraps) => {
        const text = scraps.join('')
        const ip = parseIp(text)
        const expected = text.includes('%') ? 0 : isIP(text)
        expect(ip === undefined ? 0 : familyOf(ip)).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(anyIp, (ip) => {
        expect(parseIp(formatIp(ip))).toEqual(ip)
      }),
    )
  })
})

describe('order, equality and addition', () => {
  it('orders as unsigned integers, IPv4 first', () => {
    fc.assert(
      fc.property(anyIp, anyIp, (a, b) => {
        const difference =
          familyOf(a) - familyOf(b) ||
          Number(asInteger(a) > asInteger(b)) - Number(asInteger(a) < asInteger(b))
        expect(Math.sign(compareIp(a, b))).toBe(Math.sign(difference))
        expect(equalIp(a, b)).toBe(difference === 0)
        expect(ipKey(a) === ipKey(b)).toBe(difference === 0)
      }),
    )
    expect(equalIp(at('::1'), at('::1'))).toBe(true)
    expect(equalIp(0, at('::'))).toBe(false)
  })

  it('adds like integers modulo the space', () => {
    fc.assert(
      fc.property(anyIp, fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), (ip, n) => {
        const sum = addToIp(ip, n)
        expect(asInteger(sum)).toBe(BigInt.asUintN(isIp4(ip) ? 32 : 128, asInteger(ip) + BigInt(n)))
        expect(addToIp(sum, -n)).toEqual(ip)
      }),
    )
  })

  it('wraps to a plain zero', () => {
    expect(addToIp(0xffffffff, 1)).toBe(0)
    expect(addToIp(0, -(2 ** 32))).toBe(0)
    expect(addToIp(at6('::'), -1)).toEqual(at('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'))
  })
})

describe('derived addresses', () => {
  it('RFC 4291 appendix A: the link-local address of a MAC flips the universal bit and inserts fffe', () => {
    expect(formatIp(linkLocalFromMac(parseMac('34:56:78:9a:bc:de')!))).toBe('fe80::3656:78ff:fe9a:bcde')
    expect(formatIp(linkLocalFromMac(parseMac('02:00:00:ff:ff:ff')!))).toBe('fe80::ff:feff:ffff')
  })

  it('RFC 4291 §2.7.1: the solicited-node group keeps the low 24 bits', () => {
    expect(formatIp(solicitedNode(at6('4037::01:800:200e:8c6c')))).toBe('ff02::1:ff0e:8c6c')
  })

  it('RFC 1112 §6.4 and RFC 2464 §7: multicast goes to Ethernet groups', () => {
    expect(formatMac(multicastMac(at('239.255.0.1')))).toBe('01:00:5e:7f:00:01')
    expect(formatMac(multicastMac(at('ff02::1:ff0e:8c6c')))).toBe('33:33:ff:0e:8c:6c')
  })
})

describe('kinds of addresses', () => {
  it.each([
    [
      isLinkLocal,
      ['169.254.0.0', '169.254.255.255', 'fe80::', 'febf::1'],
      ['169.253.255.255', '169.255.0.0', 'fec0::', 'fe7f::'],
    ],
    [isMulticast, ['224.0.0.0', '239.255.255.255', 'ff02::1'], ['223.255.255.255', '240.0.0.0', 'fe80::1']],
    [isLoopback, ['127.0.0.1', '127.255.255.255', '::1'], ['128.0.0.0', '126.0.0.1', '::', '::2', '1::1']],
    [isUnspecified, ['0.0.0.0', '::'], ['0.0.0.1', '::1', '8000::']],
    [isBroadcast, ['255.255.255.255'], ['255.255.255.254', 'ffff::']],
  ])('%o', (predicate, yes, no) => {
    for (const text of yes) expect(predicate(at(text)), text).toBe(true)
    for (const text of no) expect(predicate(at(text)), text).toBe(false)
  })

  it('reduces lanes to unsigned numbers', () => {
    fc.assert(
      fc.property(word, (w) => {
        expect(ip6(w | 0, 0, 0, w | 0)).toEqual({ w0: w, w1: 0, w2: 0, w3: w })
      }),
    )
    expect(parseIp6('1.2.3.4')).toBeUndefined()
  })
})
