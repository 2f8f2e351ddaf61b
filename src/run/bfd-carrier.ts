/**
 * BFD control packets as ovs-vswitchd puts them on a tunnel: the control plane's message values here become bytes and back.
 * Probed (HA-4): Geneve with VNI 0, no option and C clear; inside, Ethernet to 00:23:20:00:00:01, 169.254.1.1 to 169.254.1.0 with
 * TTL 255 and TOS 0xc0, UDP to port 3784 from 49152 upwards with no checksum.
 */
import type { BfdMessage } from '../control/ovn/bfd.ts'
import type { ChassisState } from '../model/forwarding.ts'
import { equalIp, type Ip, type Ip6 } from '../net/ip.ts'
import type { Mac } from '../net/mac.ts'
import { BFD_LENGTH, emitBfd, parseBfd } from '../wire/bfd.ts'
import { pseudoSumAt4, pseudoSumAt6 } from '../wire/checksum.ts'
import { ETHERNET_LENGTH, EtherType, emitEthernet, ethType } from '../wire/ethernet.ts'
import { tunnelSourcePort } from '../wire/flow-hash.ts'
import type { Frame } from '../wire/frame.ts'
import { emitGeneve, GENEVE_LENGTH } from '../wire/geneve.ts'
import { IpProtocol } from '../wire/ip-protocol.ts'
import { emitIpv4, IPV4_LENGTH, ip4HeaderLength, ip4Protocol, ip4Src } from '../wire/ipv4.ts'
import { emitIpv6, IPV6_LENGTH, ip6Src } from '../wire/ipv6.ts'
import { emitUdp, fillUdpChecksum, UDP_LENGTH, UdpPort, udpDstPort } from '../wire/udp.ts'

const BFD_MAC: Mac = 0x002320000001
const BFD_SOURCE = 0xa9fe0101
const BFD_DESTINATION = 0xa9fe0100

const INNER_LENGTH = ETHERNET_LENGTH + IPV4_LENGTH + UDP_LENGTH + BFD_LENGTH

/** The two ends of a tunnel that a BFD packet crosses. */
export interface BfdTunnel {
  readonly localIp: Ip
  readonly remoteIp: Ip
  readonly localMac: Mac
  readonly remoteMac: Mac
  /** MAC address of the tunnel interface, and the session's UDP source port. */
  readonly interfaceMac: Mac
  readonly sourcePort: number
}

/** Writes a BFD message with all headers, outermost first, into an empty frame. */
export function emitBfdFrame(frame: Frame, tunnel: BfdTunnel, message: BfdMessage): void {
  emitInner(frame, tunnel, message)
  const { view } = frame
  const outerSourcePort = tunnelSourcePort(view, frame.start, frame.end)
  const udpLength = UDP_LENGTH + GENEVE_LENGTH.bare + INNER_LENGTH
  const { localIp, remoteIp } = tunnel
  const four = typeof localIp === 'number' && typeof remoteIp === 'number'
  const start = frame.push(
    ETHERNET_LENGTH + (four ? IPV4_LENGTH : IPV6_LENGTH) + UDP_LENGTH + GENEVE_LENGTH.bare,
  )
  const ipAt = emitEthernet(view, start, {
    dst: tunnel.remoteMac,
    src: tunnel.localMac,
    etherType: four ? EtherType.ipv4 : EtherType.ipv6,
  })
  const udpAt = four
    ? emitIpv4(view, ipAt, { ...IPV4_TUNNEL, src: localIp, dst: remoteIp, payloadLength: udpLength })
    : emitIpv6(view, ipAt, {
        ...IPV6_TUNNEL,
        src: localIp as Ip6,
        dst: remoteIp as Ip6,
        payloadLength: udpLength,
      })
  const geneveAt = emitUdp(view, udpAt, {
    srcPort: outerSourcePort,
    dstPort: UdpPort.geneve,
    payloadLength: udpLength - UDP_LENGTH,
  })
  emitGeneve(view, geneveAt, {
    vni: 0,
    protocolType: EtherType.ethernet,
    control: false,
    critical: false,
    ovn: undefined,
  })
  const pseudo = four
    ? pseudoSumAt4(view, ipAt, udpLength)
    : pseudoSumAt6(view, ipAt, IpProtocol.udp, udpLength)
  fillUdpChecksum(view, udpAt, frame.end, pseudo)
}

const IPV4_TUNNEL = {
  protocol: IpProtocol.udp,
  ttl: 64,
  tos: 0,
  identification: 0,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
} as const
const IPV6_TUNNEL = { nextHeader: IpProtocol.udp, hopLimit: 64, trafficClass: 0, flowLabel: 0 } as const

function emitInner(frame: Frame, tunnel: BfdTunnel, message: BfdMessage): void {
  const { view } = frame
  const start = frame.append(INNER_LENGTH)
  let at = emitEthernet(view, start, { dst: BFD_MAC, src: tunnel.interfaceMac, etherType: EtherType.ipv4 })
  at = emitIpv4(view, at, {
    src: BFD_SOURCE,
    dst: BFD_DESTINATION,
    protocol: IpProtocol.udp,
    ttl: 255,
    tos: 0xc0,
    identification: 0,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    payloadLength: UDP_LENGTH + BFD_LENGTH,
  })
  at = emitUdp(view, at, { srcPort: tunnel.sourcePort, dstPort: UdpPort.bfd, payloadLength: BFD_LENGTH })
  emitBfd(view, at, message)
}

/** The BFD message in a decapsulated frame, undefined when it holds something else. */
export function parseBfdFrame(frame: Frame): BfdMessage | undefined {
  const { view, start, end } = frame
  if (end - start < INNER_LENGTH || ethType(view, start) !== EtherType.ipv4) return undefined
  const ipAt = start + ETHERNET_LENGTH
  if (ip4Protocol(view, ipAt) !== IpProtocol.udp) return undefined
  const udpAt = ipAt + ip4HeaderLength(view, ipAt)
  if (udpDstPort(view, udpAt) !== UdpPort.bfd) return undefined
  return parseBfd(view, udpAt + UDP_LENGTH, end)
}

/** Name of the chassis at the other end of the tunnel that a frame came by, whose outer Ethernet header begins at `at`. */
export function bfdSender(state: ChassisState, { view }: Frame, at: number): string | undefined {
  const ipAt = at + ETHERNET_LENGTH
  const source = ethType(view, at) === EtherType.ipv4 ? ip4Src(view, ipAt) : ip6Src(view, ipAt)
  for (const tunnel of state.tunnels.values()) if (equalIp(tunnel.remoteIp, source)) return tunnel.chassis
  return undefined
}
