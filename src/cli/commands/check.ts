// `isthmus check`: the rules of src/plan over whatever says what will be deployed. Reaches neither simulator nor schema.

import { InvalidArgumentError, Option } from 'commander'
import type { Diagnostic } from '../../diag/diagnostic.ts'
import type { LoadPlanResult } from '../../input/plan/load.ts'
import type { CheckResult, Finding } from '../../model/finding.ts'
import { type CommandContext, examples } from '../command.ts'
import { CliError, EXIT } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { type AskReachability, type FixFlags, fix, fixOutputs } from '../fix.ts'
import { wantsColor, widthOf } from '../io.ts'
import { printProblems } from '../loading.ts'
import { collect, parseOutputs } from '../outputs.ts'

const FORMATS = ['text', 'json', 'sarif', 'junit', 'github', 'markdown'] as const

interface CheckFlags extends FixFlags {
  readonly output: readonly string[]
  readonly strict?: boolean
  readonly reachability?: boolean
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly protocol?: 'icmp' | 'tcp' | 'udp'
  readonly port?: number
  readonly at?: string
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
    .option('--reachability', 'bring the networks to rest and show who reaches whom, over all addresses')
    .addOption(
      new Option('--from <cluster[/subnet]>', 'with --reachability: senders to show; repeatable')
        .argParser(collect)
        .default([], 'all'),
    )
    .addOption(
      new Option('--to <cluster[/subnet]>', 'with --reachability: owners of addresses to show; repeatable')
        .argParser(collect)
        .default([], 'all'),
    )
    .addOption(
      new Option('--protocol <name>', 'with --reachability: what is sent (default: icmp)').choices([
        'icmp',
        'tcp',
        'udp',
      ]),
    )
    .addOption(
      new Option(
        '--port <number>',
        'with --protocol tcp or udp: the destination port (default: 7)',
      ).argParser(parsePort),
    )
    .option(
      '--at <time>',
      'with --reachability: time of the run of scenarios (5s, 250ms), start, end, or the name of a snapshot (default: start)',
    )
    .option('--fix-plan', 'propose the cheapest renumbering that removes the findings, as a patch')
    .option('--write', 'with --fix-plan: change the files')
    .addOption(
      new Option(
        '--pin <network>',
        'with --fix-plan: a cluster, or cluster/network, that cannot change; repeatable',
      )
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('--reserve <cidr>', 'with --fix-plan: addresses that nothing moves to; repeatable')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('--within <cidr>', 'with --fix-plan: addresses that networks may move to; repeatable')
        .argParser(collect)
        .default([], 'private addresses'),
    )
    .addOption(
      new Option(
        '--cost <network=pods>',
        'with --fix-plan: what it costs to renumber a network, or each of a cluster; repeatable',
      )
        .argParser(collect)
        .default([], 'as docs/check.md says'),
    )
    .addOption(
      new Option('--growth <factor>', 'with --fix-plan: how much larger networks that move become')
        .argParser(parseGrowth)
        .default(undefined, '1'),
    )
    .action((paths: string[], flags: CheckFlags) => check(context, paths, flags))
  examples(
    command,
    'kubectl get subnets,nodes,configmap/ovn-ic-config -A -o json | isthmus check az1=-',
    'isthmus check az1/ az2/ plan.csv --reachability',
    'isthmus check clusters --fix-plan --pin az1 --reserve 10.0.0.0/12',
  )
}

