// `isthmus show`: databases and routes at one moment, in the layout of the OVN tools.

import { Argument } from 'commander'
import { didYouMean } from '../../diag/suggest.ts'
import type { DatabasesSnapshot } from '../../model/tables.ts'
import { SHOW_TOPICS, type ShowTopic } from '../../report/ovn/show.ts'
import { type CommandContext, examples } from '../command.ts'
import { CliError } from '../errors.ts'
import { checkCluster, loadOne, type ScenarioFlags, scenarioOptions } from '../loading.ts'
import { momentOf } from '../moment.ts'

interface ShowFlags extends ScenarioFlags {
  readonly at?: string
  readonly cluster?: string
  readonly router?: string
}

export function defineShow(context: CommandContext): void {
  const command = context.program
    .command('show')
    .summary('show routes, databases, gateways or policies as the OVN tools print them')
    .description(
      'Prints the state at one moment in the exact layout of lr-route-list, ovn-ic-sbctl show, ovn-nbctl show, ovn-sbctl show, lrp-get-gateway-chassis and lr-policy-list, so that it can be compared with a real cluster by diff; and the flows that northd makes of routes and policies. Several clusters or routers get a heading each.',
    )
    .addArgument(new Argument('<topic>', 'what to show').choices(SHOW_TOPICS))
    .argument('<file>', 'scenario file, or - for standard input')
    .optionsGroup('Which part:')
    .option(
      '--at <time>',
      'time of the run (5s, 250ms), start, end, or the name of a snapshot (default: start)',
    )
    .option('--cluster <id>', 'only this cluster')
    .option('--router <name>', 'only this logical router')
    .optionsGroup('Scenario:')
  for (const option of scenarioOptions()) command.addOption(option)
  command.action((topic: ShowTopic, file: string, flags: ShowFlags) => show(context, topic, file, flags))
  examples(
    command,
    'isthmus show routes isthmus.yaml --cluster az1',
    'isthmus show ic-sb isthmus.yaml --at 5s',
    'diff <(isthmus show routes isthmus.yaml --cluster az1) <(kubectl ko nbctl lr-route-list ovn-cluster)',
  )
}

async function show(
  context: CommandContext,
  topic: ShowTopic,
  file: string,
  flags: ShowFlags,
): Promise<void> {
  const engine = await context.io.engine()
  const scenario = await loadOne(context, engine, file, flags)
  if (scenario === undefined) return
  checkCluster(scenario, flags.cluster)
  const { databases, state } = await engine.stateAt(scenario, momentOf(scenario, flags.at))
  checkRouter(databases, flags)
  const { renderShow } = await import('../../report/ovn/show.ts')
  context.io.write(
    renderShow(databases, state, topic, {
      ...(flags.cluster !== undefined && { cluster: flags.cluster }),
      ...(flags.router !== undefined && { router: flags.router }),
    }),
  )
}

/** A router that is in the databases at that moment; topics without routers take no notice of it. */
function checkRouter(databases: DatabasesSnapshot, { router, cluster }: ShowFlags): void {
  if (router === undefined) return
  const names = [...databases.clusters].flatMap(([id, { nb }]) =>
    cluster === undefined || cluster === id
      ? [...nb.tables.Logical_Router.values()].map(({ name }) => name)
      : [],
  )
  if (!names.includes(router))
    throw new CliError(`there is no logical router ${router}`, {
      hint: didYouMean(router, names) ?? `there is ${[...new Set(names)].join(', ')}`,
    })
}
