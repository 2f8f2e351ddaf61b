import { describe, expect, it } from 'vitest'
import { addressAt, lanesOf, orderedList, type PrefixList } from '../../../src/model/prefix-list.ts'
import { formatIp, parseIp } from '../../../src/net/ip.ts'
import { parsePrefix } from '../../../src/net/prefix.ts'
import { Random } from '../../../src/net/random.ts'
import { createRouteTable, type RouteTable } from '../../../src/net/route-table/route-table.ts'
import { captureTrace, repeated } from '../../../src/run/bench/capture-trace.ts'
import { SHAPES, shapedTable } from '../../../src/run/bench/shapes.ts'
import {
  type AddressTrace,
  generatedTrace,
  holder,
  sharedBits,
  TRACES,
} from '../../../src/run/bench/traces.ts'
import type { Capture } from '../../../src/wire/pcap-reader.ts'

const LENGTH = 20_000

function tableOf(list: PrefixList): RouteTable<number> {
  const table = createRouteTable<number>()
  for (let i = 0; i < list.count; i++)
    table.insert({ ip: addressAt(list, i), len: list.lengths[i]! }, list.values[i]!)
  return table
}

/** A list from texts, values in order. */
function listOf(...prefixes: readonly string[]): PrefixList {
  const parsed = prefixes.map((text) => parsePrefix(text)!)
  const family = typeof parsed[0]!.ip === 'number' ? 4 : 6
  const lanes = parsed.flatMap(({ ip }) => (typeof ip === 'number' ? [ip] : [ip.w0, ip.w1, ip.w2, ip.w3]))
  const lens = parsed.map(({ len }) => len)
  return orderedList(
    family,
    prefixes.length,
    Uint32Array.from(lanes),
    Uint8Array.from(lens),
    new Uint32Array(lens.length),
  )
}

function hits(trace: AddressTrace, table: RouteTable<number>): number {
  let found = 0
  for (let i = 0; i < trace.length; i++) if (table.lookup(addressAt(trace, i)) !== undefined) found++
  return found
}

describe.each(SHAPES.flatMap((shape) => ([4, 6] as const).map((family) => ({ shape, family }))))(
  'traces for v$family-$shape-1k',
  ({ shape, family }) => {
    const list = shapedTable(shape, family, 1000)
    const table = tableOf(list)
    const make = (name: (typeof TRACES)[number], seed = 1): AddressTrace =>
      generatedTrace(name, list, new Random(seed), LENGTH)!

    it.each(TRACES)('%s: as long as asked, the same for the same seed', (name) => {
      const trace = make(name)
      expect(trace).toMatchObject({ name, family, length: LENGTH })
      expect(trace.addresses).toHaveLength(lanesOf(family) * LENGTH)
      expect(make(name).addresses).toEqual(trace.addresses)
      expect(make(name, 2).addresses).not.toEqual(trace.addresses)
    })

    it('match and zipf always match, miss never does', () => {
      expect(hits(make('match'), table)).toBe(LENGTH)
      expect(hits(make('zipf'), table)).toBe(LENGTH)
      expect(hits(make('miss'), table)).toBe(0)
    })

    it('match asks every prefix', () => {
      const asked = new Set<string>()
      const trace = make('match')
      for (let i = 0; i < trace.length; i++) {
        const { prefix } = table.lookupEntry(addressAt(trace, i))!
        asked.add(`${formatIp(prefix.ip)}/${prefix.len}`)
      }
      expect(asked.size).toBeGreaterThan(950)
    })

    it('zipf asks the first destination about a twelfth of the time, and the second half as often', () => {
      const trace = make('zipf')
      const asked = new Map<string, number>()
      for (let i = 0; i < trace.length; i++) {
        const text = formatIp(addressAt(trace, i))
        asked.set(text, (asked.get(text) ?? 0) + 1)
      }
      const [first, second] = [...asked.values()].sort((a, b) => b - a) as [number, number]
      // The harmonic number of 65,536 is 11.67.
      expect(first / LENGTH).toBeGreaterThan(0.07)
      expect(first / LENGTH).toBeLessThan(0.1)
      expect(first / second).toBeGreaterThan(1.6)
      expect(first / second).toBeLessThan(2.5)
    })

    it('whether a prefix holds an address is found as the route table finds it', () => {
      const holds = holder(list)
      for (const name of TRACES) {
        const trace = make(name)
        for (let i = 0; i < 2000; i++)
          expect(holds(trace.addresses, i)).toBe(table.lookup(addressAt(trace, i)) !== undefined)
      }
    })
  },
)

