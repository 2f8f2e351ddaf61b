/** The capture of whole runs, judged by tshark as an independent decoder. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { load, readCapture, simulate } from '../../src/index.ts'

const root = join(import.meta.dirname, '../..')
const hasTshark = spawnSync('tshark', ['--version']).status === 0
const folder = mkdtempSync(join(tmpdir(), 'isthmus-capture-'))
afterAll(() => rmSync(folder, { recursive: true }))

const CHECKSUMS = ['ip', 'udp', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`])

function capture(scenario: string, name: string): string {
  const { scenario: loaded } = load(join(root, scenario))
  return simulate(loaded!, { captureDir: join(folder, name) }).captures[0]!.path
}

function tshark(file: string, filter: string, fields: readonly string[]): string[][] {
  const args = [
    '-r',
    file,
    ...CHECKSUMS,
    '-Y',
    filter,
    '-T',
    'fields',
    ...fields.flatMap((field) => ['-e', field]),
  ]
  const text = execFileSync('tshark', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 28,
  })
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'))
}

describe('a capture', () => {
  it('is the same bytes for the same seed', () => {
    const first = capture('scenarios/quickstart.yaml', 'first')
    const second = capture('scenarios/quickstart.yaml', 'second')
    expect(readFileSync(first).equals(readFileSync(second))).toBe(true)
    expect(readdirSync(join(folder, 'first'))).toEqual(['quickstart.pcapng'])
  })

  it('has a vantage for every node and pod, in nanoseconds from time zero, and names for their addresses', () => {
    const file = readCapture(readFileSync(capture('scenarios/quickstart.yaml', 'vantages')))!
    expect(file.interfaces.map((one) => one.name).sort()).toEqual(
      [
        'az1/az1-gw1',
        'az1/az1-gw2',
        'az1/az1-w1',
        'az1/web',
        'az2/az2-gw1',
        'az2/az2-gw2',
        'az2/az2-w1',
        'az2/web',
      ].sort(),
    )
    expect(file.names.map((one) => one.name)).toContain('web.az1')
    expect(file.names.map((one) => one.name)).toContain('az2-gw1.az2')
    expect(file.problem).toBeUndefined()
  })
})

describe.skipIf(!hasTshark)(
  `a capture in tshark${hasTshark ? '' : ' (skipped: tshark is not installed)'}`,
  () => {
    const file = (() => (hasTshark ? capture('scenarios/quickstart.yaml', 'tshark') : ''))()

    it('holds nothing malformed, no wrong checksum and no expert error', () => {
      const bad =
        '_ws.malformed or _ws.expert.severity == 8388608 or ip.checksum.status == 0 or udp.checksum.status == 0 or tcp.checksum.status == 0 or icmp.checksum.status == 0'
      expect(tshark(file, bad, ['frame.number', '_ws.expert.message'])).toEqual([])
    })

    it('shows BFD between gateways as on a real underlay: VNI 0, no option, TTL 255 inside, once a second', () => {
      const packets = tshark(file, 'bfd', [
        'geneve.vni',
        'geneve.option.class',
        'ip.ttl',
        'ip.dsfield',
        'udp.dstport',
        'bfd.sta',
      ])
      expect(packets.length).toBeGreaterThan(50)
      for (const [vni, cls, ttl, tos, port] of packets) {
        expect([vni, cls, ttl, tos, port]).toEqual(['0x000000', '', '64,255', '0x00,0xc0', '6081,3784'])
      }
    })

    it('says on a packet what became of it', () => {
      const comments = new Set(tshark(file, 'frame.comment', ['frame.comment']).map(([comment]) => comment))
      expect(
        [...comments].some((text) =>
          text?.includes('lr_in_ip_routing 10.17.0.0/16 via 169.254.100.42 (learned)'),
        ),
      ).toBe(true)
      expect([...comments].some((text) => text?.includes('dropped: '))).toBe(true)
    })

    it("GE-1, PA-5: a ping crosses three tunnels, with OVN's option and the TTLs of the path", () => {
      const hops = tshark(
        file,
        'icmp.type == 8 and geneve and icmp.seq == 1 and ip.src == 10.16.0.10 and frame.interface_name matches "az" and ip.dst == 10.17.0.10',
        ['frame.interface_name', 'geneve.vni', 'geneve.option.class', 'geneve.option.type', 'ip.ttl'],
      )
      const ways = hops.map(([where, vni, cls, type, ttl]) => `${where} ${vni} ${cls} ${type} ${ttl}`)
      expect(new Set(ways).size).toBeGreaterThanOrEqual(6)
      for (const [, , cls, type] of hops) expect([cls, type]).toEqual(['0x0102', '0x80'])
      expect(new Set(hops.map(([, vni]) => vni))).toContain('0xff0002')
      expect(new Set(hops.map(([, , , , ttl]) => ttl))).toEqual(new Set(['64,63', '64,62']))
    })
  },
)
