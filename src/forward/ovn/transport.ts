// The transport checksum of a whole packet in a frame, whichever family and protocol (RFC 768, 792, 4443, 9293).
// Surprise: ICMP over IPv4 is the one that has no pseudo header, and fragments have no checksum of their own to fill.

import { pseudoSumAt4, pseudoSumAt6 } from '../../wire/checksum.ts'
import type { Frame } from '../../wire/frame.ts'
import { fillIcmpChecksum } from '../../wire/icmp.ts'
import { fillIcmpv6Checksum } from '../../wire/icmpv6.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import { ip4Protocol, ip4TotalLength } from '../../wire/ipv4.ts'
import { IPV6_LENGTH, ip6NextHeader, ip6PayloadLength } from '../../wire/ipv6.ts'
import { fillTcpChecksum } from '../../wire/tcp.ts'
import { fillUdpChecksum } from '../../wire/udp.ts'

/** Computes and writes the checksum of the message at `upperAt` in the packet whose IP header, without extensions, is at `ipAt`. */
export function fillChecksum(frame: Frame, ipAt: number, upperAt: number): void {
  const { view } = frame
  const four = view.getUint8(ipAt) >>> 4 === 4
  const protocol = four ? ip4Protocol(view, ipAt) : ip6NextHeader(view, ipAt)
  const end = ipAt + (four ? ip4TotalLength(view, ipAt) : IPV6_LENGTH + ip6PayloadLength(view, ipAt))
  const pseudo = four
    ? pseudoSumAt4(view, ipAt, end - upperAt)
    : pseudoSumAt6(view, ipAt, protocol, end - upperAt)
  switch (protocol) {
    case IpProtocol.icmp:
      fillIcmpChecksum(view, upperAt, end)
      break
    case IpProtocol.icmpv6:
      fillIcmpv6Checksum(view, upperAt, end, pseudo)
      break
    case IpProtocol.tcp:
      fillTcpChecksum(view, upperAt, end, pseudo)
      break
    case IpProtocol.udp:
      fillUdpChecksum(view, upperAt, end, pseudo)
      break
  }
}
