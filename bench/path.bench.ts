/**
 * Packets a second over the longest path of OVN-IC: a pod on a worker, its cluster's gateway, the other cluster's gateway, a pod on
 * a worker there. Four chassis, three Geneve encapsulations with outer UDP checksums, TTL 64 to 62, 98 bytes; event by event on
 * virtual time, through the data plane that scenarios run on: vswitches, tunnels, underlay links. Only the pods' network stacks
 * are left out, a sender and a counter stand for them.
 * `--flows N` sets the number of microflows; without it, 1, 16 and 1,000 are measured.
 */
import benny from 'benny'
import { ControlPlane } from '../src/control/plane.ts'
import { buildFrame } from '../src/forward/walk-packet.ts'
import { loadScenarioText } from '../src/input/load.ts'
import type { Cluster } from '../src/model/network.ts'
import { MICROSECOND, SECOND } from '../src/model/time.ts'
import { Random } from '../src/net/random.ts'
import { DataPlane } from '../src/run/data-plane.ts'
import { Clock } from '../src/sim/clock.ts'
import type { Frame } from '../src/wire/frame.ts'

const short = process.argv.includes('--short')
const flowsGiven = process.argv.indexOf('--flows')
const flowCounts = flowsGiven > 0 ? [Number(process.argv[flowsGiven + 1])] : short ? [16] : [1, 16, 1000]
const packetsARound = short ? 20_000 : 2_000_000
const rounds = short ? 1 : 5

const SCENARIO = {
  isthmus: 1,
  name: 'four chassis',
  interconnect: { 'ovn-ic': { transitSwitches: [{ name: 'ts', subnets: '169.254.100.0/24' }] } },
  clusters: Object.fromEntries(
    [1, 2].map((n) => [
      `az${n}`,
      {
        nodes: { [`az${n}-gw`]: `192.168.42.${n}1`, [`az${n}-w`]: `192.168.42.${n}2` },
        gateways: [`az${n}-gw`],
        autoRoute: true,
        subnets: { net: `10.${15 + n}.0.0/16` },
        pods: { pod: { node: `az${n}-w`, subnet: 'net', ip: `10.${15 + n}.0.10` } },
        transitPorts: { ts: { ip: `169.254.100.${n}` } },
      },
    ]),
  ),
  underlay: { latency: '10us' },
}

/** Where the TTL stands in an Ethernet frame with IPv4. */
const TTL_AT = 22

/** A converged network with `flows` microflows from one pod to the other. */
class Path {
  delivered = 0
  readonly clock = new Clock(0)
  readonly data: DataPlane
  readonly #originals: readonly Uint8Array[]
  readonly #send: (frame: Frame) => void
  #sent = 0
  #wanted = 0

  constructor(flows: number) {
    const { scenario, diagnostics } = loadScenarioText(JSON.stringify(SCENARIO), 'path.json', {})
    if (scenario === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'))
    const { network } = scenario
    const random = new Random(1)
    const control = new ControlPlane(network, {
      clock: this.clock,
      random,
      log: () => {},
      sendBfd: (key, remoteIp, message) => this.data.sendBfd(key, remoteIp, message),
      changed: () => {},
    })
    this.data = new DataPlane(network, this.clock, random, control, {
      packetsMax: Number.MAX_SAFE_INTEGER,
      dropped: (drop) => {
        throw new Error(drop.reason)
      },
    })
    control.start()
    this.clock.runUntil(5 * SECOND)
    const [from, to] = network.clusters as [Cluster, Cluster]
    this.#send = this.#plug(from, () => {})
    this.#plug(to, (frame) => {
      if (frame.length !== 98 || frame.view.getUint8(frame.start + TTL_AT) !== 62) throw new Error('not as it should be')
      this.delivered++
    })
    this.#originals = Array.from({ length: flows }, (_, i) => packet(from, to, i))
  }

  /** Sends packets, four a microsecond, and runs until all have arrived. */
  run(packets: number): number {
    this.#wanted = this.#sent + packets
    const target = this.delivered + packets
    this.clock.after(0, this.#tick, undefined)
    while (this.delivered < target) this.clock.runUntil(this.clock.now + 100 * MICROSECOND)
    return this.delivered
  }

  readonly #tick = (): void => {
    const { pool } = this.data
    for (let i = 0; i < 4 && this.#sent < this.#wanted; i++) {
      const frame = pool.take()
      frame.copyFrom(this.#originals[this.#sent++ % this.#originals.length]!)
      this.#send(frame)
    }
    if (this.#sent < this.#wanted) this.clock.after(MICROSECOND, this.#tick, undefined)
  }

  #plug(cluster: Cluster, receive: (frame: Frame) => void): (frame: Frame) => void {
    const [pod] = cluster.pods
    return this.data.plug(cluster.id, pod!.node, pod!.lsp, `${cluster.id}/pod`, (frame) => {
      receive(frame)
      this.data.pool.give(frame)
    })
  }
}

/** The bytes of one microflow: ICMP and UDP by turns. */
function packet(from: Cluster, to: Cluster, i: number): Uint8Array {
  const [pod] = from.pods
  const [subnet] = from.subnets
  const headers = {
    ethSrc: pod!.mac,
    ethDst: subnet!.mac,
    src: pod!.ips[0]!,
    dst: to.pods[0]!.ips[0]!,
    ttl: 64,
    tos: 0,
    dontFragment: true,
  }
  return buildFrame(
    headers,
    i % 2 === 1
      ? { kind: 'udp', sourcePort: 1000 + i, destinationPort: 53, size: 56 }
      : { kind: 'echo-request', id: i, seq: 1, size: 56 },
  )
    .payload()
    .slice()
}

for (const flows of flowCounts) {
  const path = new Path(flows)
  path.run(packetsARound / 10)
  const figures: { cpu: number; wall: number; event: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const events = path.clock.events
    const cpu = process.cpuUsage()
    const began = performance.now()
    path.run(packetsARound)
    const wall = (performance.now() - began) / 1000
    const { user, system } = process.cpuUsage(cpu)
    const seconds = (user + system) / 1e6
    figures.push({ cpu: packetsARound / seconds, wall: packetsARound / wall, event: (seconds * 1e9) / (path.clock.events - events) })
  }
  const { cpu, wall, event } = figures.sort((a, b) => a.cpu - b.cpu)[figures.length >> 1]!
  console.log(
    `${flows} flows: ${(cpu / 1e6).toFixed(2)} million packets a second of CPU time (${(wall / 1e6).toFixed(2)} of wall time), ` +
      `${event.toFixed(0)} ns an event; median of ${rounds} rounds of ${packetsARound.toLocaleString('en')} packets`,
  )
}

const batch = short ? 1_000 : 20_000
await benny.suite(
  `pod to gateway to gateway to pod, ${batch} packets an operation`,
  ...flowCounts.map((flows) =>
    benny.add(`${flows} flows`, () => {
      const path = new Path(flows)
      return () => {
        path.run(batch)
      }
    }),
  ),
  benny.cycle((result) => `${result.name}: ${((result.ops * batch) / 1e6).toFixed(2)} million packets a second of wall time, ± ${result.margin} %`),
)
