// The reports of runs, for `run` and `lab run` alike: formats, files, and the exit code they amount to.

import { Option } from 'commander'
import type { RunResult } from '../model/observation.ts'
import { verdictOf } from '../verify/verdict.ts'
import type { CommandContext } from './command.ts'
import { EXIT, type ExitCode } from './errors.ts'
import { writeWhole } from './files.ts'
import { wantsColor, widthOf } from './io.ts'
import { collect, type Output, parseOutputs } from './outputs.ts'

const FORMATS = ['text', 'json', 'yaml', 'junit'] as const
type Format = (typeof FORMATS)[number]

/** `-o`. */
export function runOutputOption(): Option {
  return new Option(
    '-o, --output <format[=file]>',
    `report format (${FORMATS.join(', ')}), to a file if one is given; repeatable`,
  )
    .argParser(collect)
    .default([], 'text')
}

/** Checks the values of `-o`; a usage error before anything runs. */
export function runOutputs(values: readonly string[]): Output<Format>[] {
  return parseOutputs(values, FORMATS)
}

/** Writes every report that is asked for. */
export async function emitRuns(
  { io, color }: CommandContext,
  results: readonly RunResult[],
  values: readonly string[],
): Promise<void> {
  for (const { format, file } of runOutputs(values)) {
    const width = file === undefined && io.stdout.isTTY ? widthOf(io.stdout) : undefined
    const text = await render(format, results, {
      color: file === undefined && wantsColor(io, io.stdout, color()),
      ...(width !== undefined && { width }),
    })
    if (file === undefined) io.write(text)
    else writeWhole(file, text)
  }
}

async function render(
  format: Format,
  results: readonly RunResult[],
  options: { readonly color: boolean; readonly width?: number },
): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('../report/text/run.ts')).renderRun(results, options)
    case 'json':
    case 'yaml': {
      const { runData } = await import('../report/run-data.ts')
      const { toJson, toYaml } = await import('../report/structured.ts')
      return (format === 'json' ? toJson : toYaml)(runData(results))
    }
    case 'junit':
      return (await import('../report/junit.ts')).toJunit(results)
  }
}

/** A failure that was seen counts more than a run that could not be finished. */
export function runVerdict(results: readonly RunResult[]): ExitCode {
  const verdicts = new Set(results.map(verdictOf))
  return verdicts.has('fail') ? EXIT.findings : verdicts.has('inconclusive') ? EXIT.inconclusive : EXIT.ok
}
