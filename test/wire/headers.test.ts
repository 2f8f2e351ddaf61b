// Two of the three witnesses of every codec: a round trip of arbitrary Reprs, and golden bytes written by hand from the
// layout in the RFC. The third is in tshark.test.ts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ArpRepr, arpSenderMac, arpTargetIp, emitArp, parseArp } from '../../src/wire/arp.ts'
import { type BfdRepr, BfdState, bfdState, emitBfd, parseBfd } from '../../src/wire/bfd.ts'
import { isIp6At } from '../../src/wire/bytes.ts'
import { type EthernetRepr, emitEthernet, ethIsMulticast, parseEthernet } from '../../src/wire/ethernet.ts'
import {
  emitGeneve,
  type GeneveRepr,
  geneveLength,
  geneveOvnKey,
  parseGeneve,
} from '../../src/wire/geneve.ts'
import { emitIcmp, type IcmpRepr, parseIcmp } from '../../src/wire/icmp.ts'
import { emitIcmpv6, type Icmpv6Repr, icmpv6Length, parseIcmpv6 } from '../../src/wire/icmpv6.ts'
import * as ipv4 from '../../src/wire/ipv4.ts'
import * as ipv6 from '../../src/wire/ipv6.ts'
import { emitTcp, formatTcpFlags, parseTcp, type TcpRepr, tcpLength } from '../../src/wire/tcp.ts'
import { emitUdp, parseUdp, type UdpRepr, writeUdpChecksum } from '../../src/wire/udp.ts'
import { bytesOf, emitted, hexOf, IPV4, IPV6, ip6Arbitrary, mac, u8, u16, u32, viewOf } from './support.ts'

type Emit<Repr> = (view: DataView, at: number, repr: Repr) => number
type Parse<Repr> = (view: DataView, at: number, end: number) => Repr | undefined

/** What is emitted parses to the same Repr, fills exactly `length` bytes, and no shorter piece of it parses. */
function roundTrip<Repr>(reprs: fc.Arbitrary<Repr>, emit: Emit<Repr>, parse: Parse<Repr>, payload = 0): void {
  fc.assert(
    fc.property(reprs, (repr) => {
      const bytes = new Uint8Array(70_000)
      const view = viewOf(bytes)
      const end = emit(view, 5, repr)
      expect(parse(view, 5, payload === 0 ? end : bytes.length)).toEqual(repr)
      expect(parse(view, 5, end - 1)).toBeUndefined()
      expect(bytes.subarray(0, 5)).toEqual(new Uint8Array(5))
      expect(bytes.subarray(end).every((byte) => byte === 0)).toBe(true)
    }),
    { numRuns: 60 },
  )
}

/** A parser answers any bytes with a Repr or undefined, never with an exception. */
function neverThrows<Repr>(parse: Parse<Repr>): void {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat({ max: 10 }), (bytes, at) => {
      parse(viewOf(bytes), Math.min(at, bytes.length), bytes.length)
    }),
  )
}

const ethernets: fc.Arbitrary<EthernetRepr> = fc.record({
  dst: mac,
  src: mac,
  etherType: fc.integer({ min: 0x0600, max: 0xffff }),
})

describe('Ethernet', () => {
  it('goes there and back', () => roundTrip(ethernets, emitEthernet, parseEthernet))
  it('has the bytes of RFC 894', () => {
    const repr = { dst: 0xffff_ffff_ffff, src: 0x0000_0050_0081, etherType: 0x0806 }
    expect(emitted((view, at) => emitEthernet(view, at, repr))).toBe('ffffffffffff0000005000810806')
  })
  it('tells groups from stations and refuses IEEE 802.3 lengths', () => {
    expect(ethIsMulticast(viewOf(bytesOf('333300000001')), 0)).toBe(true)
    expect(ethIsMulticast(viewOf(bytesOf('023300000001')), 0)).toBe(false)
    expect(parseEthernet(viewOf(bytesOf('0180c2000000 020000000001 0026')), 0, 14)).toBeUndefined()
  })
})

const arps: fc.Arbitrary<ArpRepr> = fc.record({
  operation: u16,
  senderMac: mac,
  senderIp: u32,
  targetMac: mac,
  targetIp: u32,
})

