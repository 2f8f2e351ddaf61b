import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Random } from '../../../src/net/random.ts'
import { columns4, columns6 } from '../../../src/net/route-table/columns.ts'
import { List4, List6 } from '../../../src/net/route-table/list.ts'
import { type Entry4, type Entry6, type Lpm4, type Lpm6, NONE } from '../../../src/net/route-table/lpm.ts'
import { STRUCTURES, type Structure4, type Structure6 } from '../../../src/net/route-table/structures.ts'
import { NaiveRouteTable } from '../../golden/naive-route-table.ts'
import { entry4, entry6, probes4, probes6, SETS4, SETS6 } from './sets.ts'

const fours = STRUCTURES.filter((one): one is Structure4 => one.family === 4)
const sixes = STRUCTURES.filter((one): one is Structure6 => one.family === 6)

/** A root of 64 MiB that a default route fills: fewer rounds there. */
const rounds = (name: string, most: number): number => (name === 'dir-24-8' ? Math.ceil(most / 40) : most)

describe.each(fours)('IPv4 $name', ({ name, create, build }) => {
  it.each(Object.keys(SETS4))('built from %s it answers as the list does, singly and in batches', (set) => {
    const random = new Random(set.length)
    const entries = SETS4[set]!(random)
    const table = build(columns4(entries))
    const list = List4.build(columns4(entries))
    const probes = probes4(entries, random, 500)
    const expected = Int32Array.from(probes, (address) => list.lookup(address))
    expect(table.size).toBe(list.size)
    expect(Int32Array.from(probes, (address) => table.lookup(address))).toEqual(expected)
    for (const count of [0, 1, 31, 32, 33, probes.length]) {
      const out = new Int32Array(probes.length).fill(-9)
      table.lookupBatch(probes, out, count)
      expect(out.subarray(0, count)).toEqual(expected.subarray(0, count))
      expect(out.subarray(count).every((answer) => answer === -9)).toBe(true)
      const batch = table.batch(count)
      batch.addresses.set(probes.subarray(0, count))
      table.lookupBatch(batch.addresses, batch.out, count)
      expect(Int32Array.from(batch.out.subarray(0, count))).toEqual(expected.subarray(0, count))
    }
    if (create !== undefined) {
      expect((table as Lpm4).walk()).toEqual(list.walk())
      for (const address of probes.subarray(0, 300))
        expect((table as Lpm4).covering(address)).toEqual(list.covering(address))
    }
  })

  if (create === undefined) return

  it('refuses what cannot be a prefix, a value or a batch', () => {
    const table = create()
    for (const [address, length] of [
      [0, -1],
      [0, 33],
      [0, 1.5],
      [0, Number.NaN],
      [1, 31],
      [-1, 32],
      [2 ** 32, 32],
    ] as const) {
      expect(() => table.insert(address, length, 0)).toThrow(RangeError)
      expect(() => table.remove(address, length)).toThrow(RangeError)
      expect(() => table.exact(address, length)).toThrow(RangeError)
      expect(() => table.covered(address, length)).toThrow(RangeError)
    }
    for (const value of [-1, 0.5, 2 ** 24, Number.NaN])
      expect(() => table.insert(0, 0, value)).toThrow(RangeError)
    expect(() => table.lookupBatch(new Uint32Array(2), new Int32Array(3), 3)).toThrow(RangeError)
    expect(() => table.lookupBatch(new Uint32Array(3), new Int32Array(2), 3)).toThrow(RangeError)
    expect(table.size).toBe(0)
  })

  it('agrees with the list after any insertions and removals, and so do its snapshots', () => {
    const bases = [0, 0x0a000000, 0x0a000100, 0x0a0001f0, 0x0a800000, 0xc0a80000, 0xffffffff, 0x80000000]
    const prefix = fc
      .tuple(
        fc.constantFrom(...bases),
        fc.integer({ min: 0, max: 0x1ff }),
        fc.oneof(fc.constantFrom(16, 17, 24, 25, 32), fc.integer({ min: 0, max: 32 })),
      )
      .map(([base, low, length]) => entry4(base ^ low, length, 0))
    const change = fc.record({ remove: fc.boolean(), prefix, value: fc.integer({ min: 0, max: 5 }) })
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 60 }),
        fc.array(change, { maxLength: 30 }),
        (before, after) => {
          const table = create()
          const list = new List4()
          apply4(before, table, list)
          const frozen = table.snapshot()
          const twin = list.snapshot()
          apply4(after, table, list)
          for (const [one, other] of [
            [table, list],
            [frozen, twin],
          ] as const) {
            expect(one.size).toBe(other.size)
            expect(one.walk()).toEqual(other.walk())
            for (const { prefix } of [...before, ...after]) {
              expect(one.lookup(prefix.address)).toBe(other.lookup(prefix.address))
              expect(one.exact(prefix.address, prefix.length)).toBe(
                other.exact(prefix.address, prefix.length),
              )
              expect(one.covering(prefix.address)).toEqual(other.covering(prefix.address))
              // A walk of a root of 64 MiB takes a tenth of a second.
              if (name === 'dir-24-8' && prefix.length < 8) continue
              expect(one.covered(prefix.address, prefix.length)).toEqual(
                other.covered(prefix.address, prefix.length),
              )
            }
          }
        },
      ),
      { numRuns: rounds(name, 120) },
    )
  })

  it.each(Object.keys(SETS4))('comes and goes in random order: %s', (set) => {
    const random = new Random(set.length)
    const table = create()
    const list = new List4()
    // A short prefix writes megabytes of a root of 64 MiB: a few of them are asked above.
    const long = ({ length }: Entry4): boolean =>
      name !== 'dir-24-8' || set === 'default only' || length >= 12
    const entries = shuffled(SETS4[set]!(random).filter(long), random)
    for (const { address, length, value } of entries)
      expect(table.insert(address, length, value)).toBe(list.insert(address, length, value))
    const probes = probes4(entries, random, 100)
    const removals = shuffled(entries, random)
    for (const [i, { address, length }] of removals.entries()) {
      expect(table.remove(address, length)).toBe(list.remove(address, length))
      if (i % 37 !== 0 && i < removals.length - 3) continue
      for (const probe of probes) expect(table.lookup(probe)).toBe(list.lookup(probe))
      // A walk of a root of 64 MiB takes a tenth of a second.
      if (name !== 'dir-24-8' || i >= removals.length - 3) expect(table.walk()).toEqual(list.walk())
    }
    expect([table.size, table.walk()]).toEqual([0, []])
    for (const probe of probes) expect(table.lookup(probe)).toBe(NONE)
  })
})

