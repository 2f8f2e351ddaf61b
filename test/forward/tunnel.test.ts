import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decapsulate,
  encapsulate,
  TUNNEL_OVERHEAD,
  tunnelMetadata,
  tunnelPath,
} from '../../src/forward/ovn/tunnel.ts'
import { addRange, foldSum, pseudoSumAt4, pseudoSumAt6 } from '../../src/wire/checksum.ts'
import { EtherType, emitEthernet } from '../../src/wire/ethernet.ts'
import { Frame, frameOf } from '../../src/wire/frame.ts'
import { emitGeneve } from '../../src/wire/geneve.ts'
import { emitIpv4 } from '../../src/wire/ipv4.ts'
import { emitIpv6 } from '../../src/wire/ipv6.ts'
import { emitUdp, fillUdpChecksum } from '../../src/wire/udp.ts'
import { address } from './fixture.ts'

const LOCAL_MAC = 0x02_aa_bb_cc_dd_11
const REMOTE_MAC = 0xfe_00_11_22_33_44

/** The same packet written header by header. */
function slowly(
  inner: Uint8Array,
  six: boolean,
  vni: number,
  ingress: number,
  egress: number,
  port: number,
): Uint8Array {
  const frame = new Frame()
  frame.append((six ? 92 : 72) - 14 + 14 + inner.length)
  const { view } = frame
  const ipAt = emitEthernet(view, frame.start, {
    dst: REMOTE_MAC,
    src: LOCAL_MAC,
    etherType: six ? EtherType.ipv6 : EtherType.ipv4,
  })
  const payloadLength = 24 + inner.length
  const udpAt = six
    ? emitIpv6(view, ipAt, {
        src: address('fd42::11') as never,
        dst: address('fd42::21') as never,
        nextHeader: 17,
        hopLimit: 64,
        trafficClass: 0,
        flowLabel: 0,
        payloadLength,
      })
    : emitIpv4(view, ipAt, {
        src: address('192.168.42.11') as number,
        dst: address('192.168.42.21') as number,
        protocol: 17,
        ttl: 64,
        tos: 0,
        identification: 0,
        dontFragment: true,
        moreFragments: false,
        fragmentOffset: 0,
        payloadLength,
      })
  const geneveAt = emitUdp(view, udpAt, { srcPort: port, dstPort: 6081, payloadLength: payloadLength - 8 })
  const innerAt = emitGeneve(view, geneveAt, {
    vni,
    protocolType: 0x6558,
    control: false,
    critical: true,
    ovn: { ingress, egress },
  })
  frame.bytes.set(inner, innerAt)
  frame.end = innerAt + inner.length
  const pseudo = six ? pseudoSumAt6(view, ipAt, 17, payloadLength) : pseudoSumAt4(view, ipAt, payloadLength)
  fillUdpChecksum(view, udpAt, frame.end, pseudo)
  return frame.payload().slice()
}

const inners = fc.uint8Array({ minLength: 14, maxLength: 300 })
const keys = fc.tuple(
  fc.nat(0xff_ffff),
  fc.nat(0x7fff),
  fc.nat(0xffff),
  fc.integer({ min: 32_768, max: 60_999 }),
  fc.boolean(),
)

function pathOf(six: boolean) {
  return six
    ? tunnelPath(address('fd42::11'), LOCAL_MAC, address('fd42::21'), REMOTE_MAC)
    : tunnelPath(address('192.168.42.11'), LOCAL_MAC, address('192.168.42.21'), REMOTE_MAC)
}

