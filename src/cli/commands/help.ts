// `isthmus help`: the same as `--help`. Commander's own command of this name says nothing about a name that it does not know.

import { Argument } from 'commander'
import { didYouMean } from '../../diag/suggest.ts'
import { type CommandContext, examples } from '../command.ts'
import { CliError } from '../errors.ts'

/** To be called last: it knows the commands that are there by then. */
export function defineHelp({ program }: CommandContext): void {
  const names = program.commands.map((command) => command.name())
  const which = new Argument('[command]', 'which one; all of them are listed without')
  // Listed in the help and completed, but checked by the action, which suggests the nearest one.
  which.argChoices = names
  const command = program
    .helpCommand(false)
    .command('help')
    .summary('print help for a command')
    .description('Prints what `--help` prints, for one command or for isthmus itself.')
    .addArgument(which)
    .action((name: string | undefined) => {
      const found = name === undefined ? program : program.commands.find((one) => one.name() === name)
      if (found === undefined)
        throw new CliError(`there is no command "${name}"`, {
          hint: didYouMean(name!, names) ?? `commands are ${names.join(', ')}`,
        })
      found.outputHelp()
    })
  examples(command, 'isthmus help run', 'isthmus help trace | less', 'isthmus help')
}
