// `isthmus lab`: a scenario on real OVN in network namespaces.

import { dirname } from 'node:path'
import type { Command } from 'commander'
import type { Manifest } from '../../lab/manifest.ts'
import type { RunResult } from '../../model/observation.ts'
import type { Scenario } from '../../model/scenario.ts'
import { type CommandContext, examples } from '../command.ts'
import { CliError, EXIT } from '../errors.ts'
import { checkLab, doneInOwnWorld, labError, withLabs } from '../lab-environment.ts'
import { loadAll, loadOne, type ScenarioFlags, scenarioOptions } from '../loading.ts'
import { emitRuns, runOutputOption, runVerdict } from '../run-output.ts'

interface UpFlags extends ScenarioFlags {
  readonly verbose?: boolean
  readonly dryRun?: boolean
}

interface LabRunFlags extends ScenarioFlags {
  readonly verbose?: boolean
  readonly output: readonly string[]
  readonly pcap?: string
}

interface WhichLab {
  readonly run?: string
}

export function defineLab(context: CommandContext): void {
  const lab = context.program
    .command('lab')
    .summary('run a scenario on real OVN in network namespaces')
    .description(
      'Brings up the real programs (ovsdb-server, ovn-northd, ovn-ic, ovn-controller, ovs-vswitchd with the userspace datapath) in network namespaces that carry a run id, and runs the same scenario files. Needs root, or user namespaces; isthmus doctor says what is missing. No packet leaves the namespaces.',
    )
  examples(
    lab,
    'isthmus lab run scenarios/quickstart.yaml',
    'isthmus lab up scenarios/quickstart.yaml',
    'isthmus lab down --all',
  )
  defineUp(context, lab)
  defineRunInLab(context, lab)
  defineStatus(context, lab)
  defineExec(context, lab)
  defineEnter(context, lab)
  defineDown(context, lab)
}

function defineUp(context: CommandContext, lab: Command): void {
  const command = lab
    .command('up')
    .summary('bring a scenario up and leave it running')
    .description(
      'Brings a scenario up, waits until it has come to rest, and leaves it running for lab exec, lab enter and other tools.',
    )
    .argument('<file>', 'scenario file, or - for standard input')
    .option('--dry-run', 'print the commands as a script that does the same by itself')
    .option('-v, --verbose', 'print every command before it runs')
  for (const option of scenarioOptions()) command.addOption(option)
  command.action((file: string, flags: UpFlags) => up(context, file, flags))
  examples(
    command,
    'isthmus lab up scenarios/quickstart.yaml',
    'isthmus lab up isthmus.yaml -v',
    'isthmus lab up isthmus.yaml --dry-run > lab.sh',
  )
}

async function up(context: CommandContext, file: string, flags: UpFlags): Promise<void> {
  const { io } = context
  if (flags.dryRun !== true && (await doneInOwnWorld(context))) return
  const loaded = await loadOne(context, await io.engine(), file, flags)
  if (loaded === undefined) return
  // Nothing happens to a lab that is only brought up: it is at rest, whatever time zero of the scenario is.
  const scenario = { ...loaded, start: 'converged', timeline: [] } as const
  const { labInput } = await import('../../run/lab-options.ts')
  const { labScript } = await import('../../lab/build.ts')
  const { Lab } = await import('../../lab/lab.ts')
  if (flags.dryRun === true) {
    const input = labInput(scenario)
    try {
      return io.write(labScript(input.scenario, input.options))
    } catch (error) {
      throw await labError(error)
    }
  }
  await checkLab()
  const { netemOffered } = await import('../../lab/netem.ts')
  const netem = await netemOffered()
  const built = await withLabs(io, flags.verbose === true, (talk) => {
    const input = labInput(scenario, { ...talk, netem })
    return Lab.up(input.scenario, input.options)
  })
  built.leave()
  for (const complaint of built.complaints) io.talk(`refused: ${complaint}\n`)
  if (!built.settled.ok) io.talk(`not at rest: ${built.settled.missing}\n`)
  io.write(`${built.id} is up after ${(built.settled.after / 1000).toFixed(1)} s: ${scenario.name}\n`)
  const { manifests } = await import('../../lab/manifest.ts')
  const manifest = manifests().find(({ id }) => id === built.id)
  for (const [key, namespace] of Object.entries(manifest?.pods ?? {}))
    io.write(`  pod ${key} in ${namespace}\n`)
  io.write(`  isthmus lab down ${built.id} takes it away\n`)
}

