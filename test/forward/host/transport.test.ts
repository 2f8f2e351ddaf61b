import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serveTcpEcho, serveUdpEcho } from '../../../src/forward/host/services.ts'
import { millis, SECOND } from '../../../src/model/time.ts'
import { Random } from '../../../src/net/random.ts'
import { parseTcp, TcpFlag } from '../../../src/wire/tcp.ts'
import { Cable, ip, ping, smallLink, tcp, traceroute, udp } from './cable.ts'

describe('udp', () => {
  it('sends 60-byte datagrams with DF and gets them back from the echo service', () => {
    const cable = new Cable()
    cable.warm()
    serveUdpEcho(cable.b, 9001)
    const result = cable.run(udp('10.0.0.2'))
    expect(result).toMatchObject({ sent: 3, received: [1, 2, 3], repliers: ['10.0.0.2'], icmpErrors: [] })
    for (const side of ['a', 'b'] as const) {
      const p = cable.packets(side)[0]!
      expect([p.getUint16(2), p.getUint16(6), p.getUint8(8), p.getUint8(9)]).toEqual([60, 0x4000, 64, 17])
    }
    expect(cable.packets('b')[0]!.getUint16(20)).toBe(9001)
    expect(cable.pool.outstanding).toBe(0)
  })

  it('tells numbers apart in payloads too short for them', () => {
    for (const size of [0, 1, 3]) {
      const cable = new Cable()
      serveUdpEcho(cable.b, 9001)
      expect(cable.run(udp('10.0.0.2', { size, count: 300, interval: millis(1) })).received.length).toBe(300)
    }
  })

  it('hears port unreachable with TOS 0xc0 and no DF from a closed port, whole packet quoted', () => {
    const cable = new Cable()
    cable.warm()
    expect(cable.run(udp('10.0.0.2')).icmpErrors).toEqual([
      {
        from: '10.0.0.2',
        type: 3,
        code: 3,
        ttl: 64,
        mtu: undefined,
        quotedLength: 60,
        quotedTtl: 64,
        count: 3,
      },
    ])
    const p = cable.packets('b')[0]!
    expect([p.getUint8(1), p.getUint16(2), p.getUint16(6)]).toEqual([0xc0, 88, 0])
    expect(cable.run(udp('fd00::2')).icmpErrors).toMatchObject([
      { from: 'fd00::2', type: 1, code: 4, quotedLength: 80 },
    ])
    expect(cable.packets('b', 0x86dd)[0]!.getUint16(0)).toBe(0x6000)
  })

  it('limits errors to six at once and one a second', () => {
    const cable = new Cable()
    const result = cable.run(udp('10.0.0.2', { count: 30, interval: millis(100), wait: SECOND }))
    // Six at once, and three whole seconds pass before the last one.
    expect(result.icmpErrors[0]!.count).toBe(8)
    expect(cable.b.counters.icmpErrorsLimited).toBe(22)
    // On a link of /64 Linux allows four a second over IPv6.
    const over6 = cable.run(udp('fd00::2', { count: 30, interval: millis(100), wait: SECOND }))
    expect(over6.icmpErrors[0]!.count).toBe(6 + 11)
  })

  it('fragments what exceeds the path MTU', () => {
    const cable = new Cable()
    serveUdpEcho(cable.b, 9001)
    expect(cable.run(udp('10.0.0.2', { size: 5000 })).received).toEqual([1, 2, 3])
    expect(cable.run(udp('fd00::2', { size: 5000 })).received).toEqual([1, 2, 3])
    expect(cable.run(udp('10.0.0.2', { size: 65_508 })).localErrors).toEqual([
      { error: 'EMSGSIZE', count: 3 },
    ])
  })

  it('shares a port with the echo service, since its socket is connected', () => {
    const cable = new Cable()
    serveUdpEcho(cable.a, 20001)
    serveUdpEcho(cable.b, 9001)
    expect(cable.run(udp('10.0.0.2')).received).toEqual([1, 2, 3])
  })
})

