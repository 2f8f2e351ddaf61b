import { describe, expect, it } from 'vitest'
import { walk } from '../../src/forward/walk.ts'
import type { ChassisState } from '../../src/model/forwarding.ts'
import { ETHERNET_LENGTH } from '../../src/wire/ethernet.ts'
import { ip4Tos } from '../../src/wire/ipv4.ts'
import { ip6TrafficClass } from '../../src/wire/ipv6.ts'
import { type AzSpec, address, Fabric, stateOf, TS_KEY, twoAzs } from './fixture.ts'
import { ECHO, frameFrom, readError, ttlOf } from './frames.ts'

const azs = twoAzs()
const fabric = new Fabric(stateOf(azs))
const SMALL = { ...ECHO, size: 32 } as const
const UDP = { kind: 'udp', sourcePort: 20_005, destinationPort: 33_434, size: 32 } as const

describe('time exceeded, as case ttl-dual saw it', () => {
  it('IC4-2: hop 1 is the own gateway; the error arrives with TTL 254 and quotes TTL 1', () => {
    for (const message of [SMALL, UDP]) {
      const { delivered, drops, hops } = fabric.send('pod1', frameFrom(azs, 'pod1', '10.17.0.10', message, 1))
      expect(hops).toEqual([])
      expect(delivered.map(({ port }) => port)).toEqual(['pod1'])
      expect(readError(delivered[0]!.frame)).toEqual({
        from: '10.16.0.1',
        type: 11,
        code: 0,
        ttl: 254,
        mtu: null,
        origLen: 60,
        origTtl: 1,
      })
      expect(drops).toMatchObject([
        {
          kind: 'ttl-exceeded',
          where: 'az1/az1-w1',
          stage: 'lr_in_ip_input',
          icmp: { type: 11, code: 0, from: '10.16.0.1' },
        },
      ])
    }
  })

  it('IC4-7: hop 2 answers from the address of the destination, TTL 253', () => {
    const { delivered, hops } = fabric.send('pod2', frameFrom(azs, 'pod2', '10.16.0.10', SMALL, 2))
    expect(readError(delivered[0]!.frame)).toEqual({
      from: '10.16.0.10',
      type: 11,
      code: 0,
      ttl: 253,
      mtu: null,
      origLen: 60,
      origTtl: 1,
    })
    // Probes §3: hashed with the trigger's addresses first, with its own from the next hop on.
    expect(
      hops.map(({ from, to, usport, vni, opt, esrc, edst, ttl }) => [
        from,
        to,
        usport,
        vni,
        opt,
        esrc,
        edst,
        ttl,
      ]),
    ).toEqual([
      ['az2-w1', 'az2-gw1', 57_970, 2, '00010003', '00:00:00:50:00:82', '00:00:00:50:00:81', 1],
      ['az2-gw1', 'az1-gw1', 57_970, TS_KEY, '00020001', '00:00:00:50:00:82', '00:00:00:50:00:81', 1],
      ['az1-gw1', 'az2-gw1', 58_270, TS_KEY, '00010002', '00:00:00:50:00:81', '00:00:00:50:00:82', 254],
      ['az2-gw1', 'az2-w1', 60_813, 1, '00010002', '00:00:00:02:00:01', '00:00:00:02:01:0a', 253],
    ])
  })

  it('probes §3: the error about a UDP datagram is hashed with 3/3', () => {
    const { hops } = fabric.send('pod1', frameFrom(azs, 'pod1', '10.17.0.10', UDP, 2))
    expect(hops.slice(2).map(({ from, to, usport, ttl }) => [from, to, usport, ttl])).toEqual([
      ['az2-gw1', 'az1-gw1', 47_272, 254],
      ['az1-gw1', 'az1-w1', 38_075, 253],
    ])
  })

  it('IC4-2, IC6-1: the type of service of an error is 0, whatever that of the packet is', () => {
    const typeOfService = (to: string): number => {
      const frame = frameFrom(azs, 'pod1', to, SMALL, 1, undefined, 0xb8)
      const error = fabric.send('pod1', frame).delivered[0]!.frame
      const at = error.start + ETHERNET_LENGTH
      return to.includes(':') ? ip6TrafficClass(error.view, at) : ip4Tos(error.view, at)
    }
    expect([typeOfService('10.17.0.10'), typeOfService('fd00:10:17::a')]).toEqual([0, 0])
  })

  it('IC6-1: IPv6 answers on hop 1 only', () => {
    const first = fabric.send('pod1', frameFrom(azs, 'pod1', 'fd00:10:17::a', SMALL, 1))
    expect(readError(first.delivered[0]!.frame)).toEqual({
      from: 'fd00:10:16::1',
      type: 3,
      code: 0,
      ttl: 254,
      mtu: null,
      origLen: 80,
      origTtl: 1,
    })
    const second = fabric.send('pod1', frameFrom(azs, 'pod1', 'fd00:10:17::a', SMALL, 2))
    expect(second.delivered).toEqual([])
    expect(second.drops).toMatchObject([{ kind: 'ttl-exceeded', where: 'az2/az2-gw1' }])
    expect(second.drops[0]!.icmp).toBeUndefined()
    const third = fabric.send('pod1', frameFrom(azs, 'pod1', 'fd00:10:17::a', SMALL, 3))
    expect(third.delivered.map(({ port, frame }) => [port, ttlOf(frame)])).toEqual([['pod2', 1]])
  })

  it('answers need ovn-controller on the chassis that would make them', () => {
    const silent = stateOf(azs, (chassis: ChassisState) => ({ ...chassis, controller: false }))
    const { delivered, drops } = new Fabric(silent).send(
      'pod1',
      frameFrom(azs, 'pod1', '10.17.0.10', SMALL, 1),
    )
    expect(delivered).toEqual([])
    expect(drops[0]!.kind).toBe('ttl-exceeded')
    expect(drops[0]!.icmp).toBeUndefined()
  })
})

