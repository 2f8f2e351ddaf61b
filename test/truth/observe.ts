/** Runs a truth case in the simulator and shows what happened in the terms of the case's result. */
import { loadScenarioText } from '../../src/input/load.ts'
import type { RunResult, UnderlayPacket } from '../../src/model/observation.ts'
import { type Crossed, chainsOf } from '../../src/run/conform/chains.ts'
import { simulate } from '../../src/run/simulate.ts'
import type { DecodedLayer } from '../../src/wire/decoded.ts'
import type { TruthCase } from './case-format.ts'
import { scenarioOf } from './to-scenario.ts'

export type { Chain } from '../../src/run/conform/chains.ts'

/** `hopOfTruth` and `neighbourOfTruth` in compare.ts write the same texts from a truth's hops. */
export interface Observed extends Crossed {
  readonly result: RunResult
}

export function observe(truth: TruthCase): Observed {
  const document = scenarioOf(truth)
  const { scenario, diagnostics } = loadScenarioText(
    JSON.stringify(document, null, 1),
    `${truth.case.name}.json`,
    {},
  )
  if (scenario === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'))
  const packets: UnderlayPacket[] = []
  const result = simulate(scenario, { onUnderlayPacket: (packet) => packets.push(packet) })
  const crossed = chainsOf(packets, result, (port, inner) => (isTraceroute(inner) ? '*' : `${port}`))
  return { result, ...crossed }
}

/** UDP traceroute leaves from a port that the host chose. */
function isTraceroute(inner: readonly DecodedLayer[]): boolean {
  const udp = inner.find((layer) => layer.kind === 'udp')
  return udp !== undefined && udp.repr.dstPort >= 33434 && udp.repr.dstPort < 33534
}
