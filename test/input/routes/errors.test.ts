import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ROUTE_FILE_CODES } from '../../../src/input/routes/codes.ts'
import { readRouteFile } from '../../../src/input/routes/read.ts'
import { peerTable, record, ribRecord } from './mrt-writer.ts'
import { problems, readBytes, tableLines } from './reading.ts'

const seen = new Set<string>()

/** Problems of a file; what was read beside them is thrown away by the command. */
async function wrong(
  content: string | readonly number[],
  options: Parameters<typeof readBytes>[1] = {},
): Promise<string[]> {
  const file = await readBytes(typeof content === 'string' ? content : Uint8Array.from(content), options)
  for (const { code } of file.diagnostics) seen.add(code)
  for (const { severity, message, expected, hint } of file.diagnostics)
    if (severity === 'error') expect(expected ?? hint, message).toBeDefined()
  return problems(file)
}

describe('text', () => {
  it('all problems of a file in one run, each with its place', async () => {
    const text = [
      'default via 10.0.0.1 dev eth0',
      '10.0.0.1/8 via 10.0.0.1 dev eth0',
      '10.0.0.0/33 via 10.0.0.1 dev eth0',
      '  hello',
      '10.2.0.0/16',
      '10.3.0.0/16 dev eth0',
    ].join('\n')
    expect(await wrong(text)).toEqual([
      'RF007 2:1 10.0.0.1/8 has bits set beyond its length',
      'RF006 3:1 "10.0.0.0/33" is not a prefix',
      'RF006 4:3 "hello" is not a prefix',
      'RF008 5:1 this line is not understood',
    ])
  })

  it('the hint about host bits names both readings', async () => {
    const { diagnostics } = await readBytes('prefix\nfd00::1/64\n')
    expect(diagnostics[0]!.hint).toBe('fd00::/64 is the network, fd00::1 a host in it')
  })

  it.each([
    ['lr-route-list', 'IPv4 Routes\n 10.0.0.0/8 192.0.2.1\n', 'RF008 2:1 this line is not understood'],
    ['bird', 'Table master4:\n10.0.0.0/8 teleport [x 1] * (1)\n', 'RF008 2:12 this line is not understood'],
    ['bird', 'Table master4:\n 10.0.0.0/8\n', 'RF008 2:1 this line is not understood'],
    ['frr', 'Codes: K - kernel route\n\nhello\n', 'RF008 3:1 this line is not understood'],
    ['frr-bgp', '   Network          Next Hop  Path\nhello\n', 'RF008 2:1 this line is not understood'],
    [
      'frr-bgp',
      '   Network          Next Hop  Path\n*> 10.0.0.0/99  192.0.2.1\n',
      'RF006 2:4 "10.0.0.0/99" is not a prefix',
    ],
    ['csv', 'name,prefix\na,10.0.0.0/8\nb\n', 'RF008 3:1 this line is not understood'],
    ['csv', 'prefix;hop\n"10.0.0.x/8";a\n', 'RF006 2:2 "10.0.0.x/8" is not a prefix'],
    ['ip-json', '[{"dst":"10.0.0.0/8"},\n  {"gateway":"10.0.0.1"}]', 'RF009 2:3 this element is no route'],
    [
      'ip-json',
      '[{"dst":"10.0.0.0/8"},\n  {"dst":"10.0.0.1/8"}]',
      'RF007 2:11 10.0.0.1/8 has bits set beyond its length',
    ],
    ['ip-json', '{"10.0.0.0/8": []}', 'RF009 1:1 this JSON is no list'],
    ['ip-json', '[{"dst":"10.0.0.0/8"}', 'RF009 1:22 this is not JSON'],
    ['ip-json', '[{"dst":"10.0.0.0/8"} {}]', 'RF009 1:23 this is not JSON'],
  ])('%s: %j', async (format, text, message) => {
    expect((await readBytes(text)).format).toBe(format)
    expect(await wrong(text)).toContain(message)
  })

  it('a bare network of a BGP table has the length of its class, as Quagga prints it', async () => {
    const file = await readBytes(
      '   Network          Next Hop  Path\n*> 10.0.0.0  192.0.2.1 0 i\n*> 172.16.0.0 192.0.2.1 i\n*> 192.0.2.0 192.0.2.1 i\n',
    )
    expect(tableLines(file)).toEqual([
      '10.0.0.0/8 192.0.2.1',
      '172.16.0.0/16 192.0.2.1',
      '192.0.2.0/24 192.0.2.1',
    ])
  })

  it('a route that is in use wins over one before it that is not', async () => {
    const file = await readBytes(
      'S   10.0.0.0/8 [200/0] via 192.0.2.9, eth0\nB>* 10.0.0.0/8 [20/0] via 192.0.2.1, eth0\nO   10.1.0.0/16 [110/1] via 192.0.2.3, eth0\n',
    )
    expect(tableLines(file)).toEqual(['10.0.0.0/8 192.0.2.1', '10.1.0.0/16 192.0.2.3'])
    expect(file.routes.duplicates).toBe(1)
  })

  it('BIRD 1 has the gateway in the line', async () => {
    const file = await readBytes(
      'BIRD 1.6.8 ready.\n10.0.0.0/8         via 192.0.2.1 on eth0 [bgp1 2020-01-01] * (100) [AS65001i]\n                   via 192.0.2.2 on eth0 [bgp2 2020-01-01] (100) [AS65002i]\n10.1.0.0/16        dev eth0 [direct1 2020-01-01] * (240)\n',
    )
    expect(tableLines(file)).toEqual(['10.0.0.0/8 192.0.2.1', '10.1.0.0/16 dev eth0'])
  })
})

