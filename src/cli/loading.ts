// Loading scenarios for a command: problems are printed with their lines, errors end the command with exit code 2 after all
// files were looked at.

import { InvalidArgumentError, Option } from 'commander'
import { didYouMean } from '../diag/suggest.ts'
import { PROFILE_NAMES, type ProfileName } from '../model/profile.ts'
import type { Scenario } from '../model/scenario.ts'
import type { CommandContext } from './command.ts'
import type { Engine, Loaded, LoadOptions } from './engine.ts'
import { CliError, EXIT } from './errors.ts'
import { scenarioFiles } from './files.ts'
import { wantsColor, widthOf } from './io.ts'

/** Options that change a scenario from outside its file. */
export function scenarioOptions(): Option[] {
  return [
    new Option('--seed <number>', 'seed of everything random, instead of the one in the file').argParser(
      parseSeed,
    ),
    new Option('--profile <name>', 'version to model, instead of the one in the file').choices([
      ...PROFILE_NAMES,
    ]),
  ]
}

export interface ScenarioFlags {
  readonly seed?: number
  readonly profile?: ProfileName
}

/** All scenarios of a command line; undefined after errors, which are printed and set exit code 2. */
export async function loadAll(
  context: CommandContext,
  engine: Engine,
  paths: readonly string[],
  flags: ScenarioFlags,
): Promise<Scenario[] | undefined> {
  const options: LoadOptions = {
    ...(flags.seed !== undefined && { seed: flags.seed }),
    ...(flags.profile !== undefined && { profile: flags.profile }),
  }
  const scenarios: Scenario[] = []
  let failed = false
  for (const path of scenarioFiles(paths)) {
    const loaded = await engine.load(path, options)
    await printProblems(context, loaded)
    if (loaded.scenario === undefined) failed = true
    else scenarios.push(loaded.scenario)
  }
  if (!failed) return scenarios
  context.finish(EXIT.usage)
  return undefined
}

/** The one scenario of a command that takes a single file. */
export async function loadOne(
  context: CommandContext,
  engine: Engine,
  path: string,
  flags: ScenarioFlags,
): Promise<Scenario | undefined> {
  const scenarios = await loadAll(context, engine, [path], flags)
  if (scenarios !== undefined && scenarios.length > 1)
    throw new CliError(`${path} holds ${scenarios.length} scenarios; name one of them`)
  return scenarios?.[0]
}

/** Prints diagnostics on standard error, if there are any. */
export async function printProblems(
  { io, color }: CommandContext,
  loaded: Pick<Loaded, 'diagnostics' | 'sources'>,
): Promise<void> {
  if (loaded.diagnostics.length === 0) return
  const { renderDiagnostics, renderSummary } = await import('../diag/render.ts')
  const width = widthOf(io.stderr)
  const text = renderDiagnostics(loaded.diagnostics, loaded.sources, {
    color: wantsColor(io, io.stderr, color()),
    ...(width !== undefined && { width }),
  })
  io.talk(`${text}\n\n${renderSummary(loaded.diagnostics)}\n`)
}

/** A cluster of the scenario by id; a usage error with the nearest name otherwise. */
export function checkCluster(scenario: Scenario, id: string | undefined): void {
  const ids = scenario.network.clusters.map((cluster) => cluster.id)
  if (id !== undefined && !ids.includes(id))
    throw new CliError(`${scenario.file} has no cluster ${id}`, {
      hint: didYouMean(id, ids) ?? `its clusters are ${ids.join(', ')}`,
    })
}

function parseSeed(text: string): number {
  const seed = Number(text)
  if (!/^\d+$/.test(text) || seed > 0xffff_ffff)
    throw new InvalidArgumentError('A seed is a whole number from 0 to 4294967295.')
  return seed
}
