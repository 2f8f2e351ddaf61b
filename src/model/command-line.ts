// Command lines of OVN's tools as people paste them, from text to a checked command, without any database: words as a shell
// splits them, whose line it is (`kubectl ko nbctl …`, `ovn-ic-sbctl --no-leader-only …`), then names, options and numbers of
// arguments as the manual pages have them, with the tools' own sentences when something is wrong.

import { type CommandSyntax, commandNames, commandSyntax, type Tool } from './command-words.ts'

/** One transaction: sub-commands that were joined by `--`. */
export interface Command {
  readonly kind: 'command'
  readonly tool: Tool
  readonly line: string
  readonly steps: readonly SubCommand[]
}

/** One command with what it was given. */
export interface SubCommand {
  readonly name: string
  /** Options by name, with their value or ''. */
  readonly options: ReadonlyMap<string, string>
  readonly args: readonly string[]
}

/** Why a line is no command. */
export interface CommandError {
  readonly kind: 'error'
  /** In the words of the tool. */
  readonly message: string
  readonly fault: CommandFault
}

/** The same as data, for those who point at the word and know the ones that would have been right. */
export type CommandFault =
  | { readonly kind: 'quote' | 'tool' | 'empty' }
  | { readonly kind: 'command'; readonly word: string; readonly allowed: readonly string[] }
  | {
      readonly kind: 'option' | 'option-value'
      readonly word: string
      readonly command: string
      readonly allowed: readonly string[]
    }
  | {
      readonly kind: 'arguments'
      readonly word: string
      readonly count: number
      readonly syntax: CommandSyntax
    }

/** A line's words, and the tool where the line itself says so. */
export interface CommandWords {
  readonly tool: Tool | undefined
  readonly words: readonly string[]
}

/**
 * Reads a command line. `tool` is whose line it is where the line does not begin with the tool's name, and what it must
 * agree with where it does.
 */
export function parseCommand(line: string, tool?: Tool): Command | CommandError {
  const words = splitWords(line)
  if (words === undefined) return error('a quote is not closed', { kind: 'quote' })
  const stripped = stripLeader(words)
  if (tool !== undefined && stripped.tool !== undefined && tool !== stripped.tool) {
    return error(`this is a line for ovn-${stripped.tool}, not for ovn-${tool}`, { kind: 'tool' })
  }
  const whose = stripped.tool ?? tool
  if (whose === undefined)
    return error('the line does not say which tool it is for (nbctl, sbctl, ic-nbctl, ic-sbctl)', {
      kind: 'tool',
    })
  const steps: SubCommand[] = []
  for (const piece of pieces(stripped.words)) {
    const step = parseStep(whose, piece)
    if ('kind' in step) return step
    steps.push(step)
  }
  if (steps.length === 0) return missingCommand()
  return { kind: 'command', tool: whose, line, steps }
}

/** Splits at blanks outside of quotes; backslashes escape as in a shell. Undefined for an unfinished quote. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!
    if (quote === "'" ? c !== "'" : c === '\\') {
      word = (word ?? '') + (quote === "'" ? c : (line[++i] ?? ''))
    } else if (quote !== '' && c === quote) {
      quote = ''
    } else if (quote === '' && (c === '"' || c === "'")) {
      quote = c
      word ??= ''
    } else if (quote === '' && /\s/.test(c)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else {
      word = (word ?? '') + c
    }
  }
  if (word !== undefined) words.push(word)
  return quote === '' ? words : undefined
}

/** Takes off `$`, `sudo`, `kubectl ko`, the tool's name and options that only say how to connect. */
export function stripLeader(words: readonly string[]): CommandWords {
  let at = 0
  let tool: Tool | undefined
  while (LEADERS.has(words[at] ?? '')) at++
  const named = TOOL.exec(words[at] ?? '')
  if (named !== null) {
    tool = `${named[1] === undefined ? '' : 'ic-'}${named[2]}` as Tool
    at++
  }
  while (CONNECTION.test(words[at] ?? '')) at++
  return { tool, words: words.slice(at) }
}

const LEADERS = new Set(['$', '#', 'sudo', 'kubectl', 'ko', 'kubectl-ko'])
const TOOL = /^(?:ovn-)?(?:(ic)-?)?([ns]bctl)$/
const CONNECTION =
  /^--(?:no-leader-only|leader-only|db=.*|timeout=.*|(?:no-)?shuffle-remotes|no-wait|wait=.*|private-key=.*|certificate=.*|ca-cert=.*)$/

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
  if (name === undefined) return missingCommand()
  const syntax = commandSyntax(tool, name)
  if (syntax === undefined) {
    const fault = { kind: 'command', word: name, allowed: commandNames(tool) } as const
    return error(`unknown command '${name}'; use --help for help`, fault)
  }
  const allowed = syntax.options ?? []
  for (const option of options.keys()) {
    const known = allowed.some((one) => one.replace('=', '') === option)
    const about = { word: option, command: name, allowed }
    if (!known) return error(`'${name}' command has no '${option}' option`, { kind: 'option', ...about })
    if (allowed.includes(`${option}=`) && options.get(option) === '') {
      const message = `missing argument to '${option}' option on '${name}' command`
      return error(message, { kind: 'option-value', ...about })
    }
  }
  const args = words.slice(at + 1)
  const fault = { kind: 'arguments', word: name, count: args.length, syntax } as const
  if (args.length < syntax.min)
    return error(`'${name}' command requires at least ${syntax.min} arguments`, fault)
  if (args.length > syntax.max) return error(`'${name}' command takes at most ${syntax.max} arguments`, fault)
  return { name, options, args }
}

function missingCommand(): CommandError {
  return error('missing command name (use --help for help)', { kind: 'empty' })
}

function error(message: string, fault: CommandFault): CommandError {
  return { kind: 'error', message, fault }
}
