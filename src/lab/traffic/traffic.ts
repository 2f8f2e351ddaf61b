/**
 * Sends a scenario's traffic out of real pods: echo servers first, a capture on every pod, then each probe at its time. The results are
 * put together when the run is over, because captures are read as a whole.
 */
import type { Network, Pod } from '../../model/network.ts'
import type { Traffic, TrafficResult } from '../../model/traffic.ts'
import { formatIp } from '../../net/ip.ts'
import { sinceZero, type Tapping, tapPod, type Zero } from '../capture.ts'
import type { Names } from '../names.ts'
import { insideArgv } from '../plan/steps.ts'
import { type Ended, outcome, type Processes } from '../process.ts'
import { echoServerArgv, pingArgv, scriptArgv, traceEchoArgv } from './programs.ts'
import { type Answer, answersOf, type PodPacket, podPacket, resultOf, type Said } from './result.ts'

/** Identifiers of echo requests begin here; every probe has its own, so that a capture tells them apart. */
const FIRST_ID = 2000
/** Source ports of UDP traceroutes begin here, 256 apart. */
const FIRST_TRACE_PORT = 40_000

interface Sent {
  readonly traffic: Traffic
  readonly pod: Pod
  readonly key: string
  readonly icmpId: number | undefined
  readonly said: Promise<Said>
}

/** A script that has been started and begins when its input ends. */
interface Held {
  readonly begin: () => void
  readonly ended: Promise<Ended>
}

interface Ports {
  readonly udp: Set<number>
  readonly tcp: Set<number>
}

/** The traffic of one lab. */
export class LabTraffic {
  readonly #processes: Processes
  readonly #names: Names
  readonly #pods: ReadonlyMap<string, Pod>
  readonly #macs: ReadonlyMap<string, number>
  readonly #taps: { readonly key: string; readonly tapping: Tapping }[] = []
  readonly #services = new Map<string, Ports>()
  readonly #sent: Sent[] = []
  /** Scripts that wait for their moment. */
  readonly #held = new Map<Traffic, Held>()
  /** Packets of the pods, by `cluster/pod`; filled by `results`. */
  readonly packets = new Map<string, PodPacket[]>()
  /** What each request of a probe got back, by the probe's name; filled by `results`. */
  readonly answers = new Map<string, readonly Answer[]>()
  #next = 0

  /** `pods` are all pods that ever exist, by `cluster/pod`; `macs` are the addresses of nodes' own ports. */
  constructor(
    processes: Processes,
    names: Names,
    pods: ReadonlyMap<string, Pod>,
    macs: ReadonlyMap<string, number>,
  ) {
    this.#processes = processes
    this.#macs = macs
    this.#names = names
    this.#pods = pods
  }

  /** Opens echo services and captures on all pods that exist by now, starts the scripts that will send; resolves when all are ready. */
  async prepare(traffic: readonly Traffic[], pods: readonly string[]): Promise<void> {
    for (const one of traffic) {
      if ((one.kind !== 'udp' && one.kind !== 'tcp') || one.to === undefined) continue
      const key = `${one.to.cluster}/${one.to.pod}`
      const ports = this.#services.get(key) ?? { udp: new Set(), tcp: new Set() }
      ports[one.kind].add(one.destinationPort)
      this.#services.set(key, ports)
    }
    const now = new Set(pods)
    await Promise.all([
      ...pods.map((key) => this.begin(key)),
      ...traffic.map(async (one, number) => {
        if (now.has(`${one.from.cluster}/${one.from.pod}`)) await this.#hold(one, number)
      }),
    ])
  }

