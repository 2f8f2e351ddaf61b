// docs/cli.md from the command tree, so that the manual cannot disagree with `--help`.

import type { Command } from 'commander'
import { buildProgram } from './program.ts'

/** The whole page, with final line end. */
export function cliManual(): string {
  let page = ''
  const nowhere = { isTTY: false, columns: undefined }
  const io = {
    write: (text: string) => {
      page += text
    },
    talk: () => undefined,
    stdout: nowhere,
    stderr: nowhere,
    env: {},
    engine: () => Promise.reject(new Error('the manual runs nothing')),
  }
  const program = buildProgram(io, () => undefined)
  const helpOf = (command: Command): string => {
    page = ''
    command.configureHelp({ helpWidth: 100 }).outputHelp()
    return `\`\`\`text\n${page.trimEnd()}\n\`\`\`\n`
  }
  const sections = program.commands.flatMap((command) => [
    `## ${program.name()} ${command.name()}\n\n${helpOf(command)}`,
    ...command.commands.map(
      (one) => `## ${program.name()} ${command.name()} ${one.name()}\n\n${helpOf(one)}`,
    ),
  ])
  return [
    '# Command line\n',
    'This page is made from the program itself; `isthmus <command> --help` prints the same.\n',
    'Data goes to standard output, talk to standard error. There is no colour and no progress off a terminal; `--color` wins over\n`FORCE_COLOR`, that over `NO_COLOR`. A closed pipe is no error.\n',
    helpOf(program),
    ...sections,
  ].join('\n')
}
