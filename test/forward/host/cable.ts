// Two hosts on one cable, under virtual time. Every frame is written down as it enters the cable; a filter may swallow it
// or put something else back.

import { Host } from '../../../src/forward/host/host.ts'
import type { HostConfig, HostEnv } from '../../../src/forward/host/host-env.ts'
import { startTraffic } from '../../../src/forward/host/traffic.ts'
import { millis, SECOND } from '../../../src/model/time.ts'
import type {
  PingTraffic,
  TcpTraffic,
  TracerouteTraffic,
  Traffic,
  TrafficResult,
  UdpTraffic,
} from '../../../src/model/traffic.ts'
import { type Ip, parseIp } from '../../../src/net/ip.ts'
import { parseMac } from '../../../src/net/mac.ts'
import { parsePrefix } from '../../../src/net/prefix.ts'
import { Random } from '../../../src/net/random.ts'
import { Clock } from '../../../src/sim/clock.ts'
import { addRange, checksumOf, finishChecksum, pseudoSum6 } from '../../../src/wire/checksum.ts'
import { type Frame, FramePool, frameOf } from '../../../src/wire/frame.ts'
import { emitIpv4 } from '../../../src/wire/ipv4.ts'
import { emitIpv6 } from '../../../src/wire/ipv6.ts'

export interface Seen {
  readonly at: number
  readonly from: 'a' | 'b'
  readonly bytes: Uint8Array
}

export const LATENCY = 100_000

export function ip(text: string): Ip {
  return parseIp(text)!
}

export function config(name: string, mac: string, ips: readonly string[], mtu = 1500): HostConfig {
  const prefixes = ips.map((text) => parsePrefix(text)!)
  return {
    name,
    mac: parseMac(mac)!,
    ips: prefixes.map((p) => p.ip),
    prefixes,
    gateways: { ip4: undefined, ip6: undefined },
    mtu,
  }
}

export class Cable {
  readonly clock = new Clock()
  readonly pool = new FramePool()
  readonly seen: Seen[] = []
  /** Whether frames are written down: not where there are too many. */
  keeps = true
  readonly #dropped: (name: 'a' | 'b', reason: string) => void
  readonly a: Host
  readonly b: Host
  /** Decides about a frame: true lets it pass. It may send something back with `inject`. */
  filter: (frame: Frame, from: 'a' | 'b') => boolean = () => true

