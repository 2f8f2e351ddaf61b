// `isthmus doctor`: what this machine has for the real data plane, one line each.

import { EXIT } from '../errors.ts'
import { type CommandContext, examples } from '../program.ts'

export function defineDoctor(context: CommandContext): void {
  const command = context.program
    .command('doctor')
    .summary('say what this machine has for lab and conform')
    .description(
      'Checks programs, privileges and kernel for the real data plane: one line each, ok or what to install and which commands do without it. Exit code 4 when the lab lacks something.',
    )
    .action(() => run(context))
  examples(
    command,
    'isthmus doctor',
    'isthmus doctor && isthmus lab run scenarios/quickstart.yaml',
    'isthmus doctor | grep missing',
  )
}

async function run({ io, finish }: CommandContext): Promise<void> {
  const { APT_LINE, canRunLab, doctor } = await import('../../lab/doctor.ts')
  const checks = await doctor()
  const width = Math.max(...checks.map(({ name }) => name.length))
  for (const { name, ok, found, remedy, disables } of checks) {
    const advice = ok
      ? ''
      : `; ${remedy}${disables.length === 0 ? '' : ` (without it no ${disables.join(', ')})`}`
    io.write(`${ok ? 'ok     ' : 'missing'}  ${name.padEnd(width)}  ${found}${advice}\n`)
  }
  if (canRunLab(checks)) return
  io.talk(`hint: ${APT_LINE}\n`)
  finish(EXIT.environment)
}
