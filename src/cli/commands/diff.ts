// `isthmus diff`: what a change does to routes and reachability.

import { Option } from 'commander'
import { PROFILE_NAMES, type ProfileName } from '../../model/profile.ts'
import type { Scenario } from '../../model/scenario.ts'
import type { Side } from '../../verify/difference.ts'
import { type CommandContext, examples } from '../command.ts'
import type { Engine } from '../engine.ts'
import { CliError, EXIT } from '../errors.ts'
import { holdsScenario, writeWhole } from '../files.ts'
import { wantsColor, widthOf } from '../io.ts'
import { loadOne, printProblems } from '../loading.ts'
import { momentOf } from '../moment.ts'
import { collect, parseOutputs } from '../outputs.ts'

const FORMATS = ['text', 'json'] as const

interface DiffFlags {
  readonly output: readonly string[]
  readonly profile: readonly ProfileName[]
  readonly at?: string
}

export function defineDiff(context: CommandContext): void {
  const command = context.program
    .command('diff')
    .summary('show what a change does to routes and reachability')
    .description(
      'Brings two networks to rest, or one under two versions, and compares their routes and who reaches whom, over all addresses. Takes scenarios and whatever isthmus check reads. Exit code 1 where they differ.',
    )
    .argument('<old>', 'scenario, plan, table, or folder of manifests; - for standard input')
    .argument('[new]', 'the same after the change; left out when two profiles are given')
    .addOption(
      new Option('-o, --output <format[=file]>', `report format (${FORMATS.join(', ')}); repeatable`)
        .argParser(collect)
        .default([], 'text'),
    )
    .addOption(
      new Option('--profile <name>', 'version to model: once for both sides, twice for old and new')
        .argParser(collectProfile)
        .default([], 'that of the files'),
    )
    .option(
      '--at <time>',
      'time of the run (5s, 250ms), start, end, or the name of a snapshot (default: start)',
    )
    .action((before: string, after: string | undefined, flags: DiffFlags) =>
      diff(context, before, after, flags),
    )
  examples(
    command,
    'isthmus diff before.yaml after.yaml',
    'isthmus diff clusters-now/ clusters-planned/',
    'isthmus diff isthmus.yaml --profile kube-ovn-1.16 --profile kube-ovn-1.17',
  )
}

function collectProfile(value: string, previous: readonly string[]): string[] {
  if (!(PROFILE_NAMES as readonly string[]).includes(value))
    throw new CliError(`there is no profile ${value}`, { hint: `profiles are ${PROFILE_NAMES.join(', ')}` })
  return [...previous, value]
}

async function diff(
  context: CommandContext,
  before: string,
  after: string | undefined,
  flags: DiffFlags,
): Promise<void> {
  const { io, color } = context
  const outputs = parseOutputs(flags.output, FORMATS)
  const [first, second] = flags.profile
  if (flags.profile.length > 2) throw new CliError('--profile can be given twice, for old and new')
  if (after === undefined && second === undefined)
    throw new CliError('there is nothing to compare with', {
      hint: 'give a second file, or --profile twice',
    })
  const engine = await io.engine()
  const sides: Side[] = []
  const told = new Set<string>()
  const names: string[] = []
  for (const [file, profile] of [
    [before, first],
    [after ?? before, second ?? first],
  ] as const) {
    const scenario = await loadSide(context, engine, file, profile, told)
    if (scenario === undefined) return
    sides.push(await sideOf(engine, scenario, flags.at))
    names.push(profile === undefined ? file : `${file} (${profile})`)
  }
  const { difference, isSame } = await import('../../verify/difference.ts')
  const { diffData, renderDiff } = await import('../../report/diff/render.ts')
  const found = difference(sides[0]!, sides[1]!)
  const width = widthOf(io.stdout)
  for (const { format, file } of outputs) {
    const text =
      format === 'json'
        ? `${JSON.stringify(diffData(found, names[0]!, names[1]!), null, 2)}\n`
        : renderDiff(found, {
            color: file === undefined && wantsColor(io, io.stdout, color()),
            ...(width !== undefined && { width }),
            before: names[0]!,
            after: names[1]!,
          })
    if (file === undefined) io.write(text)
    else writeWhole(file, text)
  }
  if (!isSame(found)) context.finish(EXIT.findings)
}

/** One side's network; undefined after problems, which are printed and set exit code 2. What both sides assume is told once. */
async function loadSide(
  context: CommandContext,
  engine: Engine,
  path: string,
  profile: ProfileName | undefined,
  told: Set<string>,
): Promise<Scenario | undefined> {
  const options = profile === undefined ? {} : { profile }
  if (holdsScenario(path)) return loadOne(context, engine, path, options)
  const { loadPlan } = await import('../../input/plan/load.ts')
  const loaded = loadPlan([path])
  await printProblems(context, loaded)
  if (loaded.plan === undefined) {
    context.finish(EXIT.usage)
    return undefined
  }
  const { networksOf } = await import('../networks.ts')
  const [network, second] = networksOf(loaded, [path], options)
  if (network === undefined || second !== undefined)
    throw new CliError(`${path} holds several networks`, { hint: 'name one file or folder of them' })
  for (const assumed of network.assumed) {
    const line = `${network.name}: assumed: ${assumed}\n`
    if (!told.has(line)) context.io.talk(line)
    told.add(line)
  }
  if (network.scenario === undefined)
    throw new CliError(
      `${network.name} cannot run: ${network.obstacles
        .map(({ message, span }) =>
          span === undefined ? message : `${span.file}:${span.line}:${span.column}: ${message}`,
        )
        .join('; ')}`,
      network.notSimulated === true ? {} : { hint: 'isthmus check names what is wrong with the plan' },
    )
  return network.scenario
}

/** The network of a scenario at a moment, as a side of the comparison. */
async function sideOf(engine: Engine, scenario: Scenario, at: string | undefined): Promise<Side> {
  const { databases, state } = await engine.stateAt(scenario, momentOf(scenario, at))
  const { reachability } = await import('../../verify/reachability/reachability.ts')
  const { summarize } = await import('../../verify/reachability/summary.ts')
  const { localSubnets } = await import('../../verify/reachability/offered.ts')
  const { routeRows, routeText } = await import('../../report/routes.ts')
  const { nexthopOwners } = await import('../../verify/nexthop-owners.ts')
  const owners = nexthopOwners(state)
  const routes = new Map<string, string[]>()
  for (const { id } of scenario.network.clusters)
    for (const row of routeRows(databases, id)) {
      const where = `${id} ${row.router}`
      routes.set(where, [
        ...(routes.get(where) ?? []),
        routeText({ ...row, nexthop: owners.get(row.nexthop) ?? row.nexthop }),
      ])
    }
  return { summary: summarize(reachability(state), { isLocal: localSubnets(scenario.network) }), routes }
}
