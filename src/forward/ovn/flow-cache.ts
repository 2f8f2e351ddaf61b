// An exact-match cache of one chassis, as the datapath of OVS has one: the pipelines decide once a microflow, every further
// packet of it is rewritten (MACs, TTL) and put out without asking them. Specified by nothing but its twin: the outcome
// equals that of the pipelines byte for byte (test/forward/flow-cache.test.ts).
// Surprises: the key holds the MACs, so that what the checksum of a tunnel changes by is known beforehand; an IPv4 header
// sums to the same before and after its TTL changed; packets whose outcome depends on more than the key (ARP, ND,
// fragments, options, a TTL that runs out, more than gateway_mtu) never come here.

import type { ChassisState, Tunnel } from '../../model/forwarding.ts'
import { updateChecksum } from '../../wire/checksum.ts'
import { ETHERNET_LENGTH } from '../../wire/ethernet.ts'
import type { Frame } from '../../wire/frame.ts'
import { IpProtocol } from '../../wire/ip-protocol.ts'
import type { Learner, Packet, VswitchOutput } from './packet.ts'

// A key: three words of MACs, two of entry, protocol, ports, then addresses: two words of IPv4, eight of IPv6.
const STRIDE = 16
const WORDS4 = 9
const WORDS6 = 15
const SLOTS_FIRST = 64
const SLOTS_MAX = 65_536

/** What is done with every packet of a microflow. Words are signed 32-bit numbers. */
interface Flow {
  readonly words: number
  readonly hash: number
  /** Delivered to this port; undefined: sent into the tunnel. */
  readonly port: string | undefined
  readonly tunnel: Tunnel | undefined
  readonly vni: number
  readonly ingressKey: number
  readonly egressKey: number
  readonly sourcePort: number
  /** Routers on the way: what the TTL loses. */
  readonly hops: number
  readonly maxLength: number
  /** Destination and source MAC after rewriting. */
  readonly mac0: number
  readonly mac1: number
  readonly mac2: number
  /** What the sum of the frame changes by, modulo 0xffff, TTL included. */
  readonly sumDelta: number
}

export class FlowCache implements Learner {
  #state: ChassisState | undefined
  #slots = SLOTS_FIRST
  #size = 0
  #keys = new Int32Array(SLOTS_FIRST * STRIDE)
  #flows: (Flow | undefined)[] = new Array<Flow | undefined>(SLOTS_FIRST).fill(undefined)
  /** The key of the frame at hand; `#words` is 0 when it has none. */
  readonly #key = new Int32Array(STRIDE)
  #words = 0
  #hash = 0
  #ttl = 0

  /** Microflows in the cache. */
  get size(): number {
    return this.#size
  }

  /** Whether the frame of the last `forward` has a key, so that its microflow can be learned. */
  get learnable(): boolean {
    return this.#words > 0
  }

