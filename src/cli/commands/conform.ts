// `isthmus conform`: simulator and lab side by side.

import { Option } from 'commander'
import type { ConformResult } from '../../run/conform/conform.ts'
import { CliError, EXIT } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { wantsColor } from '../io.ts'
import { checkLab, doneInOwnWorld, withLabs } from '../lab-environment.ts'
import { loadAll, type ScenarioFlags, scenarioOptions } from '../loading.ts'
import { collect, parseOutputs } from '../outputs.ts'
import { type CommandContext, examples } from '../program.ts'

const FORMATS = ['text', 'json', 'junit'] as const

interface ConformFlags extends ScenarioFlags {
  readonly output: readonly string[]
  readonly verbose?: boolean
}

export function defineConform(context: CommandContext): void {
  const command = context.program
    .command('conform')
    .summary('hold the simulator against real OVN')
    .description(
      'Runs each scenario on real OVN and in the simulator and compares route tables, flows, IC Southbound rows, bindings, every probe, and every packet on the underlay. Exit code 1 on any disagreement.',
    )
    .argument('<files...>', 'scenario files, folders of them, or - for standard input')
    .addOption(
      new Option(
        '-o, --output <format[=file]>',
        `report format (${FORMATS.join(', ')}), to a file if one is given; repeatable`,
      )
        .argParser(collect)
        .default([], 'text'),
    )
    .option('-v, --verbose', 'print every command before it runs')
  for (const option of scenarioOptions()) command.addOption(option)
  command.action((files: string[], flags: ConformFlags) => run(context, files, flags))
  examples(
    command,
    'isthmus conform scenarios/quickstart.yaml',
    'isthmus conform scenarios/ovn-ic -o text -o junit=conform.xml',
    'isthmus conform isthmus.yaml -o json | jq .scenarios[0].comparisons',
  )
}

async function run(context: CommandContext, files: readonly string[], flags: ConformFlags): Promise<void> {
  const { io, color } = context
  const outputs = parseOutputs(flags.output, FORMATS)
  if (await doneInOwnWorld(context)) return
  const scenarios = await loadAll(context, await io.engine(), files, flags)
  if (scenarios === undefined) return
  await checkLab()
  const { conform } = await import('../../run/conform/conform.ts')
  const { lrRouteList } = await import('../../report/ovn/lr-route-list.ts')
  const { UnsupportedByLab } = await import('../../run/lab-run.ts')
  const results: ConformResult[] = []
  const left: string[] = []
  for (const scenario of scenarios) {
    try {
      results.push(await withLabs(io, flags.verbose === true, (talk) => conform(scenario, lrRouteList, talk)))
    } catch (error) {
      if (!(error instanceof UnsupportedByLab)) throw error
      // One of several that a lab cannot carry out does not keep the others from being compared.
      if (scenarios.length === 1) throw new CliError(error.message)
      left.push(error.message)
    }
  }
  const { conformData, conformJunit, renderConform } = await import('../../report/conform.ts')
  for (const { format, file } of outputs) {
    const text =
      format === 'json'
        ? `${JSON.stringify(conformData(results), null, 2)}\n`
        : format === 'junit'
          ? conformJunit(results)
          : renderConform(results, { color: file === undefined && wantsColor(io, io.stdout, color()) })
    if (file === undefined) io.write(text)
    else writeWhole(file, text)
  }
  for (const message of left) io.talk(`left out: ${message}\n`)
  if (results.some(({ ok }) => !ok)) context.finish(EXIT.findings)
}
