// One packet of each kind that the simulator sends, made with the codecs: what tshark and the decoder are shown.

import { emitArp } from '../../src/wire/arp.ts'
import { emitBfd } from '../../src/wire/bfd.ts'
import { pseudoSumAt4 } from '../../src/wire/checksum.ts'
import { EtherType, emitEthernet } from '../../src/wire/ethernet.ts'
import { tunnelSourcePort } from '../../src/wire/flow-hash.ts'
import { Frame } from '../../src/wire/frame.ts'
import { emitGeneve, type GeneveRepr, geneveLength } from '../../src/wire/geneve.ts'
import { emitIcmp, fillIcmpChecksum, type IcmpRepr } from '../../src/wire/icmp.ts'
import { emitIcmpv6, fillIcmpv6Checksum, type Icmpv6Repr } from '../../src/wire/icmpv6.ts'
import { emitIpv4 } from '../../src/wire/ipv4.ts'
import { emitIpv6Fragment } from '../../src/wire/ipv6.ts'
import { emitTcp, fillTcpChecksum, type TcpRepr } from '../../src/wire/tcp.ts'
import { emitUdp, fillUdpChecksum } from '../../src/wire/udp.ts'
import { fill, frame4, frame6, IPV4, type Upper } from './support.ts'

const POD_MAC = 0x0000_0050_0081

function icmp(repr: IcmpRepr, dataBytes = 56): Upper {
  return (frame, at) => {
    const end = fill(frame, emitIcmp(frame.view, at, repr), dataBytes)
    fillIcmpChecksum(frame.view, at, end)
    return end
  }
}

/** An ICMP error that quotes the beginning of an echo request, as much of it as `quotedBytes` says. */
function icmpError(repr: IcmpRepr, quotedBytes: number): Upper {
  return (frame, at) => {
    const from = emitIcmp(frame.view, at, repr)
    const quoted = emitIpv4(frame.view, from, { ...IPV4, protocol: 1, ttl: 1, payloadLength: 64 })
    icmp({ kind: 'echo-request', id: 7, seq: 1 })(frame, quoted, (length) => length)
    const end = from + quotedBytes
    fillIcmpChecksum(frame.view, at, end)
    return end
  }
}

function icmpv6(repr: Icmpv6Repr, dataBytes: number): Upper {
  return (frame, at, pseudo) => {
    const end = fill(frame, emitIcmpv6(frame.view, at, repr), dataBytes)
    fillIcmpv6Checksum(frame.view, at, end, pseudo(end - at))
    return end
  }
}

function icmpv6Error(repr: Icmpv6Repr): Upper {
  return (frame, at, pseudo) => {
    const inner = frame6({ nextHeader: 58 }, icmpv6({ kind: 'echo-request', id: 7, seq: 1 }, 56))
    const from = emitIcmpv6(frame.view, at, repr)
    const quoted = inner.bytes.subarray(inner.start + 14, inner.end)
    frame.bytes.set(quoted, from)
    const end = from + quoted.length
    fillIcmpv6Checksum(frame.view, at, end, pseudo(end - at))
    return end
  }
}

function udp(srcPort: number, dstPort: number, payloadLength: number): Upper {
  return (frame, at, pseudo) => {
    const end = fill(frame, emitUdp(frame.view, at, { srcPort, dstPort, payloadLength }), payloadLength)
    fillUdpChecksum(frame.view, at, end, pseudo(end - at))
    return end
  }
}

function tcp(overrides: Partial<TcpRepr>, dataBytes: number): Upper {
  const base = {
    srcPort: 32_000,
    dstPort: 9200,
    seq: 1000,
    ack: 0,
    flags: 2,
    window: 65_280,
    urgent: 0,
    mss: 1360,
  }
  return (frame, at, pseudo) => {
    const end = fill(frame, emitTcp(frame.view, at, { ...base, ...overrides }), dataBytes)
    fillTcpChecksum(frame.view, at, end, pseudo(end - at))
    return end
  }
}