  /** Begins to capture on a pod, and opens the services that it has. */
  async begin(key: string): Promise<void> {
    const ports = this.#services.get(key)
    const [tapping] = await Promise.all([
      tapPod(this.#processes, this.#names, key, this.#taps.length),
      ...(ports === undefined ? [] : [this.#serve(key, [...ports.udp], [...ports.tcp])]),
    ])
    this.#taps.push({ key, tapping })
  }

  async #serve(key: string, udp: readonly number[], tcp: readonly number[]): Promise<void> {
    const child = this.#processes.start({ argv: insideArgv(this.#names.pod(key), echoServerArgv(udp, tcp)) })
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve())
      child.once('close', (code) => reject(new Error(`the echo server of ${key} ended with ${code}`)))
    })
  }

  /** Starts the script of a probe, unless it is one for ping; resolves when it is ready to begin. */
  async #hold(traffic: Traffic, number: number): Promise<Held | undefined> {
    const argv = scriptArgv(traffic, FIRST_TRACE_PORT + 256 * (number % 80))
    if (argv === undefined) return undefined
    const namespace = this.#names.pod(`${traffic.from.cluster}/${traffic.from.pod}`)
    const child = this.#processes.start({ argv: insideArgv(namespace, argv), hold: true })
    const held = { begin: () => void child.stdin?.end(), ended: outcome(child) }
    this.#held.set(traffic, held)
    await Promise.race([new Promise((resolve) => child.stdout?.once('data', resolve)), held.ended])
    return held
  }

  /** Begins the script of a probe, and says what it printed; that of a pod which was added later is started now. */
  async #begin(traffic: Traffic, number: number): Promise<string> {
    const held = this.#held.get(traffic) ?? (await this.#hold(traffic, number))
    held?.begin()
    return (await held?.ended)?.stdout ?? ''
  }

  /** MAC address of a pod or of a node's own port, to tell its packets from those it gets. */
  macOf(key: string): number | undefined {
    return this.#pods.get(key)?.mac ?? this.#macs.get(key)
  }

  /** Begins one probe now. */
  send(traffic: Traffic): void {
    const key = `${traffic.from.cluster}/${traffic.from.pod}`
    const pod = this.#pods.get(key)
    if (pod === undefined) return
    const number = this.#next++
    const icmpId = traffic.kind === 'ping' || traffic.kind === 'traceroute' ? FIRST_ID + number : undefined
    this.#sent.push({
      traffic,
      pod,
      key,
      icmpId,
      said: this.#start(traffic, this.#names.pod(key), pod, number),
    })
  }

  /** Resolves when all programs that were started have said what came of it. */
  async ended(): Promise<void> {
    await Promise.all(this.#sent.map(({ said }) => said))
  }

  /** Waits for all programs, at most `patience` milliseconds, reads the captures and says what was seen. */
  async results(zero: Zero, patience: number): Promise<TrafficResult[]> {
    const said = await Promise.all(
      this.#sent.map(({ said, traffic }) => Promise.race([said, after(patience, nothing(traffic))])),
    )
    const { packets } = this
    const captures = await Promise.all(
      this.#taps.map(async ({ key, tapping }) => ({ key, capture: await tapping.stop() })),
    )
    for (const { key, capture } of captures) {
      const found = (capture?.packets ?? []).map((packet) => podPacket(sinceZero(packet, zero), packet.bytes))
      packets.set(key, [...(packets.get(key) ?? []), ...found])
    }
    return this.#sent.map(({ traffic, pod, key, icmpId }, i) => {
      const seen = packets.get(key) ?? []
      this.answers.set(traffic.name, answersOf(traffic, pod, icmpId, seen))
      return resultOf(traffic, pod, said[i]!, icmpId, seen)
    })
  }

  async #start(traffic: Traffic, namespace: string, pod: Pod, number: number): Promise<Said> {
    const run = (argv: [string, ...string[]]) =>
      outcome(this.#processes.start({ argv: insideArgv(namespace, argv) }))
    switch (traffic.kind) {
      case 'ping': {
        const { stdout, stderr } = await run(pingArgv(traffic, FIRST_ID + number))
        return pingSaid(`${stdout}\n${stderr}`, traffic.count, pod)
      }
      case 'udp':
        return scriptSaid(await this.#begin(traffic, number), traffic.count, 0)
      case 'tcp':
        return scriptSaid(await this.#begin(traffic, number), 1, traffic.bytes)
      case 'traceroute':
        if (traffic.mode === 'udp') await this.#begin(traffic, number)
        else
          await this.#traceEcho(traffic.maxTtl, (ttl) => run(traceEchoArgv(traffic, FIRST_ID + number, ttl)))
        return { sent: traffic.maxTtl, received: [], localErrors: [], tcp: undefined }
    }
  }

  /** One echo request for each TTL, ten a second, until one is answered. */
  async #traceEcho(maxTtl: number, echo: (ttl: number) => Promise<{ readonly code: number }>): Promise<void> {
    const all: Promise<unknown>[] = []
    let reached = false
    for (let ttl = 1; ttl <= maxTtl && !reached; ttl++) {
      all.push(
        echo(ttl).then(({ code }) => {
          if (code === 0) reached = true
        }),
      )
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await Promise.all(all)
  }
}

/** All pods of a network and of later events. */
export function podsByKey(
  network: Network,
  later: readonly { readonly cluster: string; readonly pod: Pod }[],
): Map<string, Pod> {
  return new Map([
    ...network.clusters.flatMap((cluster) =>
      cluster.pods.map((pod) => [`${cluster.id}/${pod.name}`, pod] as const),
    ),
    ...later.map(({ cluster, pod }) => [`${cluster}/${pod.name}`, pod] as const),
  ])
}

function nothing(traffic: Traffic): Said {
  return {
    sent: 'count' in traffic ? traffic.count : 1,
    received: [],
    localErrors: [],
    tcp: traffic.kind === 'tcp' ? { connected: false, echoed: 0, connectTime: undefined } : undefined,
  }
}

function after<T>(milliseconds: number, value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), milliseconds).unref())
}

