/**
 * The ways of every probe's packets over the underlay, header by header, and neighbour discovery there. Where something happens to the
 * network, a way counts when enough answered requests took it.
 */
import type { TrafficResult } from '../../../model/traffic.ts'
import type { Chain } from '../chains.ts'
import {
  type Comparison,
  isMatterOfTimers,
  isQuiet,
  notAsked,
  row,
  type Sides,
  setDifferences,
} from './comparison.ts'

/** Answered requests that have to have taken a way before it counts, where something happens to the network. */
const FREQUENT = 5

/** The ways of every probe's packets, header by header. */
export function compareUnderlay({ real, model, realCrossed, modelCrossed }: Sides): Comparison[] {
  const hasUndefined = model.drops.some(({ drop }) => drop.kind === 'undefined')
  return real.result.traffic.flatMap((theirs) => {
    const { name } = theirs.traffic
    const ours = model.traffic.find((one) => one.traffic.name === name)
    if (ours === undefined) return []
    const untouched = !notAsked(real, theirs)
    const quiet = untouched && isQuiet(model, theirs, ours)
    const [a, b] = [
      { result: theirs, chains: realCrossed.chains },
      { result: ours, chains: modelCrossed.chains },
    ].map(({ result, chains }) =>
      waysOf(
        chains.filter((chain) => chain.probe === name),
        result,
        quiet,
      ),
    )
    const hops = (ways: Map<string, Chain>): string =>
      `${ways.size} ways, ${[...ways.values()].reduce((sum, { hops }) => sum + hops.length, 0)} hops`
    const compared = row('underlay', name, hops(a!), hops(b!), wayDifferences(a!, b!))
    // A connection sends again what is lost or late.
    if (
      (!untouched && (theirs.traffic.kind === 'tcp' || theirs.sent < FREQUENT)) ||
      isMatterOfTimers(model, theirs, ours)
    )
      return [{ ...compared, verdict: 'not asked' as const, differences: [] }]
    return [
      hasUndefined && compared.verdict === 'differ'
        ? { ...compared, verdict: 'undefined' as const }
        : compared,
    ]
  })
}

/** Distinct ways as texts, each with one packet that took it. */
function waysOf(chains: readonly Chain[], result: TrafficResult, quiet: boolean): Map<string, Chain> {
  const lost = new Set(result.lost)
  const ways = new Map<string, { chain: Chain; count: number }>()
  // A router has taken one off before a packet is on the wire; only in one subnet, one hop away, none has.
  const limit =
    result.traffic.kind === 'traceroute' ? Math.max(1, result.hops.length - 1) : Number.POSITIVE_INFINITY
  for (const chain of chains) {
    // Probes beyond the destination are a matter of how fast the answer comes.
    if (
      result.traffic.kind === 'traceroute' &&
      Number(/ ttl (\d+)/.exec(chain.hops[0]?.text.split(' | ')[1] ?? '')?.[1]) > limit &&
      chain.dir === 'request'
    )
      continue
    if (!quiet && chain.seq !== undefined && lost.has(chain.seq)) continue
    for (const text of wayTexts(chain, result)) {
      const known = ways.get(text)
      if (known === undefined) ways.set(text, { chain, count: 1 })
      else known.count++
    }
  }
  return new Map(
    [...ways].flatMap(([text, { chain, count }]) =>
      quiet || count >= FREQUENT ? [[text, chain] as const] : [],
    ),
  )
}

/** A connection's packets, and errors about them, are compared one by one: which of them were sent twice is a matter of timers. */
function wayTexts(chain: Chain, { traffic }: TrafficResult): string[] {
  if (traffic.kind === 'tcp') return chain.hops.map(({ text }) => `${chain.dir}\n  ${text}`)
  return [`${chain.dir}${chain.hops.map(({ text }) => `\n  ${text}`).join('')}`]
}

function wayDifferences(real: Map<string, Chain>, model: Map<string, Chain>): string[] {
  return [
    ...[...real.keys()].filter((text) => !model.has(text)).map((text) => `only OVN: ${text}`),
    ...[...model.keys()].filter((text) => !real.has(text)).map((text) => `only the model: ${text}`),
  ]
}

/** Which ARP and neighbour discovery there is inside tunnels, however often; compared only where nothing happens meanwhile. */
export function compareNeighbours({ model, realCrossed, modelCrossed }: Sides): Comparison {
  const [a, b] = [realCrossed, modelCrossed].map(({ neighbourMessages }) => [...new Set(neighbourMessages)])
  const differences = isQuiet(model) ? setDifferences(a!, b!) : []
  const compared = row(
    'neighbours',
    'ARP and ND in tunnels',
    `${a!.length} kinds`,
    `${b!.length} kinds`,
    differences,
  )
  // Who is asked for follows the ways packets take.
  const hasUndefined = model.drops.some(({ drop }) => drop.kind === 'undefined')
  return hasUndefined && differences.length > 0 ? { ...compared, verdict: 'undefined' } : compared
}