async function check(context: CommandContext, paths: readonly string[], flags: CheckFlags): Promise<void> {
  const { io, color } = context
  requireReachability(flags)
  const fixing = fixOutputs(flags, flags.output)
  const outputs = fixing === undefined ? parseOutputs(flags.output, FORMATS) : []
  const { loadPlan } = await import('../../input/plan/load.ts')
  const loaded = loadPlan(paths, { strict: flags.strict ?? false, mentions: fixing !== undefined })
  const problems = [...loaded.diagnostics, ...(await formOf(loaded))]
  await printProblems(context, { ...loaded, diagnostics: problems })
  if (loaded.plan === undefined || problems.length > loaded.diagnostics.length) {
    context.finish(EXIT.usage)
    return
  }
  if (fixing !== undefined) {
    const ask: AskReachability = async (now) => {
      const { answer, data, text } = await askReachability(now, paths, flags)
      return {
        broken: answer.broken,
        data,
        text: (findings, options) => text('text', findings, options).trim(),
      }
    }
    await fix(
      context,
      paths,
      flags,
      fixing,
      loaded,
      (result) => fails(result, flags.failOn),
      flags.reachability === true ? ask : undefined,
    )
    return
  }
  const { checkPlan } = await import('../../plan/check.ts')
  const all = checkPlan(loaded.plan)
  const { baselineText, readBaseline } = await import('../baseline.ts')
  const known = flags.baseline === undefined ? undefined : readBaseline(flags.baseline)
  const findings = known === undefined ? all.findings : all.findings.filter((one) => !known.has(one))
  const result: CheckResult = { findings, dropped: all.dropped }
  const accepted = all.findings.length - findings.length
  const reach = flags.reachability === true ? await askReachability(loaded, paths, flags) : undefined
  if (flags.writeBaseline !== undefined) writeWhole(flags.writeBaseline, baselineText(all.findings))

  const failed =
    (flags.writeBaseline === undefined && fails(result, flags.failOn)) || reach?.answer.broken === true
  const reports = await import('../../report/findings/report.ts')
  for (const { format, file } of outputs) {
    const width = file === undefined ? widthOf(io.stdout) : undefined
    const text = reports.findingsReport(format, result, loaded.sources, {
      color: file === undefined && wantsColor(io, io.stdout, color()),
      accepted,
      files: loaded.files,
      ok: !failed,
      ...(width !== undefined && { width: Math.min(width, 120) }),
      ...(reach !== undefined && { reachability: reach.data(all.findings) }),
    })
    const more = reach?.text(format, all.findings, {
      color: file === undefined && wantsColor(io, io.stdout, color()),
      ...(width !== undefined && { width: Math.min(width, 120) }),
    })
    if (file === undefined) io.write(text + (more ?? ''))
    else writeWhole(file, text + (more ?? ''))
  }
  if (reach?.answer.notSimulated !== undefined)
    throw new CliError(`--reachability has no answer: ${reach.answer.notSimulated}`, {
      hint: 'isthmus check without it judges the plan by its rules',
    })
  if (failed) context.finish(EXIT.findings)
}

/** The engine is loaded for those who ask for it. */
async function askReachability(loaded: LoadPlanResult, paths: readonly string[], flags: CheckFlags) {
  const { checkReachability } = await import('../check-reachability.ts')
  const reports = await import('../../report/reachability/report.ts')
  const answer = checkReachability(loaded, paths, flags)
  return {
    answer,
    data: (findings: readonly Finding[]) => reports.networksData(answer.networks, findings),
    text: (
      format: (typeof FORMATS)[number],
      findings: readonly Finding[],
      options: { readonly color: boolean; readonly width?: number },
    ): string =>
      format === 'text'
        ? `\n${reports.networksText(answer.networks, findings, options)}`
        : format === 'markdown'
          ? reports.networksMarkdown(answer.networks, findings)
          : '',
  }
}

function requireReachability(flags: CheckFlags): void {
  const used =
    flags.from.length > 0
      ? '--from'
      : flags.to.length > 0
        ? '--to'
        : (['protocol', 'port', 'at'] as const).find((name) => flags[name] !== undefined)
  if (used !== undefined && flags.reachability !== true)
    throw new CliError(`${used.startsWith('--') ? used : `--${used}`} goes with --reachability`)
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('A port is a whole number from 0 to 65535.')
  return port
}

/** A factor of at least 1. */
function parseGrowth(text: string): number {
  const factor = Number(text)
  if (text.trim() !== '' && Number.isFinite(factor) && factor >= 1 && factor <= 65_536) return factor
  throw new InvalidArgumentError('Write a factor from 1, such as 1.5 for half as much again.')
}

function fails({ findings, dropped }: CheckResult, failOn: CheckFlags['failOn']): boolean {
  const bad = ({ severity }: Finding): boolean =>
    severity === 'error' || (failOn === 'warning' && severity === 'warning')
  return findings.some(bad) || dropped.error > 0 || (failOn === 'warning' && dropped.warning > 0)
}

/** What is wrong with the form of scenarios among the files, where nobody has told of the place yet. */
async function formOf({ scenarios, sources, diagnostics }: LoadPlanResult): Promise<readonly Diagnostic[]> {
  if (scenarios.length === 0) return []
  const { shapeProblems } = await import('../../input/shape-problems.ts')
  const told = new Set(diagnostics.map(({ span }) => `${span?.file}:${span?.line}:${span?.column}`))
  return shapeProblems(scenarios.flatMap((path) => sources.get(path) ?? [])).filter(
    ({ span }) => !told.has(`${span?.file}:${span?.line}:${span?.column}`),
  )
}
