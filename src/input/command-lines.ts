// Command lines of OVN's tools as people paste them: `kubectl ko nbctl lr-route-add …` from the Kube-OVN guide,
// `ovn-nbctl …` from a manual page, or the bare command. What is left is the part behind the tool's name, and it is a line
// that the control plane can read: mistyped commands, options and numbers of arguments are errors here, not during the run.

import type { Span } from '../diag/diagnostic.ts'
import { didYouMean } from '../diag/suggest.ts'
import { type CommandFault, parseCommand } from '../model/command-line.ts'
import { isReadingCommand, type Tool } from '../model/command-words.ts'
import type { Context } from './context.ts'
import { listed } from './context.ts'
import type { At } from './yaml-file.ts'

const PREFIX =
  /^(?:[$#]\s+)?(?:sudo\s+)?(?:(?:kubectl[ -]ko)\s+(nbctl|sbctl|icnbctl|icsbctl)|ovn-(nbctl|sbctl|ic-nbctl|ic-sbctl))\s+/
const OTHER_TOOL = /^(?:[$#]\s+)?(?:kubectl|helm|docker|ssh|ip|ovs-\w+|ovn-\w+)\s/

/** Lines for `ovn-nbctl`. */
export function nbctlLines(context: Context, raw: string | readonly string[], at: At): string[] {
  return commandLines(context, 'nbctl', raw, at)
}

/** Lines for one tool; a text may hold several, empty lines and comments are left out. */
export function commandLines(
  context: Context,
  tool: Tool,
  raw: string | readonly string[],
  at: At,
): string[] {
  const entries =
    typeof raw === 'string' ? [{ text: raw, place: at }] : raw.map((text, i) => ({ text, place: at.in(i) }))
  return entries.flatMap(({ text, place }) =>
    text
      .replaceAll(/\\\n\s*/g, ' ')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !/^#(?!\s*(?:kubectl|ovn-))/.test(line))
      .flatMap((line) => commandOf(context, tool, line, place)),
  )
}

function commandOf(context: Context, tool: Tool, line: string, at: At): string[] {
  const found = PREFIX.exec(line)
  const named = found?.[1]?.replace(/^ic/, 'ic-') ?? found?.[2]
  if (found !== null && named !== undefined && named !== tool) {
    context.diagnostics.error('IN082', `this is a line of ${named}, not of ${tool}`, {
      span: at.span,
      hint: `timeline entries have the key ${named} for it`,
    })
    return []
  }
  const rest = found === null ? line : line.slice(found[0].length).trim()
  if (found === null && OTHER_TOOL.test(line)) {
    context.diagnostics.error('IN082', `this is not a line of ovn-${tool}`, {
      span: at.span,
      expected: `a command of ovn-${tool}, such as ${tool === 'nbctl' ? 'lr-route-add ovn-cluster 10.17.0.0/24 169.254.100.31' : 'show'}`,
    })
    return []
  }
  const parsed = parseCommand(rest, tool)
  if (parsed.kind === 'command') return [rest]
  reportFault(context, tool, rest, parsed.fault, at)
  return []
}

/** Says what is wrong with a line; one that only prints something is noted, because it is pasted along with the others. */
function reportFault(context: Context, tool: Tool, line: string, fault: CommandFault, at: At): void {
  const { diagnostics } = context
  switch (fault.kind) {
    case 'quote':
      diagnostics.error('IN082', 'a quotation mark of this line is never closed', { span: at.span })
      return
    case 'tool':
    case 'empty':
      diagnostics.error('IN082', 'this line has no command', {
        span: at.span,
        expected: `a command of ovn-${tool}`,
      })
      return
    case 'command':
      if (isReadingCommand(tool, fault.word) && !/\s--\s/.test(line)) {
        diagnostics.info('IN082', `${fault.word} of ovn-${tool} changes nothing; the line is left out`, {
          span: wordSpan(at, fault.word),
        })
        return
      }
      diagnostics.error('IN082', `ovn-${tool} has no command "${fault.word}" that is modelled`, {
        span: wordSpan(at, fault.word),
        expected: `one of ${listed(fault.allowed, 12)}`,
        hint: didYouMean(fault.word, fault.allowed),
      })
      return
    case 'option':
    case 'option-value':
      diagnostics.error(
        'IN082',
        fault.kind === 'option'
          ? `${fault.command} has no option ${fault.word} that is modelled`
          : `the option ${fault.word} of ${fault.command} has no value`,
        {
          span: wordSpan(at, fault.word),
          expected:
            fault.kind === 'option-value'
              ? `${fault.word}=VALUE`
              : fault.allowed.length === 0
                ? 'no option'
                : listed(fault.allowed),
          hint: fault.kind === 'option' ? didYouMean(fault.word, fault.allowed) : undefined,
        },
      )
      return
    case 'arguments': {
      const { syntax, count, word } = fault
      const few = count < syntax.min
      diagnostics.error('IN082', `${word} has too ${few ? 'few' : 'many'} arguments: ${count}`, {
        span: wordSpan(at, word),
        expected: `${word} ${syntax.usage}`,
        hint: few ? undefined : 'an argument with blanks in it needs quotes',
      })
    }
  }
}

/** The place of one word of a line; the whole value where the line was folded over several. */
function wordSpan(at: At, word: string): Span {
  const written = at.document.textOf(at.path)
  const escaped = word.replaceAll(/[^\w-]/g, String.raw`\$&`)
  const found = new RegExp(String.raw`(?<![^\s"'])${escaped}(?![^\s"'=])`).exec(written ?? '')
  if (written === undefined || found === null) return at.span
  return at.part(found.index - (/^["']/.test(written) ? 1 : 0), word.length).span
}
