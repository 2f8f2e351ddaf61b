import { describe, expect, it } from 'vitest'
import { millis, SECOND } from '../../../src/model/time.ts'
import { formatIp, type Ip6 } from '../../../src/net/ip.ts'
import { addRange, checksumOf, isIntact } from '../../../src/wire/checksum.ts'
import { ip6Dst, ip6Src } from '../../../src/wire/ipv6.ts'
import { Cable, ip, ping, smallLink } from './cable.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('ping', () => {
  it('goes to a router for link-local addresses beyond fe80::/64, from the own link-local address, as Linux does', () => {
    const cable = new Cable({ gateways: { ip4: undefined, ip6: ip('fd00::2') as Ip6 } })
    cable.warm()
    cable.run(ping('fe80:a9fe:64::2a'))
    const [request] = cable.seen
    expect(hex(request!.bytes.subarray(0, 6))).toBe('02000000000b')
    const packet = new DataView(request!.bytes.buffer, request!.bytes.byteOffset + 14)
    expect(formatIp(ip6Src(packet, 0))).toBe('fe80::ff:fe00:a')
    expect(formatIp(ip6Dst(packet, 0))).toBe('fe80:a9fe:64::2a')

    const onLink = new Cable({ gateways: { ip4: undefined, ip6: ip('fd00::2') as Ip6 } })
    onLink.warm()
    onLink.run(ping('fe80::99'))
    // A solicitation, to the group of the address.
    expect(hex(onLink.seen[0]!.bytes.subarray(0, 6))).toBe('3333ff000099')
  })

  it('sends the bytes that iputils sends', () => {
    const cable = new Cable()
    cable.warm()
    cable.clock.runUntil(1_500_000_000)
    cable.run(ping('10.0.0.2'))
    const bytes = cable.seen[0]!.bytes
    // Identification, identifier and the two checksums depend on the seed: cut out, and checked by sums.
    const text = hex(bytes)
    expect(text.slice(0, 36)).toBe('02000000000b02000000000a0800' + '45000054')
    expect(text.slice(40, 48)).toBe('40004001')
    expect(text.slice(52, 72)).toBe('0a000001' + '0a000002' + '0800')
    expect(text.slice(80, 84)).toBe('0001')
    const time = '0100000000000000' + '20a1070000000000'
    const count = Array.from({ length: 40 }, (_, i) => (i + 16).toString(16).padStart(2, '0')).join('')
    expect(text.slice(84)).toBe(time + count)
    const view = new DataView(bytes.buffer)
    expect(isIntact(addRange(view, 14, 34))).toBe(true)
    expect(isIntact(addRange(view, 34, 98))).toBe(true)
  })

  it('is answered with TTL 64, without DF, with the same TOS and payload', () => {
    const cable = new Cable()
    cable.warm()
    const result = cable.run(ping('10.0.0.2', { tos: 0xb8, ttl: 3 }))
    const request = cable.packets('a')[0]!
    const reply = cable.packets('b')[0]!
    expect(request.getUint8(8)).toBe(3)
    expect(request.getUint16(6)).toBe(0x4000)
    expect([reply.getUint8(1), reply.getUint16(2), reply.getUint16(6), reply.getUint8(8)]).toEqual([
      0xb8, 84, 0, 64,
    ])
    expect(isIntact(addRange(reply, 0, 20)) && isIntact(addRange(reply, 20, 84))).toBe(true)
    expect(hex(new Uint8Array(reply.buffer, reply.byteOffset + 24))).toBe(
      hex(new Uint8Array(request.buffer, request.byteOffset + 24)),
    )
    expect(result).toMatchObject({
      sent: 1,
      received: [1],
      lost: [],
      replyTtls: [64],
      repliers: ['10.0.0.2'],
      gaps: [],
    })
    expect(result.rtt).toEqual([200_000])
  })

  it('works the same over IPv6, with a right pseudo header on both ways', () => {
    const cable = new Cable()
    const result = cable.run(ping('fd00::2', { count: 3 }))
    expect(result).toMatchObject({ received: [1, 2, 3], replyTtls: [64], repliers: ['fd00::2'] })
    expect(cable.b.counters.badChecksum + cable.a.counters.badChecksum).toBe(0)
    expect(cable.packets('a', 0x86dd).map((p) => p.getUint16(4))).toEqual([32, 64, 64, 64])
  })

  it('AR-3: cold caches cost one broadcast each way and lose nothing', () => {
    const cable = new Cable()
    const result = cable.run(ping('10.0.0.2', { count: 4 }))
    expect(result.lost).toEqual([])
    const arp = cable.seen.filter((s) => hex(s.bytes.subarray(12, 14)) === '0806')
    // The destination has learned the asker from its request: it asks nothing itself.
    expect(arp.map((s) => `${s.from} ${hex(s.bytes.subarray(0, 6))} ${s.bytes[21]}`)).toEqual([
      'a ffffffffffff 1',
      'b 02000000000a 2',
    ])
  })

  it('gives every frame back to the pool', () => {
    const cable = new Cable()
    cable.run(ping('10.0.0.2', { count: 5, size: 4000 }))
    cable.run(ping('fd00::2', { count: 5, size: 4000 }))
    expect(cable.pool.outstanding).toBe(0)
  })

  it('names gaps by the first lost and the first answered request', () => {
    const cable = new Cable()
    cable.warm()
    let n = 0
    cable.filter = (_frame, from) => from === 'b' || ![2, 3, 5].includes(++n)
    const result = cable.run(ping('10.0.0.2', { count: 5 }))
    expect(result.received).toEqual([1, 4])
    expect(result.gaps).toEqual([
      { fromSeq: 2, toSeq: 3, from: millis(200), to: millis(600) },
      { fromSeq: 5, toSeq: 5, from: millis(800), to: undefined },
    ])
  })

  it('ignores a second answer and answers after the end', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = (frame, from) => {
      if (from === 'b') cable.inject('a', frame.payload().slice())
      return true
    }
    const result = cable.run(ping('10.0.0.2', { count: 2 }))
    expect(result).toMatchObject({ sent: 2, received: [1, 2], icmpErrors: [] })
  })

  it('counts more than 65,536 requests right', () => {
    const cable = new Cable()
    cable.warm()
    const result = cable.run(ping('10.0.0.2', { count: 65_540, interval: 1000, size: 8 }))
    expect(result.received.length).toBe(65_540)
  })

  it('sends to itself without the cable', () => {
    const cable = new Cable()
    const result = cable.run(ping('10.0.0.1', { size: 3000, df: 'do' }))
    expect(result.received).toEqual([1])
    expect(cable.seen).toEqual([])
  })

  it('says ENETUNREACH without a route', () => {
    const cable = new Cable()
    expect(cable.run(ping('10.9.0.1')).localErrors).toEqual([{ error: 'ENETUNREACH', count: 1 }])
  })

  it('uses the gateway for what is not on the link', () => {
    const cable = new Cable({ gateways: { ip4: ip('10.0.0.2') as number, ip6: undefined } })
    cable.warm()
    cable.run(ping('10.9.0.1'))
    expect(hex(cable.seen[0]!.bytes.subarray(0, 6))).toBe('02000000000b')
    expect(cable.b.counters.notForMe).toBe(1)
  })

  it('drops and counts what has a bad checksum', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = (frame) => {
      frame.bytes[frame.end - 1]! ^= 1
      return true
    }
    expect(cable.run(ping('10.0.0.2')).received).toEqual([])
    expect(cable.run(ping('fd00::2')).received).toEqual([])
    expect(cable.b.counters.badChecksum).toBe(2)
  })
})

