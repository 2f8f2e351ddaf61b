// `isthmus conform`: simulator and lab side by side, for scenarios of the user's and for random ones.

import { availableParallelism } from 'node:os'
import { Option } from 'commander'
import { type CommandContext, examples } from '../command.ts'
import { type ConformRuns, runAll } from '../conform-runs.ts'
import { CliError, EXIT } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { wantsColor } from '../io.ts'
import { checkLab, doneInOwnWorld } from '../lab-environment.ts'
import { loadAll, type ScenarioFlags, scenarioOptions } from '../loading.ts'
import { wholeNumber } from '../numbers.ts'
import { collect, parseOutputs } from '../outputs.ts'

const FORMATS = ['text', 'json', 'junit'] as const

/** Where shrunk disagreements go. */
const REGRESSIONS = 'scenarios/regressions'
/** A lab keeps two cores busy, and times are measured in it. */
const JOBS = Math.min(8, Math.max(1, Math.floor(availableParallelism() / 2)))
const SEED_MAX = 0xffff_ffff
const FIRST_SEED = 1

interface ConformFlags extends ScenarioFlags {
  readonly output: readonly string[]
  readonly jobs: number
  readonly random?: number
  readonly shrink: boolean
  readonly regressions: string
  readonly dryRun?: true
  readonly verbose?: true
}

export function defineConform(context: CommandContext): void {
  const command = context.program
    .command('conform')
    .summary('hold the simulator against real OVN')
    .description(
      'Runs each scenario on real OVN and in the simulator and compares route tables, flows, IC Southbound rows, bindings, every probe, and every packet on the underlay. With --random it makes the scenarios up: one seed is one scenario, whose disagreement is shrunk to the smallest scenario that still shows it. What differs is run again. Exit code 1 on any disagreement, 5 where the only ones could not be repeated.',
    )
    .argument('[files...]', 'scenario files, folders of them, or - for standard input')
    .addOption(
      new Option(
        '-o, --output <format[=file]>',
        `report format (${FORMATS.join(', ')}), to a file if one is given; repeatable`,
      )
        .argParser(collect)
        .default([], 'text'),
    )
    .addOption(
      new Option('-j, --jobs <number>', 'labs at a time')
        .argParser(wholeNumber(1, 64))
        .default(JOBS, 'half the cores'),
    )
    .option('-v, --verbose', 'print every command before it runs')
    .optionsGroup('Random scenarios:')
    .addOption(
      new Option(
        '--random <number>',
        `how many; their seeds are counted up from --seed (default: ${FIRST_SEED})`,
      ).argParser(wholeNumber(1, 100_000)),
    )
    .option('--no-shrink', 'report a disagreement as it was found')
    .option('--regressions <folder>', 'where the smallest scenarios that differ are written', REGRESSIONS)
    .option('--dry-run', 'print the scenarios as YAML and run nothing')
    .optionsGroup('Scenario:')
  for (const option of scenarioOptions()) command.addOption(option)
  command.action((files: string[], flags: ConformFlags) => run(context, files, flags))
  examples(
    command,
    'isthmus conform scenarios/ovn-ic -o text -o junit=conform.xml',
    'isthmus conform --random 50 --seed 7',
    'isthmus conform --random 1 --seed 31 --dry-run > isthmus.yaml',
  )
}

async function run(context: CommandContext, files: readonly string[], flags: ConformFlags): Promise<void> {
  const { io, color } = context
  const outputs = parseOutputs(flags.output, FORMATS)
  const seeds = seedsOf(flags)
  if (flags.dryRun === true) return io.write(await yamlOf(seeds, files))
  if (files.length === 0 && seeds.length === 0)
    throw new CliError('conform needs scenario files, or --random', {
      hint: 'isthmus conform scenarios/quickstart.yaml, or isthmus conform --random 10',
    })
  if (await doneInOwnWorld(context)) return
  // With random scenarios the seed is theirs.
  const { seed: _, ...others } = flags
  const scenarios = await loadAll(context, await io.engine(), files, seeds.length > 0 ? others : flags)
  if (scenarios === undefined) return
  await checkLab()
  if (seeds.length > 0) io.talk(`random scenarios of the seeds ${seeds[0]} to ${seeds.at(-1)}\n`)
  const runs = await runAll(io, scenarios, seeds, flags)
  // One of several that a lab cannot carry out does not keep the others from being compared.
  if (scenarios.length + seeds.length === 1 && runs.left.length > 0) throw new CliError(runs.left[0]!)
  for (const { format, file } of outputs) {
    const text = await report(format, runs, file === undefined && wantsColor(io, io.stdout, color()))
    if (file === undefined) io.write(text)
    else writeWhole(file, text)
  }
  for (const message of runs.left) io.talk(`left out: ${message}\n`)
  for (const message of runs.broken) io.talk(`error: ${message}\n`)
  if (runs.judged.some(({ verdict }) => verdict === 'differ')) context.finish(EXIT.findings)
  else if (runs.broken.length > 0) context.finish(EXIT.environment)
  else if (runs.judged.some(({ verdict }) => verdict === 'unstable')) context.finish(EXIT.inconclusive)
}

async function report(format: (typeof FORMATS)[number], runs: ConformRuns, color: boolean): Promise<string> {
  const { conformData, conformJunit, renderConform } = await import('../../report/conform.ts')
  if (format === 'json') return `${JSON.stringify(conformData(runs.judged, runs), null, 2)}\n`
  return format === 'junit' ? conformJunit(runs.judged, runs) : renderConform(runs.judged, { color })
}

/** The seeds of the random scenarios in order. */
function seedsOf({ random = 0, seed = FIRST_SEED }: ConformFlags): number[] {
  if (seed + random - 1 > SEED_MAX)
    throw new CliError(`--random ${random} --seed ${seed}: the last seed would be above ${SEED_MAX}`)
  return Array.from({ length: random }, (_, i) => seed + i)
}

async function yamlOf(seeds: readonly number[], files: readonly string[]): Promise<string> {
  if (seeds.length === 0 || files.length > 0)
    throw new CliError('--dry-run prints random scenarios: give --random, and no files')
  const { randomScenario } = await import('../../run/conform/random/generate.ts')
  const { scenarioYaml } = await import('../../report/scenario-yaml.ts')
  return seeds.map((seed) => scenarioYaml(randomScenario(seed))).join('---\n')
}
