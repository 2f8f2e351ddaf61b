/**
 * `conform`: one scenario in the lab and in the simulator, side by side. The lab goes first, because the order of its ECMP members is
 * chance (EC-1) and the simulator is then asked about exactly that order.
 */
import type { Cluster, EcmpOrder } from '../../model/network.ts'
import type { RunResult, UnderlayPacket } from '../../model/observation.ts'
import type { Scenario } from '../../model/scenario.ts'
import type { DatabaseSnapshot, NbTables } from '../../model/tables.ts'
import { type Nanos, SECOND } from '../../model/time.ts'
import { formatIp } from '../../net/ip.ts'
import { formatPrefix } from '../../net/prefix.ts'
import { decodeFrame } from '../../wire/decode.ts'
import { summarize } from '../../wire/summary.ts'
import { overPlainOvn } from '../lab-options.ts'
import { type LabRunOptions, labRun } from '../lab-run.ts'
import { simulate } from '../simulate.ts'
import { type Chain, chainsOf, type Hop } from './chains.ts'
import { type Comparison, compareAll, type Sides } from './compare.ts'

export interface ConformOptions extends LabRunOptions {
  /** By how much losses may differ in length; one second unless given. */
  readonly tolerance?: Nanos
}

/** Both runs and how they compare. */
export interface ConformResult {
  readonly scenario: Scenario
  readonly ok: boolean
  readonly comparisons: readonly Comparison[]
  /** The first packet that differs, decoded on both sides; undefined when all agree, or none has a counterpart. */
  readonly firstPacket: FirstPacket | undefined
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
  const real = await labRun(scenario, { ...options, quiet: true })
  const packets: UnderlayPacket[] = []
  const plain = overPlainOvn(scenario)
  const clusters = plain.network.clusters.map((cluster) => ({
    ...cluster,
    ecmpOrder: orderOf(cluster, real.result),
  }))
  const model = simulate(
    { ...plain, network: { ...plain.network, clusters } },
    { onUnderlayPacket: (packet) => packets.push(packet) },
  )
  const sides: Sides = {
    real,
    model,
    realCrossed: chainsOf(real.packets, real.result),
    modelCrossed: chainsOf(packets, model),
    routeList,
    tolerance: options.tolerance ?? SECOND,
  }
  const comparisons = compareAll(sides)
  return {
    scenario,
    ok: comparisons.every(({ verdict }) => verdict !== 'differ'),
    comparisons,
    firstPacket: firstPacket(comparisons, sides),
    real: real.result,
    model,
  }
}

/** The order that the lab's ECMP groups have. */
function orderOf(cluster: Cluster, { states }: RunResult): EcmpOrder {
  const order: Record<string, readonly string[]> = { ...cluster.ecmpOrder }
  const [chassis] = [...(states[0]?.chassis.values() ?? [])].filter((one) => one.cluster === cluster.id)
  for (const datapath of chassis?.view?.datapaths.values() ?? []) {
    if (datapath.kind !== 'router') continue
    for (const { prefix, action } of datapath.routes)
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