function arp(operation: number, dst: number, targetMac: number): Frame {
  const frame = new Frame()
  const at = emitEthernet(frame.view, frame.start, { dst, src: POD_MAC, etherType: EtherType.arp })
  const ips = { senderIp: IPV4.src, targetIp: 0x0a10_0001 }
  frame.end = emitArp(frame.view, at, { operation, senderMac: POD_MAC, targetMac, ...ips })
  return frame
}

function bfd(): Frame {
  const addresses = { src: 0xa9fe_0101, dst: 0xa9fe_0100, ttl: 255, tos: 0xc0, dontFragment: false }
  return frame4({ ...addresses, protocol: 17 }, (frame, at, pseudo) => {
    const from = emitUdp(frame.view, at, { srcPort: 49_153, dstPort: 3784, payloadLength: 24 })
    const end = emitBfd(frame.view, from, {
      diagnostic: 0,
      state: 3,
      poll: false,
      final: false,
      controlPlaneIndependent: false,
      demand: false,
      detectMultiplier: 3,
      myDiscriminator: 0xd519_dc2d,
      yourDiscriminator: 0x9038_55a2,
      desiredMinTx: 100_000,
      requiredMinRx: 1_000_000,
      requiredMinEchoRx: 0,
    })
    fillUdpChecksum(frame.view, at, end, pseudo(end - at))
    return end
  })
}

/** Writes Geneve over UDP, IPv4 and Ethernet in front of a frame, in place, as a chassis does. */
export function encapsulate(frame: Frame, geneve: Pick<GeneveRepr, 'vni' | 'ovn'>): Frame {
  const srcPort = tunnelSourcePort(frame.view, frame.start, frame.end)
  const repr = { ...geneve, protocolType: 0x6558, control: false, critical: geneve.ovn !== undefined }
  const at = frame.push(42 + geneveLength(repr))
  const { view, end } = frame
  const ipAt = emitEthernet(view, at, {
    dst: 0x0a00_0000_0001,
    src: 0x0a00_0000_0002,
    etherType: EtherType.ipv4,
  })
  const outer = { ...IPV4, src: 0xc0a8_2a0d, dst: 0xc0a8_2a0b, protocol: 17, ttl: 64, identification: 0 }
  const udpAt = emitIpv4(view, ipAt, { ...outer, payloadLength: end - ipAt - 20 })
  emitGeneve(view, emitUdp(view, udpAt, { srcPort, dstPort: 6081, payloadLength: end - udpAt - 8 }), repr)
  fillUdpChecksum(view, udpAt, end, pseudoSumAt4(view, ipAt, end - udpAt))
  return frame
}

const SOLICITED = { dst: { w0: 0xff02_0000, w1: 0, w2: 1, w3: 0xff00_0001 } }
const TARGET = { w0: 0xfd00_0010, w1: 0, w2: 0, w3: 1 }
const KEYS = { ingress: 1, egress: 3 }