describe('edges', () => {
  it('a default route leaves no address to miss', () => {
    expect(generatedTrace('miss', listOf('0.0.0.0/0', '10.0.0.0/8'), new Random(1), 10)).toBeUndefined()
    expect(generatedTrace('miss', listOf('0.0.0.0/1', '128.0.0.0/1'), new Random(1), 10)).toBeUndefined()
  })

  it('bits that all prefixes share', () => {
    expect(sharedBits(listOf('fd00:1::/48', 'fd00:2::/48'))).toBe(30)
    expect(sharedBits(listOf('::/0', 'fd00:1::/48', 'fd00:2::/48'))).toBe(30)
    expect(sharedBits(listOf('fd00:1::/48'))).toBe(48)
    expect(sharedBits(listOf('fd00::/8', 'fd00:1::/48'))).toBe(8)
    expect(sharedBits(listOf('::/0'))).toBe(0)
    expect(sharedBits(listOf('::1:0:0:0/80', '::2:0:0:0/80'))).toBe(78)
  })

  it('uniform addresses of IPv6 lie below those bits, eight of them at most', () => {
    const tops = (list: PrefixList): Set<number> => {
      const trace = generatedTrace('uniform', list, new Random(1), 5000)!
      return new Set(Array.from({ length: 5000 }, (_, i) => trace.addresses[4 * i]! >>> 24))
    }
    expect([...tops(listOf('fd00:1::/48', 'fd00:2::/48'))]).toEqual([0xfd])
    expect([...tops(listOf('2400::/32', '2c00::/32'))].sort()).toEqual(
      Array.from({ length: 16 }, (_, i) => 0x20 + i),
    )
    expect(tops(listOf('::/0')).size).toBe(256)
  })
})

describe('a capture as a trace', () => {
  const header4 = (to: string): number[] => {
    const bytes = new Uint8Array(20)
    bytes[0] = 0x45
    new DataView(bytes.buffer).setUint32(16, parseIp(to) as number)
    return [...bytes]
  }
  const header6 = new Array<number>(40).fill(0).map((_, i) => (i === 0 ? 0x60 : i >= 24 ? i : 0))
  const ethernet = (...type: readonly number[]): number[] => [...new Array<number>(12).fill(0), ...type]
  const packets: [linkType: number, bytes: number[]][] = [
    [1, [...ethernet(0x08, 0x00), ...header4('10.0.0.1')]],
    [1, [...ethernet(0x81, 0x00, 0, 5, 0x08, 0x00), ...header4('10.0.0.2')]],
    [1, [...ethernet(0x88, 0xa8, 0, 5, 0x81, 0x00, 0, 6, 0x86, 0xdd), ...header6]],
    [1, [...ethernet(0x08, 0x06), ...new Array<number>(28).fill(1)]],
    [101, header4('10.0.0.3')],
    [113, [...new Array<number>(14).fill(0), 0x08, 0x00, ...header4('10.0.0.4')]],
    [276, [0x08, 0x00, ...new Array<number>(18).fill(0), ...header4('10.0.0.5')]],
    [0, [2, 0, 0, 0, ...header4('10.0.0.6')]],
    [147, header4('10.0.0.7')],
    [101, header4('10.0.0.8').slice(0, 18)],
    [1, [1, 2, 3]],
    [101, []],
  ]
  const capture: Capture = {
    format: 'pcapng',
    application: '',
    interfaces: packets.map(([linkType]) => ({ name: '', description: '', linkType })),
    names: [],
    packets: packets.map(([, bytes], interfaceId) => ({
      interfaceId,
      seconds: 0,
      nanos: 0,
      bytes: Uint8Array.from(bytes),
      originalLength: bytes.length,
      direction: 0,
      comment: '',
    })),
    problem: undefined,
  }

  it('takes the destinations of its family, in order, from every kind of link it knows', () => {
    const trace = captureTrace(capture, 4, 'x.pcap')
    expect(trace).toMatchObject({ family: 4, name: 'x.pcap', length: 6 })
    const texts = Array.from({ length: trace.length }, (_, i) => formatIp(addressAt(trace, i)))
    expect(texts).toEqual([1, 2, 3, 4, 5, 6].map((n) => `10.0.0.${n}`))
    const six = captureTrace(capture, 6, 'x.pcap')
    expect([six.length, formatIp(addressAt(six, 0))]).toEqual([1, '1819:1a1b:1c1d:1e1f:2021:2223:2425:2627'])
  })

  it('a short one is repeated, an empty one stays empty', () => {
    const trace = repeated(captureTrace(capture, 6, 'x'), 5)
    expect(trace.length).toBe(5)
    expect(addressAt(trace, 4)).toEqual(addressAt(trace, 0))
    expect(repeated({ ...trace, length: 0, addresses: new Uint32Array() }, 5).length).toBe(0)
  })
})