describe('router addresses, as case router-ips saw them', () => {
  const state = stateOf(azs)
  const ping = (to: string, ttl = 64) =>
    walk(state, { port: 'pod1', destination: address(to), protocol: 'icmp', ttl })

  it.each([
    ['10.16.0.1', 254],
    ['10.17.0.1', 253],
    ['169.254.100.41', 254],
    ['169.254.100.42', 253],
    ['fd00:10:16::1', 254],
    ['fd00:10:17::1', 253],
  ])('IC4-1, PA-2: %s answers, and the answer arrives with TTL %i', (to, ttl) => {
    const trace = ping(to)
    expect(trace.disposition).toEqual({ kind: 'answered', by: to, ttl: 255 })
    expect(trace.reply?.disposition).toEqual({ kind: 'delivered', port: 'pod1', ttl })
    expect(trace.reply?.packet).toMatchObject({
      from: to,
      source: to,
      destination: trace.packet.source,
      ttl: 255,
    })
  })

  it('IC4-1: own addresses answer even at TTL 1, remote ones do not', () => {
    expect(ping('10.16.0.1', 1).disposition.kind).toBe('answered')
    expect(ping('169.254.100.41', 1).disposition.kind).toBe('answered')
    expect(ping('10.17.0.1', 1).disposition).toMatchObject({
      kind: 'ttl-exceeded',
      icmp: { from: '10.16.0.1' },
    })
    expect(ping('10.17.0.1', 2).disposition.kind).toBe('answered')
  })

  it('probes §3: the reply leaves the router with the source port of the request, then with its own', () => {
    const { hops } = fabric.send('pod1', frameFrom(azs, 'pod1', '10.17.0.1'))
    expect(hops.map(({ from, to, usport, ttl }) => [from, to, usport, ttl])).toEqual([
      ['az1-w1', 'az1-gw1', 39_976, 63],
      ['az1-gw1', 'az2-gw1', 39_976, 63],
      ['az2-gw1', 'az1-gw1', 39_976, 254],
      ['az1-gw1', 'az1-w1', 43_951, 253],
    ])
  })

  it('IC4-4: a router with a gateway port is silent on UDP and TCP', () => {
    for (const to of ['10.16.0.1', '10.17.0.1', '169.254.100.41', '169.254.100.42']) {
      for (const message of [
        UDP,
        { kind: 'syn', sourcePort: 1, destinationPort: 2, seq: 1, ack: 0 } as const,
      ]) {
        const { delivered, drops } = fabric.send('pod1', frameFrom(azs, 'pod1', to, message))
        expect(delivered).toEqual([])
        expect(drops).toMatchObject([{ kind: 'own-address', stage: 'lr_in_ip_input' }])
      }
    }
  })

  it('IC4-4: without a gateway port it refuses: port unreachable, reset', () => {
    const { ts: _, ...rest } = azs[0]!
    const alone: AzSpec[] = [rest]
    const lone = new Fabric(stateOf(alone))
    const udp = lone.send('pod1', frameFrom(alone, 'pod1', '10.16.0.1', UDP))
    expect(readError(udp.delivered[0]!.frame)).toEqual({
      from: '10.16.0.1',
      type: 3,
      code: 3,
      ttl: 254,
      mtu: null,
      origLen: 60,
      origTtl: 64,
    })
    const udp6 = lone.send('pod1', frameFrom(alone, 'pod1', 'fd00:10:16::1', UDP))
    expect(readError(udp6.delivered[0]!.frame)).toMatchObject({
      from: 'fd00:10:16::1',
      type: 1,
      code: 4,
      ttl: 254,
    })
    const syn = { kind: 'syn', sourcePort: 1000, destinationPort: 22, seq: 77, ack: 0 } as const
    const { frame } = lone.send('pod1', frameFrom(alone, 'pod1', '10.16.0.1', syn)).delivered[0]!
    const tcpAt = frame.start + 34
    expect([frame.view.getUint16(tcpAt), frame.view.getUint16(tcpAt + 2)]).toEqual([22, 1000])
    expect([frame.view.getUint32(tcpAt + 8), frame.view.getUint8(tcpAt + 13)]).toEqual([78, 0x14])
    expect(ttlOf(frame)).toBe(254)
  })
})

