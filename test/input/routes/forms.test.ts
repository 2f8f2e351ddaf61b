// Rarer things that the tools print, by their sources: iproute2's iproute.c, BIRD's nest/rt-show.c and proto/ospf, FRR's zebra_vty.c,
// ovn-nbctl's manual; and lists as people keep them.

import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readRouteFile } from '../../../src/input/routes/read.ts'
import { problems, readBytes, tableLines } from './reading.ts'

async function lines(text: string, format: string): Promise<string[]> {
  const file = await readBytes(text)
  expect(file.format).toBe(format)
  return [...problems(file), ...tableLines(file)]
}

describe('ip route', () => {
  it('a default route of several nexthops is one route, of the family of its gateways', async () => {
    const text =
      'default proto static metric 20 \n\tnexthop via 10.0.0.1 dev eth0 weight 1 \n\tnexthop via 10.0.0.2 dev eth0 weight 1 \n10.1.0.0/16 dev eth0 scope link \n'
    expect(await lines(text, 'ip-route')).toEqual(['0.0.0.0/0 10.0.0.1', '10.1.0.0/16 dev eth0'])
    const six = 'default proto static metric 1024 pref medium\n\tnexthop via fe80::1 dev eth0 weight 1 \n'
    expect(await lines(six, 'ip-route')).toEqual(['::/0 fe80::1'])
  })

  it('a default route of nexthops that are missing is told', async () => {
    expect(await lines('default proto static metric 20 \n10.1.0.0/16 dev eth0\n', 'ip-route')).toEqual([
      'RF008 1:1 this line is not understood',
      '10.1.0.0/16 dev eth0',
    ])
  })

  it('routes for some sources are another question', async () => {
    const text =
      'default from 2001:db8:1::/48 via fe80::1 dev eth0 metric 10 pref medium\n2001:db8::/32 from 2001:db8:1::/48 dev eth1\n2001:db8::/32 dev eth0 metric 256 pref medium\n'
    expect(await lines(text, 'ip-route')).toEqual([
      'RF013 routes: left out: 2 × route of some sources only',
      '2001:db8::/32 dev eth0',
    ])
  })

  it('routes that go nowhere need no word behind them', async () => {
    expect(await lines('blackhole 10.99.0.0/16\nunreachable default\n', 'ip-route')).toEqual([
      '0.0.0.0/0 unreachable',
      '10.99.0.0/16 blackhole',
    ])
  })
})

describe('ip -j route', () => {
  it('nexthop objects, gateways of the other family among several nexthops, sources', async () => {
    const routes = [
      { dst: 'default', nexthops: [{ via: { family: 'inet6', host: 'fe80::1' }, dev: 'eth0' }] },
      { dst: '10.0.0.0/8', nhid: 7 },
      { dst: '10.0.0.0/8', from: '10.1.0.0/16', dev: 'eth1' },
    ]
    expect(await lines(JSON.stringify(routes), 'ip-json')).toEqual([
      'RF013 routes: left out: 1 × route of some sources only',
      '0.0.0.0/0 fe80::1',
      '10.0.0.0/8 nhid 7',
    ])
  })

  it.each([
    ['[abc]', '1:2'],
    ['[{"dst":"10.0.0.0/8","dev":"x"},\n {"dst":tru}]', '2:12'],
    ['[{"dst":"10.0.0.0/8","dev":"x"},\n\n {"dst":"10.1.0.0/16"}, oops, {"dst":"10.2.0.0/16"}]', '3:25'],
    ['[{"dst":"10.0.0.0/8",}]', '1:22'],
    ['[{"dst":"10.0.0.0/8","dev":"x"}]\n[{"dst":"fd00::/8","dev":"x"}]\n', '2:1'],
    ['[{"dst":"10.0.0.0/8","dev":"x"', '1:31'],
  ])('a mistake has its place: %j', async (text, place) => {
    const file = await readBytes(text)
    expect(problems(file)).toEqual([`RF009 ${place} this is not JSON`])
  })

  it('several lists one behind the other are named as what they are', async () => {
    const { diagnostics } = await readBytes('[{"dst":"10.0.0.0/8","dev":"x"}]\n[]\n')
    expect(diagnostics[0]!.hint).toContain('jq -s add')
  })
})

describe('BIRD', () => {
  it('the route in use among those of OSPF, and one that the kernel refused', async () => {
    const text = [
      '10.1.0.0/16          unicast [ospf1 2026-01-01] * E2 (150/20/10000) [10.0.0.9]',
      '\tvia 10.0.0.9 on eth1',
      '                     unicast [bgp1 12:00:01.123 from 10.0.0.4] (100) [AS65001i]',
      '\tvia 10.0.0.4 on eth0',
      "10.2.0.0/16          unicast ['to-core' 2026-01-01] IA (150/20) [10.0.0.9]",
      '\tvia 10.0.0.9 on eth1',
      '                     unicast [static1 2026-01-01] ! (200)',
      '\tvia 10.0.0.4 on eth0',
      '10.3.0.0/16          recursive [bgp1 2026-01-01] * (100) [i]',
      '\tvia 192.0.2.9 table master4',
    ].join('\n')
    expect(await lines(text, 'bird')).toEqual([
      '10.1.0.0/16 10.0.0.9',
      '10.2.0.0/16 10.0.0.4',
      '10.3.0.0/16 192.0.2.9',
    ])
  })
})

