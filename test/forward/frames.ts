// Frames as the pods of the fixture send them, and readings of what arrives.

import { buildFrame, type WalkMessage } from '../../src/forward/walk-packet.ts'
import { formatIp, isIp4 } from '../../src/net/ip.ts'
import { contains } from '../../src/net/prefix.ts'
import { pseudoSumAt6 } from '../../src/wire/checksum.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { icmpChecksumOk } from '../../src/wire/icmp.ts'
import { icmpv6ChecksumOk } from '../../src/wire/icmpv6.ts'
import { ip4ChecksumOk, ip4TotalLength, parseIpv4 } from '../../src/wire/ipv4.ts'
import { parseIpv6 } from '../../src/wire/ipv6.ts'
import { type AzSpec, address, mac, prefix } from './fixture.ts'

/** An echo request with 56 bytes. */
export const ECHO: Extract<WalkMessage, { size: number; id: number }> = {
  kind: 'echo-request',
  id: 7,
  seq: 1,
  size: 56,
}

/** A frame of a pod to an address, by its gateway unless the address is on its subnet. */
export function frameFrom(
  azs: readonly AzSpec[],
  pod: string,
  to: string,
  message: WalkMessage = ECHO,
  ttl = 64,
  onLinkMac?: string,
  tos = 0,
): Frame {
  const az = azs.find(({ pods }) => pods.some(({ name }) => name === pod))!
  const spec = az.pods.find(({ name }) => name === pod)!
  const subnet = az.subnets.find(({ name }) => name === spec.subnet)!
  const dst = address(to)
  const src = spec.ips.map(address).find((ip) => isIp4(ip) === isIp4(dst))!
  const onLink = subnet.gateways.some(
    (text) => contains(prefix(text), dst) && !subnet.gateways.some((own) => own.startsWith(`${to}/`)),
  )
  const ethDst = onLink ? mac(onLinkMac ?? az.pods.find(({ ips }) => ips.includes(to))!.mac) : mac(subnet.mac)
  return buildFrame({ ethSrc: mac(spec.mac), ethDst, src, dst, ttl, tos, dontFragment: true }, message)
}

/** An ICMP error as its receiver reads it. */
export interface ErrorReading {
  readonly from: string
  readonly type: number
  readonly code: number
  readonly ttl: number
  readonly mtu: number | null
  readonly origLen: number
  readonly origTtl: number
}

/** Reads a frame as an ICMP or ICMPv6 error; throws when a checksum is wrong. */
export function readError(frame: Frame): ErrorReading {
  const { view, end } = frame
  const ipAt = frame.start + 14
  const four = view.getUint16(frame.start + 12) === 0x0800
  if (four) {
    const ip = parseIpv4(view, ipAt, end)!
    const at = ipAt + 20
    if (!ip4ChecksumOk(view, ipAt) || !icmpChecksumOk(view, at, ipAt + ip4TotalLength(view, ipAt)))
      throw new Error('bad checksum')
    const [type, code] = [view.getUint8(at), view.getUint8(at + 1)]
    const mtu = type === 3 && code === 4 ? view.getUint16(at + 6) : null
    return {
      from: formatIp(ip.src),
      type,
      code,
      ttl: ip.ttl,
      mtu,
      origLen: end - at - 8,
      origTtl: view.getUint8(at + 16),
    }
  }
  const ip = parseIpv6(view, ipAt, end)!
  const at = ipAt + 40
  if (!icmpv6ChecksumOk(view, at, end, pseudoSumAt6(view, ipAt, 58, end - at)))
    throw new Error('bad checksum')
  const [type, code] = [view.getUint8(at), view.getUint8(at + 1)]
  return {
    from: formatIp(ip.src),
    type,
    code,
    ttl: ip.hopLimit,
    mtu: type === 2 ? view.getUint32(at + 4) : null,
    origLen: end - at - 8,
    origTtl: view.getUint8(at + 15),
  }
}

/** TTL or hop limit of an IP frame. */
export function ttlOf(frame: Frame): number {
  return frame.view.getUint8(frame.start + (frame.view.getUint16(frame.start + 12) === 0x0800 ? 22 : 21))
}