describe.each(sixes)('IPv6 $name', ({ create, build }) => {
  it.each(Object.keys(SETS6))('built from %s it answers as the list does, singly and in batches', (set) => {
    const random = new Random(set.length)
    const entries = SETS6[set]!(random)
    const table = build(columns6(entries))
    const list = List6.build(columns6(entries))
    const probes = probes6(entries, random, 300)
    const at = (i: number) => [...probes.subarray(4 * i, 4 * i + 4)] as [number, number, number, number]
    const count = probes.length / 4
    const expected = Int32Array.from({ length: count }, (_, i) => list.lookup(...at(i)))
    expect(table.size).toBe(list.size)
    expect(Int32Array.from({ length: count }, (_, i) => table.lookup(...at(i)))).toEqual(expected)
    for (const some of [0, 1, 31, 32, 33, count]) {
      const out = new Int32Array(count).fill(-9)
      table.lookupBatch(probes, out, some)
      expect(out.subarray(0, some)).toEqual(expected.subarray(0, some))
      expect(out.subarray(some).every((answer) => answer === -9)).toBe(true)
      const batch = table.batch(some)
      batch.addresses.set(probes.subarray(0, 4 * some))
      table.lookupBatch(batch.addresses, batch.out, some)
      expect(Int32Array.from(batch.out.subarray(0, some))).toEqual(expected.subarray(0, some))
    }
    if (create !== undefined) {
      expect((table as Lpm6).walk()).toEqual(list.walk())
      for (let i = 0; i < Math.min(200, count); i++)
        expect((table as Lpm6).covering(...at(i))).toEqual(list.covering(...at(i)))
    }
  })

  if (create === undefined) return

  it('refuses what cannot be a prefix or a value', () => {
    const table = create()
    for (const prefix of [
      [0, 0, 0, 0, -1],
      [0, 0, 0, 0, 129],
      [0, 0, 0, 1, 127],
      [1, 0, 0, 0, 31],
      [-1, 0, 0, 0, 128],
    ] as [number, number, number, number, number][]) {
      expect(() => table.insert(...prefix, 0)).toThrow(RangeError)
      expect(() => table.remove(...prefix)).toThrow(RangeError)
      expect(() => table.exact(...prefix)).toThrow(RangeError)
      expect(() => table.covered(...prefix)).toThrow(RangeError)
    }
    expect(() => table.insert(0, 0, 0, 0, 0, 2 ** 24)).toThrow(RangeError)
    expect(() => table.lookupBatch(new Uint32Array(7), new Int32Array(2), 2)).toThrow(RangeError)
  })

  it('agrees with the list after any insertions and removals, and so do its snapshots', () => {
    const word = fc.constantFrom(0, 1, 0xfd000010, 0x00160000, 0x80000000, 0xffffffff)
    const length = fc.oneof(fc.constantFrom(0, 15, 16, 32, 48, 64, 96, 128), fc.integer({ min: 0, max: 128 }))
    const prefix = fc
      .tuple(fc.array(word, { minLength: 4, maxLength: 4 }), length)
      .map(([words, len]) => entry6(words, len, 0))
    const change = fc.record({ remove: fc.boolean(), prefix, value: fc.integer({ min: 0, max: 5 }) })
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 60 }),
        fc.array(change, { maxLength: 30 }),
        (before, after) => {
          const table = create()
          const list = new List6()
          apply6(before, table, list)
          const frozen = table.snapshot()
          const twin = list.snapshot()
          apply6(after, table, list)
          for (const [one, other] of [
            [table, list],
            [frozen, twin],
          ] as const) {
            expect(one.size).toBe(other.size)
            expect(one.walk()).toEqual(other.walk())
            for (const { prefix } of [...before, ...after]) {
              const { w0, w1, w2, w3 } = prefix.address
              expect(one.lookup(w0, w1, w2, w3)).toBe(other.lookup(w0, w1, w2, w3))
              expect(one.exact(w0, w1, w2, w3, prefix.length)).toBe(
                other.exact(w0, w1, w2, w3, prefix.length),
              )
              expect(one.covering(w0, w1, w2, w3)).toEqual(other.covering(w0, w1, w2, w3))
              expect(one.covered(w0, w1, w2, w3, prefix.length)).toEqual(
                other.covered(w0, w1, w2, w3, prefix.length),
              )
            }
          }
        },
      ),
      { numRuns: 120 },
    )
  })

  it.each(Object.keys(SETS6))('comes and goes in random order: %s', (set) => {
    const random = new Random(set.length)
    const table = create()
    const list = new List6()
    const entries = shuffled(SETS6[set]!(random), random)
    for (const {
      address: { w0, w1, w2, w3 },
      length,
      value,
    } of entries)
      expect(table.insert(w0, w1, w2, w3, length, value)).toBe(list.insert(w0, w1, w2, w3, length, value))
    const removals = shuffled(entries, random)
    for (const [
      i,
      {
        address: { w0, w1, w2, w3 },
        length,
      },
    ] of removals.entries()) {
      expect(table.remove(w0, w1, w2, w3, length)).toBe(list.remove(w0, w1, w2, w3, length))
      if (i % 37 !== 0 && i < removals.length - 3) continue
      for (const { address: at } of entries)
        expect(table.lookup(at.w0, at.w1, at.w2, at.w3)).toBe(list.lookup(at.w0, at.w1, at.w2, at.w3))
      expect(table.walk()).toEqual(list.walk())
    }
    expect([table.size, table.walk()]).toEqual([0, []])
  })
})

