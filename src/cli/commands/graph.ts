// `isthmus graph`: the topology as text for Mermaid or Graphviz.

import { Option } from 'commander'
import { type CommandContext, examples } from '../command.ts'
import { loadOne, type ScenarioFlags, scenarioOptions } from '../loading.ts'

const FORMATS = ['mermaid', 'dot'] as const

export function defineGraph(context: CommandContext): void {
  const command = context.program
    .command('graph')
    .summary('print the topology as a Mermaid or Graphviz graph')
    .description(
      'Prints clusters, routers, subnets, pods, gateway nodes and transit switches as a graph that Markdown viewers or dot can draw. Gateway nodes whose loss parts clusters are marked, and named on standard error.',
    )
    .argument('<file>', 'scenario file, or - for standard input')
    .optionsGroup('Drawing:')
    .addOption(new Option('-o, --output <format>', 'graph language').choices(FORMATS).default('mermaid'))
    .optionsGroup('Scenario:')
  for (const option of scenarioOptions()) command.addOption(option)
  command.action(
    async (file: string, flags: ScenarioFlags & { readonly output: (typeof FORMATS)[number] }) => {
      const scenario = await loadOne(context, await context.io.engine(), file, flags)
      if (scenario === undefined) return
      const { renderGraph, singlePointText } = await import('../../report/graph.ts')
      const { text, singlePoints } = renderGraph(scenario.network, flags.output)
      context.io.write(text)
      for (const point of singlePoints) context.io.talk(`note: ${singlePointText(point)}\n`)
    },
  )
  examples(
    command,
    'isthmus graph isthmus.yaml',
    'isthmus graph isthmus.yaml -o dot | dot -Tsvg > topology.svg',
    "(echo '```mermaid'; isthmus graph isthmus.yaml; echo '```') > topology.md",
  )
}
