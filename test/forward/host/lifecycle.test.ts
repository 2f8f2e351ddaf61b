import { describe, expect, it } from 'vitest'
import { serveTcpEcho, serveUdpEcho } from '../../../src/forward/host/services.ts'
import { startTraffic } from '../../../src/forward/host/traffic.ts'
import { millis, SECOND } from '../../../src/model/time.ts'
import { frameOf } from '../../../src/wire/frame.ts'
import { Cable, ip, ping, tcp, traceroute, udp } from './cable.ts'

describe('the host itself', () => {
  it('answers 127.0.0.0/8, ::1 and the unspecified addresses without the cable', () => {
    for (const [address, replier] of [
      ['127.0.0.1', '127.0.0.1'],
      ['127.8.9.10', '127.8.9.10'],
      ['0.0.0.0', '127.0.0.1'],
      ['::1', '::1'],
      ['::', '::1'],
      ['10.0.0.1', '10.0.0.1'],
      ['fd00::1', 'fd00::1'],
    ] as const) {
      const cable = new Cable({ gateways: { ip4: ip('10.0.0.2') as number, ip6: undefined } })
      const result = cable.run(ping(address, { count: 2, size: 3000 }))
      expect(result).toMatchObject({
        received: [1, 2],
        repliers: [replier],
        replyTtls: [64],
        localErrors: [],
      })
      expect([cable.seen.length, cable.pool.outstanding, cable.clock.next]).toEqual([0, 0, undefined])
    }
  })

  it('does so without an address of that family', () => {
    const cable = new Cable({ ips: [], prefixes: [] })
    expect(cable.run(ping('127.0.0.1')).received).toEqual([1])
    expect(cable.run(ping('::1')).received).toEqual([1])
  })

  it('serves UDP, TCP and traceroute there, and refuses at closed ports', () => {
    for (const address of ['127.0.0.1', '127.0.0.5', '0.0.0.0', '::1', '::']) {
      const cable = new Cable()
      expect(cable.run(tcp(address)).localErrors).toEqual([{ error: 'ECONNREFUSED', count: 1 }])
      const code = address.includes(':') ? 4 : 3
      expect(cable.run(udp(address)).icmpErrors).toMatchObject([{ code, count: 3 }])
      serveTcpEcho(cable.a, 9002)
      serveUdpEcho(cable.a, 9001)
      expect(cable.run(tcp(address, { bytes: 200_000 })).tcp!.echoed).toBe(200_000)
      expect(cable.run(udp(address)).received).toEqual([1, 2, 3])
      expect(cable.run(traceroute(address, { mode: 'udp' })).hops).toMatchObject([{ kind: 'unreachable' }])
      expect(cable.run(traceroute(address)).hops).toMatchObject([{ kind: 'reply' }])
      expect(cable.seen).toEqual([])
    }
  })

  it('does not take packets for loopback addresses from the cable', () => {
    for (const [address, other, at] of [
      ['10.0.0.2', '127.0.0.1', 30],
      ['fd00::2', '::1', 38],
    ] as const) {
      const reasons: string[] = []
      const cable = new Cable({}, {}, (_, reason) => reasons.push(reason))
      cable.warm()
      cable.run(ping(address))
      const bytes = cable.seen[0]!.bytes.slice()
      const view = new DataView(bytes.buffer)
      if (at === 30) {
        // The header's checksum takes the difference, so that it stays right.
        view.setUint32(30, ip(other) as number)
        view.setUint16(24, 0)
        let sum = 0
        for (let i = 14; i < 34; i += 2) sum += view.getUint16(i)
        view.setUint16(24, ~((sum & 0xffff) + (sum >>> 16)) & 0xffff)
      } else {
        bytes.fill(0, 38, 54)
        bytes[53] = 1
      }
      const before = cable.seen.length
      cable.inject('b', bytes)
      cable.clock.runUntil(cable.clock.now + SECOND)
      expect(cable.seen.length).toBe(before)
      expect(reasons).toEqual([`${other} is none of the host's addresses`])
    }
  })
})

