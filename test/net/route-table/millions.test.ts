// Millions of lookups in tables of thousands of prefixes, of every structure, against answers by range.

import { describe, expect, it } from 'vitest'
import { addToIp, type Ip6, ip6 } from '../../../src/net/ip.ts'
import { lastAddress } from '../../../src/net/prefix.ts'
import { Random } from '../../../src/net/random.ts'
import { columns4, columns6 } from '../../../src/net/route-table/columns.ts'
import { List4, List6 } from '../../../src/net/route-table/list.ts'
import type { Entry4, Entry6 } from '../../../src/net/route-table/lpm.ts'
import { STRUCTURES } from '../../../src/net/route-table/structures.ts'
import { RangeAnswers } from '../../golden/range-answers.ts'
import { entry4, entry6 } from './sets.ts'

const LOOKUPS = 200_000
const random = new Random(2026)

const TABLES4: Record<string, Entry4[]> = {
  cluster: Array.from({ length: 2500 }, (_, i) =>
    entry4(
      0x0a000000 + random.below(8) * 0x10000 + random.below(0x10000),
      i < 8 ? 16 : i < 600 ? 24 : 32,
      random.below(250),
    ),
  ),
  internet: Array.from({ length: 2500 }, () => {
    const length = [24, 24, 24, 22, 23, 21, 20, 16, 12, 28][random.below(10)]!
    return entry4(0x20000000 + random.below(0x2000000), length, random.below(64))
  }),
}
const TABLES6: Record<string, Entry6[]> = {
  cluster: Array.from({ length: 2000 }, (_, i) =>
    entry6(
      [0xfd000000 + random.below(4), random.below(300), 0, random.below(1000)],
      i < 4 ? 32 : i < 500 ? 64 : 128,
      random.below(250),
    ),
  ),
  internet: Array.from({ length: 2000 }, () => {
    const length = [48, 48, 48, 32, 44, 40, 36, 29, 64][random.below(9)]!
    return entry6([0x20010000 + random.below(0x4000), random.next(), 0, 0], length, random.below(64))
  }),
}

describe.each(Object.keys(TABLES4))('IPv4, a table like that of an %s', (kind) => {
  const columns = columns4(TABLES4[kind]!)
  const list = List4.build(columns)
  const starts = list.walk().flatMap(({ address, length }) => {
    const after = (lastAddress({ ip: address, len: length }) as number) + 1
    return after < 2 ** 32 ? [[address], [after]] : [[address]]
  })
  const answers = new RangeAnswers(starts, 1, ([address]) => list.lookup(address!))
  const probes = new Uint32Array(LOOKUPS)
  for (let i = 0; i < LOOKUPS; i++) {
    const at = random.below(columns.count)
    const { addresses, lengths } = columns
    probes[i] = i % 8 === 0 ? random.next() : addresses[at]! + random.below(2 ** (32 - lengths[at]!) + 1)
  }
  const expected = Int32Array.from(probes, (_, i) => answers.lookup(probes, i))

  it.each(STRUCTURES.filter((one) => one.family === 4 && one.name !== 'list'))('$name', ({ build }) => {
    const table = build(columns as never) as ReturnType<typeof List4.build>
    const out = new Int32Array(LOOKUPS)
    for (let i = 0; i < LOOKUPS; i++) out[i] = table.lookup(probes[i]!)
    expect(Buffer.compare(Buffer.from(out.buffer), Buffer.from(expected.buffer))).toBe(0)
    table.lookupBatch(probes, out.fill(-9), LOOKUPS)
    expect(Buffer.compare(Buffer.from(out.buffer), Buffer.from(expected.buffer))).toBe(0)
  })
})

describe.each(Object.keys(TABLES6))('IPv6, a table like that of an %s', (kind) => {
  const columns = columns6(TABLES6[kind]!)
  const list = List6.build(columns)
  const words = ({ w0, w1, w2, w3 }: Ip6): number[] => [w0, w1, w2, w3]
  const starts = list.walk().flatMap(({ address, length }) => {
    const last = lastAddress({ ip: address, len: length }) as Ip6
    return [words(address), words(addToIp(last, 1))]
  })
  const answers = new RangeAnswers(starts, 4, ([w0, w1, w2, w3]) => list.lookup(w0!, w1!, w2!, w3!))
  const probes = new Uint32Array(4 * LOOKUPS)
  for (let i = 0; i < LOOKUPS; i++) {
    const { addresses } = columns
    const at = 4 * random.below(columns.count)
    const base = ip6(addresses[at]!, addresses[at + 1]!, addresses[at + 2]!, addresses[at + 3]!)
    const probe = i % 8 === 0 ? ip6(random.next(), random.next(), random.next(), random.next()) : base
    probes.set(words(i % 3 === 0 ? addToIp(probe, random.below(1000)) : probe), 4 * i)
    if (i % 5 === 0) probes[4 * i + 1]! ^= random.next() & 0xffffff
  }
  const expected = Int32Array.from({ length: LOOKUPS }, (_, i) => answers.lookup(probes, 4 * i))

  it.each(STRUCTURES.filter((one) => one.family === 6 && one.name !== 'list'))('$name', ({ build }) => {
    const table = build(columns as never) as ReturnType<typeof List6.build>
    const out = new Int32Array(LOOKUPS)
    for (let i = 0, at = 0; i < LOOKUPS; i++, at += 4)
      out[i] = table.lookup(probes[at]!, probes[at + 1]!, probes[at + 2]!, probes[at + 3]!)
    expect(Buffer.compare(Buffer.from(out.buffer), Buffer.from(expected.buffer))).toBe(0)
    table.lookupBatch(probes, out.fill(-9), LOOKUPS)
    expect(Buffer.compare(Buffer.from(out.buffer), Buffer.from(expected.buffer))).toBe(0)
  })
})
