// `isthmus bench routes`: what it is asked, what it refuses, what it prints. Speed is not looked at: without a script to start again all is
// measured in this process, and rounds are few.

import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { STRUCTURES } from '../../src/net/route-table/structures.ts'
import { PcapngWriter } from '../../src/wire/pcapng.ts'
import { peerTable, ribRecord } from '../input/routes/mrt-writer.ts'
import { isthmus, temporaryFolder } from './harness.ts'

const folder = temporaryFolder()
const root = join(import.meta.dirname, '../..')
const BENCH = ['bench', 'routes', '--rounds', '1', '--structures', 'length-hash,trie']

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const ROUTES = file(
  'routes.txt',
  Array.from({ length: 50 }, (_, i) => `10.${i}.0.0/16 via 192.0.2.${1 + (i % 3)} dev eth0`).join('\n'),
)

describe('a generated table', () => {
  it('JSON tells what was measured', async () => {
    const { code, out, talk } = await isthmus([...BENCH, '--size', '1k', '-o', 'json'])
    expect({ code, talk }).toEqual({ code: 0, talk: '' })
    const data = JSON.parse(out)
    expect(data).toMatchObject({
      schemaVersion: 1,
      table: { name: 'v4-k8s-1k', family: 4, prefixes: 1000, nextHops: 250 },
      trace: { name: 'match', addresses: 2 ** 20 },
      rounds: 1,
      interrupted: false,
    })
    expect(data.structures.map(({ name }: { name: string }) => name).sort()).toEqual(['length-hash', 'trie'])
    for (const one of data.structures) {
      // CPU time comes in steps: a small table may be built within one.
      for (const figure of ['batch', 'single', 'dependent', 'updates', 'buildMs'])
        expect(one[figure].median, figure).toBeGreaterThanOrEqual(figure === 'buildMs' ? 0 : Number.MIN_VALUE)
      expect(one.bytesAPrefix).toBeGreaterThan(4)
    }
    expect(STRUCTURES.map(({ name }) => name)).toContain(data.auto.structure)
  })

  it('every form names table, structures and what auto takes, to standard output or a file', async () => {
    const files = { markdown: join(folder, 'bench.md'), svg: join(folder, 'bench.svg') }
    const outputs = Object.entries(files).flatMap(([format, path]) => ['-o', `${format}=${path}`])
    const { code, out } = await isthmus([
      ...[...BENCH, '--size', '1k', '--family', '6', '--shape', 'bgp'],
      ...outputs,
    ])
    expect(code).toBe(0)
    for (const text of [out, ...Object.values(files).map((path) => readFileSync(path, 'utf8'))]) {
      expect(text).toContain('v6-bgp-1k')
      expect(text).toContain('length-hash')
      expect(text).not.toContain('\u001b')
    }
    expect(out).toMatch(/^auto takes [\w-]+: /m)
    expect(readFileSync(files.svg, 'utf8')).toMatch(/^<svg /)
  })
})

