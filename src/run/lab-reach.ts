/**
 * `reach` expectations asked of a real network: one ping per pair at the moment that is asked for. How many tunnels a request crossed and
 * which chassis it passed is read from the underlay. Only what a ping can answer is asked: TCP and UDP, dispositions and spans of time
 * are left to the simulator.
 */
import type { Expectation, ExpectationResult } from '../model/expectation.ts'
import type { Scenario } from '../model/scenario.ts'
import { formatNanos, type Nanos, SECOND } from '../model/time.ts'
import type { PingTraffic, TrafficResult } from '../model/traffic.ts'
import { formatIp } from '../net/ip.ts'
import { pairs, populationAt, senders, targets } from '../verify/select.ts'
import type { Chain } from './conform/chains.ts'

type Reach = Extract<Expectation, { readonly kind: 'reach' }>

/** Pairs of one expectation that are asked; more would disturb what is being watched. */
const PAIRS_MAX = 50

/** Whether a ping at one moment can answer it. */
export function canAsk(wanted: Expectation): wanted is Reach {
  return (
    wanted.kind === 'reach' &&
    wanted.protocol === 'icmp' &&
    wanted.disposition === undefined &&
    (wanted.when.kind === 'end' || wanted.when.kind === 'at')
  )
}

/** The pings that answer an expectation; `index` makes their names unique. */
export function pingsFor(wanted: Reach, index: number, scenario: Scenario): PingTraffic[] {
  const at: Nanos = wanted.when.kind === 'at' ? wanted.when.at : scenario.duration
  const population = populationAt(scenario, at)
  return pairs(senders(population, wanted.from), targets(population, wanted.to))
    .slice(0, PAIRS_MAX)
    .map(
      ({ from, to }, i): PingTraffic => ({
        kind: 'ping',
        name: `reach ${index} ${i}`,
        at,
        from: { cluster: from.cluster, pod: from.pod.name },
        to: undefined,
        address: to.address,
        count: 1,
        interval: SECOND,
        size: wanted.size ?? 56,
        ttl: 64,
        tos: 0,
        df: 'want',
        wait: SECOND,
      }),
    )
}

/** Judges the answers. */
export function judgePings(
  wanted: Reach,
  results: readonly TrafficResult[],
  chains: readonly Chain[],
): ExpectationResult {
  const found = results.map((result) => ({ ...judgeOne(wanted, result, chains), who: who(result) }))
  const wrong = found.filter(({ ok }) => !ok)
  const ok =
    wanted.quantifier === 'some' ? found.some((one) => one.ok) : found.length > 0 && wrong.length === 0
  const shown = ok ? found.filter((one) => one.ok) : wrong
  const when = wanted.when.kind === 'at' ? `at ${formatNanos(wanted.when.at)}: ` : ''
  const more = shown.length > 3 ? `; and ${shown.length - 3} more` : ''
  const detail =
    found.length === 0
      ? 'no pair to ask'
      : `${shown
          .slice(0, 3)
          .map(({ who: name, fact }) => `${name} ${fact}`)
          .join('; ')}${more}`
  return { expectation: wanted, ok, detail: `${when}${detail} (asked with ping).` }
}

function judgeOne(
  wanted: Reach,
  result: TrafficResult,
  chains: readonly Chain[],
): { readonly ok: boolean; readonly fact: string } {
  const answered = result.received.length > 0
  const [ttl] = result.replyTtls
  const fact = answered ? `is answered, reply TTL ${ttl ?? '?'}` : 'is not answered'
  if (answered !== wanted.reachable) return { ok: false, fact }
  if (wanted.ttl !== undefined && answered && ttl !== wanted.ttl)
    return { ok: false, fact: `${fact}, not ${wanted.ttl}` }
  const hops =
    chains.find((chain) => chain.probe === result.traffic.name && chain.dir === 'request')?.hops ?? []
  if (wanted.tunnels !== undefined && hops.length !== wanted.tunnels)
    return { ok: false, fact: `${fact}, through ${hops.length} tunnels, not ${wanted.tunnels}` }
  if (wanted.via !== undefined) {
    const bare = wanted.via.slice(wanted.via.indexOf('/') + 1)
    const passed = [...new Set(hops.flatMap(({ from, to }) => [from, to]))]
    if (!passed.includes(bare))
      return { ok: false, fact: `${fact}, by ${passed.join(', ') || 'no tunnel'}, not by ${bare}` }
  }
  return { ok: true, fact }
}

function who({ traffic }: TrafficResult): string {
  return `${traffic.from.cluster}/${traffic.from.pod} -> ${formatIp(traffic.address)}`
}