function defineRunInLab(context: CommandContext, lab: Command): void {
  const command = lab
    .command('run')
    .summary('run scenarios on real OVN and judge what they expect')
    .description(
      'Brings each scenario up, carries out its timeline and traffic with real ping, UDP and TCP, judges expectations, takes it down. Reports look as those of isthmus run.',
    )
    .argument('<files...>', 'scenario files, folders of them, or - for standard input')
    .addOption(runOutputOption())
    .option('--pcap <folder>', 'write a pcapng file per scenario into this folder')
    .option('-v, --verbose', 'print every command before it runs')
  for (const option of scenarioOptions()) command.addOption(option)
  command.action((files: string[], flags: LabRunFlags) => runInLab(context, files, flags))
  examples(
    command,
    'isthmus lab run scenarios/quickstart.yaml',
    'isthmus lab run isthmus.yaml --pcap captures -o junit=lab.xml',
    'diff <(isthmus run isthmus.yaml) <(isthmus lab run isthmus.yaml)',
  )
}

async function runInLab(
  context: CommandContext,
  files: readonly string[],
  flags: LabRunFlags,
): Promise<void> {
  if (await doneInOwnWorld(context)) return
  const engine = await context.io.engine()
  const scenarios = await loadAll(context, engine, files, flags)
  if (scenarios === undefined) return
  await checkLab()
  const results: RunResult[] = []
  for (const scenario of scenarios) results.push(await labResult(context, scenario, flags))
  await emitRuns(context, results, flags.output)
  context.finish(runVerdict(results))
}

async function labResult(
  { io }: CommandContext,
  scenario: Scenario,
  { verbose, pcap }: LabRunFlags,
): Promise<RunResult> {
  const { labRun, UnsupportedByLab } = await import('../../run/lab-run.ts')
  try {
    const run = await withLabs(io, verbose === true, (talk) =>
      labRun(scenario, { ...talk, ...(pcap !== undefined && { captureDir: pcap }) }),
    )
    return run.result
  } catch (error) {
    if (error instanceof UnsupportedByLab)
      throw new CliError(error.message, { hint: 'isthmus run answers it with the model' })
    throw error
  }
}

function defineStatus(context: CommandContext, lab: Command): void {
  const command = lab
    .command('status')
    .summary('list the labs that are up')
    .description('Lists the labs of this machine with their processes, clusters and pods.')
    .action(async () => {
      const { manifests } = await import('../../lab/manifest.ts')
      const { labsLeft, processesOf } = await import('../../lab/found.ts')
      const { allNamespacesOf } = await import('../../lab/world.ts')
      const known = new Map(manifests().map((manifest) => [manifest.id, manifest]))
      const ids = labsLeft()
      if (ids.length === 0) context.io.write('no lab is up\n')
      for (const id of ids) {
        const manifest = known.get(id)
        const facts = `${processesOf(id).length} processes, ${allNamespacesOf(id).length} namespaces`
        context.io.write(
          `${id}  ${manifest?.name ?? 'what is left of a lab'}  (${manifest?.file ?? 'no manifest'}; ${facts})\n`,
        )
        if (manifest === undefined) continue
        context.io.write(
          `  clusters  ${Object.keys(manifest.clusters).join(' ')}\n  pods      ${Object.keys(manifest.pods).join(' ') || 'none'}\n`,
        )
      }
    })
  examples(
    command,
    'isthmus lab status',
    'watch isthmus lab status',
    "isthmus lab status | awk '/processes/ { print $1 }'",
  )
}

function defineExec(context: CommandContext, lab: Command): void {
  const command = lab
    .command('exec')
    .summary('run an OVN tool on a cluster, or on a node')
    .description(
      'Runs a program where OVN_NB_DB, OVN_SB_DB and the IC databases are those of a cluster, and ovn-appctl finds its ovn-northd and ovn-ic; on a node (cluster/node) inside its namespace with its OVS_RUNDIR, so that ovs-vsctl, ovs-appctl and ovn-appctl -t ovn-controller work.',
    )
    .argument('<where>', 'cluster, or cluster/node')
    .argument('<command...>', 'program with its arguments, after --')
    .option('--run <id>', 'which lab, when several are up')
    .action(async (where: string, words: [string, ...string[]], flags: WhichLab) => {
      const manifest = await theLab(flags.run)
      const cluster = where.split('/')[0] ?? where
      const databases = manifest.clusters[cluster]
      if (databases === undefined)
        throw new CliError(`lab ${manifest.id} has no cluster ${cluster}`, {
          hint: `it has ${Object.keys(manifest.clusters).join(', ')}`,
        })
      const env = {
        OVN_NB_DB: databases.nb,
        OVN_SB_DB: databases.sb,
        OVN_IC_NB_DB: manifest.icNb,
        OVN_IC_SB_DB: manifest.icSb,
        // Where ovn-appctl finds ovn-northd and ovn-ic.
        OVN_RUNDIR: dirname(databases.nb.slice('unix:'.length)),
      }
      const node = where.includes('/') ? manifest.nodes[where] : undefined
      if (where.includes('/') && node === undefined)
        throw new CliError(`lab ${manifest.id} has no node ${where}`, {
          hint: `it has ${Object.keys(manifest.nodes).join(', ')}`,
        })
      const nodeEnv = node === undefined ? {} : { OVS_RUNDIR: node.folder, OVN_RUNDIR: node.folder }
      await inLab(context, manifest, node?.namespace ?? manifest.underlay, words, { ...env, ...nodeEnv })
    })
  examples(
    command,
    'isthmus lab exec az1 -- ovn-nbctl lr-route-list ovn-cluster',
    'isthmus lab exec az1 -- ovn-ic-sbctl show',
    'isthmus lab exec az1/az1-gw1 -- ovs-vsctl show',
  )
}

