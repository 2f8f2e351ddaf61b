// The command tree. Definitions are light (names, options, help); what a command needs to work is imported by its action,
// so that `isthmus --help` loads neither YAML nor schema nor simulator.

import { Command, Option } from 'commander'
import type { CommandContext } from './command.ts'
import { defineBench } from './commands/bench.ts'
import { defineCheck } from './commands/check.ts'
import { defineCompletion } from './commands/completion.ts'
import { defineConform } from './commands/conform.ts'
import { defineDiff } from './commands/diff.ts'
import { defineDoctor } from './commands/doctor.ts'
import { defineExplain } from './commands/explain.ts'
import { defineGraph } from './commands/graph.ts'
import { defineHelp } from './commands/help.ts'
import { defineInit } from './commands/init.ts'
import { defineLab } from './commands/lab.ts'
import { defineRun } from './commands/run.ts'
import { defineSchema } from './commands/schema.ts'
import { defineShow } from './commands/show.ts'
import { defineTrace } from './commands/trace.ts'
import { defineValidate } from './commands/validate.ts'
import type { ExitCode } from './errors.ts'
import { type ColorChoice, type Io, widthOf } from './io.ts'
import { version } from './package-info.ts'

/** Builds the tree; parsing it runs one command. */
export function buildProgram(io: Io, finish: (code: ExitCode) => void): Command {
  const program = new Command('isthmus')
  program
    .description('Packet-level simulator for the networks that join Kubernetes clusters')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addOption(
      new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']).default('auto'),
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.write(text),
      writeErr: (text) => io.talk(text),
      getOutHelpWidth: () => widthOf(io.stdout) ?? 80,
      getErrHelpWidth: () => widthOf(io.stderr) ?? 80,
      outputError: (text, write) => write(plainWords(text)),
    })
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .showSuggestionAfterError(true)
    .showHelpAfterError('(isthmus --help lists the commands and their options)')

  const context: CommandContext = {
    io,
    finish,
    program,
    color: () => program.opts<{ color: ColorChoice }>().color,
  }
  program.commandsGroup('Before a change:')
  defineCheck(context)
  defineDiff(context)
  program.commandsGroup('Simulate:')
  defineRun(context)
  defineShow(context)
  defineTrace(context)
  program.commandsGroup('Real OVN:')
  defineLab(context)
  defineConform(context)
  defineDoctor(context)
  program.commandsGroup('Measure:')
  defineBench(context)
  program.commandsGroup('Write scenarios:')
  defineInit(context)
  defineValidate(context)
  defineGraph(context)
  defineSchema(context)
  defineExplain(context)
  program.commandsGroup('Other:')
  defineCompletion(context)
  defineHelp(context)
  for (const command of program.commands)
    command.showHelpAfterError(`(isthmus ${command.name()} --help tells more)`)
  program.addHelpText(
    'after',
    `
Exit codes:
  0 fine; 1 findings, an expectation failed, or a packet did not arrive; 2 bad
  input or usage; 3 a bug of isthmus; 4 the environment lacks something; 5 inconclusive
  (a limit was hit); 130 interrupted

Examples:
  isthmus check az1/ az2/ plan.csv
  isthmus init ovn-ic --clusters 3
  isthmus run isthmus.yaml --pcap captures
  isthmus trace isthmus.yaml az1/pod1 az2/pod1 --summary`,
  )
  return program
}

/** Commander's sentence about a bad argument, shorter: `"sctp" is not a valid protocol. Allowed choices are …`. */
function plainWords(text: string): string {
  return text.replace(
    /command-argument value '(.*)' is invalid for argument '(.*?)'\./,
    '"$1" is not a valid $2.',
  )
}