describe('what a host drops', () => {
  /** A cable and what its hosts said. */
  function told(a = {}, b = {}): { cable: Cable; reasons: string[] } {
    const reasons: string[] = []
    const cable = new Cable(a, b, (name, reason) => reasons.push(`${name}: ${reason}`))
    cable.warm()
    return { cable, reasons }
  }

  it('is told: bad checksums', () => {
    const { cable, reasons } = told()
    cable.filter = (frame) => {
      frame.bytes[frame.end - 1]! ^= 1
      return true
    }
    for (const address of ['10.0.0.2', 'fd00::2']) {
      cable.run(ping(address))
      cable.run(udp(address, { count: 1 }))
    }
    cable.run(tcp('10.0.0.2', { timeout: SECOND / 2 }), SECOND / 2)
    expect(reasons).toEqual([
      'b: the checksum of an ICMP message from 10.0.0.1 is wrong',
      'b: the checksum of a UDP datagram from 10.0.0.1 is wrong',
      'b: the checksum of an ICMPv6 message from fd00::1 is wrong',
      'b: the checksum of a UDP datagram from fd00::1 is wrong',
      'b: the checksum of a TCP segment from 10.0.0.1 is wrong',
    ])
    const header = told()
    header.cable.filter = (frame) => {
      frame.bytes[frame.start + 14 + 8]! ^= 1
      return true
    }
    header.cable.run(ping('10.0.0.2'))
    expect(header.reasons).toEqual(['b: the checksum of an IPv4 header from 10.0.0.1 is wrong'])
  })

  it('is told: fragments without the rest', () => {
    for (const [address, seconds] of [
      ['10.0.0.2', 30],
      ['fd00::2', 60],
    ] as const) {
      const { cable, reasons } = told()
      cable.filter = (frame) => frame.length < 1000
      cable.run(ping(address, { size: 2000 }), 100 * SECOND)
      const [from, to] = [address.replace('2', '1'), address]
      expect(reasons).toEqual([
        `b: fragments of a packet from ${from} to ${to} stayed incomplete for ${seconds} s`,
      ])
    }
  })

  it('is told: neighbours that are silent, and a queue that is full', () => {
    const { cable, reasons } = told()
    cable.run(ping('10.0.0.9', { count: 103, interval: millis(1), wait: 4 * SECOND }))
    expect([reasons.length, reasons[0], reasons[2]]).toEqual([
      103,
      'a: more than 101 packets wait for the MAC address of 10.0.0.9',
      'a: 10.0.0.9 did not answer 3 requests for its MAC address',
    ])
  })

  it('is told: what is for somebody else, what is malformed, and answers without a route', () => {
    const { cable, reasons } = told({ gateways: { ip4: ip('10.0.0.2') as number, ip6: undefined } })
    cable.run(ping('10.9.0.1'))
    cable.a.ip.neighbours.learn(ip('10.0.0.3'), 0x020000000099, true)
    cable.run(ping('10.0.0.3'))
    cable.inject('b', new Uint8Array(5))
    cable.inject('b', Uint8Array.from([...cable.seen[0]!.bytes.subarray(0, 20)]))
    cable.clock.runUntil(cable.clock.now + SECOND)
    const strange = told({ ips: [ip('10.5.0.1')], prefixes: [{ ip: ip('10.0.0.1'), len: 24 }] })
    strange.cable.run(ping('10.0.0.2'))
    expect([...reasons, ...strange.reasons]).toEqual([
      "b: 10.9.0.1 is none of the host's addresses",
      "b: the MAC address 02:00:00:00:00:99 is not the interface's",
      'b: an Ethernet frame is malformed',
      'b: an IPv4 header is malformed',
      'b: the answer finds no route to 10.5.0.1',
    ])
    // A group that others asked for is nothing to tell.
    const group = told()
    group.cable.run(ping('fd00::9', { wait: SECOND / 2 }), SECOND / 2)
    expect([group.cable.b.counters.notForMe, group.reasons]).toEqual([1, []])
  })
})