function defineEnter(context: CommandContext, lab: Command): void {
  const command = lab
    .command('enter')
    .summary('a shell in a pod, or one command there')
    .description("Starts a shell in a pod's network namespace, or a command when one is given after --.")
    .argument('<pod>', 'cluster/pod')
    .argument('[command...]', 'program with its arguments, after --')
    .option('--run <id>', 'which lab, when several are up')
    .action(async (pod: string, words: readonly string[], flags: WhichLab) => {
      const manifest = await theLab(flags.run)
      const namespace = manifest.pods[pod]
      if (namespace === undefined)
        throw new CliError(`lab ${manifest.id} has no pod ${pod}`, {
          hint: `it has ${Object.keys(manifest.pods).join(', ') || 'none'}`,
        })
      const [first = process.env.SHELL ?? '/bin/sh', ...rest] = words
      await inLab(context, manifest, namespace, [first, ...rest], {})
    })
  examples(
    command,
    'isthmus lab enter az1/web',
    'isthmus lab enter az1/web -- ping -c 3 10.17.0.10',
    'isthmus lab enter az1/web --run 3f9a01 -- ip route',
  )
}

async function inLab(
  context: CommandContext,
  manifest: Manifest,
  namespace: string,
  words: readonly [string, ...string[]],
  env: Record<string, string>,
): Promise<void> {
  const { Processes } = await import('../../lab/process.ts')
  const { labArgv } = await import('../../lab/world.ts')
  const argv = labArgv(manifest.id, namespace, words)
  const code = await new Processes(manifest.id).interactive({ argv, env })
  if (code !== 0) context.finish(EXIT.findings)
}

/** The lab that is meant: by id, or the only one there is. */
async function theLab(id: string | undefined): Promise<Manifest> {
  const { manifests } = await import('../../lab/manifest.ts')
  const all = manifests()
  const found = id === undefined ? all : all.filter((manifest) => manifest.id === id)
  const [only] = found
  if (only === undefined)
    throw new CliError(id === undefined ? 'no lab is up' : `no lab ${id} is up`, {
      hint: 'isthmus lab up FILE brings one up; isthmus lab status lists them',
    })
  if (found.length > 1)
    throw new CliError(`${found.length} labs are up`, {
      hint: `say which with --run: ${found.map((manifest) => manifest.id).join(', ')}`,
    })
  return only
}

function defineDown(context: CommandContext, lab: Command): void {
  const command = lab
    .command('down')
    .summary('take labs away')
    .description(
      'Takes a lab away: its processes, namespaces and folder, even where the run that made it was killed. Nothing else is touched.',
    )
    .argument('[id]', 'which lab, when several are up')
    .option('--all', 'all labs of this machine')
    .option('-v, --verbose', 'print what is done')
    .action(async (id: string | undefined, flags: { readonly all?: boolean; readonly verbose?: boolean }) => {
      const { labsLeft } = await import('../../lab/found.ts')
      const { tearDown } = await import('../../lab/teardown.ts')
      const left = labsLeft()
      if (id !== undefined && !left.includes(id))
        throw new CliError(`no lab ${id} is up`, {
          hint: left.length === 0 ? 'none is' : `there is ${left.join(', ')}`,
        })
      if (id === undefined && flags.all !== true && left.length > 1)
        throw new CliError(`${left.length} labs are up`, { hint: `name one of ${left.join(', ')}, or --all` })
      const tell = flags.verbose === true ? (line: string): void => context.io.talk(`+ ${line}\n`) : undefined
      for (const one of id === undefined ? left : [id]) {
        const { processes, namespaces } = tearDown(one, tell)
        context.io.write(`${one} is down: ${processes} processes, ${namespaces} namespaces\n`)
      }
      if (left.length === 0) context.io.write('no lab is up\n')
    })
  examples(command, 'isthmus lab down', 'isthmus lab down 3f9a01', 'isthmus lab down --all -v')
}
