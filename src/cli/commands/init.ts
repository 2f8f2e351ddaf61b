// `isthmus init`: a commented scenario to start from.

import { existsSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { Argument, Option } from 'commander'
import { PROFILE_NAMES, type ProfileName } from '../../model/profile.ts'
import { shellWord } from '../../report/text/reproduce.ts'
import { type CommandContext, examples } from '../command.ts'
import { CliError } from '../errors.ts'
import { writeWhole } from '../files.ts'
import { wholeNumber } from '../numbers.ts'
import { packageRoot } from '../package-info.ts'

interface InitFlags {
  readonly clusters: number
  readonly gateways: number
  readonly dualStack?: true
  readonly profile: ProfileName
  readonly file: string
  readonly force?: true
}

export function defineInit(context: CommandContext): void {
  const command = context.program
    .command('init')
    .summary('write a commented scenario to start from')
    .description(
      'Writes one scenario that runs as it is: clusters joined by OVN-IC, pods, pings, a gateway that fails, expectations.',
    )
    .addArgument(new Argument('<kind>', 'what joins the clusters').choices(['ovn-ic']))
    .optionsGroup('Network:')
    .addOption(
      new Option('--clusters <number>', 'how many clusters').argParser(wholeNumber(2, 64)).default(2),
    )
    .addOption(
      new Option('--gateways <number>', 'gateway nodes of each cluster')
        .argParser(wholeNumber(1, 8))
        .default(2),
    )
    .option('--dual-stack', 'IPv4 and IPv6')
    .addOption(
      new Option('--profile <name>', 'version to model').choices([...PROFILE_NAMES]).default('ovn-23.03'),
    )
    .optionsGroup('File:')
    .option('-f, --file <path>', 'where to write it; - for standard output', 'isthmus.yaml')
    .option('--force', 'write over a file that exists')
    .action((_kind: 'ovn-ic', flags: InitFlags) => init(context, flags))
  examples(
    command,
    'isthmus init ovn-ic --clusters 3',
    'isthmus init ovn-ic --gateways 1 --dual-stack --file one-gateway.yaml',
    'isthmus init ovn-ic --profile kube-ovn-1.13 --file - | isthmus run -',
  )
}

async function init({ io }: CommandContext, flags: InitFlags): Promise<void> {
  const { ovnIcScenario } = await import('../template.ts')
  const text = ovnIcScenario({
    clusters: flags.clusters,
    gateways: flags.gateways,
    dualStack: flags.dualStack ?? false,
    profile: flags.profile,
    schema: schemaFor(flags.file),
  })
  if (flags.file === '-') {
    io.write(text)
    return
  }
  if (existsSync(flags.file) && flags.force !== true)
    throw new CliError(`${flags.file} exists already`, {
      hint: 'choose another --file, or write over it with --force',
    })
  writeWhole(flags.file, text)
  io.write(`${flags.file}\n`)
  io.talk(`Next: isthmus run ${shellWord(flags.file)}\n`)
}

/** The schema of this installation as the file will refer to it; without one, the name `isthmus schema` is told to write. */
function schemaFor(file: string): string {
  const root = packageRoot()
  if (root === undefined) return 'schema.json'
  const path = relative(file === '-' ? '.' : dirname(file), join(root, 'scenarios', 'schema.json'))
  return path.split(sep).join('/')
}
