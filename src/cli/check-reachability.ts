// `isthmus check --reachability`: every network of the command line brought to rest, and who reaches whom in it.

import { didYouMean } from '../diag/suggest.ts'
import type { LoadPlanResult } from '../input/plan/load.ts'
import type { NetworkReport } from '../report/reachability/report.ts'
import { stateAt } from '../run/simulate.ts'
import { brokenPromises, localSubnets } from '../verify/reachability/offered.ts'
import { PING, type Protocol, reachability } from '../verify/reachability/reachability.ts'
import type { Endpoint } from '../verify/reachability/sources.ts'
import { nameOf, summarize } from '../verify/reachability/summary.ts'
import { CliError } from './errors.ts'
import { momentOf } from './moment.ts'
import { networksOf } from './networks.ts'

export interface ReachabilityFlags {
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly protocol?: Protocol['protocol']
  readonly port?: number
  readonly at?: string
  readonly strict?: boolean
}

export interface ReachabilityAnswer {
  readonly networks: readonly NetworkReport[]
  /** True when some network breaks what it announces, or cannot run. */
  readonly broken: boolean
  /** Why a network has no answer although nothing in its files is wrong. */
  readonly notSimulated?: string
}

/** Ports of packets when nobody says: those of the echo service, from where traffic in scenarios starts. */
const ECHO_PORT = 7
const SOURCE_PORT = 40_000

/** Asks for all pairs of all networks. */
export function checkReachability(
  loaded: LoadPlanResult,
  paths: readonly string[],
  flags: ReachabilityFlags,
): ReachabilityAnswer {
  const protocol = protocolOf(flags)
  const known = new Set<string>()
  let broken = false
  let lack: string | undefined
  const networks = networksOf(loaded, paths, { strict: flags.strict ?? false }).map(
    ({ name, scenario, assumed, obstacles, notSimulated }): NetworkReport => {
      if (scenario === undefined) {
        broken = true
        if (notSimulated === true) lack ??= obstacles[0]?.message
        return { name, summary: undefined, assumed, obstacles }
      }
      const { state } = stateAt(scenario, momentOf(scenario, flags.at))
      const answer = reachability(state, protocol)
      for (const endpoint of answer.endpoints) known.add(endpoint.cluster).add(nameOf(endpoint))
      const isOf = (words: readonly string[]) => (endpoint: Endpoint) =>
        words.length === 0 || words.includes(endpoint.cluster) || words.includes(nameOf(endpoint))
      const summary = summarize(answer, {
        from: isOf(flags.from),
        to: isOf(flags.to),
        isLocal: localSubnets(scenario.network),
      })
      if (brokenPromises(summary, scenario.network).length > 0) broken = true
      return { name, summary, assumed, obstacles }
    },
  )
  if (networks.some(({ summary }) => summary !== undefined))
    for (const word of [...flags.from, ...flags.to])
      if (!known.has(word))
        throw new CliError(`there is no cluster or subnet ${word}`, {
          hint: didYouMean(word, [...known]) ?? `there are ${[...known].slice(0, 8).join(', ')}`,
        })
  return { networks, broken, ...(lack !== undefined && { notSimulated: lack }) }
}

function protocolOf({ protocol = 'icmp', port }: ReachabilityFlags): Protocol {
  if (protocol !== 'icmp') return { protocol, sourcePort: SOURCE_PORT, destinationPort: port ?? ECHO_PORT }
  if (port !== undefined)
    throw new CliError('ICMP has no ports', { hint: '--protocol tcp or --protocol udp has' })
  return PING
}
