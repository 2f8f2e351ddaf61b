/**
 * The flow of docs/architecture.md as code: a scenario goes in, a `RunResult` comes out. Each function is one of the things the
 * library and the command line offer: `simulate` a whole run, `stateAt` the network at one moment, `trace` one packet.
 */

import type { Diagnostic } from '../diag/diagnostic.ts'
import { walk } from '../forward/walk.ts'
import type { ForwardingState } from '../model/forwarding.ts'
import type { Pod } from '../model/network.ts'
import type { CaptureFile, RunResult, UnderlayPacket } from '../model/observation.ts'
import type { Scenario } from '../model/scenario.ts'
import type { DatabasesSnapshot } from '../model/tables.ts'
import type { Nanos } from '../model/time.ts'
import { formatNanos, MILLISECOND } from '../model/time.ts'
import type { Drop, Trace } from '../model/trace.ts'
import type { PodRef } from '../model/traffic.ts'
import { type Ip, isIp4, parseIp } from '../net/ip.ts'
import { formatPrefix, masked } from '../net/prefix.ts'
import { EventLimitError } from '../sim/clock.ts'
import { judge } from '../verify/expectations.ts'
import { endedByLimit } from '../verify/verdict.ts'
import { openCapture } from './capture-file.ts'
import { PacketLimitError } from './data-plane.ts'
import { Simulation } from './simulation.ts'

export interface Progress {
  /** Virtual time, and its end. */
  readonly now: Nanos
  readonly end: Nanos
  /** Events of the clock so far. */
  readonly events: number
}

export interface SimulateOptions {
  /** Folder for one pcapng file a scenario; nothing is captured without. */
  readonly captureDir?: string
  /** Name of the file without ending; by default that of the scenario's file. */
  readonly captureName?: string
  /** Called now and then during the run. */
  readonly progress?: (progress: Progress) => void
  /** Told of every packet that enters the underlay from time zero on, BFD included. */
  readonly onUnderlayPacket?: (packet: UnderlayPacket) => void
  /**
   * Which of many runs that reality could have had, a whole number from 0: timers of daemons are at other moments, and from 1 on daemons
   * take now less and now more time for what they do. Addresses, UUIDs and all else that a seed decides stay as they are.
   */
  readonly phase?: number
}

/** How often `progress` is called, in virtual time. */
const PROGRESS_STEP: Nanos = 100 * MILLISECOND

/** Runs a scenario to its end. Never throws for what a scenario does; limits end it early and are reported. */
export function simulate(scenario: Scenario, options: SimulateOptions = {}): RunResult {
  const run = runInSteps(scenario, options)
  for (;;) {
    const { done, value } = run.next()
    if (done) return value
  }
}

/**
 * The same, giving way to the event loop now and then, so that signals and timers are served. When `signal` aborts, the run ends
 * with the signal's reason as error and leaves no half-written capture behind.
 */
export async function simulateAsync(
  scenario: Scenario,
  options: SimulateOptions & { readonly signal?: AbortSignal } = {},
): Promise<RunResult> {
  const run = runInSteps(scenario, options)
  try {
    for (;;) {
      options.signal?.throwIfAborted()
      const { done, value } = run.next()
      if (done) return value
      await new Promise((resolve) => setImmediate(resolve))
    }
  } finally {
    run.return(undefined as never)
  }
}

