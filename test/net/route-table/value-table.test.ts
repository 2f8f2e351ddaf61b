import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addToIp, ip6, parseIp } from '../../../src/net/ip.ts'
import { comparePrefix, formatPrefix, parsePrefix } from '../../../src/net/prefix.ts'
import { mix32, Random } from '../../../src/net/random.ts'
import { createRouteTable } from '../../../src/net/route-table/route-table.ts'
import { digitsOfPrefix, NaiveRouteTable } from '../../golden/naive-route-table.ts'
import { anyIp, anyPrefix, clusteredIp, clusteredPrefix } from '../arbitraries.ts'

const prefix = (text: string) => parsePrefix(text)!
const ip = (text: string) => parseIp(text)!

describe('route table', () => {
  it('picks the longest prefix, and the default route last', () => {
    const table = createRouteTable<string>()
    for (const text of [
      '0.0.0.0/0',
      '10.0.0.0/8',
      '10.16.0.0/16',
      '10.16.0.10/32',
      '::/0',
      'fd00:10:16::/64',
    ]) {
      expect(table.insert(prefix(text), text)).toBe(true)
    }
    expect(table.size).toBe(6)
    expect(table.lookup(ip('10.16.0.10'))).toBe('10.16.0.10/32')
    expect(table.lookup(ip('10.16.0.11'))).toBe('10.16.0.0/16')
    expect(table.lookup(ip('10.17.0.1'))).toBe('10.0.0.0/8')
    expect(table.lookup(ip('255.255.255.255'))).toBe('0.0.0.0/0')
    expect(table.lookup(ip('fd00:10:16::1'))).toBe('fd00:10:16::/64')
    expect(table.lookup(ip('::'))).toBe('::/0')
  })

  it('answers undefined when nothing matches, also across families', () => {
    const table = createRouteTable<number>()
    table.insert(prefix('0.0.0.0/0'), 1)
    expect(table.lookup(ip('::'))).toBeUndefined()
    expect(table.lookupEntry(ip('::'))).toBeUndefined()
    expect(table.covering(ip('::'))).toEqual([])
    expect(table.remove(prefix('0.0.0.0/1'))).toBe(false)
    expect(table.get(prefix('0.0.0.0/1'))).toBeUndefined()
  })

  it('clears host bits and replaces values', () => {
    const table = createRouteTable<string>()
    expect(table.insert(prefix('10.16.0.1/16'), 'port')).toBe(true)
    expect(table.insert(prefix('10.16.0.0/16'), 'subnet')).toBe(false)
    expect(table.lookupEntry(ip('10.16.9.9'))).toEqual({ prefix: prefix('10.16.0.0/16'), value: 'subnet' })
    expect(table.remove(prefix('10.16.7.7/16'))).toBe(true)
    expect(table.size).toBe(0)
  })

  it('walks in order and gives all that cover an address, longest first', () => {
    const table = createRouteTable<number>()
    const texts = ['0.0.0.0/0', '10.0.0.0/8', '10.0.0.0/24', '10.1.0.0/16', '::/0', 'fd00::/48', 'fd00::/64']
    for (const [i, text] of [...texts.entries()].reverse()) table.insert(prefix(text), i)
    expect(table.walk().map((entry) => formatPrefix(entry.prefix))).toEqual(texts)
    expect(table.covering(ip('10.0.0.255')).map((entry) => entry.value)).toEqual([2, 1, 0])
    expect(table.covering(ip('fd00:0:0:1::')).map((entry) => entry.value)).toEqual([5, 4])
  })

  it('agrees with the naive table under any mix of insertions, removals and questions', () => {
    const anyOf = fc.oneof({ weight: 3, arbitrary: clusteredPrefix }, { weight: 1, arbitrary: anyPrefix })
    const change = fc.record({ action: fc.constantFrom('insert', 'insert', 'remove'), at: anyOf })
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 120 }),
        fc.array(fc.oneof(clusteredIp, anyIp), { minLength: 8 }),
        (changes, probes) => {
          const table = createRouteTable<number>()
          const naive = new NaiveRouteTable<number>()
          for (const [value, { action, at }] of changes.entries()) {
            if (action === 'insert') expect(table.insert(at, value)).toBe(naive.insert(at, value))
            else expect(table.remove(at)).toBe(naive.remove(at))
            expect(table.size).toBe(naive.size)
            expect(table.get(at)).toBe(naive.get(at))
          }
          for (const probe of [...probes, ...changes.map(({ at }) => at.ip)]) {
            expect(table.lookup(probe)).toBe(naive.lookup(probe))
            const covering = table.covering(probe)
            expect(covering.map(({ prefix, value }) => ({ digits: digitsOfPrefix(prefix), value }))).toEqual(
              naive.covering(probe),
            )
            expect(table.lookupEntry(probe)).toEqual(covering[0])
          }
          const walked = table.walk()
          expect(walked.map((entry) => entry.value).sort()).toEqual(
            naive.entries.map((entry) => entry.value).sort(),
          )
          expect(walked).toEqual([...walked].sort((a, b) => comparePrefix(a.prefix, b.prefix)))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('survives growth and long runs of removals in one length, IPv4 and IPv6', () => {
    // Hosts scattered over IPv4 and side by side in IPv6: long probe runs, holes in the middle of them, slots and indexes reused.
    const random = new Random(11)
    const table = createRouteTable<number>()
    const twin = new Map<string, number>()
    for (let value = 0; value < 30_000; value++) {
      const low = random.below(3000)
      const host = random.below(2) === 0 ? mix32(low) : addToIp(ip6(0xfd000010, 0x00160000, 0, 0), low)
      const at = { ip: host, len: typeof host === 'number' ? 32 : 128 }
      if (random.below(3) === 0) expect(table.remove(at)).toBe(twin.delete(formatPrefix(at)))
      else {
        table.insert(at, value)
        twin.set(formatPrefix(at), value)
      }
    }
    expect(table.size).toBe(twin.size)
    const walked = new Map(table.walk().map((entry) => [formatPrefix(entry.prefix), entry.value]))
    expect(walked).toEqual(twin)
    for (const [text, value] of twin) expect(table.lookup(prefix(text).ip)).toBe(value)
    for (const text of twin.keys()) expect(table.remove(prefix(text))).toBe(true)
    expect(table.size).toBe(0)
    expect(table.walk()).toEqual([])
  })
})