describe('traceroute', () => {
  it('ends at the destination that answers: echo reply, and port unreachable', () => {
    const cable = new Cable()
    const icmp = cable.run(traceroute('10.0.0.2'))
    expect(icmp.hops).toEqual([{ from: '10.0.0.2', kind: 'reply', ttl: 64, rtt: 400_000 }])
    expect(icmp.sent).toBe(1)
    const byUdp = cable.run(traceroute('fd00::2', { mode: 'udp', sourcePort: 40_064 }))
    expect(byUdp.hops).toMatchObject([{ from: 'fd00::2', kind: 'unreachable', ttl: 64 }])
    const probe = cable.packets('a', 0x86dd).at(-1)!
    expect([probe.getUint16(4) + 40, probe.getUint16(40), probe.getUint16(42)]).toEqual([80, 40_065, 33_435])
    expect(cable.packets('a')[0]!.getUint16(2)).toBe(60)
  })

  it('forgets probes that went beyond the destination', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = (frame, from) => {
      if (from === 'b') cable.clock.after(millis(350), () => cable.inject('a', bytes), undefined)
      const bytes = frame.payload().slice()
      return from === 'a'
    }
    const result = cable.run(traceroute('10.0.0.2', { maxTtl: 30 }))
    expect(result.hops).toMatchObject([{ kind: 'reply' }])
    expect(result.sent).toBe(4)
  })

  it('records silence, and waits only so long', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = (_frame, from) => from === 'a' && cable.packets('a').length > 2
    const result = cable.run(traceroute('10.0.0.2', { maxTtl: 4 }))
    expect(result.hops).toEqual([undefined, undefined, undefined, undefined])
    expect(result.sentAt).toEqual([0, millis(100), millis(200), millis(300)])
    cable.filter = () => cable.packets('a').length > 6
    const later = cable.run(traceroute('10.0.0.2', { maxTtl: 9 }))
    expect(later.hops).toMatchObject([undefined, undefined, { kind: 'reply' }])
    expect(later.lost).toEqual([1, 2])
  })
})

const flagsOf = (p: DataView) => parseTcp(p, 20, p.byteLength)!.flags

