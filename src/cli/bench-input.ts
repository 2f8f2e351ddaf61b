// The table and the trace that a measurement is asked to use: generated, or out of the user's files.

import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { didYouMean } from '../diag/suggest.ts'
import type { RouteFormat } from '../input/routes/format-names.ts'
import type { PrefixList } from '../model/prefix-list.ts'
import { Random } from '../net/random.ts'
import type { Shape, SizeName } from '../run/bench/shapes.ts'
import type { AddressTrace, TraceName } from '../run/bench/traces.ts'
import type { CommandContext } from './command.ts'
import { CliError, EXIT } from './errors.ts'
import { printProblems } from './loading.ts'
import { statusLine } from './progress.ts'

/** The options of `isthmus bench routes`. */
export interface BenchFlags {
  readonly shape?: Shape
  readonly size?: SizeName
  readonly family?: '4' | '6'
  readonly seed: number
  readonly format?: RouteFormat
  readonly trace: string
  readonly structures?: string
  readonly rounds: number
  readonly output: readonly string[]
}

/** A table to measure with. */
export interface BenchTable {
  readonly name: string
  readonly list: PrefixList
  readonly nextHops: number
}

/** Batches that a short capture is repeated to fill. */
const LEAST_ADDRESSES = 65_536

/** The table; undefined after problems, which are printed and set exit code 2. */
export async function benchTable(
  context: CommandContext,
  file: string | undefined,
  flags: BenchFlags,
): Promise<BenchTable | undefined> {
  if (file !== undefined) return fileTable(context, file, flags)
  const { NEXT_HOPS, shapedTable, SIZES } = await import('../run/bench/shapes.ts')
  const { shape = 'k8s', size = '10k' } = flags
  const family = flags.family === '6' ? 6 : 4
  const name = `v${family}-${shape}-${size}`
  const status = statusLine(context.io)
  status.show(`${name}: being made`)
  const list = shapedTable(shape, family, SIZES[size], flags.seed)
  status.clear()
  return { name, list, nextHops: Math.min(list.count, NEXT_HOPS[shape]) }
}

async function fileTable(
  context: CommandContext,
  file: string,
  flags: BenchFlags,
): Promise<BenchTable | undefined> {
  const { io } = context
  const { readRouteFile } = await import('../input/routes/read.ts')
  const status = statusLine(io)
  const read = await readRouteFile(file, {
    format: flags.format,
    signal: io.signal,
    progress: (bytes) => status.show(`${file}: ${(bytes / 2 ** 20).toFixed(0)} MiB read`),
  }).finally(() => status.clear())
  await printProblems(context, read)
  if (read.hasErrors) {
    context.finish(EXIT.usage)
    return undefined
  }
  const { tables, nextHops } = read.routes
  const larger = tables[6].count > tables[4].count ? 6 : 4
  const family = flags.family === undefined ? larger : (Number(flags.family) as 4 | 6)
  const list = tables[family]
  const other = tables[family === 4 ? 6 : 4]
  if (list.count === 0)
    throw new CliError(`${file}: no IPv${family} routes in this file`, {
      hint: `it has ${other.count.toLocaleString('en')} of IPv${other.family}: --family ${other.family}`,
    })
  if (other.count > 0)
    io.talk(
      `note: ${other.count.toLocaleString('en')} IPv${other.family} prefixes are not measured here: --family ${other.family}\n`,
    )
  return { name: file === '-' ? '<stdin>' : basename(file), list, nextHops: nextHops.length }
}

/** The addresses to ask for. */
export async function benchTrace(list: PrefixList, { trace, seed }: BenchFlags): Promise<AddressTrace> {
  const { generatedTrace, TRACES } = await import('../run/bench/traces.ts')
  if ((TRACES as readonly string[]).includes(trace)) {
    const made = generatedTrace(trace as TraceName, list, new Random(seed).fork(trace))
    if (made === undefined)
      throw new CliError(`--trace ${trace}: no address misses this table`, {
        hint: 'it has a default route, or prefixes that hold every address',
      })
    return made
  }
  return captured(trace, list.family, TRACES)
}

async function captured(path: string, family: 4 | 6, names: readonly string[]): Promise<AddressTrace> {
  const { readCapture } = await import('../wire/pcap-reader.ts')
  const { captureTrace, repeated } = await import('../run/bench/capture-trace.ts')
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new CliError(
      code === 'ENOENT' ? `--trace ${path}: neither a trace nor a file` : `--trace ${path}: ${message}`,
      { hint: didYouMean(path, names) ?? `traces are ${names.join(', ')}, or a pcap or pcapng file` },
    )
  }
  const capture = readCapture(bytes)
  if (capture === undefined) throw new CliError(`--trace ${path}: neither pcap nor pcapng`)
  if (capture.problem !== undefined) throw new CliError(`--trace ${path}: ${capture.problem}`)
  const trace = captureTrace(capture, family, basename(path))
  if (trace.length === 0)
    throw new CliError(`--trace ${path}: no IPv${family} packets among its ${capture.packets.length}`)
  return repeated(trace, LEAST_ADDRESSES)
}
