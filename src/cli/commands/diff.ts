// `isthmus diff`: what a change does to routes and reachability.

import { Option } from 'commander'
import { PROFILE_NAMES, type ProfileName } from '../../model/profile.ts'
import type { Scenario } from '../../model/scenario.ts'
import type { Side } from '../../verify/difference.ts'
import type { Engine } from '../engine.ts'
import { CliError, EXIT } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { wantsColor, widthOf } from '../io.ts'
import { loadOne } from '../loading.ts'
import { momentOf } from '../moment.ts'
import { collect, parseOutputs } from '../outputs.ts'
import { type CommandContext, examples } from '../program.ts'

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
      'Brings two scenarios to rest, or one under two versions, and compares their routes and who reaches whom, over all addresses. Exit code 1 where they differ.',
    )
    .argument('<old>', 'scenario file, or - for standard input')
    .argument('[new]', 'the scenario after the change; the same one when two profiles are given')
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
    'isthmus diff isthmus.yaml --profile kube-ovn-1.16 --profile kube-ovn-1.17',
    'isthmus diff isthmus.yaml changed.yaml -o json | jq .pairs',
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
  const names: string[] = []
  for (const [file, profile] of [
    [before, first],
    [after ?? before, second ?? first],
  ] as const) {
    const scenario = await loadOne(context, engine, file, profile === undefined ? {} : { profile })
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

/** The network of a scenario at a moment, as a side of the comparison. */
async function sideOf(engine: Engine, scenario: Scenario, at: string | undefined): Promise<Side> {
  const { databases, state } = await engine.stateAt(scenario, momentOf(scenario, at))
  const { reachability } = await import('../../verify/reachability/reachability.ts')
  const { summarize } = await import('../../verify/reachability/summary.ts')
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
  return { summary: summarize(reachability(state)), routes }
}