describe('ARP', () => {
  it('goes there and back', () => roundTrip(arps, emitArp, parseArp))
  it('never throws', () => neverThrows(parseArp))
  it('has the bytes of RFC 826', () => {
    const repr = {
      operation: 1,
      senderMac: 0x0000_0050_0081,
      senderIp: 0xc0a8_2a0b,
      targetMac: 0,
      targetIp: 0xc0a8_2a0c,
    }
    const hex = emitted((view, at) => emitArp(view, at, repr))
    expect(hex).toBe('0001080006040001000000500081c0a82a0b000000000000c0a82a0c')
    expect(arpSenderMac(viewOf(bytesOf(hex)), 0)).toBe(repr.senderMac)
    expect(arpTargetIp(viewOf(bytesOf(hex)), 0)).toBe(repr.targetIp)
  })
})

const ipv4s: fc.Arbitrary<ipv4.Ipv4Repr> = fc.record({
  src: u32,
  dst: u32,
  protocol: u8,
  ttl: u8,
  tos: u8,
  identification: u16,
  dontFragment: fc.boolean(),
  moreFragments: fc.boolean(),
  fragmentOffset: fc.nat({ max: 0x1fff }).map((units) => units * 8),
  payloadLength: fc.nat({ max: 65_515 }),
})

describe('IPv4', () => {
  it('goes there and back', () => roundTrip(ipv4s, ipv4.emitIpv4, ipv4.parseIpv4, 1))
  it('never throws', () => neverThrows(ipv4.parseIpv4))
  it('has the bytes of RFC 791', () => {
    const repr = { ...IPV4, protocol: 17, ttl: 64, identification: 0, payloadLength: 95, src: 0xc0a8_0001 }
    // Worked by hand: 4500 + 0073 + 0000 + 4000 + 4011 + c0a8 + 0001 + c0a8 + 00c7 = 2 479c, with the carry 479e, inverted b861.
    const hex = emitted((view, at) => ipv4.emitIpv4(view, at, { ...repr, dst: 0xc0a8_00c7 }))
    expect(hex).toBe('45000073000040004011b861c0a80001c0a800c7')
  })
  it('skips options', () => {
    const bytes = bytesOf('46000018 00000000 4001 0000 0a000001 0a000002 94040000')
    const view = viewOf(bytes)
    expect(ipv4.ip4HeaderLength(view, 0)).toBe(24)
    expect(ipv4.parseIpv4(view, 0, 24)?.payloadLength).toBe(0)
    expect(ipv4.parseIpv4(view, 0, 23)).toBeUndefined()
  })
  it('refuses another version, a short header length and a total length below the header', () => {
    for (const start of ['65000014', '44000014', '45000013']) {
      const bytes = bytesOf(`${start} 00000000 4001 0000 0a000001 0a000002`)
      expect(ipv4.parseIpv4(viewOf(bytes), 0, 20)).toBeUndefined()
    }
  })
  it('reads the header of a cut-off packet when asked to', () => {
    const bytes = bytesOf('45000054 00000000 4001 0000 0a000001 0a000002')
    expect(ipv4.parseIpv4(viewOf(bytes), 0, 20)).toBeUndefined()
    expect(ipv4.parseIpv4Header(viewOf(bytes), 0, 20)?.payloadLength).toBe(64)
  })
  it('keeps its checksum right through every rewrite', () => {
    fc.assert(
      fc.property(ipv4s, u32, u32, u8, (repr, src, dst, ttl) => {
        const view = viewOf(new Uint8Array(20))
        ipv4.emitIpv4(view, 0, repr)
        expect(ipv4.decrementIp4Ttl(view, 0)).toBe(Math.max(0, repr.ttl - 1))
        expect(ipv4.ip4ChecksumOk(view, 0)).toBe(true)
        ipv4.setIp4Src(view, 0, src)
        ipv4.setIp4Dst(view, 0, dst)
        ipv4.setIp4Ttl(view, 0, ttl)
        const fresh = new Uint8Array(20)
        ipv4.emitIpv4(viewOf(fresh), 0, { ...repr, src, dst, ttl })
        expect(hexOf(new Uint8Array(view.buffer))).toBe(hexOf(fresh))
      }),
    )
  })
  it('tells whole packets, first and later fragments apart', () => {
    const kinds = [IPV4, { ...IPV4, moreFragments: true }, { ...IPV4, fragmentOffset: 8 }].map((repr) => {
      const view = viewOf(new Uint8Array(20))
      ipv4.emitIpv4(view, 0, repr)
      return [ipv4.ip4IsFragment(view, 0), ipv4.ip4IsLaterFragment(view, 0)]
    })
    expect(kinds).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ])
  })
})

