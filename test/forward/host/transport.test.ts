import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { serveTcpEcho } from '../../../src/forward/host/services.ts'
import type { TcpConnection } from '../../../src/forward/host/tcp-connection.ts'
import { startTraffic } from '../../../src/forward/host/traffic.ts'
import { millis, SECOND } from '../../../src/model/time.ts'
import { Random } from '../../../src/net/random.ts'
import { parseTcp, TcpFlag } from '../../../src/wire/tcp.ts'
import { Cable, ip, smallLink, tcp } from './cable.ts'

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

  it('moves 10 MiB on a clean link, and under 1 % loss', () => {
    for (const [address, loss] of [
      ['10.0.0.2', 0],
      ['10.0.0.2', 0.01],
      ['fd00::2', 0.01],
    ] as const) {
      const cable = new Cable()
      cable.warm()
      cable.keeps = false
      serveTcpEcho(cable.b, 9002)
      const random = new Random(3)
      cable.filter = () => random.below(10_000) >= loss * 10_000
      const bytes = 10 * 1024 * 1024
      const result = cable.run(tcp(address, { bytes, timeout: 300 * SECOND }), 301 * SECOND)
      expect(result.tcp).toMatchObject({ connected: true, echoed: bytes })
      cable.clock.runUntil(cable.clock.now + 2000 * SECOND)
      expect([cable.a.tcp.size, cable.b.tcp.size, cable.pool.outstanding]).toEqual([0, 0, 0])
      expect(cable.clock.next).toBeUndefined()
    }
  })

  it('keeps telling the whole window to an echo service, whatever it has queued itself', () => {
    const cable = new Cable()
    serveTcpEcho(cable.b, 9002)
    expect(cable.run(tcp('10.0.0.2', { bytes: 600_000 })).tcp!.echoed).toBe(600_000)
    const windows = cable
      .packets('a')
      .slice(1)
      .map((p) => parseTcp(p, 20, p.byteLength)!.window)
    expect(new Set(windows)).toEqual(new Set([65_535]))
  })

  it('is held up by a program that does not read, probes the closed window, and goes on when it reads', () => {
    const cable = new Cable()
    cable.warm()
    let reads = false
    let taken = 0
    let server: TcpConnection | undefined
    const read = (connection: TcpConnection): void => {
      server = connection
      if (reads) taken += connection.read(connection.readable).length
    }
    const nothing = (): void => {}
    const app = { connected: nothing, readable: read, writable: read, peerClosed: read, closed: nothing }
    cable.b.tcp.listen(9002, () => app)
    const bytes = 300_000
    const running = startTraffic(cable.a, tcp('10.0.0.2', { bytes, timeout: 9000 * SECOND }), nothing)
    cable.clock.runUntil(2000 * SECOND)
    // Bounded on both sides, and alive: every probe is answered.
    expect([server!.readable, taken]).toEqual([65_535, 0])
    expect(running.finish()).toMatchObject({ localErrors: [], tcp: { connected: true, echoed: 0 } })
    expect(parseTcp(cable.packets('b').at(-1)!, 20, 40)!.window).toBe(0)
    reads = true
    const before = cable.a.counters.tcpRetransmissions
    read(server!)
    cable.clock.runUntil(2200 * SECOND)
    expect([taken, server!.atEnd]).toEqual([bytes, true])
    // From the byte of the last probe on, which was not taken.
    expect(cable.a.counters.tcpRetransmissions).toBe(before + 1)
    // Once it has gone on, it goes on by acknowledgements, not by timeouts.
    expect(cable.seen.at(-1)!.at - 2000 * SECOND).toBeLessThan(millis(100))
  })

  it('echoes what is still unread, and what is repeated, after the other side has closed', () => {
    for (const [bytes, lost] of [
      [380_000, 0],
      [5000, 3],
    ] as const) {
      const cable = new Cable()
      cable.warm()
      serveTcpEcho(cable.b, 9002)
      cable.filter = (_frame, from) => from === 'b' || cable.packetsFrom('a') !== lost
      let left: number = bytes
      let echoed = 0
      let ended = false
      const write = (connection: TcpConnection): void => {
        const count = Math.min(left, connection.room)
        left -= count
        connection.write(new Uint8Array(count))
        if (left === 0) connection.close()
      }
      const read = (connection: TcpConnection): void => {
        // Until then both queues of the service fill, and FIN comes behind what it has not read.
        if (cable.clock.now < 60 * SECOND) return
        echoed += connection.read(connection.readable).length
        ended = connection.atEnd
      }
      const client = cable.a.tcp.connect(ip('10.0.0.2'), 9002, 20_009, {
        connected: write,
        readable: read,
        writable: write,
        peerClosed: read,
        closed: () => {},
      }) as TcpConnection
      cable.clock.runUntil(60 * SECOND)
      expect([left, echoed, client.readable]).toEqual([0, 0, Math.min(bytes, 65_535)])
      read(client)
      cable.clock.runUntil(400 * SECOND)
      expect([echoed, ended, client.isOpen, cable.clock.next]).toEqual([bytes, true, false, undefined])
    }
  })

  it('MT-4: connects and stalls with more bytes than its queues hold, when only the answers are too large', () => {
    for (const side of ['a', 'b']) {
      const cable = new Cable()
      serveTcpEcho(cable.b, 9002)
      cable.filter = (frame, from) => from !== side || frame.length - 14 <= 1392
      const result = cable.run(tcp('10.0.0.2', { bytes: 2_000_000, timeout: 100 * SECOND }), 101 * SECOND)
      expect(result).toMatchObject({ received: [], lost: [1], localErrors: [] })
      expect(result.tcp).toMatchObject({ connected: true, echoed: 0 })
      cable.clock.runUntil(5000 * SECOND)
      // A server that waits for data never asks whether its client still lives.
      expect([cable.a.tcp.size, cable.b.tcp.size, cable.pool.outstanding]).toEqual([
        0,
        side === 'a' ? 1 : 0,
        0,
      ])
      expect(cable.clock.next).toBeUndefined()
    }
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