function* runInSteps(scenario: Scenario, options: SimulateOptions): Generator<void, RunResult> {
  const simulation = new Simulation(scenario, { phase: options.phase ?? 0 })
  const capture =
    options.captureDir === undefined
      ? undefined
      : openCapture(options.captureDir, scenario, options.captureName)
  let captured: CaptureFile[] | undefined
  try {
    let inconclusive: string | undefined
    try {
      simulation.bringUp()
      if (capture !== undefined) simulation.data.record(capture.capture, simulation.zero)
      if (options.onUnderlayPacket !== undefined) watchUnderlay(simulation, options.onUnderlayPacket)
      for (let now = 0; now < scenario.duration; ) {
        yield
        now = Math.min(scenario.duration, now + PROGRESS_STEP)
        simulation.runUntil(now)
        options.progress?.({ now, end: scenario.duration, events: simulation.clock.events })
      }
    } catch (error) {
      if (!(error instanceof EventLimitError) && !(error instanceof PacketLimitError)) throw error
      inconclusive = `${error.message} (limits.${error instanceof EventLimitError ? 'events' : 'packets'} of the scenario)`
    }
    captured = capture === undefined ? [] : [capture.close()]
    return resultOf(simulation, inconclusive, captured)
  } finally {
    if (captured === undefined) capture?.abandon()
  }
}

/** Databases and forwarding state at a moment of the run, counted from zero. */
export function stateAt(
  scenario: Scenario,
  at: Nanos,
): { databases: DatabasesSnapshot; state: ForwardingState } {
  const simulation = new Simulation(scenario)
  simulation.bringUp()
  simulation.runUntil(at)
  return { databases: simulation.databases(), state: simulation.forwarding() }
}

export interface TraceQuery {
  /** `cluster/pod`. */
  readonly from: string
  /** `cluster/pod`, or an address. */
  readonly to: string
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly port?: number
  /** When; time zero by default. */
  readonly at?: Nanos
  readonly ttl?: number
  /** Payload bytes. */
  readonly size?: number
}

/** Follows one packet and its answer through the network at a moment. Throws a RangeError for names that are not in the scenario. */
export function trace(scenario: Scenario, query: TraceQuery): Trace {
  const simulation = new Simulation(scenario)
  simulation.bringUp()
  simulation.runUntil(query.at ?? 0)
  const from = podRef(scenario, query.from)
  const to = parseIp(query.to) ?? addressFor(scenario, from, podRef(scenario, query.to))
  return tracePacket(simulation, simulation.forwarding(), {
    from,
    to,
    protocol: query.protocol,
    ...(query.port === undefined ? {} : { port: query.port }),
    ...(query.ttl === undefined ? {} : { ttl: query.ttl }),
    ...(query.size === undefined ? {} : { size: query.size }),
  })
}

interface PacketQuery {
  readonly from: PodRef
  readonly to: Ip
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly port?: number
  readonly ttl?: number
  readonly size?: number
}

function tracePacket(simulation: Simulation, state: ForwardingState, query: PacketQuery): Trace {
  const { from, to, protocol, port, ttl, size } = query
  const underlay = simulation.underlays.get(state) ?? simulation.data.underlay.view()
  return walk(
    state,
    {
      cluster: from.cluster,
      port: podOf(simulation.scenario, from)?.lsp ?? from.pod,
      name: `${from.cluster}/${from.pod}`,
      destination: to,
      protocol,
      ...(port === undefined ? {} : { destinationPort: port }),
      ...(ttl === undefined ? {} : { ttl }),
      ...(size === undefined ? {} : { size }),
    },
    {
      mtuBetween: (a, b) => underlay.mtuBetween(a, b),
      reachable: (a, b) => underlay.reachable(a, b),
      mtuOf: (cluster, port) => mtuOf(simulation.scenario, cluster, port),
      hopLimit: simulation.scenario.limits.hops,
    },
  )
}

function mtuOf(scenario: Scenario, cluster: string, port: string): number | undefined {
  return podsOf(scenario, cluster).find((pod) => pod.lsp === port)?.mtu
}

