// What every command is given, and what every command's help ends with.

import type { Command } from 'commander'
import type { ExitCode } from './errors.ts'
import type { ColorChoice, Io } from './io.ts'

/** What every command gets. */
export interface CommandContext {
  readonly io: Io
  /** Sets the exit code; 0 unless called. */
  readonly finish: (code: ExitCode) => void
  /** The whole tree, for completion. */
  readonly program: Command
  /** `--color`. */
  readonly color: () => ColorChoice
}

/** Adds the examples that every command's help ends with. */
export function examples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`)
}
