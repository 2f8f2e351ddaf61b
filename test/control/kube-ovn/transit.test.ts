import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressSetName } from '../../../src/control/kube-ovn/names.ts'
import { drawAddresses, gatewayPriority, rotated } from '../../../src/control/kube-ovn/transit.ts'
import { expandAddressSets } from '../../../src/model/address-set.ts'
import { contains, formatPrefix } from '../../../src/net/prefix.ts'
import { Random } from '../../../src/net/random.ts'
import { prefix } from './testbed.ts'

describe('what is drawn and arranged', () => {
  it('KO-EST-2: gateway i modulo their number comes first, the order is kept', () => {
    expect([0, 1, 2, 3].map((i) => rotated(['a', 'b', 'c'], i).join(''))).toEqual([
      'abc',
      'bca',
      'cab',
      'abc',
    ])
    expect(rotated([], 2)).toEqual([])
    expect([0, 1, 2].map(gatewayPriority)).toEqual([100, 99, 98])
  })

  it('4.5: addresses lie in the lower half of the network and keep its length', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.constantFrom('169.254.100.0/24', 'fe80:a9fe:64::/112', '10.0.0.4/31'),
        (seed, text) => {
          const [drawn] = drawAddresses(new Random(seed), [prefix(text)])
          const half = { ip: prefix(text).ip, len: prefix(text).len + 1 }
          expect(contains(half, drawn!.ip)).toBe(true)
          expect(drawn!.len).toBe(prefix(text).len)
        },
      ),
    )
  })

  it('4.5: every address of the lower half is drawn some time, the first one too', () => {
    const random = new Random(1)
    const seen = new Set<string>()
    for (let i = 0; i < 3000; i++)
      seen.add(formatPrefix(drawAddresses(random, [prefix('169.254.100.0/24')])[0]!))
    expect(seen.size).toBe(128)
    expect(seen).toContain('169.254.100.0/24')
  })
})

describe('address sets', () => {
  const sets = new Map([
    [addressSetName('ovn-default', 'node-1', 4), ['10.16.0.2', '10.16.0.7']],
    ['empty_ip4', []],
  ])

  it('dashes of subnet and node become dots', () => {
    expect([...sets.keys()][0]).toBe('ovn.default.node.1_ip4')
  })

  it('are written out as constants', () => {
    const match = 'ip4.src == $ovn.default.node.1_ip4 && ip4.dst != 10.0.0.0/8'
    expect(expandAddressSets(match, sets)).toBe('ip4.src == {10.16.0.2, 10.16.0.7} && ip4.dst != 10.0.0.0/8')
  })

  it('empty, they match nothing', () => {
    expect(expandAddressSets('ip4.src == $empty_ip4', sets)).toBe('0')
    expect(expandAddressSets('ip4.src != $empty_ip4', sets)).toBe('1')
  })

  it('unknown, they stay', () => {
    expect(expandAddressSets('ip4.src == $none', sets)).toBe('ip4.src == $none')
  })
})
