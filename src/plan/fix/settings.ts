// Settings in the user's texts: disableInterConnection beside an address, and truth values that turn round.

import type { Span } from '../../diag/diagnostic.ts'
import { lineText, type SourceFile } from '../../diag/source.ts'
import type { PlanNetwork } from '../../model/plan.ts'
import { samePrefix } from '../../net/prefix.ts'
import { type Edit, tokensIn } from './tokens.ts'

/** A word at a span or right behind its quote; none where it does not stand there. */
export function wordEdits(source: SourceFile, span: Span, from: string, to: string): Edit[] {
  const at = lineText(source, span.line).indexOf(from, span.column - 1)
  return at < 0 || at > span.column + 1
    ? []
    : [{ file: source.path, line: span.line, column: at + 1, from, to }]
}

const WITHHOLD = 'disableInterConnection'

/** Sets disableInterConnection beside the address: in the object, or by making one of a bare `name: cidr`; none where that cannot be. */
export function withholdEdits(source: SourceFile, { span, prefix }: PlanNetwork): Edit[] {
  const text = lineText(source, span.line)
  const token = tokensIn(source, span).find((one) => samePrefix(one.prefix, prefix))
  if (token === undefined) return []
  const before = text.slice(0, token.column - 1)
  const at = (column: number, from: string, to: string): Edit[] => [
    { file: source.path, line: span.line, column, from, to },
  ]
  const json = /^(\s*)"(?:cidr|cidrBlock)":\s*"[^"]*$/.exec(before)
  if (json !== null) return at(json[1]!.length + 1, '', `"${WITHHOLD}": true,\n${json[1]!}`)
  const block = /^(\s*)(?:cidr|cidrBlock):\s*["']?[^\s{]*$/.exec(before)
  if (block !== null) return at(block[1]!.length + 1, '', `${WITHHOLD}: true\n${block[1]!}`)
  const flow = /[{,]\s*((?:cidr|cidrBlock):\s*)["']?[^\s{]*$/.exec(before)
  if (flow !== null) return at(before.lastIndexOf(flow[1]!) + 1, '', `${WITHHOLD}: true, `)
  const bare = /^.*?[\w.-]+["']?:\s+(?=["']?$)/.exec(before.replace(/["']$/, ''))
  const quote = /["']$/.exec(before)?.[0] ?? ''
  if (bare === null) return []
  const value = `${quote}${token.word}${quote}`
  // Where the key has quotes the text may be JSON, which wants them everywhere.
  const key = (name: string): string => (/"\s*:\s+"$/.test(before) ? `"${name}"` : name)
  return at(token.column - quote.length, value, `{ ${key('cidr')}: ${value}, ${key(WITHHOLD)}: true }`)
}
