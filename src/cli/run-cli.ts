// One command line from arguments to exit code. Commander's own errors are usage errors (2); errors meant for users print
// one line; everything else is a bug of ours and says so with its stack (3).

import { CommanderError } from 'commander'
import { CliError, EXIT } from './errors.ts'
import type { Io } from './io.ts'
import { buildProgram } from './program.ts'

/** Runs `isthmus` with these arguments (without node and script) and returns the exit code. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  let exitCode: number = EXIT.ok
  const program = buildProgram(io, (code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (io.signal?.aborted === true) return EXIT.interrupted
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (error instanceof CliError) {
      io.talk(`error: ${error.message}\n`)
      if (error.hint !== undefined) io.talk(`hint: ${error.hint}\n`)
      return error.exitCode
    }
    if (error instanceof Error && LIMIT_ERRORS.has(error.name)) {
      io.talk(`inconclusive: ${error.message}; the limits of the scenario end it here\n`)
      return EXIT.inconclusive
    }
    io.talk(bugReport(error, args))
    return EXIT.bug
  }
}

/** Names of the errors by which a simulation says that it went over a limit; their classes would pull the engine in. */
const LIMIT_ERRORS: ReadonlySet<string> = new Set(['EventLimitError', 'PacketLimitError'])

function bugReport(error: unknown, args: readonly string[]): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [
    'This is a bug in isthmus, not in your scenario. Please report it with the scenario and these lines:',
    `  isthmus ${args.join(' ')}`,
    `  node ${process.version}, ${process.platform} ${process.arch}`,
    ...stack.split('\n').map((line) => `  ${line}`),
    '',
  ].join('\n')
}
