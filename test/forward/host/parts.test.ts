import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteQueue } from '../../../src/forward/host/byte-queue.ts'
import { type HostEnv, newHostCounters } from '../../../src/forward/host/host-env.ts'
import { WAITING_MAX } from '../../../src/forward/host/neighbours.ts'
import { PATH_MTU_LIFETIME, PathMtuTable } from '../../../src/forward/host/path-mtu.ts'
import { Reassembly } from '../../../src/forward/host/reassembly.ts'
import { RttEstimator } from '../../../src/forward/host/rtt.ts'
import { TcpReceiver } from '../../../src/forward/host/tcp-receiver.ts'
import { fullSequence, gapsOf } from '../../../src/forward/host/traffic-record.ts'
import { millis, SECOND } from '../../../src/model/time.ts'
import { Clock } from '../../../src/sim/clock.ts'
import { FramePool, frameOf } from '../../../src/wire/frame.ts'
import { emitIpv4, ip4ChecksumOk } from '../../../src/wire/ipv4.ts'
import { Cable, ip, ping, udp } from './cable.ts'

describe('neighbours', () => {
  const arp = (operation: number, senderIp: string, targetIp: string, mac = '0200000000cc') => {
    const words = (text: string) => (ip(text) as number).toString(16).padStart(8, '0')
    const text = `ffffffffffff${mac}08060001080006040${operation.toString(16).padStart(3, '0')}${mac}${words(senderIp)}000000000000${words(targetIp)}`
    return Uint8Array.from(Buffer.from(text, 'hex'))
  }

  it('learns from requests for its own address, not from those for others, nor from answers it did not ask for', () => {
    const cable = new Cable()
    cable.inject('a', arp(1, '10.0.0.7', '10.0.0.1'))
    cable.inject('a', arp(1, '10.0.0.8', '10.0.0.3'))
    cable.inject('a', arp(2, '10.0.0.9', '10.0.0.1'))
    cable.clock.runUntil(SECOND)
    const known = ['10.0.0.7', '10.0.0.8', '10.0.0.9'].map(
      (text) => cable.a.ip.neighbours.lookup(ip(text)) !== undefined,
    )
    expect(known).toEqual([true, false, false])
    expect(cable.seen.length).toBe(1)
  })

  it('follows a gratuitous ARP about a neighbour it knows', () => {
    const cable = new Cable()
    cable.warm()
    cable.inject('a', arp(1, '10.0.0.2', '10.0.0.2', '0200000000dd'))
    cable.clock.runUntil(SECOND)
    expect(cable.a.ip.neighbours.lookup(ip('10.0.0.2'))).toBe(0x0200000000dd)
    expect(cable.seen).toEqual([])
  })

  it('answers duplicate address detection to all nodes', () => {
    const cable = new Cable()
    cable.warm()
    cable.run(ping('fd00::9'))
    const solicitation = cable.seen[0]!.bytes
    // The same question about b, from nobody: source, target, no option.
    const probe = solicitation.slice(0, 14 + 40 + 24)
    const view = new DataView(probe.buffer)
    probe.fill(0, 22, 38)
    for (const at of [38 + 15, 62 + 15]) probe[at] = 2
    view.setUint16(18, 24)
    view.setUint16(56, 0)
    let sum = 24 + 58
    for (let at = 22; at < probe.length; at += 2) sum += view.getUint16(at)
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
    view.setUint16(56, ~sum & 0xffff)
    cable.inject('b', probe)
    cable.clock.runUntil(cable.clock.now + SECOND)
    const answer = cable.seen.find((s) => s.from === 'b')!.bytes
    expect(Buffer.from(answer.subarray(0, 6)).toString('hex')).toBe('333300000001')
    // Not solicited, override; all nodes; the target's own address as source.
    expect(answer[58]).toBe(0x20)
    expect([answer[38], answer[53], answer[37]]).toEqual([0xff, 1, 2])
    expect(cable.b.counters.badChecksum).toBe(0)
  })

  it('keeps at most 101 packets waiting and drops the oldest', () => {
    const cable = new Cable()
    let first = true
    cable.filter = () => {
      const lost = first
      first = false
      return !lost
    }
    const result = cable.run(
      udp('10.0.0.2', { count: WAITING_MAX + 9, interval: millis(1), wait: 3 * SECOND }),
    )
    expect(result.sent).toBe(WAITING_MAX + 9)
    expect(cable.packets('a').length).toBe(WAITING_MAX)
    expect(cable.a.counters.neighbourDrops).toBe(9)
  })
})

