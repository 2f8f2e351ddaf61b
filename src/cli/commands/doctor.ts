// `isthmus doctor`: what this machine has for the real data plane, one line each.

import { Option } from 'commander'
import { type CommandContext, examples } from '../command.ts'
import { EXIT } from '../errors.ts'

interface DoctorFlags {
  readonly output: 'text' | 'json'
}

export function defineDoctor(context: CommandContext): void {
  const command = context.program
    .command('doctor')
    .summary('say what this machine has for lab and conform')
    .description(
      'Checks programs, privileges and kernel for the real data plane: one line each, ok or what to install and which commands do without it. Exit code 4 when the lab lacks something.',
    )
    .addOption(new Option('-o, --output <format>', 'report format').choices(['text', 'json']).default('text'))
    .action((flags: DoctorFlags) => run(context, flags))
  examples(
    command,
    'isthmus doctor',
    'isthmus doctor && isthmus lab run scenarios/quickstart.yaml',
    "isthmus doctor -o json | jq '.checks[] | select(.ok | not)'",
  )
}

async function run({ io, finish }: CommandContext, { output }: DoctorFlags): Promise<void> {
  const { APT_LINE, canRunLab, doctor } = await import('../../lab/doctor.ts')
  const checks = await doctor()
  const ok = canRunLab(checks)
  if (!ok) finish(EXIT.environment)
  if (output === 'json') {
    const data = { schemaVersion: 1, ok, checks, install: APT_LINE }
    return io.write(`${JSON.stringify(data, null, 2)}\n`)
  }
  const width = Math.max(...checks.map(({ name }) => name.length))
  for (const { name, ok, found, remedy, disables } of checks) {
    const advice = ok
      ? ''
      : `; ${remedy}${disables.length === 0 ? '' : ` (without it no ${disables.join(', ')})`}`
    io.write(`${ok ? 'ok     ' : 'missing'}  ${name.padEnd(width)}  ${found}${advice}\n`)
  }
  if (checks.some(({ remedy }) => remedy.startsWith('apt-get'))) io.talk(`hint: ${APT_LINE}\n`)
}