  /** `dropped` is told what the hosts drop, and which of them. */
  constructor(
    a: Partial<HostConfig> = {},
    b: Partial<HostConfig> = {},
    dropped: (name: 'a' | 'b', reason: string) => void = () => {},
  ) {
    this.#dropped = dropped
    const random = new Random(7)
    const ips = (n: number) => [`10.0.0.${n}/24`, `fd00::${n}/64`]
    this.a = new Host({ ...config('a', '02:00:00:00:00:0a', ips(1)), ...a }, this.#env('a', random.fork('a')))
    this.b = new Host({ ...config('b', '02:00:00:00:00:0b', ips(2)), ...b }, this.#env('b', random.fork('b')))
  }

  /** Gives bytes to a host as if they came from the cable. */
  inject(to: 'a' | 'b', bytes: Uint8Array): void {
    this.clock.after(LATENCY, (frame: Frame) => this[to].receive(frame), frameOf(bytes))
  }

  /** Teaches both hosts each other's addresses, so that no request is on the cable. */
  warm(): void {
    for (const [one, other] of [[this.a, this.b] as const, [this.b, this.a] as const]) {
      for (const address of other.config.ips) one.ip.neighbours.learn(address, other.config.mac, true)
    }
  }

  run(traffic: Traffic, until = 10 * SECOND): TrafficResult {
    let result: TrafficResult | undefined
    const running = startTraffic(this.a, traffic, (r) => {
      result = r
    })
    this.clock.runUntil(this.clock.now + until)
    return result ?? running.finish()
  }

  /** Packets seen from a side, without their Ethernet header. */
  packets(from: 'a' | 'b', etherType = 0x0800): DataView[] {
    return this.seen
      .filter((s) => s.from === from && s.bytes[12]! * 256 + s.bytes[13]! === etherType)
      .map((s) => new DataView(s.bytes.buffer, s.bytes.byteOffset + 14, s.bytes.length - 14))
  }

  /** Frames seen from a side, of any kind. */
  packetsFrom(side: 'a' | 'b'): number {
    return this.seen.filter((s) => s.from === side).length
  }

  #env(name: 'a' | 'b', random: Random): HostEnv {
    const { clock, pool } = this
    return {
      now: () => clock.now,
      after: (delay, handler, arg) => clock.after(delay, handler, arg),
      cancel: (timer) => clock.cancel(timer),
      frame: (length) => {
        const frame = pool.take(length)
        frame.reset(length)
        return frame
      },
      release: (frame) => pool.give(frame),
      dropped: (reason) => this.#dropped(name, reason),
      random: () => random.next() >>> 16,
      send: (frame) => {
        if (this.keeps) this.seen.push({ at: clock.now, from: name, bytes: frame.payload().slice() })
        const passes = this.filter(frame, name)
        if (passes) clock.after(LATENCY, (f: Frame) => this[name === 'a' ? 'b' : 'a'].receive(f), frame)
        else pool.give(frame)
      },
    }
  }
}

/** A filter of a path with a small link that says so, as a router would, or is silent. */
export function smallLink(
  cable: Cable,
  mtu: number,
  reports: boolean,
): (frame: Frame, from: 'a' | 'b') => boolean {
  return (frame, from) => {
    if (frame.length - 14 <= mtu) return true
    if (reports) {
      const packet = frame.payload().slice(14)
      cable.inject(
        from,
        packet[0]! >>> 4 === 4 ? tooBig4(cable, from, packet, mtu) : tooBig6(cable, from, packet, mtu),
      )
    }
    return false
  }
}

function tooBig4(cable: Cable, to: 'a' | 'b', packet: Uint8Array, mtu: number): Uint8Array {
  const quoted = packet.subarray(0, 534)
  const bytes = new Uint8Array(14 + 28 + quoted.length)
  const view = new DataView(bytes.buffer)
  ethernet(view, cable[to].config.mac, 0x0800)
  const src = ip('10.0.0.254') as number
  const dst = new DataView(packet.buffer, packet.byteOffset).getUint32(12)
  const payloadLength = 8 + quoted.length
  const rest = { tos: 0, identification: 0, dontFragment: true, moreFragments: false, fragmentOffset: 0 }
  emitIpv4(view, 14, { src, dst, protocol: 1, ttl: 254, payloadLength, ...rest })
  view.setUint16(34, 0x0304)
  view.setUint32(38, mtu)
  bytes.set(quoted, 42)
  view.setUint16(36, checksumOf(view, 34, bytes.length))
  return bytes
}

function tooBig6(cable: Cable, to: 'a' | 'b', packet: Uint8Array, mtu: number): Uint8Array {
  const quoted = packet.subarray(0, 1218)
  const bytes = new Uint8Array(14 + 48 + quoted.length)
  const view = new DataView(bytes.buffer)
  ethernet(view, cable[to].config.mac, 0x86dd)
  const src = ip('fd00::fe') as Exclude<Ip, number>
  const dst = cable[to].config.ips[1] as Exclude<Ip, number>
  const payloadLength = 8 + quoted.length
  emitIpv6(view, 14, {
    src,
    dst,
    nextHeader: 58,
    hopLimit: 254,
    trafficClass: 0,
    flowLabel: 0,
    payloadLength,
  })
  view.setUint16(54, 0x0200)
  view.setUint32(58, mtu)
  bytes.set(quoted, 62)
  view.setUint16(
    56,
    finishChecksum(addRange(view, 54, bytes.length, pseudoSum6(src, dst, 58, payloadLength))),
  )
  return bytes
}

function ethernet(view: DataView, dst: number, type: number): void {
  view.setUint16(0, Math.floor(dst / 2 ** 32))
  view.setUint32(2, dst % 2 ** 32)
  view.setUint32(6, 0x02000000)
  view.setUint16(10, 0x00fe)
  view.setUint16(12, type)
}

const BASE = { name: 'test', at: 0, from: { cluster: 'c', pod: 'a' }, to: undefined }

export function ping(address: string, more: Partial<PingTraffic> = {}): PingTraffic {
  return {
    ...BASE,
    kind: 'ping',
    address: ip(address),
    count: 1,
    interval: millis(200),
    size: 56,
    ttl: 64,
    tos: 0,
    df: 'want',
    wait: SECOND,
    ...more,
  }
}

export function traceroute(address: string, more: Partial<TracerouteTraffic> = {}): TracerouteTraffic {
  return { ...BASE, kind: 'traceroute', address: ip(address), mode: 'icmp', maxTtl: 5, wait: SECOND, ...more }
}

export function udp(address: string, more: Partial<UdpTraffic> = {}): UdpTraffic {
  const ports = { sourcePort: 20001, destinationPort: 9001 }
  return {
    ...BASE,
    kind: 'udp',
    address: ip(address),
    count: 3,
    interval: millis(200),
    size: 32,
    ...ports,
    wait: SECOND,
    ...more,
  }
}

export function tcp(address: string, more: Partial<TcpTraffic> = {}): TcpTraffic {
  const ports = { sourcePort: 20002, destinationPort: 9002 }
  return { ...BASE, kind: 'tcp', address: ip(address), bytes: 5000, ...ports, timeout: 3 * SECOND, ...more }
}