const ipv6s: fc.Arbitrary<ipv6.Ipv6Repr> = fc.record({
  src: ip6Arbitrary,
  dst: ip6Arbitrary,
  nextHeader: u8,
  hopLimit: u8,
  trafficClass: u8,
  flowLabel: fc.nat({ max: 0xfffff }),
  payloadLength: u16,
})
const fragments: fc.Arbitrary<ipv6.Ipv6FragmentRepr> = fc.record({
  nextHeader: u8,
  fragmentOffset: fc.nat({ max: 0x1fff }).map((units) => units * 8),
  moreFragments: fc.boolean(),
  identification: u32,
})

describe('IPv6', () => {
  it('goes there and back', () => roundTrip(ipv6s, ipv6.emitIpv6, ipv6.parseIpv6, 1))
  it('goes there and back with its fragment header', () =>
    roundTrip(fragments, ipv6.emitIpv6Fragment, ipv6.parseIpv6Fragment))
  it('never throws', () => {
    neverThrows(ipv6.parseIpv6)
    neverThrows((view, at, end) => (end - at < 40 ? undefined : ipv6.ip6Upper(view, at, end)))
  })
  it('has the bytes of RFC 8200', () => {
    const repr = { ...IPV6, nextHeader: 58, trafficClass: 0xb8, payloadLength: 24 }
    const addresses = 'fd00001000000000000000000000000afd00001100000000000000000000000a'
    expect(emitted((view, at) => ipv6.emitIpv6(view, at, repr))).toBe(`6b81234500183a3f${addresses}`)
    const fragment = { nextHeader: 17, fragmentOffset: 1448, moreFragments: true, identification: 0xdeadbeef }
    expect(emitted((view, at) => ipv6.emitIpv6Fragment(view, at, fragment))).toBe('110005a9deadbeef')
  })
  it('walks over extension headers to the upper layer', () => {
    const bytes = new Uint8Array(80)
    const view = viewOf(bytes)
    ipv6.emitIpv6(view, 0, { ...IPV6, nextHeader: 0, payloadLength: 40 })
    bytes.set(bytesOf('3c000104 00000000'), 40)
    bytes.set(bytesOf('2c010104 00000000 00000000 00000000'), 48)
    ipv6.emitIpv6Fragment(view, 64, {
      nextHeader: 17,
      fragmentOffset: 0,
      moreFragments: true,
      identification: 1,
    })
    expect(ipv6.ip6Upper(view, 0, 80)).toEqual({ protocol: 17, at: 72, fragmentAt: 64 })
    expect(ipv6.ip6Upper(view, 0, 71)).toBeUndefined()
  })
  it('does not take the data of a later fragment for a header', () => {
    const view = viewOf(new Uint8Array(60))
    ipv6.emitIpv6(view, 0, { ...IPV6, nextHeader: 44, payloadLength: 20 })
    ipv6.emitIpv6Fragment(view, 40, {
      nextHeader: 60,
      fragmentOffset: 8,
      moreFragments: false,
      identification: 1,
    })
    expect(ipv6.ip6Upper(view, 0, 60)).toEqual({ protocol: 60, at: 48, fragmentAt: 40 })
  })
  it('reads, compares and rewrites addresses and the hop limit in place', () => {
    const view = viewOf(new Uint8Array(40))
    ipv6.emitIpv6(view, 0, IPV6)
    expect(isIp6At(view, 24, IPV6.dst)).toBe(true)
    expect(isIp6At(view, 24, { ...IPV6.dst, w1: 1 })).toBe(false)
    ipv6.setIp6Dst(view, 0, IPV6.src)
    expect(ipv6.ip6Dst(view, 0)).toEqual(IPV6.src)
    expect(ipv6.ip6DstLane(view, 0, 3)).toBe(0x0a)
    expect(ipv6.decrementIp6HopLimit(view, 0)).toBe(62)
    ipv6.setIp6HopLimit(view, 0, 0)
    expect(ipv6.decrementIp6HopLimit(view, 0)).toBe(0)
  })
})

