// `isthmus completion`: completion scripts for shells, made from the command tree.

import { Argument } from 'commander'
import { type CommandContext, examples } from '../command.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

export function defineCompletion(context: CommandContext): void {
  const command = context.program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Prints a script that makes the shell complete commands, options and their values.')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion.ts')
      context.io.write(completionScript(context.program, shell))
    })
  examples(
    command,
    'source <(isthmus completion bash)',
    'isthmus completion zsh > ~/.zfunc/_isthmus',
    'isthmus completion fish > ~/.config/fish/completions/isthmus.fish',
  )
}
