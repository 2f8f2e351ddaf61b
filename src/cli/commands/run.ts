// `isthmus run`: load, simulate, judge, report.

import { didYouMean } from '../../diag/suggest.ts'
import type { RunResult } from '../../model/observation.ts'
import type { Scenario } from '../../model/scenario.ts'
import { type CommandContext, examples } from '../command.ts'
import { CliError } from '../errors.ts'
import { prepareFolder } from '../files.ts'
import { loadAll, type ScenarioFlags, scenarioOptions } from '../loading.ts'
import { progressLine } from '../progress.ts'
import { emitRuns, runOutputOption, runOutputs, runVerdict } from '../run-output.ts'

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
    .addOption(runOutputOption())
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
  runOutputs(flags.output)
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
  await emitRuns(context, results, flags.output)
  context.finish(runVerdict(results))
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