describe('tunnel', () => {
  it('MT-3: 58 bytes over IPv4, 78 over IPv6', () => {
    expect(TUNNEL_OVERHEAD).toEqual({ 4: 58, 6: 78 })
  })

  it('GE-1: equals the packet written header by header, summed or with a known sum', () => {
    fc.assert(
      fc.property(inners, keys, (inner, [vni, ingress, egress, port, six]) => {
        const expected = slowly(inner, six, vni, ingress, egress, port)
        const summed = frameOf(inner)
        encapsulate(summed, pathOf(six), vni, ingress, egress, port)
        expect(summed.payload()).toEqual(expected)
        const known = frameOf(inner)
        const sum = addRange(known.view, known.start, known.end) % 0xffff
        encapsulate(known, pathOf(six), vni, ingress, egress, port, sum)
        expect(known.payload()).toEqual(expected)
      }),
    )
  })

  it("GE-1: decapsulation gives back keys, frame and the frame's sum", () => {
    fc.assert(
      fc.property(inners, keys, (inner, [vni, ingress, egress, port, six]) => {
        const frame = frameOf(slowly(inner, six, vni, ingress, egress, port))
        const metadata = tunnelMetadata()
        expect(decapsulate(frame, metadata, true)).toBe(true)
        const { innerSum, ...rest } = metadata
        expect(rest).toEqual({ vni, ingressKey: ingress, egressKey: egress, sourcePort: port })
        expect(frame.payload()).toEqual(inner)
        expect(foldSum(innerSum) % 0xffff).toBe(addRange(frame.view, frame.start, frame.end) % 0xffff)
      }),
    )
  })

  it('with verify, any changed byte behind the outer Ethernet and IP headers is noticed', () => {
    fc.assert(
      fc.property(
        inners,
        keys,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (inner, [vni, ingress, egress, port, six], where, flip) => {
          const bytes = slowly(inner, six, vni, ingress, egress, port)
          const from = six ? 54 : 34
          const at = from + (where % (bytes.length - from))
          bytes[at]! ^= flip
          const frame = frameOf(bytes)
          // A checksum field that becomes zero says that there is none.
          if (frame.view.getUint16(frame.start + from + 6) === 0) return
          expect(decapsulate(frame, tunnelMetadata(), true)).toBe(false)
          expect(frame.payload()).toEqual(bytes)
        },
      ),
    )
  })

  it("HA-4: BFD's header without option is read as one without keys; another critical option is refused", () => {
    const frame = new Frame()
    const inner = new Uint8Array(66)
    frame.append(14 + 20 + 8 + 8 + inner.length)
    const ipAt = emitEthernet(frame.view, frame.start, { dst: 1, src: 2, etherType: EtherType.ipv4 })
    const udpAt = emitIpv4(frame.view, ipAt, {
      src: 1,
      dst: 2,
      protocol: 17,
      ttl: 64,
      tos: 0,
      identification: 0,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
      payloadLength: 16 + inner.length,
    })
    const geneveAt = emitUdp(frame.view, udpAt, {
      srcPort: 40_000,
      dstPort: 6081,
      payloadLength: 8 + inner.length,
    })
    emitGeneve(frame.view, geneveAt, {
      vni: 0,
      protocolType: 0x6558,
      control: false,
      critical: true,
      ovn: undefined,
    })
    expect(decapsulate(frame, tunnelMetadata())).toBe(false)
    emitGeneve(frame.view, geneveAt, {
      vni: 0,
      protocolType: 0x6558,
      control: false,
      critical: false,
      ovn: undefined,
    })
    const metadata = tunnelMetadata()
    expect(decapsulate(frame, metadata)).toBe(true)
    expect(metadata).toEqual({ vni: 0, ingressKey: -1, egressKey: -1, sourcePort: 40_000, innerSum: -1 })
    expect(frame.length).toBe(inner.length)
  })

  it('refuses what is no Geneve', () => {
    const good = slowly(new Uint8Array(60), false, 1, 2, 3, 40_000)
    const broken = (change: (bytes: Uint8Array) => unknown) => {
      const bytes = good.slice()
      change(bytes)
      return decapsulate(frameOf(bytes), tunnelMetadata())
    }
    expect(broken(() => {})).toBe(true)
    expect(broken((bytes) => bytes.fill(6, 23, 24))).toBe(false)
    expect(broken((bytes) => bytes.fill(0, 37, 38))).toBe(false)
    expect(broken((bytes) => bytes.fill(0x42, 42, 43))).toBe(false)
    expect(broken((bytes) => bytes.fill(0x08, 44, 45))).toBe(false)
    expect(broken((bytes) => bytes.fill(0x46, 14, 15))).toBe(false)
    expect(decapsulate(frameOf(good.subarray(0, good.length - 1)), tunnelMetadata())).toBe(false)
    expect(decapsulate(frameOf(good.subarray(0, 40)), tunnelMetadata())).toBe(false)
  })
})
