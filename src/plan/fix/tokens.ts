// Addresses as they stand in a text: what a fix replaces, character for character.

import type { Span } from '../../diag/diagnostic.ts'
import { lineText, type SourceFile } from '../../diag/source.ts'
import { ADDRESS } from '../../net/address-text.ts'
import { formatIp } from '../../net/ip.ts'
import { type Prefix, parsePrefix } from '../../net/prefix.ts'
import { rebase } from './changes.ts'

/** Characters of one line that become others; columns from 1. */
export interface Edit {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly from: string
  readonly to: string
}

/** An address in a text. */
export interface Token {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly word: string
  /** Of an address alone all of it. */
  readonly prefix: Prefix
}

/** The addresses within a span. */
export function tokensIn(source: SourceFile, span: Span): Token[] {
  const text = lineText(source, span.line)
  const start = span.column - 1
  const end =
    span.endColumn !== undefined
      ? span.endColumn - 1
      : span.length !== undefined
        ? start + span.length
        : text.length
  return tokensOf(source.path, span.line, text.slice(start, Math.min(text.length, end)), start)
}

/** The addresses of a whole text. */
export function* allTokens(source: SourceFile): Generator<Token> {
  for (let line = 1; line <= source.lineStarts.length; line++)
    yield* tokensOf(source.path, line, lineText(source, line), 0)
}

function tokensOf(file: string, line: number, text: string, start: number): Token[] {
  const found: Token[] = []
  for (const match of text.matchAll(ADDRESS)) {
    const prefix = parsePrefix(match[0])
    if (prefix !== undefined)
      found.push({ file, line, column: start + match.index + 1, word: match[0], prefix })
  }
  return found
}

/** A token after the network that it lies in has moved. */
export function rebased({ file, line, column, word, prefix }: Token, from: Prefix, to: Prefix): Edit {
  const length = !word.includes('/') ? '' : `/${prefix.len === from.len ? to.len : prefix.len}`
  return { file, line, column, from: word, to: `${formatIp(rebase(prefix.ip, from, to))}${length}` }
}
