// From a command line to a checked command, without any database: names, options and numbers of arguments as ovn-nbctl(8),
// ovn-sbctl(8), ovn-ic-nbctl(8) and ovn-ic-sbctl(8) have them, and their sentences when something is wrong.

import { splitWords, stripLeader, type Tool } from './words.ts'

/** One transaction: sub-commands that were joined by `--`. */
export interface Command {
  readonly kind: 'command'
  readonly tool: Tool
  readonly line: string
  readonly steps: readonly SubCommand[]
}

export interface SubCommand {
  readonly name: string
  /** Options by name, with their value or ''. */
  readonly options: ReadonlyMap<string, string>
  readonly args: readonly string[]
}

/** Why a line is no command, in the words of the tool. */
export interface CommandError {
  readonly kind: 'error'
  readonly message: string
}

/** What a sub-command takes. */
interface Syntax {
  readonly min: number
  readonly max: number
  /** Options; a trailing `=` means that a value follows. */
  readonly options?: readonly string[]
}

/**
 * Reads a command line. `tool` is whose line it is where the line does not begin with the tool's name, and what it must
 * agree with where it does.
 */
export function parseCommand(line: string, tool?: Tool): Command | CommandError {
  const words = splitWords(line)
  if (words === undefined) return error('a quote is not closed')
  const stripped = stripLeader(words)
  if (tool !== undefined && stripped.tool !== undefined && tool !== stripped.tool) {
    return error(`this is a line for ovn-${stripped.tool}, not for ovn-${tool}`)
  }
  const whose = stripped.tool ?? tool
  if (whose === undefined)
    return error('the line does not say which tool it is for (nbctl, sbctl, ic-nbctl, ic-sbctl)')
  const steps: SubCommand[] = []
  for (const piece of pieces(stripped.words)) {
    const step = parseStep(whose, piece)
    if ('kind' in step) return step
    steps.push(step)
  }
  if (steps.length === 0) return error('missing command name (use --help for help)')
  return { kind: 'command', tool: whose, line, steps }
}

/** The words between `--` separators. */
function pieces(words: readonly string[]): string[][] {
  const result: string[][] = [[]]
  for (const word of words) {
    if (word === '--') result.push([])
    else result.at(-1)!.push(word)
  }
  return result.filter((piece) => piece.length > 0)
}

function parseStep(tool: Tool, words: readonly string[]): SubCommand | CommandError {
  const options = new Map<string, string>()
  let at = 0
  for (; words[at]?.startsWith('--') === true; at++) {
    const [name, ...value] = words[at]!.split('=')
    options.set(name!, value.join('='))
  }
  const name = words[at]
  if (name === undefined) return error('missing command name (use --help for help)')
  const syntax = { ...COMMON, ...SYNTAX[tool] }[name]
  if (syntax === undefined) return error(`unknown command '${name}'; use --help for help`)
  for (const option of options.keys()) {
    const known = syntax.options?.some((allowed) => allowed.replace('=', '') === option)
    if (known !== true) return error(`'${name}' command has no '${option}' option`)
    if (syntax.options!.includes(`${option}=`) && options.get(option) === '') {
      return error(`missing argument to '${option}' option on '${name}' command`)
    }
  }
  const args = words.slice(at + 1)
  if (args.length < syntax.min) return error(`'${name}' command requires at least ${syntax.min} arguments`)
  if (args.length > syntax.max) return error(`'${name}' command takes at most ${syntax.max} arguments`)
  return { name, options, args }
}

function error(message: string): CommandError {
  return { kind: 'error', message }
}

const MANY = Number.POSITIVE_INFINITY

/** db-ctl-base's commands, which every tool has. */
const COMMON: Readonly<Record<string, Syntax>> = {
  set: { min: 3, max: MANY, options: ['--if-exists'] },
  add: { min: 4, max: MANY, options: ['--if-exists'] },
  remove: { min: 3, max: MANY, options: ['--if-exists'] },
  clear: { min: 3, max: MANY, options: ['--if-exists'] },
  create: { min: 1, max: MANY, options: ['--id='] },
  destroy: { min: 1, max: MANY, options: ['--if-exists', '--all'] },
}

const SYNTAX: Readonly<Record<Tool, Readonly<Record<string, Syntax>>>> = {
  nbctl: {
    'ls-add': { min: 0, max: 1, options: ['--may-exist', '--add-duplicate'] },
    'ls-del': { min: 1, max: 1, options: ['--if-exists'] },
    'lsp-add': { min: 2, max: 2, options: ['--may-exist'] },
    'lsp-del': { min: 1, max: 1, options: ['--if-exists'] },
    'lsp-set-type': { min: 2, max: 2 },
    'lsp-set-options': { min: 1, max: MANY },
    'lsp-set-addresses': { min: 1, max: MANY },
    'lr-add': { min: 0, max: 1, options: ['--may-exist', '--add-duplicate'] },
    'lr-del': { min: 1, max: 1, options: ['--if-exists'] },
    'lrp-add': { min: 4, max: MANY, options: ['--may-exist'] },
    'lrp-del': { min: 1, max: 1, options: ['--if-exists'] },
    'lrp-set-gateway-chassis': { min: 2, max: 3 },
    'lrp-del-gateway-chassis': { min: 2, max: 2 },
    'lrp-set-options': { min: 1, max: MANY },
    'lr-route-add': { min: 3, max: 4, options: ['--may-exist', '--ecmp', '--policy=', '--route-table='] },
    'lr-route-del': { min: 1, max: 4, options: ['--if-exists', '--policy=', '--route-table='] },
    'lr-policy-add': { min: 4, max: 6, options: ['--may-exist'] },
    'lr-policy-del': { min: 1, max: 3, options: ['--if-exists'] },
  },
  sbctl: {},
  'ic-nbctl': {
    'ts-add': { min: 1, max: 1, options: ['--may-exist'] },
    'ts-del': { min: 1, max: 1, options: ['--if-exists'] },
  },
  'ic-sbctl': {},
}