describe('a neighbour that does not answer', () => {
  it('IPv4: three requests a second apart, then host unreachable from the host itself for each that waited', () => {
    const cable = new Cable()
    const result = cable.run(ping('10.0.0.9', { count: 3, interval: millis(500), wait: 3 * SECOND }))
    expect(cable.seen.map((s) => s.at)).toEqual([0, SECOND, 2 * SECOND])
    expect(result.lost).toEqual([1, 2, 3])
    expect(result.icmpErrors).toEqual([
      {
        from: '10.0.0.1',
        type: 3,
        code: 1,
        ttl: 64,
        mtu: undefined,
        quotedLength: 84,
        quotedTtl: 64,
        count: 3,
      },
    ])
  })

  it('IPv6: address unreachable from the host itself', () => {
    const cable = new Cable()
    const result = cable.run(ping('fd00::99', { count: 3, interval: millis(500), wait: 3 * SECOND }))
    expect(result.icmpErrors).toEqual([
      {
        from: 'fd00::1',
        type: 1,
        code: 3,
        ttl: 64,
        mtu: undefined,
        quotedLength: 104,
        quotedTtl: 64,
        count: 3,
      },
    ])
    // To the group of the address: 33:33:ff:00:00:99.
    expect(hex(cable.seen[0]!.bytes.subarray(0, 6))).toBe('3333ff000099')
    expect(cable.pool.outstanding).toBe(0)
  })

  it('asks again for the next packet', () => {
    const cable = new Cable()
    cable.run(ping('10.0.0.9', { wait: 4 * SECOND }))
    cable.run(ping('10.0.0.9', { wait: 4 * SECOND }))
    expect(cable.seen.length).toBe(6)
  })
})