function resultOf(
  simulation: Simulation,
  inconclusive: string | undefined,
  captures: CaptureFile[],
): RunResult {
  const { scenario, states, snapshots, settled, data, clock } = simulation
  snapshots.set('end', simulation.databases())
  const observed = {
    scenario,
    end: clock.now - simulation.zero,
    states,
    snapshots,
    traffic: simulation.trafficResults(),
    log: simulation.log(),
  }
  const limit = `a traced packet passed ${scenario.limits.hops} chassis (limits.hops of the scenario)`
  const expectations = scenario.expectations.map((expectation) => {
    let cut = false
    const [judged] = judge(observed, [expectation], (state, spec) => {
      const walked = tracePacket(simulation, state, spec)
      cut ||= endedByLimit(walked)
      return walked
    })
    return cut && !judged!.ok
      ? { ...judged!, notReached: true as const, detail: `not decided: ${limit}` }
      : judged!
  })
  const over = inconclusive ?? (expectations.some(({ detail }) => detail.endsWith(limit)) ? limit : undefined)
  const drops = simulation.drops()
  const diagnostics: Diagnostic[] = drops
    .filter(({ drop }) => drop.kind === 'undefined')
    .map(({ drop }) => ({
      code: 'RUN001',
      severity: isStated(drop, scenario) ? 'warning' : 'error',
      message: `${drop.where}: ${drop.reason}`,
      hint: (drop.candidates ?? []).join(' | '),
    }))
  if (!settled.ok)
    diagnostics.push({
      code: 'RUN002',
      severity: 'warning',
      message: `the network did not settle within ${formatNanos(settled.after)}; time zero is where bring-up was cut`,
      hint: 'limits.settle sets how long it may take',
    })
  return {
    ...observed,
    ok:
      over === undefined &&
      diagnostics.every((d) => d.severity !== 'error') &&
      expectations.every((e) => e.ok),
    settled,
    expectations,
    drops,
    diagnostics,
    inconclusive: over,
    captures,
    counters: {
      events: clock.events,
      packets: data.packets,
      tunnelPackets: data.underlay.packets - data.bfdPackets,
      bfdPackets: data.bfdPackets,
    },
  }
}

/** A tie that the scenario itself states with `undefined:` is what it wants to show: reported, but no failure. */
function isStated({ where, candidates }: Drop, scenario: Scenario): boolean {
  return scenario.expectations.some(
    (stated) =>
      stated.kind === 'undefined-route' &&
      stated.present &&
      where.startsWith(`${stated.cluster}/`) &&
      candidates?.every((text) => text.startsWith(`${formatPrefix(masked(stated.prefix))} `)),
  )
}

function watchUnderlay(simulation: Simulation, told: (packet: UnderlayPacket) => void): void {
  simulation.data.underlay.observe({
    sent: (from, to, frame) =>
      told({
        at: simulation.clock.now - simulation.zero,
        from,
        to,
        bytes: frame.bytes.slice(frame.start, frame.end),
      }),
  })
}

function podRef(scenario: Scenario, text: string): PodRef {
  const slash = text.indexOf('/')
  const ref = { cluster: text.slice(0, slash), pod: text.slice(slash + 1) }
  if (slash < 0 || podOf(scenario, ref) === undefined)
    throw new RangeError(`no pod ${text} in ${scenario.file}`)
  return ref
}

/** Pods of a cluster, those that the timeline adds included. */
function podsOf(scenario: Scenario, id: string): readonly Pod[] {
  const cluster = scenario.network.clusters.find((candidate) => candidate.id === id)
  const added = scenario.timeline.flatMap(({ event }) =>
    event.kind === 'pod-add' && event.cluster === id ? [event.pod] : [],
  )
  return [...(cluster?.pods ?? []), ...added]
}

function podOf(scenario: Scenario, ref: PodRef): Pod | undefined {
  return podsOf(scenario, ref.cluster).find((pod) => pod.name === ref.pod)
}

/** The destination's address in a family that the sender has too, IPv4 first. */
function addressFor(scenario: Scenario, from: PodRef, to: PodRef): Ip {
  const source = podOf(scenario, from)?.ips ?? []
  const target = podOf(scenario, to)?.ips ?? []
  const address =
    target.find((ip) => isIp4(ip) && source.some(isIp4)) ??
    target.find((ip) => !isIp4(ip) && source.some((own) => !isIp4(own)))
  if (address === undefined)
    throw new RangeError(`${from.cluster}/${from.pod} and ${to.cluster}/${to.pod} share no address family`)
  return address
}
