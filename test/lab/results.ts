/** test/lab/results.json: what `record.ts` saw when it held each network against real OVN. Nobody writes it by hand. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConformResult } from '../../src/run/conform/conform.ts'
import { fingerprint, ROOT } from './networks.ts'

/** What came of one network. */
export interface LabResult {
  /** `OVN 23.03.1, Open vSwitch 3.1.0`. */
  readonly system: string
  /** Of the network's file when it was run. */
  readonly fingerprint: string
  /** Aspects that were compared, by verdict. */
  readonly agree: number
  readonly undefined: number
  readonly differ: number
  /** `probe out: OVN 2.4 s after 3.0 s, model 2.1–2.9 s after 3.0 s`. */
  readonly outages: readonly string[]
  /** Every difference in its first lines. */
  readonly differences: readonly string[]
  /** Why a lab cannot carry it out; nothing was compared then. */
  readonly unsupported?: string
}

/** By path. */
export type LabResults = Readonly<Record<string, LabResult>>

const file = join(ROOT, 'test/lab/results.json')

export function readResults(): LabResults {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LabResults) : {}
}

/** Adds one result; others may do the same at the same time, so the file is read again. */
export function keepResult(path: string, result: LabResult): void {
  const all: Record<string, LabResult> = { ...readResults(), [path]: result }
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(sorted, null, 1)}\n`)
  renameSync(`${file}.${process.pid}`, file)
}

/** Lines of a difference that are kept. */
const LINES_MAX = 6

/** A comparison as it is kept. */
export function resultOf(path: string, system: string, { comparisons }: ConformResult): LabResult {
  const count = (wanted: string): number => comparisons.filter(({ verdict }) => verdict === wanted).length
  return {
    system,
    fingerprint: fingerprint(path),
    agree: count('agree'),
    undefined: count('undefined'),
    differ: count('differ'),
    outages: comparisons.flatMap(({ what, outages }) =>
      (outages ?? []).map(({ real, model }) => `${what}: OVN ${real}, model ${model}`),
    ),
    differences: comparisons.flatMap(({ aspect, what, verdict, differences }) =>
      verdict === 'differ'
        ? differences.map((text) => `${aspect} ${what}: ${text.split('\n').slice(0, LINES_MAX).join('\n')}`)
        : [],
    ),
  }
}

/** A network that a lab does not offer. */
export function unsupportedResult(path: string, system: string, reason: string): LabResult {
  const nothing = { agree: 0, undefined: 0, differ: 0, outages: [], differences: [] }
  return { system, fingerprint: fingerprint(path), ...nothing, unsupported: reason }
}
