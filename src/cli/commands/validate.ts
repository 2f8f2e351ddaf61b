// `isthmus validate`: the checks of `run` without running.

import { type CommandContext, examples } from '../command.ts'
import { loadAll, type ScenarioFlags, scenarioOptions } from '../loading.ts'

export function defineValidate(context: CommandContext): void {
  const command = context.program
    .command('validate')
    .summary('check scenario files without running them')
    .description(
      'Makes all checks of `run`, prints every problem with its line, and counts what the files hold.',
    )
    .argument('<files...>', 'scenario files, folders of them, or - for standard input')
    .optionsGroup('Scenario:')
  for (const option of scenarioOptions()) command.addOption(option)
  command.action(async (files: string[], flags: ScenarioFlags) => {
    const scenarios = await loadAll(context, await context.io.engine(), files, flags)
    if (scenarios === undefined) return
    const { counted } = await import('../../report/figures.ts')
    for (const { file, network, traffic, timeline, expectations } of scenarios) {
      const sum = (pick: (cluster: (typeof network.clusters)[number]) => number): number =>
        network.clusters.reduce((total, cluster) => total + pick(cluster), 0)
      const facts = [
        counted(network.clusters.length, 'cluster'),
        counted(
          sum((cluster) => cluster.nodes.length),
          'node',
        ),
        counted(
          sum((cluster) => cluster.subnets.length),
          'subnet',
        ),
        counted(
          sum((cluster) => cluster.pods.length),
          'pod',
        ),
        `${traffic.length} traffic`,
        counted(timeline.length, 'event'),
        counted(expectations.length, 'expectation'),
      ]
      context.io.write(`${file}: ok (${facts.join(', ')})\n`)
    }
  })
  examples(
    command,
    'isthmus validate isthmus.yaml',
    'isthmus validate scenarios',
    'kubectl get configmap scenario -o jsonpath={.data.yaml} | isthmus validate -',
  )
}
