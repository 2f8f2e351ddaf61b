// Command lines of OVN's tools as people paste them: `kubectl ko nbctl lr-route-add …` from the Kube-OVN guide,
// `ovn-nbctl …` from a manual page, or the bare command. What is left is the part behind the tool's name.

import type { Context } from './context.ts'
import type { At } from './yaml-file.ts'

export type Tool = 'nbctl' | 'sbctl' | 'ic-nbctl' | 'ic-sbctl'

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
  const quotes = [...rest.replaceAll(/\\./g, '')].filter((character) => character === '"').length
  if (quotes % 2 === 1) {
    context.diagnostics.error('IN082', 'a quotation mark of this line is never closed', { span: at.span })
    return []
  }
  return [rest]
}
