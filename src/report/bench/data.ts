// The measurement as plain data, for `-o json`.

import type { Spread } from '../../run/bench/spread.ts'
import { type RouteBench, ranked } from './report.ts'

const SCHEMA_VERSION = 1

/** Rates are million a second, `buildMs` milliseconds; each a median with its ends. */
export function benchData(bench: RouteBench): object {
  const { list, result, choice, trace } = bench
  const lengths: Record<string, number> = {}
  for (const len of list.lengths) lengths[len] = (lengths[len] ?? 0) + 1
  return {
    schemaVersion: SCHEMA_VERSION,
    table: {
      name: bench.table,
      family: list.family,
      prefixes: list.count,
      lengths,
      nextHops: bench.nextHops,
    },
    trace: { name: trace.name, addresses: trace.length },
    rounds: bench.rounds,
    machine: bench.machine,
    compared: result.compared,
    interrupted: result.interrupted,
    auto: { structure: choice.name, why: choice.why },
    structures: ranked(result.measured).map((one) => ({
      name: one.structure.name,
      batchBy: one.structure.batch,
      batch: rounded(one.batch),
      single: rounded(one.single),
      dependent: rounded(one.dependent),
      updates: rounded(one.updates),
      buildMs: rounded(one.build),
      bytesAPrefix: digits(one.bytesAPrefix),
    })),
  }
}

/** Six digits: more than any measurement has. */
function digits(value: number): number {
  return Number(value.toPrecision(6))
}

function rounded(spread: Spread | undefined): Spread | undefined {
  if (spread === undefined) return undefined
  const { median, least, most, rounds } = spread
  return { median: digits(median), least: digits(least), most: digits(most), rounds }
}
