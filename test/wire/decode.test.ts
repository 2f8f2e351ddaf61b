import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, LinkType } from '../../src/wire/decode.ts'
import { tunnelSourcePort } from '../../src/wire/flow-hash.ts'
import { frameOf } from '../../src/wire/frame.ts'
import { summarize, summarizeFrame } from '../../src/wire/summary.ts'
import { OVN_PACKETS } from './ovn-packets.ts'
import { encapsulate, packetsOfEachKind } from './packets.ts'
import { bytesOf, frame4, viewOf } from './support.ts'

const packets = new Map(packetsOfEachKind())

function summaryOf(name: string): string {
  const frame = packets.get(name)!
  return summarizeFrame(frame.view, frame.start, frame.end)
}

describe('decoding', () => {
  for (const { what, hex, summary } of OVN_PACKETS) {
    it(`reads a real ${what} packet of OVN, its checksums and its source port`, () => {
      const view = viewOf(bytesOf(hex))
      const packet = decodeFrame(view, 0, view.byteLength, { linkType: LinkType.raw })
      expect(summarize(packet)).toBe(summary)
      expect(packet.badChecksums).toEqual([])
      expect(packet.layers.some((layer) => layer.kind === 'malformed')).toBe(false)
      const [, udp, geneve, inner] = packet.layers
      if (udp?.kind !== 'udp' || geneve?.kind !== 'geneve' || inner === undefined)
        throw new Error('no Geneve')
      // The two that a router made carry the port of their trigger.
      const routed = what === 'time-exceeded' || what === 'arp'
      if (!routed) expect(tunnelSourcePort(view, inner.at, view.byteLength)).toBe(udp.repr.srcPort)
    })
  }

  for (const [name, frame] of packets) {
    it(`finds nothing wrong with our ${name}, and accounts for every byte`, () => {
      const { layers, badChecksums, quoted } = decodeFrame(frame.view, frame.start, frame.end)
      expect(badChecksums).toEqual([])
      expect(quoted?.badChecksums ?? []).toEqual([])
      let at = frame.start
      for (const layer of layers) {
        expect(layer.kind).not.toBe('malformed')
        expect(layer.at).toBe(at)
        at += layer.length
      }
      expect(quoted?.layers[0]?.at ?? frame.end).toBe(at)
    })
  }

  it('summarizes in one line', () => {
    expect(summaryOf('arp request')).toBe('ARP who-has 10.16.0.1 tell 10.16.0.10')
    expect(summaryOf('arp reply')).toBe('ARP 10.16.0.10 is-at 00:00:00:50:00:81')
    expect(summaryOf('time exceeded')).toBe(
      '10.16.0.10 > 10.17.0.10: ICMP time exceeded in transit for ' +
        '[10.16.0.10 > 10.17.0.10: ICMP echo request id 7 seq 1 ttl 1 length 64] ttl 63 length 92',
    )
    expect(summaryOf('fragmentation needed')).toContain(
      'ICMP fragmentation needed, mtu 1300 for [10.16.0.10 >',
    )
    expect(summaryOf('port unreachable')).toContain('ICMP unreachable port for [')
    expect(summaryOf('tcp syn')).toBe(
      '10.16.0.10.32000 > 10.17.0.10.9200: TCP [S] seq 1000 win 65280 mss 1360 ttl 63 length 0',
    )
    expect(summaryOf('tcp data')).toContain('TCP [P.] seq 1001 ack 5 win 65280 ttl 63 length 101')
    expect(summaryOf('first fragment')).toBe(
      '10.16.0.10.1 > 10.17.0.10.2: frag 0x4d:0+ UDP ttl 63 length 1492',
    )
    expect(summaryOf('last fragment')).toBe(
      '10.16.0.10 > 10.17.0.10: frag 0x4d:1376 fragment ttl 63 length 124',
    )
    expect(summaryOf('fragment 6')).toBe(
      'fd00:10::a.1 > fd00:11::a.2: frag 0xdeadbeef:0+ UDP ttl 63 length 1992',
    )
    expect(summaryOf('packet too big')).toContain(
      'ICMP6 packet too big, mtu 1300 for [fd00:10::a > fd00:11::a: ICMP6',
    )
    expect(summaryOf('unreachable 6')).toContain('ICMP6 unreachable address for [')
    expect(summaryOf('solicitation')).toBe(
      'fd00:10::a > ff02::1:ff00:1: ICMP6 neighbour solicitation who-has fd00:10::1 ttl 255 length 32',
    )
    expect(summaryOf('advertisement')).toContain(
      'neighbour advertisement fd00:10::1 is-at 00:00:00:50:00:81 ttl 255',
    )
    expect(summaryOf('geneve arp')).toContain('Geneve vni 0x1 [0102/80 in 2 out 32772] ARP who-has 10.16.0.1')
  })

  it('says which checksum is wrong', () => {
    for (const [name, offset, wrong] of [
      ['echo request', 50, 'icmp'],
      ['echo request', 24, 'ipv4'],
      ['udp', 50, 'udp'],
      ['tcp data', 70, 'tcp'],
      ['echo request 6', 70, 'icmpv6'],
      ['geneve echo', 130, 'udp'],
    ] as const) {
      const frame = packets.get(name)!.clone()
      frame.bytes[frame.start + offset]! ^= 0x10
      const { badChecksums } = decodeFrame(frame.view, frame.start, frame.end)
      expect(badChecksums[0]).toBe(wrong)
      expect(summarizeFrame(frame.view, frame.start, frame.end)).toContain(`(bad ${wrong} checksum)`)
    }
  })

  it('tells a packet that is cut off from one whose capture is', () => {
    const frame = packets.get('geneve echo')!
    const kinds = (cut: boolean) =>
      decodeFrame(frame.view, frame.start, frame.end - 20, { cut }).layers.map((layer) => layer.kind)
    expect(kinds(false)).toEqual(['ethernet', 'malformed'])
    expect(kinds(true)).toEqual(['ethernet', 'ipv4', 'udp', 'geneve', 'ethernet', 'ipv4', 'icmp', 'data'])
    expect(decodeFrame(frame.view, frame.start, frame.end - 20, { cut: true }).badChecksums).toEqual([])
  })

  it('reads what "tcpdump -i any" writes', () => {
    const ip = OVN_PACKETS[0]!.hex
    const read = (hex: string, linkType: number) => {
      const view = viewOf(bytesOf(hex))
      return summarize(decodeFrame(view, 0, view.byteLength, { linkType }))
    }
    expect(read(`0800${'00'.repeat(18)}${ip}`, LinkType.cooked2)).toBe(OVN_PACKETS[0]!.summary)
    expect(read(`${'00'.repeat(14)}0800${ip}`, LinkType.cooked)).toBe(OVN_PACKETS[0]!.summary)
    expect(read(ip, 147)).toBe(`link type 147 length ${ip.length / 2}`)
  })

  it('shows what it does not know', () => {
    const esp = frame4({ protocol: 50 }, (_, at) => at + 40)
    expect(summarizeFrame(esp.view, esp.start, esp.end)).toBe(
      '10.16.0.10 > 10.17.0.10: ip protocol 50 ttl 63 length 40',
    )
    const lldp = bytesOf('0180c200000e 020000000001 88cc 0207')
    expect(summarizeFrame(viewOf(lldp), 0, 16)).toBe(
      '02:00:00:00:00:01 > 01:80:c2:00:00:0e: ethertype 0x88cc length 2',
    )
  })

  it('follows tunnels within tunnels four deep and calls the rest data', () => {
    let frame = packets.get('geneve echo')!
    for (let depth = 1; depth < 7; depth++) {
      frame = encapsulate(frameOf(frame.payload().slice()), { vni: depth, ovn: undefined })
    }
    const kinds = decodeFrame(frame.view, frame.start, frame.end).layers.map((layer) => layer.kind)
    expect(kinds.filter((kind) => kind === 'geneve').length).toBe(4)
    expect(kinds.slice(-2)).toEqual(['udp', 'data'])
  })

  it('never throws on damaged packets', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...packets.keys()),
        fc.array(fc.tuple(fc.nat({ max: 200 }), fc.nat({ max: 255 })), { maxLength: 6 }),
        fc.nat({ max: 200 }),
        fc.boolean(),
        (name, changes, shorter, cut) => {
          const frame = packets.get(name)!.clone()
          for (const [offset, value] of changes) frame.bytes[frame.start + offset] = value
          const end = Math.max(frame.start, frame.end - shorter)
          expect(summarize(decodeFrame(frame.view, frame.start, end, { cut }))).toBeTypeOf('string')
        },
      ),
      { numRuns: 500 },
    )
  })
})