describe('files', () => {
  it('a missing file and a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isthmus-routes-'))
    for (const path of [join(folder, 'none'), folder]) {
      const file = await readRouteFile(path)
      for (const { code } of file.diagnostics) seen.add(code)
      expect(file.hasErrors).toBe(true)
      expect(file.diagnostics[0]!.hint).toBeDefined()
      expect(problems(file)[0]).toMatch(/^RF001 .*: (no such file|this is a folder)/)
    }
    rmSync(folder, { recursive: true })
  })

  it('empty, unknown, binary', async () => {
    expect(await wrong('')).toEqual(['RF005 routes: this file is empty'])
    expect(await wrong('\n \n')).toEqual(['RF005 routes: this file is empty'])
    expect(await wrong('prefix,nexthop\n')).toEqual(['RF005 routes: no routes in this file'])
    expect(await wrong('hello world\n')).toEqual(['RF004 1:1 this is no table of routes that is known'])
    expect(await wrong([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0, 0, 0, 0, 0, 1])).toEqual([
      'RF004 routes: binary data that is no MRT',
    ])
  })

  it('what is packed otherwise than with gzip is said to need unpacking', async () => {
    const { diagnostics } = await readBytes(Uint8Array.from([0x42, 0x5a, 0x68, 0x39, 1, 2, 3]))
    expect(diagnostics[0]).toMatchObject({ code: 'RF003', message: 'routes: this file is packed with bzip2' })
    expect(diagnostics[0]!.hint).toContain('bzip2 -dc routes | isthmus bench routes -')
    expect(await wrong([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0])).toEqual([
      'RF003 routes: this file is packed with xz',
    ])
  })

  it('gzip that ends too early', async () => {
    const packed = gzipSync('10.0.0.0/8 via 10.0.0.1\n'.repeat(100))
    expect(await wrong([...packed.subarray(0, packed.length - 9)])).toEqual([
      'RF003 routes: the gzip data is broken: unexpected end of file',
    ])
    packed[20]! ^= 0xff
    expect((await wrong([...packed]))[0]).toMatch(/^RF003 routes: the gzip data is broken/)
  })

  it('stops when it is told to', async () => {
    await expect(readBytes('10.0.0.0/8\n', { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow(
      'stop',
    )
  })
})

describe('MRT', () => {
  const peers = peerTable([0x0a000001])
  const route = ribRecord(
    0,
    { prefix: { ip: 0x0a000000, len: 8 }, paths: [{ peer: 0, nextHop: 1 }] },
    'plain',
  )
  const patched = (bytes: readonly number[], at: number, ...values: number[]): number[] =>
    bytes.map((byte, i) => values[i - at] ?? byte)
  const start = peers.length

  it.each([
    [
      'a file that is cut off',
      [...peers, ...route.slice(0, -3)],
      `RF011 routes: the record at byte ${start} is cut off: ${route.length - 3} of ${route.length} bytes are there`,
    ],
    [
      'a header that is cut off',
      [...peers, ...route.slice(0, 5)],
      `RF011 routes: the record at byte ${start} is cut off: 5 of 12 bytes are there`,
    ],
    [
      'a length no record has',
      [...peers, ...patched(route, 8, 0xff, 0xff)],
      `RF011 routes: the record at byte ${start} claims ${(0xffff0000 + route.length - 12).toLocaleString('en')} bytes`,
    ],
    [
      'a type MRT does not have',
      [...peers, ...patched(route, 4, 9, 9)],
      `RF011 routes: the record at byte ${start} has type 2313, which MRT does not have`,
    ],
    [
      'a prefix longer than an address',
      [...peers, ...patched(route, 16, 33)],
      `RF012 routes: the record at byte ${start} has a prefix length of 33; at most 32 fit`,
    ],
    [
      'a peer that is not in the table',
      [...peers, ...patched(route, 20, 0, 5)],
      `RF012 routes: the record at byte ${start} has a path of peer 5; the peer table has 1`,
    ],
    [
      'attributes longer than the record',
      [...peers, ...patched(route, 26, 9, 9)],
      `RF012 routes: the record at byte ${start} ends within the attributes of path 1 of 1: 2313 bytes claimed, ${route.length - 28} left`,
    ],
    [
      'more paths than there are',
      [...peers, ...patched(route, 18, 0, 2)],
      `RF012 routes: the record at byte ${start} ends within path 2 of 2: 2 bytes claimed, 0 left`,
    ],
    [
      'fewer paths than there are',
      [...peers, ...patched(route, 18, 0, 0)],
      `RF012 routes: the record at byte ${start} has ${route.length - 20} bytes behind its end`,
    ],
    [
      'an attribute longer than the others leave',
      [...peers, ...patched(route, 30, 200)],
      `RF012 routes: the record at byte ${start} ends within attribute 1: 200 bytes claimed, ${route.length - 31} left`,
    ],
    [
      'a view name longer than the table',
      patched(peers, 16, 1, 0),
      `RF012 routes: the record at byte 0 ends within the view name: 256 bytes claimed, ${peers.length - 18} left`,
    ],
  ])('%s', async (_, bytes, message) => {
    expect(await wrong(bytes)).toContain(message)
  })

  it('a broken record does not hide the next: all are reported, the good ones are read', async () => {
    const bad = patched(route, 16, 40)
    const file = await readBytes(Uint8Array.from([...peers, ...bad, ...route, ...bad]))
    expect(problems(file)).toHaveLength(2)
    expect(tableLines(file)).toEqual(['10.0.0.0/8 0.0.0.1'])
  })

  it('updates are no table', async () => {
    expect(await wrong(record(16, 4, [1, 2, 3]))).toEqual([
      'RF005 routes: no routes in this file',
      'RF013 routes: left out: 1 × BGP message',
    ])
  })
})

describe('codes', () => {
  it('all that is reported is explained, and all but what takes gigabytes was seen here', () => {
    const known = ROUTE_FILE_CODES.map(({ code }) => code)
    expect([...seen].filter((code) => !known.includes(code))).toEqual([])
    expect(known.filter((code) => !seen.has(code))).toEqual(['RF002', 'RF010'])
  })
})
