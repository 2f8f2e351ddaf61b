import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ROUTE_FORMATS } from '../../../src/input/routes/format-names.ts'
import { formatIp, type Ip } from '../../../src/net/ip.ts'
import { comparePrefix, formatPrefix, maskIp, type Prefix } from '../../../src/net/prefix.ts'
import { anyIp, anyPrefix } from '../../net/arbitraries.ts'
import { type Form, type MrtRoute, peerTable, record, ribRecord, tableDump } from './mrt-writer.ts'
import { readBytes, tableLines } from './reading.ts'

const PEERS: readonly Ip[] = [0x0a000001, { w0: 0x20010db8, w1: 0, w2: 0, w3: 1 }]

const prefixes: fc.Arbitrary<Prefix> = anyPrefix.map(({ ip, len }) => ({ ip: maskIp(ip, len), len }))

/** Routes of both families, no prefix twice; next hops of the family of the prefix, as NEXT_HOP and MP_REACH_NLRI have them. */
const routes: fc.Arbitrary<MrtRoute[]> = fc.uniqueArray(
  prefixes.chain((prefix) =>
    fc.record({
      prefix: fc.constant(prefix),
      paths: fc.array(
        fc.record({
          peer: fc.integer({ min: 0, max: 1 }),
          nextHop: anyIp.filter((ip) => typeof ip === typeof prefix.ip),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
  ),
  { maxLength: 20, selector: ({ prefix }) => formatPrefix(prefix) },
)

const FORMS: readonly Form[] = [
  'plain',
  'addpath',
  'generic',
  'generic-addpath',
  'generic-addpath-in-entries',
]

function expected(list: readonly MrtRoute[]): string[] {
  return [...list]
    .sort((a, b) => comparePrefix(a.prefix, b.prefix))
    .map(({ prefix, paths }) => `${formatPrefix(prefix)} ${formatIp(paths[0]!.nextHop)}`)
}

function dump(list: readonly MrtRoute[], form: Form): Uint8Array {
  return Uint8Array.from([...peerTable(PEERS), ...list.flatMap((route, i) => ribRecord(i, route, form))])
}

describe('round trips', () => {
  it.each(FORMS)('TABLE_DUMP_V2, %s: what is written is read, in pieces of any size', async (form) => {
    await fc.assert(
      fc.asyncProperty(routes, fc.integer({ min: 1, max: 300 }), async (list, piece) => {
        fc.pre(list.length > 0)
        const file = await readBytes(dump(list, form), {}, piece)
        expect(file.diagnostics).toEqual([])
        expect(tableLines(file)).toEqual(expected(list))
      }),
    )
  })

  it('TABLE_DUMP', async () => {
    await fc.assert(
      fc.asyncProperty(routes, async (list) => {
        fc.pre(list.length > 0)
        const records = list.flatMap(({ prefix, paths }, i) =>
          tableDump(i, prefix, typeof prefix.ip === 'number' ? PEERS[0]! : PEERS[1]!, paths[0]!.nextHop),
        )
        const file = await readBytes(Uint8Array.from(records))
        expect(file.diagnostics).toEqual([])
        expect(tableLines(file)).toEqual(expected(list))
      }),
    )
  })

  it('peers of both families, with AS numbers of two bytes and of four (RFC 6396 §4.3.1)', async () => {
    const six = [0x20, 1, 0x0d, 0xb8, ...new Array<number>(11).fill(0), 9]
    const id = [10, 0, 0, 1]
    const peers = [
      [0, ...id, 10, 0, 0, 9, 0xfd, 0xe9],
      [1, ...id, ...six, 0xfd, 0xe9],
      [2, ...id, 10, 0, 0, 8, 0, 0, 0xfd, 0xe9],
      [3, ...id, ...six, 0, 0, 0xfd, 0xe9],
    ]
    const table = record(13, 1, [...id, 0, 0, 0, peers.length, ...peers.flat()])
    // No attributes: the next hop is the peer.
    const ribs = peers.flatMap((_, i) => record(13, 2, [0, 0, 0, i, 8, 10 + i, 0, 1, 0, i, 0, 0, 0, 0, 0, 0]))
    const file = await readBytes(Uint8Array.from([...table, ...ribs]))
    expect(file.diagnostics).toEqual([])
    expect(tableLines(file)).toEqual([
      '10.0.0.0/8 10.0.0.9',
      '11.0.0.0/8 2001:db8::9',
      '12.0.0.0/8 10.0.0.8',
      '13.0.0.0/8 2001:db8::9',
    ])
  })

  it('bits of a prefix beyond its length mean nothing (RFC 4271 §4.3)', async () => {
    const bytes = ribRecord(
      0,
      { prefix: { ip: 0x0affffff, len: 9 }, paths: [{ peer: 0, nextHop: 1 }] },
      'plain',
    )
    expect(tableLines(await readBytes(Uint8Array.from([...peerTable(PEERS), ...bytes])))).toEqual([
      '10.128.0.0/9 0.0.0.1',
    ])
  })
})

const bgpdump = spawnSync('bgpdump', ['-T']).error === undefined

describe.skipIf(!bgpdump)('bgpdump (Debian package) reads what our writer writes as we do', () => {
  const list: MrtRoute[] = fc.sample(routes, { numRuns: 20, seed: 4 }).sort((a, b) => b.length - a.length)[0]!

  it.each([
    ['TABLE_DUMP_V2', dump(list, 'plain')],
    ['TABLE_DUMP_V2 with path identifiers', dump(list, 'addpath')],
    [
      'TABLE_DUMP',
      Uint8Array.from(
        list.flatMap(({ prefix, paths }, i) =>
          tableDump(i, prefix, typeof prefix.ip === 'number' ? PEERS[0]! : PEERS[1]!, paths[0]!.nextHop),
        ),
      ),
    ],
  ])('%s', async (_, bytes) => {
    const folder = mkdtempSync(join(tmpdir(), 'isthmus-mrt-'))
    writeFileSync(join(folder, 'rib'), bytes)
    const { stdout } = spawnSync('bgpdump', ['-m', join(folder, 'rib')], { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    const theirs = new Set(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('|')[5]!.toLowerCase()),
    )
    expect(list.length).toBeGreaterThan(5)
    expect(new Set(tableLines(await readBytes(bytes)).map((line) => line.split(' ')[0]!))).toEqual(theirs)
  })
})

describe('any bytes end in a table or in problems, never in an exception or a hang', () => {
  const settles = async (bytes: Uint8Array, format?: (typeof ROUTE_FORMATS)[number]): Promise<void> => {
    const { hasErrors, routes: read } = await readBytes(bytes, { format })
    expect(hasErrors || read.tables[4].count + read.tables[6].count > 0).toBe(true)
  }

  it('noise', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom(undefined, ...ROUTE_FORMATS),
        settles,
      ),
      { numRuns: 2000 },
    )
  })

  it('text of the letters that formats are made of', async () => {
    const word = fc.constantFrom(
      '10.0.0.0/8',
      'fd00::/48',
      '10.0.0.1',
      'default',
      'via',
      'dev',
      'nexthop',
      'dst-ip',
      'IPv4 Routes',
      'Table x:',
      'unicast',
      '[x 1]',
      '* (1)',
      'B>*',
      'Network Next Hop',
      'Codes: K',
      '[{"dst":',
      '"',
      ',',
      '\n',
      '\n\t',
      ' ',
      '}',
      ']',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 60 }),
        fc.constantFrom(undefined, ...ROUTE_FORMATS),
        (words, format) => settles(new TextEncoder().encode(words.join(' ')), format),
      ),
      { numRuns: 2000 },
    )
  })

  it('dumps with bytes changed, left out and put in, length fields above all', async () => {
    const change = fc.record({
      at: fc.nat(2000),
      byte: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
      how: fc.constantFrom('set', 'drop', 'add'),
    })
    await fc.assert(
      fc.asyncProperty(
        routes,
        fc.constantFrom(...FORMS),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 200 }),
        async (list, form, changes, piece) => {
          const bytes = [...dump(list, form)]
          for (const { at, byte, how } of changes)
            bytes.splice(at % bytes.length, how === 'add' ? 0 : 1, ...(how === 'drop' ? [] : [byte]))
          const { hasErrors, routes: read } = await readBytes(
            Uint8Array.from(bytes),
            { format: 'mrt' },
            piece,
          )
          expect(hasErrors || read.tables[4].count + read.tables[6].count > 0).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
