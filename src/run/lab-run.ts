/**
 * Runs a scenario on real OVN and judges it: the same flow as `simulate`, with the lab in the simulator's place, and the same result.
 * What could not be asked is left out, and that is said with the reason; so is what the lab does not offer.
 */
import type { Diagnostic } from '../diag/diagnostic.ts'
import { unsupported } from '../lab/events/unsupported.ts'
import { Lab, type LabObservations } from '../lab/lab.ts'
import { netemOffered } from '../lab/netem.ts'
import type { Expectation, ExpectationResult } from '../model/expectation.ts'
import type { CaptureFile, RunResult, UnderlayPacket } from '../model/observation.ts'
import type { Scenario } from '../model/scenario.ts'
import { MILLISECOND } from '../model/time.ts'
import type { Trace } from '../model/trace.ts'
import type { TrafficResult } from '../model/traffic.ts'
import { judge } from '../verify/expectations.ts'
import { decodeFrame } from '../wire/decode.ts'
import { frameOf } from '../wire/frame.ts'
import { openCapture } from './capture-file.ts'
import { chainsOf } from './conform/chains.ts'
import { type LeftOut, leftOut } from './lab-figures.ts'
import { labInput } from './lab-options.ts'
import { type Asked, judgeReachOfLab, type NotAsked, planReaches } from './lab-reach.ts'
import { evidenceOf } from './lab-trace.ts'

export interface LabRunOptions {
  /** Folder for one pcapng file a scenario; nothing is written without. */
  readonly captureDir?: string
  /** Hears every command line that is run. */
  readonly tell?: (line: string) => void
  /** Hears what is being done. */
  readonly progress?: (words: string) => void
  /** Hears the lab's id before anything of it is made. */
  readonly began?: (id: string) => void
  /** Asks nothing for expectations that would put other packets into tunnels than its own. */
  readonly quiet?: boolean
}

/** What a lab showed: a run's result, and what only real programs have. */
export interface LabRun {
  readonly result: RunResult
  readonly packets: readonly UnderlayPacket[]
  /** `lr-route-list` as printed, by snapshot, cluster and router with tabs between. */
  readonly routeLists: ReadonlyMap<string, string>
  /** Latency and loss that the kernel does not offer. */
  readonly leftOut: LeftOut
}

/** The lab cannot carry out something of the scenario; the message lists all of it. */
export class UnsupportedByLab extends Error {
  override readonly name = 'UnsupportedByLab'
}

/** Brings the lab up, runs it, takes it down. Whatever happens, nothing is left of it. */
export async function labRun(scenario: Scenario, options: LabRunOptions = {}): Promise<LabRun> {
  const missing = unsupported(scenario)
  if (missing.length > 0)
    throw new UnsupportedByLab(`the lab cannot run ${scenario.file}: ${missing.join('; ')}`)
  const { tell, progress, began, quiet } = options
  const netem = await netemOffered()
  const left = leftOut(scenario, netem)
  const input = labInput(scenario, {
    netem,
    ...(tell !== undefined && { tell }),
    ...(progress !== undefined && { progress }),
    ...(began !== undefined && { began }),
  })
  const lab = await Lab.up(input.scenario, input.options)
  try {
    const asked = planReaches(scenario, quiet)
    const planned = asked.filter((one) => one !== undefined && 'probes' in one)
    progress?.('running')
    const seen = await lab.run(
      planned.flatMap(({ probes }) => probes.map(({ traffic }) => traffic)),
      planned.flatMap(({ inquiries }) => inquiries),
    )
    return {
      result: resultOf(scenario, asked, lab, seen, left, options),
      packets: seen.underlay.sent,
      routeLists: seen.routeLists,
      leftOut: left,
    }
  } finally {
    await lab.down()
  }
}

