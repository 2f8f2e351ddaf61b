import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BROADCAST_MAC, formatMac, isMulticastMac, parseMac } from '../../src/net/mac.ts'

describe('MAC', () => {
  it('reads either case and writes lower case', () => {
    expect(formatMac(parseMac('00:00:00:AF:D0:98')!)).toBe('00:00:00:af:d0:98')
    expect(formatMac(BROADCAST_MAC)).toBe('ff:ff:ff:ff:ff:ff')
  })

  it.each([
    '',
    '0:0:0:0:0:0',
    '00-00-00-00-00-00',
    '00:00:00:00:00',
    '00:00:00:00:00:00:00',
    '00:00:00:00:00:0g',
    ' 00:00:00:00:00:00',
    '00:00:00:00:00:00\n',
  ])('refuses %j', (text) => {
    expect(parseMac(text)).toBeUndefined()
  })

  it('reads back what it writes, and the lowest bit of the first octet makes a group', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 6, maxLength: 6 }), (octets) => {
        const text = octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':')
        const mac = parseMac(text)!
        expect(formatMac(mac)).toBe(text)
        expect(isMulticastMac(mac)).toBe(octets[0]! % 2 === 1)
      }),
    )
  })
})