/** Every kind of packet by name. The two parts of a fragmented datagram follow each other. */
export function packetsOfEachKind(): readonly (readonly [string, Frame])[] {
  const echo = () => frame4({ protocol: 1 }, icmp({ kind: 'echo-request', id: 7, seq: 1 }))
  const echo6 = () => frame6({ nextHeader: 58 }, icmpv6({ kind: 'echo-request', id: 7, seq: 1 }, 56))
  const parts = fragmentsOf4()
  return [
    ['arp request', arp(1, 0xffff_ffff_ffff, 0)],
    ['arp reply', arp(2, 0x0000_0050_0082, 0x0000_0050_0082)],
    ['echo request', echo()],
    ['echo reply', frame4({ protocol: 1 }, icmp({ kind: 'echo-reply', id: 7, seq: 1 }, 55))],
    ['time exceeded', frame4({ protocol: 1 }, icmpError({ kind: 'time-exceeded', code: 0 }, 84))],
    [
      'fragmentation needed',
      frame4({ protocol: 1 }, icmpError({ kind: 'unreachable', code: 4, mtu: 1300 }, 28)),
    ],
    ['port unreachable', frame4({ protocol: 1 }, icmpError({ kind: 'unreachable', code: 3, mtu: 0 }, 84))],
    ['udp', frame4({ protocol: 17 }, udp(20_001, 9001, 33))],
    ['tcp syn', frame4({ protocol: 6 }, tcp({}, 0))],
    ['tcp data', frame4({ protocol: 6 }, tcp({ flags: 0x18, seq: 1001, ack: 5, mss: undefined }, 101))],
    ['first fragment', parts[0]],
    ['last fragment', parts[1]],
    ['echo request 6', echo6()],
    ['echo reply 6', frame6({ nextHeader: 58 }, icmpv6({ kind: 'echo-reply', id: 7, seq: 1 }, 57))],
    ['packet too big', frame6({ nextHeader: 58 }, icmpv6Error({ kind: 'packet-too-big', mtu: 1300 }))],
    ['time exceeded 6', frame6({ nextHeader: 58 }, icmpv6Error({ kind: 'time-exceeded', code: 0 }))],
    ['unreachable 6', frame6({ nextHeader: 58 }, icmpv6Error({ kind: 'unreachable', code: 3 }))],
    ['solicitation', frame6({ ...SOLICITED, nextHeader: 58, hopLimit: 255 }, solicitation())],
    ['advertisement', frame6({ nextHeader: 58, hopLimit: 255 }, advertisement())],
    ['udp 6', frame6({ nextHeader: 17 }, udp(20_001, 9001, 32))],
    ['tcp 6', frame6({ nextHeader: 6 }, tcp({ srcPort: 32_001 }, 0))],
    ['fragment 6', fragmentOf6()],
    ['geneve echo', encapsulate(echo(), { vni: 2, ovn: KEYS })],
    ['geneve echo 6', encapsulate(echo6(), { vni: 16_711_682, ovn: { ingress: 1, egress: 0x8004 } })],
    ['geneve arp', encapsulate(arp(1, 0xffff_ffff_ffff, 0), { vni: 1, ovn: { ingress: 2, egress: 0x8004 } })],
    ['geneve bfd', encapsulate(bfd(), { vni: 0, ovn: undefined })],
  ]
}

function solicitation(): Upper {
  return icmpv6({ kind: 'neighbour-solicitation', target: TARGET, linkLayer: POD_MAC }, 0)
}

function advertisement(): Upper {
  const flags = { router: true, solicited: true, override: true }
  return icmpv6({ kind: 'neighbour-advertisement', target: TARGET, linkLayer: POD_MAC, ...flags }, 0)
}

/** A UDP datagram of 1,500 bytes in two fragments. */
function fragmentsOf4(): readonly [Frame, Frame] {
  const whole = frame4({ protocol: 17, identification: 77 }, udp(1, 2, 1492))
  const from = whole.start + 34
  const part = (offset: number, length: number, moreFragments: boolean) =>
    frame4(
      { protocol: 17, identification: 77, dontFragment: false, moreFragments, fragmentOffset: offset },
      (frame, at) => {
        frame.bytes.set(whole.bytes.subarray(from + offset, from + offset + length), at)
        return at + length
      },
    )
  return [part(0, 1376, true), part(1376, 124, false)]
}

function fragmentOf6(): Frame {
  const repr = { nextHeader: 17, fragmentOffset: 0, moreFragments: true, identification: 0xdead_beef }
  return frame6(
    { nextHeader: 44 },
    (frame, at) => {
      const from = emitIpv6Fragment(frame.view, at, repr)
      return fill(frame, emitUdp(frame.view, from, { srcPort: 1, dstPort: 2, payloadLength: 1992 }), 992)
    },
    17,
  )
}
