// Carries out a parsed command line as one transaction: all of its sub-commands or none.

import {
  type Command,
  type CommandError,
  parseCommand,
  type SubCommand,
} from '../../../model/command-line.ts'
import type { Tool } from '../../../model/command-words.ts'
import type { IcNbTables, IcSbTables, NbTables, SbTables } from '../../../model/tables.ts'
import type { Database } from '../../db/database.ts'
import { CommandFailure, fail } from './failure.ts'
import { genericCommand, type Session } from './generic.ts'
import { nbctlCommand } from './nbctl.ts'
import type { Northbound } from './northbound.ts'

/** The databases a command may be for; those of the cluster it is given to, and the global ones. */
export interface CommandDatabases {
  readonly nb?: Database<NbTables>
  readonly sb?: Database<SbTables>
  readonly icNb?: Database<IcNbTables>
  readonly icSb?: Database<IcSbTables>
}

/** Carries out `command`; the tool's error text when it fails, without its name. Nothing has changed then. */
export function applyCommand(databases: CommandDatabases, command: Command): string | undefined {
  const database = databaseOf(databases, command.tool)
  if (database === undefined) return `ovn-${command.tool} has no database here`
  try {
    const result = database.transact(`ovn-${command.tool}`, (write) => {
      const session: Session = { database, write, named: new Map() }
      for (const step of command.steps) run(session, command.tool, step)
    })
    return result.kind === 'refused' ? `transaction error: ${result.message}` : undefined
  } catch (failure) {
    if (failure instanceof CommandFailure) return failure.message
    throw failure
  }
}

/** Parses and carries out a line of `tool`. */
export function applyLine(databases: CommandDatabases, line: string, tool: Tool): string | undefined {
  const command: Command | CommandError = parseCommand(line, tool)
  return command.kind === 'error' ? command.message : applyCommand(databases, command)
}

function run(session: Session, tool: Tool, step: SubCommand): void {
  if (genericCommand(session, step)) return
  if (tool === 'nbctl' && nbctlCommand(session as unknown as Northbound, session, step)) return
  if (tool === 'ic-nbctl' && transitSwitchCommand(session, step)) return
  fail(`unknown command '${step.name}'; use --help for help`)
}

/** ovn-ic-nbctl(8): ts-add and ts-del. */
function transitSwitchCommand({ database, write }: Session, { name, args, options }: SubCommand): boolean {
  const [transitSwitch] = args
  const id = database.find('Transit_Switch', 'name', transitSwitch!)
  if (name === 'ts-add') {
    if (id === undefined) write.create('Transit_Switch', { name: transitSwitch })
    else if (!options.has('--may-exist')) fail(`${transitSwitch}: a switch with this name already exists`)
    return true
  }
  if (name !== 'ts-del') return false
  if (id !== undefined) write.delete('Transit_Switch', id)
  else if (!options.has('--if-exists')) fail(`${transitSwitch}: switch name not found`)
  return true
}

// biome-ignore lint/suspicious/noExplicitAny: the tool decides which tables there are
function databaseOf(databases: CommandDatabases, tool: Tool): Database<any> | undefined {
  switch (tool) {
    case 'nbctl':
      return databases.nb
    case 'sbctl':
      return databases.sb
    case 'ic-nbctl':
      return databases.icNb
    case 'ic-sbctl':
      return databases.icSb
  }
}