describe('close', () => {
  const programs = (address: string) => [
    ping(address, { count: 100 }),
    traceroute(address, { maxTtl: 30 }),
    traceroute(address, { maxTtl: 30, mode: 'udp' }),
    udp(address, { count: 100 }),
    tcp(address, { bytes: 5_000_000, timeout: 99 * SECOND }),
  ]

  it('finishes programs, cancels every timer, gives back every frame and sends nothing more', () => {
    for (const address of ['10.0.0.2', 'fd00::2', '10.0.0.9', 'fd00::9', '127.0.0.1', '::1']) {
      // In mid-handshake, with packets waiting for a neighbour, with data in flight, later.
      for (const after of [0, 350_000, millis(1), millis(450)]) {
        const cable = new Cable()
        for (const host of [cable.a, cable.b]) {
          serveTcpEcho(host, 9002)
          serveUdpEcho(host, 9001)
        }
        cable.filter = (frame) => frame.length < 1000 || address !== '10.0.0.2'
        const done: unknown[] = []
        const running = programs(address).map((t) => startTraffic(cable.a, t, (r) => done.push(r)))
        cable.clock.runUntil(after)
        const ended = done.length
        cable.a.close()
        expect([cable.a.programs.size, cable.a.tcp.size]).toEqual([0, 0])
        const sent = cable.packetsFrom('a')
        const before = running.map((program) => program.finish())
        expect(before[0]!.sentAt.length).toBe(1 + Math.floor(after / millis(200)))
        cable.b.close()
        cable.a.close()
        cable.clock.runUntil(after + SECOND)
        expect(cable.packetsFrom('a')).toBe(sent)
        expect([cable.clock.next, cable.pool.outstanding, done.length]).toEqual([undefined, 0, ended])
        expect(running.map((program) => program.finish())).toEqual(before)
      }
    }
  })

  it('drops fragments that wait, and gives back what still arrives', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = (frame) => frame.length < 1000
    cable.run(ping('10.0.0.2', { size: 2000 }), SECOND)
    expect(cable.pool.outstanding).toBe(1)
    cable.b.close()
    expect([cable.pool.outstanding, cable.clock.next]).toEqual([0, undefined])
    const released = cable.pool.outstanding
    cable.b.receive(frameOf(cable.seen[0]!.bytes))
    expect([cable.pool.outstanding, cable.packetsFrom('b')]).toEqual([released - 1, 0])
  })

  it('forgets packets on their way to the host itself', () => {
    const cable = new Cable()
    startTraffic(cable.a, ping('127.0.0.1'), () => {})
    expect(cable.pool.outstanding).toBe(1)
    cable.a.close()
    expect([cable.pool.outstanding, cable.clock.next]).toEqual([0, undefined])
    // The first of two answers ends the host: the second request is given back.
    const other = new Cable()
    startTraffic(other.a, ping('127.0.0.1', { count: 2, interval: 0 }), () => {})
    other.a.sockets.echoReply = () => other.a.close()
    other.clock.runUntil(SECOND)
    expect([other.pool.outstanding, other.clock.next]).toEqual([0, undefined])
  })

  it('may happen while something is sent: a segment, a fragment, packets that waited, a request', () => {
    for (const [traffic, length] of [
      [tcp('10.0.0.2', { bytes: 50_000 }), 1000],
      [ping('10.0.0.2', { size: 9000 }), 1000],
      [ping('10.0.0.2', { size: 9000 }), 0],
      [ping('fd00::2', { size: 9000 }), 0],
    ] as const) {
      const cable = new Cable()
      serveTcpEcho(cable.b, 9002)
      let sent = 0
      cable.filter = (frame, from) => {
        if (from === 'b' || frame.length < length) return true
        cable.a.close()
        sent ||= cable.packetsFrom('a')
        return true
      }
      startTraffic(cable.a, traffic, () => {})
      cable.clock.runUntil(SECOND)
      cable.b.close()
      expect([sent > 0, cable.packetsFrom('a') - sent]).toEqual([true, 0])
      expect([cable.clock.next, cable.pool.outstanding, cable.a.tcp.size]).toEqual([undefined, 0, 0])
    }
  })

  it('may happen in the middle of an answer', () => {
    for (const traffic of [
      ping('10.0.0.2'),
      udp('10.0.0.2', { count: 1 }),
      tcp('10.0.0.2'),
      ping('127.0.0.1'),
    ]) {
      const cable = new Cable()
      serveTcpEcho(cable.b, 9002)
      serveUdpEcho(cable.b, 9001)
      let received: readonly number[] = []
      let sent = 0
      startTraffic(cable.a, traffic, (result) => {
        received = result.received
        cable.a.close()
        sent = cable.packetsFrom('a')
      })
      cable.clock.runUntil(SECOND)
      cable.b.close()
      expect([received, cable.packetsFrom('a') - sent]).toEqual([[1], 0])
      expect([cable.clock.next, cable.pool.outstanding, cable.a.tcp.size]).toEqual([undefined, 0, 0])
    }
  })

  it('programs on a host that has ended end at once with ENETDOWN', () => {
    const cable = new Cable()
    cable.warm()
    cable.a.close()
    for (const traffic of [...programs('10.0.0.2'), ...programs('127.0.0.1')]) {
      const running = startTraffic(cable.a, traffic, () => {})
      expect([cable.a.programs.size, cable.clock.next]).toEqual([0, undefined])
      const result = running.finish()
      expect(result).toMatchObject({ received: [], localErrors: [{ error: 'ENETDOWN', count: 1 }] })
    }
    expect([cable.seen.length, cable.clock.next, cable.pool.outstanding]).toEqual([0, undefined, 0])
  })
})