const echoKind = fc.constantFrom('echo-request' as const, 'echo-reply' as const)
const icmps: fc.Arbitrary<IcmpRepr> = fc.oneof(
  fc.record({ kind: echoKind, id: u16, seq: u16 }),
  fc.record({ kind: fc.constant('time-exceeded' as const), code: u8 }),
  fc.record({ kind: fc.constant('unreachable' as const), code: u8, mtu: u16 }),
  fc.record({ kind: fc.constant('other' as const), type: fc.constantFrom(5, 13, 42), code: u8, rest: u32 }),
)

describe('ICMP', () => {
  it('goes there and back', () => roundTrip(icmps, emitIcmp, parseIcmp))
  it('never throws', () => neverThrows(parseIcmp))
  it('has the bytes of RFC 792 and RFC 1191', () => {
    const hex = (repr: IcmpRepr) => emitted((view, at) => emitIcmp(view, at, repr))
    expect(hex({ kind: 'echo-request', id: 0x4000, seq: 1 })).toBe('0800000040000001')
    expect(hex({ kind: 'echo-reply', id: 7, seq: 0x102 })).toBe('0000000000070102')
    expect(hex({ kind: 'time-exceeded', code: 0 })).toBe('0b00000000000000')
    expect(hex({ kind: 'unreachable', code: 4, mtu: 1300 })).toBe('0304000000000514')
    expect(hex({ kind: 'unreachable', code: 3, mtu: 0 })).toBe('0303000000000000')
  })
})

const optionalMac = fc.option(mac, { nil: undefined })
const icmpv6s: fc.Arbitrary<Icmpv6Repr> = fc.oneof(
  fc.record({ kind: echoKind, id: u16, seq: u16 }),
  fc.record({ kind: fc.constantFrom('unreachable' as const, 'time-exceeded' as const), code: u8 }),
  fc.record({ kind: fc.constant('packet-too-big' as const), mtu: u32 }),
  fc.record({ kind: fc.constant('neighbour-solicitation' as const), target: ip6Arbitrary, linkLayer: mac }),
  fc.record({
    kind: fc.constant('neighbour-advertisement' as const),
    target: ip6Arbitrary,
    linkLayer: mac,
    router: fc.boolean(),
    solicited: fc.boolean(),
    override: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('other' as const), type: fc.constantFrom(133, 143), code: u8, rest: u32 }),
)

describe('ICMPv6', () => {
  it('goes there and back', () => roundTrip(icmpv6s, emitIcmpv6, parseIcmpv6))
  it('never throws', () => neverThrows(parseIcmpv6))
  it('does without a link-layer option, as duplicate address detection does', () => {
    fc.assert(
      fc.property(ip6Arbitrary, optionalMac, (target, linkLayer) => {
        const repr: Icmpv6Repr = { kind: 'neighbour-solicitation', target, linkLayer }
        const view = viewOf(new Uint8Array(40))
        const end = emitIcmpv6(view, 0, repr)
        expect(end).toBe(icmpv6Length(repr))
        expect(parseIcmpv6(view, 0, end)).toEqual(repr)
      }),
    )
  })
  it('has the bytes of RFC 4443 and RFC 4861', () => {
    const hex = (repr: Icmpv6Repr) => emitted((view, at) => emitIcmpv6(view, at, repr))
    const target = { w0: 0xfe80_0000, w1: 0, w2: 0, w3: 1 }
    const text = 'fe800000000000000000000000000001'
    expect(hex({ kind: 'packet-too-big', mtu: 1300 })).toBe('0200000000000514')
    expect(hex({ kind: 'time-exceeded', code: 0 })).toBe('0300000000000000')
    expect(hex({ kind: 'unreachable', code: 4 })).toBe('0104000000000000')
    expect(hex({ kind: 'echo-request', id: 1, seq: 2 })).toBe('8000000000010002')
    expect(hex({ kind: 'neighbour-solicitation', target, linkLayer: 0x0a00_0000_0001 })).toBe(
      `8700000000000000${text}01010a0000000001`,
    )
    const flags = { router: true, solicited: true, override: false }
    expect(hex({ kind: 'neighbour-advertisement', target, linkLayer: 0x0a00_0000_0001, ...flags })).toBe(
      `88000000c0000000${text}02010a0000000001`,
    )
  })
  it('skips foreign options and refuses one of length zero, which would never end', () => {
    const head = `8700000000000000${'00'.repeat(16)}`
    const parse = (options: string) => {
      const bytes = bytesOf(head + options)
      return parseIcmpv6(viewOf(bytes), 0, bytes.length)
    }
    expect(parse('0e010000000000000101020304050607')).toMatchObject({ linkLayer: 0x0203_0405_0607 })
    expect(parse('0e00000000000000')).toBeUndefined()
    expect(parse('0103000000000000')).toBeUndefined()
  })
})

