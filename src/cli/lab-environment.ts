// Whether this machine can run a lab; a command that needs one ends with exit code 4 and the line to install what is missing.

import { CliError, EXIT } from './errors.ts'

/** Throws when something that the lab needs is missing. */
export async function checkLab(): Promise<void> {
  const { APT_LINE, canRunLab, doctor } = await import('../lab/doctor.ts')
  const checks = await doctor()
  if (canRunLab(checks)) return
  const missing = checks.filter(({ ok, disables }) => !ok && disables.length > 0)
  const programs = missing.some(({ remedy }) => remedy.startsWith('apt-get'))
  throw new CliError(`the lab needs ${missing.map(({ name, found }) => `${name} (${found})`).join(', ')}`, {
    exitCode: EXIT.environment,
    hint: programs ? APT_LINE : missing.map(({ remedy }) => remedy).join('; '),
  })
}
