/**
 * Packets a second over the longest path of OVN-IC: a pod on a worker, its cluster's gateway, the other cluster's gateway, a pod on
 * a worker there. Four chassis, three Geneve encapsulations with outer UDP checksums, TTL 64 to 62, 98 bytes; event by event on
 * virtual time. Once through the data plane that scenarios run on, once through its vswitches and tunnels alone; the pods' network
 * stacks are left out of both, a sender and a counter stand for them.
 * `--flows N` sets the number of microflows; without it, 1, 16 and 1,000 are measured.
 */
import benny from 'benny'
import { inlineMore } from '../src/cli/jit.ts'
import { ControlPlane } from '../src/control/plane.ts'
import type { VswitchOutput } from '../src/forward/ovn/packet.ts'
import {
  decapsulate,
  encapsulate,
  type TunnelPath,
  tunnelMetadata,
  tunnelPath,
} from '../src/forward/ovn/tunnel.ts'
import { Vswitch } from '../src/forward/ovn/vswitch.ts'
import { buildFrame } from '../src/forward/walk-packet.ts'
import { loadScenarioText } from '../src/input/load.ts'
import type { ChassisState, Tunnel } from '../src/model/forwarding.ts'
import type { Cluster, Network, Node } from '../src/model/network.ts'
import { MICROSECOND, SECOND } from '../src/model/time.ts'
import { Random } from '../src/net/random.ts'
import { DataPlane } from '../src/run/data-plane.ts'
import { Clock } from '../src/sim/clock.ts'
import { type Frame, FramePool } from '../src/wire/frame.ts'

inlineMore()

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

/** What is measured: frames sent in, four a microsecond, until as many have come out. */
abstract class Path {
  readonly clock = new Clock(0)
  delivered = 0
  protected readonly network: Network
  protected readonly control: ControlPlane
  readonly #originals: readonly Uint8Array[]
  #sent = 0
  #wanted = 0

  constructor(flows: number) {
    const { scenario, diagnostics } = loadScenarioText(JSON.stringify(SCENARIO), 'path.json', {})
    if (scenario === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'))
    this.network = scenario.network
    this.control = new ControlPlane(this.network, {
      clock: this.clock,
      random: new Random(1),
      log: () => {},
      // One gateway each: no BFD runs.
      sendBfd: () => {},
      changed: () => {},
    })
    this.control.start()
    this.clock.runUntil(5 * SECOND)
    const [from, to] = this.network.clusters as [Cluster, Cluster]
    this.#originals = Array.from({ length: flows }, (_, i) => packet(from, to, i))
  }

  protected abstract take(): Frame
  protected abstract send(frame: Frame): void

  /** Looks at what came out. */
  protected arrived(frame: Frame): void {
    if (frame.length !== 98 || frame.view.getUint8(frame.start + TTL_AT) !== 62)
      throw new Error('not as it should be')
    this.delivered++
  }

  run(packets: number): void {
    this.#wanted = this.#sent + packets
    const target = this.delivered + packets
    this.clock.after(0, this.#tick, undefined)
    while (this.delivered < target) this.clock.runUntil(this.clock.now + 100 * MICROSECOND)
  }

  readonly #tick = (): void => {
    for (let i = 0; i < 4 && this.#sent < this.#wanted; i++) {
      const frame = this.take()
      frame.copyFrom(this.#originals[this.#sent++ % this.#originals.length]!)
      this.send(frame)
    }
    if (this.#sent < this.#wanted) this.clock.after(MICROSECOND, this.#tick, undefined)
  }
}

/** The data plane of a scenario: links with MTU, loss and carrier, captures that could be on, ports that could go. */
class WholePath extends Path {
  readonly #data: DataPlane
  readonly #out: (frame: Frame) => void

  constructor(flows: number) {
    super(flows)
    this.#data = new DataPlane(this.network, this.clock, new Random(1), this.control, {
      packetsMax: Number.MAX_SAFE_INTEGER,
      dropped: (drop) => {
        throw new Error(drop.reason)
      },
    })
    const [from, to] = this.network.clusters as [Cluster, Cluster]
    this.#out = this.#plug(from, () => {})
    this.#plug(to, (frame) => this.arrived(frame))
  }

  protected override take(): Frame {
    return this.#data.pool.take()
  }

  protected override send(frame: Frame): void {
    this.#out(frame)
  }

  #plug(cluster: Cluster, receive: (frame: Frame) => void): (frame: Frame) => void {
    const [pod] = cluster.pods
    return this.#data.plug(cluster.id, pod!.node, pod!.lsp, `${cluster.id}/pod`, (frame) => {
      receive(frame)
      this.#data.pool.give(frame)
    })
  }
}

