/**
 * Captures of a running lab: dumpcap on the bridge's ports (what each node sends, as it enters the wire) and on the pods that send.
 * Packets are read back in the model's types when the run is over.
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
    if (this.#child.exitCode === null) {
      this.#child.kill('SIGINT')
      await once(this.#child, 'close')
    }
    return existsSync(this.path) ? readCapture(readFileSync(this.path)) : undefined
  }
}

/** What every node puts on the wire. */
export function tapUnderlay(processes: Processes, names: Names, network: Network): Promise<Tapping> {
  const taps = network.clusters.flatMap((cluster) =>
    cluster.nodes.map((node) => ({
      port: names.node(cluster, node).port,
      filter: `ether src ${formatMac(node.underlayMac)}`,
    })),
  )
  return Tapping.start(processes, names.underlay, join(names.folder, 'underlay.pcapng'), taps)
}

/** All that a pod sends and gets. */
export function tapPod(processes: Processes, names: Names, key: string): Promise<Tapping> {
  const namespace = names.pod(key)
  return Tapping.start(processes, namespace, join(names.folder, `${namespace}.pcapng`), [
    { port: 'eth0', filter: 'ip or ip6' },
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

/** The underlay's packets in the order of their times; packets to no node (ARP to all) are left out. */
export function underlayPackets(
  capture: ReturnType<typeof readCapture>,
  names: Names,
  network: Network,
  zero: Zero,
): UnderlayPacket[] {
  const byPort = new Map<string, string>()
  for (const [key, { port }] of names.nodes) byPort.set(port, key)
  const byAddress = new Map(
    network.clusters.flatMap((cluster) =>
      cluster.nodes.map((node) => [formatIp(node.encapIp), `${cluster.id}/${node.name}`] as const),
    ),
  )
  const packets: UnderlayPacket[] = []
  for (const packet of capture?.packets ?? []) {
    const from = byPort.get(capture?.interfaces[packet.interfaceId]?.name ?? '')
    const to = byAddress.get(destinationOf(packet.bytes))
    const at = sinceZero(packet, zero)
    // Captures begin a little before time zero.
    if (from !== undefined && to !== undefined && at >= 0) packets.push({ at, from, to, bytes: packet.bytes })
  }
  return packets.sort((a, b) => a.at - b.at)
}

function destinationOf(bytes: Uint8Array): string {
  const { layers } = decodeFrame(
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    0,
    bytes.length,
  )
  const ip = layers.find((layer) => layer.kind === 'ipv4' || layer.kind === 'ipv6')
  return ip === undefined ? '' : formatIp(ip.repr.dst)
}