describe('tcp', () => {
  it('connects, gets its bytes back and closes on both sides', () => {
    const cable = new Cable()
    cable.warm()
    serveTcpEcho(cable.b, 9002)
    const result = cable.run(tcp('10.0.0.2'), SECOND)
    expect(result).toMatchObject({ sent: 1, received: [1], lost: [], localErrors: [] })
    expect(result.tcp).toEqual({ connected: true, echoed: 5000, connectTime: 200_000 })
    const first = cable.packets('a')[0]!
    expect(parseTcp(first, 20, first.byteLength)).toMatchObject({
      flags: TcpFlag.syn,
      mss: 1460,
      srcPort: 20002,
      dstPort: 9002,
    })
    expect(cable.packets('a').every((p) => p.getUint16(6) === 0x4000)).toBe(true)
    // The answer to the SYN has identification 0.
    expect(cable.packets('b')[0]!.getUint16(4)).toBe(0)
    expect(
      cable
        .packets('a')
        .concat(cable.packets('b'))
        .filter((p) => (flagsOf(p) & TcpFlag.fin) !== 0).length,
    ).toBe(2)
    expect(cable.b.tcp.size).toBe(0)
    // The side that closed first remembers for a minute.
    expect(cable.a.tcp.size).toBe(1)
    cable.clock.runUntil(70 * SECOND)
    expect(cable.a.tcp.size).toBe(0)
    expect(cable.a.counters.tcpRetransmissions + cable.b.counters.tcpRetransmissions).toBe(0)
    expect(cable.clock.next).toBeUndefined()
  })

  it('uses an MSS of 1440 over IPv6 and fills it', () => {
    const cable = new Cable()
    serveTcpEcho(cable.b, 9002)
    expect(cable.run(tcp('fd00::2', { bytes: 200_000 })).tcp!.echoed).toBe(200_000)
    const lengths = cable.packets('a', 0x86dd).map((p) => p.getUint16(4) + 40)
    expect(Math.max(...lengths)).toBe(1500)
  })

  it('MT-4: connects and stalls where large packets vanish', () => {
    const cable = new Cable()
    serveTcpEcho(cable.b, 9002)
    cable.filter = smallLink(cable, 1392, false)
    const result = cable.run(tcp('10.0.0.2', { bytes: 20_000 }))
    expect(result).toMatchObject({ received: [], lost: [1], localErrors: [] })
    expect(result.tcp).toMatchObject({ connected: true, echoed: 0 })
    expect(cable.a.counters.tcpRetransmissions).toBeGreaterThan(2)
  })

  it('IC4-5: smaller segments after fragmentation needed and packet too big', () => {
    for (const address of ['10.0.0.2', 'fd00::2']) {
      const cable = new Cable()
      serveTcpEcho(cable.b, 9002)
      cable.filter = smallLink(cable, 1300, true)
      const result = cable.run(tcp(address, { bytes: 20_000 }))
      expect(result.tcp).toMatchObject({ connected: true, echoed: 20_000 })
      expect(result.icmpErrors[0]).toMatchObject({ mtu: 1300 })
      // Not by way of the timer: the error itself makes it go on.
      expect(result.rtt[0]).toBeLessThan(millis(10))
    }
  })

  it('is refused by a closed port', () => {
    const cable = new Cable()
    const result = cable.run(tcp('10.0.0.2'))
    expect(result).toMatchObject({ lost: [1], localErrors: [{ error: 'ECONNREFUSED', count: 1 }] })
    expect(result.tcp).toEqual({ connected: false, echoed: 0, connectTime: undefined })
    expect(flagsOf(cable.packets('b')[0]!)).toBe(TcpFlag.rst | TcpFlag.ack)
  })

  it('repeats SYN after 1, 2, 4 seconds and tells a timeout from a refusal', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = () => false
    const result = cable.run(tcp('10.0.0.2', { timeout: 10 * SECOND }), 20 * SECOND)
    expect(cable.seen.map((s) => s.at)).toEqual([0, 1, 3, 7].map((s) => s * SECOND))
    expect(result).toMatchObject({ lost: [1], localErrors: [], tcp: { connected: false } })
  })

  it('gives up after six repetitions of SYN, 127 seconds', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = () => false
    const result = cable.run(tcp('10.0.0.2', { timeout: 300 * SECOND }), 126 * SECOND)
    expect([result.localErrors, cable.seen.length]).toEqual([[], 7])
    const other = new Cable()
    other.warm()
    other.filter = () => false
    const ended = other.run(tcp('10.0.0.2', { timeout: 300 * SECOND }), 128 * SECOND)
    expect([ended.localErrors, other.seen.length]).toEqual([[{ error: 'ETIMEDOUT', count: 1 }], 7])
    expect(other.a.tcp.size).toBe(0)
  })

  it('does not measure what was sent twice (Karn)', () => {
    const cable = new Cable()
    cable.warm()
    serveTcpEcho(cable.b, 9002)
    // The first SYN and the first segment with data are lost.
    cable.filter = (_frame, from) => from === 'b' || ![1, 4].includes(cable.packets('a').length)
    expect(cable.run(tcp('10.0.0.2', { bytes: 100 })).tcp!.echoed).toBe(100)
    const sizes = cable.seen.filter((s) => s.from === 'a').map((s) => [s.bytes.length - 54, s.at])
    const data = sizes.filter(([size]) => size === 100).map(([, at]) => at!)
    // Nothing was measured yet, so the first timeout still holds.
    expect(data).toEqual([SECOND + 200_000, 2 * SECOND + 200_000])
  })

  it('hears EHOSTUNREACH when the neighbour is silent, ENETUNREACH without a route', () => {
    const cable = new Cable()
    expect(cable.run(tcp('10.0.0.9', { timeout: 9 * SECOND })).localErrors).toEqual([
      { error: 'EHOSTUNREACH', count: 1 },
    ])
    expect(cable.run(tcp('10.9.0.1')).localErrors).toEqual([{ error: 'ENETUNREACH', count: 1 }])
  })

  it('resets a connection that nobody knows', () => {
    const before = new Cable()
    serveTcpEcho(before.b, 9002)
    before.run(tcp('10.0.0.2'))
    const data = before.seen.find((s) => s.from === 'a' && s.bytes.length > 1000)!.bytes
    const cable = new Cable()
    serveTcpEcho(cable.b, 9002)
    cable.warm()
    cable.inject('b', data)
    cable.clock.runUntil(SECOND)
    const reset = cable.packets('b')[0]!
    const quoted = new DataView(data.buffer, data.byteOffset + 14)
    expect(parseTcp(reset, 20, 40)).toMatchObject({ flags: TcpFlag.rst, seq: quoted.getUint32(28), ack: 0 })
  })

  it('serves one connection while another stalls', () => {
    const cable = new Cable()
    serveTcpEcho(cable.b, 9002)
    cable.run(tcp('10.0.0.2', { sourcePort: 20_003 }), 0)
    expect(cable.run(tcp('10.0.0.2')).tcp!.echoed).toBe(5000)
  })

  it('gets every byte through any loss short of a dead path', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.integer({ min: 0, max: 60_000 }),
        (seed, bytes) => {
          const cable = new Cable()
          cable.warm()
          serveTcpEcho(cable.b, 9002)
          const random = new Random(seed)
          cable.filter = () => random.below(8) !== 0
          const result = cable.run(tcp('10.0.0.2', { bytes, timeout: 900 * SECOND }), 901 * SECOND)
          expect(result.tcp).toMatchObject({ connected: true, echoed: bytes })
          cable.clock.runUntil(cable.clock.now + 2000 * SECOND)
          expect([cable.a.tcp.size, cable.b.tcp.size, cable.pool.outstanding]).toEqual([0, 0, 0])
          expect(cable.clock.next).toBeUndefined()
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('one run, same bytes', () => {
  it('repeats itself', () => {
    const once = () => {
      const cable = new Cable()
      serveTcpEcho(cable.b, 9002)
      const results = [
        cable.run(ping('10.0.0.2', { size: 3000 })),
        cable.run(tcp('fd00::2')),
        cable.run(traceroute('10.0.0.2')),
      ]
      return JSON.stringify([results, cable.seen.map((s) => Buffer.from(s.bytes).toString('hex'))])
    }
    expect(once()).toBe(once())
    expect(ip('10.0.0.1')).toBe(0x0a000001)
  })
})