/** What ping printed: answered numbers, and sends that the host itself refused. */
export function pingSaid(text: string, count: number, pod: Pick<Pod, 'ips'>): Said {
  const received = new Set<number>()
  const errors = new Map<string, number>()
  const add = (error: string): unknown => errors.set(error, (errors.get(error) ?? 0) + 1)
  for (const line of text.split('\n')) {
    const reply = /^\d+ bytes from .*icmp_seq=(\d+) /.exec(line)
    if (reply !== null) received.add(Number(reply[1]))
    else if (/message too long/i.test(line)) add('EMSGSIZE')
    else if (/Network is unreachable/.test(line)) add('ENETUNREACH')
    else {
      // The pod's own kernel says so when nobody answers its ARP.
      const from = /^From (\S+) icmp_seq=\d+ Destination Host Unreachable/.exec(line)?.[1]
      if (from !== undefined && pod.ips.some((ip) => formatIp(ip) === from)) add('EHOSTUNREACH')
    }
  }
  const sent = Number(/^(\d+) packets transmitted/m.exec(text)?.[1] ?? count)
  return {
    sent,
    received: [...received].sort((a, b) => a - b),
    localErrors: [...errors].map(([error, n]) => ({ error, count: n })),
    tcp: undefined,
  }
}

function scriptSaid(text: string, sent: number, bytes: number): Said {
  const line = text.split('\n').find((one) => one.startsWith('{'))
  const said = (line === undefined ? {} : JSON.parse(line)) as {
    received?: number[]
    errors?: Record<string, number>
    connected?: boolean
    connectTime?: number
    echoed?: number
  }
  const localErrors = Object.entries(said.errors ?? {}).map(([error, count]) => ({ error, count }))
  if (said.connected === undefined)
    return { sent, received: said.received ?? [], localErrors, tcp: undefined }
  const echoed = said.echoed ?? 0
  const connectTime = said.connectTime === undefined ? undefined : Math.round(said.connectTime * 1e6)
  return {
    sent,
    received: said.connected && echoed === bytes ? [1] : [],
    localErrors,
    tcp: { connected: said.connected, echoed, connectTime },
  }
}
