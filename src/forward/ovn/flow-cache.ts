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
import { hasKey, hasPorts, type Microflow, mix, portsOf, WORDS4, WORDS6, wordSum } from './microflow.ts'
import type { Learner, Packet, VswitchOutput } from './packet.ts'

const SLOTS_FIRST = 64
const SLOTS_MAX = 65_536

/** The microflows of one chassis. It forgets all of them when it meets another `ChassisState`. */
export class FlowCache implements Learner {
  #state: ChassisState | undefined
  #slots = SLOTS_FIRST
  #size = 0
  #flows: (Microflow | undefined)[] = new Array<Microflow | undefined>(SLOTS_FIRST).fill(undefined)
  /** The key of the frame at hand; `#words` is 0 when it has none. */
  readonly #key = new Int32Array(WORDS6)
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
    let flow: Microflow | undefined
    if (head >> 8 === 0x08_0045) flow = this.#lookup4(entry0, entry1, view, start, end)
    else if (head >>> 12 === 0x86dd6) flow = this.#lookup6(entry0, entry1, view, start, end)
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
      output.toTunnel(
        state,
        flow.tunnel,
        flow.vni,
        flow.ingressKey,
        flow.egressKey,
        frame,
        flow.sourcePort,
        sum,
      )
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
    this.#flows[slot] = {
      words: this.#words,
      hash: this.#hash,
      k0: key[0]!,
      k1: key[1]!,
      k2: key[2]!,
      k3: key[3]!,
      k4: key[4]!,
      k5: key[5]!,
      k6: key[6]!,
      k7: key[7]!,
      k8: key[8]!,
      rest: this.#words === WORDS6 ? key.slice(WORDS4) : undefined,
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
    const full = this.#slots >= SLOTS_MAX
    if (!full) this.#slots *= 2
    this.#flows = new Array<Microflow | undefined>(this.#slots).fill(undefined)
    if (full) {
      this.#size = 0
      return
    }
    const last = this.#slots - 1
    for (const flow of flows) {
      if (flow === undefined) continue
      let slot = flow.hash & last
      while (this.#flows[slot] !== undefined) slot = (slot + 1) & last
      this.#flows[slot] = flow
    }
  }

  /** The slot of the key at hand, or the free slot where the search ends. */
  #find(): number {
    const key = this.#key
    const last = this.#slots - 1
    let slot = this.#hash & last
    for (let flow = this.#flows[slot]; flow !== undefined; flow = this.#flows[slot]) {
      if (flow.hash === this.#hash && hasKey(flow, key, this.#words)) return slot
      slot = (slot + 1) & last
    }
    return slot
  }

  /** The flow of an IPv4 frame; without one, the key is kept for learning, unless the frame always takes the pipelines. */
  #lookup4(
    entry0: number,
    entry1: number,
    view: DataView,
    start: number,
    end: number,
  ): Microflow | undefined {
    const ipAt = start + ETHERNET_LENGTH
    const mac0 = view.getInt32(start)
    const word = view.getInt32(ipAt + 8)
    const protocol = (word >>> 16) & 0xff
    if ((mac0 & 0x0100_0000) !== 0 || (view.getInt32(ipAt + 4) & 0x3fff) !== 0 || !hasPorts(protocol))
      return undefined
    if (ipAt + view.getUint16(ipAt + 2) > end) return undefined
    const mac1 = view.getInt32(start + 4)
    const mac2 = view.getInt32(start + 8)
    const src = view.getInt32(ipAt + 12)
    const dst = view.getInt32(ipAt + 16)
    const ports = portsOf(view.getInt32(ipAt + 20), protocol)
    const hash = mix(mix(mix(entry0 ^ dst, entry1), ports), src)
    this.#ttl = word >>> 24
    const flows = this.#flows
    const last = this.#slots - 1
    let slot = hash & last
    for (let flow = flows[slot]; flow !== undefined; flow = flows[slot]) {
      if (
        flow.hash === hash &&
        flow.k8 === dst &&
        flow.k7 === src &&
        flow.k6 === ports &&
        flow.k5 === protocol &&
        flow.k4 === entry1 &&
        flow.k3 === entry0 &&
        flow.k2 === mac2 &&
        flow.k1 === mac1 &&
        flow.k0 === mac0 &&
        flow.words === WORDS4
      ) {
        return flow
      }
      slot = (slot + 1) & last
    }
    this.#keep(mac0, mac1, mac2, entry0, entry1, protocol, ports)
    this.#key[7] = src
    this.#key[8] = dst
    this.#words = WORDS4
    this.#hash = hash
    return undefined
  }

  /** The same for IPv6. */
  #lookup6(
    entry0: number,
    entry1: number,
    view: DataView,
    start: number,
    end: number,
  ): Microflow | undefined {
    const ipAt = start + ETHERNET_LENGTH
    const mac0 = view.getInt32(start)
    const word = view.getInt32(ipAt + 4)
    const protocol = (word >>> 8) & 0xff
    if ((mac0 & 0x0100_0000) !== 0 || end - ipAt < 44 || !hasPorts(protocol)) return undefined
    if (ipAt + 40 + (word >>> 16) > end) return undefined
    const upper = view.getInt32(ipAt + 40)
    // Neighbour and router discovery is answered by what stands in the message.
    if (protocol === IpProtocol.icmpv6 && upper >>> 24 >= 133 && upper >>> 24 <= 137) return undefined
    const ports = portsOf(upper, protocol)
    let hash = mix(mix(entry0, entry1), ports)
    for (let i = 0; i < 8; i++) {
      const lane = view.getInt32(ipAt + 8 + (i << 2))
      this.#key[7 + i] = lane
      hash = mix(hash, lane)
    }
    this.#keep(mac0, view.getInt32(start + 4), view.getInt32(start + 8), entry0, entry1, protocol, ports)
    this.#ttl = word & 0xff
    this.#words = WORDS6
    this.#hash = hash
    return this.#flows[this.#find()]
  }

  #keep(
    mac0: number,
    mac1: number,
    mac2: number,
    entry0: number,
    entry1: number,
    protocol: number,
    ports: number,
  ): void {
    const key = this.#key
    key[0] = mac0
    key[1] = mac1
    key[2] = mac2
    key[3] = entry0
    key[4] = entry1
    key[5] = protocol
    key[6] = ports
  }
}
