import { describe, expect, it } from 'vitest'
import { serveTcpEcho, serveUdpEcho } from '../../../src/forward/host/services.ts'
import { millis, SECOND } from '../../../src/model/time.ts'
import { Cable, ip, ping, tcp, traceroute, udp } from './cable.ts'

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
