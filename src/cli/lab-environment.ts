// Labs from the command line: whether this machine can run one, what is told meanwhile, and that nothing is left of one when the
// command is interrupted or a program of the lab fails.

import { CliError, EXIT } from './errors.ts'
import type { Io } from './io.ts'

/** Throws when something that the lab needs is missing: exit code 4 and the line to install it. */
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

/** What a lab tells: what is being done on a terminal, and every command with `-v`. */
export interface LabTalk {
  readonly tell?: (line: string) => void
  readonly progress?: (words: string) => void
  readonly began: (id: string) => void
  /** Hears that a lab has been taken away, where several come after one another. */
  readonly ended: (id: string) => void
}

/**
 * Does something with labs. Ctrl-C or a TERM signal takes those away that were begun, and ends the process as the shell expects; a
 * program of the lab that fails is the environment's fault (exit code 4), what a lab cannot carry out the scenario's (2).
 */
export async function withLabs<T>(io: Io, verbose: boolean, work: (talk: LabTalk) => Promise<T>): Promise<T> {
  const { tearDown } = await import('../lab/teardown.ts')
  const { CommandError } = await import('../lab/process.ts')
  const begun = new Set<string>()
  const interrupted = (): void => {
    io.talk('\ninterrupted: taking the lab away\n')
    void Promise.all([...begun].map((id) => tearDown(id))).finally(() => process.exit(EXIT.interrupted))
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    return await work({
      ...(verbose && { tell: (line: string): void => io.talk(`+ ${line}\n`) }),
      ...((verbose || io.stderr.isTTY) && { progress: (words: string): void => io.talk(`# ${words}\n`) }),
      began: (id) => begun.add(id),
      ended: (id) => begun.delete(id),
    })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    const { stderr, code } = error.ended
    const program = error.command.argv.find((word) => !word.startsWith('-') && word !== 'nsenter')
    throw new CliError(
      `the lab could not be brought up: ${program}: ${stderr.trim().replaceAll('\n', '; ') || `exit code ${code}`}`,
      {
        exitCode: EXIT.environment,
        hint: 'nothing is left of it; -v prints every command',
      },
    )
  } finally {
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
  }
}