describe('path MTU table', () => {
  const v4 = ip('10.0.0.2')
  const v6 = ip('fd00::2')

  it('only falls, and forgets after ten minutes', () => {
    const table = new PathMtuTable(1500)
    expect([table.learn(v4, 1300, 0), table.learn(v4, 1400, 0), table.learn(v4, 1200, 0)]).toEqual([
      true,
      false,
      true,
    ])
    expect(table.learn(v4, 9000, 0)).toBe(false)
    expect(table.to(v4, PATH_MTU_LIFETIME - 1)).toBe(1200)
    expect(table.to(v4, PATH_MTU_LIFETIME)).toBe(1500)
    expect(table.to(v6, 0)).toBe(1500)
  })

  it('has a floor of 552, below which the path is locked, and of 1280 for IPv6', () => {
    const table = new PathMtuTable(1500)
    table.learn(v4, 68, 0)
    table.learn(v6, 600, 0)
    expect(table.lookup(v4, 1)).toMatchObject({ mtu: 552, locked: true })
    expect(table.lookup(v6, 1)).toMatchObject({ mtu: 1280, locked: false })
  })
})

describe('reassembly', () => {
  function rig() {
    const clock = new Clock()
    const pool = new FramePool()
    const reasons: string[] = []
    const env: HostEnv = {
      now: () => clock.now,
      after: (delay, handler, arg) => clock.after(delay, handler, arg),
      cancel: (timer) => clock.cancel(timer),
      send: () => {},
      frame: (length) => {
        const frame = pool.take(length)
        frame.reset(length)
        return frame
      },
      release: () => {},
      random: () => 1,
      dropped: (reason) => reasons.push(reason),
    }
    const expired: number[] = []
    const counters = newHostCounters()
    return {
      clock,
      expired,
      reasons,
      counters,
      reassembly: new Reassembly(env, counters, (first) => expired.push(first.length)),
    }
  }

  function fragment(data: Uint8Array, from: number, to: number, identification = 5) {
    const bytes = new Uint8Array(20 + to - from)
    const more = to < data.length
    emitIpv4(new DataView(bytes.buffer), 0, {
      src: 1,
      dst: 2,
      protocol: 17,
      ttl: 9,
      tos: 0,
      identification,
      dontFragment: false,
      moreFragments: more,
      fragmentOffset: from,
      payloadLength: to - from,
    })
    bytes.set(data.subarray(from, to), 20)
    return frameOf(bytes)
  }

  it('gives back the packet whatever the order, with repetitions', () => {
    const anyOrder = fc.tuple(
      fc.integer({ min: 2, max: 4000 }),
      fc.integer({ min: 1, max: 90 }),
      fc.infiniteStream(fc.nat()),
    )
    fc.assert(
      fc.property(anyOrder, ([length, eighths, stream]) => {
        const { reassembly, clock } = rig()
        const data = Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff)
        const pieces: [number, number][] = []
        for (let from = 0; from < length; from += eighths * 8)
          pieces.push([from, Math.min(length, from + eighths * 8)])
        const order = pieces
          .map((piece) => ({ piece, rank: stream.next().value }))
          .sort((x, y) => x.rank - y.rank)
        const whole = []
        for (const { piece, rank } of order) {
          const joined = reassembly.add4(fragment(data, piece[0], piece[1]))
          if (joined !== undefined) whole.push(joined)
          else if (rank % 3 === 0) expect(reassembly.add4(fragment(data, piece[0], piece[1]))).toBeUndefined()
        }
        expect(whole.length).toBe(1)
        expect(Buffer.from(whole[0]!.payload().subarray(20)).equals(Buffer.from(data))).toBe(true)
        expect(ip4ChecksumOk(whole[0]!.view, whole[0]!.start)).toBe(true)
        expect(clock.next).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })

  it('throws away a packet with overlapping fragments, and keeps packets apart', () => {
    const { reassembly, counters } = rig()
    const data = new Uint8Array(64)
    reassembly.add4(fragment(data, 0, 32))
    expect(reassembly.add4(fragment(data, 24, 64))).toBeUndefined()
    expect(counters.reassemblyFailures).toBe(1)
    reassembly.add4(fragment(data, 0, 32, 6))
    expect(reassembly.add4(fragment(data, 32, 64, 7))).toBeUndefined()
    expect(reassembly.add4(fragment(data, 32, 64, 6))).toBeDefined()
  })

  it('says why it gives fragments up, also where only the options of the first make the packet too long', () => {
    const { reassembly, counters, reasons, clock } = rig()
    const data = new Uint8Array(65_515)
    reassembly.add4(fragment(data, 0, 32_000))
    reassembly.add4(fragment(data, 31_992, 65_515))
    expect(reassembly.add4(fragment(data, 32_000, 65_515, 8))).toBeUndefined()
    const bare = fragment(data, 0, 32_000, 8).payload()
    const first = frameOf(Uint8Array.from([0x46, ...bare.subarray(1, 20), 1, 1, 1, 1, ...bare.subarray(20)]))
    expect(reassembly.add4(first)).toBeUndefined()
    const beyond = fragment(new Uint8Array(65_523), 65_512, 65_523, 9)
    expect(reassembly.add4(beyond)).toBeUndefined()
    expect(reasons).toEqual([
      'a fragment of a packet from 0.0.0.1 to 0.0.0.2 contradicts another one of its packet, which is given up',
      'a fragment of a packet from 0.0.0.1 to 0.0.0.2 makes its packet longer than IP allows',
      'a fragment of a packet from 0.0.0.1 to 0.0.0.2 does not end where a fragment may end',
    ])
    expect([counters.reassemblyFailures, clock.next]).toEqual([3, undefined])
  })

  it('reports a timeout after 30 seconds only with the first fragment', () => {
    const { reassembly, clock, expired } = rig()
    const data = new Uint8Array(64)
    reassembly.add4(fragment(data, 0, 32, 1))
    reassembly.add4(fragment(data, 32, 64, 2))
    clock.runUntil(30 * SECOND - 1)
    expect(expired).toEqual([])
    clock.runUntil(30 * SECOND)
    expect(expired).toEqual([52])
    expect(reassembly.add4(fragment(data, 32, 64, 1))).toBeUndefined()
  })
})

describe('tcp receiver', () => {
  const MSS = 1460

  it('keeps 65,535 bytes and no more, in order only, across the wrap of the numbers', () => {
    const receiver = new TcpReceiver()
    receiver.start(2 ** 32 - 10)
    const first = receiver.nxt
    const data = Uint8Array.from({ length: 60_000 }, (_, i) => i % 251)
    expect(receiver.take(first + 1, data)).toBe(false)
    expect(receiver.take(first, data)).toBe(true)
    expect(receiver.take(first, data)).toBe(true)
    expect([receiver.length, receiver.nxt, receiver.tellWindow(MSS)]).toEqual([60_000, 59_991, 5535])
    // Half of it is new, and of that not all fits.
    expect(receiver.take(29_991, data)).toBe(false)
    expect([receiver.length, receiver.tellWindow(MSS)]).toEqual([65_535, 0])
    expect(Buffer.from(receiver.read(60_000)).equals(Buffer.from(data))).toBe(true)
    expect(receiver.read(99_999)[0]).toBe(30_000 % 251)
    expect(receiver.tellWindow(MSS)).toBe(65_535)
  })

  it('opens the window by segments, and says so at once only when it doubles', () => {
    const receiver = new TcpReceiver()
    receiver.start(0)
    receiver.take(1, new Uint8Array(65_535))
    receiver.read(MSS - 1)
    expect([receiver.isUpdateDue(MSS), receiver.tellWindow(MSS)]).toEqual([false, 0])
    // A probe may be taken where no window was told.
    expect(receiver.take(receiver.nxt, new Uint8Array(1))).toBe(true)
    expect(receiver.tellWindow(MSS)).toBe(0)
    receiver.read(2)
    expect([receiver.isUpdateDue(MSS), receiver.tellWindow(MSS)]).toEqual([true, MSS])
    receiver.read(10_000)
    expect([receiver.isUpdateDue(MSS), receiver.tellWindow(MSS)]).toEqual([true, MSS + 10_000])
    receiver.read(5000)
    expect([receiver.isUpdateDue(MSS), receiver.tellWindow(MSS)]).toEqual([false, MSS + 15_000])
  })
})

describe('small parts', () => {
  it('the byte queue is a list of bytes', () => {
    const step = fc.oneof(
      fc.record({ add: fc.uint8Array({ maxLength: 9000 }) }),
      fc.record({ drop: fc.nat(12_000) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const queue = new ByteQueue()
        let list: number[] = []
        for (const s of steps) {
          if ('add' in s) {
            queue.append(s.add)
            list = list.concat([...s.add])
          } else {
            queue.drop(s.drop)
            list = list.slice(s.drop)
          }
          const copy = new Uint8Array(list.length)
          queue.copyTo(copy, 0, 0, list.length)
          expect(Buffer.from(copy).equals(Buffer.from(list))).toBe(true)
          expect(queue.length).toBe(list.length)
        }
      }),
      { numRuns: 60 },
    )
    expect(() => new ByteQueue().copyTo(new Uint8Array(1), 0, 0, 1)).toThrow(RangeError)
  })

  it('the retransmission timeout starts at 1 s, doubles, and stays 200 ms above the round trip', () => {
    const rtt = new RttEstimator()
    expect(rtt.timeout).toBe(SECOND)
    rtt.backOff()
    rtt.backOff()
    expect(rtt.timeout).toBe(4 * SECOND)
    rtt.measure(millis(10))
    rtt.progress()
    expect(rtt.timeout).toBe(millis(210))
    for (let i = 0; i < 30; i++) rtt.backOff()
    expect(rtt.timeout).toBe(120 * SECOND)
  })

  it('gaps agree with a list of answers, one by one', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 40 }), (answered) => {
        const lost = answered.flatMap((ok, i) => (ok ? [] : [i + 1]))
        const sentAt = answered.map((_, i) => i * 10)
        const gaps = gapsOf(lost, sentAt)
        expect(
          gaps.flatMap((g) => sentAt.map((_, i) => i + 1).filter((s) => s >= g.fromSeq && s <= g.toSeq)),
        ).toEqual(lost)
        for (const gap of gaps) {
          expect(gap.from).toBe(sentAt[gap.fromSeq - 1])
          expect(answered[gap.fromSeq - 2] ?? true).toBe(true)
          expect(gap.to).toBe(gap.toSeq === answered.length ? undefined : gap.toSeq * 10)
          expect(answered[gap.toSeq] ?? true).toBe(true)
        }
      }),
    )
  })

  it('a 16-bit sequence number means the latest request that ends in it', () => {
    expect([fullSequence(3, 3), fullSequence(2, 65_540), fullSequence(5, 65_540)]).toEqual([3, 65_538, 5])
  })
})
