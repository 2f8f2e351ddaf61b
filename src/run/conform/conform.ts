/**
 * `conform`: one scenario in the lab and in the simulator, side by side. The lab goes first, because the order of its ECMP members is
 * chance (EC-1) and the simulator is then asked about exactly that order.
 */
import type { Cluster, EcmpOrder } from '../../model/network.ts'
import type { RunResult, UnderlayPacket } from '../../model/observation.ts'
import type { Scenario } from '../../model/scenario.ts'
import type { DatabaseSnapshot, NbTables } from '../../model/tables.ts'
import type { Nanos } from '../../model/time.ts'
import { formatIp } from '../../net/ip.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { decodeFrame } from '../../wire/decode.ts'
import { summarize } from '../../wire/summary.ts'
import { overPlainOvn } from '../lab-options.ts'
import { type LabRunOptions, labRun } from '../lab-run.ts'
import { simulate } from '../simulate.ts'
import { type Chain, chainsOf, type Hop } from './chains.ts'
import { intervalsOf, periodsOf } from './compare/outages.ts'
import { type Comparison, compareAll, type Sides } from './compare.ts'

export interface ConformOptions extends LabRunOptions {
  /** By how much an outage may lie beside the model's interval, for machines under load; nothing unless given. */
  readonly tolerance?: Nanos
}

/** How two runs compare. */
export interface ConformReport {
  readonly scenario: Scenario
  readonly ok: boolean
  readonly comparisons: readonly Comparison[]
  /** The first packet that differs, decoded on both sides; undefined when all agree, or none has a counterpart. */
  readonly firstPacket: FirstPacket | undefined
  /** Whether the lab came to rest, and after how long. */
  readonly settled: RunResult['settled']
  /** What of the scenario the lab could not do, a sentence each. */
  readonly notCarriedOut: readonly string[]
}

/** Both runs and how they compare. */
export interface ConformResult extends ConformReport {
  readonly real: RunResult
  readonly model: RunResult
}

/** A hop that one side has and the other has not, with the nearest of the other. */
export interface FirstPacket {
  readonly probe: string
  readonly real: readonly string[]
  readonly model: readonly string[]
}

/** Runs both and compares. `routeList` writes `lr-route-list` of a Northbound. */
export async function conform(
  scenario: Scenario,
  routeList: (nb: DatabaseSnapshot<NbTables>, router: string) => string,
  options: ConformOptions = {},
): Promise<ConformResult> {
  const real = await labRun(scenario, options)
  const packets: UnderlayPacket[] = []
  const plain = overPlainOvn(scenario)
  const clusters = plain.network.clusters.map((cluster) => ({
    ...cluster,
    ecmpOrder: orderOf(cluster, real.result),
  }))
  const pinned = { ...plain, network: { ...plain.network, clusters } }
  const model = simulate(pinned, { onUnderlayPacket: (packet) => packets.push(packet) })
  const sides: Sides = {
    real,
    model,
    realCrossed: chainsOf(real.packets, real.result),
    modelCrossed: chainsOf(packets, model),
    routeList,
    outages:
      pinned.start === 'cold' || periodsOf(pinned).length > 1
        ? intervalsOf(phasesOf(pinned, model))
        : undefined,
    tolerance: options.tolerance ?? 0,
  }
  const comparisons = compareAll(sides)
  return {
    scenario,
    ok: comparisons.every(({ verdict }) => verdict !== 'differ'),
    comparisons,
    firstPacket: firstPacket(comparisons, sides),
    settled: real.result.settled,
    notCarriedOut: real.result.diagnostics.flatMap(({ code, message }) =>
      code === 'LAB002' ? [message] : [],
    ),
    real: real.result,
    model,
  }
}

/** The comparison alone: all packets of two runs are much to keep. */
export function reportOf({ real: _, model: __, ...report }: ConformResult): ConformReport {
  return report
}

/** Runs of the model whose timers are at different phases. */
const PHASES = 32

function* phasesOf(scenario: Scenario, first: RunResult): Generator<RunResult> {
  yield first
  for (let phase = 1; phase < PHASES; phase++) yield simulate(scenario, { phase })
}

/** The order that the lab's ECMP groups have; where a prefix has several groups, that of the one packets take, the highest. */
export function orderOf(cluster: Cluster, { states }: Pick<RunResult, 'states'>): EcmpOrder {
  const order: Record<string, readonly string[]> = { ...cluster.ecmpOrder }
  const [chassis] = [...(states[0]?.chassis.values() ?? [])].filter((one) => one.cluster === cluster.id)
  for (const datapath of chassis?.view?.datapaths.values() ?? []) {
    if (datapath.kind !== 'router') continue
    for (const { prefix, action } of [...datapath.routes].sort((a, b) => a.priority - b.priority))
      if (action.kind === 'ecmp')
        order[formatPrefix(prefix)] = action.members.flatMap(({ nexthop }) =>
          nexthop === undefined ? [] : [formatIp(nexthop)],
        )
  }
  return order
}

function firstPacket(
  comparisons: readonly Comparison[],
  { realCrossed, modelCrossed }: Sides,
): FirstPacket | undefined {
  const differing = comparisons.find(({ aspect, verdict }) => aspect === 'underlay' && verdict === 'differ')
  if (differing === undefined) return undefined
  const [theirs, ours] = [realCrossed, modelCrossed].map(({ chains }) =>
    chains.filter((chain) => chain.probe === differing.what),
  )
  for (const dir of ['request', 'reply', 'error', 'tcp'] as const) {
    const [a, b] = [theirs!, ours!].map((chains) =>
      chains.filter((chain) => chain.dir === dir).flatMap((chain: Chain) => chain.hops),
    )
    const [inA, inB] = [a!, b!].map((hops) => new Set(hops.map(({ text }) => text)))
    const onlyA = a!.find(({ text }) => !inB!.has(text))
    const onlyB = b!.find(({ text }) => !inA!.has(text))
    if (onlyA !== undefined || onlyB !== undefined)
      return { probe: `${differing.what}, ${dir}`, real: described(onlyA), model: described(onlyB) }
  }
  return undefined
}

function described(hop: Hop | undefined): string[] {
  if (hop === undefined) return ['no such packet']
  const decoded = decodeFrame(
    new DataView(hop.bytes.buffer, hop.bytes.byteOffset, hop.bytes.byteLength),
    0,
    hop.bytes.length,
  )
  const layers = decoded.layers.map(
    ({ kind, repr }) => `${kind} ${typeof repr === 'string' ? repr : fieldsOf(repr)}`,
  )
  return [hop.text, summarize(decoded), ...layers]
}

/** Fields of a header; addresses are left to the summary, which writes them as people do. */
function fieldsOf(repr: object): string {
  return Object.entries(repr)
    .flatMap(([name, value]) =>
      ['string', 'number', 'boolean'].includes(typeof value) && !/^(src|dst|.*Ip)$/.test(name)
        ? [`${name} ${value}`]
        : [],
    )
    .join(', ')
}