/** The same vswitches and tunnels on the same clock, with wires between them that know nothing but a latency. */
class BarePath extends Path {
  readonly #pool = new FramePool()
  readonly #metadata = tunnelMetadata()
  readonly #wires = new Map<string, (frame: Frame) => void>()
  readonly #first: Vswitch
  readonly #state: ChassisState
  readonly #lsp: string

  constructor(flows: number) {
    super(flows)
    const nodes = this.network.clusters.flatMap(({ id, nodes }) =>
      nodes.map((node) => ({ key: `${id}/${node.name}`, node })),
    )
    const vswitches = nodes.map(({ key, node }) => {
      const { state } = this.control.chassis(key)!
      const vswitch = new Vswitch(this.#output(nodes.map((other) => other.node)))
      this.#wires.set(
        node.chassis,
        this.clock.lane(10 * MICROSECOND, (frame: Frame) => {
          const metadata = this.#metadata
          if (!decapsulate(frame, metadata)) throw new Error('no tunnel packet')
          const { vni, ingressKey, egressKey, innerSum } = metadata
          vswitch.receiveFromTunnel(state, vni, ingressKey, egressKey, frame, undefined, innerSum)
        }),
      )
      return { key, vswitch, state }
    })
    const [pod] = this.network.clusters[0]!.pods
    const first = vswitches.find(({ key }) => key === `az1/${pod!.node}`)!
    this.#first = first.vswitch
    this.#state = first.state
    this.#lsp = pod!.lsp
  }

  protected override take(): Frame {
    return this.#pool.take()
  }

  protected override send(frame: Frame): void {
    this.#first.receiveFromVif(this.#state, this.#lsp, frame)
  }

  #output(nodes: readonly Node[]): VswitchOutput {
    let last:
      | { readonly tunnel: Tunnel; readonly path: TunnelPath; readonly wire: (frame: Frame) => void }
      | undefined
    return {
      toVif: (_chassis, _port, frame) => {
        this.arrived(frame)
        this.#pool.give(frame)
      },
      toTunnel: (chassis, tunnel, vni, ingressKey, egressKey, frame, sourcePort, innerSum) => {
        if (last?.tunnel !== tunnel) {
          const remote = nodes.find((node) => node.chassis === tunnel.chassis)!
          const path = tunnelPath(chassis.encapIp, chassis.underlayMac, tunnel.remoteIp, remote.underlayMac)
          last = { tunnel, path, wire: this.#wires.get(tunnel.chassis)! }
        }
        encapsulate(frame, last.path, vni, ingressKey, egressKey, sourcePort, innerSum)
        last.wire(frame)
      },
      dropped: (drop) => {
        throw new Error(drop.reason)
      },
    }
  }
}

const KINDS = [
  { name: 'data plane of a scenario', make: (flows: number): Path => new WholePath(flows) },
  { name: 'vswitches and tunnels alone', make: (flows: number): Path => new BarePath(flows) },
]

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
  // By turns, so that load on the machine falls on both.
  const paths = KINDS.map(({ make }) => make(flows))
  for (const path of paths) path.run(packetsARound / 10)
  const figures = paths.map(() => [] as { cpu: number; wall: number; event: number }[])
  for (let round = 0; round < rounds; round++) {
    for (const [i, path] of paths.entries()) {
      const { events } = path.clock
      const cpu = process.cpuUsage()
      const began = performance.now()
      path.run(packetsARound)
      const wall = (performance.now() - began) / 1000
      const { user, system } = process.cpuUsage(cpu)
      const seconds = (user + system) / 1e6
      const event = (seconds * 1e9) / (path.clock.events - events)
      figures[i]!.push({ cpu: packetsARound / seconds, wall: packetsARound / wall, event })
    }
  }
  for (const [i, { name }] of KINDS.entries()) {
    const { cpu, wall, event } = figures[i]!.sort((a, b) => a.cpu - b.cpu)[rounds >> 1]!
    console.log(
      `${name}, ${flows} flows: ${(cpu / 1e6).toFixed(2)} million packets a second of CPU time (${(wall / 1e6).toFixed(2)} of wall ` +
        `time), ${event.toFixed(0)} ns an event; median of ${rounds} rounds of ${packetsARound.toLocaleString('en')} packets`,
    )
  }
}

const batch = short ? 1_000 : 20_000
await benny.suite(
  `pod to gateway to gateway to pod, 16 flows, ${batch} packets an operation`,
  ...KINDS.map(({ name, make }) =>
    benny.add(name, () => {
      const path = make(16)
      return () => path.run(batch)
    }),
  ),
  benny.cycle(
    (result) =>
      `${result.name}: ${((result.ops * batch) / 1e6).toFixed(2)} million packets a second of wall time, ± ${result.margin} %`,
  ),
)