const udps: fc.Arbitrary<UdpRepr> = fc.record({
  srcPort: u16,
  dstPort: u16,
  payloadLength: fc.nat({ max: 65_527 }),
})

describe('UDP', () => {
  it('goes there and back', () => roundTrip(udps, emitUdp, parseUdp, 1))
  it('never throws', () => neverThrows(parseUdp))
  it('has the bytes of RFC 768', () => {
    const repr = { srcPort: 0x96b8, dstPort: 6081, payloadLength: 114 }
    expect(emitted((view, at) => emitUdp(view, at, repr))).toBe('96b817c1007a0000')
  })
  it('RFC 768: a computed checksum of zero is sent as all ones', () => {
    const view = viewOf(new Uint8Array(8))
    writeUdpChecksum(view, 0, 0xffff)
    expect(view.getUint16(6)).toBe(0xffff)
  })
  it('refuses a length below the header or beyond the end', () => {
    expect(parseUdp(viewOf(bytesOf('0001000200070000')), 0, 8)).toBeUndefined()
    expect(parseUdp(viewOf(bytesOf('0001000200090000')), 0, 8)).toBeUndefined()
  })
})

const tcps: fc.Arbitrary<TcpRepr> = fc.record({
  srcPort: u16,
  dstPort: u16,
  seq: u32,
  ack: u32,
  flags: u8,
  window: u16,
  urgent: u16,
  mss: fc.option(u16, { nil: undefined }),
})

describe('TCP', () => {
  it('goes there and back', () => roundTrip(tcps, emitTcp, parseTcp))
  it('never throws', () => neverThrows(parseTcp))
  it('has the bytes of RFC 9293', () => {
    const syn = {
      srcPort: 20002,
      dstPort: 9002,
      seq: 0xd14e8922,
      ack: 0,
      flags: 2,
      window: 65280,
      urgent: 0,
      mss: 1360,
    }
    expect(tcpLength(syn)).toBe(24)
    expect(emitted((view, at) => emitTcp(view, at, syn))).toBe(
      '4e22232ad14e8922000000006002ff000000000002040550',
    )
  })
  it('finds the MSS behind other options and refuses malformed ones', () => {
    const parse = (options: string) => {
      const words = (options.length / 8 + 5).toString(16)
      const all = bytesOf(`00010002 00000000 00000000 ${words}0022000 00000000 ${options}`)
      return parseTcp(viewOf(all), 0, all.length)
    }
    expect(parse('0402080a00000000000000000101020405b40000')?.mss).toBe(1460)
    expect(parse('01010000')?.mss).toBeUndefined()
    expect(parse('02030000')).toBeUndefined()
    expect(parse('08000000')).toBeUndefined()
    expect(parse('01010108')).toBeUndefined()
  })
  it('writes flags as tcpdump does', () => {
    expect([0x02, 0x12, 0x18, 0x11, 0x04, 0x10, 0].map(formatTcpFlags)).toEqual([
      'S',
      'S.',
      'P.',
      'F.',
      'R',
      '.',
      'none',
    ])
  })
})

