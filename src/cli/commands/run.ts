// `isthmus run`: load, simulate, judge, report.

import { Option } from 'commander'
import { didYouMean } from '../../diag/suggest.ts'
import type { RunResult } from '../../model/observation.ts'
import type { Scenario } from '../../model/scenario.ts'
import { verdictOf } from '../../verify/verdict.ts'
import { CliError, EXIT, type ExitCode } from '../errors.ts'
import { prepareFolder, writeWhole } from '../files.ts'
import { wantsColor, widthOf } from '../io.ts'
import { loadAll, type ScenarioFlags, scenarioOptions } from '../loading.ts'
import { collect, type Output, parseOutputs } from '../outputs.ts'
import { type CommandContext, examples } from '../program.ts'
import { progressLine } from '../progress.ts'

const FORMATS = ['text', 'json', 'yaml', 'junit'] as const
type Format = (typeof FORMATS)[number]

interface RunFlags extends ScenarioFlags {
  readonly output: readonly string[]
  readonly pcap?: string
  readonly only?: string
}

export function defineRun(context: CommandContext): void {
  const command = context.program
    .command('run')
    .summary('run scenarios and judge what they expect')
    .description(
      'Runs scenarios and prints routes, traffic, timeline and expectations. Exit code 1 when an expectation fails, 5 when a limit ended a run before all of them could be judged.',
    )
    .argument('<files...>', 'scenario files, folders of them, or - for standard input')
    .optionsGroup('Report:')
    .addOption(
      new Option(
        '-o, --output <format[=file]>',
        `report format (${FORMATS.join(', ')}), to a file if one is given; repeatable`,
      )
        .argParser(collect)
        .default([], 'text'),
    )
    .option('--pcap <folder>', 'write a pcapng file per scenario into this folder')
    .optionsGroup('Scenario:')
  for (const option of scenarioOptions()) command.addOption(option)
  command
    .option('--only <name>', 'judge only the expectation with this text, or those that contain it')
    .action((files: string[], flags: RunFlags) => run(context, files, flags))
  examples(
    command,
    'isthmus run scenarios/quickstart.yaml',
    'isthmus run scenarios --pcap captures -o text -o junit=report.xml',
    'isthmus run isthmus.yaml -o json | jq .scenarios[0].traffic',
  )
}

async function run(context: CommandContext, files: readonly string[], flags: RunFlags): Promise<void> {
  const outputs = parseOutputs(flags.output, FORMATS)
  const engine = await context.io.engine()
  const loaded = await loadAll(context, engine, files, flags)
  if (loaded === undefined) return
  const scenarios = flags.only === undefined ? loaded : narrowed(loaded, flags.only)
  let captureNames: readonly string[] = []
  if (flags.pcap !== undefined) {
    prepareFolder(flags.pcap)
    captureNames = (await import('../../run/capture-file.ts')).captureNames(scenarios)
  }
  const results: RunResult[] = []
  for (const [i, scenario] of scenarios.entries()) {
    const progress = progressLine(
      context.io,
      scenarios.length > 1 ? `${i + 1}/${scenarios.length} ${scenario.name}` : scenario.name,
    )
    try {
      results.push(
        await engine.simulateAsync(scenario, {
          progress: progress.update,
          ...(context.io.signal !== undefined && { signal: context.io.signal }),
          ...(flags.pcap !== undefined && {
            captureDir: flags.pcap,
            captureName: captureNames[i]!,
          }),
        }),
      )
    } finally {
      progress.clear()
    }
  }
  for (const output of outputs) await emit(context, results, output)
  context.finish(exitCodeOf(results))
}

/** Scenarios with only the expectations that are asked for, without those that have none of them. */
function narrowed(scenarios: readonly Scenario[], only: string): Scenario[] {
  const kept = scenarios.flatMap((scenario): Scenario[] => {
    if (scenario.name === only) return [scenario]
    const exact = scenario.expectations.filter(({ text }) => text === only)
    const expectations =
      exact.length > 0 ? exact : scenario.expectations.filter(({ text }) => text.includes(only))
    return expectations.length === 0 ? [] : [{ ...scenario, expectations }]
  })
  if (kept.length > 0) return kept
  const texts = scenarios.flatMap((scenario) => scenario.expectations.map(({ text }) => text))
  throw new CliError(`--only ${only}: no expectation contains this`, {
    hint:
      didYouMean(only, texts) ??
      (texts.length === 0 ? 'the scenario expects nothing' : `there is "${texts.slice(0, 5).join('", "')}"`),
  })
}

async function emit(
  { io, color }: CommandContext,
  results: readonly RunResult[],
  { format, file }: Output<Format>,
): Promise<void> {
  const width = file === undefined && io.stdout.isTTY ? widthOf(io.stdout) : undefined
  const text = await render(format, results, {
    color: file === undefined && wantsColor(io, io.stdout, color()),
    ...(width !== undefined && { width }),
  })
  if (file === undefined) io.write(text)
  else writeWhole(file, text)
}

async function render(
  format: Format,
  results: readonly RunResult[],
  options: { readonly color: boolean; readonly width?: number },
): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('../../report/text/run.ts')).renderRun(results, options)
    case 'json':
    case 'yaml': {
      const { runData } = await import('../../report/run-data.ts')
      const { toJson, toYaml } = await import('../../report/structured.ts')
      return (format === 'json' ? toJson : toYaml)(runData(results))
    }
    case 'junit':
      return (await import('../../report/junit.ts')).toJunit(results)
  }
}

/** A failure that was seen counts more than a run that could not be finished. */
function exitCodeOf(results: readonly RunResult[]): ExitCode {
  const verdicts = new Set(results.map(verdictOf))
  return verdicts.has('fail') ? EXIT.findings : verdicts.has('inconclusive') ? EXIT.inconclusive : EXIT.ok
}
