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
  const turned = turnedEdits(source, span.line, token.column)
  if (turned.length > 0) return turned
  const at = (column: number, from: string, to: string): Edit[] => [
    { file: source.path, line: span.line, column, from, to },
  ]
  const json = /^(\s*)"(?:cidr|cidrBlock)":\s*"[^"]*$/.exec(before)
  if (json !== null) return at(json[1]!.length + 1, '', `"${WITHHOLD}": true,\n${json[1]!}`)
  const block = /^(\s*)(?:cidr|cidrBlock):\s*["']?[^\s{]*$/.exec(before)
  if (block !== null) return at(block[1]!.length + 1, '', `${WITHHOLD}: true\n${block[1]!}`)
  const flow = /[{,]\s*((?:cidr|cidrBlock):\s*)["']?[^\s{]*$/.exec(before)
  if (flow !== null) return at(before.lastIndexOf(flow[1]!) + 1, '', `${WITHHOLD}: true, `)
  const object = /[{,]\s*("(?:cidr|cidrBlock)":\s*)"[^"]*$/.exec(before)
  if (object !== null) return at(before.lastIndexOf(object[1]!) + 1, '', `"${WITHHOLD}": true, `)
  const bare = /^.*?[\w.-]+["']?:\s+(?=["']?$)/.exec(before.replace(/["']$/, ''))
  const quote = /["']$/.exec(before)?.[0] ?? ''
  if (bare === null) return []
  const value = `${quote}${token.word}${quote}`
  // Where the key has quotes the text may be JSON, which wants them everywhere.
  const key = (name: string): string => (/"\s*:\s+"$/.test(before) ? `"${name}"` : name)
  return at(token.column - quote.length, value, `{ ${key('cidr')}: ${value}, ${key(WITHHOLD)}: true }`)
}

const UNSET = /(?<![\w-])["']?disableInterConnection["']?:\s*["']?false\b/

/** The setting beside an address, where it stands there as false already: in the braces around it, or in the block of its line. */
function turnedEdits(source: SourceFile, line: number, column: number): Edit[] {
  const turn = (number: number, from: number, to: number): Edit[] => {
    const found = UNSET.exec(lineText(source, number).slice(from, to))
    if (found === null) return []
    const at = from + found.index + found[0].length - 'false'.length
    return [{ file: source.path, line: number, column: at + 1, from: 'false', to: 'true' }]
  }
  const text = lineText(source, line)
  const open = braceAt(text, column - 1, -1)
  const close = braceAt(text, column - 1, 1)
  if (open >= 0) return turn(line, open, close < 0 ? text.length : close)
  const indent = /^\s*(?:- )?/.exec(text)![0].length
  for (const step of [-1, 1]) {
    for (let at = line + step; at >= 1 && at <= source.lineStarts.length; at += step) {
      const other = lineText(source, at)
      const own = /^\s*/.exec(other)![0].length
      const item = /^\s*(?:- )?/.exec(other)![0].length
      if (other.trim() !== '' && item < indent) break
      if (item === indent) {
        const found = turn(at, own, other.length)
        if (found.length > 0) return found
      }
      // The first line of a list item is the first of its block.
      if (item === indent && own < indent && step < 0) break
      if (step > 0 && own < indent && other.trim() !== '') break
    }
  }
  return []
}

/** Where the brace stands that holds a place of a line, to its left or right; -1 where none does. */
function braceAt(text: string, from: number, step: -1 | 1): number {
  const [closes, opens] = step < 0 ? ['{', '}'] : ['}', '{']
  let depth = 0
  for (let i = from; i >= 0 && i < text.length; i += step) {
    if (text[i] === opens) depth++
    else if (text[i] === closes && depth-- === 0) return i
  }
  return -1
}
