// What real programs printed (iproute2 6.1, BIRD 2.0.12, FRR 8.4.4 of Debian 12, on two namespaces with one BGP session; ovn-nbctl
// 23.03 in the truth cases), read. bgpdump is the second opinion on the two dumps.

import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { detectFormat } from '../../../src/input/routes/formats.ts'
import { readRouteFile } from '../../../src/input/routes/read.ts'
import { problems, readBytes, tableLines } from './reading.ts'

const SAMPLES = join(import.meta.dirname, 'samples')
const CASES = join(import.meta.dirname, '../../truth/cases')

const FORMATS: Record<string, string> = {
  'ip-route.txt': 'ip-route',
  'ip-6-route.txt': 'ip-route',
  'ip-route-all.txt': 'ip-route',
  'ip-j-route.json': 'ip-json',
  'ip-j-6-route.json': 'ip-json',
  'bird-show-route.txt': 'bird',
  'bird-show-route-all.txt': 'bird',
  'bird4.mrt': 'mrt',
  'frr.mrt': 'mrt',
  'frr-show-ip-route.txt': 'frr',
  'frr-show-ipv6-route.txt': 'frr',
  'frr-show-bgp-ipv4-unicast.txt': 'frr-bgp',
  'frr-show-bgp-ipv6-unicast.txt': 'frr-bgp',
}

async function sample(name: string) {
  return readRouteFile(join(SAMPLES, name))
}

describe('samples', () => {
  it('are all known here', () => {
    const files = readdirSync(SAMPLES).filter((name) => !name.endsWith('.table'))
    expect(files.sort()).toEqual(Object.keys(FORMATS).sort())
  })

  it.each(Object.entries(FORMATS))(
    '%s is recognised as %s and read without an error',
    async (name, format) => {
      const file = await sample(name)
      expect(file.format).toBe(format)
      expect(file.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
      await expect(`${tableLines(file).join('\n')}\n`).toMatchFileSnapshot(join(SAMPLES, `${name}.table`))
    },
  )

  it.each(Object.keys(FORMATS))(
    '%s reads the same in pieces, packed, and with its format given',
    async (name) => {
      const bytes = readFileSync(join(SAMPLES, name))
      const lines = tableLines(await sample(name))
      expect(tableLines(await readBytes(bytes, {}, 7))).toEqual(lines)
      expect(tableLines(await readBytes(gzipSync(bytes)))).toEqual(lines)
      expect(tableLines(await readBytes(bytes, { format: FORMATS[name] as 'bird' }))).toEqual(lines)
    },
  )

  it('text and JSON of one `ip route` are the same table', async () => {
    expect(tableLines(await sample('ip-j-route.json'))).toEqual(tableLines(await sample('ip-route.txt')))
    expect(tableLines(await sample('ip-j-6-route.json'))).toEqual(tableLines(await sample('ip-6-route.txt')))
  })

  it('`show route` and `show route all` of BIRD are the same table', async () => {
    expect(tableLines(await sample('bird-show-route-all.txt'))).toEqual(
      tableLines(await sample('bird-show-route.txt')),
    )
  })

  it("FRR's BGP table and its dump have the same prefixes and next hops", async () => {
    const shown = [
      ...tableLines(await sample('frr-show-bgp-ipv4-unicast.txt')),
      ...tableLines(await sample('frr-show-bgp-ipv6-unicast.txt')),
    ]
    // The list shows the link-local address of an IPv6 peer, the dump its global one.
    const global = shown.map((line) => line.replace(/fe80::\S+/, '2001:db8::1'))
    expect(tableLines(await sample('frr.mrt'))).toEqual(global)
  })
})

describe('ovn-nbctl lr-route-list', () => {
  const listings = readdirSync(CASES).flatMap((name) =>
    listingsOf(JSON.parse(readFileSync(join(CASES, name), 'utf8'))).map((text) => ({ name, text })),
  )

  it('every listing of the truth cases is read, source routes left out', async () => {
    expect(listings.length).toBeGreaterThan(100)
    for (const { name, text: recorded } of listings) {
      // The recordings cut long lists off and say so.
      const text = recorded.replace(/^\.\.\. \(\d+ more lines\)\n/m, '')
      const file = await readBytes(text)
      const rows = text.split('\n').filter((line) => line.includes('-ip'))
      const destinations = rows
        .filter((line) => line.includes('dst-ip'))
        .map((line) => line.trim().split(/\s+/)[0]!)
      expect(file.format, name).toBe('lr-route-list')
      expect(
        problems(file).filter((line) => !/^RF0(13|05)/.test(line)),
        name,
      ).toEqual([])
      const prefixes = new Set(tableLines(file).map((line) => line.split(' ')[0]!.replace(/\/(32|128)$/, '')))
      expect(prefixes, name).toEqual(new Set(destinations))
    }
  })
})

function listingsOf(value: unknown): string[] {
  if (typeof value === 'string') return /^IPv[46] Routes\n/.test(value) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listingsOf) : []
}

const bgpdump = spawnSync('bgpdump', ['-T']).error === undefined

describe.skipIf(!bgpdump)('bgpdump (Debian package) agrees', () => {
  it.each(['bird4.mrt', 'frr.mrt'])('%s', async (name) => {
    const lines = execFileSync('bgpdump', ['-m', join(SAMPLES, name)], { encoding: 'utf8', stdio: 'pipe' })
    const theirs = new Set(
      lines
        .trim()
        .split('\n')
        .map((line) => line.split('|')[5]!),
    )
    expect(new Set(tableLines(await sample(name)).map((line) => line.split(' ')[0]!))).toEqual(theirs)
  })
})

describe('detection', () => {
  it('CSV by its heading, a plain list by its first prefix', () => {
    expect(detectFormat('prefix,nexthop\n10.0.0.0/8,a\n')).toBe('csv')
    expect(detectFormat('name;cidr\nx;10.0.0.0/8\n')).toBe('csv')
    expect(detectFormat('# mine\n10.0.0.0/8\n')).toBe('csv')
    expect(detectFormat('10.0.0.0/8,192.0.2.1\n')).toBe('csv')
  })

  it('nothing else', () => {
    for (const text of ['hello\nworld\n', 'isthmus: 1\nname: x\n', '<html>', '1 2 3\n'])
      expect(detectFormat(text), text).toBeUndefined()
  })
})
