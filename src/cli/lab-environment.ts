// Labs from the command line: whether this machine can run one, in whose namespaces, what is told meanwhile, and that nothing is left of
// one when the command ends before it should.

import type { CommandContext } from './command.ts'
import { CliError, EXIT, type ExitCode } from './errors.ts'
import type { Io } from './io.ts'

/** Throws when something that the lab needs is missing: exit code 4 and the line to install it. */
export async function checkLab(): Promise<void> {
  const { APT_LINE, canRunLab, doctor } = await import('../lab/doctor.ts')
  const checks = await doctor('needed')
  if (canRunLab(checks)) return
  const missing = checks.filter(({ ok, disables }) => !ok && disables.length > 0)
  const programs = missing.some(({ remedy }) => remedy.startsWith('apt-get'))
  const others = missing.filter(({ remedy }) => !remedy.startsWith('apt-get'))
  throw new CliError(`the lab needs ${missing.map(({ name, found }) => `${name} (${found})`).join(', ')}`, {
    exitCode: EXIT.environment,
    hint: [...(programs ? [APT_LINE] : []), ...others.map(({ remedy }) => remedy)].join('; '),
  })
}

/**
 * Where the user is not root, runs this command line once more in a world of its own, and says that this was done. Where that is
 * forbidden nothing is done: `checkLab` says so, after the scenario has been read.
 */
export async function doneInOwnWorld({ io, finish }: CommandContext): Promise<boolean> {
  const { isPrivileged, worldArgv, worldRefused } = await import('../lab/world.ts')
  if (isPrivileged() || io.again === undefined || (await worldRefused()) !== undefined) return false
  const { Processes } = await import('../lab/process.ts')
  // Killed with -9 we could not end it: it ends with us.
  const argv = worldArgv(['setpriv', '--pdeathsig', 'KILL', '--', ...io.again])
  const code = await new Processes('').interactive({ argv })
  finish(code as ExitCode)
  return true
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
 * Does something with labs. Whatever ends the process meanwhile (Ctrl-C, a TERM signal, a terminal or pipe that is closed, a bug of ours)
 * takes those away that were begun; a program of the lab that fails is the environment's fault (exit code 4), what a lab cannot carry out
 * the scenario's (2).
 */
export async function withLabs<T>(io: Io, verbose: boolean, work: (talk: LabTalk) => Promise<T>): Promise<T> {
  const { tearDown } = await import('../lab/teardown.ts')
  const { INTERRUPTS } = await import('../lab/process.ts')
  const begun = new Set<string>()
  const takeAway = (): void => {
    for (const id of begun) {
      try {
        tearDown(id)
      } catch (error) {
        io.talk(`error: ${error instanceof Error ? error.message : String(error)}\n`)
      }
    }
  }
  const interrupted = (): void => {
    io.talk('\ninterrupted: taking the lab away\n')
    process.exit(EXIT.interrupted)
  }
  process.on('exit', takeAway)
  for (const signal of INTERRUPTS) process.on(signal, interrupted)
  try {
    return await work({
      ...(verbose && { tell: (line: string): void => io.talk(`+ ${line}\n`) }),
      ...((verbose || io.stderr.isTTY) && { progress: (words: string): void => io.talk(`# ${words}\n`) }),
      began: (id) => begun.add(id),
      ended: (id) => begun.delete(id),
    })
  } catch (error) {
    throw await labError(error)
  } finally {
    process.off('exit', takeAway)
    for (const signal of INTERRUPTS) process.off(signal, interrupted)
  }
}

/** An error of a lab in the words of the command line; any other as it is. */
export async function labError(error: unknown): Promise<unknown> {
  const { CommandError } = await import('../lab/process.ts')
  const { CannotBuild } = await import('../lab/build.ts')
  if (error instanceof CannotBuild) return new CliError(error.message, { exitCode: EXIT.environment })
  if (error instanceof CommandError) {
    const { stderr, code } = error.ended
    const program = error.command.argv.find((word) => !word.startsWith('-') && word !== 'nsenter')
    return new CliError(
      `the lab could not be brought up: ${program}: ${stderr.trim().replaceAll('\n', '; ') || `exit code ${code}`}`,
      { exitCode: EXIT.environment, hint: 'nothing is left of it; -v prints every command' },
    )
  }
  if (!(error instanceof Error)) return error
  const { labsFolder } = await import('../lab/names.ts')
  const { code = '', path = '', message } = error as NodeJS.ErrnoException
  if (!DISK_ERRORS.has(code) || !path.startsWith(labsFolder())) return error
  return new CliError(`the lab could not be brought up: ${message}`, {
    exitCode: EXIT.environment,
    hint: `labs live in ${labsFolder()}; TMPDIR names another folder`,
  })
}

/** What the file system says when it is full, read-only or not ours. */
const DISK_ERRORS: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES'])