  /**
   * Forwards the frame if its microflow is known and answers whether it was. `entry0` and `entry1` say where it came in. When
   * false, the pipelines may be asked with this cache as learner.
   */
  forward(
    state: ChassisState,
    entry0: number,
    entry1: number,
    frame: Frame,
    innerSum: number,
    output: VswitchOutput,
  ): boolean {
    if (state !== this.#state) this.#restart(state)
    const { view, start, end } = frame
    this.#words = 0
    if (end - start < ETHERNET_LENGTH + 28) return false
    // EtherType, version and header length in one word: IPv4 without options, or IPv6.
    const head = view.getInt32(start + 12)
    const ipAt = start + ETHERNET_LENGTH
    if (head >> 8 === 0x08_0045) {
      if (!this.#readKey4(entry0, entry1, view, start, end)) return false
    } else if (head >>> 12 !== 0x86dd6 || !this.#readKey6(entry0, entry1, view, start, end)) return false
    const flow = this.#flows[this.#find()]
    const ttl = this.#ttl
    if (flow === undefined || ttl <= flow.hops || end - start > flow.maxLength) return false
    view.setInt32(start, flow.mac0)
    view.setInt32(start + 4, flow.mac1)
    view.setInt32(start + 8, flow.mac2)
    if (flow.hops > 0) {
      if (flow.words === WORDS4) {
        const word = view.getInt32(ipAt + 8)
        const before = word >>> 16
        const after = before - (flow.hops << 8)
        view.setInt32(ipAt + 8, (after << 16) | updateChecksum(word & 0xffff, before, after))
      } else view.setUint8(ipAt + 7, ttl - flow.hops)
    }
    if (flow.tunnel === undefined) output.toVif(state, flow.port!, frame)
    else {
      const sum = innerSum < 0 ? -1 : innerSum + flow.sumDelta
      output.toTunnel(state, flow.tunnel, flow.vni, flow.ingressKey, flow.egressKey, frame, flow.sourcePort, sum)
    }
    return true
  }

  learnVif(packet: Packet, port: string): void {
    this.#learn(packet, port, undefined, 0, 0, 0)
  }

  learnTunnel(packet: Packet, tunnel: Tunnel, vni: number, ingressKey: number, egressKey: number): void {
    this.#learn(packet, undefined, tunnel, vni, ingressKey, egressKey)
  }

  #learn(
    packet: Packet,
    port: string | undefined,
    tunnel: Tunnel | undefined,
    vni: number,
    ingressKey: number,
    egressKey: number,
  ): void {
    const { view, start } = packet.frame
    const key = this.#key
    const hops = this.#ttl - packet.ttl
    const mac0 = view.getInt32(start)
    const mac1 = view.getInt32(start + 4)
    const mac2 = view.getInt32(start + 8)
    const before = wordSum(key[0]!) + wordSum(key[1]!) + wordSum(key[2]!)
    const macDelta = wordSum(mac0) + wordSum(mac1) + wordSum(mac2) - before
    // The hop limit of IPv6 has no header checksum beside it that would make up for the change.
    const delta = this.#words === WORDS6 ? macDelta - hops : macDelta
    if (2 * (this.#size + 1) > this.#slots) this.#makeRoom()
    const slot = this.#find()
    if (this.#flows[slot] === undefined) this.#size++
    this.#keys.set(key, slot * STRIDE)
    this.#flows[slot] = {
      words: this.#words,
      hash: this.#hash,
      port,
      tunnel,
      vni,
      ingressKey,
      egressKey,
      sourcePort: packet.sourcePort,
      hops,
      maxLength: packet.maxLength,
      mac0,
      mac1,
      mac2,
      sumDelta: ((delta % 0xffff) + 0xffff) % 0xffff,
    }
  }

  #restart(state: ChassisState): void {
    this.#state = state
    if (this.#size === 0) return
    this.#flows.fill(undefined)
    this.#size = 0
  }

  /** Doubles the table, or empties a full one: cheaper than finding out which microflows are over. */
  #makeRoom(): void {
    const flows = this.#flows
    const keys = this.#keys
    const full = this.#slots >= SLOTS_MAX
    if (!full) this.#slots *= 2
    this.#flows = new Array<Flow | undefined>(this.#slots).fill(undefined)
    this.#keys = new Int32Array(this.#slots * STRIDE)
    if (full) {
      this.#size = 0
      return
    }
    const last = this.#slots - 1
    for (const [from, flow] of flows.entries()) {
      if (flow === undefined) continue
      let slot = flow.hash & last
      while (this.#flows[slot] !== undefined) slot = (slot + 1) & last
      this.#flows[slot] = flow
      this.#keys.set(keys.subarray(from * STRIDE, (from + 1) * STRIDE), slot * STRIDE)
    }
  }

  /** The slot of the key at hand, or the free slot where the search ends. */
  #find(): number {
    const keys = this.#keys
    const key = this.#key
    const flows = this.#flows
    const last = this.#slots - 1
    const words = this.#words
    const hash = this.#hash
    let slot = hash & last
    for (let flow = flows[slot]; flow !== undefined; flow = flows[slot]) {
      if (flow.hash === hash && flow.words === words) {
        const at = slot * STRIDE
        let i = 0
        while (i < words && keys[at + i] === key[i]) i++
        if (i === words) return slot
      }
      slot = (slot + 1) & last
    }
    return slot
  }

  /** Fills key, hash and TTL from an IPv4 frame; false when it always takes the pipelines. */
  #readKey4(entry0: number, entry1: number, view: DataView, start: number, end: number): boolean {
    const ipAt = start + ETHERNET_LENGTH
    const fragment = view.getInt32(ipAt + 4) & 0x3fff
    const word = view.getInt32(ipAt + 8)
    const protocol = (word >>> 16) & 0xff
    if (fragment !== 0 || ipAt + view.getUint16(ipAt + 2) > end) return false
    const src = view.getInt32(ipAt + 12)
    const dst = view.getInt32(ipAt + 16)
    const ports = portsOf(view.getInt32(ipAt + 20), protocol)
    const key = this.#key
    if (!this.#begin(entry0, entry1, view, start, protocol, ports)) return false
    key[7] = src
    key[8] = dst
    this.#ttl = word >>> 24
    this.#words = WORDS4
    this.#hash = mix(mix(mix(mix(entry0, entry1), ports), src), dst)
    return true
  }

  #readKey6(entry0: number, entry1: number, view: DataView, start: number, end: number): boolean {
    const ipAt = start + ETHERNET_LENGTH
    const word = view.getInt32(ipAt + 4)
    const protocol = (word >>> 8) & 0xff
    if (end - ipAt < 44 || ipAt + 40 + (word >>> 16) > end) return false
    const upper = view.getInt32(ipAt + 40)
    // Neighbour and router discovery is answered by what stands in the message.
    if (protocol === IpProtocol.icmpv6 && upper >>> 24 >= 133 && upper >>> 24 <= 137) return false
    const ports = portsOf(upper, protocol)
    const key = this.#key
    if (!this.#begin(entry0, entry1, view, start, protocol, ports)) return false
    let hash = mix(mix(entry0, entry1), ports)
    for (let i = 0; i < 8; i++) {
      const lane = view.getInt32(ipAt + 8 + (i << 2))
      key[7 + i] = lane
      hash = mix(hash, lane)
    }
    this.#ttl = word & 0xff
    this.#words = WORDS6
    this.#hash = hash
    return true
  }

  /** The part of a key that both families share; false for group addresses and protocols without ports. */
  #begin(entry0: number, entry1: number, view: DataView, start: number, protocol: number, ports: number): boolean {
    const key = this.#key
    const mac0 = view.getInt32(start)
    if ((mac0 & 0x0100_0000) !== 0 || !hasPorts(protocol)) return false
    key[0] = mac0
    key[1] = view.getInt32(start + 4)
    key[2] = view.getInt32(start + 8)
    key[3] = entry0
    key[4] = entry1
    key[5] = protocol
    key[6] = ports
    return true
  }
}

/** Protocols whose flows are told apart by the first word behind the IP header. */
function hasPorts(protocol: number): boolean {
  return (
    protocol === IpProtocol.tcp ||
    protocol === IpProtocol.udp ||
    protocol === IpProtocol.icmp ||
    protocol === IpProtocol.icmpv6
  )
}

/** Ports, or ICMP type and code, of that word. */
function portsOf(word: number, protocol: number): number {
  return protocol === IpProtocol.tcp || protocol === IpProtocol.udp ? word : word >>> 16
}

function mix(hash: number, word: number): number {
  const h = Math.imul(hash ^ word, 0x9e37_79b1)
  return h ^ (h >>> 15)
}

function wordSum(word: number): number {
  return (word >>> 16) + (word & 0xffff)
}