const geneves: fc.Arbitrary<GeneveRepr> = fc.record({
  vni: fc.nat({ max: 0xff_ffff }),
  protocolType: u16,
  control: fc.boolean(),
  critical: fc.boolean(),
  ovn: fc.option(fc.record({ ingress: fc.nat({ max: 0x7fff }), egress: u16 }), { nil: undefined }),
})

describe('Geneve', () => {
  it('goes there and back', () => roundTrip(geneves, emitGeneve, parseGeneve))
  it('never throws', () => neverThrows(parseGeneve))
  it("GE-1: has the bytes of RFC 8926 with OVN's option", () => {
    const base = { vni: 16_711_682, protocolType: 0x6558, control: false, critical: true }
    const ovn = { ...base, ovn: { ingress: 1, egress: 0x8004 } }
    const hex = emitted((view, at) => emitGeneve(view, at, ovn))
    expect(hex).toBe('02406558ff0002000102800100018004')
    expect(geneveOvnKey(viewOf(bytesOf(hex)), 0)).toBe(0x0001_8004)
  })
  it('HA-4: BFD travels with no option and C clear', () => {
    const repr = { vni: 0, protocolType: 0x6558, control: false, critical: false, ovn: undefined }
    const hex = emitted((view, at) => emitGeneve(view, at, repr))
    expect(hex).toBe('0000655800000000')
    expect(geneveLength(repr)).toBe(8)
    expect(geneveOvnKey(viewOf(bytesOf(`${hex}0000000000000000`)), 0)).toBe(-1)
  })
  it('skips foreign options, ignores the reserved bit, and refuses what overruns or is not version 0', () => {
    const parse = (hex: string) => {
      const bytes = bytesOf(hex)
      return parseGeneve(viewOf(bytes), 0, bytes.length)
    }
    const keys = { ingress: 3, egress: 4 }
    expect(parse('0340655800000200 0103 00 00 01028001 80030004')?.ovn).toEqual(keys)
    expect(parse('0240655800000200 01028003 80030004')).toBeUndefined()
    expect(parse('4040655800000200')).toBeUndefined()
    expect(parse('0140655800000200')).toBeUndefined()
  })
})

const bfds: fc.Arbitrary<BfdRepr> = fc.record({
  diagnostic: fc.nat({ max: 31 }),
  state: fc.nat({ max: 3 }),
  poll: fc.boolean(),
  final: fc.boolean(),
  controlPlaneIndependent: fc.boolean(),
  demand: fc.boolean(),
  detectMultiplier: fc.integer({ min: 1, max: 255 }),
  myDiscriminator: fc.integer({ min: 1, max: 0xffff_ffff }),
  yourDiscriminator: u32,
  desiredMinTx: u32,
  requiredMinRx: u32,
  requiredMinEchoRx: u32,
})

describe('BFD', () => {
  it('goes there and back', () => roundTrip(bfds, emitBfd, parseBfd))
  it('never throws', () => neverThrows(parseBfd))
  it('HA-5: has the bytes OVN sends, laid out as in RFC 5880', () => {
    const hex = '20c00318d519dc2d903855a2000186a0000f424000000000'
    const view = viewOf(bytesOf(hex))
    const repr = parseBfd(view, 0, 24)
    expect(repr).toMatchObject({ state: BfdState.up, detectMultiplier: 3, desiredMinTx: 100_000 })
    expect(bfdState(view, 0)).toBe(BfdState.up)
    expect(emitted((out, at) => emitBfd(out, at, repr!))).toBe(hex)
  })
  it('RFC 5880 §6.8.6: discards a zero multiplier, a zero discriminator, multipoint and authentication', () => {
    const good = '20c00318d519dc2d903855a2000186a0000f424000000000'
    const broken = ['20c00018', '40c00318', '20c10318', '20c40318', '20c00317'].map(
      (head) => head + good.slice(8),
    )
    for (const hex of [...broken, good.replace('d519dc2d', '00000000')]) {
      expect(parseBfd(viewOf(bytesOf(hex)), 0, 24)).toBeUndefined()
    }
  })
})
