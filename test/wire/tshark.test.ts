// The third witness: an independent decoder reads one packet of each kind out of our pcapng.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Direction, PcapngWriter } from '../../src/wire/pcapng.ts'
import { packetsOfEachKind } from './packets.ts'

const missing = spawnSync('tshark', ['--version']).error !== undefined
const CHECKSUMS = ['ip', 'udp', 'tcp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`])
const kinds = packetsOfEachKind()

describe.skipIf(missing)(`tshark${missing ? ' (skipped: tshark is not installed)' : ''}`, () => {
  let folder = ''
  let file = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'isthmus-wire-'))
    file = join(folder, 'kinds.pcapng')
    const chunks: Uint8Array[] = []
    const writer = new PcapngWriter({ write: (bytes) => void chunks.push(bytes.slice()) }, 'isthmus 0.1.0')
    const ids = [
      writer.addInterface({ name: 'az1/web', description: 'pod port' }),
      writer.addInterface({ name: 'az1-gw1/eth0', description: 'underlay port' }),
    ]
    writer.addNames([
      { ip: 0x0a10_000a, name: 'web.az1' },
      { ip: { w0: 0xfd00_0010, w1: 0, w2: 0, w3: 10 }, name: 'web6.az1' },
    ])
    kinds.forEach(([name, frame], i) => {
      const direction = i % 2 === 0 ? Direction.inbound : Direction.outbound
      // 2^33 ns and a bit, so that both halves of the time stamp are in use.
      writer.packet(
        ids[i % 2]!,
        8_589_934_592 + i,
        frame.bytes,
        frame.start,
        frame.end,
        direction,
        `kind: ${name}`,
      )
    })
    writer.flush()
    writeFileSync(file, Buffer.concat(chunks))
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Rows of fields; several values of one field in a packet are joined by commas. */
  function fields(names: readonly string[], ...more: string[]): string[][] {
    const args = ['-r', file, '-n', ...CHECKSUMS, '-T', 'fields', '-E', 'separator=|', ...more]
    const output = execFileSync('tshark', [...args, ...names.flatMap((name) => ['-e', name])], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return output
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => line.split('|'))
  }

  it('finds nothing malformed, no expert error or warning and no bad checksum', () => {
    const names = ['_ws.malformed', '_ws.expert.severity', '_ws.expert.message']
    const bad = ['ip', 'udp', 'tcp', 'icmp', 'icmpv6'].map((name) => `${name}.checksum.status`)
    const rows = fields([...names, ...bad])
    expect(rows.length).toBe(kinds.length)
    let judged = 0
    rows.forEach(([malformed, severity, message, ...statuses], i) => {
      const name = kinds[i]![0]
      expect([name, malformed]).toEqual([name, ''])
      // 6 and 8 million are warnings and errors; notes and chats ("no response found", "TCP SYN") are lower.
      const worst = Math.max(0, ...severity!.split(',').map(Number))
      expect([name, message, worst < 0x60_0000]).toEqual([name, message, true])
      for (const status of statuses.flatMap((text) => text.split(','))) {
        // Good is 1, bad 0, unverified 2, not present 3.
        expect([name, status]).not.toEqual([name, '0'])
        if (status === '1') judged++
      }
    })
    expect(judged).toBeGreaterThan(kinds.length)
  })

  it('reports no error in its expert statistics', () => {
    const args = ['-r', file, '-n', ...CHECKSUMS, '-q', '-z', 'expert']
    const output = execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    expect(output).not.toMatch(/^(Errors|Warns) \(/m)
  })

  it('sees our interfaces, directions, times, comments and names', () => {
    const names = ['frame.interface_name', 'frame.interface_description', 'frame.packet_flags_direction']
    const rows = fields([...names, 'frame.time_epoch', 'frame.comment'])
    expect(rows[0]).toEqual(['az1/web', 'pod port', '0x00000001', '8.589934592', 'kind: arp request'])
    expect(rows[1]).toEqual(['az1-gw1/eth0', 'underlay port', '0x00000002', '8.589934593', 'kind: arp reply'])
    const resolved = fields(['ip.src_host', 'ipv6.src_host'], '-N', 'n')
    const indexOf = (name: string) => kinds.findIndex(([kind]) => kind === name)
    expect(resolved[indexOf('udp')]).toEqual(['web.az1', ''])
    expect(resolved[indexOf('udp 6')]).toEqual(['', 'web6.az1'])
  })

  it('reads the fields we wrote', () => {
    const expected: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'geneve echo 6': {
        'geneve.vni': '0xff0002',
        'geneve.options': '0102800100018004',
        'udp.dstport': '6081',
        'icmpv6.type': '128',
      },
      'geneve bfd': {
        'geneve.vni': '0x000000',
        'geneve.options': '',
        'bfd.sta': '0x03',
        'bfd.detect_time_multiplier': '3',
        'bfd.desired_min_tx_interval': '100000',
      },
      'fragmentation needed': { 'icmp.type': '3,8', 'icmp.code': '4,0', 'icmp.mtu': '1300' },
      'packet too big': { 'icmpv6.type': '2,128', 'icmpv6.mtu': '1300' },
      solicitation: {
        'icmpv6.nd.ns.target_address': 'fd00:10::1',
        'icmpv6.opt.linkaddr': '00:00:00:50:00:81',
      },
      advertisement: {
        'icmpv6.nd.na.flag.r': '1',
        'icmpv6.nd.na.flag.s': '1',
        'icmpv6.nd.na.flag.o': '1',
        'icmpv6.opt.linkaddr': '00:00:00:50:00:81',
      },
      'tcp syn': { 'tcp.flags.str': '··········S·', 'tcp.options.mss_val': '1360', 'tcp.seq_raw': '1000' },
      'last fragment': { 'ip.reassembled.length': '1500', 'udp.length': '1500' },
      'fragment 6': { 'ipv6.fraghdr.offset': '0', 'ipv6.fraghdr.ident': '0xdeadbeef' },
    }
    const names = [...new Set(Object.values(expected).flatMap((values) => Object.keys(values)))]
    const rows = fields(names)
    const read = Object.entries(expected).map(([kind, values]) => {
      const row = rows[kinds.findIndex(([name]) => name === kind)]
      return [kind, Object.fromEntries(Object.keys(values).map((name) => [name, row?.[names.indexOf(name)]]))]
    })
    expect(Object.fromEntries(read)).toEqual(expected)
  })
})
