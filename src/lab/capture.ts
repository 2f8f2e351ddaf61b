/**
 * Captures of a running lab: one dumpcap on the bridge's ports (what each node sends, as it enters the wire, and what gets to it) and
 * one on each pod. Packets are read back in the model's types when the run is over.
 * Surprise: a bridge drops what is too long for a port before a capture there sees it, so a packet that is seen going to a node arrives.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Network } from '../model/network.ts'
import type { UnderlayPacket } from '../model/observation.ts'
import type { Nanos } from '../model/time.ts'
import { formatIp } from '../net/ip.ts'
import { formatMac } from '../net/mac.ts'
import { decodeFrame } from '../wire/decode.ts'
import { type CapturedPacket, readCapture } from '../wire/pcap-reader.ts'
import type { Names } from './names.ts'
import { insideArgv } from './plan/steps.ts'
import type { Processes } from './process.ts'

/** One interface to capture on, with a filter. */
interface Tap {
  readonly port: string
  readonly filter: string
}

/** A capture under way. */
export class Tapping {
  readonly path: string
  readonly #child: ChildProcess

  private constructor(path: string, child: ChildProcess) {
    this.path = path
    this.#child = child
  }

  /** Starts to capture; resolves as soon as packets are seen. */
  static async start(
    processes: Processes,
    namespace: string,
    path: string,
    taps: readonly Tap[],
  ): Promise<Tapping> {
    const words = taps.flatMap(({ port, filter }) => ['-i', port, '-f', filter])
    const child = processes.start({
      argv: insideArgv(namespace, ['dumpcap', '-q', '-n', ...words, '-w', path]),
    })
    const told = await new Promise<string>((resolve) => {
      let text = ''
      child.stderr?.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (/^File: /m.test(text)) resolve('')
      })
      child.on('close', () => resolve(text.trim()))
      child.on('error', (error) => resolve(error.message))
    })
    if (told !== '') throw new Error(`dumpcap: ${told.split('\n').at(-1)}`)
    return new Tapping(path, child)
  }

  /** Ends the capture and reads it. */
  async stop(): Promise<ReturnType<typeof readCapture>> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGINT')
      await once(this.#child, 'close')
    }
    return existsSync(this.path) ? readCapture(readFileSync(this.path)) : undefined
  }
}

/** What every node puts on the wire and gets from it; frames that the bridge floods to everybody are left out. */
export function tapUnderlay(processes: Processes, names: Names, network: Network): Promise<Tapping> {
  const taps = network.clusters.flatMap((cluster) =>
    cluster.nodes.map((node) => ({
      port: names.node(cluster, node).port,
      filter: `ether host ${formatMac(node.underlayMac)}`,
    })),
  )
  return Tapping.start(processes, names.underlay, join(names.folder, 'underlay.pcapng'), taps)
}

/** All that a pod sends and gets; `time` counts the captures of a pod that comes again. */
export function tapPod(processes: Processes, names: Names, key: string, time: number): Promise<Tapping> {
  const namespace = names.pod(key)
  return Tapping.start(processes, namespace, join(names.folder, `${namespace}-${time}.pcapng`), [
    { port: 'eth0', filter: 'arp or ip or ip6' },
  ])
}

/** The moment a run counts from, as seconds and nanoseconds of the wall clock. */
export interface Zero {
  readonly seconds: number
  readonly nanos: number
}

/** Time zero from milliseconds since 1970. */
export function zeroOf(milliseconds: number): Zero {
  const seconds = Math.floor(milliseconds / 1000)
  return { seconds, nanos: Math.round((milliseconds - seconds * 1000) * 1e6) }
}

/** When a packet was captured, counted from time zero. */
export function sinceZero({ seconds, nanos }: Pick<CapturedPacket, 'seconds' | 'nanos'>, zero: Zero): Nanos {
  return (seconds - zero.seconds) * 1e9 + nanos - zero.nanos
}

/** Packets of the underlay, in the order of their times. */
export interface UnderlayCaptured {
  /** As nodes put them on the wire. */
  readonly sent: readonly UnderlayPacket[]
  /** As they got to the port of the node they are for. */
  readonly arrived: readonly UnderlayPacket[]
}

/** Sorts a capture by who sent what to whom; packets to no node (ARP to all) are left out. */
export function underlayPackets(
  capture: ReturnType<typeof readCapture>,
  names: Names,
  network: Network,
  zero: Zero,
): UnderlayCaptured {
  const byPort = new Map<string, string>()
  for (const [key, { port }] of names.nodes) byPort.set(port, key)
  const byAddress = new Map(
    network.clusters.flatMap((cluster) =>
      cluster.nodes.map((node) => [formatIp(node.encapIp), `${cluster.id}/${node.name}`] as const),
    ),
  )
  const sent: UnderlayPacket[] = []
  const arrived: UnderlayPacket[] = []
  for (const packet of capture?.packets ?? []) {
    const vantage = byPort.get(capture?.interfaces[packet.interfaceId]?.name ?? '')
    const [from, to] = endsOf(packet.bytes).map((address) => byAddress.get(address))
    const at = sinceZero(packet, zero)
    // Captures begin a little before time zero.
    if (from === undefined || to === undefined || at < 0) continue
    const one = { at, from, to, bytes: packet.bytes }
    if (vantage === from) sent.push(one)
    else if (vantage === to) arrived.push(one)
  }
  return { sent: sent.sort((a, b) => a.at - b.at), arrived: arrived.sort((a, b) => a.at - b.at) }
}

/** Outer addresses. */
function endsOf(bytes: Uint8Array): [source: string, destination: string] {
  const { layers } = decodeFrame(
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    0,
    bytes.length,
  )
  const ip = layers.find((layer) => layer.kind === 'ipv4' || layer.kind === 'ipv6')
  return ip === undefined ? ['', ''] : [formatIp(ip.repr.src), formatIp(ip.repr.dst)]
}
