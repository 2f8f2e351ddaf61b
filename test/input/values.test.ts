// The scalars: durations, sizes, shares and addresses. ip-num is the second opinion on what an address is.

import fc from 'fast-check'
import { IPv4, IPv4CidrRange } from 'ip-num'
import { describe, expect, it } from 'vitest'
import { Diagnostics } from '../../src/diag/diagnostic.ts'
import type { Context } from '../../src/input/context.ts'
import { parseYaml } from '../../src/input/parse-yaml.ts'
import { readDuration, readFraction, readIp, readNetwork, readSize } from '../../src/input/values.ts'
import { formatNanos } from '../../src/model/time.ts'
import { formatIp, type Ip } from '../../src/net/ip.ts'
import { formatPrefix } from '../../src/net/prefix.ts'

function context(): Context {
  return { diagnostics: new Diagnostics(), waived: new Set(), broken: new Set() }
}
const at = parseYaml('x', 'a: 1\n', new Diagnostics(), () => {})[0]!.root
const duration = (text: string | number) => readDuration(context(), text, at)

describe('durations', () => {
  it.each([
    ['200us', 200e3],
    ['1.5ms', 1.5e6],
    ['3s', 3e9],
    ['2m', 120e9],
    ['1m30s', 90e9],
    ['1h', 3600e9],
    ['7 ns', 7],
    ['0', 0],
    ['0s', 0],
    ['10µs', 10e3],
  ])('%s', (text, nanos) => {
    expect(duration(text)).toBe(nanos)
  })

  it.each([
    '',
    '3',
    '3.5',
    '-1s',
    's',
    '3 seconds',
    '3s later',
    '1e3s',
    '1,5s',
    '3 s 4',
    '99999999h',
    'NaN',
    '0x10s',
  ])('%j is refused', (text) => {
    expect(duration(text)).toBeUndefined()
  })

  it('reads what formatNanos writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (micros) => {
        const text = formatNanos(micros)
        // Three decimals are kept, so only such times come back exactly.
        expect(formatNanos(duration(text)!)).toBe(text)
      }),
    )
  })
})

describe('sizes and shares', () => {
  it.each([
    ['1400', 1400],
    [56, 56],
    ['64KiB', 65536],
    ['1MB', 1e6],
    ['1.5kB', 1500],
    ['0', 0],
  ])('%s bytes', (text, bytes) => {
    expect(readSize(context(), text, at)).toBe(bytes)
  })
  it.each(['-1', '1.5', '2GiB', '5 pounds', ''])('%j is refused', (text) => {
    expect(readSize(context(), text, at)).toBeUndefined()
  })
  it.each([
    ['0.5%', 0.005],
    ['100%', 1],
    [0.25, 0.25],
    ['0', 0],
    [1, 1],
  ])('%s of the packets', (text, share) => {
    expect(readFraction(context(), text, at)).toBe(share)
  })
  it.each(['101%', '2', '-1%', 'half'])('%j is refused', (text) => {
    expect(readFraction(context(), text, at)).toBeUndefined()
  })
})

describe('addresses', () => {
  const octet = fc.oneof(
    fc.integer({ min: 0, max: 300 }).map(String),
    fc.constantFrom('00', '010', '', 'x', '-1', '+1', ' 1', '0x1', '1e1'),
  )
  const dotted = fc.array(octet, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'))

  it('ip-num agrees on what an IPv4 address is', () => {
    fc.assert(
      fc.property(dotted, (text) => {
        const ours: Ip | undefined = readIp(context(), text, at)
        let theirs: string | undefined
        try {
          theirs = new IPv4(text).toString()
        } catch {
          theirs = undefined
        }
        // We pass over spaces around a text; nobody means anything else by them.
        if (text !== text.trim()) return
        expect(ours === undefined ? undefined : formatIp(ours)).toBe(theirs)
      }),
      { numRuns: 500 },
    )
  })

  it('ip-num agrees on the network of a CIDR, and we refuse the host bits that it accepts', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 32 })),
        ([ip, len]) => {
          const text = `${formatIp(ip)}/${len}`
          const first = IPv4CidrRange.fromCidr(text).getFirst().toString()
          const ours = readNetwork(context(), text, at)
          expect(ours === undefined ? undefined : formatPrefix(ours)).toBe(
            first === formatIp(ip) ? text : undefined,
          )
        },
      ),
    )
  })

  it.each(['010.1.2.0', '10.1', '0x0a.0.0.1', '167772161', '1.2.3.04'])(
    '%s: both readings are explained',
    (text) => {
      const one = context()
      expect(readIp(one, text, at)).toBeUndefined()
      expect(one.diagnostics.all().map((problem) => problem.code)).toEqual(['IN031'])
    },
  )
})