describe('the list', () => {
  it('agrees with the table that compares prefixes digit by digit', () => {
    const random = new Random(5)
    for (const set of Object.values(SETS4)) {
      const entries = set(random)
      const list = List4.build(columns4(entries))
      const naive = new NaiveRouteTable<number>()
      for (const { address, length, value } of columnsEntries(entries))
        naive.insert({ ip: address, len: length }, value)
      for (const probe of probes4(entries.slice(0, 60), random, 20))
        expect(list.lookup(probe)).toBe(naive.lookup(probe) ?? NONE)
    }
  })
})

describe('columns', () => {
  it('are sorted by address and length, and the last of duplicates wins', () => {
    const columns = columns4([
      entry4(0x0a000000, 24, 1),
      entry4(0, 0, 2),
      entry4(0x0a000000, 8, 3),
      entry4(0x0a000000, 24, 4),
    ])
    expect([...columns.addresses]).toEqual([0, 0x0a000000, 0x0a000000])
    expect([...columns.lengths]).toEqual([0, 8, 24])
    expect([...columns.values]).toEqual([2, 3, 4])
  })

  it('that are not sorted are refused by what builds from them in one go', () => {
    const columns = {
      count: 2,
      addresses: Uint32Array.of(0x0a000000, 0),
      lengths: Uint8Array.of(8, 0),
      values: Uint32Array.of(1, 2),
    }
    for (const name of ['stride-16-8-8', 'stride-16-2', 'shared-blocks'])
      expect(() => fours.find((one) => one.name === name)!.build(columns)).toThrow(RangeError)
    const six = { ...columns, addresses: Uint32Array.of(0xfd000000, 0, 0, 0, 0, 0, 0, 0) }
    expect(() => sixes.find((one) => one.name === 'dxr6')!.build(six)).toThrow(RangeError)
  })
})

interface Change<E> {
  readonly remove: boolean
  readonly prefix: E
  readonly value: number
}

function apply4(changes: readonly Change<Entry4>[], ...tables: readonly [Lpm4, Lpm4]): void {
  for (const { remove, prefix, value } of changes) {
    const [one, other] = tables.map((table) =>
      remove
        ? table.remove(prefix.address, prefix.length)
        : table.insert(prefix.address, prefix.length, value),
    )
    expect(one).toBe(other)
  }
}

function apply6(changes: readonly Change<Entry6>[], ...tables: readonly [Lpm6, Lpm6]): void {
  for (const {
    remove,
    prefix: {
      address: { w0, w1, w2, w3 },
      length,
    },
    value,
  } of changes) {
    const [one, other] = tables.map((table) =>
      remove ? table.remove(w0, w1, w2, w3, length) : table.insert(w0, w1, w2, w3, length, value),
    )
    expect(one).toBe(other)
  }
}

function columnsEntries(entries: readonly Entry4[]): Entry4[] {
  return List4.build(columns4(entries)).walk()
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items]
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}
