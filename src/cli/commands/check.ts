// `isthmus check`: the rules of src/plan over whatever says what will be deployed. Reaches neither simulator nor schema.

import { Option } from 'commander'
import type { CheckResult, Finding } from '../../model/finding.ts'
import { EXIT } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { wantsColor, widthOf } from '../io.ts'
import { printProblems } from '../loading.ts'
import { collect, parseOutputs } from '../outputs.ts'
import { type CommandContext, examples } from '../program.ts'

const FORMATS = ['text', 'json', 'sarif', 'junit', 'github', 'markdown'] as const

interface CheckFlags {
  readonly output: readonly string[]
  readonly failOn: 'error' | 'warning'
  readonly baseline?: string
  readonly writeBaseline?: string
  readonly strict?: boolean
}

export function defineCheck(context: CommandContext): void {
  const command = context.program
    .command('check')
    .summary('judge a plan before it is deployed')
    .description(
      'Reads scenarios, Kubernetes manifests, kubectl and OVN output, plans and tables of several clusters, and says what will not work, why, and which addresses it concerns. Exit code 1 when there are findings.',
    )
    .argument('<paths...>', 'files, folders, cluster=path, or - for standard input')
    .addOption(
      new Option(
        '-o, --output <format[=file]>',
        `report format (${FORMATS.join(', ')}), to a file if one is given; repeatable`,
      )
        .argParser(collect)
        .default([], 'text'),
    )
    .addOption(
      new Option('--fail-on <severity>', 'the least severity that makes exit code 1')
        .choices(['error', 'warning'])
        .default('error'),
    )
    .option('--baseline <file>', 'accept the findings that this file lists')
    .option('--write-baseline <file>', 'write the findings there as accepted, and exit with 0')
    .option('--strict', 'documents of unknown kinds are errors')
    .action((paths: string[], flags: CheckFlags) => check(context, paths, flags))
  examples(
    command,
    'isthmus check az1/ az2/ plan.csv',
    'kubectl get subnets,nodes,configmap/ovn-ic-config -A -o json | isthmus check az1=-',
    'isthmus check clusters --baseline known.json -o text -o sarif=plan.sarif',
  )
}

async function check(context: CommandContext, paths: readonly string[], flags: CheckFlags): Promise<void> {
  const { io, color } = context
  const outputs = parseOutputs(flags.output, FORMATS)
  const { loadPlan } = await import('../../input/plan/load.ts')
  const loaded = loadPlan(paths, { strict: flags.strict ?? false })
  await printProblems(context, loaded)
  if (loaded.plan === undefined) {
    context.finish(EXIT.usage)
    return
  }
  const { checkPlan } = await import('../../plan/check.ts')
  const all = checkPlan(loaded.plan)
  const { baselineText, readBaseline } = await import('../baseline.ts')
  const known = flags.baseline === undefined ? undefined : readBaseline(flags.baseline)
  const findings = known === undefined ? all.findings : all.findings.filter((one) => !known.has(one))
  const result: CheckResult = { findings, dropped: all.dropped }
  const accepted = all.findings.length - findings.length
  if (flags.writeBaseline !== undefined) writeWhole(flags.writeBaseline, baselineText(all.findings))

  const failed = flags.writeBaseline === undefined && fails(result, flags.failOn)
  const reports = await import('../../report/findings/report.ts')
  for (const { format, file } of outputs) {
    const width = file === undefined ? widthOf(io.stdout) : undefined
    const text = reports.findingsReport(format, result, loaded.sources, {
      color: file === undefined && wantsColor(io, io.stdout, color()),
      accepted,
      files: loaded.files,
      ok: !failed,
      ...(width !== undefined && { width: Math.min(width, 120) }),
    })
    if (file === undefined) io.write(text)
    else writeWhole(file, text)
  }
  if (failed) context.finish(EXIT.findings)
}

function fails({ findings, dropped }: CheckResult, failOn: CheckFlags['failOn']): boolean {
  const bad = ({ severity }: Finding): boolean =>
    severity === 'error' || (failOn === 'warning' && severity === 'warning')
  return findings.some(bad) || dropped.error > 0 || (failOn === 'warning' && dropped.warning > 0)
}