describe("the user's own table", () => {
  it('text', async () => {
    const { code, out } = await isthmus([...BENCH, ROUTES, '-o', 'json'])
    expect(code).toBe(0)
    expect(JSON.parse(out).table).toEqual({
      name: 'routes.txt',
      family: 4,
      prefixes: 50,
      lengths: { 16: 50 },
      nextHops: 3,
    })
  })

  it('MRT, and the family that has more', async () => {
    const six = (n: number) => ({ ip: { w0: 0x20010db8, w1: n << 16, w2: 0, w3: 0 }, len: 48 })
    const routes = [1, 2, 3].map((n, i) =>
      ribRecord(i, { prefix: six(n), paths: [{ peer: 0, nextHop: six(9).ip }] }, 'plain'),
    )
    const four = ribRecord(
      9,
      { prefix: { ip: 0x0a000000, len: 8 }, paths: [{ peer: 0, nextHop: 1 }] },
      'plain',
    )
    const path = file('rib', Uint8Array.from([...peerTable([1]), ...routes.flat(), ...four]))
    const { code, out, talk } = await isthmus([...BENCH, path, '-o', 'json'])
    expect(code).toBe(0)
    expect(JSON.parse(out).table).toMatchObject({ family: 6, prefixes: 3 })
    expect(talk).toBe('note: 1 IPv4 prefixes are not measured here: --family 4\n')
    const other = await isthmus([...BENCH, path, '-o', 'json', '--family', '4'])
    expect(JSON.parse(other.out).table).toMatchObject({ family: 4, prefixes: 1 })
  })

  it('a capture as the trace', async () => {
    const packet = new Uint8Array(34)
    packet.set([0x08, 0x00, 0x45], 12)
    packet.set([10, 3, 0, 9], 30)
    const chunks: Uint8Array[] = []
    const writer = new PcapngWriter({ write: (bytes) => chunks.push(bytes.slice()) }, 'test')
    writer.packet(writer.addInterface({ name: 'eth0' }), 0, packet, 0, packet.length)
    writer.flush()
    const { code, out } = await isthmus([
      ...BENCH,
      ROUTES,
      '--trace',
      file('traffic.pcapng', Buffer.concat(chunks)),
      '-o',
      'json',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(out).trace).toEqual({ name: 'traffic.pcapng', addresses: 65_536 })
  })

  it('all mistakes of a file with their lines, exit code 2', async () => {
    const bad = file(
      'bad.txt',
      '10.0.0.0/8 via 192.0.2.1 dev a\n10.0.0.1/8 via 192.0.2.1 dev a\n10.0.0.0/40 via 192.0.2.1 dev a\n',
    )
    const { code, out, talk } = await isthmus([...BENCH, bad])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(talk).toContain('error[RF007] 10.0.0.1/8 has bits set beyond its length')
    expect(talk).toContain('bad.txt:3:1')
    expect(talk).toContain('2 errors')
  })
})

describe('what is refused', () => {
  const none = join(folder, 'none')
  it.each([
    [['--structures', 'length-hsh'], 'there is no such structure for IPv4', 'did you mean "length-hash"?'],
    [['--structures', 'dxr6'], 'there is no such structure for IPv4', 'there are list, '],
    [['--trace', 'unifrom'], '--trace unifrom: neither a trace nor a file', 'did you mean "uniform"?'],
    [['--trace', ROUTES], 'neither pcap nor pcapng', undefined],
    [[ROUTES, '--size', '1k'], '--size say what to generate, but a file is given', 'leave one of them out'],
    [[ROUTES, '--family', '6'], 'no IPv6 routes in this file', 'it has 50 of IPv4: --family 4'],
    [
      [file('default.csv', 'prefix\n0.0.0.0/0\n'), '--trace', 'miss'],
      'no address misses this table',
      'default route',
    ],
    [[none], `${none}: no such file`, undefined],
    [['--rounds', '0'], 'A whole number from 1 to 1000 is expected.', undefined],
    [['--size', '2k'], 'Allowed choices are 1k, 10k, 100k, 1m', undefined],
    [['--format', 'junos'], 'Allowed choices are ip-route, ip-json', undefined],
    [['--format', 'csv'], '--format csv says how to read a file, but none is given', '- for standard input'],
    [['-o', 'xml'], 'there is no format "xml"', 'formats are text, json, markdown, svg'],
  ])('%j', async (words, message, hint) => {
    const { code, out, talk } = await isthmus(['bench', 'routes', ...words])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(talk).toContain(message)
    if (hint !== undefined) expect(talk).toContain(hint)
  })
})

describe('as a process', () => {
  const start = (words: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    spawn(process.execPath, ['--import', 'tsx', join(root, 'src/cli/main.ts'), 'bench', 'routes', ...words], {
      cwd: root,
      env: { ...process.env, ...env },
    })

  it('Ctrl-C prints what there is, ends with 130, and leaves neither files nor processes', async () => {
    // A folder for temporary files of its own: other measurements may be under way.
    const room = temporaryFolder()
    const child = start(
      ['--size', '1k', '--rounds', '1000', '--structures', 'length-hash,trie', '-o', 'json'],
      { TMPDIR: room },
    )
    let out = ''
    child.stdout.on('data', (bytes) => {
      out += String(bytes)
    })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    const seats = () => processesWith(room)
    for (let i = 0; i < 200 && seats() < 2; i++) await sleep(100)
    expect(seats()).toBe(2)
    // Long enough for a round; what is reached by then is printed, be it nothing.
    await sleep(3000)
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    const data = JSON.parse(out)
    expect(data.interrupted).toBe(true)
    expect(data.structures).toHaveLength(2)
    for (let i = 0; i < 50 && seats() > 0; i++) await sleep(100)
    expect({
      seats: seats(),
      files: readdirSync(room).filter((name) => name.startsWith('isthmus-')),
    }).toEqual({
      seats: 0,
      files: [],
    })
  }, 60_000)

  it('Ctrl-C while standard input is silent ends with 130', async () => {
    const child = start(['-'])
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    child.stdin.write('10.0.0.0/8 via 192.0.2.1 dev a\n')
    await sleep(3000)
    child.kill('SIGINT')
    const waiting = await Promise.race([ended, sleep(20_000).then(() => 'still waiting')])
    child.kill('SIGKILL')
    expect(waiting).toBe(130)
  }, 60_000)
})

/** How many processes have a text in their command line. */
function processesWith(text: string): number {
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(text)
    } catch {
      // It ended meanwhile.
      return false
    }
  }).length
}