describe('FRR', () => {
  it('instances, and prefixes that begin with a letter that could be a state', async () => {
    const text = [
      'O[10]>* 10.1.0.0/16 [110/20] via 10.0.0.2, eth0, weight 1, 00:01:02',
      'B>* b00::/16 [20/0] via fe80::1, eth0, weight 1, 00:01:02',
      'K * 0.0.0.0/0 [0/100] via 192.168.1.1, eth0, 00:01:02',
    ].join('\n')
    expect(await lines(text, 'frr')).toEqual([
      '0.0.0.0/0 192.168.1.1',
      '10.1.0.0/16 10.0.0.2',
      'b00::/16 fe80::1',
    ])
  })
})

describe('lr-route-list', () => {
  it('the main table counts; routes of others are left out and said', async () => {
    const text = [
      'IPv4 Routes',
      'Route Table <main>:',
      '             10.0.0.0/16               100.64.0.1 dst-ip',
      'Route Table blue:',
      '             10.5.0.0/16               100.65.0.1 dst-ip',
      '',
      'IPv6 Routes',
      'Route Table blue:',
      '               fd00::/64                  fe80::1 dst-ip',
    ].join('\n')
    expect(await lines(text, 'lr-route-list')).toEqual([
      'RF013 routes: left out: 1 × route of table blue',
      '10.0.0.0/16 100.64.0.1',
      'fd00::/64 fe80::1',
    ])
  })
})

describe('lists as people keep them', () => {
  it.each([
    ['a byte order mark, CRLF, quotes', '\ufeffprefix,next hop\r\n"10.0.0.0/8","a, ""b"""\r\n', 'a, "b"'],
    ['a separator in quotes before the real one', '"10.0.0.0/8";"a,b"\n', 'a,b'],
    ['commas behind a semicolon', '10.0.0.0/8;a,b\n', 'a,b'],
    ['columns made of spaces', '10.0.0.0/8      a\n', 'a'],
    ['a remark behind a prefix', '# mine\n10.0.0.0/8 # a remark\n', 'unnamed'],
    ['one heading over two columns', 'Prefix\n10.0.0.0/8,a\n', 'a'],
    ['the prefix in another column', 'name;Gateway;ip_prefix\nx;a;10.0.0.0/8\n', 'a'],
    ['no next hop among the columns', 'name;prefix\nx;10.0.0.0/8\n', 'unnamed'],
    ['white space around quotes', ' "10.0.0.0/8" , "a" \n', 'a'],
  ])('%s', async (_, text, hop) => {
    expect(await lines(text, 'csv')).toEqual([`10.0.0.0/8 ${hop}`])
  })

  it('addresses alone are hosts', async () => {
    expect(await lines('10.0.0.1\nfd00::1\n', 'csv')).toEqual(['10.0.0.1/32 unnamed', 'fd00::1/128 unnamed'])
  })

  it('text of 16 bits a character, as PowerShell redirects it', async () => {
    const text = '10.0.0.0/8 via 10.0.0.1 dev eth0\r\n'
    const little = Buffer.from(`\ufeff${text}`, 'utf16le')
    for (const bytes of [little, Buffer.from(little).swap16()])
      expect(tableLines(await readBytes(Uint8Array.from(bytes)))).toEqual(['10.0.0.0/8 10.0.0.1'])
  })

  it('prose that speaks of routes and prefixes is no table', async () => {
    for (const text of [
      'The route to the network\nis via here\n',
      'a\nb\nc\n\n10.0.0.0/8 is a prefix\n',
      'We see prefix and gateway, don’t we?\n',
    ])
      expect((await readBytes(text)).format, text).toBeUndefined()
  })
})

describe('input that does not end', () => {
  /** The same bytes for ever; tells whether it was let go. */
  function endless(bytes: Uint8Array): Readable {
    return new Readable({
      read() {
        this.push(bytes)
      },
    })
  }

  it.each([
    ['zeros', new Uint8Array(8192), {}, 'RF004'],
    ['zeros that are to be MRT', new Uint8Array(8192), { format: 'mrt' as const }, 'RF011'],
  ])('%s: refused without waiting for the end', async (_, bytes, options, code) => {
    const input = endless(bytes)
    const file = await readRouteFile('routes', options, input)
    expect(file.diagnostics.map((one) => one.code)).toEqual([code])
    expect(input.destroyed).toBe(true)
  })

  it('is given up as soon as the signal says so, while nothing comes', async () => {
    const input = new PassThrough()
    const stop = new AbortController()
    const reading = readRouteFile('routes', { signal: stop.signal }, input)
    input.write('10.0.0.0/8 via 10.0.0.1\n')
    setImmediate(() => stop.abort(new Error('stop')))
    await expect(reading).rejects.toThrow('stop')
    expect(input.destroyed).toBe(true)
  })
})
