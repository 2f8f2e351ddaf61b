import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  addressAt,
  lanesOf,
  orderedList,
  type PrefixList,
  prefixTextAt,
} from '../../../src/model/prefix-list.ts'
import { contains, covers, hasHostBits } from '../../../src/net/prefix.ts'
import { HISTOGRAMS, lengthCounts } from '../../../src/run/bench/bgp-space.ts'
import { NEXT_HOPS, SHAPES, shapedTable } from '../../../src/run/bench/shapes.ts'

const CASES = SHAPES.flatMap((shape) =>
  ([4, 6] as const).flatMap((family) => [1_000, 10_000, 100_000].map((size) => ({ shape, family, size }))),
)

function byLength({ lengths }: PrefixList): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const len of lengths) counts[len] = (counts[len] ?? 0) + 1
  return counts
}

/** Share of the prefixes that lie in another: those that open and have not ended are kept on a stack. */
function nestedShare(list: PrefixList): number {
  const open: number[] = []
  const prefix = (i: number) => ({ ip: addressAt(list, i), len: list.lengths[i]! })
  let nested = 0
  for (let i = 0; i < list.count; i++) {
    while (open.length > 0 && !covers(prefix(open.at(-1)!), prefix(i))) open.pop()
    if (open.length > 0) nested++
    open.push(i)
  }
  return nested / list.count
}

function digest(list: PrefixList): string {
  const hash = createHash('sha256')
  for (const column of [list.addresses, list.lengths, list.values])
    hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength))
  return hash.digest('hex').slice(0, 16)
}

describe.each(CASES)('v$family-$shape-$size', ({ shape, family, size }) => {
  const list = shapedTable(shape, family, size)

  it('has exactly that many prefixes, in order, none twice, none with host bits', () => {
    expect(list.count).toBe(size)
    expect(list.addresses).toHaveLength(lanesOf(family) * size)
    const wrong: string[] = []
    for (let i = 0; i < size; i++) {
      const ip = addressAt(list, i)
      if (hasHostBits({ ip, len: list.lengths[i]! })) wrong.push(prefixTextAt(list, i))
    }
    expect(wrong).toEqual([])
    const again = orderedList(family, size, list.addresses, list.lengths, list.values)
    expect(digest(again)).toBe(digest(list))
  })

  it('answers all its next hops and no other', () => {
    const used = new Set(list.values)
    expect(Math.max(...used)).toBeLessThan(NEXT_HOPS[shape])
    expect(used.size).toBeGreaterThan(0.9 * NEXT_HOPS[shape])
  })

  it('is the same for the same seed and another for another', () => {
    expect(digest(shapedTable(shape, family, size))).toBe(digest(list))
    expect(digest(shapedTable(shape, family, size, 2))).not.toBe(digest(list))
  })

  if (shape === 'bgp') {
    it('has the lengths of a full view, and half of its prefixes in others', () => {
      const counts = byLength(list)
      for (const [len, share] of Object.entries(HISTOGRAMS[family]))
        expect(Math.abs((counts[Number(len)] ?? 0) / size - share / 100), len).toBeLessThan(0.002)
      expect(nestedShare(list)).toBeGreaterThan(0.4)
      expect(nestedShare(list)).toBeLessThan(0.6)
    })
  } else {
    it('is clusters of nodes of fifteen pods', () => {
      const [cluster, node, pod] = (family === 4 ? [16, 24, 32] : [48, 64, 128]).map(
        (len) => byLength(list)[len]!,
      )
      expect(cluster).toBe(Math.ceil(size / (1 + 256 * 16)))
      expect(pod! / node!).toBeGreaterThan(14.8)
      expect(pod! / node!).toBeLessThanOrEqual(15)
      expect(nestedShare(list)).toBe(1 - cluster! / size)
    })
  }
})

describe('sizes', () => {
  it('one prefix, and not none, half ones or more than there is room for', () => {
    expect(shapedTable('k8s', 4, 1).count).toBe(1)
    expect(shapedTable('bgp', 6, 1).count).toBe(1)
    for (const size of [0, 1.5, -1, 2 ** 21]) expect(() => shapedTable('bgp', 4, size)).toThrow(RangeError)
  })

  it('histograms are percent', () => {
    for (const family of [4, 6] as const)
      expect(Object.values(HISTOGRAMS[family]).reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, 6)
  })

  it('the counts of a histogram add up', () => {
    for (const family of [4, 6] as const)
      for (const size of [1, 7, 999, 1_000_000])
        expect(lengthCounts(HISTOGRAMS[family], size).reduce((sum, [, count]) => sum + count, 0)).toBe(size)
  })

  it('golden bytes: tables are the same on every machine', () => {
    const digests = SHAPES.flatMap((shape) =>
      ([4, 6] as const).map((family) => digest(shapedTable(shape, family, 1_000))),
    )
    expect(digests).toMatchInlineSnapshot(`
      [
        "a901ff0808aae8ee",
        "4f049dce3fffcb5a",
        "9b4d8a36035b99ee",
        "b4e68225f5a17b04",
      ]
    `)
  })
})

describe('orderedList', () => {
  it('keeps the first of two of the same prefix', () => {
    const lanes = Uint32Array.of(0x0a000000, 0x0a000000, 0, 0x0a000000)
    const list = orderedList(4, 4, lanes, Uint8Array.of(16, 8, 0, 16), Uint32Array.of(1, 2, 3, 4))
    expect([...list.addresses]).toEqual([0, 0x0a000000, 0x0a000000])
    expect([...list.lengths]).toEqual([0, 8, 16])
    expect([...list.values]).toEqual([3, 2, 1])
  })

  it('orders IPv6 by all four lanes', () => {
    const lanes = Uint32Array.of(1, 0, 0, 2, 1, 0, 0, 1, 0, 9, 9, 9)
    const list = orderedList(6, 3, lanes, Uint8Array.of(128, 128, 128), Uint32Array.of(0, 1, 2))
    expect([...list.values]).toEqual([2, 1, 0])
    expect(contains({ ip: addressAt(list, 2), len: 128 }, addressAt(list, 2))).toBe(true)
  })
})