function resultOf(
  scenario: Scenario,
  asked: readonly (Asked | NotAsked | undefined)[],
  lab: Lab,
  seen: LabObservations,
  missing: LeftOut,
  { captureDir }: LabRunOptions,
): RunResult {
  const wanted = scenario.traffic.length
  const traffic = scenario.traffic
    .map((one) => seen.traffic.find((result) => result.traffic === one))
    .filter((one) => one !== undefined)
  const observed = {
    scenario,
    end: seen.end,
    states: seen.states,
    snapshots: seen.snapshots,
    traffic,
    log: seen.log,
  }
  const { chains } = chainsOf(seen.underlay.sent, { ...observed, traffic: seen.traffic })
  const bfdPackets = seen.underlay.sent.filter(({ bytes }) => isBfd(bytes)).length
  const evidence = evidenceOf(scenario, seen, chains)
  const left: { readonly text: string; readonly reason: string }[] = []
  const expectations = scenario.expectations.flatMap((expectation, i): ExpectationResult[] => {
    const plan = asked[i]
    if (plan === undefined) {
      if (!dependsOn(missing, expectation, traffic)) return judge(observed, [expectation], noTrace)
      left.push({
        text: expectation.text,
        reason: 'this kernel has no sch_netem for the latency or loss it is about',
      })
      return []
    }
    const judged = 'reason' in plan ? plan : judgeReachOfLab(plan, observed, seen, evidence)
    if (!('reason' in judged)) return [judged]
    left.push({ text: expectation.text, reason: judged.reason })
    return []
  })
  const diagnostics: Diagnostic[] = [
    ...left.map(
      ({ text, reason }): Diagnostic => ({
        code: 'LAB001',
        severity: 'info',
        message: `not asked of real OVN: ${text} (${reason})`,
      }),
    ),
    ...missing.clauses.map(
      (what): Diagnostic => ({
        code: 'LAB002',
        severity: 'warning',
        message: `not carried out: ${what} (this kernel has no sch_netem)`,
      }),
    ),
    ...lab.complaints.map(
      (text): Diagnostic => ({ code: 'LAB003', severity: 'info', message: `refused: ${text}` }),
    ),
    ...(lab.settled.ok
      ? []
      : [
          {
            code: 'LAB004',
            severity: 'warning',
            message: `the lab did not come to rest: ${lab.settled.missing}`,
          } as const,
        ]),
    ...patchedReleases(scenario).map(
      (release): Diagnostic => ({
        code: 'LAB006',
        severity: 'info',
        message: `the OVN of ${release} is patched, and the lab's is not: what the patches change is not there`,
      }),
    ),
    ...(traffic.length < wanted
      ? [{ code: 'LAB005', severity: 'error', message: 'traffic of a pod that never was' } as const]
      : []),
  ]
  return {
    ...observed,
    real: true,
    ok: expectations.every(({ ok }) => ok) && diagnostics.every(({ severity }) => severity !== 'error'),
    settled: { ok: lab.settled.ok, after: Math.round(lab.settled.after) * MILLISECOND },
    expectations,
    drops: [],
    diagnostics,
    inconclusive: undefined,
    captures: captureDir === undefined ? [] : [writeCapture(captureDir, scenario, seen)],
    counters: {
      events: 0,
      packets: seen.podPackets.length,
      tunnelPackets: seen.underlay.sent.length - bfdPackets,
      bfdPackets,
    },
  }
}

/** Kube-OVN releases of the clusters by name. */
function patchedReleases({ network }: Scenario): string[] {
  const profiles = network.clusters.map(({ profile }) => profile)
  return [...new Set(profiles.filter(({ kubeOvn }) => kubeOvn !== undefined).map(({ name }) => name))]
}

/** BFD packets of OVS are all of one form: Geneve with VNI 0. */
function isBfd(bytes: Uint8Array): boolean {
  const { layers } = decodeFrame(
    new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    0,
    bytes.length,
  )
  return layers.some(({ kind }) => kind === 'bfd')
}

/** Whether an expectation is about losses of a probe that latency or loss left out would have touched. */
function dependsOn(missing: LeftOut, wanted: Expectation, results: readonly TrafficResult[]): boolean {
  if (wanted.kind !== 'loss') return false
  return results.some(
    ({ traffic, sentAt }) =>
      traffic.name === wanted.traffic && missing.touches(traffic, sentAt.at(-1) ?? traffic.at),
  )
}

function noTrace(): Trace {
  throw new Error('a real network traces no packet')
}

/** One file with the vantages of the simulator's: ports of the nodes on the underlay and of all pods, both directions. */
function writeCapture(directory: string, scenario: Scenario, seen: LabObservations): CaptureFile {
  const file = openCapture(directory, scenario)
  const all = [
    ...seen.underlay.sent.map(({ at, from, bytes }) => ({
      vantage: from,
      at,
      bytes,
      direction: 'out' as const,
    })),
    ...seen.underlay.arrived.map(({ at, to, bytes }) => ({
      vantage: to,
      at,
      bytes,
      direction: 'in' as const,
    })),
    ...seen.podPackets.map(({ pod, at, bytes, outgoing }) => ({
      vantage: pod,
      at,
      bytes,
      direction: outgoing ? ('out' as const) : ('in' as const),
    })),
  ].sort((a, b) => a.at - b.at)
  for (const { vantage, at, bytes, direction } of all)
    file.capture.add(vantage, at, frameOf(bytes), direction)
  return file.close()
}