describe('gateway_mtu 1300 on az1-ts, as case gateway-mtu saw it', () => {
  const small = twoAzs({ az1: { ts: { ...azs[0]!.ts!, gatewayMtu: 1300 } } })
  const narrow = new Fabric(stateOf(small))
  const echo = (size: number) => ({ ...ECHO, size })

  it('IC4-5: 1300 bytes pass, 1301 are told to the sender', () => {
    expect(
      narrow
        .send('pod1', frameFrom(small, 'pod1', '10.17.0.10', echo(1272)))
        .delivered.map(({ port }) => port),
    ).toEqual(['pod2'])
    const { delivered, hops, drops } = narrow.send('pod1', frameFrom(small, 'pod1', '10.17.0.10', echo(1273)))
    expect(hops).toEqual([])
    expect(readError(delivered[0]!.frame)).toEqual({
      from: '10.16.0.1',
      type: 3,
      code: 4,
      ttl: 254,
      mtu: 1300,
      origLen: 534,
      origTtl: 63,
    })
    expect(drops).toMatchObject([
      {
        kind: 'mtu-exceeded',
        stage: 'lr_in_larger_pkts',
        icmp: { type: 3, code: 4, from: '10.16.0.1', mtu: 1300 },
      },
    ])
  })

  it('IC4-6: IPv6 gets packet too big with 1218 bytes of the original', () => {
    const { delivered } = narrow.send('pod1', frameFrom(small, 'pod1', 'fd00:10:17::a', echo(1300)))
    expect(readError(delivered[0]!.frame)).toEqual({
      from: 'fd00:10:16::1',
      type: 2,
      code: 0,
      ttl: 254,
      mtu: 1300,
      origLen: 1218,
      origTtl: 63,
    })
  })

  it('IC4-5: from the other side the gateway port reports, and the error is hashed as itself', () => {
    const { delivered, hops } = narrow.send('pod2', frameFrom(small, 'pod2', '10.16.0.10', echo(1372)))
    expect(readError(delivered[0]!.frame)).toEqual({
      from: '169.254.100.41',
      type: 3,
      code: 4,
      ttl: 253,
      mtu: 1300,
      origLen: 534,
      origTtl: 63,
    })
    expect(hops.slice(2).map(({ from, to, usport, opt, ttl }) => [from, to, usport, opt, ttl])).toEqual([
      ['az1-gw1', 'az2-gw1', 37_889, '00010002', 254],
      ['az2-gw1', 'az2-w1', 37_889, '00010002', 253],
    ])
  })
})