describe('path MTU', () => {
  it('mtu-pod1400: beyond the interface DF means EMSGSIZE in the pod, nothing leaves', () => {
    const cable = new Cable({ mtu: 1400 }, { mtu: 1400 })
    cable.warm()
    const fits = cable.run(ping('10.0.0.2', { size: 1372, df: 'do', count: 2 }))
    expect(fits.received).toEqual([1, 2])
    const before = cable.seen.length
    for (const df of ['do', 'probe'] as const) {
      const result = cable.run(ping('10.0.0.2', { size: 1373, df, count: 2 }))
      expect(result).toMatchObject({
        sent: 2,
        lost: [1, 2],
        localErrors: [{ error: 'EMSGSIZE', count: 2 }],
        icmpErrors: [],
      })
    }
    expect(cable.seen.length).toBe(before)
  })

  it('mtu-pod1400: otherwise it means fragments of 1396 and the rest, both ways', () => {
    for (const df of ['dont', 'want'] as const) {
      const cable = new Cable({ mtu: 1400 }, { mtu: 1400 })
      cable.warm()
      expect(cable.run(ping('10.0.0.2', { size: 1373, df })).received).toEqual([1])
      for (const side of ['a', 'b'] as const) {
        const seen = cable.packets(side).map((p) => [p.getUint16(2), p.getUint16(6)])
        expect(seen).toEqual([
          [1396, 0x2000],
          [25, 1376 >> 3],
        ])
      }
    }
  })

  it('gateway-mtu: probe ignores what it learns, dont fragments by it, do then refuses', () => {
    const cable = new Cable({ mtu: 1400 }, { mtu: 1400 })
    cable.warm()
    cable.filter = smallLink(cable, 1300, true)
    const probe = cable.run(ping('10.0.0.2', { size: 1372, df: 'probe', count: 2 }))
    expect(probe).toMatchObject({ lost: [1, 2], localErrors: [] })
    expect(probe.icmpErrors).toEqual([
      {
        from: '10.0.0.254',
        type: 3,
        code: 4,
        ttl: 254,
        mtu: 1300,
        quotedLength: 534,
        quotedTtl: 64,
        count: 2,
      },
    ])
    // The first reply is lost: the other side has yet to learn. The second comes in fragments of 1300.
    const before = cable.seen.length
    const dont = cable.run(ping('10.0.0.2', { size: 1372, df: 'dont', count: 2 }))
    expect(dont).toMatchObject({ received: [2], lost: [1], icmpErrors: [] })
    const sizes = cable.seen.slice(before).map((s) => `${s.from}${s.bytes.length - 14}`)
    expect(sizes).toEqual(['a1300', 'a120', 'b1400', 'a1300', 'a120', 'b1300', 'b120'])
    const refused = cable.run(ping('10.0.0.2', { size: 1372, df: 'do' }))
    expect(refused.localErrors).toEqual([{ error: 'EMSGSIZE', count: 1 }])
  })

  it('gateway-mtu: IPv6 learns from packet too big and fragments at the source', () => {
    const cable = new Cable({ mtu: 1400 }, { mtu: 1400 })
    cable.warm()
    cable.filter = smallLink(cable, 1300, true)
    const first = cable.run(ping('fd00::2', { size: 1300, df: 'probe' }))
    expect(first.icmpErrors).toEqual([
      {
        from: 'fd00::fe',
        type: 2,
        code: 0,
        ttl: 254,
        mtu: 1300,
        quotedLength: 1218,
        quotedTtl: 64,
        count: 1,
      },
    ])
    const second = cable.run(ping('fd00::2', { size: 1300, df: 'want', count: 2 }))
    expect(second.received).toEqual([2])
    const lengths = cable.packets('a', 0x86dd).map((p) => p.getUint16(4) + 40)
    // 8 + 1300 bytes: 1248 and the rest behind a fragment header each.
    expect(lengths).toEqual([1348, 1296, 108, 1296, 108])
  })

  it('below 552 bytes the path is locked: want sends without DF', () => {
    const cable = new Cable()
    cable.warm()
    cable.a.ip.pathMtu.learn(ip('10.0.0.2'), 500, 0)
    cable.run(ping('10.0.0.2', { size: 10 }))
    cable.run(ping('10.0.0.2', { size: 600 }))
    const seen = cable.packets('a').map((p) => [p.getUint16(2), p.getUint16(6)])
    expect(seen).toEqual([
      [38, 0],
      [548, 0x2000],
      [100, 528 >> 3],
    ])
  })

  it('carries the longest packet there is: 65,507 bytes over IPv4, 65,487 over IPv6', () => {
    for (const [address, size] of [
      ['10.0.0.2', 65_507],
      ['fd00::2', 65_487],
    ] as const) {
      const cable = new Cable()
      cable.warm()
      expect(cable.run(ping(address, { size })).received).toEqual([1])
      const result = cable.run(ping(address, { size: size + 1 }))
      expect(result.localErrors).toEqual([{ error: 'EMSGSIZE', count: 1 }])
      expect(cable.pool.outstanding).toBe(0)
    }
  })

  it('MT-4: a lone later fragment is dropped without a sound', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = (frame) => frame.length < 1000
    const result = cable.run(ping('10.0.0.2', { size: 2000, df: 'dont' }), 100 * SECOND)
    expect(result).toMatchObject({ received: [], icmpErrors: [] })
    expect(cable.packets('b')).toEqual([])
    expect(cable.b.counters.reassemblyFailures).toBe(1)
    expect(cable.pool.outstanding).toBe(0)
  })

  it('finds the message behind the options of the first fragment', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = () => false
    cable.run(ping('10.0.0.2', { size: 2000, df: 'dont' }))
    const [first, second] = cable.seen.map((s) => s.bytes)
    const longer = Uint8Array.from([...first!.subarray(0, 34), 1, 1, 1, 1, ...first!.subarray(34)])
    const view = new DataView(longer.buffer)
    longer[14] = 0x46
    view.setUint16(16, longer.length - 14)
    view.setUint16(24, 0)
    view.setUint16(24, checksumOf(view, 14, 38))
    cable.inject('b', longer)
    cable.inject('b', second!)
    cable.clock.runUntil(cable.clock.now + SECOND)
    expect([cable.b.counters.echoesAnswered, cable.b.counters.badChecksum]).toEqual([1, 0])
  })

  it('a lone first fragment is reported after 30 seconds', () => {
    const cable = new Cable()
    cable.warm()
    cable.filter = (frame, from) => from === 'b' || frame.length > 1000
    const result = cable.run(ping('10.0.0.2', { size: 2000, df: 'dont', wait: 40 * SECOND }), 100 * SECOND)
    expect(result.icmpErrors).toMatchObject([{ from: '10.0.0.2', type: 11, code: 1, quotedLength: 548 }])
  })
})
