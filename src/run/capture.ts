/**
 * The capture of a run: one pcapng file, an interface per vantage (every pod's port, every node's underlay port), virtual time in
 * nanoseconds since time zero, names of pods and nodes, and on each packet a comment that says what the chassis did with it.
 *
 * A packet is written when it is known what became of it, which is after the packets it caused were seen; `open` keeps its place.
 */
import type { Network } from '../model/network.ts'
import type { Nanos } from '../model/time.ts'
import { formatIp, type Ip } from '../net/ip.ts'
import type { Frame } from '../wire/frame.ts'
import { type ByteSink, type CaptureName, Direction, PcapngWriter } from '../wire/pcapng.ts'

/** A packet at a vantage. */
export interface Seen {
  readonly vantage: number
  readonly at: Nanos
  readonly bytes: Uint8Array
  readonly direction: 1 | 2
  /** Undefined while it is not known what becomes of the packet. */
  comment: string | undefined
}

export class Capture {
  readonly #writer: PcapngWriter
  readonly #vantages = new Map<string, number>()
  /** Seen and not written yet, in the order in which they were seen. */
  readonly #waiting: Seen[] = []

  constructor(sink: ByteSink, network: Network, application: string) {
    this.#writer = new PcapngWriter(sink, application)
    this.#writer.addNames(captureNames(network))
    for (const cluster of network.clusters) {
      for (const node of cluster.nodes)
        this.#vantage(
          `${cluster.id}/${node.name}`,
          `underlay port of node ${node.name}, ${formatIp(node.encapIp)}`,
        )
      for (const pod of cluster.pods)
        this.#vantage(
          `${cluster.id}/${pod.name}`,
          `port of pod ${pod.name} on ${pod.node}, ${pod.ips.map(formatIp).join(' ')}`,
        )
    }
  }

  /** Packets written so far. */
  get packets(): number {
    return this.#writer.packets
  }

  /** A packet is seen now; what becomes of it is told to `close`. The bytes are copied. */
  open(vantage: string, at: Nanos, frame: Frame, direction: 'in' | 'out'): Seen {
    const seen: Seen = {
      vantage: this.#vantage(vantage, ''),
      at,
      bytes: frame.bytes.slice(frame.start, frame.end),
      direction: direction === 'in' ? Direction.inbound : Direction.outbound,
      comment: undefined,
    }
    this.#waiting.push(seen)
    return seen
  }

  /** What became of a packet; it is written as soon as that is known of all packets seen before it. */
  close(seen: Seen, comment: string): void {
    seen.comment = comment
    if (this.#waiting[0] === seen) this.#write()
  }

  /** A packet is seen that needs no comment. */
  add(vantage: string, at: Nanos, frame: Frame, direction: 'in' | 'out'): void {
    this.close(this.open(vantage, at, frame, direction), '')
  }

  /** Writes what is left: packets still on their way have no comment. */
  finish(): void {
    for (const seen of this.#waiting) seen.comment ??= ''
    this.#write()
    this.#writer.flush()
  }

  #write(): void {
    let written = 0
    for (const { vantage, at, bytes, direction, comment } of this.#waiting) {
      if (comment === undefined) break
      this.#writer.packet(vantage, at, bytes, 0, bytes.length, direction, comment)
      written++
    }
    this.#waiting.splice(0, written)
  }

  #vantage(name: string, description: string): number {
    const known = this.#vantages.get(name)
    if (known !== undefined) return known
    const number = this.#writer.addInterface({ name, ...(description === '' ? {} : { description }) })
    this.#vantages.set(name, number)
    return number
  }
}

/** `web.az1`, `az1-gw1.az1`; an address that several clusters use gets all their names. */
function captureNames(network: Network): CaptureName[] {
  const names = new Map<string, { ip: Ip; name: string }>()
  const add = (ip: Ip, name: string): void => {
    const key = formatIp(ip)
    const known = names.get(key)
    names.set(key, { ip, name: known === undefined ? name : `${known.name}|${name}` })
  }
  for (const cluster of network.clusters) {
    for (const node of cluster.nodes) add(node.encapIp, `${node.name}.${cluster.id}`)
    for (const pod of cluster.pods) for (const ip of pod.ips) add(ip, `${pod.name}.${cluster.id}`)
    for (const subnet of cluster.subnets)
      for (const gateway of subnet.gateways) add(gateway.ip, `${subnet.lrp}.${cluster.id}`)
    for (const port of cluster.transitPorts)
      for (const network of port.networks) add(network.ip, `${port.lrp}.${cluster.id}`)
  }
  return [...names.values()]
}
